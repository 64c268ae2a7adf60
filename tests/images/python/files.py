"""Files in memory, in the place of the operating system's, for tests that write one on their way to something else.

Put in front of the driver. What they show is the library on top of `open`, never files themselves: there are none in the image.
"""

import base64
import builtins
import errno
import io
import os
import stat
import sys
import tokenize

PLACE = "/suite/"


class Content(io.BytesIO):
    """An open file; what was written is in the folder as soon as it is flushed or closed."""

    def __init__(self, folder, path, name, mode):
        super().__init__(b"" if "w" in mode or "x" in mode else folder.files[path])
        self.folder, self.path, self.name, self.mode, self.readonly = folder, path, name, mode, not set(mode) & set("wax+")
        if "a" in mode:
            self.seek(0, 2)
        self.flush()

    @property
    def getbuffer(self):
        raise AttributeError("a file has no buffer to give")

    def writable(self):
        return not self.readonly

    def readable(self):
        return "r" in self.mode or "+" in self.mode

    def write(self, data):
        if self.readonly:
            raise io.UnsupportedOperation("not writable")
        return super().write(data)

    def read(self, size=-1):
        if not self.readable():
            raise io.UnsupportedOperation("not readable")
        return super().read(size)

    def flush(self):
        if not self.closed and not self.readonly and self.path in self.folder.files:
            self.folder.files[self.path] = self.getvalue()

    def close(self):
        self.flush()
        super().close()


class Entry:
    """What os.scandir tells of a name."""

    def __init__(self, folder, parent, name):
        self.name, self.path, self.folder = name, os.path.join(parent, name), folder

    def stat(self, *, follow_symlinks=True):
        return self.folder.stat(self.path)

    def is_dir(self, *, follow_symlinks=True):
        return stat.S_ISDIR(self.stat().st_mode)

    def is_file(self, *, follow_symlinks=True):
        return not self.is_dir()

    def is_symlink(self):
        return False

    is_junction = is_symlink

    def __fspath__(self):
        return self.path


class Listing:
    """What os.scandir gives: an iterator that can be closed."""

    def __init__(self, entries):
        self.entries = iter(entries)

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.entries)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.entries = iter(())


