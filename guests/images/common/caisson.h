// What the runners of all images share: the host's functions, lines of output, and text that grows.
#ifndef CAISSON_IMAGE_H
#define CAISSON_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CAISSON_EXPORT(name) __attribute__((export_name(name), used, visibility("default")))

// --- Text that grows. After a failed allocation `failed` is set, and what is written later is dropped.
struct text {
  char* at;
  size_t size;
  size_t room;
  bool failed;
};

void text_bytes(struct text* text, const void* bytes, size_t size);
void text_string(struct text* text, const char* string);
void text_number(struct text* text, int64_t number);
void text_unsigned(struct text* text, uint64_t number);
// Room for `size` more bytes, or null.
char* text_room(struct text* text, size_t size);
void text_base64(struct text* text, const void* bytes, size_t size);
// A JSON string with its quotes. False when `bytes` are not UTF-8, which lone surrogates are not either: then what is
// behind the first wrong byte is missing, and there is no closing quote.
bool text_json(struct text* text, const char* bytes, size_t size);
// The same; what is not UTF-8 becomes U+FFFD.
void text_json_any(struct text* text, const char* bytes, size_t size);
void text_free(struct text* text);

// The length of the character that `bytes` begin with; 0 when it is not UTF-8. `size` is at least 1.
size_t utf8_length(const unsigned char* bytes, size_t size);

// --- The host, module `caisson_v1`.
enum log_level { kTrace = 0, kDebug = 1, kInfo = 2, kWarning = 3, kError = 4 };

void host_log(enum log_level level, const char* bytes, size_t size);
// Text for the log of the run: every line is sent when it is whole, the last one by host_flush. A line of more than 64
// KiB is sent in pieces.
void host_print(enum log_level level, const char* bytes, size_t size);
void host_flush(void);

enum host_status { kOk = 0, kNotFound, kDenied, kInvalid, kLimit, kUnknown, kFailed, kNoMemory = 100 };

// Runs an operation. The result is added to `result`, whatever the status.
enum host_status host_call(const char* operation, size_t operation_size, const char* input, size_t input_size,
                           struct text* result);
const char* host_status_name(enum host_status status);
// What is said of a failed operation when the host says nothing.
void host_failure(struct text* message, const char* operation, size_t operation_size, enum host_status status,
                  const char* said, size_t said_size);

// Errors are those of WASI, 0 is success.
int host_random(void* bytes, size_t size);
enum host_clock { kRealtime = 0, kMonotonic = 1 };
int host_clock(enum host_clock clock, int64_t* nanoseconds);
int host_sleep(int64_t nanoseconds);

// --- What a look at the code finds before any of it runs: imports and built-ins that are not allowed.
enum { kMostProblems = 16 };
struct problem {
  int line;       // 0: not known
  char type[16];  // ImportError, PermissionError
  char message[160];
};
// In the order of their lines. What is more than kMostProblems is dropped.
struct problems {
  int count;
  struct problem all[kMostProblems];
};

void problem_import(struct problems* problems, const char* name, size_t size, int line);
void problem_builtin(struct problems* problems, const char* name, size_t size, int line);
// [{"message": ..., "line": ...}, ...]
void problems_json(const struct problems* problems, struct text* text);

// --- The heap. Takes every free block between used ones for good: the last thing of an initialiser. What a call
// allocates then lies side by side in fresh pages, instead of all over the pages of the image, of which each would have
// to be copied.
void heap_close_holes(void);

// --- What a runner gives to the host.
// The result of caisson_run: where it is and how long.
int64_t result_of(const char* bytes, size_t size);
// The same with the bit that says that the request itself was wrong.
int64_t malformed(const char* message);
// {"ok": false, "error": {"kind": ..., ...}} for a runner that has no memory left for anything else.
int64_t result_no_memory(void);

#endif
