"""The entry point: finds the command, and turns every failure into one message and an exit code."""

from __future__ import annotations

import gc
import importlib
import io
import os
import sys
from typing import TYPE_CHECKING

import click

from groupsync.cli.handlers import ignore_signals, restored_handlers
from groupsync.cli.terminal import Terminal
from groupsync.errors import ExitCode, GroupsyncError, MissingPackageError, OutputError, describe_os_error
from groupsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_GC_THRESHOLD = 1_000_000  # allocations between two searches for cycles: a large plan has many small values, no cycles
COMMANDS = {
    "plan": "Show what `apply` would change.",
    "apply": "Make the Phonebook what the configuration says.",
    "show": "Show a saved plan as `plan` did.",
    "check": "Tell whether a saved plan would still be applied.",
    "restore": "Make deleted groups again from backups of their members.",
    "export": "Print the live groups as a configuration.",
    "doctor": "Check what groupsync needs: files, credentials, network, account.",
    "validate": "Check configuration files, without a network.",
    "schema": "Print a JSON Schema of groupsync's files.",
    "sandbox": "Run a local Phonebook to try things on.",
}


class _LazyGroup(click.Group):
    """A group that imports a command only when it is called, so that help and version start fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(f"groupsync.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)  # noqa: S101 - COMMANDS names modules of this folder
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _make_missing_error(error: ModuleNotFoundError) -> MissingPackageError:
    """Return the error for a package that is not installed; raise it again for a module of groupsync itself."""
    package = str(error.name).partition(".")[0]
    if package == "groupsync":
        raise error
    return MissingPackageError(f"the package {package}, which groupsync needs,", "groupsync")


@click.command(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="groupsync", message="%(prog)s %(version)s")
def cli() -> None:
    """Plan and apply the contact groups of a Messente Phonebook from a YAML file."""


def run(args: Sequence[str], environ: Mapping[str, str] | None = None) -> int:
    """Run one command line, without the program's name, and return its exit code."""
    with restored_handlers():
        return _execute(args, os.environ if environ is None else environ)


def _execute(args: Sequence[str], environ: Mapping[str, str]) -> int:
    terminal = Terminal(environ, args)
    try:
        return _run_command(terminal, args)
    except Exception:
        terminal.print_bug_report()  # Python prints the traceback below it
        raise


def _run_command(terminal: Terminal, args: Sequence[str]) -> int:
    """Run the command and return its exit code; print every failure that a user, a file or a server can cause."""
    try:
        return int(cli.main(list(args), prog_name="groupsync", standalone_mode=False, obj=terminal) or ExitCode.DONE)
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except GroupsyncError as error:
        return _print_error(terminal, error)
    except ModuleNotFoundError as error:
        return _print_error(terminal, _make_missing_error(error))
    except OSError as error:
        if error.filename is not None:
            raise
        return _print_error(terminal, OutputError(describe_os_error(error)))  # click could not print help
    except (click.Abort, KeyboardInterrupt):
        terminal.print_message("Interrupted.")
        return ExitCode.INTERRUPTED


def _print_error(terminal: Terminal, error: GroupsyncError) -> ExitCode:
    terminal.print_error(error)
    return error.exit_code


def main() -> None:
    """Run the command line of this process and end it with the exit code."""
    gc.set_threshold(_GC_THRESHOLD)
    _open_missing_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    code = _execute(sys.argv[1:], os.environ)
    ignore_signals()
    gc.freeze()  # skips the last search for cycles at exit: a tenth of the time of a small plan
    sys.exit(code)


def _open_missing_streams() -> None:
    """Open /dev/null for stdin, stdout and stderr that are closed: a connection would get their number otherwise."""
    for descriptor in range(3):
        if not _is_open(descriptor):
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
