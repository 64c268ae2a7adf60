#include <stdlib.h>
#include <string.h>

#include "caisson.h"

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))

IMPORT("caisson_v1", "log") void import_log(int32_t level, const char* bytes, size_t size);
IMPORT("caisson_v1", "call")
int64_t import_call(const char* operation, size_t operation_size, const char* input, size_t input_size);
IMPORT("caisson_v1", "take") int32_t import_take(char* bytes, size_t room);

void host_log(enum log_level level, const char* bytes, size_t size) { import_log(level, bytes, size); }

// The lines that are not whole yet, one for each level.
static struct text lines[kError + 1];
enum { kLongestLine = 64 * 1024 };

static void send(enum log_level level, const char* bytes, size_t size) {
  while (size > kLongestLine) {
    size_t piece = kLongestLine;
    while (piece > kLongestLine - 4 && ((unsigned char)bytes[piece] & 0xC0) == 0x80)
      piece--;
    host_log(level, bytes, piece);
    bytes += piece;
    size -= piece;
  }
  host_log(level, bytes, size);
}

void host_print(enum log_level level, const char* bytes, size_t size) {
  struct text* line = &lines[level];
  while (size) {
    const char* end = memchr(bytes, '\n', size);
    const size_t piece = end ? (size_t)(end - bytes) : size;
    if (end && !line->size) {
      send(level, bytes, piece);
    } else {
      text_bytes(line, bytes, piece);
      if (end || line->failed || line->size > kLongestLine) {
        send(level, line->at, line->size);
        line->size = 0;
        line->failed = false;
      }
    }
    if (!end)
      return;
    bytes = end + 1;
    size -= piece + 1;
  }
}

void host_flush(void) {
  for (int level = 0; level <= kError; level++) {
    if (!lines[level].size)
      continue;
    send((enum log_level)level, lines[level].at, lines[level].size);
    lines[level].size = 0;
  }
}

enum host_status host_call(const char* operation, size_t operation_size, const char* input, size_t input_size,
                           struct text* result) {
  const uint64_t answer = (uint64_t)import_call(operation, operation_size, input, input_size);
  const size_t size = (size_t)(answer & 0xFFFFFFFF);
  if (size) {
    char* to = text_room(result, size);
    if (!to)
      return kNoMemory;
    const int32_t taken = import_take(to, size);
    if (taken > 0)
      result->size += (size_t)taken;
  }
  return (enum host_status)(answer >> 32);
}

const char* host_status_name(enum host_status status) {
  static const char* const kNames[] = {"ok", "not_found", "denied", "invalid", "limit", "unknown", "failed"};
  return status <= kFailed ? kNames[status] : status == kNoMemory ? "no_memory" : "failed";
}

void host_failure(struct text* message, const char* operation, size_t operation_size, enum host_status status,
                  const char* said, size_t said_size) {
  static const char* const kWords[] = {"",
                                       "there is no such thing",
                                       "it is not granted",
                                       "the request is not valid",
                                       "a limit is reached",
                                       "the host has no such operation",
                                       "it failed"};
  text_bytes(message, operation, operation_size);
  text_string(message, ": ");
  if (said_size) {
    text_bytes(message, said, said_size);
  } else {
    text_string(message, status <= kFailed     ? kWords[status]
                         : status == kNoMemory ? "not enough memory"
                                               : kWords[kFailed]);
  }
}

int64_t result_of(const char* bytes, size_t size) {
  return (int64_t)((uint64_t)(uintptr_t)bytes << 32 | (uint64_t)size);
}

int64_t malformed(const char* message) {
  static struct text error;
  error.size = 0;
  text_string(&error, "{\"message\":");
  text_json_any(&error, message, strlen(message));
  text_string(&error, "}");
  return result_of(error.at, error.size) | INT64_MIN;
}

int64_t result_no_memory(void) {
  static const char kResult[] =
      "{\"ok\":false,\"error\":{\"kind\":\"memory\",\"type\":\"MemoryError\",\"message\":\"not enough memory\"}}";
  return result_of(kResult, sizeof kResult - 1);
}

void heap_close_holes(void) {
  // What is behind the last used byte: a large block comes from there, and becomes part of it again.
  char* end = malloc((size_t)1 << 17);
  free(end);
  for (size_t size = (size_t)1 << 16; end && size >= 16; size -= size > 1024 ? size / 4 : 8) {
    char* hole;
    while ((hole = malloc(size)) && hole < end) {
    }
    free(hole);
  }
}

CAISSON_EXPORT("caisson_abi") int32_t caisson_abi(void) { return 1; }

// One byte more than asked for: runners may put a zero behind the text.
CAISSON_EXPORT("caisson_alloc") void* caisson_alloc(size_t size) {
  return size < ((size_t)1 << 30) ? malloc(size + 1) : NULL;
}
