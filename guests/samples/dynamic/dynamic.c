// The command-driven test guest: the input says what to do, so that one module reaches every limit and every fault.
// It speaks the `buffer` ABI (api/abi.md) and has no imports.
//
// The input is text, one command on each line. Commands run in order; the output is that of the last one, numbers in
// decimal. A command that is unknown, or lacks a number, ends the script with an error of code 400. TEXT and BYTES are
// the rest of the input, further lines included.
//
//   echo TEXT            TEXT
//   state                how often `state` ran before in this instance: 0 in a fresh one
//   output N             N bytes: a to z, again and again
//   invalid_utf8         four bytes that are no UTF-8
//   nan                  the bits of 0/0 as 16 hexadecimal digits, which differ between machines unless made canonical
//
//   memory_size          pages of the memory
//   grow PAGES           grows the memory; the pages before, or an error of code 507 if the growth was refused
//   grow_until_refused   grows page by page until refused; the pages then
//   touch N              allocates N bytes and writes a byte to each 4 KiB, so that the host has to provide the memory
//   table_grow N         grows a table of references; the elements before, or an error of code 507
//   plant PAGES          grows by PAGES and fills all memory not in use, the free stack too, with 0xa5
//   secret_scan PAGES    grows by PAGES and counts the bytes in memory not in use that are not zero: 0 in a fresh
//                        instance, or memory of an earlier one shows through (`plant` in the same script: many)
//
//   spin                 never ends
//   burn N               N rounds of arithmetic (about 20 units of fuel each) and a number that depends on them all
//   fill N TIMES         allocates N bytes and fills them with one instruction, TIMES times; TIMES 0 never ends
//   recurse DEPTH        calls itself DEPTH times and returns DEPTH; DEPTH 0 never ends, so the stack does
//   recurse_memory       the same without end, with frames in linear memory: runs out of the memory's own stack area
//
//   trap KIND            unreachable, div (by zero), overflow (of a division), oob (a load behind the memory), indirect
//                        (a call of a function outside the table), null_call, signature (a call of a function as
//                        another type), convert (NaN to an integer)
//   error TEXT           an error: {"message": TEXT, "code": 500}
//   error_code CODE TEXT an error of that code
//   error_raw BYTES      an error of exactly these bytes, JSON or not
//   bad_pointer KIND     a result at a bad place: end_plus_one, huge_length, huge_pointer, all_ones (an error at the
//                        largest place), past_end_zero (length 0 one behind the end), wrap (pointer and length add up
//                        to 16 in 32 bits). And, to prove the edge itself is allowed: end_zero (length 0 at the end),
//                        last_byte, whole (all the memory)

#include "guest.h"

// ---------------------------------------------------------------- memory not in use

static uintptr_t stack_pointer(void) {
  uintptr_t value;
  __asm__ volatile(".globaltype __stack_pointer, i32\n global.get __stack_pointer\n local.set %0" : "=r"(value));
  return value;
}

// Everything below the stack pointer (less what the calls below may touch) and everything behind the last allocation.
typedef struct {
  uintptr_t from;
  uint64_t to;
} Range;

enum { kRedZone = 1024 };

static void unused(Range ranges[2]) {
  ranges[0] = (Range){64, (stack_pointer() - kRedZone) & ~(uintptr_t)63};
  ranges[1] = (Range){(free_start() + 63) & ~(uintptr_t)63, memory_bytes()};
}

static Outcome plant(uint64_t pages) {
  Range ranges[2];
  if (!grow(pages))
    return refused();
  unused(ranges);
  for (int i = 0; i < 2; ++i)
    __builtin_memset((void*)ranges[i].from, 0xa5, (size_t)(ranges[i].to - ranges[i].from));
  return number(pages);
}

static uint64_t count_non_zero(const uint64_t* words, int n) {
  uint64_t found = 0;
  for (int i = 0; i < n; ++i)
    for (uint64_t word = words[i]; word != 0; word >>= 8)
      found += (word & 0xff) != 0;
  return found;
}

