#include "base/environment.h"

#include "base/testing/fake_environment.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace caisson::base {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMost = 1 << 20;

/// A folder of its own on the real machine, gone afterwards.
class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "caisson-environment-XXXXXX").native();
    path_ = ::mkdtemp(pattern.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  [[nodiscard]] fs::path operator/(const char* name) const { return path_ / name; }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(folder)) {
    out.push_back(entry.path().filename().native());
  }
  std::ranges::sort(out);
  return out;
}

mode_t mode_of(const fs::path& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777U : 0;
}

void put(const fs::path& path, std::string_view bytes) { std::ofstream(path, std::ios::binary) << bytes; }

/// Runs `work` in a child that is not root, and says whether it returned true.
bool as_nobody(const std::function<bool()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) {
      ::_exit(2);
    }
    ::_exit(work() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// What every Environment promises, asked of the machine and of the fake.
class AnyEnvironment : public testing::TestWithParam<bool> {
 protected:
  AnyEnvironment() : environment_(GetParam() ? make_environment() : std::make_unique<FakeEnvironment>()) {
    EXPECT_TRUE(environment_->make_private_directory(folder_.path()));
  }
  Environment& environment() { return *environment_; }
  [[nodiscard]] fs::path at(const char* name) const { return folder_ / name; }

 private:
  Folder folder_;
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

class MachineEnvironment : public testing::Test {
 protected:
  Folder folder_;
  std::unique_ptr<Environment> environment_ = make_environment();
};

TEST_F(MachineEnvironment, ThreadCpuTimeGrowsWithWork) {
  const auto before = environment_->thread_cpu_time();
  std::atomic<unsigned> sum = 0;
  while (environment_->thread_cpu_time() == before) {
    ++sum;
  }
  EXPECT_GT(environment_->thread_cpu_time(), before);
}

TEST_F(MachineEnvironment, AnEmptyVariableCountsAsAbsent) {
  ::setenv("CAISSON_ENVIRONMENT_TEST", "value", 1);  // NOLINT(concurrency-mt-unsafe): one thread
  EXPECT_EQ(environment_->variable("CAISSON_ENVIRONMENT_TEST"), "value");
  ::setenv("CAISSON_ENVIRONMENT_TEST", "", 1);  // NOLINT(concurrency-mt-unsafe)
  EXPECT_EQ(environment_->variable("CAISSON_ENVIRONMENT_TEST"), std::nullopt);
  ::unsetenv("CAISSON_ENVIRONMENT_TEST");  // NOLINT(concurrency-mt-unsafe)
  EXPECT_EQ(environment_->variable("CAISSON_ENVIRONMENT_TEST"), std::nullopt);
}

TEST_F(MachineEnvironment, DoesNotWaitForAPipe) {
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  const auto read = environment_->read_file(folder_ / "pipe", kMost);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().reason, "file.not_a_file");
  EXPECT_NE(read.error().message.find("a pipe"), std::string::npos) << read.error().message;
}

TEST_F(MachineEnvironment, ReadsNoDeviceAndNoSocket) {
  const auto device = environment_->read_file("/dev/zero", kMost);
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().reason, "file.not_a_file");

  const int server = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = (folder_ / "socket").native();
  ASSERT_LT(path.size(), sizeof address.sun_path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  ASSERT_EQ(::bind(server, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const auto socket = environment_->read_file(path, kMost);
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().category, Category::kInvalidArgument);
  EXPECT_EQ(socket.error().reason, "file.not_a_file");
  ::close(server);
}

TEST_F(MachineEnvironment, RefusesALoopOfLinksAndAPathThatIsTooLong) {
  fs::create_symlink(folder_ / "b", folder_ / "a");
  fs::create_symlink(folder_ / "a", folder_ / "b");
  EXPECT_EQ(environment_->read_file(folder_ / "a", kMost).error().reason, "file.bad_path");
  EXPECT_EQ(environment_->read_file(folder_.path() / std::string(300, 'x'), kMost).error().reason, "file.bad_path");
}

TEST_F(MachineEnvironment, ReadsAFileWithMoreThanItsSizeSays) {
  // Files under /proc say that they are empty: what growing looks like to the reader.
  std::ifstream expected("/proc/version");
  const std::string version((std::istreambuf_iterator<char>(expected)), {});
  ASSERT_GT(version.size(), 20U);
  EXPECT_EQ(environment_->read_file("/proc/version", kMost).value(), version);
  EXPECT_EQ(environment_->read_file("/proc/version", version.size()).value(), version);
  const auto cut = environment_->read_file("/proc/version", version.size() - 1);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().reason, "file.too_large");
}

TEST_F(MachineEnvironment, ReadsAFileThatGrowsMeanwhile) {
  const fs::path path = folder_ / "growing";
  put(path, "x");
  std::atomic<bool> enough = false;
  std::jthread writer([&] {
    std::ofstream out(path, std::ios::binary | std::ios::app);
    const std::string block(64 << 10, 'x');
    for (int i = 0; i < 200 && !enough; ++i) {
      out << block << std::flush;
    }
  });
  for (int i = 0; i < 50; ++i) {
    const auto read = environment_->read_file(path, kMost);
    if (read) {
      EXPECT_LE(read->size(), kMost);
      EXPECT_EQ(read->find_first_not_of('x'), std::string::npos);
    } else {
      EXPECT_EQ(read.error().reason, "file.too_large");
    }
  }
  enough = true;
}

TEST_F(MachineEnvironment, RefusesALargeFileWithoutReadingIt) {
  const fs::path path = folder_ / "large";
  put(path, "");
  fs::resize_file(path, std::uint64_t{1} << 40);  // sparse: takes no room, and would never fit in memory
  const auto read = environment_->read_file(path, kMost);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().reason, "file.too_large");
  EXPECT_NE(read.error().message.find("1099511627776"), std::string::npos) << read.error().message;
}

