#include "library.h"

#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

#include "boot.inc"
#include "caisson.h"
#include "json.h"
#include "lauxlib.h"
#include "lualib.h"

static bool seeded;

// Keys of the registry.
static char modules_key, random_key, seed_key;
char allowed_key, caisson_key;

static const char kDefaultModules[] = "caisson json string table math utf8 coroutine os";

// --- Functions.

static int lua_print(lua_State* L) {
  const int count = lua_gettop(L);
  for (int i = 1; i <= count; i++) {
    size_t size;
    const char* bytes = luaL_tolstring(L, i, &size);
    if (i > 1)
      host_print(kInfo, "\t", 1);
    host_print(kInfo, bytes, size);
    lua_pop(L, 1);
  }
  host_print(kInfo, "\n", 1);
  return 0;
}

static int native_log(lua_State* L) {
  const lua_Integer level = luaL_checkinteger(L, 1);
  const int count = lua_gettop(L);
  struct text line = {0};
  for (int i = 2; i <= count; i++) {
    size_t size;
    const char* bytes = luaL_tolstring(L, i, &size);
    if (i > 2)
      text_bytes(&line, "\t", 1);
    text_bytes(&line, bytes, size);
    lua_pop(L, 1);
  }
  text_bytes(&line, "\n", 1);
  host_print(level < 0 ? kTrace : level > kError ? kError : (enum log_level)level, line.at, line.size);
  text_free(&line);
  return 0;
}

static int native_call(lua_State* L) {
  size_t operation_size, input_size;
  const char* operation = luaL_checklstring(L, 1, &operation_size);
  const char* input = luaL_checklstring(L, 2, &input_size);
  struct text result = {0};
  const enum host_status status = host_call(operation, operation_size, input, input_size, &result);
  lua_pushinteger(L, status);
  if (status == kOk) {
    lua_pushlstring(L, result.at ? result.at : "", result.size);
    text_free(&result);
    return 2;
  }
  struct text message = {0};
  host_failure(&message, operation, operation_size, status, result.at, result.size);
  lua_pushnil(L);
  lua_pushlstring(L, message.at ? message.at : "", message.size);
  text_free(&message);
  text_free(&result);
  return 3;
}

int native_encode(lua_State* L) {
  luaL_checkany(L, 1);
  struct text out = {0}, error = {0};
  const bool good = json_encode(L, 1, &out, &error);
  const struct text* said = good ? &out : &error;
  const bool failed = said->failed;
  if (!failed)
    lua_pushlstring(L, said->at ? said->at : "", said->size);
  text_free(&out);
  text_free(&error);
  if (failed)
    return luaL_error(L, "not enough memory");
  return good ? 1 : lua_error(L);
}

static int native_decode(lua_State* L) {
  size_t size;
  const char* bytes = luaL_checklstring(L, 1, &size);
  char error[120];
  if (!json_decode(L, bytes, size, error, sizeof error))
    return luaL_error(L, "JSON: %s", error);
  return 1;
}

static int native_array(lua_State* L) {
  if (lua_isnoneornil(L, 1))
    lua_settop(L, 0), lua_newtable(L);
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  json_push_array_metatable(L);
  lua_setmetatable(L, 1);
  return 1;
}

static int denied(lua_State* L, const char* what, int error) {
  return luaL_error(L, "%s: %s (error %d of the host)", what,
                    error == __WASI_ERRNO_NOTCAPABLE ? "it is not granted" : "it failed", error);
}

static int native_sleep(lua_State* L) {
  const lua_Number seconds = luaL_checknumber(L, 1);
  const int error = seconds > 0 ? host_sleep(seconds > 9e9 ? INT64_MAX : (int64_t)(seconds * 1e9)) : 0;
  return error ? denied(L, "sleep", error) : 0;
}

static int lua_load_text(lua_State* L) {
  if (lua_gettop(L) < 3)
    lua_settop(L, 3);
  lua_pushliteral(L, "t");
  lua_replace(L, 3);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

// The generator is seeded when it is used first, so that a call that never uses it asks the host for nothing.
static int lua_random(lua_State* L) {
  if (!seeded) {
    lua_Integer seed[2];
    const int error = host_random(seed, sizeof seed);
    if (error)
      return denied(L, "random", error);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &seed_key);
    lua_pushinteger(L, seed[0]);
    lua_pushinteger(L, seed[1]);
    lua_call(L, 2, 0);
    seeded = true;
  }
  lua_rawgetp(L, LUA_REGISTRYINDEX, &random_key);
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, 1);
  return 1;
}

static int lua_randomseed(lua_State* L) {
  if (lua_isnone(L, 1)) {
    lua_Integer seed[2];
    const int error = host_random(seed, sizeof seed);
    if (error)
      return denied(L, "random", error);
    lua_pushinteger(L, seed[0]);
    lua_pushinteger(L, seed[1]);
  }
  seeded = true;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &seed_key);
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

// time, date: what the clock says is asked for first, so that a refusal has a message.
static int with_clock(lua_State* L) {
  int64_t now;
  const int place = (int)lua_tointeger(L, lua_upvalueindex(2));
  const int error = lua_isnoneornil(L, place) ? host_clock(kRealtime, &now) : 0;
  if (error)
    return denied(L, "clock", error);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, 1);
  return 1;
}

