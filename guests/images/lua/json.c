#include "json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lauxlib.h"

static char array_key;

void json_push_array_metatable(lua_State* L) { lua_rawgetp(L, LUA_REGISTRYINDEX, &array_key); }

static int null_to_string(lua_State* L) {
  lua_pushliteral(L, "null");
  return 1;
}

void json_open(lua_State* L) {
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "array");
  lua_setfield(L, -2, "__name");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &array_key);
  // All light userdata share one metatable, and null is the only one there is.
  lua_pushlightuserdata(L, NULL);
  lua_createtable(L, 0, 2);
  lua_pushliteral(L, "null");
  lua_setfield(L, -2, "__name");
  lua_pushcfunction(L, null_to_string);
  lua_setfield(L, -2, "__tostring");
  lua_setmetatable(L, -2);
  lua_pop(L, 1);
}

// --- Reading.

struct reader {
  lua_State* L;
  const char* start;
  const char* at;
  const char* end;
  int array_metatable;  // its place on the stack
  char* error;
  size_t error_size;
};

static __attribute__((noinline)) bool wrong(struct reader* r, const char* what) {
  if (!r->error[0])
    snprintf(r->error, r->error_size, "%s at byte %zu", what, (size_t)(r->at - r->start));
  return false;
}

static void skip_blanks(struct reader* r) {
  while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t'))
    r->at++;
}

static bool hex4(struct reader* r, uint32_t* code) {
  if (r->end - r->at < 4)
    return wrong(r, "an escape is cut short");
  *code = 0;
  for (int i = 0; i < 4; i++) {
    const char c = *r->at++;
    const int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
    if (digit < 0)
      return wrong(r, "an escape is wrong");
    *code = *code << 4 | (uint32_t)digit;
  }
  return true;
}

// What stands behind a backslash, as UTF-8 at `to`; its length, or 0.
static size_t read_escape(struct reader* r, char* to) {
  if (r->at == r->end)
    return wrong(r, "a string is cut short");
  const char c = *r->at++;
  switch (c) {
    case '"':
    case '\\':
    case '/':
      *to = c;
      return 1;
    case 'b':
      *to = '\b';
      return 1;
    case 'f':
      *to = '\f';
      return 1;
    case 'n':
      *to = '\n';
      return 1;
    case 'r':
      *to = '\r';
      return 1;
    case 't':
      *to = '\t';
      return 1;
    case 'u':
      break;
    default:
      return wrong(r, "an escape is wrong");
  }
  uint32_t code;
  if (!hex4(r, &code))
    return 0;
  if (code >= 0xDC00 && code < 0xE000)
    return wrong(r, "a lone surrogate");
  if (code >= 0xD800 && code < 0xDC00) {
    uint32_t low;
    if (r->end - r->at < 6 || r->at[0] != '\\' || r->at[1] != 'u')
      return wrong(r, "a lone surrogate");
    r->at += 2;
    if (!hex4(r, &low))
      return 0;
    if (low < 0xDC00 || low > 0xDFFF)
      return wrong(r, "a lone surrogate");
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  if (code < 0x80) {
    to[0] = (char)code;
    return 1;
  }
  size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (size_t i = length - 1; i > 0; i--, code >>= 6)
    to[i] = (char)(0x80 | (code & 0x3F));
  to[0] = (char)((length == 2 ? 0xC0 : length == 3 ? 0xE0 : 0xF0) | code);
  return length;
}

static const char* plain_end(const char* at, const char* end) {
  while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20)
    at++;
  return at;
}

// A string with escapes, whose first plain part ends at `plain`. The buffer is large: not inlined, so that nesting
// stays cheap.
static __attribute__((noinline)) bool read_escaped(struct reader* r, const char* plain) {
  luaL_Buffer buffer;
  luaL_buffinit(r->L, &buffer);
  for (;;) {
    luaL_addlstring(&buffer, r->at, (size_t)(plain - r->at));
    r->at = plain;
    if (r->at == r->end || (unsigned char)*r->at < 0x20) {
      luaL_pushresult(&buffer);
      lua_pop(r->L, 1);
      return wrong(r, r->at == r->end ? "a string is cut short" : "a control character in a string");
    }
    if (*r->at++ == '"')
      break;
    char character[4];
    const size_t length = read_escape(r, character);
    if (!length) {
      luaL_pushresult(&buffer);
      lua_pop(r->L, 1);
      return false;
    }
    luaL_addlstring(&buffer, character, length);
    plain = plain_end(r->at, r->end);
  }
  luaL_pushresult(&buffer);
  return true;
}

