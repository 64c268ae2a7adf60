// Write a node of Caisson in C, or in C++ without a library: this one file, and clang.
//
//   #include "caisson.h"
//
//   static caisson_result shout(caisson_bytes input) {
//     caisson_log(CAISSON_INFO, CAISSON_TEXT("shouting"));
//     caisson_builder out = {0};
//     caisson_put(&out, input);
//     caisson_put(&out, CAISSON_TEXT("!"));
//     return caisson_ok(caisson_built(&out));
//   }
//   CAISSON_PROCESSOR(shout)
//
//   clang --target=wasm32 -O2 -ffreestanding -nostdlib -Wl,--no-entry -Wl,--strip-all shout.c -o shout.wasm
//
// It speaks the ABI `buffer`, version 1 (api/abi.md). With -DCAISSON_COMPONENT it is a component of the world
// caisson:node instead; the README beside this file has the command.
//
// Memory is handed out and never taken back: every call has an instance of its own, and its memory ends with it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- Bytes ----

/// Bytes of somebody else's, a text mostly: UTF-8, with no zero at its end.
typedef struct {
  const char* at;
  size_t size;
} caisson_bytes;

/// The bytes of a literal.
#ifdef __cplusplus
#define CAISSON_TEXT(literal) (caisson_bytes{(literal), sizeof(literal) - 1})
#else
#define CAISSON_TEXT(literal) ((caisson_bytes){(literal), sizeof(literal) - 1})
#endif

bool caisson_equal(caisson_bytes a, caisson_bytes b);

/// Room for `size` bytes, aligned for any number. The call ends as a trap if there is none.
void* caisson_allocate(size_t size);

/// Bytes that grow. Begins as {0}.
typedef struct {
  char* at;
  size_t size;
  size_t room;
} caisson_builder;

void caisson_put(caisson_builder* out, caisson_bytes bytes);
void caisson_put_number(caisson_builder* out, uint64_t number);
/// A JSON text, with its quotation marks.
void caisson_put_json(caisson_builder* out, caisson_bytes text);
/// What was put so far. Valid until more is put.
caisson_bytes caisson_built(const caisson_builder* out);

// ---- What a processor gives ----

/// An output, or why there is none.
typedef struct {
  caisson_bytes bytes;  ///< the output; of an error the message
  uint16_t code;        ///< 0: no error. By custom 400: the input makes no sense, 413: it is too large, 500: the rest
} caisson_result;

caisson_result caisson_ok(caisson_bytes output);
/// `code` is not 0.
caisson_result caisson_error(uint16_t code, caisson_bytes message);

/// Says which function is the processor. Once, in one file.
#define CAISSON_PROCESSOR(function) \
  caisson_result caisson_processor(caisson_bytes input) { return function(input); }
caisson_result caisson_processor(caisson_bytes input);

// ---- The host ----

typedef enum { CAISSON_TRACE, CAISSON_DEBUG, CAISSON_INFO, CAISSON_WARNING, CAISSON_ERROR } caisson_level;

/// A line for the log of the run. Needs no grant.
void caisson_log(caisson_level level, caisson_bytes line);

/// What became of an operation.
typedef enum {
  CAISSON_OK,
  CAISSON_NOT_FOUND,
  CAISSON_DENIED,   ///< it is not granted
  CAISSON_INVALID,  ///< its input is wrong
  CAISSON_LIMIT,    ///< it does not fit into a limit
  CAISSON_UNKNOWN,  ///< there is no such operation; in a component also CAISSON_FAILED
  CAISSON_FAILED,   ///< something outside failed
} caisson_status;

typedef struct {
  caisson_status status;
  caisson_bytes bytes;  ///< the result; unless the status is CAISSON_OK the reason, for people, which may be empty
} caisson_answer;

/// Any operation of api/abi.md. `input` is a JSON object on one line and, behind a line feed, bytes.
caisson_answer caisson_call(caisson_bytes operation, caisson_bytes input);
/// The error of an operation that failed: `kv.get: denied: ...`, code 500.
caisson_result caisson_failure(caisson_bytes operation, caisson_answer answer);

/// Keys and values that the nodes of one run share. Grant: imports: [kv].
caisson_answer caisson_kv_get(caisson_bytes key);
caisson_answer caisson_kv_set(caisson_bytes key, caisson_bytes value);
caisson_answer caisson_kv_delete(caisson_bytes key);
/// Adds a record to the events of the run. Grant: imports: [emit].
caisson_answer caisson_emit(caisson_bytes topic, caisson_bytes record);
/// At most 2^20 bytes. Grant: random.
caisson_answer caisson_random(uint32_t count);
/// `{"unix_ns": n, "elapsed_ns": n}`. Grant: clock.
caisson_answer caisson_clock(void);

