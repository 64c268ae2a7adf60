"""What is changed in CPython's source before the image is made of it: where there is one thread, no socket, no process and a clock
that may be refused, an error says so."""

import re

from .sources import patch

# What `time` calls when it wants to know what time it is.
NOW = """static int
caisson_now(time_t *now)
{
    PyTime_t t;
    if (PyTime_Time(&t) < 0)
        return 0;
    *now = (time_t)(t / 1000000000 - (t % 1000000000 < 0));
    return 1;
}

"""

# What a wait runs, as it runs handlers of signals, when it cannot be.
WAITS = """static int
caisson_alone(void *unused)
{
    PyErr_SetString(PyExc_RuntimeError, "nothing else runs that could end this wait");
    return -1;
}

static int
caisson_refused(void *error)
{
    errno = (int)(intptr_t)error;
    PyErr_SetFromErrno(PyExc_OSError);
    return -1;
}

"""
UNTIL = """            PyTime_t now;
            (void)PyTime_TimeRaw(&now);
            PyTime_t deadline = _PyTime_Add(now, timeout);
            _PyTime_AsTimespec_clamp(deadline, &ts);

            err = pthread_cond_timedwait(&sema->cond, &sema->mutex, &ts);
"""
SLEEP = """            _PyTime_AsTimespec_clamp(timeout, &ts);
            struct timespec now;
            const int refused = clock_gettime(CLOCK_MONOTONIC, &now) ? errno : clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
            if (refused)
                Py_AddPendingCall(caisson_refused, (void *)(intptr_t)refused);
            else
                err = ETIMEDOUT;
"""


def clock(source):
    """A clock that is not granted is an error for whoever asks for now."""
    file = source / "Modules/timemodule.c"
    patch(file, "static int\nparse_time_t_args(", NOW + "static int\nparse_time_t_args(")
    patch(file, "        whent = time(NULL);\n", "        if (!caisson_now(&whent))\n            return 0;\n")
    text = file.read_text()
    file.write_text(text.replace("        time_t tt = time(NULL);\n",
                                 "        time_t tt;\n        if (!caisson_now(&tt))\n            return NULL;\n"))


def stack(source):
    """Fewer nested calls in C than CPython allows for WASI, so that the stack of the host lasts for all of them; an error survives
    that there is no memory for a frame's object (it is lost in CPython)."""
    patch(source / "Python/frame.c", "        PyFrameObject *back = _PyFrame_GetFrameObject(prev);\n",
          "        PyObject *raised = PyErr_GetRaisedException();\n        PyFrameObject *back = _PyFrame_GetFrameObject(prev);\n")
    patch(source / "Python/frame.c", "            f->f_back = (PyFrameObject *)Py_NewRef(back);\n        }\n",
          "            f->f_back = (PyFrameObject *)Py_NewRef(back);\n        }\n        PyErr_SetRaisedException(raised);\n")
    patch(source / "Include/cpython/pystate.h", "#  define Py_C_RECURSION_LIMIT 5000\n", "#  define Py_C_RECURSION_LIMIT 3000\n")


def waits(source):
    """A wait without an end (locks, events, queues) is an error: one thread waits for itself. One with a time-out sleeps, and a sleep
    that is refused is an error, too."""
    file = source / "Python/parking_lot.c"
    patch(file, "static int\n_PySemaphore_PlatformWait(", WAITS + "static int\n_PySemaphore_PlatformWait(")
    patch(file, UNTIL, SLEEP)
    patch(file, "            err = pthread_cond_wait(&sema->cond, &sema->mutex);\n", "            Py_AddPendingCall(caisson_alone, NULL);\n")


def asyncio(source):
    """An asyncio without processes, sockets and threads, whose loop waits by sleeping."""
    start = source / "Lib/asyncio/__init__.py"
    text = start.read_text()
    for name in ("streams", "subprocess", "threads"):
        text = text.replace(f"from .{name} import *\n", "").replace(f"           {name}.__all__ +\n", "")
    text = re.sub(r"\nif sys.platform == 'win32':.*", "\nfrom .caisson_loop import *\n", text, flags=re.S)
    start.write_text(text)


def names(source):
    """The machine has no name to ask for: identifiers of messages are of `localhost`, as they are on such a machine."""
    file = source / "Lib/email/utils.py"
    patch(file, "    import random\n    import socket\n", "    import random\n")
    patch(file, "        domain = socket.getfqdn()\n", "        domain = 'localhost'\n")


def patches(source):
    """All of them, for a tree as it was unpacked."""
    for change in (clock, stack, waits, asyncio, names):
        change(source)