static bool read_string(struct reader* r) {
  r->at++;
  const char* plain = plain_end(r->at, r->end);
  if (plain == r->end || *plain != '"')
    return read_escaped(r, plain);
  lua_pushlstring(r->L, r->at, (size_t)(plain - r->at));
  r->at = plain + 1;
  return true;
}

static size_t digits(struct reader* r, uint64_t* value, bool* exact) {
  const char* from = r->at;
  while (r->at < r->end && *r->at >= '0' && *r->at <= '9') {
    const uint64_t digit = (uint64_t)(*r->at++ - '0');
    if (*value > (UINT64_MAX - digit) / 10)
      *exact = false;
    if (*exact)
      *value = *value * 10 + digit;
  }
  return (size_t)(r->at - from);
}

static __attribute__((noinline)) bool push_float(struct reader* r, const char* from) {
  const size_t size = (size_t)(r->at - from);
  char small[64];
  char* copy = size < sizeof small ? small : malloc(size + 1);
  if (!copy)
    return luaL_error(r->L, "not enough memory") != 0;
  memcpy(copy, from, size);
  copy[size] = 0;
  lua_pushnumber(r->L, strtod(copy, NULL));
  if (copy != small)
    free(copy);
  return true;
}

static __attribute__((noinline)) bool read_number(struct reader* r) {
  const char* from = r->at;
  const bool negative = *r->at == '-';
  if (negative)
    r->at++;
  uint64_t value = 0;
  bool exact = true;
  const char* first = r->at;
  const size_t count = digits(r, &value, &exact);
  if (!count || (count > 1 && *first == '0'))
    return wrong(r, "a number is wrong");
  bool integer = true;
  uint64_t ignored = 0;
  bool fits = false;
  if (r->at < r->end && *r->at == '.') {
    integer = false;
    r->at++;
    if (!digits(r, &ignored, &fits))
      return wrong(r, "a number is wrong");
  }
  if (r->at < r->end && (*r->at | 32) == 'e') {
    integer = false;
    r->at++;
    if (r->at < r->end && (*r->at == '+' || *r->at == '-'))
      r->at++;
    if (!digits(r, &ignored, &fits))
      return wrong(r, "a number is wrong");
  }
  if (integer && exact && value <= (uint64_t)INT64_MAX + negative) {
    lua_pushinteger(r->L, (lua_Integer)(negative ? 0 - value : value));
    return true;
  }
  return push_float(r, from);
}

static bool read_word(struct reader* r, const char* word, size_t size) {
  if ((size_t)(r->end - r->at) < size || memcmp(r->at, word, size) != 0)
    return wrong(r, "a value is wrong");
  r->at += size;
  return true;
}

static bool read_value(struct reader* r, int depth);

static bool read_array(struct reader* r, int depth) {
  lua_newtable(r->L);
  lua_pushvalue(r->L, r->array_metatable);
  lua_setmetatable(r->L, -2);
  r->at++;
  skip_blanks(r);
  if (r->at < r->end && *r->at == ']')
    return r->at++, true;
  for (lua_Integer i = 1;; i++) {
    if (!read_value(r, depth))
      return lua_pop(r->L, 1), false;
    lua_rawseti(r->L, -2, i);
    skip_blanks(r);
    const char c = r->at < r->end ? *r->at : 0;
    if (c != ',' && c != ']')
      return lua_pop(r->L, 1), wrong(r, "',' or ']' is missing");
    r->at++;
    if (c == ']')
      return true;
  }
}

