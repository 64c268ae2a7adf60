// Appends a suffix to a text: `hello world` becomes `hello world-wasm`.
//
// The module speaks Caisson's `buffer` ABI (api/abi.md): the host asks caisson_alloc for room, copies the input there
// and calls caisson_process, which returns where the output is. No C library is needed:
//
//   clang-22 --target=wasm32 -O2 -nostdlib -Wl,--no-entry -Wl,--strip-all appender.c -o appender_c.wasm

#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name)))

// Change this, build again and run the workflow again: the host needs no rebuild.
static const char kSuffix[] = "-wasm";

enum { kSuffixLength = sizeof kSuffix - 1, kPageBytes = 65536, kAlignment = 16 };

extern unsigned char __heap_base;  // set by the linker: the first byte behind stack and data

static uintptr_t next;  // the first free byte; 0 before the first allocation

// Room for `size` bytes, or a null pointer. Memory is given back by caisson_reset only.
static void* allocate(size_t size) {
  if (next == 0)
    next = (uintptr_t)&__heap_base;
  const uintptr_t at = (next + kAlignment - 1) & ~(uintptr_t)(kAlignment - 1);
  const uint64_t end = (uint64_t)at + size;
  const uint64_t have = (uint64_t)__builtin_wasm_memory_size(0) * kPageBytes;
  if (end > have) {
    const uint64_t pages = (end - have + kPageBytes - 1) / kPageBytes;
    if (__builtin_wasm_memory_grow(0, (size_t)pages) == (size_t)-1)
      return NULL;
  }
  next = (uintptr_t)end;
  return (void*)at;
}

EXPORT(caisson_abi) int32_t abi(void) { return 1; }

EXPORT(caisson_alloc) void* alloc_input(size_t size) { return allocate(size); }

static char* out;  // room for the output, kept: an instance that serves a stream is called again and again
static size_t out_capacity;

// Forgets everything allocated: the state after instantiation.
EXPORT(caisson_reset) void reset(void) {
  next = 0;
  out_capacity = 0;
}

EXPORT(caisson_process) int64_t process(const char* input, size_t length) {
  const size_t out_length = length + kSuffixLength;
  if (out_length > out_capacity) {
    out = allocate(out_length);
    if (out == NULL)
      __builtin_trap();
    out_capacity = out_length;
  }
  __builtin_memcpy(out, input, length);
  __builtin_memcpy(out + length, kSuffix, kSuffixLength);
  return (int64_t)((uint64_t)(uintptr_t)out << 32 | out_length);
}
