"""Finds the command, runs it, and turns every failure into one message and an exit code."""

from __future__ import annotations

import errno
import importlib
import io
import sys
import traceback
from typing import TYPE_CHECKING

import click

from groupsync.cli.handlers import write_to_stderr
from groupsync.cli.main import COMMANDS
from groupsync.cli.terminal import Terminal, discard_output, make_output_error
from groupsync.errors import (
    BrokenPackageError,
    ExitCode,
    GroupsyncError,
    LostReportError,
    MissingPackageError,
    OutOfMemoryError,
    SettingsError,
)
from groupsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MODULES_OF_POSIX = frozenset({"fcntl", "grp", "pwd", "resource", "termios"})


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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            from groupsync.cli.habits import make_command_error  # noqa: PLC0415 - only for a wrong command line

            raise make_command_error(args[0], COMMANDS)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _make_import_error(error: ImportError) -> GroupsyncError:
    """Return the error for a package that cannot be imported; raise it again for a module of groupsync itself."""
    package = str(error.name).partition(".")[0]
    if package == "groupsync":
        raise error
    if not isinstance(error, ModuleNotFoundError):
        return BrokenPackageError(error)
    if package in _MODULES_OF_POSIX:
        return SettingsError(
            f"groupsync does not run on this system: its Python has no module {package}",
            remedy="run groupsync on Linux, macOS or Windows",
        )
    if package in sys.stdlib_module_names:
        return SettingsError(
            f"{sys.executable} was built without {package.lstrip('_')}, a module of Python's standard library",
            remedy="install a complete Python, then groupsync with it",
        )
    return MissingPackageError(f"the package {package}, which groupsync needs,", "groupsync")


@click.command(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    callback=lambda ctx, _, is_given: _print_version(ctx) if is_given else None,
    help="Show the version and exit; with --format json, all that a bug report needs.",
)
@click.option("--format", "format_name", type=click.Choice(("text", "json")), is_eager=True, hidden=True)
def cli(format_name: str | None) -> None:
    """Plan and apply the contact groups of a Messente Phonebook from a YAML file."""
    if format_name:
        raise click.UsageError("--format belongs after the command, or after --version.")


def _print_version(ctx: click.Context) -> None:
    """Print the version and exit. `--format` is eager, so its value is known wherever it stands."""
    if ctx.params.get("format_name") == "json":
        from groupsync.cli.bug_report import render_versions  # noqa: PLC0415 - only for this

        click.echo(render_versions())
    else:
        click.echo(f"groupsync {__version__}")
    ctx.exit()


def execute(args: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run one command line, without the program's name, and return its exit code."""
    terminal = Terminal(environ, args)
    try:
        return _run_command(terminal, args)
    except (MemoryError, SystemError):  # Python turns the former into the latter during an import
        pass  # the memory of the run is free again after this block
    except Exception:
        terminal.print_bug_report()
        if not terminal.has_begun:
            raise  # Python prints the traceback; exit code 1 means that nothing was written
        terminal.print_message(traceback.format_exc().rstrip())
        return ExitCode.INCOMPLETE
    return _print_error(terminal, LostReportError() if terminal.has_begun else OutOfMemoryError())


def _run_command(terminal: Terminal, args: Sequence[str]) -> int:
    """Run the command and return its exit code; print every failure that a user, a file or a server can cause."""
    streams = sys.stdout, sys.stderr
    try:
        return int(cli.main(list(args), prog_name="groupsync", standalone_mode=False, obj=terminal) or ExitCode.DONE)
    except click.ClickException as error:
        return _print_usage(terminal, error, args)
    except GroupsyncError as error:
        return _print_error(terminal, error)
    except (ImportError, OSError, SystemExit) as error:
        sys.stdout, sys.stderr = streams  # click wraps both when a pipe is broken, even a stderr that is None
        return _print_error(terminal, _make_error(error))
    except (click.Abort, KeyboardInterrupt):
        terminal.print_message("Interrupted.")
        return ExitCode.INTERRUPTED


def _make_error(error: ImportError | OSError | SystemExit) -> GroupsyncError:
    """Return the error for what Python or click raised; raise it again if no user, file or server can cause it."""
    match error:
        case ImportError():
            return _make_import_error(error)
        case SystemExit(__context__=OSError() as cause):  # click's answer to a broken pipe
            return _make_error(cause)
        case OSError(errno=errno.ENOMEM):
            raise MemoryError from error
        case OSError(filename=None):  # click could not print help
            discard_output(sys.stdout)
            return make_output_error(error)
        case OSError() | SystemExit():
            raise error


def _print_usage(terminal: Terminal, error: click.ClickException, args: Sequence[str]) -> ExitCode:
    """Print what is wrong with the command line; never to stdout, even if stderr fails."""
    from groupsync.cli.habits import find_remedy  # noqa: PLC0415 - only for a wrong command line

    text = io.StringIO()
    if isinstance(error, click.UsageError) and (remedy := find_remedy(error, args)):
        text.write(f"Error: {error.message}\n  -> {remedy}")
    else:
        error.show(text)
    terminal.print_message(text.getvalue().rstrip("\n"))
    return ExitCode.USAGE


def _print_error(terminal: Terminal, error: GroupsyncError) -> ExitCode:
    try:
        terminal.print_error(error)
    except MemoryError:
        write_to_stderr(b"Error: memory ran out\n")
    return error.exit_code
