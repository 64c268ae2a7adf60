#pragma once

#include "base/testing/temporary_folder.h"
#include "sandbox/internal/wasi_types.h"
#include "sandbox/testing/sandbox_fixture.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::sandbox {

/// Calls of the probe with everything granted: `/data` for writing (descriptor 3), `/input` for reading (descriptor 4),
/// a virtual clock, so that nobody waits, and seeded randomness. The first file that is opened is descriptor 5.
class WasiTest : public SandboxTest {
 protected:
  static constexpr std::string_view kSecret = "nobody granted this";
  // Rights, as numbers of a script.
  static constexpr std::string_view kRead = "0x2";
  static constexpr std::string_view kWrite = "0x40";
  static constexpr std::string_view kReadWrite = "0x42";
  // Flags of path_open.
  static constexpr int kCreate = 1;
  static constexpr int kDirectory = 2;
  static constexpr int kExclusive = 4;
  static constexpr int kTruncate = 8;

  WasiTest() {
    for (const char* name : {"data", "input", "outside"}) {
      std::filesystem::create_directory(folder_ / name);
    }
    put("data/file", "abcdefghij");
    put("input/file", "read me");
    put("outside/secret", kSecret);
    grants_ = {.wasi = true,
               .directories = {{.host = host("data"), .guest = "/data", .access = Access::kWrite},
                               {.host = host("input"), .guest = "/input", .access = Access::kRead}},
               .env = {{"CITY", "Paris"}, {"EMPTY", ""}},
               .args = {"-v", "x y"},
               .clock = ClockMode::kVirtual,
               .random = RandomMode::kSeeded,
               .random_seed = 7,
               .imports = {"kv", "emit"}};
  }

  // What is on the host.
  std::string host(std::string_view name) const { return (folder_.path() / name).native(); }
  void put(std::string_view name, std::string_view bytes) const { std::ofstream(host(name)) << bytes; }
  std::string get(std::string_view name) const {
    std::ostringstream bytes;
    bytes << std::ifstream(host(name)).rdbuf();
    return bytes.str();
  }
  bool exists(std::string_view name) const { return std::filesystem::exists(host(name)); }

  /// What a script printed, line by line; the reason of its failure instead, if it failed.
  std::vector<std::string> lines(std::string_view script) {
    const Outcome outcome = probe(script);
    if (outcome.error) {
      return {outcome.error->reason + ": " + outcome.error->message};
    }
    std::vector<std::string> out;
    std::istringstream text{std::string(outcome.output.bytes())};
    for (std::string line; std::getline(text, line);) {
      out.push_back(line);
    }
    return out;
  }
  static std::string error_name(std::string_view line) {
    unsigned code = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), code);
    return error == std::errc() && end == line.data() + line.size()
               ? std::string(wasi::to_string(static_cast<wasi::Errno>(code)))
               : std::string(line);
  }
  /// The name of the errno that the last line of a script printed.
  std::string errno_of(std::string_view script) {
    const auto all = lines(script);
    return all.empty() ? "nothing" : error_name(all.back());
  }
  /// The same of one function, called with nothing before it.
  std::string call_of(std::string_view function) { return errno_of(cat("call ", function)); }

  template <typename... Parts>
  static std::string cat(const Parts&... parts) {
    std::ostringstream out;
    (out << ... << parts);
    return out.str();
  }

  // Lines of scripts. Scratch memory above @60000 belongs to them.

  /// A function of one path: `%` in `function` is where the path goes.
  static std::string on_path(std::string_view function, std::string_view path) {
    const std::size_t at = function.find('%');
    return cat("text @60000 ", path, "\ncall ", function.substr(0, at), "@60000 ", path.size(), function.substr(at + 1),
               "\n");
  }
  /// A function of two.
  static std::string on_paths(std::string_view function, std::string_view first, std::string_view second) {
    std::string with_second(function);
    with_second.replace(with_second.rfind('%'), 1, cat("@70000 ", second.size()));
    return cat("text @70000 ", second, "\n", on_path(with_second, first));
  }
  /// path_open from `directory`; prints its errno.
  static std::string open(std::string_view path, std::string_view rights, int oflags = 0, int directory = 3,
                          int fdflags = 0) {
    return on_path(cat("path_open ", directory, " 0 % ", oflags, " ", rights, " 0 ", fdflags, " @80000"), path);
  }
  /// A list of one buffer, `size` bytes at @scratch `at`, as the two arguments of a function.
  static std::string buffer(int at, std::uint64_t size, int list = 81000) {
    return cat("u32 @", list, " @", at, "\nu32 @", list + 4, " ", size, "\n");
  }
  static std::string read(int fd, int size) {
    return buffer(90000, static_cast<std::uint64_t>(size)) +
           cat("call fd_read ", fd, " @81000 1 @82000\nshow32 @82000\n");
  }
  static std::string write(int fd, std::string_view text) {
    return cat("text @90000 ", text, "\n", buffer(90000, text.size()), "call fd_write ", fd,
               " @81000 1 @82000\nshow32 @82000\n");
  }

  base::TemporaryFolder folder_;
};

}  // namespace caisson::sandbox
