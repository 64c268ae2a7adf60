#include "library.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

#include "caisson.h"
#include "encode.h"

JSValue kit, allowed;

static bool seeded;

// --- What the engine asks for (patched in, see recipes/javascript.py).

// Seeds Math.random when it is used first. False: an exception is pending.
bool caisson_seed(JSContext* cx, uint64_t* state) {
  if (seeded)
    return true;
  const int error = host_random(state, sizeof *state);
  if (error) {
    JS_ThrowTypeError(cx, "random: %s (error %d of the host)",
                      error == __WASI_ERRNO_NOTCAPABLE ? "it is not granted" : "it failed", error);
    return false;
  }
  *state |= 1;
  return seeded = true;
}

// The time in milliseconds. False: an exception is pending.
bool caisson_now(JSContext* cx, int64_t* milliseconds) {
  int64_t now;
  const int error = host_clock(kRealtime, &now);
  if (error) {
    JS_ThrowTypeError(cx, "clock: %s (error %d of the host)",
                      error == __WASI_ERRNO_NOTCAPABLE ? "it is not granted" : "it failed", error);
    return false;
  }
  *milliseconds = now / 1000000;
  return true;
}

// --- Functions for boot.js.

static JSValue native_log(JSContext* cx, JSValueConst self, int argc, JSValueConst* argv) {
  (void)self, (void)argc;
  int level;
  size_t size;
  if (JS_ToInt32(cx, &level, argv[0]))
    return JS_EXCEPTION;
  const char* bytes = JS_ToCStringLen(cx, &size, argv[1]);
  if (!bytes)
    return JS_EXCEPTION;
  level = level < 0 ? 0 : level > kError ? kError : level;
  host_print((enum log_level)level, bytes, size);
  host_print((enum log_level)level, "\n", 1);
  JS_FreeCString(cx, bytes);
  return JS_UNDEFINED;
}

// The UTF-8 of a string; what is a lone surrogate is U+FFFD.
static bool add_utf8(JSContext* cx, JSValueConst value, struct text* to) {
  size_t size;
  const char* bytes = JS_ToCStringLen(cx, &size, value);
  if (!bytes)
    return false;
  for (size_t at = 0; at < size;) {
    const size_t length = utf8_length((const unsigned char*)bytes + at, size - at);
    if (length) {
      text_bytes(to, bytes + at, length);
      at += length;
    } else {
      text_string(to, "\xEF\xBF\xBD");
      at += size - at < 3 ? size - at : 3;
    }
  }
  JS_FreeCString(cx, bytes);
  return true;
}

static bool add_bytes(JSContext* cx, JSValueConst value, struct text* to) {
  if (JS_IsUndefined(value))
    return true;
  if (JS_GetTypedArrayType(value) != JS_TYPED_ARRAY_UINT8)
    return add_utf8(cx, value, to);
  size_t size;
  const uint8_t* bytes = JS_GetUint8Array(cx, &size, value);
  if (!bytes && size)
    return false;
  text_bytes(to, bytes, size);
  return true;
}

static JSValue take_bytes(JSContext* cx, struct text* text) {
  JSValue bytes = text->failed ? JS_ThrowOutOfMemory(cx) : JS_NewUint8ArrayCopy(cx, (uint8_t*)text->at, text->size);
  text_free(text);
  return bytes;
}