typedef struct {
  caisson_bytes name;
  caisson_bytes value;   ///< of a secret what stands before it: `Bearer `
  caisson_bytes secret;  ///< the name of a secret, whose value the host puts behind `value`; none if it is empty
} caisson_header;

typedef struct {
  caisson_bytes method;  ///< GET if it is empty
  caisson_bytes url;
  const caisson_header* headers;
  size_t header_count;
  caisson_bytes body;
} caisson_request;

typedef struct {
  caisson_answer answer;  ///< CAISSON_OK if there is a response, whatever its status
  unsigned status;        ///< 200 ...
  caisson_bytes headers;  ///< see caisson_response_header
  caisson_bytes body;
} caisson_response;

/// Asks for a URL and waits for the whole answer. Grants: net, secrets.
caisson_response caisson_fetch(const caisson_request* request);
/// The first header of that name, which is in lower case; empty if there is none.
caisson_bytes caisson_response_header(const caisson_response* response, caisson_bytes name);

// ---- From here on it is how, not what ----

#define CAISSON_API __attribute__((weak))  // the header may be in several files of one module
#define CAISSON_EXPORT(name) __attribute__((export_name(name), used))
#define CAISSON_IMPORT(module, name) __attribute__((import_module(module), import_name(name)))

#ifdef __cplusplus
#define CAISSON_ASSERT(condition, why) static_assert(condition, why)
#else
#define CAISSON_ASSERT(condition, why) _Static_assert(condition, why)
#endif

enum { CAISSON_PAGE = 65536, CAISSON_ALIGNMENT = 16 };

extern unsigned char __heap_base;  // set by the linker: the first byte behind stack and data

// The compiler calls these for copies it makes itself; a libc that is linked has its own.
CAISSON_API void* memcpy(void* to, const void* from, size_t size) {
  char* const out = (char*)to;
  const char* const in = (const char*)from;
  for (size_t i = 0; i < size; ++i)
    out[i] = in[i];
  return to;
}
CAISSON_API void* memset(void* to, int byte, size_t size) {
  char* const out = (char*)to;
  for (size_t i = 0; i < size; ++i)
    out[i] = (char)byte;
  return to;
}

static void caisson_copy(char* to, const char* from, size_t size) {
  if (size > 0)
    __builtin_memcpy(to, from, size);
}

// NULL if there is no memory left.
CAISSON_API void* caisson_try_allocate(size_t size) {
  static uintptr_t next = 0;  // the first free byte
  if (next == 0)
    next = (uintptr_t)&__heap_base;
  const uint64_t at = ((uint64_t)next + CAISSON_ALIGNMENT - 1) & ~(uint64_t)(CAISSON_ALIGNMENT - 1);
  const uint64_t end = at + size;
  const uint64_t have = (uint64_t)__builtin_wasm_memory_size(0) * CAISSON_PAGE;
  if (end > UINT32_MAX)
    return NULL;
  if (end > have) {
    const size_t pages = (size_t)((end - have + CAISSON_PAGE - 1) / CAISSON_PAGE);
    if (__builtin_wasm_memory_grow(0, pages) == (size_t)-1)
      return NULL;
  }
  next = (uintptr_t)end;
  return (void*)(uintptr_t)at;
}

CAISSON_API void* caisson_allocate(size_t size) {
  void* const room = caisson_try_allocate(size);
  if (room == NULL)
    __builtin_trap();
  return room;
}

CAISSON_API bool caisson_equal(caisson_bytes a, caisson_bytes b) {
  if (a.size != b.size)
    return false;
  for (size_t i = 0; i < a.size; ++i)
    if (a.at[i] != b.at[i])
      return false;
  return true;
}

CAISSON_API void caisson_put(caisson_builder* out, caisson_bytes bytes) {
  if (bytes.size > out->room - out->size) {
    const size_t room = 2 * out->room > out->size + bytes.size ? 2 * out->room : out->size + bytes.size;
    char* const at = (char*)caisson_allocate(room);
    caisson_copy(at, out->at, out->size);
    out->at = at;
    out->room = room;
  }
  caisson_copy(out->at + out->size, bytes.at, bytes.size);
  out->size += bytes.size;
}

