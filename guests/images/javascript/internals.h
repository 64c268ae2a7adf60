// What the interface of quickjs does not tell of code: internals.c, a part of quickjs.c (recipes/javascript.py).
#ifndef CAISSON_JAVASCRIPT_INTERNALS_H
#define CAISSON_JAVASCRIPT_INTERNALS_H

#include <quickjs.h>

enum reached { kReachedImport, kReachedBuiltin };
// `name` is valid during the call. `line` is 0 for an import that stands in the head of a module.
typedef void on_reached(void* opaque, enum reached what, const char* name, size_t size, int line);

// Looks through compiled code and all that it contains, without running it: names of modules in the head, in `import()`
// and in `require()` when they are written out; `eval`, and `Function` when it is called. A global that the code sets
// itself is its own. An exception is pending when it returns false.
bool caisson_scan(JSContext* cx, JSValueConst code, on_reached* found, void* opaque);

// A variable of the top of a module that was evaluated; undefined when there is none of that name, or no value yet.
JSValue caisson_module_variable(JSContext* cx, JSValueConst module, const char* name);

// A text of JavaScript that a module is named by, as C has it; null, with an exception, when it has a zero byte.
const char* caisson_module_name(JSContext* cx, JSValueConst name);

#endif