static Outcome secret_scan(uint64_t pages) {
  Range ranges[2];
  uint64_t found = 0;
  if (!grow(pages))
    return refused();
  unused(ranges);
  for (int i = 0; i < 2; ++i) {
    for (uint64_t at = ranges[i].from; at < ranges[i].to; at += 64) {
      const uint64_t* w = (const uint64_t*)(uintptr_t)at;
      if ((w[0] | w[1] | w[2] | w[3] | w[4] | w[5] | w[6] | w[7]) != 0)
        found += count_non_zero(w, 8);
    }
  }
  return number(found);
}

// ---------------------------------------------------------------- time and stack

static Outcome spin(void) {
  for (;;)
    __asm__ volatile("");
}

static Outcome burn(uint64_t rounds) {
  uint64_t x = 0x9e3779b97f4a7c15;
  for (uint64_t i = 0; i < rounds; ++i) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
  }
  return number(x);
}

static Outcome fill(uint64_t size, uint64_t times) {
  char* room = allocate(size);
  if (room == NULL)
    return refused();
  for (uint64_t i = 0; times == 0 || i < times; ++i) {
    __builtin_memset(room, (int)(i & 0xff), (size_t)size);
    __asm__ volatile("" : : "r"(room) : "memory");
  }
  return number(size);
}

// The empty assembly keeps the compiler from making a loop of it. No frame in linear memory is needed.
static NOINLINE uint64_t recurse(uint64_t depth, uint64_t limit) {
  if (depth == limit)
    return depth;
  uint64_t below = recurse(depth + 1, limit);
  __asm__ volatile("" : "+r"(below));
  return below;
}

static NOINLINE uint64_t recurse_memory(uint64_t depth) {
  if (depth == UINT64_MAX)
    return 0;
  volatile char frame[1024];
  frame[depth % sizeof frame] = 1;
  uint64_t below = recurse_memory(depth + 1);
  __asm__ volatile("" : "+r"(below));
  return below + (uint64_t)frame[0];
}

// ---------------------------------------------------------------- faults

static Outcome trap(Text kind) {
  volatile int32_t seven = 7, zero = 0, minus_one = -1, smallest = INT32_MIN, result = 0;
  volatile double not_a_number = __builtin_nan("");
  volatile uintptr_t place = 0;
  if (is(kind, "unreachable"))
    __builtin_trap();
  if (is(kind, "div"))
    result = seven / zero;
  if (is(kind, "overflow"))
    result = smallest / minus_one;
  if (is(kind, "oob"))
    place = 0xfffffff0, result = *(volatile int32_t*)place;
  if (is(kind, "indirect"))
    place = 0xffff, ((void (*)(void))place)();
  if (is(kind, "null_call"))
    ((void (*)(void))place)();
  if (is(kind, "signature"))
    place = (uintptr_t)&burn, ((void (*)(double))place)(1);
  if (is(kind, "convert"))
    result = __builtin_wasm_trunc_s_i32_f64(not_a_number);
  return usage();
}

static Outcome bad_pointer(Text kind) {
  const uint64_t end = memory_bytes();
  if (is(kind, "end_plus_one"))
    return (Outcome){end, 1, false};
  if (is(kind, "huge_length"))
    return (Outcome){16, UINT32_MAX, false};
  if (is(kind, "huge_pointer"))
    return (Outcome){INT32_MAX, 16, false};
  if (is(kind, "all_ones"))
    return (Outcome){INT32_MAX, UINT32_MAX, true};
  if (is(kind, "past_end_zero"))
    return (Outcome){end + 1, 0, false};
  if (is(kind, "wrap"))
    return (Outcome){end - 16, (uint32_t)(32 - end), false};
  if (is(kind, "end_zero"))
    return (Outcome){end, 0, false};
  if (is(kind, "last_byte"))
    return (Outcome){end - 1, 1, false};
  if (is(kind, "whole"))
    return (Outcome){0, end, false};
  return usage();
}

// ---------------------------------------------------------------- commands

static uint64_t state_count;
static __externref_t references[0];  // a table, not memory

