#include "base/digest.h"

#include <gtest/gtest.h>

#include <string>
#include <unordered_set>

namespace caisson::base {
namespace {

// NIST, "Cryptographic Algorithm Validation Program: SHA-256 examples", and FIPS 180-4.
TEST(Sha256, AgreesWithTheVectorsOfTheStandard) {
  EXPECT_EQ(sha256("").hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc").hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq").hex(),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(
      sha256("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnop"
             "qrstnopqrstu")
          .hex(),
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  EXPECT_EQ(sha256(std::string(1'000'000, 'a')).hex(),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, TakesAViewOfNothing) { EXPECT_EQ(sha256({}), sha256("")); }

TEST(Sha256, ReadsPastZeroBytes) { EXPECT_FALSE(sha256(std::string_view("a\0b", 3)) == sha256("a")); }

// RFC 4231, section 4 (test case 5 is about truncation, which is not offered).
TEST(HmacSha256, AgreesWithTheVectorsOfTheStandard) {
  EXPECT_EQ(hmac_sha256(std::string(20, '\x0b'), {"Hi There"}).hex(),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hmac_sha256("Jefe", {"what do ya want for nothing?"}).hex(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hmac_sha256(std::string(20, '\xaa'), {std::string(50, '\xdd')}).hex(),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  std::string counting;
  for (char c = 1; c <= 25; ++c) {
    counting += c;
  }
  EXPECT_EQ(hmac_sha256(counting, {std::string(50, '\xcd')}).hex(),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
  EXPECT_EQ(hmac_sha256(std::string(131, '\xaa'), {"Test Using Larger Than Block-Size Key - Hash Key First"}).hex(),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(
      hmac_sha256(std::string(131, '\xaa'), {"This is a test using a larger than block-size key and a larger than "
                                             "block-size data. The key needs to be hashed before being used by "
                                             "the HMAC algorithm."})
          .hex(),
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

TEST(HmacSha256, IsOverThePartsOneAfterAnother) {
  EXPECT_EQ(hmac_sha256("Jefe", {"what do ya ", "", "want for nothing?"}),
            hmac_sha256("Jefe", {"what do ya want for nothing?"}));
}

TEST(HmacSha256, TakesAnEmptyKeyAndNoParts) {
  constexpr std::string_view kExpected = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
  EXPECT_EQ(hmac_sha256("", {}).hex(), kExpected);
  EXPECT_EQ(hmac_sha256(std::string_view(), {}).hex(), kExpected);
  EXPECT_EQ(hmac_sha256(std::string_view(), {std::string_view()}).hex(), kExpected);
}

TEST(Digest, DiffersInEveryByte) {
  const Digest digest = sha256("abc");
  for (std::size_t i = 0; i < digest.bytes.size(); ++i) {
    Digest other = digest;
    other.bytes[i] ^= 1;
    EXPECT_FALSE(digest == other) << i;
  }
  EXPECT_TRUE(digest == sha256("abc"));
}

TEST(Digest, IsAKey) {
  const std::unordered_set<Digest, DigestHash> set = {sha256("a"), sha256("b"), sha256("a")};
  EXPECT_EQ(set.size(), 2U);
  EXPECT_TRUE(set.contains(sha256("b")));
  EXPECT_FALSE(set.contains(sha256("c")));
}

TEST(Digest, IsReadFromItsText) {
  const Digest digest = sha256("abc");
  ASSERT_TRUE(parse_digest(digest.hex()));
  EXPECT_EQ(*parse_digest(digest.hex()), digest);
  EXPECT_FALSE(parse_digest(""));
  EXPECT_FALSE(parse_digest(digest.hex() + "00"));
  EXPECT_FALSE(parse_digest(std::string(63, 'a') + "G"));
  EXPECT_FALSE(parse_digest(std::string(63, 'a') + "A"));
}

// Test case 13 of the GCM specification: AES-256, a key and a nonce of zeros, nothing sealed.
TEST(Digest, GmacOfNothing) {
  const Tag tag = gmac_once({}, "");
  EXPECT_EQ(tag,
            (Tag{{0x53, 0x0f, 0x8a, 0xfb, 0xc7, 0x45, 0x36, 0xb9, 0xa9, 0x63, 0xb4, 0xf1, 0xc4, 0xcb, 0x73, 0x8b}}));
}

TEST(Digest, GmacDependsOnEveryBitOfKeyAndText) {
  const std::string text(100, 'x');
  const Tag tag = gmac_once(sha256("key"), text);
  EXPECT_NE(gmac_once(sha256("another"), text), tag);
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = 'y';
    EXPECT_NE(gmac_once(sha256("key"), changed), tag) << i;
  }
  EXPECT_NE(gmac_once(sha256("key"), text + '\0'), tag);
}

}  // namespace
}  // namespace caisson::base
