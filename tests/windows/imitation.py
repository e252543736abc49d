"""Run a program in a Python that is like the one of Windows: `python imitation.py PROGRAM [ARGUMENT...]`.

PROGRAM is the name of a module to run, or code. It is a real interpreter and a real file system, but:

- the modules and calls that Windows does not have are gone, and `sys.platform` is `win32`,
- `msvcrt` has `locking`, made of `flock`, which also belongs to the open file and ends with its process;
  `colorama`, which prepares the console there, does nothing,
- a file that any process has open cannot be renamed, replaced or removed; a name that is taken cannot be given,
- a folder cannot be opened.

The libraries are imported first: they are tested on Windows by others.
"""
# mypy: ignore-errors

from __future__ import annotations

import errno
import fcntl
import importlib
import os
import runpy
import signal
import stat
import sys
import types

MUTEX = os.open(os.environ["IMITATION_MUTEX"], os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
LIBRARIES = ("pathlib", "platform", "shutil", "subprocess", "tempfile", "click", "jsonschema")
FOR_REQUESTS = ("requests", "urllib3", "yaml")
FOR_THE_SANDBOX = ("flask", "socketserver", "werkzeug.serving")
NO_MODULES = ("fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty")
NO_CALLS = {
    "os": (
        *("O_CLOEXEC", "O_DIRECTORY", "O_NOCTTY", "O_NOFOLLOW", "O_NONBLOCK", "chown", "fchmod", "fchown", "fork"),
        *(
            "getegid",
            "geteuid",
            "getgid",
            "getuid",
            "killpg",
            "link",
            "mkfifo",
            "openpty",
            "pread",
            "pwrite",
            "set_blocking",
        ),
    ),
    "select": ("epoll", "poll"),
    "signal": ("SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "pthread_kill", "pthread_sigmask", "setitimer"),
}
real_open, real_unlink, real_rename, real_replace = os.open, os.unlink, os.rename, os.replace
real_set_wakeup_fd, real_set_blocking = signal.set_wakeup_fd, os.set_blocking
is_on = False


class Mutex:
    """Between a look at who has a file open and what follows, no other process opens a file."""

    def __enter__(self):
        fcntl.lockf(MUTEX, fcntl.LOCK_EX)

    def __exit__(self, *_):
        fcntl.lockf(MUTEX, fcntl.LOCK_UN)


def open_file(path, flags, mode=0o777, **options):
    if is_on and isinstance(path, (str, os.PathLike)) and os.path.isdir(path):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    with Mutex():
        return real_open(path, flags | os.O_CLOEXEC if not is_on else flags | 0o2000000, mode, **options)


def require_closed(path):
    """Raise PermissionError if any process has the file open."""
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            descriptors = os.listdir(f"/proc/{process}/fd")
        except OSError:
            continue
        for descriptor in descriptors:
            try:
                other = os.stat(f"/proc/{process}/fd/{descriptor}")
            except OSError:
                continue
            if (other.st_dev, other.st_ino) == (status.st_dev, status.st_ino) and stat.S_ISREG(status.st_mode):
                raise PermissionError(errno.EACCES, "The process cannot access the file", str(path))


def unlink(path, **options):
    with Mutex():
        if is_on:
            require_closed(path)
        real_unlink(path, **options)


def rename(source, target, **options):
    with Mutex():
        if is_on and os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(source), None, str(target))
        if is_on:
            require_closed(source)
        real_rename(source, target, **options)


def replace(source, target, **options):
    with Mutex():
        if is_on:
            require_closed(source)
            require_closed(target)
        real_replace(source, target, **options)


def locking(descriptor, mode, count):
    assert (mode, count, os.lseek(descriptor, 0, os.SEEK_CUR)) == (2, 1, 0)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES)) from None


def set_wakeup_fd(descriptor, **options):
    """Accept a pipe that may wait, as Windows does."""
    if descriptor >= 0:
        real_set_blocking(descriptor, False)
    return real_set_wakeup_fd(descriptor, **options)


def become_windows():
    global is_on
    os.open, os.unlink, os.remove, os.rename, os.replace = open_file, unlink, unlink, rename, replace
    libraries = LIBRARIES + FOR_REQUESTS * ("groupsync" in program) + FOR_THE_SANDBOX * ("sandbox" in sys.argv)
    for library in libraries:
        importlib.import_module(library)
    msvcrt = types.ModuleType("msvcrt")
    msvcrt.locking, msvcrt.LK_NBLCK = locking, 2
    sys.modules["msvcrt"] = msvcrt
    sys.modules["colorama"] = types.ModuleType("colorama")
    sys.modules["colorama"].just_fix_windows_console = lambda: None
    sys.modules.update(dict.fromkeys(NO_MODULES))
    for module, names in NO_CALLS.items():
        for name in names:
            if hasattr(sys.modules[module], name):
                delattr(sys.modules[module], name)
            signal.Signals._member_map_.pop(name, None)
    os.O_BINARY, os.O_NOINHERIT = 0, 0
    signal.set_wakeup_fd = set_wakeup_fd
    sys.platform = "win32"
    is_on = True


import select  # noqa: E402, F401 - one of the modules that lose calls

program = sys.argv[1]
del sys.argv[0]
become_windows()
if program.isidentifier():
    runpy.run_module(program, run_name="__main__", alter_sys=True)
else:
    exec(compile(program, "<program>", "exec"), {"__name__": "__main__"})  # noqa: S102 - the code of a test
