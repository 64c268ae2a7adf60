// Stands at the end of quickjs.c (recipes/javascript.py), and uses what is only known there.
#include "internals.h"

static JSFunctionBytecode* caisson_code_of(JSValueConst code) {
  if (JS_VALUE_GET_TAG(code) == JS_TAG_MODULE)
    code = ((JSModuleDef*)JS_VALUE_GET_PTR(code))->func_obj;
  if (JS_VALUE_GET_TAG(code) == JS_TAG_FUNCTION_BYTECODE)
    return JS_VALUE_GET_PTR(code);
  if (JS_VALUE_GET_TAG(code) == JS_TAG_OBJECT && JS_VALUE_GET_OBJ(code)->class_id == JS_CLASS_BYTECODE_FUNCTION)
    return JS_VALUE_GET_OBJ(code)->u.func.function_bytecode;
  return NULL;
}

typedef struct {
  JSAtom eval, function, require;
  bool own_eval, own_function, own_require;
  on_reached* found;
  void* opaque;
} CaissonScan;

static void caisson_find_own(CaissonScan* scan, JSFunctionBytecode* b) {
  for (int pos = 0; pos < b->byte_code_len;) {
    const int op = b->byte_code_buf[pos];
    if (op == OP_get_var_undef)  // typeof require: it is asked for politely
      scan->own_require |= get_u32(b->byte_code_buf + pos + 1) == scan->require;
    if (op == OP_put_var || op == OP_put_var_init || op == OP_define_var || op == OP_check_define_var ||
        op == OP_define_func) {
      const JSAtom name = get_u32(b->byte_code_buf + pos + 1);
      scan->own_eval |= name == scan->eval;
      scan->own_function |= name == scan->function;
      scan->own_require |= name == scan->require;
    }
    pos += short_opcode_info(op).size;
  }
  for (int i = 0; i < b->cpool_count; i++) {
    if (JS_VALUE_GET_TAG(b->cpool[i]) == JS_TAG_FUNCTION_BYTECODE)
      caisson_find_own(scan, JS_VALUE_GET_PTR(b->cpool[i]));
  }
}

static bool caisson_report(JSContext* cx, CaissonScan* scan, enum reached what, JSAtom name, int line) {
  size_t size;
  const char* text = JS_AtomToCStringLen(cx, &size, name);
  if (!text)
    return false;
  scan->found(scan->opaque, what, text, size, line);
  JS_FreeCString(cx, text);
  return true;
}

static bool caisson_find(JSContext* cx, CaissonScan* scan, JSFunctionBytecode* b) {
  JSAtom text = JS_ATOM_NULL;  // the constant that `import` finds below its options, which are one instruction
  int text_age = 0;
  for (int pos = 0; pos < b->byte_code_len;) {
    const uint8_t* at = b->byte_code_buf + pos;
    const int op = at[0], size = short_opcode_info(op).size;
    const int next = pos + size < b->byte_code_len ? at[size] : OP_invalid;
    const bool with_text = next == OP_push_atom_value;
    int column;
    if (op == OP_get_var) {
      const JSAtom name = get_u32(at + 1);
      const bool is_eval = name == scan->eval && !scan->own_eval;
      const bool is_function = name == scan->function && !scan->own_function && (next == OP_dup || with_text);
      if ((is_eval || is_function) &&
          !caisson_report(cx, scan, kReachedBuiltin, name, find_line_num(cx, b, pos, &column)))
        return false;
      const int after = pos + size + 5;
      if (name == scan->require && !scan->own_require && with_text && after < b->byte_code_len &&
          (b->byte_code_buf[after] == OP_call1 || b->byte_code_buf[after] == OP_tail_call) &&
          !caisson_report(cx, scan, kReachedImport, get_u32(at + size + 1), find_line_num(cx, b, pos, &column)))
        return false;
    }
    if (op == OP_import && text != JS_ATOM_NULL &&
        !caisson_report(cx, scan, kReachedImport, text, find_line_num(cx, b, pos, &column)))
      return false;
    if (op == OP_push_atom_value) {
      text = get_u32(at + 1);
      text_age = 0;
    } else if (++text_age > 1) {
      text = JS_ATOM_NULL;
    }
    pos += size;
  }
  for (int i = 0; i < b->cpool_count; i++) {
    if (JS_VALUE_GET_TAG(b->cpool[i]) == JS_TAG_FUNCTION_BYTECODE &&
        !caisson_find(cx, scan, JS_VALUE_GET_PTR(b->cpool[i])))
      return false;
  }
  return true;
}

bool caisson_scan(JSContext* cx, JSValueConst code, on_reached* found, void* opaque) {
  JSFunctionBytecode* b = caisson_code_of(code);
  static JSAtom require;  // made with the image, so that a call need not
  if (require == JS_ATOM_NULL)
    require = JS_NewAtom(cx, "require");
  CaissonScan scan = {
      .eval = JS_ATOM_eval, .function = JS_ATOM_Function, .require = require, .found = found, .opaque = opaque};
  bool good = b && scan.require != JS_ATOM_NULL;
  if (good && JS_VALUE_GET_TAG(code) == JS_TAG_MODULE) {
    const JSModuleDef* m = JS_VALUE_GET_PTR(code);
    for (int i = 0; good && i < m->req_module_entries_count; i++)
      good = caisson_report(cx, &scan, kReachedImport, m->req_module_entries[i].module_name, 0);
  }
  if (good) {
    caisson_find_own(&scan, b);
    good = caisson_find(cx, &scan, b);
  }
  return good;
}

JSValue caisson_module_variable(JSContext* cx, JSValueConst module, const char* name) {
  const JSModuleDef* m = JS_VALUE_GET_PTR(module);
  JSFunctionBytecode* b = caisson_code_of(module);
  const JSAtom wanted = JS_NewAtom(cx, name);
  JSValue value = JS_UNDEFINED;
  for (int i = 0; b && i < b->closure_var_count; i++) {
    if (b->closure_var[i].closure_type != JS_CLOSURE_MODULE_DECL || b->closure_var[i].var_name != wanted)
      continue;
    const JSVarRef* variable = JS_VALUE_GET_OBJ(m->func_obj)->u.func.var_refs[i];
    if (!JS_IsUninitialized(*variable->pvalue))
      value = js_dup(*variable->pvalue);
    break;
  }
  JS_FreeAtom(cx, wanted);
  return value;
}

const char* caisson_module_name(JSContext* cx, JSValueConst name) {
  size_t size;
  const char* text = JS_ToCStringLen(cx, &size, name);
  if (!text || strlen(text) == size)
    return text;
  JS_ThrowTypeError(cx, "Import '%s' is not allowed in sandbox: its name has a zero byte", text);
  JS_FreeCString(cx, text);
  return NULL;
}
