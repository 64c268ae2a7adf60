// What user code finds in the image: the standard library less what reaches out of it, and `caisson` and `json`.
#ifndef CAISSON_LUA_LIBRARY_H
#define CAISSON_LUA_LIBRARY_H

#include <stdbool.h>

#include "lua.h"

// Keys of the registry: the set of the modules that a request allows (none: the default ones), and the table `caisson`.
extern char allowed_key, caisson_key;

// Makes all of it; the stack is empty afterwards.
void open_library(lua_State* L);

// Whether `require` of a module is allowed.
bool is_allowed(lua_State* L, const char* name);

// A function of Lua: a value as JSON.
int native_encode(lua_State* L);

#endif
