// What compiled code reaches for, seen without running it.
#ifndef CAISSON_LUA_SCAN_H
#define CAISSON_LUA_SCAN_H

#include "caisson.h"
#include "lua.h"

// Looks through the function at the top of the stack and all that it contains: `require` of a name that is not allowed,
// the functions and libraries of the standard that an image does not have. A name that the code sets itself is its own.
void scan_code(lua_State* L, struct problems* found);

#endif
