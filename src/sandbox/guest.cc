#include "sandbox/guest.h"

#include "base/suggest.h"
#include "base/unicode.h"
#include "sandbox/internal/imports.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace caisson::sandbox {

namespace {

using engine::Export;
using engine::ExternType;
using engine::ModuleInfo;
using engine::Signature;
using engine::ValueType;

constexpr std::size_t kNamesShown = 12;
constexpr std::uint64_t kPageBytes = 65536;

Signature allocator() { return {{ValueType::kI32}, {ValueType::kI32}}; }
Signature no_values() { return {}; }
Signature abi_version() { return {{}, {ValueType::kI32}}; }
Signature buffer_process() { return {{ValueType::kI32, ValueType::kI32}, {ValueType::kI64}}; }
Signature c_style_process() { return {{ValueType::kI32, ValueType::kI32, ValueType::kI32}, {ValueType::kI32}}; }
Signature c_style_deallocate() { return {{ValueType::kI32, ValueType::kI32}, {}}; }
Signature zero_terminated_process() { return {{ValueType::kI32}, {ValueType::kI32}}; }

std::string shown(std::string_view name) { return base::printable(base::shorten(name, 64)); }

/// `a, b, c and 4 more`, for names a guest chose.
std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < kNamesShown; ++i) {
    out += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > kNamesShown) {
    out += fmt::format(" and {} more", names.size() - kNamesShown);
  }
  return out.empty() ? "nothing" : out;
}

std::string exported(const ModuleInfo& info) {
  std::vector<std::string> names;
  names.reserve(info.exports.size());
  for (const Export& entry : info.exports) {
    names.push_back(!entry.wit.empty() ? shown(entry.name)
                    : entry.type == ExternType::kFunction
                        ? fmt::format("{}{}", shown(entry.name), engine::to_string(entry.signature))
                        : fmt::format("{} ({})", shown(entry.name), engine::to_string(entry.type)));
  }
  return listed(names);
}

bool is_function(const ModuleInfo& info, std::string_view name) {
  const Export* found = info.find_export(name);
  return found != nullptr && found->type == ExternType::kFunction;
}

Error missing(const ModuleInfo& info, ExternType type, std::string_view name, std::string_view abi) {
  return {Category::kInvalidArgument, "sandbox.missing_export",
          fmt::format("the module follows the {} ABI but does not export the {} '{}'; it exports {}", abi,
                      engine::to_string(type), shown(name), exported(info))};
}

Status require_memory(const ModuleInfo& info, std::string_view abi) {
  const Export* found = info.find_export("memory");
  if (found == nullptr || found->type != ExternType::kMemory) {
    return missing(info, ExternType::kMemory, "memory", abi);
  }
  return {};
}

std::uint64_t memory_at_start(const ModuleInfo& info) {
  const Export* memory = info.find_export("memory");
  return memory != nullptr && memory->type == ExternType::kMemory ? memory->minimum_pages * kPageBytes : 0;
}

Status require_function(const ModuleInfo& info, std::string_view name, const Signature& signature,
                        std::string_view abi) {
  const Export* found = info.find_export(name);
  if (found == nullptr || found->type != ExternType::kFunction) {
    return missing(info, ExternType::kFunction, name, abi);
  }
  if (found->signature != signature) {
    return Error{Category::kInvalidArgument, "sandbox.bad_signature",
                 fmt::format("the module exports '{}' as {}, the {} ABI wants {}", shown(name),
                             engine::to_string(found->signature), abi, engine::to_string(signature))};
  }
  return {};
}

bool numeric(ValueType type) {
  return type == ValueType::kI32 || type == ValueType::kI64 || type == ValueType::kF32 || type == ValueType::kF64;
}

Result<Guest> bind_scalar(std::shared_ptr<const engine::Module> module, const std::string& function) {
  const ModuleInfo& info = module->info();
  const Export* found = info.find_export(function);
  if (found == nullptr || found->type != ExternType::kFunction) {
    std::vector<std::string_view> names;
    for (const Export& entry : info.exports) {
      if (entry.type == ExternType::kFunction) {
        names.emplace_back(entry.name);
      }
    }
    return Error{Category::kInvalidArgument, "sandbox.missing_export",
                 fmt::format("the module exports no function '{}'{}; it exports {}", shown(function),
                             base::printable(base::did_you_mean(function, names)), exported(info))};
  }
  const auto all_numeric = [](const std::vector<ValueType>& types) {
    return std::all_of(types.begin(), types.end(), numeric);
  };
  if (!all_numeric(found->signature.parameters) || !all_numeric(found->signature.results)) {
    return Error{Category::kInvalidArgument, "sandbox.bad_signature",
                 fmt::format("the function '{}' is {}; only i32, i64, f32 and f64 can be passed", shown(function),
                             engine::to_string(found->signature))};
  }
  Signature signature = found->signature;
  return Guest{std::move(module), GuestAbi::kScalar, function, std::move(signature)};
}

