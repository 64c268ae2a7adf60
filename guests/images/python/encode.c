#include "encode.h"

#include <math.h>
#include <string.h>

// One container that is being written, and where in it the writer is.
struct level {
  const struct level* above;
  PyObject* container;
  const char* key;  // null: an array
  Py_ssize_t index;
};

struct writer {
  PyObject* convert;
  struct text* out;
  struct text* error;
  int depth;
};

static void write_path(struct text* error, const struct level* level) {
  if (!level) {
    text_string(error, "$");
    return;
  }
  write_path(error, level->above);
  if (error->size > 300)
    return;
  if (level->key) {
    text_string(error, ".");
    text_bytes(error, level->key, strnlen(level->key, 60));
  } else {
    text_string(error, "[");
    text_number(error, level->index);
    text_string(error, "]");
  }
}

static __attribute__((noinline)) enum encoded refuse(struct writer* w, const struct level* level, const char* what) {
  write_path(w->error, level);
  text_string(w->error, ": ");
  text_string(w->error, what);
  return kNotJson;
}

static __attribute__((noinline)) enum encoded refuse_type(struct writer* w, const struct level* level, PyObject* value,
                                                          const char* what) {
  write_path(w->error, level);
  text_string(w->error, ": ");
  text_string(w->error, what);
  text_string(w->error, Py_TYPE(value)->tp_name);
  text_string(w->error, strstr(what, "key") ? " that is not a string" : " is not JSON");
  return kNotJson;
}

static enum encoded write_value(struct writer* w, PyObject* value, const struct level* above);

// A text as UTF-8; null with no exception when it has lone surrogates.
static const char* utf8(PyObject* text, Py_ssize_t* size) {
  const char* bytes = PyUnicode_AsUTF8AndSize(text, size);
  if (!bytes && PyErr_ExceptionMatches(PyExc_UnicodeEncodeError))
    PyErr_Clear();
  return bytes;
}

static enum encoded write_text(struct writer* w, PyObject* value, const struct level* above) {
  Py_ssize_t size;
  const char* bytes = utf8(value, &size);
  if (!bytes)
    return PyErr_Occurred() ? kRaised : refuse(w, above, "a string with a lone surrogate");
  text_json(w->out, bytes, (size_t)size);
  return kEncoded;
}

static enum encoded write_integer(struct writer* w, PyObject* value, const struct level* above) {
  int overflow;
  const long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
  if (!overflow) {
    if (number == -1 && PyErr_Occurred())
      return kRaised;
    text_number(w->out, number);
    return kEncoded;
  }
  const unsigned long long large = overflow > 0 ? PyLong_AsUnsignedLongLong(value) : 0;
  if (overflow < 0 || PyErr_Occurred()) {
    PyErr_Clear();
    return refuse(w, above, "an integer of more than 64 bits");
  }
  text_unsigned(w->out, large);
  return kEncoded;
}

static enum encoded write_float(struct writer* w, double number, const struct level* above) {
  if (isnan(number))
    return refuse(w, above, "NaN is not JSON");
  if (isinf(number))
    return refuse(w, above, number > 0 ? "Infinity is not JSON" : "-Infinity is not JSON");
  char* digits = PyOS_double_to_string(number, 'r', 0, Py_DTSF_ADD_DOT_0, NULL);
  if (!digits)
    return kRaised;
  text_string(w->out, digits);
  PyMem_Free(digits);
  return kEncoded;
}

static enum encoded write_sequence(struct writer* w, PyObject* value, struct level* level) {
  text_bytes(w->out, "[", 1);
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(value); i++) {
    if (i)
      text_bytes(w->out, ",", 1);
    level->index = i;
    PyObject* item = Py_NewRef(PySequence_Fast_GET_ITEM(value, i));
    const enum encoded result = write_value(w, item, level);
    Py_DECREF(item);
    if (result != kEncoded)
      return result;
  }
  text_bytes(w->out, "]", 1);
  return kEncoded;
}

static enum encoded write_mapping(struct writer* w, PyObject* value, struct level* level) {
  text_bytes(w->out, "{", 1);
  Py_ssize_t at = 0, before = 0;
  PyObject *key, *item;
  while (PyDict_Next(value, &at, &key, &item)) {
    if (before++)
      text_bytes(w->out, ",", 1);
    if (!PyUnicode_Check(key))
      return refuse_type(w, level->above, key, "a key of type ");
    Py_ssize_t size;
    level->key = utf8(key, &size);
    if (!level->key)
      return PyErr_Occurred() ? kRaised : refuse(w, level->above, "a key with a lone surrogate");
    text_json(w->out, level->key, (size_t)size);
    text_bytes(w->out, ":", 1);
    Py_INCREF(key);
    Py_INCREF(item);
    const enum encoded result = write_value(w, item, level);
    Py_DECREF(item);
    Py_DECREF(key);
    if (result != kEncoded)
      return result;
  }
  text_bytes(w->out, "}", 1);
  return kEncoded;
}

static enum encoded write_bytes(struct writer* w, PyObject* value) {
  Py_buffer view;
  if (PyObject_GetBuffer(value, &view, PyBUF_SIMPLE))
    return kRaised;
  text_string(w->out, "{\"base64\":\"");
  text_base64(w->out, view.buf, (size_t)view.len);
  text_string(w->out, "\",\"media_type\":\"application/octet-stream\"}");
  PyBuffer_Release(&view);
  return kEncoded;
}

static __attribute__((noinline)) enum encoded write_other(struct writer* w, PyObject* value,
                                                          const struct level* above) {
  if (PyBytes_Check(value) || PyByteArray_Check(value) || PyMemoryView_Check(value))
    return write_bytes(w, value);
  PyObject* other = PyObject_CallOneArg(w->convert, value);
  if (!other)
    return kRaised;
  const enum encoded result =
      other == Py_None ? refuse_type(w, above, value, "a value of type ") : write_value(w, other, above);
  Py_DECREF(other);
  return result;
}

static enum encoded write_value(struct writer* w, PyObject* value, const struct level* above) {
  if (value == Py_None)
    return text_string(w->out, "null"), kEncoded;
  if (value == Py_True)
    return text_string(w->out, "true"), kEncoded;
  if (value == Py_False)
    return text_string(w->out, "false"), kEncoded;
  if (PyUnicode_Check(value))
    return write_text(w, value, above);
  if (PyLong_Check(value))
    return write_integer(w, value, above);
  if (PyFloat_Check(value))
    return write_float(w, PyFloat_AS_DOUBLE(value), above);
  const bool mapping = PyDict_Check(value);
  if (!mapping && !PyList_Check(value) && !PyTuple_Check(value))
    return write_other(w, value, above);
  struct level level = {above, value, NULL, 0};
  for (const struct level* l = above; l; l = l->above) {
    if (l->container == value)
      return refuse(w, above, mapping ? "a dictionary that contains itself" : "a list that contains itself");
  }
  if (w->depth >= kJsonDepth)
    return refuse(w, NULL, "nested too deeply");
  w->depth++;
  const enum encoded result = mapping ? write_mapping(w, value, &level) : write_sequence(w, value, &level);
  w->depth--;
  return result;
}

enum encoded encode(PyObject* value, PyObject* convert, struct text* out, struct text* error) {
  struct writer w = {convert, out, error, 0};
  return write_value(&w, value, NULL);
}
