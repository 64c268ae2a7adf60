// Runs one piece of JavaScript: the request in, the result out, as guests/images/README.md says.
#include <quickjs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot.inc"
#include "caisson.h"
#include "encode.h"
#include "internals.h"
#include "library.h"
#include "url.inc"

void __wasm_call_ctors(void);

static JSRuntime* runtime;
static JSContext* context;
static struct text output;
static char source_name[64];
static bool session;  // what was defined is kept, and the value of the code is all that is asked for

struct failure {
  const char* kind;
  char type[64];
  struct text message;
  struct text traceback;
  int line, column;
};
static struct failure failure;
static struct problems problems;  // of the code, before it ran

// --- The image.

static void on_rejection(JSContext* cx, JSValueConst promise, JSValueConst reason, bool handled, void* opaque) {
  (void)opaque;
  JSValue function = JS_GetPropertyStr(cx, kit, "rejection");
  JSValueConst arguments[3] = {promise, reason, handled ? JS_TRUE : JS_FALSE};
  JS_FreeValue(cx, JS_Call(cx, function, JS_UNDEFINED, 3, arguments));
  JS_FreeValue(cx, function);
}

CAISSON_EXPORT("caisson_run") int64_t caisson_run(char* code, size_t code_size, char* input, size_t input_size);

// Runs what calls often use: built-in functions are made when they are first looked at, and then are part of the image.
// The code leaves no global behind.
static void warm(void) {
  static const char kCode[] =
      "(() => { const f = inputs => { try { null.x } catch (e) { String(e.message) } return Object.entries({a: [1, "
      "'x', 2.5]}).map(([k, v])"
      " => k + JSON.stringify(v)).join('-').split('-').filter(s => s.includes('a')).concat([Math.max(1, 2), "
      "Math.floor(2.5)]).slice(0, 2)"
      ".reduce((a, b) => a + b, '').replace(/a+/g, 'b').trim().padStart(3) + Number('3') + parseInt('4') + [3, "
      "1].sort((a, b) => a - b)"
      " + new Map([[1, 2]]).get(1) + new Set([1]).size + Object.keys(inputs).length + Array.isArray([]) + "
      "(1.5).toFixed(1); };"
      " return {v: f(inputs), w: new Date(0), n: 10n}; })()";
  for (int i = 0; i < 3; i++) {
    char code[sizeof kCode], input[] = "{\"inputs\":{\"x\":1},\"payload\":null,\"run\":{\"a\":1}}";
    memcpy(code, kCode, sizeof kCode);
    caisson_run(code, sizeof kCode - 1, input, sizeof input - 1);
    if (memcmp(output.at, "{\"ok\":true", 10) != 0)
      abort();
    char awaiting[] = "await Promise.resolve(inputs)", none[] = "{}";
    caisson_run(awaiting, sizeof awaiting - 1, none, sizeof none - 1);
  }
  JSValue function = JS_GetPropertyStr(context, kit, "reset");
  JS_FreeValue(context, JS_Call(context, function, JS_UNDEFINED, 0, NULL));
  JS_FreeValue(context, function);
  failure.kind = NULL;
}

CAISSON_EXPORT("wizer-initialize") void initialize(void) {
  __wasm_call_ctors();
  runtime = JS_NewRuntime();
  if (!runtime)
    abort();
  JS_SetMaxStackSize(runtime, 224 * 1024);
  context = JS_NewContext(runtime);
  JSContext* cx = context;
  if (!cx || JS_AddIntrinsicDOMException(cx))
    abort();
  encode_open(cx);
  JSValue native = JS_NewObject(cx);
  open_library(cx, native);
  if (JS_IsException(JS_Eval(cx, url_js, sizeof url_js - 1, "<caisson>", JS_EVAL_TYPE_GLOBAL)))
    abort();
  JSValue boot = JS_Eval(cx, boot_js, sizeof boot_js - 1, "<caisson>", JS_EVAL_TYPE_GLOBAL);
  JSValueConst arguments[1] = {native};
  kit = JS_IsException(boot) ? JS_EXCEPTION : JS_Call(cx, boot, JS_UNDEFINED, 1, arguments);
  if (JS_IsException(kit)) {
    JSValue error = JS_GetException(cx);
    const char* message = JS_ToCString(cx, error);
    host_print(kError, message ? message : "?", message ? strlen(message) : 1);
    host_flush();
    abort();
  }
  JS_FreeValue(cx, boot);
  JS_FreeValue(cx, native);
  JS_SetHostPromiseRejectionTracker(runtime, on_rejection, NULL);
  allowed = JS_UNDEFINED;
  text_room(&output, 4096);
  text_room(&failure.message, 1024);
  text_room(&failure.traceback, 1024);
  JS_UpdateStackTop(runtime);
  warm();
  JS_RunGC(runtime);
  // Collecting cycles touches every object of the image; a short call never gets there.
  JS_SetGCThreshold(runtime, 4 << 20);
  heap_close_holes();
}

