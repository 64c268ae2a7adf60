#include "module.h"

#include <string.h>
#include <wasi/api.h>

#include "caisson.h"
#include "frozen.h"
#include "opcode_ids.h"

// print(level, text): text for the log, by lines.
static PyObject* module_print(PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
  if (count != 2 || !PyUnicode_Check(arguments[1]))
    return PyErr_Format(PyExc_TypeError, "a level and a string");
  const long level = PyLong_AsLong(arguments[0]);
  if (level == -1 && PyErr_Occurred())
    return NULL;
  const enum log_level to = level < 0 ? kTrace : level > kError ? kError : (enum log_level)level;
  Py_ssize_t size;
  const char* bytes = PyUnicode_AsUTF8AndSize(arguments[1], &size);
  if (bytes) {
    host_print(to, bytes, (size_t)size);
    Py_RETURN_NONE;
  }
  PyErr_Clear();
  PyObject* replaced = PyUnicode_AsEncodedString(arguments[1], "utf-8", "replace");
  if (!replaced)
    return NULL;
  host_print(to, PyBytes_AS_STRING(replaced), (size_t)PyBytes_GET_SIZE(replaced));
  Py_DECREF(replaced);
  Py_RETURN_NONE;
}

// call(operation, input): (status, its name, bytes), with a status other than 0 a text instead of bytes.
static PyObject* module_call(PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
  Py_ssize_t size;
  const char* operation = count == 2 ? PyUnicode_AsUTF8AndSize(arguments[0], &size) : NULL;
  if (!operation || !PyBytes_Check(arguments[1]))
    return PyErr_Format(PyExc_TypeError, "an operation and bytes");
  struct text result = {0};
  const enum host_status status = host_call(operation, (size_t)size, PyBytes_AS_STRING(arguments[1]),
                                            (size_t)PyBytes_GET_SIZE(arguments[1]), &result);
  if (status == kNoMemory)
    return PyErr_NoMemory();
  PyObject* said;
  if (status == kOk) {
    said = PyBytes_FromStringAndSize(result.at, (Py_ssize_t)result.size);
  } else {
    struct text message = {0};
    host_failure(&message, operation, (size_t)size, status, result.at, result.size);
    said = PyUnicode_DecodeUTF8(message.at, (Py_ssize_t)message.size, "replace");
    text_free(&message);
  }
  text_free(&result);
  return said ? Py_BuildValue("isN", (int)status, host_status_name(status), said) : NULL;
}

// The line of an instruction.
static int line_of(PyCodeObject* code, Py_ssize_t at) { return PyCode_Addr2Line(code, (int)(at * 2)); }

static int add_finding(PyObject* found, const char* kind, PyObject* name, PyObject* from, int line) {
  PyObject* entry = Py_BuildValue("sOOi", kind, name, from, line);
  const int failed = !entry || PyList_Append(found, entry);
  Py_XDECREF(entry);
  return failed ? -1 : 0;
}

static int scan(PyCodeObject* code, PyObject* denied, PyObject* found) {
  PyObject* bytes = PyCode_GetCode(code);
  if (!bytes)
    return -1;
  const unsigned char* at = (const unsigned char*)PyBytes_AS_STRING(bytes);
  const Py_ssize_t count = PyBytes_GET_SIZE(bytes) / 2;
  int more = 0, failed = 0;
  PyObject* from = Py_None;  // the constant in front of an import: the names that come from it
  for (Py_ssize_t i = 0; i < count && !failed; i++) {
    const int op = at[i * 2], argument = more << 8 | at[i * 2 + 1];
    more = op == EXTENDED_ARG ? argument : 0;
    if (op == LOAD_CONST)
      from = PyTuple_GET_ITEM(code->co_consts, argument);
    if (op == IMPORT_NAME)
      failed = add_finding(found, "import", PyTuple_GET_ITEM(code->co_names, argument), from, line_of(code, i));
    if (op == STORE_NAME || op == STORE_GLOBAL) {
      PyObject* name = PyTuple_GET_ITEM(code->co_names, argument);
      if (PySet_Contains(denied, name) == 1)
        failed = add_finding(found, "store", name, Py_None, line_of(code, i));
    }
    if (op == LOAD_NAME || op == LOAD_GLOBAL) {
      PyObject* name = PyTuple_GET_ITEM(code->co_names, op == LOAD_GLOBAL ? argument >> 1 : argument);
      if (PySet_Contains(denied, name) == 1)
        failed = add_finding(found, "load", name, Py_None, line_of(code, i));
    }
  }
  Py_DECREF(bytes);
  for (Py_ssize_t i = 0; !failed && i < PyTuple_GET_SIZE(code->co_consts); i++) {
    PyObject* constant = PyTuple_GET_ITEM(code->co_consts, i);
    if (PyCode_Check(constant))
      failed = scan((PyCodeObject*)constant, denied, found);
  }
  return failed;
}

// scan(code, denied): what the code imports, and which of the denied names it reads or writes: [(kind, name, from,
// line)].
static PyObject* module_scan(PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
  if (count != 2 || !PyCode_Check(arguments[0]) || !PyAnySet_Check(arguments[1])) {
    return PyErr_Format(PyExc_TypeError, "code and a set");
  }
  PyObject* found = PyList_New(0);
  if (found && scan((PyCodeObject*)arguments[0], arguments[1], found))
    Py_CLEAR(found);
  return found;
}

static PyObject* module_modules(PyObject* self, PyObject* unused) {
  PyObject* names = PyList_New(0);
  extern struct _inittab _PyImport_Inittab[];
  for (const struct _frozen* module = frozen_modules; names && module->name; module++) {
    PyObject* name = PyUnicode_FromString(module->name);
    if (!name || PyList_Append(names, name))
      Py_CLEAR(names);
    Py_XDECREF(name);
  }
  for (const struct _inittab* module = _PyImport_Inittab; names && module->name; module++) {
    PyObject* name = PyUnicode_FromString(module->name);
    if (!name || PyList_Append(names, name))
      Py_CLEAR(names);
    Py_XDECREF(name);
  }
  if (names && PyList_Sort(names))
    Py_CLEAR(names);
  return names;
}

static PyMethodDef kMethods[] = {{"print", (PyCFunction)(void (*)(void))module_print, METH_FASTCALL, NULL},
                                 {"call", (PyCFunction)(void (*)(void))module_call, METH_FASTCALL, NULL},
                                 {"scan", (PyCFunction)(void (*)(void))module_scan, METH_FASTCALL, NULL},
                                 {"modules", module_modules, METH_NOARGS, NULL},
                                 {NULL, NULL, 0, NULL}};

static struct PyModuleDef kModule = {PyModuleDef_HEAD_INIT, "_caisson", NULL, -1, kMethods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__caisson(void) { return PyModule_Create(&kModule); }
