"""Python: CPython 3.13 as Debian has its source, linked into one module, its standard library frozen into it."""

import json
import os
import shutil
from pathlib import Path

from . import python_patches
from .python_patches import patches
from .sources import digest, run

LANGUAGE = "python"
VERSION = "3.13.5"
SOURCES = ["python", "zlib", "tzdata", "wasi-libc", "llvm", "compiler-rt"]
# What may be imported when a request names nothing.
IMPORTS = ("base64 caisson collections datetime functools hashlib itertools json math operator random re string time "
           "urllib.parse uuid").split()
# Whatever of the standard library is in the image. What is not here cannot be imported at all.
PACKAGES = """asyncio collections concurrent concurrent.futures email email.mime encodings html importlib importlib.metadata
importlib.resources json logging pathlib re sysconfig tomllib urllib xml xml.dom xml.etree xml.parsers xml.sax zipfile zipfile._path
zoneinfo""".split()
PLAIN = """__future__ _collections_abc _colorize _compat_pickle _compression _markupbase _opcode_metadata _py_abc _pydatetime _pydecimal
_strptime _pylong _threading_local _weakrefset abc argparse ast base64 bisect calendar codecs colorsys configparser contextlib
contextvars copy copyreg csv dataclasses datetime decimal difflib dis enum fnmatch fractions functools genericpath getopt gettext
glob graphlib gzip hashlib heapq hmac inspect io ipaddress keyword linecache locale logging mimetypes nturl2path ntpath numbers opcode
operator optparse os pickle pickletools posixpath pprint queue quopri random reprlib sched secrets shlex shutil signal sre_compile
sre_constants sre_parse stat statistics string stringprep struct tempfile textwrap threading timeit token tokenize traceback types
typing uuid warnings weakref plistlib""".split()
# What `encodings` names of each kind. A codec of East Asia is a line of Python for a table in C; those of Hong Kong are left out, whose
# table nothing else needs.
CODECS = """aliases ascii base64_codec charmap hex_codec idna latin_1 palmos punycode quopri_codec raw_unicode_escape rot_13 undefined
unicode_escape utf_16 utf_16_be utf_16_le utf_32 utf_32_be utf_32_le utf_7 utf_8 utf_8_sig uu_codec zlib_codec"""
SINGLE_BYTE = """cp037 cp1006 cp1026 cp1125 cp1140 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp273 cp424 cp437 cp500
cp720 cp737 cp775 cp850 cp852 cp855 cp856 cp857 cp858 cp860 cp861 cp862 cp863 cp864 cp865 cp866 cp869 cp874 cp875 hp_roman8 iso8859_1
iso8859_10 iso8859_11 iso8859_13 iso8859_14 iso8859_15 iso8859_16 iso8859_2 iso8859_3 iso8859_4 iso8859_5 iso8859_6 iso8859_7 iso8859_8
iso8859_9 koi8_r koi8_t koi8_u kz1048 mac_arabic mac_croatian mac_cyrillic mac_farsi mac_greek mac_iceland mac_latin2 mac_roman
mac_romanian mac_turkish ptcp154 tis_620"""
EAST_ASIA = """big5 cp932 cp949 cp950 euc_jis_2004 euc_jisx0213 euc_jp euc_kr gb18030 gb2312 gbk hz iso2022_jp iso2022_jp_1 iso2022_jp_2
iso2022_jp_2004 iso2022_jp_3 iso2022_jp_ext iso2022_kr johab shift_jis shift_jis_2004 shift_jisx0213"""
INSIDE = {
    "asyncio": "base_events base_futures base_tasks constants coroutines events exceptions format_helpers futures locks log "
               "mixins protocols queues runners sslproto staggered taskgroups tasks timeouts transports trsock",
    "collections": "", "concurrent": "futures", "concurrent.futures": "_base thread", "html": "entities parser",
    "email": "_encoded_words _header_value_parser _parseaddr _policybase base64mime charset contentmanager encoders errors feedparser "
             "generator header headerregistry iterators message parser policy quoprimime utils",
    "email.mime": "application audio base image message multipart nonmultipart text",
    "encodings": f"{CODECS} {SINGLE_BYTE} {EAST_ASIA}",
    "importlib": "_abc _bootstrap _bootstrap_external abc machinery readers simple util",
    "importlib.metadata": "_adapters _collections _functools _itertools _meta _text",
    "importlib.resources": "_adapters _common _functional _itertools abc readers simple",
    "json": "decoder encoder scanner", "logging": "", "pathlib": "_abc _local", "sysconfig": "",
    "re": "_casefix _compiler _constants _parser", "tomllib": "_parser _re _types", "urllib": "parse",
    "xml": "", "xml.dom": "NodeFilter domreg expatbuilder minicompat minidom pulldom xmlbuilder",
    "xml.etree": "ElementInclude ElementPath ElementTree cElementTree", "xml.parsers": "expat",
    "xml.sax": "_exceptions expatreader handler saxutils xmlreader", "zipfile": "", "zipfile._path": "glob",
    "zoneinfo": "_common _tzpath _zoneinfo",
}
EXTENSIONS = """array _asyncio _bisect _contextvars _csv _heapq _json _opcode _pickle _queue _random _struct _zoneinfo math cmath
_statistics _datetime _decimal binascii _md5 _sha1 _sha2 _sha3 _blake2 pyexpat _elementtree unicodedata zlib atexit posix
_signal _suggestions _codecs _collections errno _io itertools _sre _sysconfig _thread time _typing _weakref _abc _functools
_locale _operator _stat _ast _tokenize _multibytecodec _codecs_cn _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw""".split()
ZLIB = "adler32 compress crc32 deflate infback inffast inflate inftrees trees uncompr zutil".split()
LIBRARIES = ["libpython3.13.a", "Modules/_decimal/libmpdec/libmpdec.a", "Modules/expat/libexpat.a", "Modules/_hacl/libHacl_Hash_SHA2.a"]
# Modules of the image that are no Python of the standard library: what the runner brings along.
OWN = ["caisson", "requests", "urllib.request"]


