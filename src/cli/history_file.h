#pragma once

#include "base/environment.h"

#include <caisson/result.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace caisson::cli {

/// `NAME_history` in $XDG_STATE_HOME/caisson, else in ~/.local/state/caisson. Nothing when neither is known.
[[nodiscard]] std::optional<std::string> history_path(const base::Environment& environment, std::string_view name);

/// The file in which the lines that somebody typed last over the runs of a program; only its owner may read it.
///
/// The format is that of who edits the lines: a function reads a whole file, and another one writes lines.
/// Several programs may add to one file.
///
/// Threads: one.
class HistoryFile {
 public:
  static constexpr std::size_t kMostLines = 1000;

  enum class Part : std::uint8_t {
    kAll,   ///< the last kMostLines
    kLast,  ///< the last one
  };

  struct Format {
    /// Reads the file at that path. The number of its lines; nothing when it is none of that format.
    std::function<std::optional<std::size_t>(const std::string& path)> read;
    /// Writes lines, with what a file begins with if this one is empty. False: it cannot.
    std::function<bool(Part part, std::FILE* file)> write;
  };

  /// Reads what is there, or makes the file and its folders. What is older than the last kMostLines goes.
  /// Errors: file.*; invalid_argument / file.not_a_file: what is there is no history, and stays as it is.
  [[nodiscard]] static Result<std::unique_ptr<HistoryFile>> open(const std::string& path, Format format);
  HistoryFile(const HistoryFile&) = delete;
  HistoryFile& operator=(const HistoryFile&) = delete;
  ~HistoryFile() = default;

  /// Adds the line that `write` gives as the last one. Errors: file.*.
  [[nodiscard]] Status add();

 private:
  struct Close {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, Close>;

  HistoryFile(std::string path, Format format) : path_(std::move(path)), format_(std::move(format)) {}

  /// The open file, which takes the descriptor; nullptr when there is none, or it cannot.
  [[nodiscard]] static File adopt(int fd, const char* mode);
  [[nodiscard]] Status open_file();
  [[nodiscard]] Status shorten();

  const std::string path_;
  const Format format_;
  File file_;
  std::size_t lines_ = 0;  ///< that it has at most
};

}  // namespace caisson::cli
