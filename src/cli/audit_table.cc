#include "cli/audit_table.h"

#include "base/unicode.h"

#include <fmt/format.h>

#include <string_view>

namespace caisson::cli {

namespace {

using document::Value;

constexpr std::size_t kModuleShown = 12;
constexpr std::string_view kRow = "{:>7}  {:27}  {:16}  {:20}  {:26}  {:>10}  {:>12}  {:>10}  {}";

std::string text_of(const Value& record, std::string_view name) {
  const Value* const value = record.find(name);
  const std::string* const text = value == nullptr ? nullptr : value->as_string();
  return text == nullptr ? std::string() : *text;
}

/// Empty when there is none.
std::string number_of(const Value* map, std::string_view name) {
  const Value* const value = map == nullptr ? nullptr : map->find(name);
  const std::int64_t* const number = value == nullptr ? nullptr : value->as_integer();
  return number == nullptr ? std::string() : std::to_string(*number);
}

std::string shown(const std::string& text, std::size_t width) { return base::printable(base::shorten(text, width)); }

std::string milliseconds(const Value* usage) {
  const Value* const wall = usage == nullptr ? nullptr : usage->find("wall_ns");
  const std::int64_t* const nanoseconds = wall == nullptr ? nullptr : wall->as_integer();
  return nanoseconds == nullptr ? std::string() : fmt::format("{:.3f}", static_cast<double>(*nanoseconds) / 1e6);
}

/// What a record that is not about a call says.
std::string event_of(const std::string& type, const Value& record) {
  if (type == "open") {
    return fmt::format("the log is opened; chain {}", shown(text_of(record, "chain"), 20));
  }
  if (type == "close") {
    return "the log is closed";
  }
  if (type == "rotate") {
    return fmt::format("a new file is begun; kept from record {}", number_of(&record, "first"));
  }
  if (type == "torn") {
    return fmt::format("{} bytes before this are a record that was not finished", number_of(&record, "bytes"));
  }
  if (type == "lost") {
    return fmt::format("the file, which ended with record {}, was {} by somebody else; this one goes on",
                       number_of(&record, "last"), shown(text_of(record, "what"), 20));
  }
  if (type == "disk_full") {
    return "the disk was full; nothing more was run";
  }
  return shown(type, 40);
}

}  // namespace

std::string audit_table_head() {
  return fmt::format(fmt::runtime(std::string(kRow) + "\n"), "RECORD", "TIME", "RUN", "NODE", "VERDICT", "WALL MS",
                     "FUEL", "MEMORY", "MODULE");
}

std::string audit_table_rows(const Value& record) {
  const std::string sequence = number_of(&record, "seq");
  const std::string time = shown(text_of(record, "time"), 27);
  const std::string type = text_of(record, "type");
  if (type != "call") {
    return fmt::format("{:>7}  {:27}  -- {}\n", sequence, time, event_of(type, record));
  }
  const std::string reason = text_of(record, "reason");
  const Value* const usage = record.find("usage");
  std::string out =
      fmt::format(fmt::runtime(std::string(kRow) + "\n"), sequence, time, shown(text_of(record, "run"), 16),
                  shown(text_of(record, "node"), 20), shown(reason.empty() ? text_of(record, "status") : reason, 26),
                  milliseconds(usage), number_of(usage, "fuel"), number_of(usage, "memory_bytes"),
                  base::printable(text_of(record, "module").substr(0, kModuleShown)));
  const Value* const violations = record.find("violations");
  if (const document::List* const list = violations == nullptr ? nullptr : violations->as_list()) {
    for (const Value& violation : *list) {
      out += fmt::format("{:>9}{}, {}: {}\n", "", shown(text_of(violation, "kind"), 20),
                         shown(text_of(violation, "severity"), 20), shown(text_of(violation, "description"), 600));
    }
  }
  if (const std::string more = number_of(&record, "more_violations"); !more.empty()) {
    out += fmt::format("{:>9}{} more violations\n", "", more);
  }
  return out;
}

}  // namespace caisson::cli