// --- Errors.

static void fail(const char* kind, const char* type, const char* message) {
  failure.kind = kind;
  failure.line = failure.column = 0;
  snprintf(failure.type, sizeof failure.type, "%s", type);
  failure.message.size = failure.traceback.size = 0;
  text_string(&failure.message, message);
}

// Keeps the lines of a stack that are the user's, and the place in the first of them.
static void keep_stack(const char* stack) {
  const size_t name = strlen(source_name);
  int shown = 0;
  while (*stack) {
    const char* end = strchr(stack, '\n');
    if (!end)
      end = stack + strlen(stack);
    for (const char* at = stack; at + name + 1 < end; at++) {
      if (memcmp(at, source_name, name) != 0 || at[name] != ':' || at[name + 1] < '0' || at[name + 1] > '9')
        continue;
      if (at > stack && at[-1] != '(' && at[-1] != ' ')
        continue;
      if (!failure.line) {
        char* behind;
        failure.line = (int)strtol(at + name + 1, &behind, 10);
        if (*behind == ':')
          failure.column = (int)strtol(behind + 1, NULL, 10);
      }
      if (shown++ < 20) {
        text_bytes(&failure.traceback, stack, (size_t)(end - stack));
        text_string(&failure.traceback, "\n");
      }
      break;
    }
    stack = *end ? end + 1 : end;
  }
  if (shown > 20)
    text_string(&failure.traceback, "...\n");
}

static const char* member_text(JSContext* cx, JSValueConst object, const char* name) {
  JSValue member = JS_GetPropertyStr(cx, object, name);
  const char* text = JS_IsUndefined(member) || JS_IsException(member) ? NULL : JS_ToCString(cx, member);
  JS_FreeValue(cx, member);
  if (!text)
    JS_FreeValue(cx, JS_GetException(cx));
  return text;
}

// Keeps what an exception says, and frees it.
static void keep_error(JSContext* cx, JSValue error) {
  fail("exception", "Error", "");
  const char *type = NULL, *message = NULL, *stack = NULL;
  if (JS_IsNull(error)) {  // what is thrown when there is not even memory for an error; or `throw null`
    void* probe = malloc(1 << 16);
    if (probe)
      fail("exception", "null", "null");
    else
      fail("memory", "InternalError", "out of memory");
    free(probe);
    return;
  }
  if (JS_IsObject(error)) {
    type = member_text(cx, error, "name");
    message = member_text(cx, error, "message");
    stack = member_text(cx, error, "stack");
    if (!type && !message)
      snprintf(failure.type, sizeof failure.type, "object");
  } else {
    snprintf(failure.type, sizeof failure.type, "%s",
             JS_IsString(error)      ? "string"
             : JS_IsNumber(error)    ? "number"
             : JS_IsUndefined(error) ? "undefined"
                                     : "value");
  }
  if (type)
    snprintf(failure.type, sizeof failure.type, "%s", type);
  if (!message) {
    JSValue function = JS_GetPropertyStr(cx, kit, "inspect");
    JSValueConst arguments[1] = {error};
    JSValue text = JS_Call(cx, function, JS_UNDEFINED, 1, arguments);
    message = JS_ToCString(cx, text);
    JS_FreeValue(cx, text);
    JS_FreeValue(cx, function);
  }
  if (message) {
    text_string(&failure.message, message);
    if (strcmp(failure.type, "RangeError") == 0 && strstr(message, "Maximum call stack"))
      failure.kind = "recursion";
    if (strcmp(failure.type, "InternalError") == 0 && strstr(message, "out of memory"))
      failure.kind = "memory";
    if (strstr(message, "is not allowed in sandbox") ||
        (strcmp(failure.type, "EvalError") == 0 && strstr(message, "Call to built-in")))
      failure.kind = "import";
  }
  if (stack)
    keep_stack(stack);
  JS_FreeCString(cx, type);
  JS_FreeCString(cx, message);
  JS_FreeCString(cx, stack);
  JS_FreeValue(cx, error);
}