static bool read_object(struct reader* r, int depth) {
  lua_newtable(r->L);
  r->at++;
  skip_blanks(r);
  if (r->at < r->end && *r->at == '}')
    return r->at++, true;
  for (;;) {
    skip_blanks(r);
    if (r->at == r->end || *r->at != '"')
      return lua_pop(r->L, 1), wrong(r, "a key is missing");
    if (!read_string(r))
      return lua_pop(r->L, 1), false;
    skip_blanks(r);
    if (r->at == r->end || *r->at != ':')
      return lua_pop(r->L, 2), wrong(r, "':' is missing");
    r->at++;
    if (!read_value(r, depth))
      return lua_pop(r->L, 2), false;
    lua_rawset(r->L, -3);
    skip_blanks(r);
    const char c = r->at < r->end ? *r->at : 0;
    if (c != ',' && c != '}')
      return lua_pop(r->L, 1), wrong(r, "',' or '}' is missing");
    r->at++;
    if (c == '}')
      return true;
  }
}

static bool read_value(struct reader* r, int depth) {
  skip_blanks(r);
  if (r->at == r->end)
    return wrong(r, "a value is missing");
  if (depth >= kJsonDepth)
    return wrong(r, "nested too deeply");
  luaL_checkstack(r->L, 8, "JSON");
  switch (*r->at) {
    case '"':
      return read_string(r);
    case '[':
      return read_array(r, depth + 1);
    case '{':
      return read_object(r, depth + 1);
    case 't':
      return read_word(r, "true", 4) && (lua_pushboolean(r->L, 1), true);
    case 'f':
      return read_word(r, "false", 5) && (lua_pushboolean(r->L, 0), true);
    case 'n':
      return read_word(r, "null", 4) && (lua_pushlightuserdata(r->L, NULL), true);
    default:
      return read_number(r);
  }
}

bool json_decode(lua_State* L, const char* bytes, size_t size, char* error, size_t error_size) {
  luaL_checkstack(L, 8, "JSON");
  json_push_array_metatable(L);
  struct reader r = {L, bytes, bytes, bytes + size, lua_gettop(L), error, error_size};
  error[0] = 0;
  bool good = read_value(&r, 0);
  if (good) {
    skip_blanks(&r);
    if (r.at != r.end) {
      lua_pop(L, 1);
      good = wrong(&r, "something stands behind the value");
    }
  }
  lua_remove(L, r.array_metatable);
  return good;
}

// --- Writing.

// One container that is being written, and where in it the writer is.
struct level {
  const struct level* above;
  const void* table;
  const char* key;  // null: an array
  size_t key_size;
  lua_Integer index;
};

struct writer {
  lua_State* L;
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
    text_bytes(error, level->key, level->key_size > 60 ? 60 : level->key_size);
  } else {
    text_string(error, "[");
    text_number(error, level->index - 1);
    text_string(error, "]");
  }
}

static __attribute__((noinline)) bool refuse(struct writer* w, const struct level* level, const char* what) {
  write_path(w->error, level);
  text_string(w->error, ": ");
  text_string(w->error, what);
  return false;
}

static bool write_value(struct writer* w, int index, const struct level* above);

static __attribute__((noinline)) bool write_float(struct writer* w, lua_Number number, const struct level* above) {
  if (isnan(number))
    return refuse(w, above, "NaN is not JSON");
  if (isinf(number))
    return refuse(w, above, number > 0 ? "Infinity is not JSON" : "-Infinity is not JSON");
  char digits[40];
  for (int precision = 15; precision <= 17; precision++) {
    snprintf(digits, sizeof digits, "%.*g", precision, number);
    if (precision == 17 || strtod(digits, NULL) == number)
      break;
  }
  text_string(w->out, digits);
  if (!strpbrk(digits, ".e"))
    text_string(w->out, ".0");
  return true;
}

static bool write_array(struct writer* w, int index, struct level* level, lua_Integer count) {
  text_bytes(w->out, "[", 1);
  for (lua_Integer i = 1; i <= count; i++) {
    if (i > 1)
      text_bytes(w->out, ",", 1);
    level->index = i;
    lua_rawgeti(w->L, index, i);
    if (lua_isnil(w->L, -1))
      return lua_pop(w->L, 1), refuse(w, level, "nil in an array");
    const bool good = write_value(w, lua_gettop(w->L), level);
    lua_pop(w->L, 1);
    if (!good)
      return false;
  }
  text_bytes(w->out, "]", 1);
  return true;
}

