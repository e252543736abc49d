"""What to attach to a report of a mistake in groupsync: versions, and the command without secrets."""

from __future__ import annotations

import json
import platform
import shlex
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from groupsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

PACKAGES = ("certifi", "click", "deepdiff", "Jinja2", "jsonschema", "msgspec", "PyYAML", "requests", "urllib3", "flask")
_SECRETS = frozenset({"--username", "--password"})
_SANDBOX_OPTIONS = frozenset({"--data", "--seed", "--port", "--latency", "--username", "--password"})
_SANDBOX_FLAGS = frozenset({"--unique-names"})


def render_bug_report(args: Sequence[str]) -> str:
    """Return the lines that stand above the traceback of an unexpected exception."""
    packages = ", ".join(f"{name} {_find_version(name) or 'is missing'}" for name in PACKAGES)
    return (
        "This is a bug in groupsync, not in your files. Please report it with all of this:\n"
        f"  groupsync {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        f"  {packages}\n"
        f"  command: {shlex.join(['groupsync', *mask_secrets(args)])}"
    )


def render_versions() -> str:
    """Return the versions as JSON, for a report of a mistake; a package that is not installed is null."""
    versions = {
        "groupsync": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "packages": {name: _find_version(name) for name in PACKAGES},
    }
    return json.dumps(versions, indent=2)


def mask_secrets(args: Sequence[str]) -> list[str]:
    """Return the arguments without credentials, and without the command that a sandbox runs."""
    own = _cut_sandbox_command(args) if args[:1] == ["sandbox"] else list(args)
    masked: list[str] = []
    option = ""
    for arg in own:
        name, equals, value = arg.partition("=")
        if option:
            masked.append(_mask_value(option, arg))
        elif equals and name.startswith("--"):
            masked.append(f"{name}={_mask_value(name, value)}")
        else:
            masked.append(arg)
        option = arg if arg in {*_SECRETS, "--endpoint"} and not option else ""
    return masked


def _mask_value(option: str, value: str) -> str:
    if option in _SECRETS:
        return "***"
    if option == "--endpoint" and "@" in value:
        return f"***@{value.rpartition('@')[2]}"
    return value


def _cut_sandbox_command(args: Sequence[str]) -> list[str]:
    """Return the sandbox's own options, with `...` in place of the command that follows them."""
    position = 1
    while position < len(args):
        name = args[position].partition("=")[0]
        if name in _SANDBOX_OPTIONS:
            position += 1 if "=" in args[position] else 2
        elif name in _SANDBOX_FLAGS:
            position += 1
        else:
            return [*args[:position], "..."]
    return list(args)


def _find_version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
