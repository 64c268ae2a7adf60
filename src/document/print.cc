#include "document/print.h"

#include "base/unicode.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>

namespace caisson::document {

namespace {

bool needs_escape(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

class Printer {
 public:
  explicit Printer(JsonStyle style) : indented_(style == JsonStyle::kIndented) {}

  void print(const Value& value) {
    switch (value.kind()) {
      case Kind::kNull:
        out_ += "null";
        return;
      case Kind::kBool:
        out_ += *value.as_bool() ? "true" : "false";
        return;
      case Kind::kInteger:
        fmt::format_to(std::back_inserter(out_), "{}", *value.as_integer());
        return;
      case Kind::kNumber:
        number(*value.as_number());
        return;
      case Kind::kString:
        string(*value.as_string());
        return;
      case Kind::kList:
        items('[', *value.as_list(), ']', [this](const Value& item) { print(item); });
        return;
      case Kind::kMap:
        items('{', *value.as_map(), '}', [this](const Entry& entry) {
          string(entry.name);
          out_ += indented_ ? ": " : ":";
          print(entry.value);
        });
        return;
    }
  }

  [[nodiscard]] std::string take() && { return std::move(out_); }

 private:
  /// The shortest digits that read back as the same double; with a fraction or an exponent, so that it stays one.
  void number(double number) {
    if (!std::isfinite(number)) {
      out_ += "null";
      return;
    }
    std::array<char, 32> digits{};
    const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    const std::string_view text(digits.data(), static_cast<std::size_t>(result.ptr - digits.data()));
    out_ += text;
    if (text.find_first_of(".e") == std::string_view::npos) {
      out_ += ".0";
    }
  }

  void string(std::string_view text) {
    if (std::ranges::none_of(text, needs_escape) && base::is_utf8(text)) {
      out_ += '"';
      out_ += text;
      out_ += '"';
      return;
    }
    out_ += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }

  template <typename Items, typename PrintItem>
  void items(char open, const Items& all, char close, PrintItem&& print_item) {
    out_ += open;
    depth_ += 2;
    bool first = true;
    for (const auto& item : all) {
      if (!first) {
        out_ += ',';
      }
      first = false;
      new_line();
      print_item(item);
    }
    depth_ -= 2;
    if (!first) {
      new_line();
    }
    out_ += close;
  }

  void new_line() {
    if (indented_) {
      out_ += '\n';
      out_.append(depth_, ' ');
    }
  }

  std::string out_;
  std::size_t depth_ = 0;  // in spaces
  bool indented_;
};

}  // namespace

std::string to_json(const Value& value, JsonStyle style) {
  Printer printer(style);
  printer.print(value);
  return std::move(printer).take();
}

}  // namespace caisson::document