static Outcome output(uint64_t size) {
  char* room = allocate(size);
  if (room == NULL)
    return refused();
  uint64_t done = size < 26 ? size : 26;
  for (uint64_t i = 0; i < done; ++i)
    room[i] = (char)('a' + i);
  while (done < size) {  // copy what there is behind itself: a multiple of 26 bytes, except the last time
    const uint64_t more = size - done < done ? size - done : done;
    __builtin_memcpy(room + done, room, (size_t)more);
    done += more;
  }
  return bytes(room, size);
}

static Outcome touch(uint64_t size) {
  volatile char* room = allocate(size);
  if (room == NULL)
    return refused();
  for (uint64_t i = 0; i < size; i += 4096)
    room[i] = 1;
  if (size > 0)
    room[size - 1] = 1;
  return number(size);
}

static Outcome grow_memory(uint64_t pages) {
  const uint64_t before = __builtin_wasm_memory_size(0);
  return grow(pages) ? number(before) : refused();
}

static Outcome grow_until_refused(void) {
  while (grow(1))
    continue;
  return number(__builtin_wasm_memory_size(0));
}

static Outcome grow_table(uint64_t count) {
  const int before =
      count > INT32_MAX ? -1 : __builtin_wasm_table_grow(references, __builtin_wasm_ref_null_extern(), (int)count);
  return before < 0 ? refused() : number((uint64_t)before);
}

static Outcome nan_bits(void) {
  volatile double zero = 0;
  union {
    double value;
    uint64_t bits;
  } quotient = {zero / zero};
  put_hex(quotient.bits);
  return built();
}

static Outcome run(Text* line) {
  uint64_t a = 0, b = 0;
  const Text name = take_word(line);
  text_length = 0;

  if (is(name, "echo") || is(name, "error_raw")) {
    const Outcome rest = {(uintptr_t)line->at, (uint64_t)(line->end - line->at), is(name, "error_raw")};
    line->at = line->end;
    return rest;
  }
  if (is(name, "state"))
    return number(state_count++);
  if (is(name, "invalid_utf8"))
    return bytes("\xc3\x28\xff\xfe", 4);
  if (is(name, "nan"))
    return nan_bits();
  if (is(name, "memory_size"))
    return number(__builtin_wasm_memory_size(0));
  if (is(name, "grow_until_refused"))
    return grow_until_refused();
  if (is(name, "spin"))
    return spin();
  if (is(name, "recurse_memory"))
    return number(recurse_memory(0));
  if (is(name, "trap"))
    return trap(take_word(line));
  if (is(name, "bad_pointer"))
    return bad_pointer(take_word(line));
  if (is(name, "error") || is(name, "error_code")) {
    if (is(name, "error"))
      a = 500;
    else if (!take_number(line, &a))
      return usage();
    const Text message = *line;
    line->at = line->end;
    return fail(a, message);
  }

  if (!take_number(line, &a))
    return usage();
  if (is(name, "output"))
    return output(a);
  if (is(name, "grow"))
    return grow_memory(a);
  if (is(name, "touch"))
    return touch(a);
  if (is(name, "table_grow"))
    return grow_table(a);
  if (is(name, "plant"))
    return plant(a);
  if (is(name, "secret_scan"))
    return secret_scan(a);
  if (is(name, "burn"))
    return burn(a);
  if (is(name, "recurse"))
    return number(recurse(0, a == 0 ? UINT64_MAX : a));
  if (is(name, "fill"))
    return take_number(line, &b) ? fill(a, b) : usage();
  return usage();
}

// ---------------------------------------------------------------- the ABI

EXPORT(caisson_abi) int32_t abi(void) { return 1; }

EXPORT(caisson_alloc) void* alloc_input(size_t size) { return allocate(size); }

EXPORT(caisson_reset) void reset(void) {
  next = 0;
  state_count = 0;
}

EXPORT(caisson_process) int64_t process(const char* input, size_t length) {
  Text script = {input, input + length};
  Outcome last;
  do {
    last = run(&script);
    if (script.at < script.end && *script.at == '\n')
      ++script.at;
    else if (script.at < script.end && !last.is_error)
      last = usage();  // more words than the command takes
  } while (!last.is_error && script.at < script.end);
  return (int64_t)((uint64_t)last.is_error << 63 | last.pointer << 32 | last.length);
}