static int os_clock(lua_State* L) {
  int64_t now;
  const int error = host_clock(kMonotonic, &now);
  if (error)
    return denied(L, "clock", error);
  lua_pushnumber(L, (lua_Number)now / 1e9);
  return 1;
}

bool is_allowed(lua_State* L, const char* name) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &allowed_key);
  const bool all_default = lua_isnil(L, -1);
  bool allowed = strcmp(name, "caisson") == 0;
  if (!allowed && !all_default)
    allowed = lua_getfield(L, -1, name) != LUA_TNIL, lua_pop(L, 1);
  lua_pop(L, 1);
  if (allowed || !all_default)
    return allowed;
  const size_t size = strlen(name);
  for (const char* at = kDefaultModules; (at = strstr(at, name)) && size; at += size) {
    if ((at == kDefaultModules || at[-1] == ' ') && (at[size] == ' ' || !at[size]))
      return true;
  }
  return false;
}

static int lua_require(lua_State* L) {
  size_t size;
  const char* name = luaL_checklstring(L, 1, &size);
  if (strlen(name) != size || !is_allowed(L, name))
    return luaL_error(L, "Import '%s' is not allowed in sandbox", name);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &modules_key);
  if (lua_getfield(L, -1, name) == LUA_TNIL)
    return luaL_error(L, "module '%s' is not in this image", name);
  return 1;
}

// --- All of it.

static void add_library(lua_State* L, const char* name, lua_CFunction open) {
  luaL_requiref(L, name, open, 1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &modules_key);
  lua_insert(L, -2);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}

// Replaces `table.name` by `function`, which gets the old one as its first upvalue and `number` as its second.
static void wrap(lua_State* L, const char* table, const char* name, lua_CFunction function, int number) {
  lua_getglobal(L, table);
  lua_getfield(L, -1, name);
  lua_pushinteger(L, number);
  lua_pushcclosure(L, function, 2);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}

static void remove_names(lua_State* L, const char* table, const char* const* names) {
  lua_getglobal(L, table);
  for (; *names; names++)
    lua_pushnil(L), lua_setfield(L, -2, *names);
  lua_pop(L, 1);
}

void open_library(lua_State* L) {
  static const luaL_Reg kNative[] = {{"call", native_call},
                                     {"encode", native_encode},
                                     {"decode", native_decode},
                                     {"array", native_array},
                                     {"sleep", native_sleep},
                                     {"log", native_log},
                                     {NULL, NULL}};
  static const char* const kNotGlobal[] = {"dofile", "loadfile", "require", NULL};
  static const char* const kNotOfOs[] = {"execute", "exit", "getenv", "remove", "rename", "setlocale", "tmpname", NULL};
  static const char* const kNotOfString[] = {"dump", NULL};
  json_open(L);
  lua_newtable(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &modules_key);
  luaL_requiref(L, "_G", luaopen_base, 1);
  lua_pop(L, 1);
  add_library(L, "string", luaopen_string);
  add_library(L, "table", luaopen_table);
  add_library(L, "math", luaopen_math);
  add_library(L, "utf8", luaopen_utf8);
  add_library(L, "coroutine", luaopen_coroutine);
  add_library(L, "os", luaopen_os);
  remove_names(L, "_G", kNotGlobal);
  remove_names(L, "os", kNotOfOs);
  remove_names(L, "string", kNotOfString);
  lua_getglobal(L, "math");
  lua_getfield(L, -1, "random");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &random_key);
  lua_getfield(L, -1, "randomseed");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &seed_key);
  lua_pushcfunction(L, lua_random);
  lua_setfield(L, -2, "random");
  lua_pushcfunction(L, lua_randomseed);
  lua_setfield(L, -2, "randomseed");
  lua_pop(L, 1);
  wrap(L, "os", "time", with_clock, 1);
  wrap(L, "os", "date", with_clock, 2);
  wrap(L, "os", "clock", os_clock, 0);
  wrap(L, "_G", "load", lua_load_text, 0);
  lua_register(L, "print", lua_print);
  lua_register(L, "require", lua_require);

  if (luaL_loadbufferx(L, boot_lua, sizeof boot_lua - 1, "=caisson", "t") != LUA_OK)
    abort();
  luaL_newlib(L, kNative);
  lua_pushlightuserdata(L, NULL);
  lua_setfield(L, -2, "null");
  lua_call(L, 1, 2);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &modules_key);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, "json");
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "caisson");
  lua_pushvalue(L, -3);
  lua_setglobal(L, "caisson");
  // Room for what every call sets, so that none has to make the table larger.
  static const char* const kOfCall[] = {"payload", "metadata", "run", "context"};
  for (size_t i = 0; i < sizeof kOfCall / sizeof *kOfCall; i++)
    lua_pushboolean(L, 0), lua_setfield(L, -4, kOfCall[i]);
  lua_pushvalue(L, -3);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &caisson_key);
  lua_settop(L, 0);
}
