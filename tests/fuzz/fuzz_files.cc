// Any bytes as what a guest does to its files: a sequence of WASI functions with hostile arguments, in a directory with
// links that lead out of it. What lies outside never changes and is never read, what is read-only stays as it is, and
// the limits hold.

#include "base/environment.h"
#include "base/testing/temporary_folder.h"
#include "fuzz.h"
#include "sandbox/internal/file_table.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sys/stat.h>

namespace fs = std::filesystem;
namespace fuzz = caisson::fuzz;
namespace sandbox = caisson::sandbox;
namespace wasi = caisson::sandbox::wasi;

namespace {

/// The bytes of the input, one after the other; zeros when there are no more.
class Script {
 public:
  Script(const std::uint8_t* data, std::size_t size) : bytes_(data, size) {}
  bool done() const { return bytes_.empty(); }
  std::uint64_t number(std::size_t size = 1) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size && !bytes_.empty(); ++i) {
      value = value << 8 | bytes_.front();
      bytes_ = bytes_.subspan(1);
    }
    return value;
  }
  wasi::Fd fd() {
    const std::uint64_t value = number();
    return value == 0xff ? static_cast<wasi::Fd>(number(4)) : static_cast<wasi::Fd>(value % 12);
  }
  /// Sizes and offsets near the edges as often as any.
  std::uint64_t size() {
    constexpr std::array<std::uint64_t, 8> kEdges = {0,         1,          4096,      1ULL << 16, (1ULL << 16) + 1,
                                                     INT64_MAX, 1ULL << 63, UINT64_MAX};
    const std::uint64_t value = number();
    return value < kEdges.size() ? kEdges[value] : number(1 + value % 8);
  }
  std::string path() {
    using namespace std::string_view_literals;
    constexpr std::array<std::string_view, 22> kParts = {
        "a"sv,        "b"sv,    "file"sv,           ".."sv,       "."sv,      "/"sv,    ""sv,       "up"sv,
        "absolute"sv, "out"sv,  "out/canary"sv,     "loop"sv,     "inside"sv, "pipe"sv, "canary"sv, "outside"sv,
        "\0"sv,       "\xff"sv, "proc/self/root"sv, "\xc3\xa9"sv, "data"sv,   "x"sv};
    std::string path;
    for (std::uint64_t parts = number() % 6; parts > 0; --parts) {
      const std::uint64_t part = number();
      if (part == 0xff) {
        path.append(number(2) % 5000, static_cast<char>(number()));
      } else {
        path += kParts[part % kParts.size()];
      }
      path += part < 128 ? "/" : "";
    }
    return path;
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

/// The host: `data` and `input` are granted, `outside` is not.
class World {
 public:
  World() : canary_("canary " + environment_->random_bytes(24).value()) {
    fs::create_directory(folder_ / "input");
    write("input/file", "read me");
    fs::create_directory(folder_ / "outside");
    write("outside/canary", canary_);
    outside_ = status("outside/canary");
  }
  void begin() {
    fs::remove_all(folder_ / "data");
    fs::create_directories(folder_ / "data/a/b");
    write("data/file", "write me");
    fs::create_symlink("../outside/canary", folder_ / "data/up");
    fs::create_symlink((folder_ / "outside/canary").native(), folder_ / "data/absolute");
    fs::create_symlink("../outside", folder_ / "data/out");
    fs::create_symlink("../../outside/canary", folder_ / "data/a/up");
    fs::create_symlink("loop", folder_ / "data/loop");
    fs::create_symlink("a/b", folder_ / "data/inside");
    fuzz::require(::mkfifo((folder_ / "data/pipe").c_str(), 0600) == 0, "a pipe can be made");
  }
  void check() {
    fuzz::require(read("outside/canary") == canary_, "what lies outside keeps its content");
    const struct stat now = status("outside/canary");
    fuzz::require(now.st_nlink == 1 && now.st_mtim.tv_sec == outside_.st_mtim.tv_sec &&
                      now.st_mtim.tv_nsec == outside_.st_mtim.tv_nsec && now.st_ino == outside_.st_ino,
                  "what lies outside keeps its names and times");
    fuzz::require(std::distance(fs::directory_iterator(folder_ / "outside"), {}) == 1, "nothing appears outside");
    fuzz::require(read("input/file") == "read me", "what is read-only keeps its content");
    fuzz::require(std::distance(fs::directory_iterator(folder_ / "input"), {}) == 1,
                  "nothing appears where it is read-only");
  }
  /// What a guest was given.
  void given(std::span<const std::byte> bytes) const {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    fuzz::require(text.find(canary_) == std::string_view::npos, "what lies outside is not read");
    fuzz::require(text.find(folder_.path().native()) == std::string_view::npos, "no path of the host is seen");
  }
  std::string host(const char* name) const { return (folder_ / name).native(); }
  const caisson::base::Environment* environment() const { return environment_.get(); }

 private:
  void write(const char* name, std::string_view bytes) const { std::ofstream(folder_ / name) << bytes; }
  std::string read(const char* name) const {
    std::ifstream in(folder_ / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  struct stat status(const char* name) const {
    struct stat result{};
    fuzz::require(::stat((folder_ / name).c_str(), &result) == 0, "what lies outside is there");
    return result;
  }

  caisson::base::TemporaryFolder folder_;
  std::unique_ptr<caisson::base::Environment> environment_ = caisson::base::make_environment();
  std::string canary_;
  struct stat outside_{};
};

void act(sandbox::FileTable& table, Script& script, const World& world) {
  std::array<std::byte, 600> memory{};
  const std::array<std::span<std::byte>, 2> into = {std::span(memory).first(100), std::span(memory).subspan(100)};
  const std::array<std::span<const std::byte>, 2> from = {into[0], into[1]};
  const auto rights = [&script] {
    return script.number() % 2 == 0 ? ~wasi::Rights{0} & ~wasi::kFdWrite : script.number(4);
  };
  const auto see = [&](const wasi::OrErrno<std::size_t>& got) {
    fuzz::require(!got || *got <= memory.size(), "no more than there is room for");
    world.given(memory);
  };
  const wasi::Fd fd = script.fd();
  switch (script.number() % 29) {
    case 0:
      (void)table.fd_advise(fd, script.size(), script.size(), static_cast<wasi::Advice>(script.number()));
      break;
    case 1:
      (void)table.fd_allocate(fd, script.size(), script.size());
      break;
    case 2:
      (void)table.fd_close(fd);
      break;
    case 3:
      (void)table.fd_fdstat_get(fd);
      break;
    case 4:
      (void)table.fd_fdstat_set_flags(fd, static_cast<wasi::FdFlags>(script.number()));
      break;
    case 5:
      (void)table.fd_fdstat_set_rights(fd, script.number(4), script.number(4));
      break;
    case 6:
      (void)table.fd_filestat_get(fd);
      break;
    case 7:
      (void)table.fd_filestat_set_size(fd, script.size());
      break;
    case 8:
      (void)table.fd_filestat_set_times(fd, script.size(), script.size(), static_cast<wasi::FstFlags>(script.number()));
      break;
    case 9:
      see(table.fd_pread(fd, into, script.size()));
      break;
    case 10:
      (void)table.fd_prestat_get(fd);
      break;
    case 11:
      (void)table.fd_prestat_dir_name(fd, std::span(memory).first(script.number() % 20));
      world.given(memory);
      break;
    case 12:
      (void)table.fd_pwrite(fd, from, script.size());
      break;
    case 13:
      see(table.fd_read(fd, into));
      break;
    case 14:
      see(table.fd_readdir(fd, std::span(memory).first(script.number(2) % memory.size()), script.size()));
      break;
    case 15:
      (void)table.fd_renumber(fd, script.fd());
      break;
    case 16:
      (void)table.fd_seek(fd, static_cast<std::int64_t>(script.size()), static_cast<wasi::Whence>(script.number() % 4));
      break;
    case 17:
      (void)table.fd_tell(fd);
      break;
    case 18:
      (void)table.fd_write(fd, from);
      break;
    case 19:
      (void)table.path_create_directory(fd, script.path());
      break;
    case 20:
      (void)table.path_filestat_get(fd, static_cast<wasi::LookupFlags>(script.number() % 3), script.path());
      break;
    case 21:
      (void)table.path_filestat_set_times(fd, static_cast<wasi::LookupFlags>(script.number() % 3), script.path(),
                                          script.size(), script.size(), static_cast<wasi::FstFlags>(script.number()));
      break;
    case 22:
      (void)table.path_link(fd, static_cast<wasi::LookupFlags>(script.number() % 2), script.path(), script.fd(),
                            script.path());
      break;
    case 23: {
      const auto lookup = static_cast<wasi::LookupFlags>(script.number() % 3);
      const std::string path = script.path();
      const auto oflags = static_cast<wasi::OFlags>(script.number() % 17);
      (void)table.path_open(fd, lookup, path, oflags, rights(), rights(),
                            static_cast<wasi::FdFlags>(script.number() % 33));
      break;
    }
    case 24:
      see(table.path_readlink(fd, script.path(), std::span(memory).first(script.number(2) % memory.size())));
      break;
    case 25:
      (void)table.path_remove_directory(fd, script.path());
      break;
    case 26:
      (void)table.path_rename(fd, script.path(), script.fd(), script.path());
      break;
    case 27:
      (void)table.path_symlink(script.path(), fd, script.path());
      break;
    case 28:
      (void)table.path_unlink_file(fd, script.path());
      break;
    default:
      break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World world;
  world.begin();
  Script script(data, size);
  const bool links = script.number() % 2 == 1;
  const std::vector<sandbox::DirectoryGrant> grants = {
      {.host = world.host("data"), .guest = "/data", .access = sandbox::Access::kWrite, .links = links},
      {.host = world.host("input"), .guest = "/input", .access = sandbox::Access::kRead, .links = links}};
  sandbox::Limits limits;
  limits.open_files = 8;
  limits.created_files = 20;
  limits.file_size_bytes = 1 << 16;
  limits.file_write_bytes = 1 << 17;
  limits.file_read_bytes = 1 << 17;
  const auto table =
      sandbox::FileTable::create(
          {.directories = grants,
           .limits = limits,
           .environment = world.environment(),
           .on_refusal =
               [](const sandbox::FileRefusal& refusal) {
                 const std::string line = sandbox::describe(refusal);
                 const bool controls = std::ranges::any_of(line, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
                 fuzz::require(!line.empty() && line.size() < 4096 && !controls, "a refusal can be shown");
               },
           .identity_key = {1}})
          .value();
  for (int actions = 0; !script.done() && actions < 200; ++actions) {
    act(*table, script, world);
    const sandbox::FileBudget& budget = table->budget();
    fuzz::require(
        budget.open <= 8 && budget.created <= 20 && budget.read.used() <= 1 << 17 && budget.write.used() <= 1 << 17,
        "the limits hold");
  }
  world.check();
  return 0;
}
