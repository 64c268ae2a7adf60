#include "cli/input.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace caisson::cli {
namespace {

namespace fs = std::filesystem;

class InputTest : public testing::Test {
 public:
  InputTest() {
    std::string name = (fs::temp_directory_path() / "caisson-input-XXXXXX").native();
    folder_ = ::mkdtemp(name.data());
  }
  ~InputTest() override { fs::remove_all(folder_); }

 protected:
  [[nodiscard]] std::string path(std::string_view name) const { return (folder_ / name).native(); }
  std::string write(std::string_view name, const std::string& bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }

  fs::path folder_;
};

TEST_F(InputTest, ReadsBytesAsTheyAre) {
  const std::string bytes("a\0b\r\n\xff", 6);
  EXPECT_EQ(read_input(write("file", bytes)).value(), bytes);
  EXPECT_EQ(read_input(write("empty", "")).value(), "");
  const std::string large(100'000, 'x');
  EXPECT_EQ(read_input(write("large", large)).value(), large);
}

TEST_F(InputTest, ReadsAPipeToItsEnd) {
  const std::string pipe = path("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const std::string bytes(300'000, 'y');
  std::thread writer([&] { std::ofstream(pipe, std::ios::binary) << bytes; });
  const auto read = read_input(pipe);
  writer.join();
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(*read, bytes);
}

TEST_F(InputTest, TheLargestInputIsRead) {
  const std::string file = write("file", "");
  fs::resize_file(file, kMaxInputBytes);
  EXPECT_EQ(read_input(file).value().size(), kMaxInputBytes);
}

TEST_F(InputTest, OneByteMoreIsRefused) {
  const std::string file = write("file", "");
  fs::resize_file(file, kMaxInputBytes + 1);
  const auto read = read_input(file);
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().category, Category::kResourceExhausted);
  EXPECT_EQ(read.error().reason, "file.too_large");
}

TEST_F(InputTest, APipeWithoutEndIsRefused) {
  const auto read = read_input("/dev/zero");
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().reason, "file.too_large");
}

TEST_F(InputTest, WhatCannotBeRead) {
  const auto reason = [](const std::string& from) { return read_input(from).error().reason; };
  EXPECT_EQ(reason(path("missing")), "file.missing");
  EXPECT_EQ(reason(write("file", "x") + "/below"), "file.missing");
  EXPECT_EQ(reason(folder_.native()), "file.not_a_file");
  fs::create_symlink(path("loop"), path("loop"));
  EXPECT_EQ(reason(path("loop")), "file.bad_path");
  const auto missing = read_input(path("a\nb"));
  EXPECT_NE(missing.error().message.find("a\\nb"), std::string::npos) << missing.error().message;
}

TEST_F(InputTest, PayloadsKnowTextFromBytes) {
  EXPECT_EQ(to_payload("grün").media_type(), Payload::kText);
  EXPECT_EQ(to_payload("").media_type(), Payload::kText);
  EXPECT_EQ(to_payload("gr\xfcn").media_type(), Payload::kBytes);
}

TEST_F(InputTest, DefinitionsAreFilesWithTheirEndings) {
  for (const std::string_view name : {"a.yaml", "a.yml", "a.json"}) {
    EXPECT_TRUE(is_definition_file(write(name, "")));
  }
  fs::create_directory(path("folder.yaml"));
  EXPECT_FALSE(is_definition_file(path("folder.yaml")));
  EXPECT_FALSE(is_definition_file(path("missing.yaml")));
  EXPECT_FALSE(is_definition_file(write("a.txt", "")));
}

}  // namespace
}  // namespace caisson::cli