static void caisson_put_byte(caisson_builder* out, char byte) {
  const caisson_bytes one = {&byte, 1};
  caisson_put(out, one);
}

CAISSON_API void caisson_put_number(caisson_builder* out, uint64_t number) {
  char digits[20];
  size_t first = sizeof digits;
  do {
    digits[--first] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  const caisson_bytes text = {digits + first, sizeof digits - first};
  caisson_put(out, text);
}

CAISSON_API void caisson_put_json(caisson_builder* out, caisson_bytes text) {
  static const char kDigits[] = "0123456789abcdef";
  caisson_put_byte(out, '"');
  for (size_t i = 0; i < text.size; ++i) {
    const unsigned char c = (unsigned char)text.at[i];
    if (c < 0x20) {
      caisson_put(out, CAISSON_TEXT("\\u00"));
      caisson_put_byte(out, kDigits[c >> 4]);
      caisson_put_byte(out, kDigits[c & 15]);
      continue;
    }
    if (c == '"' || c == '\\')
      caisson_put_byte(out, '\\');
    caisson_put_byte(out, (char)c);
  }
  caisson_put_byte(out, '"');
}

CAISSON_API caisson_bytes caisson_built(const caisson_builder* out) {
  const caisson_bytes all = {out->at, out->size};
  return all;
}

CAISSON_API caisson_result caisson_ok(caisson_bytes output) {
  const caisson_result result = {output, 0};
  return result;
}

CAISSON_API caisson_result caisson_error(uint16_t code, caisson_bytes message) {
  const caisson_result result = {message, code};
  return result;
}

CAISSON_API caisson_result caisson_failure(caisson_bytes operation, caisson_answer answer) {
  static const char* const kMeanings[] = {"ok", "not found", "denied", "invalid", "limit", "unknown", "failed"};
  const char* const meaning = kMeanings[answer.status];
  caisson_builder out = {NULL, 0, 0};
  caisson_put(&out, operation);
  caisson_put(&out, CAISSON_TEXT(": "));
  for (size_t i = 0; meaning[i] != '\0'; ++i)
    caisson_put_byte(&out, meaning[i]);
  if (answer.bytes.size > 0) {
    caisson_put(&out, CAISSON_TEXT(": "));
    caisson_put(&out, answer.bytes);
  }
  return caisson_error(500, caisson_built(&out));
}

// An operation whose head has one member that is a text.
static caisson_answer caisson_call_with(caisson_bytes operation, caisson_bytes member, caisson_bytes text,
                                        caisson_bytes body) {
  caisson_builder input = {NULL, 0, 0};
  caisson_put_byte(&input, '{');
  caisson_put_json(&input, member);
  caisson_put_byte(&input, ':');
  caisson_put_json(&input, text);
  caisson_put(&input, CAISSON_TEXT("}\n"));
  caisson_put(&input, body);
  return caisson_call(operation, caisson_built(&input));
}

CAISSON_API caisson_answer caisson_kv_get(caisson_bytes key) {
  return caisson_call_with(CAISSON_TEXT("kv.get"), CAISSON_TEXT("key"), key, CAISSON_TEXT(""));
}

CAISSON_API caisson_answer caisson_kv_set(caisson_bytes key, caisson_bytes value) {
  return caisson_call_with(CAISSON_TEXT("kv.set"), CAISSON_TEXT("key"), key, value);
}

CAISSON_API caisson_answer caisson_kv_delete(caisson_bytes key) {
  return caisson_call_with(CAISSON_TEXT("kv.delete"), CAISSON_TEXT("key"), key, CAISSON_TEXT(""));
}

CAISSON_API caisson_answer caisson_emit(caisson_bytes topic, caisson_bytes record) {
  return caisson_call_with(CAISSON_TEXT("emit"), CAISSON_TEXT("topic"), topic, record);
}

CAISSON_API caisson_answer caisson_random(uint32_t count) {
  caisson_builder input = {NULL, 0, 0};
  caisson_put(&input, CAISSON_TEXT("{\"count\":"));
  caisson_put_number(&input, count);
  caisson_put_byte(&input, '}');
  return caisson_call(CAISSON_TEXT("random.bytes"), caisson_built(&input));
}

CAISSON_API caisson_answer caisson_clock(void) { return caisson_call(CAISSON_TEXT("clock.now"), CAISSON_TEXT("")); }

static void caisson_put_header(caisson_builder* out, const caisson_header* header) {
  caisson_put_json(out, header->name);
  caisson_put_byte(out, ':');
  if (header->secret.size == 0) {
    caisson_put_json(out, header->value);
    return;
  }
  caisson_put(out, CAISSON_TEXT("{\"secret\":"));
  caisson_put_json(out, header->secret);
  if (header->value.size > 0) {
    caisson_put(out, CAISSON_TEXT(",\"prefix\":"));
    caisson_put_json(out, header->value);
  }
  caisson_put_byte(out, '}');
}

CAISSON_API caisson_response caisson_fetch(const caisson_request* request) {
  caisson_builder input = {NULL, 0, 0};
  caisson_put(&input, CAISSON_TEXT("{\"url\":"));
  caisson_put_json(&input, request->url);
  if (request->method.size > 0) {
    caisson_put(&input, CAISSON_TEXT(",\"method\":"));
    caisson_put_json(&input, request->method);
  }
  caisson_put(&input, CAISSON_TEXT(",\"headers\":{"));
  for (size_t i = 0; i < request->header_count; ++i) {
    if (i > 0)
      caisson_put_byte(&input, ',');
    caisson_put_header(&input, request->headers + i);
  }
  caisson_put(&input, CAISSON_TEXT("}}\n"));
  caisson_put(&input, request->body);

  caisson_response response = {
      caisson_call(CAISSON_TEXT("http.fetch"), caisson_built(&input)), 0, {NULL, 0}, {NULL, 0}};
  if (response.answer.status != CAISSON_OK)
    return response;
  const caisson_bytes all = response.answer.bytes;
  size_t line = 0;
  while (line < all.size && all.at[line] != '\n')
    ++line;
  response.headers.at = all.at;
  response.headers.size = line;
  if (line < all.size) {
    response.body.at = all.at + line + 1;
    response.body.size = all.size - line - 1;
  }
  // `{"status":200,"headers":[["name","value"],...]}`
  for (size_t i = sizeof "{\"status\":" - 1; i < line && all.at[i] >= '0' && all.at[i] <= '9'; ++i)
    response.status = 10 * response.status + (unsigned)(all.at[i] - '0');
  return response;
}

static unsigned caisson_hex(const char* four) {
  unsigned value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = four[i];
    value = 16 * value + (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return value;
}

// The JSON text that begins behind the quotation mark at *place; *place is then behind the one that ends it.
static caisson_bytes caisson_json_text(caisson_bytes json, size_t* place) {
  static const char kShort[] = "b\bf\fn\nr\rt\t";
  caisson_builder out = {NULL, 0, 0};
  size_t i = *place;
  for (; i < json.size && json.at[i] != '"'; ++i) {
    char c = json.at[i];
    if (c == '\\' && i + 1 < json.size) {
      c = json.at[++i];
      for (size_t s = 0; s + 1 < sizeof kShort; s += 2)
        if (json.at[i] == kShort[s])
          c = kShort[s + 1];
      if (json.at[i] == 'u' && i + 4 < json.size) {  // the host writes only control characters so
        c = (char)caisson_hex(json.at + i + 1);
        i += 4;
      }
    }
    caisson_put_byte(&out, c);
  }
  *place = i + 1;
  return caisson_built(&out);
}

CAISSON_API caisson_bytes caisson_response_header(const caisson_response* response, caisson_bytes name) {
  const caisson_bytes json = response->headers;
  size_t at = 0;
  while (at < json.size && json.at[at] != '[')
    ++at;
  while (at < json.size) {  // names and values, one after the other
    caisson_bytes pair[2];
    for (int i = 0; i < 2; ++i) {
      while (at < json.size && json.at[at] != '"')
        ++at;
      if (at >= json.size)
        return CAISSON_TEXT("");
      ++at;
      pair[i] = caisson_json_text(json, &at);
    }
    if (caisson_equal(pair[0], name))
      return pair[1];
  }
  return CAISSON_TEXT("");
}

#ifndef CAISSON_COMPONENT

CAISSON_IMPORT("caisson_v1", "log") void caisson_v1_log(uint32_t level, const char* at, size_t size);
CAISSON_IMPORT("caisson_v1", "call")
uint64_t caisson_v1_call(const char* operation, size_t operation_size, const char* input, size_t input_size);
CAISSON_IMPORT("caisson_v1", "take") int32_t caisson_v1_take(char* to, size_t room);

CAISSON_API void caisson_log(caisson_level level, caisson_bytes line) {
  caisson_v1_log((uint32_t)level, line.at, line.size);
}

CAISSON_API caisson_answer caisson_call(caisson_bytes operation, caisson_bytes input) {
  const uint64_t packed = caisson_v1_call(operation.at, operation.size, input.at, input.size);
  const uint32_t status = (uint32_t)(packed >> 32);
  const size_t size = (size_t)(uint32_t)packed;
  char* const at = (char*)caisson_allocate(size);
  if (caisson_v1_take(at, size) < 0)
    __builtin_trap();
  const caisson_answer answer = {status <= CAISSON_FAILED ? (caisson_status)status : CAISSON_UNKNOWN, {at, size}};
  return answer;
}

CAISSON_API CAISSON_EXPORT("caisson_abi") int32_t caisson_abi(void) { return 1; }

CAISSON_API CAISSON_EXPORT("caisson_alloc") void* caisson_alloc(size_t size) { return caisson_try_allocate(size); }

CAISSON_API CAISSON_EXPORT("caisson_process") uint64_t caisson_process(const char* at, size_t size) {
  const caisson_bytes input = {at, size};
  const caisson_result result = caisson_processor(input);
  caisson_bytes bytes = result.bytes;
  if (result.code != 0) {
    caisson_builder json = {NULL, 0, 0};
    caisson_put(&json, CAISSON_TEXT("{\"message\":"));
    caisson_put_json(&json, bytes);
    caisson_put(&json, CAISSON_TEXT(",\"code\":"));
    caisson_put_number(&json, result.code);
    caisson_put_byte(&json, '}');
    bytes = caisson_built(&json);
  }
  return (uint64_t)(result.code != 0) << 63 | (uint64_t)(uintptr_t)bytes.at << 32 | bytes.size;
}

#else  // The canonical ABI of the world caisson:node; api/wit/caisson-node/node.wit has the types.

#define CAISSON_HOST "caisson:node/host@1.0.0"

// result<list<u8>, failure>: a failure is a variant of which each case has a text.
typedef struct {
  uint8_t is_failure;
  union {
    caisson_bytes result;
    struct {
      uint8_t which;
      caisson_bytes text;
    } failure;
  } value;
} caisson_lifted;
CAISSON_ASSERT(sizeof(caisson_lifted) == 16, "the layout of the canonical ABI");

CAISSON_IMPORT(CAISSON_HOST, "log") void caisson_host_log(uint32_t level, const char* at, size_t size);
CAISSON_IMPORT(CAISSON_HOST, "call")
void caisson_host_call(const char* operation, size_t operation_size, const char* input, size_t input_size,
                       caisson_lifted* out);

CAISSON_API void caisson_log(caisson_level level, caisson_bytes line) {
  caisson_host_log((uint32_t)level, line.at, line.size);
}

CAISSON_API caisson_answer caisson_call(caisson_bytes operation, caisson_bytes input) {
  caisson_lifted lifted;
  caisson_host_call(operation.at, operation.size, input.at, input.size, &lifted);
  if (!lifted.is_failure) {
    const caisson_answer answer = {CAISSON_OK, lifted.value.result};
    return answer;
  }
  const caisson_answer answer = {(caisson_status)(lifted.value.failure.which + 1), lifted.value.failure.text};
  return answer;
}

// result<list<u8>, error>
typedef struct {
  uint8_t is_error;
  caisson_bytes bytes;
  uint16_t code;
} caisson_lowered;
CAISSON_ASSERT(sizeof(caisson_lowered) == 16, "the layout of the canonical ABI");

CAISSON_API CAISSON_EXPORT("cabi_realloc") void* caisson_realloc(void* old, size_t old_size, size_t alignment,
                                                                 size_t size) {
  (void)alignment;
  char* const at = (char*)caisson_allocate(size);
  caisson_copy(at, (const char*)old, old_size < size ? old_size : size);
  return at;
}

CAISSON_API CAISSON_EXPORT("caisson:node/processor@1.0.0#process") caisson_lowered* caisson_node_process(const char* at,
                                                                                                         size_t size) {
  static caisson_lowered out;
  const caisson_bytes input = {at, size};
  const caisson_result result = caisson_processor(input);
  out.is_error = result.code != 0;
  out.bytes = result.bytes;
  out.code = result.code;
  return &out;
}

#endif

#ifdef __cplusplus
}
#endif
