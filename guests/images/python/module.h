// The module `_caisson`: what boot.py and caisson.py have from C.
#ifndef CAISSON_PYTHON_MODULE_H
#define CAISSON_PYTHON_MODULE_H

#define PY_SSIZE_T_CLEAN
#include "Python.h"

PyMODINIT_FUNC PyInit__caisson(void);

#endif
