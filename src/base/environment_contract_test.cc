// What every Environment promises, asked of the machine and of the fake; then what only the fake has.

#include "base/environment.h"
#include "base/testing/fake_environment.h"
#include "base/testing/temporary_folder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

namespace caisson::base {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMost = 1 << 20;

class AnyEnvironment : public testing::TestWithParam<bool> {
 protected:
  AnyEnvironment() : environment_(GetParam() ? make_environment() : std::make_unique<FakeEnvironment>()) {
    EXPECT_TRUE(environment_->make_private_directory(folder_.path()));
  }
  Environment& environment() { return *environment_; }
  [[nodiscard]] fs::path at(const char* name) const { return folder_ / name; }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<Environment> environment_;
};

INSTANTIATE_TEST_SUITE_P(Kinds, AnyEnvironment, testing::Bool(),
                         [](const auto& chosen) { return chosen.param ? "Machine" : "Fake"; });

TEST_P(AnyEnvironment, ReadsWhatItWrote) {
  const std::string bytes("line\r\n\0\xff", 8);
  ASSERT_TRUE(environment().write_private_file(at("a"), bytes));
  EXPECT_EQ(environment().read_file(at("a"), kMost).value(), bytes);
  ASSERT_TRUE(environment().write_private_file(at("a"), "other"));
  EXPECT_EQ(environment().read_file(at("a"), kMost).value(), "other");
  ASSERT_TRUE(environment().write_private_file(at("a"), ""));
  EXPECT_EQ(environment().read_file(at("a"), 0).value(), "");
}

TEST_P(AnyEnvironment, RefusesMissingFiles) {
  for (const char* name : {"missing", "no/such/folder"}) {
    const auto read = environment().read_file(at(name), kMost);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().category, Category::kNotFound);
    EXPECT_EQ(read.error().reason, "file.missing");
    EXPECT_NE(read.error().message.find(at(name).native()), std::string::npos) << read.error().message;
  }
  const auto written = environment().write_private_file(at("no/such/folder"), "x");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().reason, "file.missing");
  EXPECT_NE(written.error().message.find("its folder does not exist"), std::string::npos) << written.error().message;
}

TEST_P(AnyEnvironment, KnowsTheRealPathOfAFile) {
  ASSERT_TRUE(environment().write_private_file(at("a"), "x"));
  const std::string folder = environment().real_directory(at("")).value();
  EXPECT_EQ(environment().real_path(at("./a")).value(), folder + "/a");
  EXPECT_EQ(environment().real_path(at("")).value(), folder);
  EXPECT_EQ(environment().real_path(at("missing")).error().reason, "file.missing");
  EXPECT_EQ(environment().real_path(std::string("a\0b", 3)).error().reason, "file.bad_path");
}

TEST_P(AnyEnvironment, ReadsWhatItWroteItselfAsTrusted) {
  ASSERT_TRUE(environment().write_private_file(at("a"), "x"));
  EXPECT_EQ(environment().read_trusted_file(at("a"), kMost).value(), "x");
  EXPECT_EQ(environment().read_trusted_file(at("missing"), kMost).error().reason, "file.missing");
}

TEST_P(AnyEnvironment, RefusesAFileWhereAFolderShouldBe) {
  ASSERT_TRUE(environment().write_private_file(at("a"), "x"));
  EXPECT_EQ(environment().read_file(at("a/b"), kMost).error().reason, "file.missing");
  EXPECT_EQ(environment().write_private_file(at("a/b"), "x").error().reason, "file.missing");
  EXPECT_EQ(environment().make_private_directory(at("a/b")).error().reason, "file.missing");
  EXPECT_EQ(environment().list_files(at("a")).error().reason, "file.missing");
  EXPECT_TRUE(environment().remove_file(at("a/b")));
  EXPECT_EQ(environment().make_private_directory(at("a")).error().reason, "file.unsafe_directory");
}

TEST_P(AnyEnvironment, RefusesAFolderWhereAFileShouldBe) {
  ASSERT_TRUE(environment().make_private_directory(at("d")));
  const auto read = environment().read_file(at("d"), kMost);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().category, Category::kInvalidArgument);
  EXPECT_EQ(read.error().reason, "file.not_a_file");
  EXPECT_EQ(environment().write_private_file(at("d"), "x").error().reason, "file.not_a_file");
  EXPECT_EQ(environment().remove_file(at("d")).error().reason, "file.not_a_file");
}

