// Runs one piece of Python: the request in, the result out, as guests/images/README.md says.
#define PY_SSIZE_T_CLEAN
#include "Python.h"

#include <stdlib.h>
#include <string.h>

#include "caisson.h"
#include "encode.h"
#include "frozen.h"
#include "settle.h"

void __wasm_call_ctors(void);

static PyObject *serve, *convert, *not_json;
static struct text output;

struct call {
  char *code, *input;
  PyObject* result;
};
static struct call last;

static void give_up(const char* what) {
  host_print(kError, what, strlen(what));
  host_print(kError, "\n", 1);
  PyObject* raised = PyErr_Occurred() ? PyErr_GetRaisedException() : NULL;
  PyObject* trace = raised ? PyException_GetTraceback(raised) : NULL;
  while (trace && trace != Py_None) {
    PyObject* text = PyUnicode_FromFormat("%R line %R\n", PyObject_GetAttrString(trace, "tb_frame"),
                                          PyObject_GetAttrString(trace, "tb_lineno"));
    if (text)
      host_print(kError, PyUnicode_AsUTF8(text), strlen(PyUnicode_AsUTF8(text)));
    trace = PyObject_GetAttrString(trace, "tb_next");
  }
  PyObject* text = raised ? PyObject_Repr(raised) : NULL;
  if (text)
    host_print(kError, PyUnicode_AsUTF8(text), strlen(PyUnicode_AsUTF8(text)));
  host_flush();
  abort();
}

static void start(void) {
  PyPreConfig before;
  PyPreConfig_InitIsolatedConfig(&before);
  before.utf8_mode = 1;
  if (PyStatus_Exception(Py_PreInitialize(&before)))
    give_up("python cannot be prepared");
  PyConfig config;
  PyConfig_InitIsolatedConfig(&config);
  config.site_import = 0;
  config.install_signal_handlers = 0;
  config.write_bytecode = 0;
  config.pathconfig_warnings = 0;
  config.use_hash_seed = 1;
  config.hash_seed = 0;
  config.module_search_paths_set = 1;
  PyConfig_SetString(&config, &config.home, L"/");
  PyConfig_SetString(&config, &config.program_name, L"python");
  PyConfig_SetString(&config, &config.executable, L"/python");
  PyConfig_SetString(&config, &config.stdlib_dir, L"/lib");
  PyImport_FrozenModules = frozen_modules;
  const PyStatus status = Py_InitializeFromConfig(&config);
  if (PyStatus_Exception(status))
    give_up(status.err_msg ? status.err_msg : "python does not start");
  PyConfig_Clear(&config);
}

// Clears the compiled form of every module that is loaded: zeros cost nothing. What may be loaded later is kept.
static void drop_loaded(void) {
  PyObject* loaded = PyImport_GetModuleDict();
  for (struct _frozen* module = frozen_modules; module->name; module++) {
    if (!PyDict_GetItemString(loaded, module->name))
      continue;
    memset((void*)module->code, 0, (size_t)module->size);
    module->size = 0;
  }
}

CAISSON_EXPORT("wizer-initialize") void initialize(void) {
  __wasm_call_ctors();
  start();
  PyObject* boot = PyImport_ImportModule("_caisson_boot");
  if (!boot)
    give_up("the boot module does not load");
  serve = PyObject_GetAttrString(boot, "serve");
  convert = PyObject_GetAttrString(boot, "convert");
  not_json = PyObject_GetAttrString(boot, "not_json");
  PyObject* ready = PyObject_GetAttrString(boot, "ready");
  PyObject* done = ready ? PyObject_CallNoArgs(ready) : NULL;
  if (!serve || !convert || !not_json || !done)
    give_up("the boot module is not complete");
  Py_DECREF(done);
  Py_DECREF(ready);
  Py_DECREF(boot);
  drop_loaded();
  text_room(&output, 4096);
  if (!settle())
    give_up("the image cannot be settled");
}

// Writes {"ok": false, "error": ...} from what boot.py says of an error.
static bool write_error(PyObject* said) {
  struct text ignored = {0};
  output.size = 0;
  text_string(&output, "{\"ok\":false,\"error\":");
  const enum encoded result = encode(said, convert, &output, &ignored);
  text_string(&output, "}");
  text_free(&ignored);
  return result == kEncoded;
}

static bool write_value(PyObject* value) {
  struct text error = {0};
  text_string(&output, "{\"ok\":true,\"value\":");
  const enum encoded result = encode(value, convert, &output, &error);
  text_string(&output, "}");
  if (result == kEncoded)
    return true;
  PyObject* raised = PyErr_GetRaisedException();
  if (raised && PyErr_GivenExceptionMatches(raised, PyExc_MemoryError))
    return false;
  PyObject* said = raised ? PyObject_CallFunction(not_json, "O", raised)
                          : PyObject_CallFunction(not_json, "s#", error.at ? error.at : "", (Py_ssize_t)error.size);
  text_free(&error);
  const bool written = said && write_error(said);
  Py_XDECREF(said);
  return written;
}

CAISSON_EXPORT("caisson_run")
int64_t caisson_run(char* code, size_t code_size, char* input, size_t input_size) {
  if (!serve)
    initialize();
  free(last.code);
  free(last.input);
  Py_XDECREF(last.result);
  PyErr_Clear();
  output.size = 0;
  output.failed = false;
  PyObject* result = PyObject_CallFunction(serve, "y#y#", code, (Py_ssize_t)code_size, input, (Py_ssize_t)input_size);
  // What a call leaves is dropped by the next one, which most instances never see.
  last = (struct call){code, input, result};
  bool written = false;
  if (result && PyUnicode_Check(result)) {
    const char* message = PyUnicode_AsUTF8(result);
    return malformed(message ? message : "the request is wrong");
  }
  if (result && PyTuple_Check(result) && PyTuple_GET_SIZE(result) == 2) {
    PyObject* what = PyTuple_GET_ITEM(result, 1);
    written = PyObject_IsTrue(PyTuple_GET_ITEM(result, 0)) ? write_value(what) : write_error(what);
  }
  host_flush();
  return written && !output.failed ? result_of(output.at, output.size) : result_no_memory();
}
