#pragma once

#include <string>

#include <string.h>

namespace caisson::base {

/// Overwrites a text that held a secret, and leaves it empty. What was copied from it elsewhere stays.
inline void wipe(std::string& text) noexcept {
  text.resize(text.capacity());  // also what an earlier, longer text left behind its end
  explicit_bzero(text.data(), text.size());
  text.clear();
}

/// Wipes a text when it goes out of scope.
class WipeAtEnd {
 public:
  explicit WipeAtEnd(std::string& text) noexcept : text_(text) {}
  WipeAtEnd(const WipeAtEnd&) = delete;
  WipeAtEnd& operator=(const WipeAtEnd&) = delete;
  ~WipeAtEnd() { wipe(text_); }

 private:
  std::string& text_;
};

}  // namespace caisson::base