static bool write_object(struct writer* w, int index, struct level* level) {
  text_bytes(w->out, "{", 1);
  bool first = true;
  lua_pushnil(w->L);
  while (lua_next(w->L, index)) {
    if (!first)
      text_bytes(w->out, ",", 1);
    first = false;
    level->key = lua_tolstring(w->L, -2, &level->key_size);
    bool good = text_json(w->out, level->key, level->key_size);
    if (!good) {
      level->key = "?";
      level->key_size = 1;
      refuse(w, level, "a key that is not UTF-8");
    } else {
      text_bytes(w->out, ":", 1);
      good = write_value(w, lua_gettop(w->L), level);
    }
    if (!good)
      return lua_pop(w->L, 2), false;
    lua_pop(w->L, 1);
  }
  text_bytes(w->out, "}", 1);
  return true;
}

static bool write_table(struct writer* w, int index, const struct level* above) {
  lua_State* L = w->L;
  struct level level = {above, lua_topointer(L, index), NULL, 0, 0};
  for (const struct level* l = above; l; l = l->above) {
    if (l->table == level.table)
      return refuse(w, above, "a table that contains itself");
  }
  if (w->depth >= kJsonDepth)
    return refuse(w, NULL, "nested too deeply");
  luaL_checkstack(L, 8, "JSON");
  bool marked = false;
  if (lua_getmetatable(L, index)) {
    json_push_array_metatable(L);
    marked = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
  }
  // Keys are all texts, or all whole numbers from 1 on.
  lua_Integer last = 0;
  size_t numbers = 0, texts = 0;
  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_pop(L, 1);
    if (lua_isinteger(L, -1)) {
      const lua_Integer key = lua_tointeger(L, -1);
      numbers++;
      if (key > last)
        last = key;
      if (key < 1)
        return lua_pop(L, 1), refuse(w, above, "a table with the number as a key that is no place of an array");
    } else if (lua_type(L, -1) == LUA_TSTRING) {
      texts++;
    } else {
      lua_pop(L, 1);
      return refuse(w, above, "a table with a key that is not a string");
    }
  }
  if (texts && numbers)
    return refuse(w, above, "a table with numbers and strings as keys");
  if (texts && marked)
    return refuse(w, above, "an array with strings as keys");
  if (last > 0 && (uint64_t)last > numbers * 2 + 8) {
    return refuse(w, above, "a table with numbers as keys that is no array without holes");
  }
  w->depth++;
  const bool good = numbers || marked ? write_array(w, index, &level, last) : write_object(w, index, &level);
  w->depth--;
  return good;
}

static bool write_value(struct writer* w, int index, const struct level* above) {
  lua_State* L = w->L;
  switch (lua_type(L, index)) {
    case LUA_TNIL:
      return text_string(w->out, "null"), true;
    case LUA_TBOOLEAN:
      return text_string(w->out, lua_toboolean(L, index) ? "true" : "false"), true;
    case LUA_TNUMBER:
      if (!lua_isinteger(L, index))
        return write_float(w, lua_tonumber(L, index), above);
      return text_number(w->out, lua_tointeger(L, index)), true;
    case LUA_TSTRING: {
      size_t size;
      const char* bytes = lua_tolstring(L, index, &size);
      return text_json(w->out, bytes, size) || refuse(w, above, "a string that is not UTF-8");
    }
    case LUA_TTABLE:
      return write_table(w, index, above);
    case LUA_TLIGHTUSERDATA:
      if (!lua_touserdata(L, index))
        return text_string(w->out, "null"), true;
      break;
    default:
      break;
  }
  char what[80];
  snprintf(what, sizeof what, "a value of type %s is not JSON", luaL_typename(L, index));
  return refuse(w, above, what);
}

bool json_encode(lua_State* L, int index, struct text* out, struct text* error) {
  struct writer w = {L, out, error, 0};
  const int top = lua_gettop(L);
  const bool good = write_value(&w, lua_absindex(L, index), NULL);
  lua_settop(L, top);
  return good;
}