def once(folder, name, what):
    """Does a long step once in a folder of work, and again when other patches are made."""
    stamp, patched = folder / f"{name}.complete", digest(Path(python_patches.__file__))
    if not stamp.exists() or stamp.read_text() != patched:
        what()
        stamp.write_text(patched)


def interpreters(chain, work):
    """CPython for the machine, which compiles the library, and for WebAssembly."""
    source = work / f"Python-{VERSION}"
    environment = chain.environment()

    def unpack():
        for name in (f"Python-{VERSION}", "host", "wasi"):
            shutil.rmtree(work / name, ignore_errors=True)
        top = chain.sources.unpack("python", work / "unpacked")
        top.rename(source)
        patches(source)
    once(work, "source", unpack)

    def host():
        (work / "host").mkdir(exist_ok=True)
        run([f"../Python-{VERSION}/configure", "-q", "--without-ensurepip", "--disable-test-modules"], work / "host", environment)
        run(["make", "-s", f"-j{os.environ.get('CAISSON_JOBS', 2)}", "python", "sharedmods"], work / "host", environment)
    once(work, "host", host)

    def wasi():
        (work / "wasi").mkdir(exist_ok=True)
        cross = {**environment, "CONFIG_SITE": f"../Python-{VERSION}/Tools/wasm/config.site-wasm32-wasi",
                 "CC": str(chain.wcc), "AR": str(chain.llvm("ar")), "RANLIB": str(chain.llvm("ranlib")),
                 "CFLAGS": f"-O2 -g0 -fno-ident {' '.join(chain.maps())}", "PKG_CONFIG": "/bin/false"}
        run([f"../Python-{VERSION}/configure", "-q", "--host=wasm32-unknown-wasi", "--build=x86_64-pc-linux-gnu",
             "--with-build-python=../host/python", "--without-ensurepip", "--disable-test-modules"], work / "wasi", cross)
        run(["make", "-s", f"-j{os.environ.get('CAISSON_JOBS', 2)}", *LIBRARIES], work / "wasi", cross)
    once(work, "wasi", wasi)
    return source


def library(chain, source):
    """Name of a module -> (its file, is it a package)."""
    files = {}
    for name in PACKAGES:
        folder = source / "Lib" / name.replace(".", "/")
        files[name] = (folder / "__init__.py", True)
        for inside in INSIDE[name].split():
            if f"{name}.{inside}" not in PACKAGES:
                files[f"{name}.{inside}"] = (folder / f"{inside}.py", False)
    for name in PLAIN:
        if name not in files:
            files[name] = (source / f"Lib/{name}.py", False)
    ours = chain.root / "python"
    for name, file in {"caisson": "api", "requests": "requests_shim", "urllib.request": "urllib_shim", "urllib.error": "urllib_error", "_caisson_boot": "boot",
                       "asyncio.caisson_loop": "loop"}.items():
        files[name] = (ours / f"{file}.py", False)
    return dict(sorted(files.items()))


