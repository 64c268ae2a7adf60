#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace caisson::engine {

/// What Wasmtime fixes for a whole engine, and so for every module compiled under it: the WebAssembly proposals, the
/// compiler's settings, the native stack of guests and the memory pool. A call cannot change any of it.
///
/// The proposals of all profiles are those of `strict`: SIMD, bulk memory, reference types, multi-value; `exceptions`
/// adds to them. Everything else is off (threads, GC, memory64, multi-memory, tail calls, relaxed SIMD ...), each by an
/// explicit switch, because Wasmtime's defaults are not those its headers state.
struct Profile {
  std::string name;
  std::size_t stack_bytes = 1 << 20;        ///< what guest code may use of the native stack
  std::size_t async_stack_bytes = 2 << 20;  ///< must exceed stack_bytes, or Wasmtime aborts the process
  bool canonical_nans = false;              ///< NaNs have one bit pattern: the same result on every machine
  bool exceptions = false;                  ///< and typed references to functions, which they need

  std::uint32_t pool_slots = 1000;               ///< instances alive at once
  std::uint64_t pool_memory_bytes = 2ULL << 30;  ///< the largest memory a slot can hold
  std::size_t pool_table_elements = 100'000;     ///< the largest table a slot can hold
  std::size_t pool_instance_bytes = 1 << 20;     ///< of Wasmtime's own data for an instance
  /// Of a slot's memory, cleaned by writing instead of unmapping, where the kernel tells which pages were written;
  /// where it does not, at most 256 KiB (ADR 0006).
  std::size_t keep_resident_bytes = 4 << 20;

  friend bool operator==(const Profile&, const Profile&) = default;
};

/// Native stack of guests, in classes: every class is an engine of its own.
enum class StackClass : std::uint8_t {
  k1MiB,  ///< modules
  k4MiB,  ///< language images, and modules that recurse deeply
};

/// The class whose stack holds at least `bytes`: a smaller request is rounded up. Larger than any class: the largest.
[[nodiscard]] StackClass stack_class_for(std::size_t bytes) noexcept;
[[nodiscard]] std::size_t stack_bytes(StackClass stack) noexcept;

/// The profile for code from anywhere.
[[nodiscard]] Profile strict_profile(StackClass stack = StackClass::k1MiB);

/// The profile for the images of languages, which are part of this program: with exceptions, and a stack on which an
/// interpreter notices deep recursion before the engine does.
[[nodiscard]] Profile image_profile();

/// The same for images with whole libraries inside, whose code is ten times as large: few at once, each with a larger
/// table of functions.
[[nodiscard]] Profile large_image_profile();

/// What the compiler puts into a module. The code of both can be mixed.
enum class Effort : std::uint8_t {
  kFull,
  kLow,  ///< compiles in a fraction of the time and memory, into slower code
};

/// Everything about the profile that a compiled module depends on, as text. Part of the key of the compiled-module
/// cache: modules compiled under different fingerprints must never be mixed.
[[nodiscard]] std::string fingerprint(const Profile& profile);

}  // namespace caisson::engine
