// The standard library of the image, compiled; frozen.c is written by the build.
#ifndef CAISSON_PYTHON_FROZEN_H
#define CAISSON_PYTHON_FROZEN_H

#include "Python.h"

extern unsigned char frozen_bytes[];
extern struct _frozen frozen_modules[];

#endif
