"""Commands to type next: with the options of the run that prints them, quoted for a shell."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.display import make_visible

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAKES_CONFIG = frozenset({"plan", "apply", "check", "restore", "fix", "pull", "doctor", "validate"})
_TAKES_ENDPOINT = frozenset({"plan", "apply", "check", "restore", "fix", "pull", "doctor", "export", "scopes"})
_TAKES_BACKUP_DIR = frozenset({"plan", "apply", "check", "fix", "doctor"})
_TAKES_ALLOW = frozenset({"plan", "apply", "check"})
_NOT_PLAIN = re.compile(rb"[^A-Za-z0-9/._+,=@]")


class CommandOptions(Struct, frozen=True, kw_only=True):
    """The options that a command needs to continue a run.

    Values from the environment are not among them, because the next command inherits them. Paths are texts as Python
    decodes them, so they may not be valid UTF-8.
    """

    config_paths: tuple[str, ...] = ()
    endpoint: str = ""
    backup_dir: str = ""
    allowed: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    no_deletes: bool = False

    def write(self, command: str, *arguments: str) -> str:
        """Return a command line of groupsync; arguments that are not options come first.

        An endpoint that contains a password is left out: no run accepts one.
        """
        words = [*arguments, *self._list_options(command)]
        if command == "plan" or (command == "apply" and not arguments):  # a plan file has them already
            words += self._list_restrictions()
        return " ".join(["groupsync", command, *map(quote_word, words)])

    def _list_options(self, command: str) -> Iterator[str]:
        if command in _TAKES_CONFIG:
            for path in self.config_paths:
                yield from ("-c", write_path(path))
        if command in _TAKES_ENDPOINT and self.endpoint and "@" not in self.endpoint:
            yield from ("--endpoint", self.endpoint)
        if command in _TAKES_BACKUP_DIR and self.backup_dir:
            yield from ("--backup-dir", write_path(self.backup_dir))
        if command in _TAKES_ALLOW:
            for guard in dict.fromkeys(self.allowed):
                yield from ("--allow", guard)

    def _list_restrictions(self) -> Iterator[str]:
        for argument in dict.fromkeys(self.exclude):
            yield from ("--exclude", argument)
        if self.no_deletes:
            yield "--no-deletes"


NO_OPTIONS = CommandOptions()


def write_path(path: str) -> str:
    """Return the path as an argument that cannot be read as an option."""
    return f"./{path}" if path.startswith("-") else path


def quote_word(word: str) -> str:
    """Return the word quoted for a POSIX shell, on one line and without characters that a terminal would hide."""
    if word.isprintable() and make_visible(word) == word and "##" not in word:  # CI logs may read `##[...]`
        return shlex.quote(word)
    content = word.encode(errors="surrogateescape")
    escaped = _NOT_PLAIN.sub(lambda found: f"\\{found[0][0]:03o}".encode(), content).decode()
    return f"\"$(printf '{escaped}')\""
