// Python's values as JSON, by the rules of guests/images/README.md.
#ifndef CAISSON_PYTHON_ENCODE_H
#define CAISSON_PYTHON_ENCODE_H

#define PY_SSIZE_T_CLEAN
#include "Python.h"

#include "caisson.h"

enum { kJsonDepth = 2000 };

enum encoded { kEncoded, kNotJson, kRaised };

// Writes `value`. `convert` is called with what JSON does not know, and gives a text, a dictionary, or None: then it is
// not JSON. With kNotJson `error` says what is wrong and where ("$.a[2]: ..."), with kRaised an exception is set.
enum encoded encode(PyObject* value, PyObject* convert, struct text* out, struct text* error);

#endif
