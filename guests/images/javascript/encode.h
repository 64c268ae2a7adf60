// Values of JavaScript as JSON, by the rules of guests/images/README.md.
#ifndef CAISSON_JS_ENCODE_H
#define CAISSON_JS_ENCODE_H

#include <quickjs.h>

#include "caisson.h"

enum { kJsonDepth = 2000 };

enum encoded { kEncoded, kNotJson, kThrown };

// Finds out which classes there are; once in a context.
void encode_open(JSContext* cx);
// Writes `value`. With kNotJson `error` says what is wrong and where ("$.a[2]: ..."), with kThrown an exception is
// pending.
enum encoded encode(JSContext* cx, JSValueConst value, struct text* out, struct text* error);

#endif
