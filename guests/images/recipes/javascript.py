"""JavaScript: quickjs-ng, the sources of the crate rquickjs-sys, with what stands in `patches`."""

from .sources import patch
from .toolchain import c_text

LANGUAGE = "javascript"
VERSION = "0.16.2"
SOURCES = ["quickjs", "wasi-libc", "compiler-rt"]
IMPORTS = ["caisson"]
MODULES = IMPORTS
FLAGS = ["-D_GNU_SOURCE", "-DQUICKJS_NG_BUILD", "-D_WASI_EMULATED_SIGNAL"]


def patches(source):
    """The check of the stack is on; random numbers and the time come from the host when they are asked for, or are an error;
    the name of a module has no zero byte; `import()`, members and statements have a place; what the interface does not tell of code is javascript/internals.c."""
    path = source / "quickjs.c"
    patch(path, "#if defined(__wasi__)\n    rt->stack_limit = 0; /* no limit */\n", "#if 0\n")
    patch(path, "static JSValue js_math_random(JSContext *ctx, JSValueConst this_val,\n",
          "bool caisson_seed(JSContext *ctx, uint64_t *state);\nbool caisson_now(JSContext *ctx, int64_t *milliseconds);\n"
          "static JSValue js_math_random(JSContext *ctx, JSValueConst this_val,\n")
    patch(path, "    v = xorshift64star(&ctx->random_state);\n    /* 1.0 <= u.d < 2 */\n",
          "    if (!caisson_seed(ctx, &ctx->random_state))\n        return JS_EXCEPTION;\n"
          "    v = xorshift64star(&ctx->random_state);\n    /* 1.0 <= u.d < 2 */\n")
    patch(path, "/* OS dependent: return the UTC time in ms since 1970. */\nstatic int64_t date_now(void) {\n"
          "    return js__gettimeofday_us() / 1000;\n}\n", "")
    patch(path, "        val = date_now();\n",
          "        int64_t now;\n        if (!caisson_now(ctx, &now))\n            return JS_EXCEPTION;\n        val = now;\n")
    patch(path, "    return js_int64(date_now());\n",
          "    int64_t now;\n    return caisson_now(ctx, &now) ? js_int64(now) : JS_EXCEPTION;\n")
    patch(path, "static JSModuleDef *js_host_resolve_imported_module_atom(",
          "const char *caisson_module_name(JSContext *ctx, JSValueConst name);\n"
          "static JSModuleDef *js_host_resolve_imported_module_atom(")
    patch(path, "    cname = JS_AtomToCString(ctx, module_name1);\n",
          "    JSValue name1 = JS_AtomToString(ctx, module_name1);\n    cname = caisson_module_name(ctx, name1);\n"
          "    JS_FreeValue(ctx, name1);\n")
    patch(path, "    filename = JS_ToCString(ctx, specifier);\n", "    filename = caisson_module_name(ctx, specifier);\n")
    patch(path, "                return js_parse_error(s, \"invalid use of 'import()'\");\n",
          "                return js_parse_error(s, \"invalid use of 'import()'\");\n            emit_source_loc(s);\n")
    # An error has the place of the statement, and of the member that is taken: not only of a call.
    for mark in ("        parse_property:\n", "        parse_array_access:\n", "    /* specific label handling */\n"):
        patch(path, mark, mark + "            emit_source_loc(s);\n")
    # What a module imports is looked through before anything asks for it: the runner calls JS_ResolveModule.
    patch(path, "        if (js_resolve_module(ctx, m) < 0)\n            goto fail1;\n", "")
    path.write_text(path.read_text() + '\n#include "internals.c"\n')


def build(chain, work):
    source = chain.sources.unpack("quickjs", work / "source") / "quickjs"
    patches(source)
    for name in ("boot", "url"):
        c_text(f"{name}_js", chain.root / f"javascript/{name}.js", work / f"{name}.inc")
    objects = chain.common(work)
    for part in ("quickjs", "libregexp", "libunicode", "dtoa"):
        objects.append(work / f"{part}.o")
        chain.compile(source / f"{part}.c", objects[-1], [*FLAGS, "-w", f"-I{source}", f"-I{chain.root / 'javascript'}"])
    for part in ("encode", "library", "runner"):
        objects.append(work / f"{part}.o")
        chain.compile(chain.root / f"javascript/{part}.c", objects[-1],
                      ["-Wall", "-Wextra", *FLAGS, f"-I{source}", f"-I{chain.root / 'common'}", f"-I{work}"])
    chain.link(objects, work / "module.wasm", 1 << 20, ["-lm"])
    return work / "module.wasm"
