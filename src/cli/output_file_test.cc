#include "cli/output_file.h"

#include "base/testing/temporary_folder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace caisson::cli {
namespace {

using Mode = OutputFile::Mode;

std::string content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::size_t files_in(const std::string& folder) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
}

TEST(OutputFile, AWholeOneReplacesWhatWasThereInTheEnd) {
  const base::TemporaryFolder folder;
  const std::string path = folder / "out";
  ASSERT_TRUE(write_file(path, "old"));
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  auto file = OutputFile::create(path, Mode::kWhole).value();
  file->write("new");
  EXPECT_EQ(content(path), "old");
  EXPECT_TRUE(file->finish());
  EXPECT_EQ(content(path), "new");
  EXPECT_EQ(files_in(folder.path()), 1U);
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0640));
}

TEST(OutputFile, AWholeOneThatIsNotFinishedLeavesNothing) {
  const base::TemporaryFolder folder;
  OutputFile::create(folder / "out", Mode::kWhole).value()->write("new");
  EXPECT_EQ(files_in(folder.path()), 0U);
}

TEST(OutputFile, ALinkStays) {
  const base::TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "real", "old"));
  std::filesystem::create_symlink("real", std::string(folder / "link"));
  ASSERT_TRUE(write_file(folder / "link", "new"));
  EXPECT_TRUE(std::filesystem::is_symlink(std::string(folder / "link")));
  EXPECT_EQ(content(folder / "real"), "new");
}

TEST(OutputFile, ALiveOneCanBeReadAtOnce) {
  const base::TemporaryFolder folder;
  const std::string path = folder / "out";
  ASSERT_TRUE(write_file(path, "old and longer"));
  auto file = OutputFile::create(path, Mode::kLive).value();
  EXPECT_EQ(content(path), "");
  file->write("one\n");
  EXPECT_EQ(content(path), "one\n");
  EXPECT_TRUE(file->finish());
}

TEST(OutputFile, SaysWhatKeepsItFromWriting) {
  const base::TemporaryFolder folder;
  for (const Mode mode : {Mode::kLive, Mode::kWhole}) {
    const auto missing = OutputFile::create(folder / "no/where", mode);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().reason, "file.missing");
    EXPECT_NE(missing.error().message.find("no/where"), std::string::npos);
    EXPECT_EQ(OutputFile::create(folder.path(), mode).error().reason, "file.not_a_file");
    auto full = OutputFile::create("/dev/full", mode).value();
    full->write("x");
    full->write("y");
    EXPECT_EQ(full->finish().error().reason, "file.no_space");
  }
}

TEST(OutputFile, AReaderThatHasGoneIsAnErrorAndNoSignal) {
  const base::TemporaryFolder folder;
  const std::string path = folder / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  auto file = OutputFile::create(path, Mode::kWhole).value();
  ::close(reader);
  file->write("x");
  EXPECT_EQ(file->finish().error().reason, "file.io");
}

}  // namespace
}  // namespace caisson::cli
