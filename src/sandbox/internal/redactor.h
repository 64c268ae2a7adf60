#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace caisson::sandbox {

/// Replaces secrets in what a guest may see or leave behind: as they are, and in base64 (both alphabets, wherever in
/// the encoded text they begin). Best effort: whoever got hold of a value can write it in other ways.
///
/// Lifetime: the destructor wipes what it looks for.
class Redactor {
 public:
  Redactor() = default;
  Redactor(const Redactor&) = delete;
  Redactor& operator=(const Redactor&) = delete;
  ~Redactor();

  /// From now on the value is replaced by `[secret NAME]`; at least 8 bytes.
  void add(std::string_view name, std::string_view value);
  [[nodiscard]] bool empty() const noexcept { return patterns_.empty(); }
  /// Whether anything was replaced.
  bool apply(std::string& text) const;

 private:
  struct Pattern {
    std::string text;
    std::string replacement;
  };
  void add_pattern(std::string_view name, std::string text);

  std::vector<Pattern> patterns_;
};

}  // namespace caisson::sandbox
