#include "engine/cache_file.h"

#include <gtest/gtest.h>

#include <string>

namespace caisson::engine {
namespace {

const std::string kSecret(32, 's');
const std::string kSalt(kCacheSaltBytes, 'r');

TEST(CacheFile, GivesBackWhatWasPutIn) {
  const base::Digest key = base::sha256("a module");
  const Proposals proposals = Proposals().with(Proposal::kSimd).with(Proposal::kComponentModelAsync);
  const std::string file = write_cache_file(kSecret, key, kSalt, {"machine code", proposals});
  const auto cached = read_cache_file(kSecret, key, file);
  ASSERT_TRUE(cached);
  EXPECT_EQ(cached->code, "machine code");
  EXPECT_EQ(cached->code.data(), file.data()) << "the code begins where the file does";
  EXPECT_EQ(cached->proposals, proposals);
}

TEST(CacheFile, RefusesEveryOtherFile) {
  const base::Digest key = base::sha256("a module");
  const std::string file = write_cache_file(kSecret, key, kSalt, {"machine code", Proposals().with(Proposal::kSimd)});
  for (std::size_t i = 0; i < file.size(); ++i) {
    std::string changed = file;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(read_cache_file(kSecret, key, changed)) << "byte " << i;
    EXPECT_FALSE(read_cache_file(kSecret, key, file.substr(i + 1))) << "from byte " << i + 1;
    EXPECT_FALSE(read_cache_file(kSecret, key, file.substr(0, i))) << "until byte " << i;
  }
  EXPECT_FALSE(read_cache_file(kSecret, base::sha256("another"), file));
  EXPECT_FALSE(read_cache_file(std::string(32, 't'), key, file));
}

}  // namespace
}  // namespace caisson::engine
