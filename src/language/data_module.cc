#include "language/internal/data_module.h"

#include "language/internal/wasm_sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

namespace caisson::language {

namespace {

constexpr std::uint32_t kPage = 64U << 10;
constexpr std::string_view kWasi = "wasi_snapshot_preview1";

Error bad(std::string_view what) {
  return {Category::kDataLoss, "language.bad_package",
          fmt::format("the package's module is not the one that this program knows: {}", what)};
}

struct ImportedFunction {
  std::string_view module;
  std::string_view name;
  std::uint32_t type = 0;
};

struct ExportRow {
  std::string_view name;
  std::uint8_t kind = 0;
  std::uint32_t index = 0;
};

/// What is taken out of the package's module to be written anew.
struct Parts {
  std::vector<Section> sections;
  std::vector<ImportedFunction> imports;
  std::vector<ExportRow> exports;
  std::map<std::string_view, std::uint32_t, std::less<>> functions;  // by their names, of those that are asked for
  std::uint32_t types = 0;
  std::uint32_t defined = 0;

  [[nodiscard]] std::string_view section(SectionId id) const {
    const auto found = std::ranges::find(sections, id, &Section::id);
    return found == sections.end() ? std::string_view() : found->bytes;
  }
  [[nodiscard]] std::uint32_t function(std::string_view name) const { return functions.find(name)->second; }
};

// The functions of the interpreter that are called here, by their names in the module.
constexpr std::string_view kInitialize = "_initialize";
constexpr std::string_view kStartInterpreter = "wizer_initialize";
constexpr std::string_view kRunText = "run_private";
constexpr std::string_view kAllocate = "host_alloc";
constexpr std::string_view kFree = "free";
constexpr std::string_view kMakeBytes = "PyBytes_FromStringAndSize";
constexpr std::string_view kBytesAt = "PyBytes_AsString";
constexpr std::string_view kBytesSize = "PyBytes_Size";
constexpr std::string_view kCall = "PyObject_CallFunctionObjArgs";
constexpr std::string_view kRelease = "_Py_DecRef";
constexpr std::string_view kForgetError = "PyErr_Clear";
constexpr std::array kNeeded = {kInitialize, kStartInterpreter, kRunText, kAllocate, kFree,       kMakeBytes,
                                kBytesAt,    kBytesSize,        kCall,    kRelease,  kForgetError};

void read_names(Parts& parts) {
  for (const Section& section : parts.sections) {
    WasmReader reader(section.bytes);
    if (section.id != SectionId::kCustom || reader.name() != "name") {
      continue;
    }
    while (reader.ok() && !reader.at_end()) {
      const std::uint8_t kind = reader.byte();
      WasmReader names(reader.name());
      if (kind != 1) {  // of functions
        continue;
      }
      for (std::uint32_t left = names.u32(); left > 0 && names.ok(); --left) {
        const std::uint32_t index = names.u32();
        const std::string_view name = names.name();
        if (std::ranges::find(kNeeded, name) != kNeeded.end()) {
          parts.functions.emplace(name, index);
        }
      }
    }
  }
}

Result<Parts> read_parts(std::string_view wasm) {
  Parts out;
  auto sections = read_sections(wasm);
  if (!sections) {
    return bad("it is no module");
  }
  out.sections = *std::move(sections);
  WasmReader imports(out.section(SectionId::kImport));
  for (std::uint32_t left = imports.u32(); left > 0 && imports.ok(); --left) {
    ImportedFunction import{imports.name(), imports.name(), 0};
    if (imports.byte() != 0) {
      return bad("it imports more than functions");
    }
    import.type = imports.u32();
    out.imports.push_back(import);
  }
  WasmReader exports(out.section(SectionId::kExport));
  for (std::uint32_t left = exports.u32(); left > 0 && exports.ok(); --left) {
    const std::string_view name = exports.name();
    const std::uint8_t kind = exports.byte();
    out.exports.push_back({name, kind, exports.u32()});
  }
  out.types = WasmReader(out.section(SectionId::kType)).u32();
  out.defined = WasmReader(out.section(SectionId::kFunction)).u32();
  read_names(out);
  if (!imports.ok() || !exports.ok() || out.functions.size() != kNeeded.size()) {
    return bad("a function of the interpreter is missing");
  }
  return out;
}

// --- Function types and bodies.
constexpr std::string_view kI32 = "\x7f";
constexpr std::string_view kI64 = "\x7e";

std::string type_of(std::string_view parameters, std::string_view results) {
  std::string out = "\x60";
  put_name(out, parameters);
  put_name(out, results);
  return out;
}

/// Instructions of one function, each as its own call.
class Code {
 public:
  /// Locals beyond the parameters: so many i32, then so many i64.
  Code(std::uint32_t i32s, std::uint32_t i64s) {
    put_u32(bytes_, 2);
    put_u32(bytes_, i32s);
    bytes_ += kI32;
    put_u32(bytes_, i64s);
    bytes_ += kI64;
  }
  Code& get(std::uint32_t local) { return numbered(0x20, local); }
  Code& set(std::uint32_t local) { return numbered(0x21, local); }
  Code& tee(std::uint32_t local) { return numbered(0x22, local); }
  Code& get_global(std::uint32_t global) { return numbered(0x23, global); }
  Code& set_global(std::uint32_t global) { return numbered(0x24, global); }
  Code& call(std::uint32_t function) { return numbered(0x10, function); }
  Code& number(std::int32_t value) {
    bytes_ += '\x41';
    put_s32(bytes_, value);
    return *this;
  }
  Code& address(std::uint32_t value) { return number(static_cast<std::int32_t>(value)); }
  Code& load(std::uint32_t offset) { return memory(0x28, 2, offset); }
  Code& load_byte(std::uint32_t offset) { return memory(0x2D, 0, offset); }
  Code& store(std::uint32_t offset) { return memory(0x36, 2, offset); }
  Code& plain(std::string_view instructions) {
    bytes_ += instructions;
    return *this;
  }
  Code& begin_if() { return plain("\x04\x40"); }
  Code& end() { return plain("\x0b"); }
  Code& give_back() { return plain("\x0f"); }
  /// The bytes at a place of which there are so many, as the result of an image; the two are on the stack.
  Code& pack(std::uint32_t at, std::uint32_t size) {
    return get(at).plain(kWiden).shift_up().get(size).plain(kWiden).plain("\x84");
  }
  Code& shift_up() { return plain("\x42\x20\x86"); }

