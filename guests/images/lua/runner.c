// Runs one piece of Lua: the request in, the result out, as guests/images/README.md says.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caisson.h"
#include "json.h"
#include "lauxlib.h"
#include "library.h"
#include "lua.h"
#include "scan.h"

void __wasm_call_ctors(void);

// Where, in the text that was parsed last, the last statement of the main chunk begins, and the one before it: set by
// the parser (recipes/lua.py, "patches").
size_t caisson_last_statement, caisson_statement_before;

static lua_State* state;
static struct text output;

// What a call found out about its error.
struct failure {
  const char* kind;
  char type[64];
  struct text message;
  struct text traceback;
  int line;
};

static struct failure failure;
static struct problems problems;  // of the code, before it ran
static char source_name[LUA_IDSIZE];  // as it stands in messages

// --- The image.

CAISSON_EXPORT("wizer-initialize") void initialize(void) {
  __wasm_call_ctors();
  state = luaL_newstate();
  if (!state)
    abort();
  open_library(state);
  text_room(&output, 4096);
  text_room(&failure.message, 1024);
  text_room(&failure.traceback, 1024);
  lua_gc(state, LUA_GCCOLLECT);
  heap_close_holes();
}

// --- Errors.

// Takes "name:12: " off a message of the source that runs; its line, or 0.
static int take_line(const char** message, size_t* size) {
  const size_t name = strlen(source_name);
  const char* at = *message;
  if (*size < name + 3 || memcmp(at, source_name, name) != 0 || at[name] != ':')
    return 0;
  char* end;
  const long line = strtol(at + name + 1, &end, 10);
  if (line <= 0 || end[0] != ':')
    return 0;
  end += end[1] == ' ' ? 2 : 1;
  *size -= (size_t)(end - at);
  *message = end;
  return (int)line;
}

static void write_traceback(lua_State* L) {
  lua_Debug frame;
  int shown = 0;
  for (int level = 1; shown < 20 && lua_getstack(L, level, &frame); level++) {
    lua_getinfo(L, "Sln", &frame);
    if (frame.currentline <= 0 || strcmp(frame.short_src, source_name) != 0)
      continue;
    if (!failure.line)
      failure.line = frame.currentline;
    shown++;
    text_string(&failure.traceback, source_name);
    text_string(&failure.traceback, ":");
    text_number(&failure.traceback, frame.currentline);
    if (*frame.what == 'm') {
      text_string(&failure.traceback, ": in main chunk\n");
    } else {
      text_string(&failure.traceback, ": in function ");
      text_string(&failure.traceback, frame.name ? frame.name : "?");
      text_string(&failure.traceback, "\n");
    }
  }
  if (shown == 20)
    text_string(&failure.traceback, "...\n");
}

// Keeps what the error value at the top of the stack says.
static void keep_error(lua_State* L, bool with_traceback) {
  failure.kind = "exception";
  failure.line = 0;
  failure.message.size = failure.traceback.size = 0;
  snprintf(failure.type, sizeof failure.type, "%s", lua_type(L, -1) == LUA_TSTRING ? "error" : luaL_typename(L, -1));
  if (lua_istable(L, -1) && lua_getfield(L, -1, "message") != LUA_TSTRING)
    lua_pop(L, 1);
  size_t size;
  const char* message = luaL_tolstring(L, -1, &size);
  if (size == 17 && memcmp(message, "not enough memory", 17) == 0)
    failure.kind = "memory";
  if (strstr(message, "stack overflow"))
    failure.kind = "recursion";
  if (strstr(message, "is not allowed in sandbox"))
    failure.kind = "import";
  // A coroutine adds its own place in front of the one where the error was.
  for (int line; (line = take_line(&message, &size));)
    failure.line = line;
  const char* more = strchr(message, '\n');
  text_bytes(&failure.message, message, failure.kind[0] == 'r' && more ? (size_t)(more - message) : size);
  if (with_traceback)
    write_traceback(L);
}

static int on_error(lua_State* L) {
  keep_error(L, true);
  return 1;
}

