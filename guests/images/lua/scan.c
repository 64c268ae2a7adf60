#include "scan.h"

#include <string.h>

#include "ldebug.h"
#include "library.h"
#include "lobject.h"
#include "lopcodes.h"
#include "lstate.h"

// What is not in the image. A library is only reached for when a member of it is taken: `if io then` asks politely.
static const char* const kFunctions[] = {"dofile", "loadfile", NULL};
static const char* const kLibraries[] = {"debug", "io", "package", NULL};
static const char* const kOfOs[] = {"execute", "exit", "getenv", "remove", "rename", "setlocale", "tmpname", NULL};

static int index_of(const char* const* names, const char* name) {
  for (int i = 0; names[i]; i++)
    if (strcmp(names[i], name) == 0)
      return i;
  return -1;
}

struct scan {
  lua_State* L;
  struct problems* found;
  unsigned own_functions, own_libraries;  // sets of what the code sets itself, by their places in the lists
  bool own_os, own_require;
};

static const char* text_at(const Proto* code, int constant) {
  return constant < code->sizek && ttisstring(&code->k[constant]) ? getstr(tsvalue(&code->k[constant]))
                                                                      : NULL;
}

// The global that an instruction reads (OP_GETTABUP) or sets (OP_SETTABUP); null when it does something else.
static const char* global_of(const Proto* code, Instruction what, OpCode wanted) {
  if (GET_OPCODE(what) != wanted)
    return NULL;
  const int from = wanted == OP_GETTABUP ? GETARG_B(what) : GETARG_A(what);
  const TString* name = from < code->sizeupvalues ? code->upvalues[from].name : NULL;
  if (!name || strcmp(getstr(name), "_ENV") != 0)
    return NULL;
  return text_at(code, wanted == OP_GETTABUP ? GETARG_C(what) : GETARG_B(what));
}

static void find_own(struct scan* scan, const Proto* code) {
  for (int pc = 0; pc < code->sizecode; pc++) {
    const char* name = global_of(code, code->code[pc], OP_SETTABUP);
    if (!name)
      continue;
    const int function = index_of(kFunctions, name), library = index_of(kLibraries, name);
    if (function >= 0)
      scan->own_functions |= 1u << function;
    if (library >= 0)
      scan->own_libraries |= 1u << library;
    scan->own_os |= strcmp(name, "os") == 0;
    scan->own_require |= strcmp(name, "require") == 0;
  }
  for (int i = 0; i < code->sizep; i++)
    find_own(scan, code->p[i]);
}

// The member that the next instruction takes of what this one put into register `of`; null when it takes none.
static const char* member_of(const Proto* code, Instruction next, int of) {
  const OpCode what = GET_OPCODE(next);
  if ((what != OP_GETFIELD && what != OP_SELF) || GETARG_B(next) != of)
    return NULL;
  return text_at(code, GETARG_C(next));
}

static void find_problems(struct scan* scan, const Proto* code) {
  for (int pc = 0; pc + 1 < code->sizecode; pc++) {
    const char* name = global_of(code, code->code[pc], OP_GETTABUP);
    if (!name)
      continue;
    const Instruction next = code->code[pc + 1];
    const int of = GETARG_A(code->code[pc]), line = luaG_getfuncline(code, pc);
    const int function = index_of(kFunctions, name), library = index_of(kLibraries, name);
    const char* member = member_of(code, next, of);
    if (function >= 0 && !(scan->own_functions >> function & 1))
      problem_builtin(scan->found, name, strlen(name), line);
    if (library >= 0 && member && !(scan->own_libraries >> library & 1))
      problem_import(scan->found, name, strlen(name), line);
    if (member && strcmp(name, "os") == 0 && !scan->own_os && index_of(kOfOs, member) >= 0) {
      char both[16] = "os.";
      strcat(both, member);
      problem_builtin(scan->found, both, strlen(both), line);
    }
    if (strcmp(name, "require") != 0 || scan->own_require || GET_OPCODE(next) != OP_LOADK || GETARG_A(next) != of + 1)
      continue;
    const TValue* wanted = &code->k[GETARG_Bx(next)];
    if (!ttisstring(wanted))
      continue;
    const char* module = getstr(tsvalue(wanted));
    const size_t size = tsslen(tsvalue(wanted));
    if (strlen(module) != size || !is_allowed(scan->L, module))
      problem_import(scan->found, module, size, line);
  }
  for (int i = 0; i < code->sizep; i++)
    find_problems(scan, code->p[i]);
}

void scan_code(lua_State* L, struct problems* found) {
  struct scan scan = {.L = L, .found = found};
  const TValue* function = s2v(L->top.p - 1);
  if (!ttisLclosure(function))
    return;
  const Proto* code = getproto(function);
  find_own(&scan, code);
  find_problems(&scan, code);
}
