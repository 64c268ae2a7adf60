#include "attack/internal/bombs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace caisson::attack {

namespace {

std::string leb(std::uint64_t value) {
  std::string out;
  do {
    auto byte = static_cast<std::uint8_t>(value & 0x7fU);
    value >>= 7U;
    out += static_cast<char>(byte | (value != 0 ? 0x80U : 0U));
  } while (value != 0);
  return out;
}

std::string bytes(std::initializer_list<unsigned> all) {
  std::string out;
  for (const unsigned byte : all) {
    out += static_cast<char>(byte);
  }
  return out;
}

std::string times(std::uint64_t count, std::string_view what) {
  std::string out;
  out.reserve(count * what.size());
  for (std::uint64_t i = 0; i < count; ++i) {
    out += what;
  }
  return out;
}

std::string section(unsigned id, std::string_view content) {
  return bytes({id}) + leb(content.size()) + std::string(content);
}

std::string head() { return bytes({0, 'a', 's', 'm', 1, 0, 0, 0}); }
std::string type_section() { return section(1, bytes({1, 0x60, 0, 0})); }  // () -> ()
std::string function_section() { return section(3, bytes({1, 0})); }
constexpr std::string_view kEnd("\x0b", 1);

/// A module with so many functions of this body: locals and instructions without the last `end`.
std::string same_functions(std::uint64_t count, std::string_view locals, std::string_view code) {
  const std::string body = std::string(locals) + std::string(code) + std::string(kEnd);
  return head() + type_section() + section(3, leb(count) + times(count, std::string_view("\0", 1))) +
         section(10, leb(count) + times(count, leb(body.size()) + body));
}
std::string one_function(std::string_view locals, std::string_view code) { return same_functions(1, locals, code); }

constexpr std::string_view kNoLocals("\0", 1);
constexpr std::string_view kLoop("\x03\x40", 2);
constexpr std::string_view kBlock("\x02\x40", 2);

std::string functions(std::uint64_t count) {
  return head() + type_section() + section(3, leb(count) + times(count, std::string_view("\0", 1))) +
         section(10, leb(count) + times(count, std::string_view("\x02\0\x0b", 3)));
}

std::string body(std::uint64_t count) { return one_function(kNoLocals, times(count, "\x01")); }  // nop

std::string nested_loops(std::uint64_t count, std::uint64_t functions) {
  // As many local variables as loops, each set in each loop: the compiler's tables grow with the square.
  const std::string locals = leb(1) + leb(count * 4) + bytes({0x7f});
  std::string code;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string local = leb(i * 4);
    code.append(kLoop).append(bytes({0x20})).append(local).append(bytes({0x41, 1, 0x6a, 0x21})).append(local);
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    code += bytes({0x20}) + leb(i * 4) + bytes({0x0d, 0}) + std::string(kEnd);  // br_if 0
  }
  return same_functions(functions, locals, code);
}

/// Functions that are each as hard to compile as their structure may be.
std::string hard_functions(std::uint64_t count) { return nested_loops(480, count); }

std::string nesting(std::uint64_t count) { return one_function(kNoLocals, times(count, kBlock) + times(count, kEnd)); }

std::string br_table(std::uint64_t count) {
  return one_function(kNoLocals, std::string(kBlock) + bytes({0x41, 0, 0x0e}) + leb(count) +
                                     times(count, std::string_view("\0", 1)) + bytes({0}) + std::string(kEnd));
}

std::string operands(std::uint64_t count) {
  return one_function(kNoLocals, times(count, std::string_view("\x41\0", 2)) + times(count, "\x1a"));  // const, drop
}

std::string types(std::uint64_t count) {
  return head() + section(1, leb(count) + times(count, std::string_view("\x60\0\0", 3)));
}

std::string locals(std::uint64_t count) { return one_function(leb(1) + leb(count) + bytes({0x7f}), ""); }

std::string imports(std::uint64_t count) {
  return head() + type_section() + section(2, leb(count) + times(count, std::string_view("\1a\1b\0\0", 6)));
}