TEST_P(AnyEnvironment, RefusesAFileThatIsTooLarge) {
  ASSERT_TRUE(environment().write_private_file(at("a"), "12345"));
  EXPECT_EQ(environment().read_file(at("a"), 5).value(), "12345");
  const auto read = environment().read_file(at("a"), 4);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().category, Category::kResourceExhausted);
  EXPECT_EQ(read.error().reason, "file.too_large");
}

TEST_P(AnyEnvironment, RefusesAPathWithAZeroByte) {
  ASSERT_TRUE(environment().write_private_file(at("a"), "x"));
  const fs::path cut = at("a").native() + std::string("\0b", 2);
  EXPECT_EQ(environment().read_file(cut, kMost).error().reason, "file.bad_path");
  EXPECT_EQ(environment().write_private_file(cut, "y").error().reason, "file.bad_path");
  EXPECT_EQ(environment().make_private_directory(cut).error().reason, "file.bad_path");
  EXPECT_EQ(environment().list_files(cut).error().reason, "file.bad_path");
  EXPECT_EQ(environment().remove_file(cut).error().reason, "file.bad_path");
  EXPECT_EQ(environment().read_file(at("a"), kMost).value(), "x");
  EXPECT_EQ(environment().variable(std::string("PATH\0x", 6)), std::nullopt);
}

TEST_P(AnyEnvironment, ListsTheFilesOfAFolder) {
  EXPECT_TRUE(environment().list_files(at("missing")).value().empty());
  ASSERT_TRUE(environment().make_private_directory(at("d/inner")));
  ASSERT_TRUE(environment().write_private_file(at("d/b"), "22"));
  ASSERT_TRUE(environment().write_private_file(at("d/a"), "1"));
  ASSERT_TRUE(environment().write_private_file(at("d/inner/c"), "333"));
  for (const char* name : {"d", "d/"}) {
    auto files = environment().list_files(at(name)).value();
    std::ranges::sort(files, {}, &FileEntry::name);
    ASSERT_EQ(files.size(), 2U);
    EXPECT_EQ(files[0].name, "a");
    EXPECT_EQ(files[0].size_bytes, 1U);
    EXPECT_EQ(files[1].name, "b");
    EXPECT_EQ(files[1].size_bytes, 2U);
  }
}

TEST_P(AnyEnvironment, SaysWhereADirectoryReallyIs) {
  ASSERT_TRUE(environment().make_private_directory(at("a/b")));
  ASSERT_TRUE(environment().write_private_file(at("a/file"), "x"));
  const std::string real = environment().real_directory(at("a")).value();
  EXPECT_EQ(environment().real_directory(at("a/./b/../b/")).value(), real + "/b");
  EXPECT_TRUE(environment().real_directory("").value().starts_with("/"));
  EXPECT_EQ(environment().real_directory(at("a/file")).error().reason, "file.not_a_file");
  EXPECT_EQ(environment().real_directory(at("a/none")).error().reason, "file.missing");
  EXPECT_EQ(environment().real_directory(std::string("a\0b", 3)).error().reason, "file.bad_path");
}

TEST_P(AnyEnvironment, RemovesFiles) {
  ASSERT_TRUE(environment().write_private_file(at("a"), "x"));
  EXPECT_TRUE(environment().remove_file(at("a")));
  EXPECT_EQ(environment().read_file(at("a"), kMost).error().reason, "file.missing");
  EXPECT_TRUE(environment().remove_file(at("a")));
}

TEST_P(AnyEnvironment, MakesFoldersWithTheirParents) {
  for (const char* name : {"x/y/z", "x/y/z/", "x/y/z/.", "x"}) {
    EXPECT_TRUE(environment().make_private_directory(at(name))) << name;
  }
  EXPECT_TRUE(environment().write_private_file(at("x/y/z/file"), "1"));
}

TEST_P(AnyEnvironment, GivesAsManyRandomBytesAsAsked) {
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{32}, std::size_t{1000}}) {
    EXPECT_EQ(environment().random_bytes(count).value().size(), count);
  }
  EXPECT_NE(environment().random_bytes(32).value(), environment().random_bytes(32).value());
}

TEST_P(AnyEnvironment, ClocksDoNotGoBack) {
  const auto now = environment().now();
  const auto cpu = environment().thread_cpu_time();
  EXPECT_GE(environment().now(), now);
  EXPECT_GE(environment().thread_cpu_time(), cpu);
  constexpr auto kFirstRelease = std::chrono::sys_days(std::chrono::year(2025) / 1 / 1);
  EXPECT_GE(environment().wall_time(), kFirstRelease);
}