class Folder:
    """All files and directories that there are."""

    def __init__(self, files, modules):
        self.files = {PLACE + path: base64.b64decode(text) for path, text in files.items()}
        self.folders, self.current, self.open_files = {"/", "/tmp"}, "/", {}
        sys.executable = PLACE + "python"
        self.files[sys.executable] = b""
        for name, module in modules.items():
            if not module["image"]:
                self.files[PLACE + name.replace(".", "/") + ("/__init__.py" if module["package"] else ".py")] = module["text"].encode()
        for path in self.files:
            while path != "/":
                path = os.path.dirname(path)
                self.folders.add(path)
        self.real = {name: getattr(os, name) for name in ("close", "fstat")}

    def put_in_place(self, writable):
        self.writable = writable
        builtins.open = io.open = tokenize._builtin_open = self.open
        os.stat = os.lstat = self.stat
        os.listdir, os.scandir, os.getcwd = self.listdir, self.scandir, lambda: self.current
        if writable:
            os.getcwdb = lambda: os.fsencode(self.current)
            os.remove = os.unlink = self.remove
            os.mkdir, os.rmdir, os.chdir, os.chmod = self.mkdir, self.rmdir, self.chdir, lambda *_, **__: None
            os.rename = os.replace = self.rename
            os.open, os.close, os.fstat = self.open_number, self.close_number, self.state_of_number

    def place(self, path):
        path = os.fsdecode(path)
        if "\0" in path:
            raise ValueError("embedded null byte")
        return os.path.normpath(os.path.join(self.current, path))

    @staticmethod
    def error(number, path):
        return OSError(number, os.strerror(number), path)

    def open(self, file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None):
        if "b" in mode and "t" in mode:
            raise ValueError("can't have text and binary mode at once")
        if not set(mode) <= set("rwxabt+") or len(set(mode) & set("rwxa")) != 1:
            raise ValueError(f"invalid mode: {mode!r}")
        if "b" in mode and (encoding or errors or newline):
            raise ValueError("binary mode doesn't take an encoding, errors or newline argument")
        if opener is not None and not isinstance(file, int):
            file = opener(file, 0)
        content = self.open_files[file] if isinstance(file, int) and file in self.open_files else self.content(file, mode)
        if "b" in mode:
            return content
        text = io.TextIOWrapper(content, encoding or "utf-8", errors, newline, buffering == 1)
        text.mode = mode
        return text

    def content(self, file, mode):
        path = self.place(file) if not isinstance(file, int) else None
        if path is None:
            raise self.error(errno.EBADF, file)
        if path in self.folders:
            raise self.error(errno.EISDIR, file)
        writes = set(mode) & set("wax+")
        if writes and (not self.writable or path.startswith(PLACE)):
            raise self.error(errno.EROFS, file)
        if "x" in mode and path in self.files:
            raise self.error(errno.EEXIST, file)
        if path not in self.files and (not set(mode) & set("wax") or os.path.dirname(path) not in self.folders):
            raise self.error(errno.ENOENT, file)
        if set(mode) & set("wx") or path not in self.files:
            self.files[path] = b""
        return Content(self, path, file, mode)

    def open_number(self, path, flags, mode=0o777, *, dir_fd=None):
        kind = "x" if flags & os.O_EXCL else "w" if flags & os.O_TRUNC else "a" if flags & os.O_CREAT else "r"
        number = 1000 + len(self.open_files)
        self.open_files[number] = self.content(path, kind + "+")
        return number

    def close_number(self, number):
        if number not in self.open_files:
            return self.real["close"](number)
        return self.open_files[number].close()

    def state_of_number(self, number):
        return self.stat(self.open_files[number].path) if number in self.open_files else self.real["fstat"](number)

    def stat(self, path, *, dir_fd=None, follow_symlinks=True):
        if isinstance(path, int):
            return self.state_of_number(path)
        place = self.place(path)
        if place in self.files:
            return os.stat_result((0o100644, hash(place) & 0xFFFF, 1, 1, 0, 0, len(self.files[place]), 0, 0, 0))
        if place in self.folders:
            return os.stat_result((0o040755, hash(place) & 0xFFFF, 1, 1, 0, 0, 0, 0, 0, 0))
        raise self.error(errno.ENOENT, path)

    def listdir(self, path="."):
        place = self.place(path)
        if place not in self.folders:
            raise self.error(errno.ENOENT, path)
        names = sorted(os.path.basename(one) for one in (*self.files, *self.folders) if one != "/" and os.path.dirname(one) == place)
        return names if isinstance(path, (str, os.PathLike)) else [os.fsencode(name) for name in names]

    def scandir(self, path="."):
        return Listing(Entry(self, os.fsdecode(path), os.fsdecode(name)) for name in self.listdir(path))

    def remove(self, path, *, dir_fd=None):
        if self.files.pop(self.place(path), None) is None:
            raise self.error(errno.ENOENT, path)

    def mkdir(self, path, mode=0o777, *, dir_fd=None):
        place = self.place(path)
        if place in self.folders or place in self.files:
            raise self.error(errno.EEXIST, path)
        if os.path.dirname(place) not in self.folders:
            raise self.error(errno.ENOENT, path)
        self.folders.add(place)

    def rmdir(self, path, *, dir_fd=None):
        if self.listdir(path):
            raise self.error(errno.ENOTEMPTY, path)
        self.folders.discard(self.place(path))

    def chdir(self, path):
        if self.place(path) not in self.folders:
            raise self.error(errno.ENOENT, path)
        self.current = self.place(path)

    def rename(self, old, new, **_):
        content = self.files.pop(self.place(old), None)
        if content is None:
            raise self.error(errno.ENOENT, old)
        self.files[self.place(new)] = content
