"""What to attach to a report of a mistake in groupsync: versions, and the command without secrets."""

from __future__ import annotations

import platform
import re
import shlex
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from groupsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

PACKAGES = ("click", "deepdiff", "jsonschema", "PyYAML", "requests", "urllib3", "flask")
_SECRET_OPTIONS = frozenset({"--username", "--password"})
_CREDENTIALS_IN_URL = re.compile(r"(?<=://)[^/@\s]*@")


def render_bug_report(args: Sequence[str]) -> str:
    """Return the lines that stand above the traceback of an unexpected exception."""
    packages = ", ".join(f"{name} {_find_version(name)}" for name in PACKAGES)
    return (
        "This is a mistake in groupsync, not in your files. Please report it with all of this:\n"
        f"  groupsync {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        f"  {packages}\n"
        f"  command: {shlex.join(['groupsync', *mask_secrets(args)])}"
    )


def mask_secrets(args: Sequence[str]) -> list[str]:
    """Return the arguments without credentials; what follows `--` is another program's, and left out."""
    masked: list[str] = []
    is_secret = False
    for arg in args:
        if arg == "--":
            return [*masked, arg, "..."]
        name, equals, _ = arg.partition("=")
        if is_secret:
            masked.append("***")
        elif equals and name in _SECRET_OPTIONS:
            masked.append(f"{name}=***")
        else:
            masked.append(_CREDENTIALS_IN_URL.sub("***@", arg))
        is_secret = arg in _SECRET_OPTIONS
    return masked


def _find_version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "is missing"