  /// With its length, for a code section.
  [[nodiscard]] std::string body() const {
    std::string out;
    put_name(out, bytes_ + '\x0b');
    return out;
  }

  static constexpr std::string_view kAdd = "\x6a";
  static constexpr std::string_view kSubtract = "\x6b";
  static constexpr std::string_view kIsZero = "\x45";
  static constexpr std::string_view kEqual = "\x46";
  static constexpr std::string_view kLess = "\x49";     // unsigned
  static constexpr std::string_view kGreater = "\x4b";  // unsigned
  static constexpr std::string_view kOr = "\x72";
  static constexpr std::string_view kDrop = "\x1a";
  static constexpr std::string_view kWiden = "\xad";   // to i64, unsigned
  static constexpr std::string_view kNarrow = "\xa7";  // to i32

 private:
  Code& numbered(std::uint8_t instruction, std::uint32_t value) {
    bytes_ += static_cast<char>(instruction);
    put_u32(bytes_, value);
    return *this;
  }
  Code& memory(std::uint8_t instruction, std::uint32_t alignment, std::uint32_t offset) {
    bytes_ += static_cast<char>(instruction);
    put_u32(bytes_, alignment);
    put_u32(bytes_, offset);
    return *this;
  }
  std::string bytes_;
};

/// A function that is added behind those that are there.
struct Added {
  std::uint32_t type = 0;
  std::string body;
};

/// The counts and entries of a vector, with more entries behind them.
std::string with_more(std::string_view section, std::uint32_t count, const std::vector<std::string>& more) {
  WasmReader reader(section);
  reader.u32();
  std::string out;
  put_u32(out, count + static_cast<std::uint32_t>(more.size()));
  out += section.substr(reader.at());
  for (const std::string& entry : more) {
    out += entry;
  }
  return out;
}

std::string imports_section(const std::vector<ImportedFunction>& imports) {
  std::string out;
  put_u32(out, static_cast<std::uint32_t>(imports.size()));
  for (const ImportedFunction& import : imports) {
    put_name(out, import.module);
    put_name(out, import.name);
    out += '\0';
    put_u32(out, import.type);
  }
  return out;
}

std::string exports_section(const std::vector<ExportRow>& exports) {
  std::string out;
  put_u32(out, static_cast<std::uint32_t>(exports.size()));
  for (const ExportRow& row : exports) {
    put_name(out, row.name);
    out += static_cast<char>(row.kind);
    put_u32(out, row.index);
  }
  return out;
}

/// What is written instead of a section of the package, by its number; a section that is not here stays as it is,
/// custom ones are left out.
using Replaced = std::map<SectionId, std::string>;

std::string assemble(const Parts& parts, const Replaced& replaced) {
  std::string out(kWasmHead);
  for (const Section& section : parts.sections) {
    if (section.id != SectionId::kCustom) {
      const auto found = replaced.find(section.id);
      put_section(out, section.id, found == replaced.end() ? section.bytes : std::string_view(found->second));
    }
  }
  return out;
}

std::uint32_t memory_export(const Parts& parts) {
  const auto found = std::ranges::find(parts.exports, std::string_view("memory"), &ExportRow::name);
  return found == parts.exports.end() ? 0 : found->index;
}

void add_functions(const Parts& parts, const std::vector<Added>& added, Replaced& replaced, std::string_view code) {
  std::vector<std::string> types;
  std::vector<std::string> bodies;
  for (const Added& function : added) {
    std::string type;
    put_u32(type, function.type);
    types.push_back(std::move(type));
    bodies.push_back(function.body);
  }
  replaced[SectionId::kFunction] = with_more(parts.section(SectionId::kFunction), parts.defined, types);
  replaced[SectionId::kCode] = with_more(code, parts.defined, bodies);
}

// --- The image.
/// What a function of WASI gives that is inside of the image; the numbers of WASI.
constexpr std::int32_t kSuccess = 0;
constexpr std::int32_t kBadDescriptor = 8;
constexpr std::int32_t kNoEntry = 44;
constexpr std::int32_t kNoSocket = 57;

/// The functions that stay the host's, in the order of the image's imports; those of caisson_v1 stand before them.
constexpr std::array<std::string_view, 4> kHosts = {"clock_time_get", "clock_res_get", "random_get", "poll_oneoff"};
enum : std::uint32_t { kLog = 0, kOperate = 1, kTake = 2, kFirstHost = 3 };

/// The body of a function of WASI that ends inside: no arguments, no variables, no files, no sockets.
std::string inner_wasi(std::string_view name) {
  if (name == "proc_exit") {
    return Code(0, 0).plain(std::string_view("\0", 1)).body();  // unreachable
  }
  if (name == "args_sizes_get" || name == "environ_sizes_get") {
    return Code(0, 0).get(0).number(0).store(0).get(1).number(0).store(0).number(kSuccess).body();
  }
  const bool nothing = name == "args_get" || name == "environ_get" || name == "sched_yield";
  const std::int32_t error = nothing                     ? kSuccess
                             : name.starts_with("path_") ? kNoEntry
                             : name.starts_with("sock_") ? kNoSocket
                                                         : kBadDescriptor;
  return Code(0, 0).number(error).body();
}

/// `call(request, length, where the answer is to be written, and its length) -> 0, or what is wrong`: the one function
/// of a host that the package imports. A request begins with a letter and a number (python-data/_caisson.py).
std::string way_out(std::uint32_t allocate) {
  enum : std::uint32_t { kRequest, kLength, kAnswerAt, kAnswerSize, kCount, kSize, kPlace, kResult };
  constexpr std::int32_t kFault = -2;
  Code code(3, 1);
  code.get(kLength).number(2).plain(Code::kLess).begin_if().number(kFault).give_back().end();
  code.get(kRequest).load_byte(1).set(kCount);
  code.get(kRequest).load_byte(0).number('L').plain(Code::kEqual).begin_if();
  code.get(kCount).get(kRequest).number(2).plain(Code::kAdd).get(kLength).number(2).plain(Code::kSubtract).call(kLog);
  code.get(kAnswerAt).number(0).store(0).get(kAnswerSize).number(0).store(0).number(0).give_back().end();
  code.get(kCount).get(kLength).number(2).plain(Code::kSubtract).plain(Code::kGreater);
  code.begin_if().number(kFault).give_back().end();
  code.get(kRequest).number(2).plain(Code::kAdd).get(kCount);
  code.get(kRequest).number(2).plain(Code::kAdd).get(kCount).plain(Code::kAdd);
  code.get(kLength).number(2).plain(Code::kSubtract).get(kCount).plain(Code::kSubtract).call(kOperate).set(kResult);
  code.get(kResult).plain(Code::kNarrow).set(kSize);
  code.get(kSize).number(4).plain(Code::kAdd).call(allocate).tee(kPlace).plain(Code::kIsZero);
  code.begin_if().number(kFault).give_back().end();
  code.get(kPlace).get(kResult).plain("\x42\x20\x88").plain(Code::kNarrow).store(0);  // the upper half
  code.get(kSize).begin_if();
  code.get(kPlace).number(4).plain(Code::kAdd).get(kSize).call(kTake).plain(Code::kDrop).end();
  code.get(kAnswerAt).get(kPlace).store(0);
  code.get(kAnswerSize).get(kSize).number(4).plain(Code::kAdd).store(0).number(0);
  return code.body();
}

/// `caisson_run(code, its length, request, its length)`: calls the function of start.py with both as `bytes`, and gives
/// what its answer, `bytes` too, has. `new_number` is that of a function of the package in the image.
template <typename NewNumber>
std::string run_body(const Parts& parts, const DataAddresses& addresses, const NewNumber& new_number) {
  enum : std::uint32_t { kText, kTextSize, kRequest, kRequestSize, kFrame, kAnswer, kSize };
  constexpr std::uint32_t kStack = 0;  // the global
  const auto number = [&](std::string_view name) { return new_number(parts.function(name)); };
  Code code(3, 0);
  code.get_global(kStack).number(16).plain(Code::kSubtract).tee(kFrame).set_global(kStack);
  code.get(kFrame).get(kText).get(kTextSize).call(number(kMakeBytes)).store(0);
  code.get(kFrame).get(kRequest).get(kRequestSize).call(number(kMakeBytes)).store(4);
  code.get(kFrame).number(0).store(8);
  code.get(kText).call(number(kFree)).get(kRequest).call(number(kFree));
  code.get(kFrame).load(0).plain(Code::kIsZero).get(kFrame).load(4).plain(Code::kIsZero).plain(Code::kOr);
  code.plain(Code::kIsZero).begin_if();
  code.address(addresses.serve).get(kFrame).call(number(kCall)).set(kAnswer).end();
  for (const std::uint32_t argument : {0U, 4U}) {
    code.get(kFrame).load(argument).begin_if().get(kFrame).load(argument).call(number(kRelease)).end();
  }
  code.get(kFrame).number(16).plain(Code::kAdd).set_global(kStack);
  code.get(kAnswer).plain(Code::kIsZero).begin_if().call(number(kForgetError));
  code.address(addresses.no_memory).set(kAnswer).address(addresses.no_memory_bytes).set(kSize);
  code.pack(kAnswer, kSize).give_back().end();
  code.get(kAnswer).call(number(kBytesSize)).set(kSize);
  code.get(kAnswer).call(number(kBytesAt)).get(kAnswer).call(number(kRelease)).set(kAnswer);
  // The request itself was wrong.
  code.get(kAnswer).load_byte(0).number('!').plain(Code::kEqual).begin_if();
  code.get(kAnswer).number(1).plain(Code::kAdd).set(kAnswer).get(kSize).number(1).plain(Code::kSubtract).set(kSize);
  code.pack(kAnswer, kSize).plain("\x42\x7f\x42\x3f\x86\x84").give_back().end();
  code.pack(kAnswer, kSize);
  return code.body();
}

/// The functions of every element segment with their new numbers; nothing when a segment is of a form that linkers do
/// not write.
std::optional<std::string> elements_section(std::string_view section, const std::vector<std::uint32_t>& numbers) {
  WasmReader reader(section);
  const std::uint32_t segments = reader.u32();
  std::string out;
  put_u32(out, segments);
  for (std::uint32_t i = 0; i < segments && reader.ok(); ++i) {
    if (reader.u32() != 0 || reader.byte() != 0x41) {
      return std::nullopt;
    }
    put_u32(out, 0);
    out += '\x41';
    put_s32(out, static_cast<std::int32_t>(reader.s64()));
    if (reader.byte() != 0x0B) {
      return std::nullopt;
    }
    out += '\x0b';
    const std::uint32_t count = reader.u32();
    put_u32(out, count);
    for (std::uint32_t j = 0; j < count && reader.ok(); ++j) {
      const std::uint32_t old = reader.u32();
      if (old >= numbers.size()) {
        return std::nullopt;
      }
      put_u32(out, numbers[old]);
    }
  }
  return reader.ok() && reader.at_end() ? std::optional(std::move(out)) : std::nullopt;
}

/// What of the memory is not zero, in pieces; holes that are smaller than a page of the machine are kept, so that the
/// pieces are few.
std::vector<std::pair<std::size_t, std::size_t>> pieces_of(std::span<const std::byte> memory) {
  constexpr std::size_t kStep = 4096;
  std::vector<std::pair<std::size_t, std::size_t>> out;
  for (std::size_t at = 0; at < memory.size(); at += kStep) {
    const auto step = memory.subspan(at, std::min(kStep, memory.size() - at));
    if (std::ranges::all_of(step, [](std::byte byte) { return byte == std::byte{0}; })) {
      continue;
    }
    if (!out.empty() && out.back().second == at) {
      out.back().second += step.size();
    } else {
      out.emplace_back(at, at + step.size());
    }
  }
  return out;
}

}  // namespace

Result<std::string> starter_of(std::string_view package) {
  CAISSON_TRY(Parts parts, read_parts(package));
  const auto door = std::ranges::find(parts.imports, std::string_view("host"), &ImportedFunction::module);
  if (door == parts.imports.end()) {
    return bad("it has no function of a host");
  }
  // While it starts there is nobody behind that function. It gets another of the same type, and nothing calls it.
  *door = {kWasi, "fd_write", door->type};
  Replaced replaced;
  replaced[SectionId::kType] =
      with_more(parts.section(SectionId::kType), parts.types, {type_of("\x7f\x7f\x7f\x7f", kI64)});
  replaced[SectionId::kImport] = imports_section(parts.imports);
  Code run(0, 0);
  run.call(parts.function(kInitialize)).call(parts.function(kStartInterpreter));
  run.get(0).call(parts.function(kRunText)).pack(2, 3);
  add_functions(parts, {{parts.types, run.body()}}, replaced, parts.section(SectionId::kCode));
  const auto first_added = static_cast<std::uint32_t>(parts.imports.size()) + parts.defined;
  replaced[SectionId::kExport] = exports_section({{"memory", 2, memory_export(parts)},
                                                  {"caisson_alloc", 0, parts.function(kAllocate)},
                                                  {"caisson_run", 0, first_added}});
  return assemble(parts, replaced);
}

Result<std::string> image_of(std::string_view package, std::span<const std::byte> memory,
                             const DataAddresses& addresses) {
  CAISSON_TRY(const Parts parts, read_parts(package));
  const auto imported = static_cast<std::uint32_t>(parts.imports.size());
  constexpr auto kImports = static_cast<std::uint32_t>(kFirstHost + kHosts.size());
  // What was imported and is inside now stands behind everything else.
  std::vector<ImportedFunction> imports = {{"caisson_v1", "log", parts.types},
                                           {"caisson_v1", "call", parts.types + 1},
                                           {"caisson_v1", "take", parts.types + 2}};
  imports.resize(kImports);
  std::vector<std::uint32_t> numbers(std::size_t{imported} + parts.defined);
  for (std::uint32_t i = imported; i < numbers.size(); ++i) {
    numbers[i] = i - imported + kImports;
  }
  const auto new_number = [&](std::uint32_t old) { return old - imported + kImports; };
  std::vector<Added> added;
  for (std::uint32_t i = 0; i < imported; ++i) {
    const ImportedFunction& import = parts.imports[i];
    const auto* const host = std::ranges::find(kHosts, import.name);
    if (import.module == kWasi && host != kHosts.end()) {
      numbers[i] = static_cast<std::uint32_t>(kFirstHost + (host - kHosts.begin()));
      imports[numbers[i]] = import;
      continue;
    }
    numbers[i] = kImports + parts.defined + static_cast<std::uint32_t>(added.size());
    added.push_back({import.type, import.module == kWasi ? inner_wasi(import.name)
                                                         : way_out(new_number(parts.function(kAllocate)))});
  }
  if (std::ranges::any_of(imports, [](const ImportedFunction& import) { return import.name.empty(); })) {
    return bad("it does not import what it should");
  }
  const auto run = static_cast<std::uint32_t>(kImports + parts.defined + added.size());
  added.push_back({parts.types + 1, run_body(parts, addresses, new_number)});
  added.push_back({parts.types + 3, Code(0, 0).number(1).body()});

  Replaced replaced;
  replaced[SectionId::kType] = with_more(
      parts.section(SectionId::kType), parts.types,
      {type_of("\x7f\x7f\x7f", ""), type_of("\x7f\x7f\x7f\x7f", kI64), type_of("\x7f\x7f", kI32), type_of("", kI32)});
  replaced[SectionId::kImport] = imports_section(imports);
  std::string code(parts.section(SectionId::kCode));
  auto elements = elements_section(parts.section(SectionId::kElement), numbers);
  if (!renumber_functions(code, numbers) || !elements) {
    return bad("its code is of a form that is not understood");
  }
  replaced[SectionId::kElement] = *std::move(elements);
  add_functions(parts, added, replaced, code);
  replaced[SectionId::kExport] = exports_section({{"memory", 2, memory_export(parts)},
                                                  {"caisson_abi", 0, run + 1},
                                                  {"caisson_alloc", 0, new_number(parts.function(kAllocate))},
                                                  {"caisson_run", 0, run}});
  std::string memories(std::string_view("\1\0", 2));
  put_u32(memories, static_cast<std::uint32_t>(memory.size() / kPage));
  replaced[SectionId::kMemory] = std::move(memories);
  const auto pieces = pieces_of(memory);
  std::string data;
  put_u32(data, static_cast<std::uint32_t>(pieces.size()));
  for (const auto& [begin, end] : pieces) {
    data += std::string_view("\0\x41", 2);
    put_s32(data, static_cast<std::int32_t>(begin));
    data += '\x0b';
    put_name(data, {reinterpret_cast<const char*>(memory.data() + begin), end - begin});
  }
  replaced[SectionId::kData] = std::move(data);
  std::string count;
  put_u32(count, static_cast<std::uint32_t>(pieces.size()));
  replaced[SectionId::kDataCount] = std::move(count);
  return assemble(parts, replaced);
}

}  // namespace caisson::language
