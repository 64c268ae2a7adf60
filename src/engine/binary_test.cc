#include "engine/binary.h"

#include "engine/testing/guest_modules.h"

#include <gtest/gtest.h>

namespace caisson::engine {
namespace {

TEST(ClassifyBinary, TellsWhatCommittedFilesAre) {
  EXPECT_EQ(classify_binary(guest_module("dynamic")).kind, BinaryKind::kModule);
  EXPECT_EQ(classify_binary(guest_module("wat/component_empty")).kind, BinaryKind::kComponent);
  EXPECT_EQ(classify_binary(guest_module("wat/legacy_component")).kind, BinaryKind::kLegacyComponent);
  EXPECT_EQ(classify_binary(guest_module("wat/wrong_version")).kind, BinaryKind::kInvalid);
  EXPECT_EQ(classify_binary(guest_module("wat/truncated")).kind, BinaryKind::kInvalid);
}

TEST(ClassifyBinary, SaysWhatIsWrong) {
  EXPECT_EQ(classify_binary("").why, "it is empty");
  EXPECT_EQ(classify_binary("abc").why, "it has 3 bytes, the header of WebAssembly alone has 8");
  EXPECT_EQ(classify_binary("(module (memory 1))").why,
            "it is WebAssembly text; assemble it first, for example with wat2wasm");
  EXPECT_EQ(classify_binary("#!/bin/sh echo").why, "it does not begin like WebAssembly (00 61 73 6d)");
}

TEST(ClassifyBinary, EveryPrefixOfAModuleHasAVerdict) {
  const std::string whole = guest_module("wat/scalar");
  int modules = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    modules += classify_binary(std::string_view(whole).substr(0, size)).kind == BinaryKind::kModule ? 1 : 0;
  }
  // A prefix that ends between two sections is a well-framed module; validation is the compiler's task.
  EXPECT_GT(modules, 0);
  EXPECT_LT(modules, 12);
}

TEST(ClassifyBinary, ASectionSizeOverTheEndOrOverlongIsRefused) {
  const std::string header("\0asm\1\0\0\0", 8);
  EXPECT_EQ(classify_binary(header + std::string("\1\xff\xff\xff\xff\x0f", 6)).kind, BinaryKind::kInvalid);
  EXPECT_EQ(classify_binary(header + std::string("\1\xff\xff\xff\xff\xff\xff", 7)).kind, BinaryKind::kInvalid);
  EXPECT_EQ(classify_binary(header + std::string("\0\0", 2)).kind, BinaryKind::kModule);
  EXPECT_EQ(classify_binary(header + std::string("\0\1\xff", 3)).kind, BinaryKind::kModule);
}

}  // namespace
}  // namespace caisson::engine
