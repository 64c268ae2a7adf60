#include "base/environment.h"

#include "base/testing/temporary_folder.h"

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

class MachineEnvironment : public testing::Test {
 protected:
  TemporaryFolder folder_;
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

TEST_F(MachineEnvironment, TrustsNoFileThatOthersCanChange) {
  fs::create_directory(folder_ / "own");
  const fs::path file = folder_ / "own/config";
  std::ofstream(file) << "x";
  const auto trusted = [&](mode_t folder, mode_t mode) {
    EXPECT_EQ(::chmod((folder_ / "own").c_str(), folder), 0);
    EXPECT_EQ(::chmod(file.c_str(), mode), 0);
    const auto read = environment_->read_trusted_file(file, kMost);
    EXPECT_TRUE(read || read.error().reason == "file.unsafe_file");
    EXPECT_TRUE(environment_->read_file(file, kMost));
    return read.has_value();
  };
  EXPECT_TRUE(trusted(0755, 0644));
  EXPECT_TRUE(trusted(01777, 0600));
  EXPECT_FALSE(trusted(0755, 0664));
  EXPECT_FALSE(trusted(0755, 0646));
  EXPECT_FALSE(trusted(0775, 0644));
  EXPECT_FALSE(trusted(0757, 0644));
  // A link is judged by what it leads to.
  fs::create_symlink(file, folder_ / "link");
  EXPECT_TRUE(trusted(0755, 0644));
  EXPECT_TRUE(environment_->read_trusted_file(folder_ / "link", kMost));
  EXPECT_FALSE(trusted(0755, 0666));
  EXPECT_FALSE(environment_->read_trusted_file(folder_ / "link", kMost));
  if (::geteuid() == 0) {
    EXPECT_TRUE(trusted(0755, 0644));
    ASSERT_EQ(::chown(file.c_str(), 12345, 0), 0);
    EXPECT_FALSE(trusted(0755, 0644));
  }
}

TEST_F(MachineEnvironment, RealPathsFollowLinksToFiles) {
  std::ofstream(folder_ / "target") << "x";
  fs::create_symlink("target", folder_ / "link");
  EXPECT_EQ(environment_->real_path(folder_ / "link").value(), environment_->real_path(folder_ / "target").value());
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

}  // namespace
}  // namespace caisson::base
