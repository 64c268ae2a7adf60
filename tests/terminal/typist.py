"""A program on a terminal of its own, and somebody who types and reads."""

import os
import pty
import re
import select
import signal
import time

PATIENCE_S = 240
CONTROLS = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|[\x07\r]")


class Typist:
    """Starts `command`; `environment` replaces what it would inherit."""

    def __init__(self, command, environment):
        self.seen = b""
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.execvpe(command[0], command, environment)

    def type(self, keys):
        os.write(self.terminal, keys.encode())

    def wait_for(self, text, typing=""):
        """Returns once the terminal shows `text` behind what was waited for before; forgets what is before it. Types
        `typing` until then, again and again: for keys that do nothing while the program is not ready for them."""
        wanted = text.encode()
        deadline = time.monotonic() + PATIENCE_S
        while True:
            plain = CONTROLS.sub(b"", self.seen)
            if wanted in plain:
                self.seen = plain[plain.index(wanted) + len(wanted):]
                return
            if typing:
                self.type(typing)
                self._read(time.monotonic() + 0.3)
                time.sleep(0.3)
            if not self._read(time.monotonic() + 0.1 if typing else deadline) and (not typing or time.monotonic() > deadline):
                shown = plain.decode(errors="replace")[-500:]
                raise SystemExit(f"FAILED: no {text!r} on the terminal, but {shown!r}")

    def end(self):
        """What the program's exit code is, and all that it still shows."""
        deadline = time.monotonic() + PATIENCE_S
        while self._read(deadline):
            pass
        _, status = os.waitpid(self.child, 0)
        return os.waitstatus_to_exitcode(status), CONTROLS.sub(b"", self.seen).decode(errors="replace")

    def kill(self):
        try:
            os.kill(self.child, signal.SIGKILL)
            os.waitpid(self.child, 0)
        except (ProcessLookupError, ChildProcessError):
            pass

    def _read(self, deadline):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self.terminal], [], [], left)[0]:
            return False
        try:
            more = os.read(self.terminal, 65536)
        except OSError:  # the program has closed it
            return False
        self.seen += more
        return bool(more)