TEST_F(MachineEnvironment, SaysWhenItMayNotRead) {
  const fs::path path = folder_ / "secret";
  put(path, "x");
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
  ASSERT_EQ(::chmod(path.c_str(), 0), 0);
  EXPECT_TRUE(as_nobody([&] {
    const auto read = environment_->read_file(path, kMost);
    return !read && read.error().category == Category::kPermissionDenied && read.error().reason == "file.permission";
  }));
}

TEST_F(MachineEnvironment, SaysWhenItMayNotWrite) {
  // /proc takes new files and directories from nobody, root included.
  for (const auto& status : {environment_->write_private_file("/proc/self/task/caisson", "x"),
                             environment_->make_private_directory("/proc/self/task/caisson")}) {
    ASSERT_FALSE(status);
    EXPECT_TRUE(status.error().reason == "file.permission" || status.error().reason == "file.missing")
        << status.error().message;
  }
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0555), 0);
  EXPECT_TRUE(as_nobody([&] {
    const auto written = environment_->write_private_file(folder_ / "a", "x");
    const auto made = environment_->make_private_directory(folder_ / "d");
    return !written && written.error().reason == "file.permission" && !made && made.error().reason == "file.permission";
  }));
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
}

TEST_F(MachineEnvironment, WritesForTheOwnerOnlyAndLeavesNothingElse) {
  const mode_t before = ::umask(0);
  ASSERT_TRUE(environment_->write_private_file(folder_ / "a", "first"));
  ::umask(before);
  EXPECT_EQ(mode_of(folder_ / "a"), 0600U);
  ASSERT_EQ(::chmod((folder_ / "a").c_str(), 0644), 0);
  ASSERT_TRUE(environment_->write_private_file(folder_ / "a", "second"));
  EXPECT_EQ(mode_of(folder_ / "a"), 0600U);
  EXPECT_EQ(names_in(folder_.path()), std::vector<std::string>{"a"});
}

TEST_F(MachineEnvironment, AFailedWriteLeavesNoTemporaryFile) {
  fs::create_directories(folder_ / "d/inner");  // a file cannot take the place of a directory
  EXPECT_FALSE(environment_->write_private_file(folder_ / "d", "x"));
  EXPECT_EQ(names_in(folder_.path()), std::vector<std::string>{"d"});
}

TEST_F(MachineEnvironment, WritesToAPathWithoutFolder) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_.path());
  const Status written = environment_->write_private_file("bare", "x");
  fs::current_path(before);
  EXPECT_TRUE(written);
  EXPECT_EQ(environment_->read_file(folder_ / "bare", kMost).value(), "x");
}

TEST_F(MachineEnvironment, ReplacesALinkAndNotWhatItPointsTo) {
  put(folder_ / "target", "old");
  fs::create_symlink(folder_ / "target", folder_ / "link");
  ASSERT_TRUE(environment_->write_private_file(folder_ / "link", "new"));
  EXPECT_FALSE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(environment_->read_file(folder_ / "target", kMost).value(), "old");
}