static void fail(const char* kind, const char* type, const char* message) {
  failure.kind = kind;
  failure.line = 0;
  snprintf(failure.type, sizeof failure.type, "%s", type);
  failure.message.size = failure.traceback.size = 0;
  text_string(&failure.message, message);
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

struct request {
  const char* code;
  size_t code_size;
  const char* input;
  size_t input_size;
  const char* wrong;  // what is wrong with the request itself
  bool session;       // what was defined is kept, and the value of the code is all that is asked for
};

enum { kRequest = 1, kInputs = 2 };  // places on the stack of `serve`

static bool begins_with(const char* at, const char* end, const char* const* words) {
  while (at < end && strchr(" \t\r\n;", *at))
    at++;
  for (; *words; words++) {
    const size_t size = strlen(*words);
    if ((size_t)(end - at) >= size && memcmp(at, *words, size) == 0)
      return true;
  }
  return false;
}

// A statement that has no value, as far as its first letters say. Names that begin so are only looked at twice.
static bool is_keyword(const char* at, const char* end) {
  static const char* const kWords[] = {"break ", "do ",    "for ",    "function ", "goto ", "if ",
                                       "local ", "repeat", "return ", "while ",    "::",    NULL};
  return begins_with(at, end, kWords);
}

static bool begins_with_return(const char* at, const char* end) {
  static const char* const kWords[] = {"return", NULL};
  return begins_with(at, end, kWords);
}

// Compiles `code` with what begins at `split` as a value to return; in brackets, so that it is no tail call and its
// line is known when it fails: the one that the closing bracket is in, unless a comment at the end keeps it from there.
// Pushes a function, or nothing.
static bool load_value(lua_State* L, const char* code, size_t size, size_t split, const char* chunk) {
  static const char* const kAround[][2] = {{" return (", ")"}, {" return (", "\n)"}, {" return ", ""}};
  while (size > split && memchr(" \t\r\n;", code[size - 1], 5))
    size--;
  for (size_t i = 0; i < sizeof kAround / sizeof *kAround; i++) {
    struct text text = {0};
    text_bytes(&text, code, split);
    text_string(&text, kAround[i][0]);
    text_bytes(&text, code + split, size - split);
    text_string(&text, kAround[i][1]);
    const bool good = !text.failed && luaL_loadbufferx(L, text.at, text.size, chunk, "t") == LUA_OK;
    if (!good && !text.failed)
      lua_pop(L, 1);
    text_free(&text);
    if (good)
      return true;
  }
  return false;
}

// Compiles `code`; when it ends with an expression or a call, so that this is what it returns. Pushes a function or an
// error.
static int load_code(lua_State* L, const char* code, size_t size, const char* chunk, bool* has_value) {
  caisson_last_statement = caisson_statement_before = SIZE_MAX;  // no statement yet
  const int status = luaL_loadbufferx(L, code, size, chunk, "t");
  const size_t last = caisson_last_statement, before = caisson_statement_before;
  *has_value = last <= size && begins_with_return(code + last, code + size);
  if (status == LUA_ERRMEM || last > size || (status == LUA_OK && is_keyword(code + last, code + size)))
    return status;
  // `f() and g` is a call, and then an error: the value begins one statement earlier.
  if (!load_value(L, code, size, last, chunk) &&
      (status == LUA_OK || before > size || !load_value(L, code, size, before, chunk)))
    return status;
  lua_remove(L, -2);
  *has_value = true;
  return LUA_OK;
}

// Whether nothing was found that the code may not do; otherwise the first of it is kept as the failure.
static bool is_permitted(lua_State* L) {
  scan_code(L, &problems);
  if (!problems.count)
    return true;
  fail("import", problems.all[0].type, problems.all[0].message);
  failure.line = problems.all[0].line;
  return false;
}

static void set_member(lua_State* L, const char* member) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &caisson_key);
  lua_getfield(L, kRequest, member);
  lua_setfield(L, -2, member);
  lua_pop(L, 1);
}

// Reads the request: the table is at kRequest, `inputs` at kInputs, what it sets for user code is set.
static bool read_request(lua_State* L, struct request* request) {
  static char error[120];
  if (!request->input_size) {
    lua_newtable(L);
  } else if (!json_decode(L, request->input, request->input_size, error, sizeof error)) {
    request->wrong = error;
    return false;
  }
  if (!lua_istable(L, kRequest)) {
    request->wrong = "the request is no object";
    return false;
  }
  lua_getfield(L, kRequest, "session");
  request->session = lua_toboolean(L, -1);
  lua_pop(L, 1);
  const bool given = lua_getfield(L, kRequest, "inputs") == LUA_TTABLE;
  if (!given)
    lua_pop(L, 1), lua_newtable(L);
  if (given || !request->session)
    lua_pushvalue(L, kInputs), lua_setglobal(L, "inputs");
  set_member(L, "payload");
  set_member(L, "metadata");
  set_member(L, "run");
  set_member(L, "context");
  const bool has_context = lua_getfield(L, kRequest, "context") == LUA_TTABLE;
  if (has_context)
    lua_setglobal(L, "context");
  else
    lua_pop(L, 1);
  if (!has_context && !request->session) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &caisson_key);
    lua_pushvalue(L, kInputs);
    lua_setfield(L, -2, "context");
    lua_pop(L, 1);
    lua_pushvalue(L, kInputs);
    lua_setglobal(L, "context");
  }
  if (lua_getfield(L, kRequest, "imports") == LUA_TTABLE) {
    lua_newtable(L);
    for (lua_Integer i = 1; lua_rawgeti(L, -2, i) == LUA_TSTRING; i++)
      lua_pushboolean(L, 1), lua_rawset(L, -3);
    lua_pop(L, 1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &allowed_key);
  }
  lua_pop(L, 1);
  const char* name = lua_getfield(L, kRequest, "name") == LUA_TSTRING ? lua_tostring(L, -1) : "code";
  snprintf(source_name, sizeof source_name, "%s", *name ? name : "code");
  lua_pop(L, 1);
  return true;
}

