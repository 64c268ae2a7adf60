#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace caisson {

/// Immutable bytes with a media type, shared by everyone who holds a copy: passing one costs a reference count.
///
/// Bytes are held in std::string, which here means bytes, not text; `media_type` says what they are.
/// Threads: safe to share; nothing ever changes the bytes.
class Payload {
 public:
  static constexpr std::string_view kText = "text/plain; charset=utf-8";
  static constexpr std::string_view kJson = "application/json";
  static constexpr std::string_view kBytes = "application/octet-stream";

  /// Empty text.
  Payload() = default;
  explicit Payload(std::string bytes, std::string_view media_type = kText)
      : body_(std::make_shared<const Body>(Body{std::move(bytes), std::string(media_type)})) {}

  /// Valid as long as any copy of this payload lives.
  [[nodiscard]] std::string_view bytes() const noexcept {
    return body_ ? std::string_view(body_->bytes) : std::string_view();
  }
  [[nodiscard]] std::string_view media_type() const noexcept {
    return body_ ? std::string_view(body_->media_type) : kText;
  }
  [[nodiscard]] std::size_t size() const noexcept { return bytes().size(); }
  [[nodiscard]] bool empty() const noexcept { return bytes().empty(); }

  friend bool operator==(const Payload& a, const Payload& b) noexcept {
    return a.bytes() == b.bytes() && a.media_type() == b.media_type();
  }

 private:
  struct Body {
    std::string bytes;
    std::string media_type;
  };
  // shared_ptr: one value flows to many nodes on many threads, and the last one to finish frees it (ADR 0004).
  std::shared_ptr<const Body> body_;
};

}  // namespace caisson
