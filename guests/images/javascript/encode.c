#include "encode.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static JSClassID object_class;
static JSAtom to_json;

void encode_open(JSContext* cx) {
  JSValue object = JS_NewObject(cx);
  object_class = JS_GetClassID(object);
  JS_FreeValue(cx, object);
  to_json = JS_NewAtom(cx, "toJSON");
}

// One container that is being written, and where in it the writer is.
struct level {
  const struct level* above;
  void* object;
  const char* key;  // null: an array
  int64_t index;
};

struct writer {
  JSContext* cx;
  struct text* out;
  struct text* error;
  int depth;
};

static void write_path(struct text* error, const struct level* level) {
  if (!level) {
    text_string(error, "$");
    return;
  }
  write_path(error, level->above);
  if (error->size > 300)
    return;
  if (level->key) {
    text_string(error, ".");
    text_bytes(error, level->key, strnlen(level->key, 60));
  } else {
    text_string(error, "[");
    text_number(error, level->index);
    text_string(error, "]");
  }
}

static __attribute__((noinline)) enum encoded refuse(struct writer* w, const struct level* level, const char* what) {
  write_path(w->error, level);
  text_string(w->error, ": ");
  text_string(w->error, what);
  return kNotJson;
}

static enum encoded write_value(struct writer* w, JSValueConst value, const struct level* above);

static __attribute__((noinline)) enum encoded refuse_object(struct writer* w, JSValueConst value,
                                                            const struct level* above) {
  const JSAtom name = JS_GetClassName(JS_GetRuntime(w->cx), JS_GetClassID(value));
  const char* text = JS_AtomToCString(w->cx, name);
  write_path(w->error, above);
  text_string(w->error, ": a value of type ");
  text_string(w->error, JS_IsFunction(w->cx, value) ? "function" : text ? text : "object");
  text_string(w->error, " is not JSON");
  JS_FreeCString(w->cx, text);
  JS_FreeAtom(w->cx, name);
  return kNotJson;
}

static enum encoded write_text(struct writer* w, JSValueConst value, const struct level* above) {
  size_t size;
  const char* bytes = JS_ToCStringLen(w->cx, &size, value);
  if (!bytes)
    return kThrown;
  const bool good = text_json(w->out, bytes, size);
  JS_FreeCString(w->cx, bytes);
  return good ? kEncoded : refuse(w, above, "a string with a lone surrogate");
}

// A number as the language writes it.
static enum encoded write_plain(struct writer* w, JSValueConst value) {
  size_t size;
  const char* bytes = JS_ToCStringLen(w->cx, &size, value);
  if (!bytes)
    return kThrown;
  text_bytes(w->out, bytes, size);
  JS_FreeCString(w->cx, bytes);
  return kEncoded;
}

static enum encoded write_big(struct writer* w, JSValueConst value, const struct level* above) {
  size_t size;
  const char* digits = JS_ToCStringLen(w->cx, &size, value);
  if (!digits)
    return kThrown;
  const bool negative = *digits == '-';
  uint64_t number = 0;
  bool fits = size - negative <= 20;
  for (const char* at = digits + negative; fits && *at; at++) {
    const uint64_t digit = (uint64_t)(*at - '0');
    fits = number <= (UINT64_MAX - digit) / 10;
    number = number * 10 + digit;
  }
  fits = fits && (!negative || number <= (uint64_t)INT64_MAX + 1);
  if (fits)
    text_bytes(w->out, digits, size);
  JS_FreeCString(w->cx, digits);
  return fits ? kEncoded : refuse(w, above, "an integer of more than 64 bits");
}

static enum encoded write_date(struct writer* w, JSValueConst value, const struct level* above) {
  double time;
  if (JS_ToFloat64(w->cx, &time, value))
    return kThrown;
  if (isnan(time))
    return refuse(w, above, "an invalid date");
  const JSAtom name = JS_NewAtom(w->cx, "toISOString");
  JSValue text = JS_Invoke(w->cx, value, name, 0, NULL);
  JS_FreeAtom(w->cx, name);
  size_t size;
  const char* bytes = JS_IsException(text) ? NULL : JS_ToCStringLen(w->cx, &size, text);
  JS_FreeValue(w->cx, text);
  if (!bytes)
    return kThrown;
  text_string(w->out, "\"");
  const bool whole = size > 5 && memcmp(bytes + size - 5, ".000Z", 5) == 0;
  text_bytes(w->out, bytes, whole ? size - 5 : size);
  text_string(w->out, whole ? "Z\"" : "\"");
  JS_FreeCString(w->cx, bytes);
  return kEncoded;
}

static enum encoded write_bytes(struct writer* w, const uint8_t* bytes, size_t size) {
  text_string(w->out, "{\"base64\":\"");
  text_base64(w->out, bytes, size);
  text_string(w->out, "\",\"media_type\":\"application/octet-stream\"}");
  return kEncoded;
}