Result<Guest> bind_buffer(std::shared_ptr<const engine::Module> module, const std::string& entry) {
  const ModuleInfo& info = module->info();
  CAISSON_CHECK(require_memory(info, "buffer"));
  CAISSON_CHECK(require_function(info, "caisson_alloc", allocator(), "buffer"));
  CAISSON_CHECK(require_function(info, entry, buffer_process(), "buffer"));
  if (info.find_export("caisson_abi") != nullptr) {
    CAISSON_CHECK(require_function(info, "caisson_abi", abi_version(), "buffer"));
  }
  return Guest{std::move(module), GuestAbi::kBuffer, entry, buffer_process()};
}

Result<Guest> bind_c_style(std::shared_ptr<const engine::Module> module, const std::string& entry) {
  const ModuleInfo& info = module->info();
  const Export* process = info.find_export(entry);
  if (process != nullptr && process->signature == zero_terminated_process()) {
    return Error{
        Category::kInvalidArgument, "sandbox.unsupported_abi",
        fmt::format("the module's '{}' takes and returns a zero-terminated string, an older convention that is not "
                    "supported because it cannot carry every byte; export {} instead",
                    shown(entry), engine::to_string(c_style_process()))};
  }
  CAISSON_CHECK(require_memory(info, "c-style"));
  CAISSON_CHECK(require_function(info, "allocate", allocator(), "c-style"));
  CAISSON_CHECK(require_function(info, "deallocate", c_style_deallocate(), "c-style"));
  CAISSON_CHECK(require_function(info, entry, c_style_process(), "c-style"));
  return Guest{std::move(module), GuestAbi::kCStyle, entry, c_style_process()};
}

Result<Guest> bind_command(std::shared_ptr<const engine::Module> module) {
  const ModuleInfo& info = module->info();
  CAISSON_CHECK(require_memory(info, "command"));
  CAISSON_CHECK(require_function(info, kStart, no_values(), "command"));
  return Guest{std::move(module), GuestAbi::kCommand, std::string(kStart), no_values()};
}

/// A world that components are written for: the interface they export, its function, and what that takes and gives.
struct World {
  GuestAbi abi;
  std::string_view interface;  // without what compatible versions differ in
  std::string_view function;
  std::string_view signature;
};

constexpr std::array kWorlds = {
    World{GuestAbi::kNode, "caisson:node/processor@1.", "process",
          "func(input: list<u8>) -> result<list<u8>, record { message: string, code: u16 }>"},
    World{GuestAbi::kDagwood, "dagwood:component/processing-node@1.", "process",
          "func(input: list<u8>) -> result<list<u8>, variant { invalid-input(string), "
          "processing-failed(string), input-too-large(u64) }>"},
    World{GuestAbi::kCommand, "wasi:cli/run@0.2.", "run", "func() -> result"},
};

Result<Guest> bind_component(std::shared_ptr<const engine::Module> module, const std::optional<std::string>& function) {
  const ModuleInfo& info = module->info();
  if (function) {
    return Error{Category::kInvalidArgument, "sandbox.unsupported_abi",
                 fmt::format("the file is a component, which is called by the interface that it exports; leave out the "
                             "function '{}'",
                             shown(*function))};
  }
  for (const World& world : kWorlds) {
    const auto is_entry = [&](const Export& entry) {
      return entry.name.starts_with(world.interface) && entry.name.ends_with(fmt::format("#{}", world.function));
    };
    const auto found = std::ranges::find_if(info.exports, is_entry);
    if (found == info.exports.end()) {
      continue;
    }
    if (found->wit != world.signature) {
      return Error{Category::kInvalidArgument, "sandbox.bad_signature",
                   fmt::format("the component exports '{}' as {}, the world {} wants {}", shown(found->name),
                               base::printable(found->wit), to_string(world.abi), world.signature)};
    }
    if (!module->linked()) {
      return Error{Category::kInvalidArgument, "sandbox.bad_signature",
                   fmt::format("the component imports a function with other types than it has: {}",
                               base::printable(base::shorten(module->link_error(), 500)))};
    }
    std::string entry = found->name;
    return Guest{std::move(module), world.abi, std::move(entry), {}};
  }
  return Error{
      Category::kInvalidArgument, "sandbox.missing_export",
      fmt::format("the component is of no world that is called here: it has to export caisson:node/processor@1, "
                  "dagwood:component/processing-node@1 or wasi:cli/run@0.2 (api/wit); it exports {}",
                  exported(info))};
}