// call(operation, head, bytes): the result's bytes, or the status and what is said of it, [n, text, name].
static JSValue native_call(JSContext* cx, JSValueConst self, int argc, JSValueConst* argv) {
  (void)self, (void)argc;
  struct text operation = {0}, input = {0}, result = {0};
  if (!add_utf8(cx, argv[0], &operation) || !add_utf8(cx, argv[1], &input))
    return JS_EXCEPTION;
  text_string(&input, "\n");
  if (!add_bytes(cx, argv[2], &input))
    return JS_EXCEPTION;
  if (input.failed || operation.failed)
    return JS_ThrowOutOfMemory(cx);
  const enum host_status status = host_call(operation.at, operation.size, input.at, input.size, &result);
  text_free(&input);
  JSValue answer;
  if (status == kNoMemory) {
    answer = JS_ThrowOutOfMemory(cx);
  } else if (status == kOk) {
    answer = take_bytes(cx, &result);
  } else {
    struct text message = {0};
    host_failure(&message, operation.at, operation.size, status, result.at, result.size);
    answer = JS_NewArray(cx);
    JS_SetPropertyUint32(cx, answer, 0, JS_NewInt32(cx, (int)status));
    JS_SetPropertyUint32(cx, answer, 1, JS_NewStringLen(cx, message.at ? message.at : "", message.size));
    JS_SetPropertyUint32(cx, answer, 2, JS_NewString(cx, host_status_name(status)));
    text_free(&message);
  }
  text_free(&result);
  text_free(&operation);
  return answer;
}

static JSValue native_bytes(JSContext* cx, JSValueConst self, int argc, JSValueConst* argv) {
  (void)self, (void)argc;
  struct text bytes = {0};
  if (!add_utf8(cx, argv[0], &bytes))
    return JS_EXCEPTION;
  return take_bytes(cx, &bytes);
}

// utf8(bytes, fatal): the text; undefined when it is not UTF-8 and `fatal` is set.
static JSValue native_utf8(JSContext* cx, JSValueConst self, int argc, JSValueConst* argv) {
  (void)self, (void)argc;
  size_t size;
  const unsigned char* bytes = JS_GetUint8Array(cx, &size, argv[0]);
  if (!bytes && size)
    return JS_EXCEPTION;
  size_t at = 0;
  while (at < size) {
    const size_t length = utf8_length(bytes + at, size - at);
    if (!length)
      break;
    at += length;
  }
  if (at == size)
    return JS_NewStringLen(cx, (const char*)bytes, size);
  if (JS_ToBool(cx, argv[1]))
    return JS_UNDEFINED;
  struct text good = {0};
  text_bytes(&good, bytes, at);
  while (at < size) {
    const size_t length = utf8_length(bytes + at, size - at);
    if (length) {
      text_bytes(&good, bytes + at, length);
      at += length;
    } else {
      // One mark for the longest part that could have begun a character.
      const unsigned char first = bytes[at++];
      size_t more = first >= 0xF0 && first <= 0xF4 ? 3 : first >= 0xE0 && first < 0xF0 ? 2 : 0;
      unsigned char low = first == 0xE0   ? 0xA0
                          : first == 0xF0 ? 0x90
                                          : 0x80,
                    high = first == 0xED   ? 0x9F
                           : first == 0xF4 ? 0x8F
                                           : 0xBF;
      while (more-- > 1 && at < size && bytes[at] >= low && bytes[at] <= high)
        at++, low = 0x80, high = 0xBF;
      text_string(&good, "\xEF\xBF\xBD");
    }
  }
  JSValue text = good.failed ? JS_ThrowOutOfMemory(cx) : JS_NewStringLen(cx, good.at, good.size);
  text_free(&good);
  return text;
}

static JSValue native_sleep(JSContext* cx, JSValueConst self, int argc, JSValueConst* argv) {
  (void)self, (void)argc;
  double milliseconds;
  if (JS_ToFloat64(cx, &milliseconds, argv[0]))
    return JS_EXCEPTION;
  const int error = milliseconds > 0 ? host_sleep(milliseconds > 9e12 ? INT64_MAX : (int64_t)(milliseconds * 1e6)) : 0;
  if (!error)
    return JS_UNDEFINED;
  return JS_ThrowTypeError(cx, "sleep: %s (error %d of the host)",
                           error == __WASI_ERRNO_NOTCAPABLE ? "it is not granted" : "it failed", error);
}

