#include "engine/internal/wit.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace caisson::engine {

namespace {

constexpr int kDeepest = 8;             // of a type that is written down
constexpr std::size_t kLongest = 1000;  // of the text of a signature

/// Owns a type of a value.
class Type {
 public:
  /// Nothing where `read` says that there is none.
  template <typename Read>
  static std::optional<Type> from(Read read) {
    std::optional<Type> out(std::in_place);
    if (!read(&out->type_)) {
      out->type_.kind = WASMTIME_COMPONENT_VALTYPE_BOOL;  // which owns nothing
      out.reset();
    }
    return out;
  }
  Type() noexcept : type_{} {}
  Type(Type&& other) noexcept : type_(std::exchange(other.type_, {})) {}
  Type& operator=(Type&&) = delete;
  ~Type() { wasmtime_component_valtype_delete(&type_); }

  [[nodiscard]] const wasmtime_component_valtype_t& operator*() const noexcept { return type_; }

 private:
  wasmtime_component_valtype_t type_;
};

constexpr std::array<std::string_view, 13> kPlain = {"bool", "s8",  "s16", "s32", "s64",  "u8",    "u16",
                                                     "u32",  "u64", "f32", "f64", "char", "string"};
static_assert(WASMTIME_COMPONENT_VALTYPE_STRING == kPlain.size() - 1);

class Writer {
 public:
  void function(const wasmtime_component_func_type_t& type) {
    out_ = wasmtime_component_func_type_async(&type) ? "async func(" : "func(";
    for (std::size_t i = 0; i < wasmtime_component_func_type_param_count(&type); ++i) {
      const char* name = nullptr;
      std::size_t size = 0;
      const auto parameter =
          Type::from([&](auto* t) { return wasmtime_component_func_type_param_nth(&type, i, &name, &size, t); });
      item(i, {name, size}, ": ", parameter, "");
    }
    out_ += ')';
    if (const auto result = Type::from([&](auto* t) { return wasmtime_component_func_type_result(&type, t); })) {
      out_ += " -> ";
      value(**result);
    }
  }
  std::string take() { return std::move(out_); }

 private:
  /// One of several, which stand between commas: its name, and the type that it has.
  void item(std::size_t place, std::string_view name, std::string_view before, const std::optional<Type>& type,
            std::string_view after) {
    out_ += place == 0 ? "" : ", ";
    out_ += name;
    if (type) {
      out_ += before;
      value(**type);
      out_ += after;
    }
  }

  /// `name { ... }` with the items that `one` writes until the text is long.
  template <typename One>
  void list(std::string_view open, std::string_view close, std::size_t count, One one) {
    out_ += open;
    for (std::size_t i = 0; i < count && out_.size() <= kLongest; ++i) {
      one(i);
    }
    out_ += close;
  }

  void value(const wasmtime_component_valtype_t& type) {
    if (depth_ > kDeepest || out_.size() > kLongest) {
      out_ += "...";
      return;
    }
    ++depth_;
    if (type.kind < kPlain.size()) {
      out_ += kPlain[type.kind];
    } else {
      compound(type);
    }
    --depth_;
  }

  void compound(const wasmtime_component_valtype_t& type) {
    const auto& of = type.of;
    const char* name = nullptr;
    std::size_t size = 0;
    switch (type.kind) {
      case WASMTIME_COMPONENT_VALTYPE_LIST:
        return list("list<", ">", 1, [&](std::size_t i) {
          item(i, "", "", Type::from([&](auto* t) { return wasmtime_component_list_type_element(of.list, t), true; }),
               "");
        });
      case WASMTIME_COMPONENT_VALTYPE_OPTION:
        return list("option<", ">", 1, [&](std::size_t i) {
          item(i, "", "", Type::from([&](auto* t) { return wasmtime_component_option_type_ty(of.option, t), true; }),
               "");
        });
      case WASMTIME_COMPONENT_VALTYPE_TUPLE:
        return list("tuple<", ">", wasmtime_component_tuple_type_types_count(of.tuple), [&](std::size_t i) {
          item(i, "", "", Type::from([&](auto* t) { return wasmtime_component_tuple_type_types_nth(of.tuple, i, t); }),
               "");
        });
      case WASMTIME_COMPONENT_VALTYPE_RESULT:
        return result(*of.result);
      case WASMTIME_COMPONENT_VALTYPE_RECORD:
        return list("record { ", " }", wasmtime_component_record_type_field_count(of.record), [&](std::size_t i) {
          const auto field = Type::from(
              [&](auto* t) { return wasmtime_component_record_type_field_nth(of.record, i, &name, &size, t); });
          item(i, {name, size}, ": ", field, "");
        });
      case WASMTIME_COMPONENT_VALTYPE_VARIANT:
        return list("variant { ", " }", wasmtime_component_variant_type_case_count(of.variant), [&](std::size_t i) {
          const auto payload = Type::from([&](auto* t) {
            bool has_payload = false;
            wasmtime_component_variant_type_case_nth(of.variant, i, &name, &size, &has_payload, t);
            return has_payload;
          });
          item(i, {name, size}, "(", payload, ")");
        });
      case WASMTIME_COMPONENT_VALTYPE_ENUM:
        return list("enum { ", " }", wasmtime_component_enum_type_names_count(of.enum_), [&](std::size_t i) {
          wasmtime_component_enum_type_names_nth(of.enum_, i, &name, &size);
          item(i, {name, size}, "", {}, "");
        });
      case WASMTIME_COMPONENT_VALTYPE_FLAGS:
        return list("flags { ", " }", wasmtime_component_flags_type_names_count(of.flags), [&](std::size_t i) {
          wasmtime_component_flags_type_names_nth(of.flags, i, &name, &size);
          item(i, {name, size}, "", {}, "");
        });
      case WASMTIME_COMPONENT_VALTYPE_OWN:
      case WASMTIME_COMPONENT_VALTYPE_BORROW:
        out_ += "resource";
        return;
      default:
        out_ += "...";
    }
  }

  void result(const wasmtime_component_result_type_t& type) {
    const auto good = Type::from([&](auto* t) { return wasmtime_component_result_type_ok(&type, t); });
    const auto bad = Type::from([&](auto* t) { return wasmtime_component_result_type_err(&type, t); });
    out_ += "result";
    if (good || bad) {
      out_ += '<';
      item(0, good ? "" : "_", "", good, "");
      if (bad) {
        item(1, "", "", bad, "");
      }
      out_ += '>';
    }
  }

  std::string out_;
  int depth_ = 0;
};

}  // namespace

std::string wit_of(const wasmtime_component_func_type_t& function) {
  Writer writer;
  writer.function(function);
  return writer.take();
}

}  // namespace caisson::engine
