#include "sandbox/internal/redactor.h"

#include "base/encoding.h"
#include "base/wipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace caisson::sandbox {

namespace {

/// The characters of base64 that depend on the value alone when it stands behind `before` other bytes (modulo 3).
std::string base64_core(std::string_view value, std::size_t before) {
  std::string bytes(before, '\0');
  bytes += value;
  const base::WipeAtEnd wipe_bytes(bytes);
  std::string encoded = base::base64(bytes);
  const base::WipeAtEnd wipe_encoded(encoded);
  const std::size_t first = before == 0 ? 0 : before + 1;
  const std::size_t last = bytes.size() * 8 / 6;  // the character behind it has bits of what follows
  return encoded.substr(first, last - first);
}

}  // namespace

Redactor::~Redactor() {
  for (Pattern& pattern : patterns_) {
    base::wipe(pattern.text);
  }
}

void Redactor::add(std::string_view name, std::string_view value) {
  add_pattern(name, std::string(value));
  for (std::size_t before = 0; before < 3; ++before) {
    std::string core = base64_core(value, before);
    std::string for_urls = core;
    std::ranges::replace(for_urls, '+', '-');
    std::ranges::replace(for_urls, '/', '_');
    add_pattern(name, std::move(core));
    add_pattern(name, std::move(for_urls));
  }
}

void Redactor::add_pattern(std::string_view name, std::string text) {
  if (std::ranges::find(patterns_, text, &Pattern::text) == patterns_.end()) {
    patterns_.push_back({std::move(text), fmt::format("[secret {}]", name)});
  } else {
    base::wipe(text);
  }
}

bool Redactor::apply(std::string& text) const {
  bool replaced = false;
  for (const Pattern& pattern : patterns_) {
    std::size_t at = text.find(pattern.text);
    if (at == std::string::npos) {
      continue;
    }
    replaced = true;
    std::string out;
    std::size_t from = 0;
    for (; at != std::string::npos; at = text.find(pattern.text, from)) {
      out.append(text, from, at - from).append(pattern.replacement);
      from = at + pattern.text.size();
    }
    out.append(text, from);
    base::wipe(text);
    text = std::move(out);
  }
  return replaced;
}

}  // namespace caisson::sandbox