TEST_F(MachineEnvironment, AReaderFindsTheOldContentOrTheNewOne) {
  const fs::path path = folder_ / "a";
  const std::string first(100'000, 'a');
  const std::string second(50'000, 'b');
  ASSERT_TRUE(environment_->write_private_file(path, first));
  std::jthread writer([&] {
    for (int i = 0; i < 20; ++i) {
      EXPECT_TRUE(environment_->write_private_file(path, i % 2 == 0 ? second : first));
    }
  });
  for (int i = 0; i < 200; ++i) {
    const auto read = environment_->read_file(path, kMost);
    ASSERT_TRUE(read);
    EXPECT_TRUE(*read == first || *read == second) << read->size();
  }
}

TEST_F(MachineEnvironment, MakesFoldersForTheOwnerOnlyTheParentsToo) {
  const mode_t before = ::umask(0);
  ASSERT_TRUE(environment_->make_private_directory(folder_ / "x/y/z"));
  ::umask(before);
  EXPECT_EQ(mode_of(folder_ / "x"), 0700U);
  EXPECT_EQ(mode_of(folder_ / "x/y"), 0700U);
  EXPECT_EQ(mode_of(folder_ / "x/y/z"), 0700U);
}

TEST_F(MachineEnvironment, UsesNoFolderThatOthersCanChange) {
  const auto refused = [&](const fs::path& path, std::string_view why) {
    const Status status = environment_->make_private_directory(path);
    ASSERT_FALSE(status) << path;
    EXPECT_EQ(status.error().category, Category::kPermissionDenied);
    EXPECT_EQ(status.error().reason, "file.unsafe_directory");
    EXPECT_NE(status.error().message.find(why), std::string::npos) << status.error().message;
  };
  fs::create_directory(folder_ / "d");
  ASSERT_EQ(::chmod((folder_ / "d").c_str(), 0755), 0);
  EXPECT_TRUE(environment_->make_private_directory(folder_ / "d"));
  ASSERT_EQ(::chmod((folder_ / "d").c_str(), 0770), 0);
  refused(folder_ / "d", "others may write to it");
  ASSERT_EQ(::chmod((folder_ / "d").c_str(), 0702), 0);
  refused(folder_ / "d", "others may write to it");
  ASSERT_EQ(::chmod((folder_ / "d").c_str(), 0700), 0);

  fs::create_directory_symlink(folder_ / "d", folder_ / "link");
  for (const char* name : {"link", "link/", "link/.", "link//./"}) {
    refused(folder_ / name, "it is a symbolic link");
  }
  fs::create_directory_symlink(folder_ / "nowhere", folder_ / "dangling");
  refused(folder_ / "dangling", "it is a symbolic link");
  put(folder_ / "file", "x");
  refused(folder_ / "file", "it is not a directory");
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown((folder_ / "d").c_str(), 65534, 65534), 0);
    refused(folder_ / "d", "it belongs to another user");
  } else {
    refused("/", "it belongs to another user");
  }
}

TEST_F(MachineEnvironment, ListsNoLinksAndNoPipes) {
  put(folder_ / "a", "x");
  fs::create_symlink(folder_ / "a", folder_ / "link");
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  const auto files = environment_->list_files(folder_.path()).value();
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].name, "a");
}

TEST_F(MachineEnvironment, TouchingAFileMakesItTheLastUsed) {
  put(folder_ / "a", "x");
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(48);
  fs::last_write_time(folder_ / "a", old);
  const auto before = environment_->list_files(folder_.path()).value().at(0).used;
  environment_->touch_file(folder_ / "a");
  const auto after = environment_->list_files(folder_.path()).value().at(0).used;
  EXPECT_GT(after - before, std::chrono::hours(47));
  environment_->touch_file(folder_ / "missing");
  EXPECT_FALSE(fs::exists(folder_ / "missing"));
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

TEST(FakeEnvironment, HasTheVariablesItWasGiven) {
  FakeEnvironment fake;
  EXPECT_EQ(fake.variable("HOME"), std::nullopt);
  fake.set_variable("HOME", "/home/a");
  EXPECT_EQ(fake.variable("HOME"), "/home/a");
  fake.set_variable("HOME", "");
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