static enum encoded write_array(struct writer* w, JSValueConst value, struct level* level) {
  int64_t count;
  if (JS_GetLength(w->cx, value, &count))
    return kThrown;
  text_bytes(w->out, "[", 1);
  for (int64_t i = 0; i < count; i++) {
    if (i)
      text_bytes(w->out, ",", 1);
    level->index = i;
    JSValue item = JS_GetPropertyInt64(w->cx, value, i);
    if (JS_IsException(item))
      return kThrown;
    if (JS_IsUndefined(item))
      return refuse(w, level, "undefined in an array");
    const enum encoded result = write_value(w, item, level);
    JS_FreeValue(w->cx, item);
    if (result != kEncoded)
      return result;
  }
  text_bytes(w->out, "]", 1);
  return kEncoded;
}

static enum encoded write_members(struct writer* w, JSValueConst value, struct level* level) {
  JSPropertyEnum* members;
  uint32_t count;
  if (JS_GetOwnPropertyNames(w->cx, &members, &count, value, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY))
    return kThrown;
  text_bytes(w->out, "{", 1);
  bool first = true;
  enum encoded result = kEncoded;
  for (uint32_t i = 0; i < count && result == kEncoded; i++) {
    JSValue member = JS_GetProperty(w->cx, value, members[i].atom);
    if (JS_IsException(member)) {
      result = kThrown;
    } else if (!JS_IsUndefined(member)) {
      size_t size;
      level->key = JS_AtomToCStringLen(w->cx, &size, members[i].atom);
      if (!level->key) {
        result = kThrown;
      } else {
        if (!first)
          text_bytes(w->out, ",", 1);
        first = false;
        if (text_json(w->out, level->key, size)) {
          text_bytes(w->out, ":", 1);
          result = write_value(w, member, level);
        } else {
          result = refuse(w, level->above, "a key with a lone surrogate");
        }
      }
      JS_FreeCString(w->cx, level->key);
    }
    JS_FreeValue(w->cx, member);
  }
  JS_FreePropertyEnum(w->cx, members, count);
  text_bytes(w->out, "}", 1);
  return result;
}

static enum encoded write_object(struct writer* w, JSValueConst value, const struct level* above) {
  JSContext* cx = w->cx;
  struct level level = {above, JS_VALUE_GET_PTR(value), NULL, 0};
  for (const struct level* l = above; l; l = l->above) {
    if (l->object == level.object)
      return refuse(w, above, "an object that contains itself");
  }
  if (w->depth >= kJsonDepth)
    return refuse(w, NULL, "nested too deeply");
  if (JS_IsDate(value))
    return write_date(w, value, above);
  size_t size;
  if (JS_GetTypedArrayType(value) == JS_TYPED_ARRAY_UINT8) {
    const uint8_t* bytes = JS_GetUint8Array(cx, &size, value);
    return bytes || !size ? write_bytes(w, bytes, size) : kThrown;
  }
  if (JS_IsArrayBuffer(value)) {
    const uint8_t* bytes = JS_GetArrayBuffer(cx, &size, value);
    return bytes || !size ? write_bytes(w, bytes, size) : kThrown;
  }
  const bool proxy = JS_IsProxy(value);
  const bool array = JS_IsArray(value);
  if (!array && !proxy && JS_GetClassID(value) != object_class)
    return refuse_object(w, value, above);
  if (JS_IsFunction(cx, value))
    return refuse_object(w, value, above);
  JSValue method = JS_GetProperty(cx, value, to_json);
  if (JS_IsException(method))
    return kThrown;
  enum encoded result;
  w->depth++;
  if (JS_IsFunction(cx, method)) {
    JSValue other = JS_Call(cx, method, value, 0, NULL);
    const struct level* same = above;
    result = JS_IsException(other)   ? kThrown
             : JS_IsUndefined(other) ? refuse(w, same, "undefined")
                                     : write_value(w, other, same);
    JS_FreeValue(cx, other);
  } else {
    result = array ? write_array(w, value, &level) : write_members(w, value, &level);
  }
  w->depth--;
  JS_FreeValue(cx, method);
  return result;
}

static enum encoded write_value(struct writer* w, JSValueConst value, const struct level* above) {
  switch (JS_VALUE_GET_NORM_TAG(value)) {
    case JS_TAG_INT:
      return text_number(w->out, JS_VALUE_GET_INT(value)), kEncoded;
    case JS_TAG_BOOL:
      return text_string(w->out, JS_VALUE_GET_BOOL(value) ? "true" : "false"), kEncoded;
    case JS_TAG_NULL:
      return text_string(w->out, "null"), kEncoded;
    case JS_TAG_UNDEFINED:
      return text_string(w->out, "null"), kEncoded;
    case JS_TAG_FLOAT64: {
      const double number = JS_VALUE_GET_FLOAT64(value);
      if (isnan(number))
        return refuse(w, above, "NaN is not JSON");
      if (isinf(number))
        return refuse(w, above, number > 0 ? "Infinity is not JSON" : "-Infinity is not JSON");
      return write_plain(w, value);
    }
    case JS_TAG_OBJECT:
      return write_object(w, value, above);
    default:
      break;
  }
  if (JS_IsString(value))
    return write_text(w, value, above);
  if (JS_IsBigInt(value))
    return write_big(w, value, above);
  return refuse(w, above, JS_IsSymbol(value) ? "a value of type symbol is not JSON" : "a value that is not JSON");
}

enum encoded encode(JSContext* cx, JSValueConst value, struct text* out, struct text* error) {
  struct writer w = {cx, out, error, 0};
  return write_value(&w, value, NULL);
}
