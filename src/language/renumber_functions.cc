#include "language/internal/wasm_sections.h"

namespace caisson::language {

namespace {

constexpr std::uint8_t kEnd = 0x0B;

/// Walks over the instructions of one body and changes the numbers of functions.
class Body {
 public:
  Body(char* bytes, std::string_view view, const std::vector<std::uint32_t>& numbers)
      : bytes_(bytes), reader_(view), numbers_(numbers) {}

  bool renumber() {
    const std::uint32_t groups = reader_.u32();
    for (std::uint32_t i = 0; i < groups && reader_.ok(); ++i) {
      reader_.u32();
      value_type();
    }
    std::uint8_t last = 0;
    while (ok_ && reader_.ok() && !reader_.at_end()) {
      last = reader_.byte();
      instruction(last);
    }
    return ok_ && reader_.ok() && last == kEnd;
  }

 private:
  void function() {
    const std::size_t begin = reader_.at();
    const std::uint32_t old = reader_.u32();
    if (!reader_.ok() || old >= numbers_.size()) {
      ok_ = false;
      return;
    }
    std::uint32_t left = numbers_[old];
    const std::size_t end = reader_.at();
    for (std::size_t i = begin; i < end; ++i, left >>= 7U) {
      bytes_[i] = static_cast<char>((left & 0x7FU) | (i + 1 < end ? 0x80U : 0U));
    }
    ok_ = ok_ && left == 0;
  }

  /// A number type, a vector or a reference to one of the abstract types; `ref null N` has a heap type behind it.
  void value_type() {
    const std::uint8_t type = reader_.byte();
    if (type == 0x63 || type == 0x64) {
      reader_.s64();
    }
  }
  void memory_argument() {
    const std::uint32_t alignment = reader_.u32();
    if ((alignment & 0x40U) != 0) {
      reader_.u32();
    }
    reader_.u32();
  }
  void numbers(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      reader_.u32();
    }
  }
  void labels() {
    const std::uint32_t count = reader_.u32();
    for (std::uint32_t i = 0; i <= count && reader_.ok(); ++i) {
      reader_.u32();
    }
  }
  void catches() {
    reader_.s64();  // the type of the block
    const std::uint32_t count = reader_.u32();
    for (std::uint32_t i = 0; i < count && reader_.ok(); ++i) {
      numbers(reader_.byte() < 2 ? 2 : 1);  // with a tag, without one
    }
  }

  void instruction(std::uint8_t code) {
    switch (code) {
      case 0x02:  // block, loop, if
      case 0x03:
      case 0x04:
        reader_.s64();
        return;
      case 0x0E:  // br_table
        labels();
        return;
      case 0x10:  // call
      case 0xD2:  // ref.func
        function();
        return;
      case 0x11:  // call_indirect
        numbers(2);
        return;
      case 0x1C:  // select with types
        for (std::uint32_t left = reader_.u32(); left > 0 && reader_.ok(); --left) {
          value_type();
        }
        return;
      case 0x1F:  // try_table
        catches();
        return;
      case 0x41:  // constants
      case 0x42:
      case 0xD0:  // ref.null
        reader_.s64();
        return;
      case 0x43:
        reader_.take(4);
        return;
      case 0x44:
        reader_.take(8);
        return;
      case 0xFC:
        bulk(reader_.u32());
        return;
      case 0xFD:
        vector(reader_.u32());
        return;
      default:
        plain(code);
    }
  }

  void plain(std::uint8_t code) {
    const bool nothing = code <= 0x01 || code == 0x05 || code == 0x0A || code == kEnd || code == 0x0F || code == 0x1A ||
                         code == 0x1B || (code >= 0x45 && code <= 0xC4) || code == 0xD1;
    const bool one =
        code == 0x08 || code == 0x0C || code == 0x0D || (code >= 0x20 && code <= 0x26) || code == 0x3F || code == 0x40;
    if (code >= 0x28 && code <= 0x3E) {
      memory_argument();
    } else if (one) {
      reader_.u32();
    } else {
      ok_ = ok_ && nothing;
    }
  }

  /// Saturating conversions, and what works on whole pieces of memory and tables. Passive data is refused: it would be
  /// another than it was in a module whose data is its memory.
  void bulk(std::uint32_t code) {
    if (code <= 7) {
      return;
    }
    ok_ = ok_ && (code == 10 || code == 11 || (code >= 14 && code <= 17));
    numbers(code == 10 || code == 14 ? 2 : 1);
  }

  void vector(std::uint32_t code) {
    if (code <= 11 || code == 92 || code == 93) {
      memory_argument();
    } else if (code == 12 || code == 13) {  // a constant, a shuffle
      reader_.take(16);
    } else if (code >= 21 && code <= 34) {  // of one lane
      reader_.byte();
    } else if (code >= 84 && code <= 91) {
      memory_argument();
      reader_.byte();
    } else {
      ok_ = ok_ && code <= 255;
    }
  }

  char* bytes_;
  WasmReader reader_;
  const std::vector<std::uint32_t>& numbers_;
  bool ok_ = true;
};

}  // namespace

bool renumber_functions(std::string& code, const std::vector<std::uint32_t>& numbers) {
  const std::string_view all = code;
  WasmReader reader(all);
  const std::uint32_t count = reader.u32();
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t size = reader.u32();
    const std::size_t begin = reader.at();
    const std::string_view view = reader.take(size);
    if (!reader.ok() || !Body(code.data() + begin, view, numbers).renumber()) {
      return false;
    }
  }
  return reader.at_end();
}

}  // namespace caisson::language