def freeze(chain, work, source):
    """Compiles the library with the host's Python into one file and a table of where each module is."""
    files = library(chain, source)
    zones = chain.sources.unpack("tzdata", work / "tzdata")
    (work / "freeze.json").write_text(json.dumps({
        "modules": [[name, str(path), package] for name, (path, package) in files.items()],
        "zones": str((zones if (zones / "tzdata").exists() else work / "tzdata") / "tzdata"), "out": str(work)}))
    run([work / "host/python", "-I", "-S", chain.root / "python/freeze/freeze.py", work / "freeze.json"], environment=chain.environment())
    return files


def config(work):
    """The table of the modules that are written in C."""
    names = [name for name in EXTENSIONS]
    inits = {"_ast": "PyInit__ast"}
    lines = ['#include "Python.h"'] + [f"extern PyObject *{inits.get(n, 'PyInit_' + n)}(void);" for n in names]
    lines += ["extern PyObject *PyMarshal_Init(void);", "extern PyObject *PyInit__imp(void);", "extern PyObject *PyInit_gc(void);",
              "extern PyObject *_PyWarnings_Init(void);", "extern PyObject *PyInit__string(void);",
              "extern PyObject *PyInit__caisson(void);", "struct _inittab _PyImport_Inittab[] = {"]
    lines += [f'  {{"{n}", PyInit_{n}}},' for n in names]
    lines += ['  {"marshal", PyMarshal_Init},', '  {"_imp", PyInit__imp},', '  {"builtins", NULL},', '  {"sys", NULL},',
              '  {"gc", PyInit_gc},', '  {"_warnings", _PyWarnings_Init},', '  {"_string", PyInit__string},',
              '  {"_caisson", PyInit__caisson},', "  {0, 0}};"]
    (work / "config.c").write_text("\n".join(lines) + "\n")


def build(chain, work):
    source = interpreters(chain, work)
    freeze(chain, work, source)
    config(work)
    objects = chain.common(work)
    zlib = chain.sources.unpack("zlib", work / "zlib")
    for part in ZLIB:
        objects.append(work / f"zlib_{part}.o")
        chain.compile(zlib / f"{part}.c", objects[-1], ["-w", "-DHAVE_UNISTD_H"])
    includes = [f"-I{chain.root / 'python'}", f"-I{source / 'Include'}", f"-I{work / 'wasi'}", f"-I{chain.root / 'common'}", f"-I{work}", f"-I{zlib}",
                f"-I{source / 'Include/internal'}", "-D_WASI_EMULATED_SIGNAL", "-D_WASI_EMULATED_GETPID", "-D_WASI_EMULATED_PROCESS_CLOCKS"]
    parts = {"zlibmodule": source / "Modules/zlibmodule.c", "config": work / "config.c", "frozen": work / "frozen.c"}
    parts |= {name: chain.root / f"python/{name}.c" for name in ("runner", "encode", "module", "settle")}
    for name, path in parts.items():
        objects.append(work / f"python_{name}.o")
        flags = ["-DPy_BUILD_CORE_MODULE"] if name == "zlibmodule" else ["-w"] if name in ("config", "frozen") else ["-Wall", "-Wextra"]
        chain.compile(path, objects[-1], [*flags, *includes, "-Wno-c23-extensions", "-Wno-unused-parameter"], cwd=work)
    chain.link([*objects, *(work / "wasi" / name for name in LIBRARIES)], work / "module.wasm", 8 << 20,
               ["-ldl", "-lwasi-emulated-signal", "-lwasi-emulated-getpid", "-lwasi-emulated-process-clocks", "-lpthread", "-lm"])
    return work / "module.wasm"


def modules(chain, image, work):
    """What can be imported, as the image itself says."""
    code = work / "modules.py"
    code.write_text("import _caisson\nresult = _caisson.modules()\n")
    return chain.ask(image, code, '{"imports": ["_caisson"]}')["value"]
