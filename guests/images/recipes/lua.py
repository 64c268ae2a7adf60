"""Lua 5.4: the sources of the crate lua-src, with two marks in the parser."""

from .sources import patch
from .toolchain import SETJMP, c_text

LANGUAGE = "lua"
VERSION = "5.4.9"
SOURCES = ["lua", "wasi-libc", "compiler-rt"]
IMPORTS = ["caisson", "json", "string", "table", "math", "utf8", "coroutine", "os"]
MODULES = IMPORTS
PARTS = ("lapi lauxlib lbaselib lcode lcorolib lctype ldebug ldo ldump lfunc lgc llex lmathlib lmem lobject lopcodes loslib "
         "lparser lstate lstring lstrlib ltable ltablib ltm lundump lutf8lib lvm lzio").split()

# A fixed seed for the hashes of strings, so that an image is the same every time; no system(), no temporary names.
FLAGS = ["-Dluai_makeseed(L)=0x5EEDu", "-Dl_system(c)=((c)==NULL?0:-1)", "-DLUA_TMPNAMBUFSIZE=1", "-Dlua_tmpnam(b,e)=(e=1)",
         "-D_WASI_EMULATED_PROCESS_CLOCKS", "-D_WASI_EMULATED_SIGNAL"]


def patches(source):
    """The parser says where the last statement of a main chunk begins: the end of the token in front of it.
    Endless recursion ends at a stack of 3 MB rather than 16."""
    patch(source / "luaconf.h", "#define LUAI_MAXSTACK\t\t1000000\n", "#define LUAI_MAXSTACK\t\t200000\n")
    patch(source / "llex.h", "  TString *envn;  /* environment variable name */\n",
          "  TString *envn;  /* environment variable name */\n  const char *text;  /* where the chunk begins */\n"
          "  size_t token_end;  /* of the token in front of the current one */\n")
    patch(source / "llex.c", "  ls->lastline = ls->linenumber;\n  if (ls->lookahead.token",
          "  ls->lastline = ls->linenumber;\n"
          "  ls->token_end = ls->current == EOZ ? (size_t)(ls->z->p - ls->text) : (size_t)(ls->z->p - ls->text - 1);\n"
          "  if (ls->lookahead.token")
    patch(source / "lparser.c", "static void statlist (LexState *ls) {\n",
          "extern size_t caisson_last_statement, caisson_statement_before;\nstatic void statlist (LexState *ls) {\n")
    patch(source / "lparser.c", "  while (!block_follow(ls, 1)) {\n    if (ls->t.token == TK_RETURN) {\n",
          "  while (!block_follow(ls, 1)) {\n    if (ls->fs->prev == NULL && ls->fs->bl->previous == NULL && ls->t.token != ';') {\n"
          "      caisson_statement_before = caisson_last_statement;\n      caisson_last_statement = ls->token_end;\n    }\n"
          "    if (ls->t.token == TK_RETURN) {\n")
    patch(source / "lparser.c", "  luaX_setinput(L, &lexstate, z, funcstate.f->source, firstchar);\n",
          "  lexstate.text = z->p - 1;\n  luaX_setinput(L, &lexstate, z, funcstate.f->source, firstchar);\n")


def build(chain, work):
    source = chain.sources.unpack("lua", work / "source") / f"lua-{VERSION}"
    patches(source)
    c_text("boot_lua", chain.root / "lua/boot.lua", work / "boot.inc")
    objects = chain.common(work)
    for part in PARTS:
        objects.append(work / f"{part}.o")
        chain.compile(source / f"{part}.c", objects[-1], [*FLAGS, *SETJMP])
    for part in ("json", "library", "runner", "scan"):
        objects.append(work / f"{part}.o")
        warnings = ["-Wall", "-Wextra", "-Wno-parentheses"]
        chain.compile(chain.root / f"lua/{part}.c", objects[-1],
                      [*warnings, *SETJMP, *FLAGS, f"-I{source}", f"-I{chain.root / 'common'}", f"-I{work}"])
    chain.link(objects, work / "module.wasm", 1 << 20,
               [*SETJMP, "-lsetjmp", "-lwasi-emulated-process-clocks", "-lwasi-emulated-signal", "-lm"])
    return work / "module.wasm"
