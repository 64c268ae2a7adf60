#include "base/testing/fake_environment.h"

#include "base/digest.h"

#include <fmt/format.h>

#include <utility>

namespace caisson::base {

namespace {

namespace fs = std::filesystem;
using std::chrono::nanoseconds;

constexpr nanoseconds kFirstNow = std::chrono::seconds(1);
constexpr nanoseconds kFirstWall = std::chrono::seconds(1'735'689'600);  // 2025-01-01 00:00 UTC

/// The one spelling under which a path is kept; without a slash at its end.
fs::path key(const fs::path& path) {
  fs::path normal = path.lexically_normal();
  return !normal.has_filename() && normal.has_relative_path() ? normal.parent_path() : normal;
}

fs::path folder_of(const fs::path& key) { return key.has_parent_path() ? key.parent_path() : fs::path("."); }

Error missing(const fs::path& path, std::string_view why) {
  return {Category::kNotFound, "file.missing", fmt::format("cannot use '{}': {}", path.native(), why)};
}

Error not_a_file(const fs::path& path) {
  return {Category::kInvalidArgument, "file.not_a_file",
          fmt::format("cannot use '{}': it is a directory, not a file", path.native())};
}

bool is_whole(const fs::path& path) { return path.native().find('\0') == std::string::npos; }

Error cut_path() { return {Category::kInvalidArgument, "file.bad_path", "the path holds a NUL character"}; }

/// Adds a directory and the ones above it. False when one of them is a file.
template <typename State>
bool add_directories(State& state, const fs::path& key) {
  if (state.directories.contains(key)) {
    return true;
  }
  if (state.files.contains(key) || !add_directories(state, folder_of(key))) {
    return false;
  }
  state.directories.insert(key);
  return true;
}

}  // namespace

FakeEnvironment::FakeEnvironment(std::uint64_t seed) : seed_(seed), now_(kFirstNow.count()), wall_(kFirstWall.count()) {
  state_.with([](State& state) { state.directories = {"/", "."}; });
}

void FakeEnvironment::advance(nanoseconds by) noexcept {
  now_ += by.count();
  wall_ += by.count();
}

void FakeEnvironment::set_wall_time(std::chrono::system_clock::time_point time) noexcept {
  wall_ = std::chrono::duration_cast<nanoseconds>(time.time_since_epoch()).count();
}

void FakeEnvironment::advance_cpu_time(nanoseconds by) noexcept { cpu_ += by.count(); }

void FakeEnvironment::set_variable(std::string name, std::string value) {
  state_.with([&](State& state) { state.variables.insert_or_assign(std::move(name), std::move(value)); });
}

void FakeEnvironment::add_file(const fs::path& path, std::string bytes) {
  state_.with([&](State& state) {
    add_directories(state, folder_of(key(path)));
    state.files.insert_or_assign(key(path), File{std::move(bytes), wall_time()});
  });
}

void FakeEnvironment::add_directory(const fs::path& path) {
  state_.with([&](State& state) { add_directories(state, key(path)); });
}

void FakeEnvironment::make_unsafe(const fs::path& path) {
  state_.with([&](State& state) {
    if (!state.files.contains(key(path))) {
      add_directories(state, key(path));
    }
    state.unsafe.insert(key(path));
  });
}

std::optional<std::string> FakeEnvironment::file(const fs::path& path) const {
  return state_.with_shared([&](const State& state) -> std::optional<std::string> {
    const auto found = state.files.find(key(path));
    return found == state.files.end() ? std::nullopt : std::optional(found->second.bytes);
  });
}

void FakeEnvironment::fail_writes(std::optional<Error> error) {
  state_.with([&](State& state) { state.write_error = std::move(error); });
}

void FakeEnvironment::fail_reads(std::optional<Error> error) {
  state_.with([&](State& state) { state.read_error = std::move(error); });
}

std::chrono::steady_clock::time_point FakeEnvironment::now() const noexcept {
  return std::chrono::steady_clock::time_point(nanoseconds(now_.load()));
}

std::chrono::system_clock::time_point FakeEnvironment::wall_time() const noexcept {
  return std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(nanoseconds(wall_.load())));
}

nanoseconds FakeEnvironment::thread_cpu_time() const noexcept { return nanoseconds(cpu_.load()); }

Result<std::string> FakeEnvironment::random_bytes(std::size_t count) const {
  std::string out;
  while (out.size() < count) {
    const Digest block = sha256(fmt::format("{}.{}", seed_, random_blocks_++));
    out.append(reinterpret_cast<const char*>(block.bytes.data()), block.bytes.size());
  }
  out.resize(count);
  return out;
}

std::optional<std::string> FakeEnvironment::variable(const std::string& name) const {
  return state_.with_shared([&](const State& state) -> std::optional<std::string> {
    const auto found = state.variables.find(name);
    return found == state.variables.end() || found->second.empty() ? std::nullopt : std::optional(found->second);
  });
}

std::vector<std::string> FakeEnvironment::variable_names() const {
  return state_.with_shared([&](const State& state) {
    std::vector<std::string> out;
    for (const auto& [name, value] : state.variables) {
      if (!value.empty()) {
        out.push_back(name);
      }
    }
    return out;
  });
}

Result<std::string> FakeEnvironment::real_directory(const fs::path& path) const {
  const fs::path wanted = path.empty() ? fs::path(".") : key(path);
  return state_.with_shared([&](const State& state) -> Result<std::string> {
    if (state.read_error) {
      return *state.read_error;
    }
    if (!is_whole(path)) {
      return cut_path();
    }
    if (state.files.contains(wanted)) {
      return Error{Category::kInvalidArgument, "file.not_a_file",
                   fmt::format("cannot use '{}': it is no directory", path.native())};
    }
    if (!state.directories.contains(wanted)) {
      return missing(path, "there is no such directory");
    }
    return key(fs::path("/") / wanted).native();
  });
}

Result<std::string> FakeEnvironment::real_path(const fs::path& path) const {
  if (file(path)) {
    return key(fs::path("/") / key(path)).native();
  }
  return real_directory(path);
}

Result<std::string> FakeEnvironment::read_trusted_file(const fs::path& path, std::uint64_t max_bytes) const {
  const bool is_unsafe = state_.with_shared([&](const State& state) { return state.unsafe.contains(key(path)); });
  if (is_unsafe) {
    return Error{Category::kPermissionDenied, "file.unsafe_file",
                 fmt::format("'{}' is not safe to use", path.native())};
  }
  return read_file(path, max_bytes);
}

Result<std::string> FakeEnvironment::read_file(const fs::path& path, std::uint64_t max_bytes) const {
  return state_.with_shared([&](const State& state) -> Result<std::string> {
    if (state.read_error) {
      return *state.read_error;
    }
    if (!is_whole(path)) {
      return cut_path();
    }
    if (state.directories.contains(key(path))) {
      return not_a_file(path);
    }
    const auto found = state.files.find(key(path));
    if (found == state.files.end()) {
      return missing(path, "there is no such file");
    }
    const std::string& bytes = found->second.bytes;
    if (bytes.size() > max_bytes) {
      return Error{Category::kResourceExhausted, "file.too_large",
                   fmt::format("'{}' has {} bytes; at most {} are read", path.native(), bytes.size(), max_bytes)};
    }
    return bytes;
  });
}

Result<SealedMemory> FakeEnvironment::read_sealed_file(const fs::path& path, std::uint64_t max_bytes) const {
  CAISSON_TRY(const std::string bytes, read_file(path, max_bytes));
  return SealedMemory::copy_of(bytes);
}

Status FakeEnvironment::write_private_file(const fs::path& path, std::string_view bytes) {
  return state_.with([&](State& state) -> Status {
    if (state.write_error) {
      return *state.write_error;
    }
    if (!is_whole(path)) {
      return cut_path();
    }
    if (state.directories.contains(key(path))) {
      return not_a_file(path);
    }
    if (!state.directories.contains(folder_of(key(path)))) {
      return missing(path, "its folder does not exist");
    }
    state.files.insert_or_assign(key(path), File{std::string(bytes), wall_time()});
    return {};
  });
}

Status FakeEnvironment::make_private_directory(const fs::path& path) {
  return state_.with([&](State& state) -> Status {
    if (state.write_error) {
      return *state.write_error;
    }
    if (!is_whole(path)) {
      return cut_path();
    }
    if (state.files.contains(key(path)) || state.unsafe.contains(key(path))) {
      return Error{Category::kPermissionDenied, "file.unsafe_directory",
                   fmt::format("'{}' is not safe to use", path.native())};
    }
    return add_directories(state, key(path)) ? Status() : missing(path, "a part of its path is not a directory");
  });
}

Result<std::vector<FileEntry>> FakeEnvironment::list_files(const fs::path& path) const {
  return state_.with_shared([&](const State& state) -> Result<std::vector<FileEntry>> {
    if (state.read_error) {
      return *state.read_error;
    }
    if (!is_whole(path)) {
      return cut_path();
    }
    if (state.files.contains(key(path))) {
      return missing(path, "a part of its path is not a directory");
    }
    std::vector<FileEntry> out;
    for (const auto& [name, file] : state.files) {
      if (folder_of(name) == key(path)) {
        out.push_back({name.filename().native(), file.bytes.size(), file.used});
      }
    }
    return out;
  });
}

void FakeEnvironment::touch_file(const fs::path& path) noexcept {
  state_.with([&](State& state) {
    if (const auto found = state.files.find(key(path)); found != state.files.end()) {
      found->second.used = wall_time();
    }
  });
}

Status FakeEnvironment::remove_file(const fs::path& path) {
  return state_.with([&](State& state) -> Status {
    if (state.write_error) {
      return *state.write_error;
    }
    if (!is_whole(path)) {
      return cut_path();
    }
    if (state.directories.contains(key(path))) {
      return not_a_file(path);
    }
    state.files.erase(key(path));
    return {};
  });
}

}  // namespace caisson::base