Result<Guest> bind_abi(std::shared_ptr<const engine::Module> module, const std::optional<std::string>& function) {
  const ModuleInfo& info = module->info();
  if (info.kind == engine::BinaryKind::kComponent) {
    return bind_component(std::move(module), function);
  }
  if (function == kStart) {
    return bind_command(std::move(module));
  }
  if (function) {
    // A named function may still be a byte processor, by its signature and what stands beside it.
    const Export* named = info.find_export(*function);
    if (named != nullptr && named->signature == buffer_process() && is_function(info, "caisson_alloc")) {
      return bind_buffer(std::move(module), *function);
    }
    if (named != nullptr && named->signature == c_style_process() && is_function(info, "allocate")) {
      return bind_c_style(std::move(module), *function);
    }
    return bind_scalar(std::move(module), *function);
  }
  if (is_function(info, "caisson_process") || is_function(info, "caisson_alloc")) {
    return bind_buffer(std::move(module), "caisson_process");
  }
  if (is_function(info, "process") || is_function(info, "allocate") || is_function(info, "deallocate")) {
    return bind_c_style(std::move(module), "process");
  }
  if (is_function(info, kStart)) {
    return bind_command(std::move(module));
  }
  return Error{
      Category::kInvalidArgument, "sandbox.missing_export",
      fmt::format("the module follows no ABI: it exports neither caisson_process and caisson_alloc (buffer) nor "
                  "process, allocate and deallocate (c-style) nor _start (command), and no function was named; it "
                  "exports {}",
                  exported(info))};
}

}  // namespace

std::string_view to_string(GuestAbi abi) noexcept {
  switch (abi) {
    case GuestAbi::kBuffer:
      return "buffer";
    case GuestAbi::kCStyle:
      return "c-style";
    case GuestAbi::kScalar:
      return "scalar";
    case GuestAbi::kCommand:
      return "command";
    case GuestAbi::kNode:
      return "caisson:node";
    case GuestAbi::kImage:
      return "image";
    case GuestAbi::kDagwood:
      break;
  }
  return "dagwood:component";
}

Result<Guest> bind_guest(std::shared_ptr<const engine::Module> module, const std::optional<std::string>& function) {
  CAISSON_TRY(const std::uint8_t families, families_of_imports(module->info()));
  CAISSON_TRY(Guest guest, bind_abi(std::move(module), function));
  const ModuleInfo& info = guest.module->info();
  if (info.find_export(kInitialize) != nullptr) {
    CAISSON_CHECK(require_function(info, kInitialize, no_values(), "reactor"));
    guest.initialize = guest.abi != GuestAbi::kCommand;
  }
  guest.baseline_bytes = memory_at_start(info);
  guest.families = families;
  return guest;
}

Result<Guest> bind_image(std::shared_ptr<const engine::Module> module, std::string code) {
  const ModuleInfo& info = module->info();
  const Signature run = {{ValueType::kI32, ValueType::kI32, ValueType::kI32, ValueType::kI32}, {ValueType::kI64}};
  CAISSON_CHECK(require_memory(info, "image"));
  CAISSON_CHECK(require_function(info, "caisson_alloc", allocator(), "image"));
  CAISSON_CHECK(require_function(info, "caisson_run", run, "image"));
  CAISSON_TRY(const std::uint8_t families, families_of_imports(info));
  Guest guest{std::move(module), GuestAbi::kImage, "caisson_run", run, families};
  guest.baseline_bytes = memory_at_start(guest.module->info());
  guest.code = std::make_shared<const std::string>(std::move(code));
  return guest;
}

}  // namespace caisson::sandbox
