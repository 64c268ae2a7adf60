// What the engine, boot.js and user code find in the image: the host's clock and randomness, functions for boot.js, and
// the modules that code may import.
#ifndef CAISSON_JAVASCRIPT_LIBRARY_H
#define CAISSON_JAVASCRIPT_LIBRARY_H

#include <quickjs.h>
#include <stdbool.h>

extern JSValue kit;      // what boot.js made for the runner
extern JSValue allowed;  // the modules that a request allows: an array, or undefined

// Whether code may import a module.
bool is_allowed(JSContext* cx, const char* name);

// Puts the functions for boot.js into `native`, and lets the engine ask here for modules.
void open_library(JSContext* cx, JSValueConst native);

#endif
