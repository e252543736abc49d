"""The policy of a run: what the guards read in addition to the configuration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from groupsync.display import quote
from groupsync.environment.pull_requests import find_pull_request
from groupsync.environment.reading import decode, read
from groupsync.errors import SettingsError
from groupsync.model.account import is_loopback
from groupsync.model.limits import RunPolicy, parse_max_deletes, parse_number
from groupsync.names import LONGEST_NAME, is_encodable, is_too_long
from groupsync.patterns import MOST_WILDCARD_PATTERNS, has_wildcard
from groupsync.variables import require_no_misspelled_limit

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from groupsync.model.account import Target

T = TypeVar("T")


def load_run_policy(
    environ: Mapping[str, str],
    *,
    allowed: Collection[str],
    keeps_backups: bool,
    applies_to: Target | None = None,
    no_deletes: bool = False,
) -> RunPolicy:
    """Return the policy of this run: the given options, and the limits of the environment.

    GROUPSYNC_PROTECTED holds name patterns, separated by commas or line breaks. `applies_to` is the account that the
    plan is to be applied to; None if it is only shown, and then it does not matter whether a pull request runs it.
    """
    require_no_misspelled_limit(environ)
    pull_request = ""
    if applies_to is not None and not _is_on_this_machine(applies_to):
        pull_request = find_pull_request(environ)
    return RunPolicy(
        allowed=frozenset(allowed),
        keeps_backups=keeps_backups,
        pull_request=pull_request,
        no_deletes=no_deletes or _read_switch(environ, "GROUPSYNC_NO_DELETES"),
        protected=_read_patterns(environ, "GROUPSYNC_PROTECTED", separator="[,\\r\\n]"),
        max_deletes=_read_limit(environ, "GROUPSYNC_MAX_DELETES", parse_max_deletes, "a number or a share such as 25%"),
        max_contacts_lost=_read_limit(environ, "GROUPSYNC_MAX_CONTACTS_LOST", parse_number, "a number"),
    )


def load_job_scope(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return what this job may touch at all: the name patterns of GROUPSYNC_SCOPE, one on each line; () is anything."""
    return _read_patterns(environ, "GROUPSYNC_SCOPE", separator="[\\r\\n]")


def _is_on_this_machine(target: Target) -> bool:
    return is_loopback(urlsplit(target.endpoint).hostname or "")


def _read_patterns(environ: Mapping[str, str], variable: str, *, separator: str) -> tuple[str, ...]:
    text = read(environ, variable)
    if text is None:
        return ()
    decoded = decode(text)
    if not is_encodable(decoded):  # such a character would not count, and the pattern would match other names
        raise SettingsError(f"{variable} is not UTF-8 text", remedy="write the patterns as UTF-8")
    parts = [part.strip() for part in re.split(separator, decoded)]
    patterns = tuple(part for part in parts if part)
    with_wildcard = list(filter(has_wildcard, patterns))
    if len(with_wildcard) > MOST_WILDCARD_PATTERNS or any(map(is_too_long, with_wildcard)):
        most = f"{MOST_WILDCARD_PATTERNS:,} patterns with * or ?, of at most {LONGEST_NAME:,} characters"
        raise SettingsError(f"{variable} holds more than {most}", remedy="combine some of the patterns")
    if not patterns:
        raise SettingsError(f"{variable} holds no pattern", remedy="set it to name patterns such as VIP*, or unset it")
    return patterns


def _read_switch(environ: Mapping[str, str], variable: str) -> bool:
    text = read(environ, variable)
    if text is not None and text not in {"0", "1"}:
        raise SettingsError(f"{variable} is {quote(text)}, which is neither 0 nor 1", remedy="set it to 1, or unset it")
    return text == "1"


def _read_limit(environ: Mapping[str, str], variable: str, parse: Callable[[str], T], expected: str) -> T | None:
    text = read(environ, variable)
    if text is None:
        return None
    limit = parse(text.strip())
    if limit is None:
        sentence = f"{variable} is {quote(text)}, which is not a valid limit"
        raise SettingsError(sentence, remedy=f"set it to {expected}, or unset it")
    return limit
