// What the commands of the test guest stand on: memory that is only given out, text that is taken apart and put
// together.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name)))
#define NOINLINE __attribute__((noinline))

enum { kPageBytes = 65536, kAlignment = 16, kTextBytes = 4096 };

extern unsigned char __heap_base;  // set by the linker: the first byte behind stack and data

// ---------------------------------------------------------------- memory

static uintptr_t next;  // the first free byte; 0 before the first allocation

static uint64_t memory_bytes(void) { return (uint64_t)__builtin_wasm_memory_size(0) * kPageBytes; }

static bool grow(uint64_t pages) {
  return pages <= 65536 && __builtin_wasm_memory_grow(0, (size_t)pages) != (size_t)-1;
}

static uintptr_t free_start(void) {
  const uintptr_t at = next != 0 ? next : (uintptr_t)&__heap_base;
  return (at + kAlignment - 1) & ~(uintptr_t)(kAlignment - 1);
}

static void* allocate(uint64_t size) {
  const uintptr_t at = free_start();
  const uint64_t end = at + size;
  if (size > UINT32_MAX || end > UINT32_MAX)
    return NULL;
  if (end > memory_bytes() && !grow((end - memory_bytes() + kPageBytes - 1) / kPageBytes))
    return NULL;
  next = (uintptr_t)end;
  return (void*)at;
}

// ---------------------------------------------------------------- input and output

typedef struct {
  const char *at, *end;
} Text;

typedef struct {
  uint64_t pointer, length;
  bool is_error;
} Outcome;

static char text[kTextBytes];  // short outputs are built here
static size_t text_length;

static void put(char c) {
  if (text_length < kTextBytes)
    text[text_length++] = c;
}

static void put_text(const char* s) {
  while (*s != 0)
    put(*s++);
}

static void put_number(uint64_t value) {
  char digits[20];
  int n = 0;
  do {
    digits[n++] = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  while (n > 0)
    put(digits[--n]);
}

static void put_hex(uint64_t value) {
  for (int shift = 60; shift >= 0; shift -= 4)
    put("0123456789abcdef"[value >> shift & 15]);
}

static Outcome bytes(const void* pointer, uint64_t length) { return (Outcome){(uintptr_t)pointer, length, false}; }
static Outcome built(void) { return bytes(text, text_length); }

static Outcome number(uint64_t value) {
  put_number(value);
  return built();
}

static Outcome fail(uint64_t code, Text message) {
  text_length = 0;
  put_text("{\"message\":\"");
  for (const char* c = message.at; c < message.end; ++c) {
    const unsigned char byte = (unsigned char)*c;
    if (byte == '"' || byte == '\\')
      put('\\');
    if (byte < 0x20) {
      put_text("\\u00");
      put("0123456789abcdef"[byte >> 4]);
      put("0123456789abcdef"[byte & 15]);
    } else {
      put(*c);
    }
  }
  put_text("\",\"code\":");
  put_number(code);
  put('}');
  return (Outcome){(uintptr_t)text, text_length, true};
}

static Outcome fail_with(uint64_t code, const char* message) {
  const char* end = message;
  while (*end != 0)
    ++end;
  return fail(code, (Text){message, end});
}

static Outcome usage(void) { return fail_with(400, "unknown command or argument; see the head of dynamic.c"); }
static Outcome refused(void) { return fail_with(507, "the host refused more memory"); }

// The next word of a line, and the space behind it, are taken off the front.
static Text take_word(Text* line) {
  Text word = {line->at, line->at};
  while (word.end < line->end && *word.end != ' ' && *word.end != '\n')
    ++word.end;
  line->at = word.end;
  if (line->at < line->end && *line->at == ' ')
    ++line->at;
  return word;
}

static NOINLINE bool take_number(Text* line, uint64_t* out) {
  const Text word = take_word(line);
  *out = 0;
  for (const char* c = word.at; c < word.end; ++c) {
    const uint64_t digit = (uint64_t)(unsigned char)*c - '0';
    if (digit > 9 || *out > (UINT64_MAX - digit) / 10)
      return false;
    *out = *out * 10 + digit;
  }
  return word.at < word.end;
}

static NOINLINE bool is(Text word, const char* name) {
  const char* c = word.at;
  while (c < word.end && *name == *c)
    ++c, ++name;
  return c == word.end && *name == 0;
}