static void write_failure(void) {
  output.size = 0;
  text_string(&output, "{\"ok\":false,\"error\":{\"kind\":\"");
  text_string(&output, failure.kind);
  text_string(&output, "\",\"type\":");
  text_json_any(&output, failure.type, strlen(failure.type));
  text_string(&output, ",\"message\":");
  text_json_any(&output, failure.message.at, failure.message.size);
  if (failure.line) {
    text_string(&output, ",\"line\":");
    text_number(&output, failure.line);
  }
  if (failure.column) {
    text_string(&output, ",\"column\":");
    text_number(&output, failure.column);
  }
  if (problems.count) {
    text_string(&output, ",\"problems\":");
    problems_json(&problems, &output);
  }
  if (failure.traceback.size) {
    text_string(&output, ",\"traceback\":");
    text_json_any(&output, failure.traceback.at, failure.traceback.size);
  }
  text_string(&output, "}}");
}

// --- A call.

// Runs what is waiting: the jobs, and the first timer when there is no job. 1: something ran, 0: nothing is left, -1:
// an exception that nobody catches is pending.
static int turn(JSContext* cx) {
  JSContext* where;
  int ran = JS_ExecutePendingJob(runtime, &where);
  if (ran)
    return ran < 0 ? -1 : 1;
  JSValue function = JS_GetPropertyStr(cx, kit, "timer");
  JSValue more = JS_Call(cx, function, JS_UNDEFINED, 0, NULL);
  JS_FreeValue(cx, function);
  if (JS_IsException(more))
    return -1;
  return JS_ToBool(cx, more);
}

// What a promise gives; anything else as it is. Frees `value`.
static JSValue settle(JSContext* cx, JSValue value) {
  while (JS_IsPromise(value)) {
    switch (JS_PromiseState(cx, value)) {
      case JS_PROMISE_FULFILLED: {
        JSValue result = JS_PromiseResult(cx, value);
        JS_FreeValue(cx, value);
        value = result;
        break;
      }
      case JS_PROMISE_REJECTED: {
        JSValue reason = JS_PromiseResult(cx, value);
        JS_PromiseMarkAsHandled(cx, value);
        JSValueConst arguments[3] = {value, reason, JS_TRUE};
        JSValue function = JS_GetPropertyStr(cx, kit, "rejection");
        JS_FreeValue(cx, JS_Call(cx, function, JS_UNDEFINED, 3, arguments));
        JS_FreeValue(cx, function);
        JS_FreeValue(cx, value);
        return JS_Throw(cx, reason);
      }
      default: {
        const int ran = turn(cx);
        if (ran > 0)
          break;
        JS_FreeValue(cx, value);
        return ran < 0 ? JS_EXCEPTION : JS_ThrowTypeError(cx, "a promise that nothing will settle");
      }
    }
  }
  return value;
}

static bool drain(JSContext* cx) {
  int ran;
  while ((ran = turn(cx)) > 0) {
  }
  return ran == 0;
}

static bool has_word(const char* code, size_t size, const char* word) {
  return memmem(code, size, word, strlen(word)) != NULL;
}

enum kind { kScript, kAwaiting, kModule };

