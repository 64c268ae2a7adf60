// JSON for Lua: null is the light userdata NULL, arrays have the metatable of json_push_array_metatable.
#ifndef CAISSON_LUA_JSON_H
#define CAISSON_LUA_JSON_H

#include "caisson.h"
#include "lua.h"

enum { kJsonDepth = 2000 };

// Prepares a state: the metatables that the codec needs.
void json_open(lua_State* L);
void json_push_array_metatable(lua_State* L);
// Pushes the value; on failure nothing, and `error` says what and where. May raise a memory error.
bool json_decode(lua_State* L, const char* bytes, size_t size, char* error, size_t error_size);
// Writes the value at `index`. On failure `error` is a text with the type and the path of the value ("$.a[2]").
bool json_encode(lua_State* L, int index, struct text* out, struct text* error);

#endif