std::string exports(std::uint64_t count) {
  std::string all = leb(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string name = fmt::format("f{}", i);
    all += leb(name.size()) + name + bytes({0, 0});
  }
  return head() + type_section() + function_section() + section(7, all) + section(10, bytes({1, 2, 0, 0x0b}));
}

/// Data too far apart to be one image.
std::string data_segments(std::uint64_t count) {
  return head() + section(5, bytes({1, 0}) + leb(512)) +
         section(11, leb(count) + times(count - 1, std::string_view("\0\x41\0\x0b\1x", 6)) +
                         bytes({0, 0x41, 0x80, 0x80, 0x80, 0x0c, 0x0b, 1, 'x'}));
}

std::string custom_bytes(std::uint64_t count) {
  return head() + section(0, leb(4) + "name" + std::string(count, '\x1b'));
}

/// A section that says it is as long as 32 bits can say, and is not.
std::string long_section(std::uint64_t /*count*/) { return head() + bytes({10, 0xff, 0xff, 0xff, 0xff, 0x0f, 1}); }

/// Debugging information that is nothing but noise, around a function that traps.
std::string debug_noise(std::uint64_t count) {
  std::string noise;
  std::uint32_t state = 1;
  for (std::uint64_t i = 0; i < count; ++i) {
    state = state * 1'664'525U + 1'013'904'223U;
    noise += static_cast<char>(state >> 24U);
  }
  std::string out = head();
  for (const std::string_view name : {".debug_info", ".debug_abbrev", ".debug_line", ".debug_str"}) {
    out += section(0, leb(name.size()) + std::string(name) + noise);
  }
  // (memory (export "memory") 1) (func (export "run") (result i32) unreachable)
  return out + section(1, bytes({1, 0x60, 0, 1, 0x7f})) + section(3, bytes({1, 0})) + section(5, bytes({1, 0, 1})) +
         section(7, bytes({2}) + leb(6) + "memory" + bytes({2, 0}) + leb(3) + "run" + bytes({0, 0})) +
         section(10, bytes({1, 3, 0, 0x00, 0x0b}));
}

/// Components inside one another.
std::string components(std::uint64_t count) {
  const std::string component_head = bytes({0, 'a', 's', 'm', 0x0d, 0, 1, 0});
  std::string out = component_head;
  for (std::uint64_t i = 0; i < count; ++i) {
    out = section(4, out).insert(0, component_head);
  }
  return out;
}

struct Row {
  std::string_view name;
  std::string (*make)(std::uint64_t count);
};

constexpr auto kBombs = std::to_array<Row>({
    {"body", &body},
    {"br_table", &br_table},
    {"components", &components},
    {"custom_bytes", &custom_bytes},
    {"data_segments", &data_segments},
    {"debug_noise", &debug_noise},
    {"exports", &exports},
    {"functions", &functions},
    {"hard_functions", &hard_functions},
    {"imports", &imports},
    {"locals", &locals},
    {"long_section", &long_section},
    {"nested_loops", [](std::uint64_t count) { return nested_loops(count, 1); }},
    {"nesting", &nesting},
    {"operands", &operands},
    {"types", &types},
});

}  // namespace

Result<std::string> make_bomb(const document::Value& what) {
  const document::Value* name = what.find("bomb");
  const document::Value* count = what.find("count");
  const auto* const row = name == nullptr || name->as_string() == nullptr
                              ? kBombs.end()
                              : std::ranges::find(kBombs, *name->as_string(), &Row::name);
  if (row == kBombs.end() || (count != nullptr && (count->as_integer() == nullptr || *count->as_integer() < 0))) {
    return Error{Category::kInvalidArgument, "attack.invalid_case",
                 fmt::format("line {}: there is no such bomb", what.mark().line)};
  }
  return row->make(count == nullptr ? 1 : static_cast<std::uint64_t>(*count->as_integer()));
}

}  // namespace caisson::attack