// Compiles the code as what it is. An exception when it does not parse.
static JSValue compile(JSContext* cx, const char* code, size_t size, enum kind* kind) {
  *kind = kScript;
  JSValue script = JS_Eval(cx, code, size, source_name, JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY);
  const bool awaits = has_word(code, size, "await"),
             module = has_word(code, size, "import") || has_word(code, size, "export");
  if (!JS_IsException(script) || (!awaits && !module))
    return script;
  JSValue error = JS_GetException(cx);
  if (module) {
    JSValue compiled = JS_Eval(cx, code, size, source_name, JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
    *kind = kModule;
    if (!JS_IsException(compiled))
      return JS_FreeValue(cx, error), compiled;
    // Which of the two errors is meant: the one of a module when a line begins like one.
    JSValue function = JS_GetPropertyStr(cx, kit, "isModule");
    JSValueConst arguments[1] = {JS_NewStringLen(cx, code, size)};
    const bool meant = JS_ToBool(cx, JS_Call(cx, function, JS_UNDEFINED, 1, arguments)) > 0;
    JS_FreeValue(cx, function);
    if (meant)
      return JS_FreeValue(cx, error), JS_EXCEPTION;
    JS_FreeValue(cx, JS_GetException(cx));
  }
  if (awaits) {
    JSValue compiled =
        JS_Eval(cx, code, size, source_name, JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY | JS_EVAL_FLAG_ASYNC);
    *kind = kAwaiting;
    if (!JS_IsException(compiled))
      return JS_FreeValue(cx, error), compiled;
    JS_FreeValue(cx, JS_GetException(cx));
  }
  return JS_Throw(cx, error);
}

struct source {
  const char* code;
  size_t size;
};

// The line on which the name of a module stands in quotes; 0 when it is not written like that.
static int line_of_name(const struct source* source, const char* name, size_t size) {
  int line = 1;
  for (size_t at = 0; at + size + 2 <= source->size; at++) {
    const char* here = source->code + at;
    if (*here == '\n')
      line++;
    if ((*here == '\'' || *here == '"') && memcmp(here + 1, name, size) == 0 && here[size + 1] == *here)
      return line;
  }
  return 0;
}

static void keep_reached(void* opaque, enum reached what, const char* name, size_t size, int line) {
  if (what == kReachedBuiltin)
    problem_builtin(&problems, name, size, line);
  else if (strlen(name) != size || !is_allowed(context, name))
    problem_import(&problems, name, size, line ? line : line_of_name(opaque, name, size));
}

// Whether nothing was found that the code may not do; otherwise the first of it is kept as the failure.
static bool is_permitted(JSContext* cx, JSValueConst compiled, struct source source) {
  if (!caisson_scan(cx, compiled, keep_reached, &source)) {
    keep_error(cx, JS_GetException(cx));
    return false;
  }
  if (!problems.count)
    return true;
  fail("import", problems.all[0].type, problems.all[0].message);
  failure.line = problems.all[0].line;
  return false;
}

// Whether the parser found the end where something was missing.
static bool ends_early(JSContext* cx, const char* code, size_t size) {
  JSValue function = JS_GetPropertyStr(cx, kit, "endsEarly");
  JSValueConst arguments[4] = {JS_NewStringLen(cx, code, size),
                               JS_NewStringLen(cx, failure.message.at, failure.message.size),
                               JS_NewInt32(cx, failure.line), JS_NewInt32(cx, failure.column)};
  JSValue early = JS_Call(cx, function, JS_UNDEFINED, 4, arguments);
  const bool result = JS_ToBool(cx, early) > 0;
  JS_FreeValue(cx, arguments[0]);
  JS_FreeValue(cx, arguments[1]);
  JS_FreeValue(cx, function);
  return result;
}

// What the top of a module declares under the names that `finish` looks for, exported or not.
static JSValue module_variables(JSContext* cx, JSValueConst request, JSModuleDef* definition) {
  JSValue found = JS_NewObject(cx);
  JSValue entry = JS_GetPropertyStr(cx, request, "entry");
  const char* asked = JS_IsString(entry) ? JS_ToCString(cx, entry) : NULL;
  const char* const names[] = {asked ? asked : "run", "process", "result", "output"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    JSValue value = caisson_module_variable(cx, JS_MKPTR(JS_TAG_MODULE, definition), names[i]);
    JS_DefinePropertyValueStr(cx, found, names[i], value, JS_PROP_C_W_E);
  }
  JS_FreeCString(cx, asked);
  JS_FreeValue(cx, entry);
  return found;
}

// Runs the code and what it defines. The value, or an exception, or nothing with the failure set.
static JSValue evaluate(JSContext* cx, JSValue request, const char* code, size_t size) {
  enum kind kind;
  JSValue compiled = compile(cx, code, size, &kind);
  if (JS_IsException(compiled)) {
    keep_error(cx, JS_GetException(cx));
    if (strcmp(failure.kind, "exception") == 0)
      failure.kind = session && ends_early(cx, code, size) ? "incomplete" : "syntax";
    return JS_UNDEFINED;
  }
  if (!is_permitted(cx, compiled, (struct source){code, size}))
    return JS_UNDEFINED;
  if (kind == kModule && JS_ResolveModule(cx, compiled)) {
    keep_error(cx, JS_GetException(cx));
    return JS_UNDEFINED;
  }
  JSValue check = JS_GetPropertyStr(cx, request, "check");
  const bool only_check = JS_ToBool(cx, check) > 0;
  JS_FreeValue(cx, check);
  if (only_check)
    return JS_UNDEFINED;
  JSModuleDef* definition = kind == kModule ? JS_VALUE_GET_PTR(compiled) : NULL;
  JSValue value = settle(cx, JS_EvalFunction(cx, compiled));
  if (JS_IsException(value))
    return value;
  JSValue module = definition ? JS_GetModuleNamespace(cx, definition) : JS_UNDEFINED;
  if (kind == kAwaiting) {
    JSValue inner = JS_GetPropertyStr(cx, value, "value");
    JS_FreeValue(cx, value);
    value = settle(cx, inner);
    if (JS_IsException(value))
      return value;
  }
  if (session) {
    JS_FreeValue(cx, module);
    if (drain(cx))
      return value;
    JS_FreeValue(cx, value);
    return JS_EXCEPTION;
  }
  JSValue function = JS_GetPropertyStr(cx, kit, "finish");
  for (int drained = 0;; drained = 1) {
    JSValue variables = definition ? module_variables(cx, request, definition) : JS_NULL;
    JSValueConst arguments[5] = {request, module, value, variables, drained ? JS_TRUE : JS_FALSE};
    JSValue found = JS_Call(cx, function, JS_UNDEFINED, 5, arguments);
    JS_FreeValue(cx, variables);
    if (JS_IsException(found))
      return found;
    // Nothing was called: what timers and jobs still do may set the result.
    if (JS_IsUndefined(found) && !drained) {
      if (!drain(cx))
        return JS_EXCEPTION;
      continue;
    }
    JS_FreeValue(cx, function);
    if (JS_IsString(found)) {
      const char* message = JS_ToCString(cx, found);
      fail("entry", "EntryError", message ? message : "");
      return JS_UNDEFINED;
    }
    JSValue result = JS_GetPropertyStr(cx, found, "value");
    JS_FreeValue(cx, found);
    JS_FreeValue(cx, module);
    return settle(cx, result);
  }
}

static bool read_request(JSContext* cx, JSValueConst request) {
  JSValue function = JS_GetPropertyStr(cx, kit, "begin");
  JSValueConst arguments[1] = {request};
  JSValue name = JS_Call(cx, function, JS_UNDEFINED, 1, arguments);
  JS_FreeValue(cx, function);
  if (JS_IsException(name))
    return false;
  const char* text = JS_ToCString(cx, name);
  snprintf(source_name, sizeof source_name, "%s", text && *text ? text : "code");
  JS_FreeCString(cx, text);
  JS_FreeValue(cx, name);
  JS_FreeValue(cx, allowed);
  allowed = JS_GetPropertyStr(cx, request, "imports");
  JSValue in_session = JS_GetPropertyStr(cx, request, "session");
  session = JS_ToBool(cx, in_session) > 0;
  JS_FreeValue(cx, in_session);
  return true;
}

static void serve(JSContext* cx, JSValue request, const char* code, size_t size) {
  JSValue value = evaluate(cx, request, code, size);
  if (!failure.kind && !JS_IsException(value)) {
    struct text error = {0};
    text_string(&output, "{\"ok\":true,\"value\":");
    switch (encode(cx, value, &output, &error)) {
      case kEncoded:
        text_string(&output, "}");
        JS_FreeValue(cx, value);
        return;
      case kNotJson:
        text_bytes(&error, "", 1);
        fail("value", "ValueError", error.failed ? "the value is not JSON" : error.at);
        break;
      case kThrown:
        value = JS_EXCEPTION;
        break;
    }
  }
  if (!failure.kind)
    keep_error(cx, JS_GetException(cx));
  write_failure();
}

CAISSON_EXPORT("caisson_run")
int64_t caisson_run(char* code, size_t code_size, char* input, size_t input_size) {
  if (!runtime)
    initialize();
  JSContext* cx = context;
  JS_UpdateStackTop(runtime);
  output.size = 0;
  output.failed = false;
  failure.kind = NULL;
  problems.count = 0;
  // caisson_alloc gives one byte more than it was asked for, and the engine wants a zero there.
  code[code_size] = 0;
  input[input_size] = 0;
  JSValue request = input_size ? JS_ParseJSON(cx, input, input_size, "<request>") : JS_NewObject(cx);
  if (!JS_IsException(request) && !JS_IsObject(request))
    return malformed("the request is no object");
  if (JS_IsException(request) || !read_request(cx, request)) {
    keep_error(cx, JS_GetException(cx));
    text_bytes(&failure.message, "", 1);
    return malformed(failure.message.at);
  }
  serve(cx, request, code, code_size);
  JSValue last = JS_GetPropertyStr(cx, kit, "end");
  JS_FreeValue(cx, JS_Call(cx, last, JS_UNDEFINED, 0, NULL));
  JS_FreeValue(cx, last);
  JS_FreeValue(cx, request);
  host_flush();
  if (session)
    free(code), free(input);
  return output.failed ? result_no_memory() : result_of(output.at, output.size);
}
