"""Habits from other tools: the right command for one that groupsync does not have."""

from __future__ import annotations

import difflib
import re
import shlex
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_EXPORT = "to write your live groups to a file: groupsync export --out groups.yaml"
_REMOVED = "to delete groups, list them under removed in groups.yaml, then run groupsync plan"
_PLAN = "to see what would change: groupsync plan"
_VALIDATE = "to check the file: groupsync validate"
_REVERT = "to undo an apply, take the change to groups.yaml back in git, then plan and apply"

_COMMANDS = {
    "delete": _REMOVED,
    "destroy": _REMOVED,
    "diff": _PLAN,
    "dump": _EXPORT,
    "fmt": _VALIDATE,
    "get": _EXPORT,
    "help": "to see all commands: groupsync --help",
    "import": _EXPORT,
    "init": f"there is nothing to set up; {_EXPORT}",
    "lint": _VALIDATE,
    "list": _EXPORT,
    "preview": _PLAN,
    "push": "to make the Phonebook what the file says: groupsync apply",
    "output": "to see a saved plan: groupsync show plan.json",
    "refresh": f"groupsync keeps no state: every plan reads what is live; {_PLAN}",
    "rename": "to rename a group, edit its name in groups.yaml, then run groupsync plan",
    "rollback": _REVERT,
    "state": f"groupsync keeps no state: every plan reads what is live; {_EXPORT}",
    "status": _PLAN,
    "sync": "to make the Phonebook what the file says: groupsync apply",
    "undo": _REVERT,
    "version": "to see the version: groupsync --version",
}
_OPTIONS = {
    "json": "--format json",
    "no-color": "the variable NO_COLOR=1",
    "chdir": "-c FOLDER",
    "file": "-c FILE",
    "f": "-c FILE",
    "y": "--auto-approve",
    "yes": "--auto-approve",
    "force": "--allow CODE, which overrides one guard",
    "o": "--out FILE",
}
_OTHER_WAYS = {
    "destroy": _REMOVED,
    "dry-run": f"plan changes nothing; {_PLAN}",
    "lock": "groupsync always locks; to wait for another run: --lock-timeout SECONDS",
    "refresh": "leave it out: every plan reads what is live",
    "refresh-only": f"leave it out: every plan reads what is live; {_PLAN}",
    "replace": "leave it out: groupsync never creates a group in place of another",
    "state": "leave it out: groupsync keeps no state",
    "target": "leave it out: a plan is always for the whole configuration",
    "var": "leave it out: a configuration has no variables",
    "var-file": "leave it out: a configuration has no variables",
}
_SINGLE_DASH = re.compile(r"-([A-Za-z][a-z-]+)(=.*)?", re.DOTALL)
_EXTRA = re.compile(r"Got unexpected extra arguments? \((.+)\)", re.DOTALL)
_CONFIGURATION = (".yaml", ".yml", "/")


def make_command_error(name: str, commands: Collection[str]) -> click.UsageError:
    """Return the error for a command that does not exist, with the right command if it is known."""
    close = difflib.get_close_matches(name, commands, n=1)
    remedy = _COMMANDS.get(name.lower()) or (f"did you mean groupsync {close[0]}?" if close else "")
    return click.UsageError(f"There is no command {name!r}." + (f"\n  -> {remedy}" if remedy else ""))


def find_remedy(error: click.UsageError, args: Sequence[str]) -> str:
    """Return what to write instead of a wrong command line; empty if that is unclear."""
    command = error.ctx.command if error.ctx else None
    if command is None:
        return ""
    options = {name for param in command.params for name in param.opts}
    if isinstance(error, click.NoSuchOption):
        return _find_option(args, options)
    if extra := _EXTRA.fullmatch(error.message):
        first = next((arg for arg in args[1:] if f"{extra[1]} ".startswith(f"{arg} ")), "")
        return _find_place(str(command.name), first, options)
    return ""


def _find_option(args: Sequence[str], options: Collection[str]) -> str:
    """Return what to write instead of the first option in the form of another tool; empty if there is none."""
    for arg in args:
        name, _, value = arg.lstrip("-").partition("=")
        if not arg.startswith("-") or arg.partition("=")[0] in options:
            continue
        if _SINGLE_DASH.fullmatch(arg) and f"--{name}" in options:
            return f"write it with two dashes: --{name}{f'={shlex.quote(value)}' if value else ''}"
        if name in _OPTIONS:
            return f"the option of groupsync is {_OPTIONS[name]}"
        if name in _OTHER_WAYS:
            return _OTHER_WAYS[name]
    return ""


def _find_place(command: str, extra: str, options: Collection[str]) -> str:
    """Return the right way to pass the file that was given as an argument; empty if there is none."""
    file = shlex.quote(extra)
    if command == "export":
        return f"to write to a file: groupsync export --out {file}"
    if command == "plan" and extra.endswith(".json"):
        return f"to see a saved plan: groupsync show {file}; to save a new one: groupsync plan --out {file}"
    if "-c" in options and extra.endswith(_CONFIGURATION):
        return f"to name the configuration: groupsync {command} -c {file}"
    return ""