static JSValue native_monotonic(JSContext* cx, JSValueConst self, int argc, JSValueConst* argv) {
  (void)self, (void)argc, (void)argv;
  int64_t now;
  const int error = host_clock(kMonotonic, &now);
  return error ? JS_ThrowTypeError(cx, "clock: it is not granted (error %d of the host)", error)
               : JS_NewFloat64(cx, (double)now / 1e6);
}

static JSValue native_random(JSContext* cx, JSValueConst self, int argc, JSValueConst* argv) {
  (void)self, (void)argc;
  int count;
  if (JS_ToInt32(cx, &count, argv[0]))
    return JS_EXCEPTION;
  struct text bytes = {0};
  char* to = count > 0 ? text_room(&bytes, (size_t)count) : NULL;
  if (to) {
    const int error = host_random(to, (size_t)count);
    if (error)
      return JS_ThrowTypeError(cx, "random: it is not granted (error %d of the host)", error);
    bytes.size = (size_t)count;
  }
  return take_bytes(cx, &bytes);
}

static const JSCFunctionListEntry kNative[] = {
    JS_CFUNC_DEF("log", 2, native_log),       JS_CFUNC_DEF("call", 3, native_call),
    JS_CFUNC_DEF("bytes", 1, native_bytes),   JS_CFUNC_DEF("utf8", 2, native_utf8),
    JS_CFUNC_DEF("sleep", 1, native_sleep),   JS_CFUNC_DEF("monotonic", 0, native_monotonic),
    JS_CFUNC_DEF("random", 1, native_random),
};

// --- Modules.

bool is_allowed(JSContext* cx, const char* name) {
  if (strcmp(name, "caisson") == 0)
    return true;
  int64_t count = 0;
  if (!JS_IsArray(allowed) || JS_GetLength(cx, allowed, &count))
    return false;
  bool found = false;
  for (int64_t i = 0; i < count && !found; i++) {
    JSValue item = JS_GetPropertyInt64(cx, allowed, i);
    const char* text = JS_ToCString(cx, item);
    found = text && strcmp(text, name) == 0;
    JS_FreeCString(cx, text);
    JS_FreeValue(cx, item);
  }
  return found;
}

static const char* const kExports[] = {"log",   "kv",      "emit",     "secret", "http",    "fetch",
                                       "sleep", "payload", "metadata", "run",    "context", NULL};

static int fill_module(JSContext* cx, JSModuleDef* module) {
  JSValue caisson = JS_GetPropertyStr(cx, kit, "caisson");
  for (const char* const* name = kExports; *name; name++) {
    JS_SetModuleExport(cx, module, *name, JS_GetPropertyStr(cx, caisson, *name));
  }
  return JS_SetModuleExport(cx, module, "default", caisson);
}

static char* same_name(JSContext* cx, const char* base, const char* name, void* opaque) {
  (void)base, (void)opaque;
  return js_strdup(cx, name);
}

static JSModuleDef* load_module(JSContext* cx, const char* name, void* opaque) {
  (void)opaque;
  if (!is_allowed(cx, name)) {
    JS_ThrowTypeError(cx, "Import '%s' is not allowed in sandbox", name);
    return NULL;
  }
  if (strcmp(name, "caisson") != 0) {
    JS_ThrowTypeError(cx, "module '%s' is not in this image", name);
    return NULL;
  }
  JSModuleDef* module = JS_NewCModule(cx, name, fill_module);
  if (!module)
    return NULL;
  for (const char* const* export = kExports; *export; export ++)
    JS_AddModuleExport(cx, module, *export);
  JS_AddModuleExport(cx, module, "default");
  return module;
}

void open_library(JSContext* cx, JSValueConst native) {
  JS_SetModuleLoaderFunc(JS_GetRuntime(cx), same_name, load_module, NULL);
  JS_SetPropertyFunctionList(cx, native, kNative, sizeof kNative / sizeof *kNative);
}
