// Asks for the URL that is its input, and gives the body of the answer.
//
// It speaks the `buffer` ABI (api/abi.md) and calls the host's operation http.fetch, which the node has to be granted:
//
//   grants: {net: ["https://api.example.com"]}
//
// If the input has a second line, that is the name of a secret: the host sends its value in the header Authorization
// behind `Bearer `, and the module never sees it. Build it without a C library:
//
//   clang-22 --target=wasm32 -O2 -nostdlib -Wl,--no-entry -Wl,--strip-all http_get.c -o http_get.wasm

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name)))
#define CAISSON(name) __attribute__((import_module("caisson_v1"), import_name(#name)))

CAISSON(call) uint64_t host_call(const char* op, size_t op_length, const char* in, size_t in_length);
CAISSON(take) int32_t host_take(char* to, size_t room);

enum { kPageBytes = 65536, kAlignment = 16, kHeadBytes = 8192, kStatuses = 7 };

extern unsigned char __heap_base;  // set by the linker: the first byte behind stack and data

static uintptr_t next;  // the first free byte

static char* allocate(size_t size) {
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
  return (char*)at;
}

EXPORT(caisson_abi) int32_t abi(void) { return 1; }

EXPORT(caisson_alloc) char* alloc_input(size_t size) { return allocate(size); }

static char head[kHeadBytes];  // of the request
static size_t head_length;

static void put(const char* text, size_t length) {
  for (size_t i = 0; i < length && head_length < kHeadBytes; ++i)
    head[head_length++] = text[i];
}

#define PUT(literal) put(literal, sizeof literal - 1)

// A text within JSON. A control character is left out: no URL and no name has one.
static void put_text(const char* text, size_t length) {
  for (size_t i = 0; i < length; ++i) {
    if (text[i] == '"' || text[i] == '\\')
      put("\\", 1);
    if ((unsigned char)text[i] >= ' ')
      put(text + i, 1);
  }
}

static int64_t output(const char* at, size_t length, bool is_error) {
  return (int64_t)((is_error ? (uint64_t)1 << 63 : 0) | (uint64_t)(uintptr_t)at << 32 | length);
}

static size_t line_length(const char* text, size_t length) {
  size_t i = 0;
  while (i < length && text[i] != '\n')
    ++i;
  return i;
}

EXPORT(caisson_process) int64_t process(const char* input, size_t length) {
  const size_t url = line_length(input, length);
  const char* const secret = input + url + (url < length ? 1 : 0);
  const size_t secret_length = line_length(secret, (size_t)(input + length - secret));
  head_length = 0;
  PUT("{\"method\":\"GET\",\"url\":\"");
  put_text(input, url);
  PUT("\"");
  if (secret_length > 0) {
    PUT(",\"headers\":{\"Authorization\":{\"prefix\":\"Bearer \",\"secret\":\"");
    put_text(secret, secret_length);
    PUT("\"}}");
  }
  PUT("}");

  static const char kOperation[] = "http.fetch";
  const uint64_t result = host_call(kOperation, sizeof kOperation - 1, head, head_length);
  const size_t status = (size_t)(result >> 32);
  const size_t size = (size_t)(uint32_t)result;
  char* const answer = allocate(size + 1);
  if (answer == NULL || host_take(answer, size) < 0)
    __builtin_trap();
  if (status != 0) {
    static const char kMeaning[kStatuses][16] = {"", "not found", "denied", "invalid", "limit", "unknown", "failed"};
    const char* const meaning = status < kStatuses ? kMeaning[status] : "?";
    size_t meaning_length = 0;
    while (meaning[meaning_length] != '\0')
      ++meaning_length;
    head_length = 0;
    PUT("{\"message\":\"http.fetch: ");
    put_text(meaning, meaning_length);
    if (size > 0) {
      PUT(": ");
      put_text(answer, size);
    }
    PUT("\"}");
    return output(head, head_length, true);
  }
  const size_t first = line_length(answer, size) + 1;  // behind the head: its JSON is on one line
  return output(answer + first, size - first, false);
}
