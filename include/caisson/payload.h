#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace caisson {

/// Immutable bytes with a media type, shared by everyone who holds a copy: passing one costs a reference count.
///
/// std::string here means bytes, not text; `media_type` says what they are.
/// Threads: safe to share; nothing ever changes the bytes.
class Payload {
 public:
  static constexpr std::string_view kText = "text/plain; charset=utf-8";
  static constexpr std::string_view kJson = "application/json";
  static constexpr std::string_view kBytes = "application/octet-stream";

  /// Empty text.
  Payload() = default;
  explicit Payload(std::string bytes, std::string_view media_type = kText)
      : body_(std::make_shared<const Body>(std::move(bytes), media_type)) {}
  /// Takes over bytes that something else holds, without copying them. `owner` keeps them alive and unchanged.
  Payload(std::shared_ptr<const void> owner, std::string_view bytes, std::string_view media_type)
      : body_(std::make_shared<const Body>(std::move(owner), bytes, media_type)) {}

  /// Valid as long as any copy of this payload lives.
  [[nodiscard]] std::string_view bytes() const noexcept { return body_ ? body_->bytes : std::string_view(); }
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
    Body(std::string b, std::string_view m) : text(std::move(b)), bytes(text), media_type(m) {}
    Body(std::shared_ptr<const void> o, std::string_view b, std::string_view m)
        : owner(std::move(o)), bytes(b), media_type(m) {}
    Body(const Body&) = delete;
    Body& operator=(const Body&) = delete;
    ~Body() = default;

    std::string text{};                   // holds the bytes, or
    std::shared_ptr<const void> owner{};  // this does
    std::string_view bytes;
    std::string media_type;
  };
  // shared_ptr: one value flows to many nodes on many threads, and the last one to finish frees it (ADR 0004).
  std::shared_ptr<const Body> body_;
};

}  // namespace caisson