TEST(FakeEnvironment, ClocksMoveWhenTold) {
  FakeEnvironment fake;
  const auto now = fake.now();
  const auto wall = fake.wall_time();
  EXPECT_EQ(fake.now(), now);
  fake.advance(std::chrono::milliseconds(1500));
  EXPECT_EQ(fake.now() - now, std::chrono::milliseconds(1500));
  EXPECT_EQ(fake.wall_time() - wall, std::chrono::milliseconds(1500));
  EXPECT_EQ(fake.thread_cpu_time(), std::chrono::nanoseconds(0));
  fake.advance_cpu_time(std::chrono::microseconds(3));
  EXPECT_EQ(fake.thread_cpu_time(), std::chrono::microseconds(3));
  fake.set_wall_time(std::chrono::system_clock::time_point(std::chrono::seconds(5)));
  EXPECT_EQ(fake.wall_time().time_since_epoch(), std::chrono::seconds(5));
  EXPECT_EQ(fake.now() - now, std::chrono::milliseconds(1500));
}

TEST(FakeEnvironment, RandomBytesAreTheSameInEveryRun) {
  FakeEnvironment first(7);
  FakeEnvironment second(7);
  FakeEnvironment other(8);
  const std::string bytes = first.random_bytes(40).value();
  EXPECT_EQ(bytes, second.random_bytes(40).value());
  EXPECT_NE(bytes, other.random_bytes(40).value());
  EXPECT_NE(bytes, first.random_bytes(40).value());
}

TEST(RealEnvironment, KnowsItsVariablesAndFollowsLinks) {
  const auto environment = make_environment();
  const std::vector<std::string> names = environment->variable_names();
  EXPECT_NE(std::ranges::find(names, "PATH"), names.end());
  EXPECT_TRUE(std::ranges::is_sorted(names));
  const TemporaryFolder folder;
  fs::create_directory(folder / "target");
  fs::create_directory_symlink("target", folder / "link");
  EXPECT_EQ(environment->real_directory(folder / "link").value(),
            environment->real_directory(folder / "target").value());
}

TEST(FakeEnvironment, HasTheVariablesItWasGiven) {
  FakeEnvironment fake;
  EXPECT_EQ(fake.variable("HOME"), std::nullopt);
  fake.set_variable("HOME", "/home/a");
  EXPECT_EQ(fake.variable("HOME"), "/home/a");
  fake.set_variable("A", "x");
  EXPECT_EQ(fake.variable_names(), (std::vector<std::string>{"A", "HOME"}));
  fake.set_variable("HOME", "");
  EXPECT_EQ(fake.variable_names(), std::vector<std::string>{"A"});
  EXPECT_EQ(fake.variable("HOME"), std::nullopt);
}

TEST(FakeEnvironment, HasTheFilesItWasGiven) {
  FakeEnvironment fake;
  fake.add_file("dir/../flow/a.yaml", "x: 1");
  EXPECT_EQ(fake.read_file("flow/a.yaml", kMost).value(), "x: 1");
  EXPECT_EQ(fake.file("flow/./a.yaml"), "x: 1");
  EXPECT_EQ(fake.file("flow/b.yaml"), std::nullopt);
  EXPECT_EQ(fake.read_file("flow", kMost).error().reason, "file.not_a_file");
  fake.make_unsafe("/cache");
  EXPECT_EQ(fake.make_private_directory("/cache/").error().reason, "file.unsafe_directory");
}

TEST(FakeEnvironment, KnowsWhenAFileWasUsed) {
  FakeEnvironment fake;
  fake.add_file("d/a", "1");
  const auto added = fake.wall_time();
  fake.advance(std::chrono::seconds(10));
  EXPECT_EQ(fake.list_files("d").value().at(0).used, added);
  fake.touch_file("d/a");
  EXPECT_EQ(fake.list_files("d").value().at(0).used - added, std::chrono::seconds(10));
}

TEST(FakeEnvironment, FailsWhenTold) {
  FakeEnvironment fake;
  fake.add_file("a", "1");
  const Error full{Category::kResourceExhausted, "file.no_space", "the disk is full"};
  fake.fail_writes(full);
  EXPECT_EQ(fake.write_private_file("a", "2").error(), full);
  EXPECT_EQ(fake.make_private_directory("d").error(), full);
  EXPECT_EQ(fake.remove_file("a").error(), full);
  EXPECT_EQ(fake.read_file("a", kMost).value(), "1");
  fake.fail_writes(std::nullopt);
  EXPECT_TRUE(fake.write_private_file("a", "2"));
  fake.fail_reads(full);
  EXPECT_EQ(fake.read_file("a", kMost).error(), full);
  EXPECT_EQ(fake.list_files(".").error(), full);
}

}  // namespace
}  // namespace caisson::base
