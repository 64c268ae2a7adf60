#include "settle.h"

#define PY_SSIZE_T_CLEAN
#include "Python.h"

#include <stdlib.h>

#include "caisson.h"

// --- Immortal objects.
struct objects {
  PyObject** at;
  size_t size, room;
  bool failed;
};

static void add(struct objects* objects, PyObject* object) {
  if (objects->size == objects->room) {
    const size_t room = objects->room ? objects->room * 2 : (size_t)1 << 16;
    PyObject** grown = realloc(objects->at, room * sizeof *grown);
    if (!grown) {
      objects->failed = true;
      return;
    }
    objects->at = grown;
    objects->room = room;
  }
  objects->at[objects->size++] = object;
}

// Marks an object, and keeps it to be looked into. A static type is immortal from the beginning, and all of them are found
// another way.
static int mark(PyObject* object, void* found) {
  if (object && !_Py_IsImmortal(object)) {
    object->ob_refcnt = _Py_IMMORTAL_REFCNT;
    add(found, object);
  }
  return 0;
}

// What an object holds on to that its traversal does not tell.
static void mark_hidden(PyObject* object, struct objects* found) {
  if (!PyCode_Check(object))
    return;
  PyCodeObject* code = (PyCodeObject*)object;
  PyObject* const parts[] = {code->co_consts,   code->co_names, code->co_localsplusnames, code->co_localspluskinds, code->co_filename,
                             code->co_name,     code->co_qualname, code->co_linetable,    code->co_exceptiontable};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    mark(parts[i], found);
}

static void look_into(PyObject* object, struct objects* found) {
  PyTypeObject* type = Py_TYPE(object);
  mark((PyObject*)type, found);
  if (type->tp_traverse && (!PyType_Check(object) || PyType_HasFeature((PyTypeObject*)object, Py_TPFLAGS_HEAPTYPE)))
    type->tp_traverse(object, mark, found);
  mark_hidden(object, found);
}

static bool make_immortal(void) {
  PyObject* gc = PyImport_ImportModule("gc");
  PyObject* tracked = gc ? PyObject_CallMethod(gc, "get_objects", NULL) : NULL;
  struct objects found = {0};
  if (tracked) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(tracked); i++) {
      PyObject* object = PyList_GET_ITEM(tracked, i);
      if (object != tracked)
        mark(object, &found);
    }
    while (found.size > 0)
      look_into(found.at[--found.size], &found);
    PyObject* frozen = PyObject_CallMethod(gc, "freeze", NULL);
    Py_XDECREF(frozen);
    found.failed |= !frozen;
  }
  free(found.at);
  Py_XDECREF(tracked);
  Py_XDECREF(gc);
  return tracked && !found.failed;
}

// --- Fresh memory.
// Small objects live in pools of one size each, pools in arenas. Takes the free blocks of all pools that are in use, for
// good, and leaves an arena behind in which nothing but fresh pools is left.
static bool close_pools(void) {
  enum { kStep = 8, kLargest = 512 };
  const char* end = malloc((size_t)1 << 17);
  free((void*)end);
  char* block;
  while ((block = PyObject_Malloc(kLargest)) && block < end) {
  }
  for (size_t size = kLargest - kStep; block && size >= kStep; size -= kStep) {
    while ((block = PyObject_Malloc(size)) && block < end) {
    }
    PyObject_Free(block);
  }
  if (!block)
    PyErr_NoMemory();
  return block;
}

bool settle(void) {
  PyGC_Collect();
  if (!make_immortal())
    return false;
  heap_close_holes();
  const bool closed = close_pools();
  heap_close_holes();
  return closed;
}
