"""Runs one command of a scenario: with pipes, or on a terminal of its own, for a limited time."""

import dataclasses
import errno
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time


@dataclasses.dataclass
class Done:
    exit_code: int  # as a shell gives it: 128 and more for a signal
    stdout: bytes
    stderr: bytes
    timed_out: bool


def run(command, folder, environment, stdin, terminal, seconds):
    """`terminal` is (columns, rows), or None for pipes. On a terminal both streams arrive on stdout."""
    if terminal:
        return _run_on_terminal(command, folder, environment, stdin, terminal, seconds)
    with subprocess.Popen(["/bin/sh", "-c", command], cwd=folder, env=environment, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as process:
        timed_out = False
        try:
            stdout, stderr = process.communicate(stdin.encode(), timeout=seconds)
        except subprocess.TimeoutExpired:
            timed_out = True
            _kill(process)
            stdout, stderr = process.communicate()
        return Done(_exit_code(process), stdout, stderr, timed_out)


def _run_on_terminal(command, folder, environment, stdin, terminal, seconds):
    columns, rows = terminal
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    # What we type is not part of what the program says.
    settings = termios.tcgetattr(theirs)
    settings[3] &= ~termios.ECHO
    termios.tcsetattr(theirs, termios.TCSANOW, settings)
    environment = environment | ({"TERM": "xterm-256color"} if environment.get("TERM") == "dumb" else {})
    with subprocess.Popen(["/bin/sh", "-c", command], cwd=folder, env=environment, stdin=theirs, stdout=theirs,
                          stderr=theirs, start_new_session=True) as process:
        os.close(theirs)
        os.write(ours, stdin.encode() + b"\x04")  # control-D: the end of the input
        output, end, timed_out = b"", time.monotonic() + seconds, False
        while True:
            if not select.select([ours], [], [], max(0.0, end - time.monotonic()))[0]:
                timed_out = True
                _kill(process)
                break
            try:
                part = os.read(ours, 65536)
            except OSError as error:
                if error.errno != errno.EIO:  # EIO: every program on the terminal has gone
                    raise
                part = b""
            if not part:
                break
            output += part
        os.close(ours)
        process.wait()
        return Done(_exit_code(process), output.replace(b"\r\n", b"\n"), b"", timed_out)


def _kill(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _exit_code(process):
    return process.returncode if process.returncode >= 0 else 128 - process.returncode
