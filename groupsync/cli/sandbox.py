"""`groupsync sandbox`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from groupsync.cli.handlers import leave_signals_to_main_thread
from groupsync.display import count
from groupsync.errors import ExitCode, MissingPackageError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.cli.terminal import Terminal
    from groupsync.sandbox import Sandbox

_SHELLS = frozenset({"ash", "bash", "dash", "fish", "ksh", "sh", "zsh"})


_EXAMPLES = """\b
Examples:
  groupsync sandbox -- sh
  groupsync sandbox --seed examples/sandbox.json -- groupsync plan -c examples/groups.yaml
"""


@click.command(epilog=_EXAMPLES, context_settings={"allow_interspersed_args": False})
@click.option(
    "--data",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False, readable=False),
    help="Keep the Phonebook in this SQLite file.  [default: in memory]",
)
@click.option(
    "--seed",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False, readable=False),
    help="Fill an empty Phonebook from this JSON file.",
)
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    default=0,
    help="The port on 127.0.0.1.  [default: a free one]",
)
@click.option("--unique-names", is_flag=True, help="Answer 409 if a group would get the name of another.")
@click.option(
    "--latency",
    "milliseconds",
    metavar="MS",
    type=click.IntRange(0, 60_000),
    default=0,
    help="Milliseconds to add to each request.",
)
@click.option("--username", metavar="NAME", default="sandbox", show_default=True, help="The username of its account.")
@click.option("--password", metavar="WORD", default="let-me-in", show_default=True, help="The password of its account.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def sandbox(
    terminal: Terminal,
    *,
    data: Path | None,
    seed: Path | None,
    port: int,
    unique_names: bool,
    milliseconds: int,
    username: str,
    password: str,
    command: tuple[str, ...],
) -> int:
    """Run a local Phonebook for trying things out.

    COMMAND runs with the endpoint and credentials of the local Phonebook in its environment, and its exit code is
    returned. Without COMMAND, the Phonebook runs until Ctrl-C.
    """
    terminal.check_variables()
    with _start(
        data=data,
        seed=seed,
        port=port,
        unique_names=unique_names,
        latency=milliseconds / 1000,
        username=username,
        password=password,
    ) as phonebook:
        leave_signals_to_main_thread()
        return _run(terminal, phonebook, command) if command else _serve(terminal, phonebook)


def _start(**options: Any) -> Sandbox:
    """Start a sandbox with these options; raise MissingPackageError if Flask is not installed."""
    try:
        from groupsync.sandbox import Sandbox, SandboxError  # noqa: PLC0415 - Flask is optional
    except ModuleNotFoundError as error:
        if error.name not in ("flask", "werkzeug"):
            raise
        raise MissingPackageError("Flask, which the sandbox needs,", "groupsync[sandbox]") from error
    try:
        return Sandbox(**options).start()
    except SandboxError as error:
        raise SettingsError(str(error)) from error


def _run(terminal: Terminal, phonebook: Sandbox, command: Sequence[str]) -> int:
    from groupsync.sandbox.process import CommandError, make_environment, run_command  # noqa: PLC0415 - as above

    if len(command) == 1 and Path(command[0]).name in _SHELLS:
        groups = count(len(phonebook.groups()), "group", "groups")
        terminal.print_next_step(
            f"You are in a shell with a made-up account: {groups}, at {phonebook.url}.\n"
            "`exit` ends the shell and the account."
        )
    try:
        return run_command(command, make_environment(terminal.environ, phonebook))
    except CommandError as error:
        terminal.print_message(f"Error: {error}")
        return error.exit_code


def _serve(terminal: Terminal, phonebook: Sandbox) -> int:
    from groupsync.sandbox.process import exports, wait_for_signal  # noqa: PLC0415 - as above

    lines = [f"export {name}={shlex.quote(value)}" for name, value in exports(phonebook).items()]
    wait_for_signal(
        lambda: terminal.print_message(f"A Phonebook is at {phonebook.url} until Ctrl-C.\n\n" + "\n".join(lines))
    )
    return ExitCode.DONE
