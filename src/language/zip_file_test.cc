#include "language/internal/zip_file.h"

#include <gtest/gtest.h>

#include <zlib.h>

#include <string>
#include <string_view>
#include <vector>

namespace caisson::language {
namespace {

using std::string_view_literals::operator""sv;

template <typename T>
void put(std::string& out, T number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

struct Entry {
  std::string name;
  std::string text;
  bool deflated = false;
};

std::string deflate_all(const std::string& text) {
  z_stream stream{};
  ::deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(::deflateBound(&stream, text.size()), '\0');
  std::string in = text;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ::deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return out;
}

std::string zip_of(const std::vector<Entry>& entries) {
  std::string out;
  std::string directory;
  for (const Entry& entry : entries) {
    const std::string packed = entry.deflated ? deflate_all(entry.text) : entry.text;
    const auto sum =
        static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef*>(entry.text.data()), entry.text.size()));
    const auto at = static_cast<std::uint32_t>(out.size());
    const auto facts = [&](std::string& to) {
      put<std::uint16_t>(to, 20);
      put<std::uint16_t>(to, 0);
      put<std::uint16_t>(to, entry.deflated ? 8 : 0);
      put<std::uint32_t>(to, 0);  // time
      put(to, sum);
      put(to, static_cast<std::uint32_t>(packed.size()));
      put(to, static_cast<std::uint32_t>(entry.text.size()));
      put(to, static_cast<std::uint16_t>(entry.name.size()));
      put<std::uint16_t>(to, 0);
    };
    out += "PK\3\4"sv;
    facts(out);
    out += entry.name + packed;
    directory += "PK\1\2"sv;
    put<std::uint16_t>(directory, 20);
    facts(directory);
    put<std::uint16_t>(directory, 0);
    put<std::uint16_t>(directory, 0);
    put<std::uint16_t>(directory, 0);
    put<std::uint32_t>(directory, 0);
    put(directory, at);
    directory += entry.name;
  }
  const auto begin = static_cast<std::uint32_t>(out.size());
  out += directory;
  out += "PK\5\6"sv;
  put<std::uint32_t>(out, 0);
  put(out, static_cast<std::uint16_t>(entries.size()));
  put(out, static_cast<std::uint16_t>(entries.size()));
  put(out, static_cast<std::uint32_t>(directory.size()));
  put(out, begin);
  put<std::uint16_t>(out, 0);
  return out;
}

constexpr std::uint64_t kMost = 1 << 20;

TEST(ZipFile, AMemberIsFoundByItsName) {
  const std::string zip = zip_of({{"a/one", "first"}, {"a/two", std::string(5000, 'x'), true}, {"empty", "", true}});
  EXPECT_EQ(*read_zip_member(zip, "a/one", kMost), "first");
  EXPECT_EQ(*read_zip_member(zip, "a/two", kMost), std::string(5000, 'x'));
  EXPECT_EQ(*read_zip_member(zip, "empty", kMost), "");
  const auto missing = read_zip_member(zip, "a", kMost);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().reason, "language.bad_package");
  EXPECT_EQ(missing.error().message, "the archive cannot be read: it has no file a");
}

TEST(ZipFile, AMemberThatIsLargerThanItMayBeIsNotUnpacked) {
  const std::string zip = zip_of({{"a", std::string(5000, 'x'), true}});
  EXPECT_TRUE(read_zip_member(zip, "a", 5000));
  EXPECT_EQ(read_zip_member(zip, "a", 4999).error().message,
            "the archive cannot be read: a has 5000 bytes, more than 4999");
}

TEST(ZipFile, DamageIsAnErrorWhereverItIs) {
  const std::string text = "some text, some text, some more text";
  for (const bool deflated : {false, true}) {
    const std::string zip = zip_of({{"a", text, deflated}});
    for (std::size_t size = 0; size < zip.size(); ++size) {
      EXPECT_FALSE(read_zip_member(std::string_view(zip).substr(0, size), "a", kMost)) << size;
    }
    for (std::size_t at = 0; at < zip.size(); ++at) {  // what is read is the text, or there is an error
      for (const char flip : {'\x01', '\x80', '\xff'}) {
        std::string damaged = zip;
        damaged[at] = static_cast<char>(damaged[at] ^ flip);
        const auto read = read_zip_member(damaged, "a", kMost);
        EXPECT_TRUE(!read || *read == text) << at;
      }
    }
  }
}

}  // namespace
}  // namespace caisson::language
