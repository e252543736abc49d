"""The entry point: handles signals first, then imports the rest."""
# ruff: noqa: PLC0415 - a signal may arrive while the rest is imported

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys

from groupsync.cli import handlers
from groupsync.cli.quick import answer

TYPE_CHECKING = False  # importing it from `typing` takes longer than this whole module
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

_GC_THRESHOLD = 1_000_000  # allocations between garbage collections: a large plan has many small values, but no cycles
COMMANDS = {
    "plan": "Show what `apply` would change.",
    "apply": "Make the Phonebook what the configuration says.",
    "show": "Show a saved plan as `plan` did.",
    "check": "Check whether a saved plan would still be applied.",
    "summary": "Show the plans of many accounts in one table, the worst first.",
    "restore": "Create deleted groups again from backups of their members.",
    "fix": "Answer questions about what a plan refuses or suggests.",
    "pull": "Bring live changes into the configuration files.",
    "export": "Print the live groups as a configuration.",
    "doctor": "Check what groupsync needs: files, credentials, network, account.",
    "validate": "Check configuration files, without the network.",
    "scopes": "Check that no scopes of an account's configurations overlap.",
    "schema": "Print a JSON Schema of groupsync's files.",
    "sandbox": "Run a local Phonebook for trying things out.",
}


def run(args: Sequence[str], environ: Mapping[str, str] | None = None) -> int:
    """Run one command line, without the program's name, inside another program, and return its exit code.

    The handlers of that program are in place until the first change, and again afterwards. Only the main thread can
    replace handlers: a run in another one leaves them alone, and no signal ends it.
    """
    from groupsync.cli.program import execute

    before = handlers.get_handlers()
    try:
        return execute(args, os.environ if environ is None else environ)
    finally:
        handlers.restore_handlers(before)


def main() -> None:
    """Run the command line of this process and end it with the exit code."""
    handlers.quit_on_signals()
    gc.set_threshold(_GC_THRESHOLD)
    _open_missing_streams()
    _set_encodings()
    handlers.quit_while_waiting()
    code = 0 if answer(sys.argv[1:], os.environ, COMMANDS) else _import_and_execute()
    handlers.ignore_signals()
    _end(code)


def _end(code: int) -> NoReturn:
    """End the process at once, after its output is flushed.

    Python would first wait for daemon threads to stop, and glibc aborts the process if there is no memory for that: the
    exit code would be another one.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # it is closed, or its failure has been reported
            if stream is not None:
                stream.flush()
    os._exit(code)


def _set_encodings() -> None:
    """Write UTF-8 to files and pipes in any locale, because other programs, and groupsync itself, read them.

    A terminal keeps its encoding, and shows characters that it does not have as escapes.
    """
    if sys.platform == "win32":
        import colorama  # click needs it there

        colorama.just_fix_windows_console()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")


def _import_and_execute() -> int:
    try:
        from groupsync.cli.program import execute
    except (MemoryError, SystemError):
        handlers.write_to_stderr(b"Error: this run needs more memory than the system gives it\n")
        return 1
    except ImportError as error:
        if str(error.name).startswith("groupsync"):
            raise
        handlers.write_to_stderr(_describe_import_error(error).encode(errors="backslashreplace"))
        return 1
    return execute(sys.argv[1:], os.environ)


def _describe_import_error(error: ImportError) -> str:
    """Return the message if the first package cannot be imported: without click there is no program yet."""
    from groupsync.errors import BrokenPackageError, MissingPackageError

    problem: MissingPackageError | BrokenPackageError = BrokenPackageError(error)
    if error.name == "click" and isinstance(error, ModuleNotFoundError):
        problem = MissingPackageError("the package click, which groupsync needs,", "groupsync")
    return f"Error: {problem}\n  -> {problem.remedy}\n"


def _open_missing_streams() -> None:
    """Open /dev/null for stdin, stdout and stderr that are closed: a connection would get their number otherwise.

    Writing to such a stdout is still an error, for click too, which prints nothing to a stdout that is None.
    """
    for descriptor in range(3):
        if not _is_open(descriptor):
            os.open(os.devnull, os.O_RDONLY)  # gets the lowest free number
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - it is not a path


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
