#include "language/internal/zip_file.h"

#include <fmt/format.h>

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <optional>

namespace caisson::language {

namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kEntryBytes = 46;
constexpr std::size_t kLocalBytes = 30;
constexpr std::size_t kMostComment = 0xFFFF;
constexpr std::string_view kEndSign{"PK\5\6", 4};
constexpr std::string_view kEntrySign{"PK\1\2", 4};
constexpr std::string_view kLocalSign{"PK\3\4", 4};
enum : std::uint16_t { kStored = 0, kDeflated = 8 };

/// The caller has checked that it is there.
template <typename T>
T number_at(std::string_view bytes, std::size_t at) {
  T out{};
  std::memcpy(&out, bytes.data() + at, sizeof out);
  return out;
}

Error bad(std::string_view why) {
  return {Category::kDataLoss, "language.bad_package", fmt::format("the archive cannot be read: {}", why)};
}

struct Member {
  std::uint16_t method = 0;
  std::uint32_t packed_bytes = 0;
  std::uint32_t bytes = 0;
  std::uint32_t checksum = 0;
  std::uint32_t local = 0;
};

Result<Member> find_member(std::string_view zip, std::string_view name) {
  if (zip.size() < kEndBytes) {
    return bad("it is too short");
  }
  const std::size_t lowest = zip.size() - std::min(zip.size(), kEndBytes + kMostComment);
  const std::size_t end = zip.rfind(kEndSign, zip.size() - kEndBytes);
  if (end == std::string_view::npos || end < lowest) {
    return bad("it has no directory");
  }
  std::size_t at = number_at<std::uint32_t>(zip, end + 16);
  for (auto left = number_at<std::uint16_t>(zip, end + 10); left > 0; --left) {
    if (at > zip.size() || zip.size() - at < kEntryBytes || zip.substr(at, 4) != kEntrySign) {
      return bad("its directory is cut");
    }
    const auto name_bytes = number_at<std::uint16_t>(zip, at + 28);
    if (zip.substr(at + kEntryBytes, name_bytes) == name) {
      return Member{number_at<std::uint16_t>(zip, at + 10), number_at<std::uint32_t>(zip, at + 20),
                    number_at<std::uint32_t>(zip, at + 24), number_at<std::uint32_t>(zip, at + 16),
                    number_at<std::uint32_t>(zip, at + 42)};
    }
    at += kEntryBytes + name_bytes + number_at<std::uint16_t>(zip, at + 30) + number_at<std::uint16_t>(zip, at + 32);
  }
  return bad(fmt::format("it has no file {}", name));
}

std::optional<std::string> inflate_all(std::string_view packed, std::size_t bytes) {
  std::string out(bytes, '\0');
  z_stream stream{};
  if (::inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
    return std::nullopt;
  }
  const auto close = [](z_stream* open) { ::inflateEnd(open); };
  const std::unique_ptr<z_stream, decltype(close)> closer(&stream, close);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));  // zlib reads it only
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool whole = ::inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_out == 0;
  return whole ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace

Result<std::string> read_zip_member(std::string_view zip, std::string_view name, std::uint64_t max_bytes) {
  CAISSON_TRY(const Member member, find_member(zip, name));
  if (member.bytes > max_bytes) {
    return bad(fmt::format("{} has {} bytes, more than {}", name, member.bytes, max_bytes));
  }
  if (member.local > zip.size() || zip.size() - member.local < kLocalBytes ||
      zip.substr(member.local, 4) != kLocalSign) {
    return bad(fmt::format("{} is not where its directory says", name));
  }
  const std::size_t begin = member.local + kLocalBytes + number_at<std::uint16_t>(zip, member.local + 26) +
                            number_at<std::uint16_t>(zip, member.local + 28);
  if (begin > zip.size() || zip.size() - begin < member.packed_bytes) {
    return bad(fmt::format("{} is cut", name));
  }
  const std::string_view packed = zip.substr(begin, member.packed_bytes);
  std::optional<std::string> out;
  if (member.method == kDeflated) {
    out = inflate_all(packed, member.bytes);
  } else if (member.method == kStored && packed.size() == member.bytes) {
    out = std::string(packed);
  }
  if (!out || ::crc32_z(0, reinterpret_cast<const Bytef*>(out->data()), out->size()) != member.checksum) {
    return bad(fmt::format("{} is damaged", name));
  }
  return *std::move(out);
}

}  // namespace caisson::language