// Pushes the text for process(): the payload or the only input, as it is when it is a string and as JSON otherwise.
static void push_text(lua_State* L) {
  const int type = lua_getfield(L, kRequest, "payload");
  if (type == LUA_TNIL || type == LUA_TLIGHTUSERDATA) {
    lua_pop(L, 1);
    lua_pushnil(L);
    if (lua_next(L, kInputs)) {
      lua_remove(L, -2);
    } else {
      lua_pushliteral(L, "");
    }
  }
  if (lua_type(L, -1) == LUA_TSTRING)
    return;
  lua_pushcfunction(L, native_encode);
  lua_insert(L, -2);
  lua_call(L, 1, 1);
}

static bool push_entry(lua_State* L, const char* name) {
  if (lua_getglobal(L, name) == LUA_TFUNCTION)
    return true;
  lua_pop(L, 1);
  return false;
}

// Calls what the chunk defined. True: the value is on the stack. False: the failure is set, or memory is used up.
static bool find_value(lua_State* L, int handler, bool has_value) {
  const int chunk_value = lua_gettop(L);
  const bool named = lua_getfield(L, kRequest, "entry") == LUA_TSTRING;
  const char* entry = named ? lua_tostring(L, -1) : "run";
  bool found = push_entry(L, entry);
  if (!found && named && strcmp(entry, "run") != 0) {
    lua_pushfstring(L, "there is no function '%s'", entry);
    fail("entry", "EntryError", lua_tostring(L, -1));
    return false;
  }
  if (!found && push_entry(L, "process")) {
    push_text(L);
    return lua_pcall(L, 1, 1, handler) == LUA_OK;
  }
  if (!found && lua_isfunction(L, chunk_value))
    lua_pushvalue(L, chunk_value), found = true;
  if (!found && lua_istable(L, chunk_value))
    found = lua_getfield(L, chunk_value, entry) == LUA_TFUNCTION;
  if (found) {
    lua_pushvalue(L, kInputs);
    return lua_pcall(L, 1, 1, handler) == LUA_OK;
  }
  if (lua_getglobal(L, "result") != LUA_TNIL)
    return true;
  if (lua_getglobal(L, "output") != LUA_TNIL)
    return true;
  lua_pushvalue(L, chunk_value);
  if (has_value)
    return true;
  fail("entry", "EntryError", "nothing to return: define run(inputs), set result, or end with an expression");
  return false;
}

static void write_value(lua_State* L) {
  struct text error = {0};
  text_string(&output, "{\"ok\":true,\"value\":");
  if (json_encode(L, -1, &output, &error)) {
    text_string(&output, "}");
    return;
  }
  text_bytes(&error, "", 1);
  fail("value", "ValueError", error.failed ? "the value is not JSON" : error.at);
  text_free(&error);
  write_failure();
}

// Whether the parser found the end where something was missing.
static bool ends_early(void) {
  static const char kEnd[] = "<eof>";
  const size_t size = sizeof kEnd - 1;
  return failure.message.size >= size && memcmp(failure.message.at + failure.message.size - size, kEnd, size) == 0;
}

static int serve(lua_State* L) {
  struct request* request = lua_touserdata(L, 1);
  lua_settop(L, 0);
  failure.kind = NULL;
  problems.count = 0;
  if (!read_request(L, request))
    return 0;
  char chunk[LUA_IDSIZE + 1];
  snprintf(chunk, sizeof chunk, "=%s", source_name);
  bool has_value;
  if (load_code(L, request->code, request->code_size, chunk, &has_value) != LUA_OK) {
    keep_error(L, false);
    if (strcmp(failure.kind, "memory") != 0)
      failure.kind = request->session && ends_early() ? "incomplete" : "syntax";
    snprintf(failure.type, sizeof failure.type, "SyntaxError");
    return write_failure(), 0;
  }
  if (!is_permitted(L))
    return write_failure(), 0;
  lua_getfield(L, kRequest, "check");
  const bool only_check = lua_toboolean(L, -1);
  lua_pop(L, 1);
  if (only_check)
    return text_string(&output, "{\"ok\":true,\"value\":null}"), 0;
  lua_pushcfunction(L, on_error);
  lua_insert(L, -2);
  const int handler = lua_gettop(L) - 1;
  if (lua_pcall(L, 0, 1, handler) == LUA_OK && (request->session || find_value(L, handler, has_value)))
    return write_value(L), 0;
  if (!failure.kind)
    fail("memory", "MemoryError", "not enough memory");
  write_failure();
  return 0;
}

CAISSON_EXPORT("caisson_run")
int64_t caisson_run(char* code, size_t code_size, char* input, size_t input_size) {
  if (!state)
    initialize();
  struct request request = {code, code_size, input, input_size, NULL, false};
  output.size = 0;
  output.failed = false;
  lua_settop(state, 0);
  lua_pushcfunction(state, serve);
  lua_pushlightuserdata(state, &request);
  const int status = lua_pcall(state, 1, 0, 0);
  host_flush();
  if (request.session)
    free(code), free(input);
  if (request.wrong)
    return malformed(request.wrong);
  if (status != LUA_OK) {
    keep_error(state, false);
    if (status == LUA_ERRMEM)
      failure.kind = "memory";
    write_failure();
  }
  return output.failed ? result_no_memory() : result_of(output.at, output.size);
}
