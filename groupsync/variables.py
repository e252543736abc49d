"""The variables that begin with GROUPSYNC_: which ones exist, and the error for one that does not. Pure.

A user who sets a variable expects it to have an effect. A misspelled limit would limit nothing, and with a misspelled
GROUPSYNC_CONFIG another file would be applied. So an unknown variable stops every run that may change the Phonebook.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from groupsync.display import quote
from groupsync.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

PREFIX = "GROUPSYNC_"
OWN_PREFIX = f"{PREFIX}X_"  # for variables of the user
LIMITS = (
    "GROUPSYNC_PROTECTED",
    "GROUPSYNC_MAX_DELETES",
    "GROUPSYNC_MAX_CONTACTS_LOST",
    "GROUPSYNC_NO_DELETES",
    "GROUPSYNC_SCOPE",
)
VARIABLES = (
    *LIMITS,
    "GROUPSYNC_BACKUP_DIR",
    "GROUPSYNC_BACKUP_LABEL",
    "GROUPSYNC_COMMIT",
    "GROUPSYNC_CONFIG",
    "GROUPSYNC_ENDPOINT",
    "GROUPSYNC_LOCK_DIR",
)
"""All variables that exist; docs/reference.md says what they mean."""

_SUGGESTED = (
    *VARIABLES,
    "MESSENTE_API_USERNAME_FILE",
    "MESSENTE_API_PASSWORD_FILE",
    "MESSENTE_API_PASSWORD_COMMAND",
    "MESSENTE_API_USERNAME",
    "MESSENTE_API_PASSWORD",
)
_LEAST_LIKE_A_LIMIT = 0.7  # finds MAX_DELETIONS and PROTECTED_GROUPS
_LEAST_SIMILAR = 0.68  # finds CONFG, MAX_LOSS and BACKUP_FOLDER, but nothing for DRY_RUN and API_URL
_LEAST_LIKE_THE_PREFIX = 0.88  # for words whose lengths differ by at most one: one letter is wrong
_LIKE_THE_PREFIX = re.compile(r"[^0-9A-Za-z_]*[Gg]")  # a file of variables may begin with a byte order mark
_LONGEST_NAME = 60
_MOST_NAMES = 10
_PLAIN_NAME = re.compile(r"[\w.-]+", re.ASCII)
_SEPARATORS = re.compile(r"[^0-9A-Z]+")


# What a run does about unknown variables


def require_known_variables(environ: Mapping[str, str]) -> None:
    """Raise SettingsError if the environment has unknown variables; the error never shows a value."""
    _refuse(find_unknown_variables(environ))


def require_no_misspelled_limit(environ: Mapping[str, str]) -> None:
    """Raise SettingsError for a variable that resembles a limit: its author expects the limit to apply."""
    _refuse([name for name in find_unknown_variables(environ) if find_limit(name)])


def warn_of_unknown_variables(environ: Mapping[str, str], warn: Callable[[str], None]) -> None:
    """Call `warn` if there are unknown variables; raise SettingsError if one of them resembles a limit."""
    require_no_misspelled_limit(environ)
    if names := find_unknown_variables(environ):
        warn(": ".join(describe_unknown_variables(names)))


def _refuse(names: Sequence[str]) -> None:
    if names:
        sentence, remedy = describe_unknown_variables(names)
        raise SettingsError(sentence, remedy=remedy)


# The message about them


def describe_unknown_variables(names: Sequence[str]) -> tuple[str, str]:
    """Return what is wrong with the unknown variables (at least one), and the remedy."""
    if len(names) == 1:
        return f"{_show(names[0])} is not a groupsync variable", _make_remedy(names[0])
    shown = [_describe(name) for name in names[:_MOST_NAMES]]
    if len(names) > _MOST_NAMES:
        shown.append(f"{len(names) - _MOST_NAMES:,} more")
    sentence = f"{', '.join(shown[:-1])} and {shown[-1]} are not groupsync variables"
    return sentence, f"correct or unset them; your own variables may begin with {OWN_PREFIX}"


def _make_remedy(name: str) -> str:
    if meant := _find_meant(name):
        return f"did you mean {meant}? Or unset it"
    return f"unset it, or make its name begin with {OWN_PREFIX} if it is your own"


def _describe(name: str) -> str:
    meant = _find_meant(name)
    return f"{_show(name)} (did you mean {meant}?)" if meant else _show(name)


def _show(name: str) -> str:
    shown = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..."
    return shown if _PLAIN_NAME.fullmatch(shown) else quote(shown)


def _find_meant(name: str) -> str:
    """Return the variable that the name of an unknown one resembles, empty if there is none."""
    return find_limit(name) or _find_misspelled(name) or _find_similar(name)


def _find_similar(name: str) -> str:
    """Return the variable that a name resembles most, empty if there is none."""
    if len(name) > _LONGEST_NAME:
        return ""
    written = _normalize(name.removeprefix(PREFIX))
    scores = {variable: _compare(written, variable.partition("_")[2]) for variable in _SUGGESTED}
    best = max(scores, key=scores.__getitem__)
    return best if scores[best] >= _LEAST_SIMILAR else ""


def _compare(written: str, existing: str) -> float:
    """Return how similar two names are, from 0 to 1: by their letters, and by the words of the first."""
    if set(existing.split("_")) <= set(written.split("_")):
        return 1.0  # CONFIG_PATH
    words = [max(_ratio(word, other) for other in existing.split("_")) for word in written.split("_")]
    return (_ratio(written, existing) + sum(words) / len(words)) / 2


def _ratio(one: str, other: str) -> float:
    from difflib import SequenceMatcher  # noqa: PLC0415 - most runs compare nothing

    return SequenceMatcher(None, one, other).ratio()


# Which ones are unknown


def find_unknown_variables(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the sorted names of unknown variables that were meant for groupsync.

    Those are all that begin with GROUPSYNC_, except the variables that exist, GROUPSYNC_X_*, and what Kubernetes sets
    in every container for a service whose name begins with `groupsync`. Another spelling of an existing variable, such
    as `groupsync-config`, is also among them.
    """
    return tuple(sorted(name for name in environ if _is_unknown(name, environ)))


def _is_unknown(name: str, environ: Mapping[str, str]) -> bool:
    if not name.startswith(PREFIX):
        return _LIKE_THE_PREFIX.match(name) is not None and bool(_find_misspelled(name))
    return not (name in VARIABLES or name.startswith(OWN_PREFIX) or _is_set_by_kubernetes(name, environ))


def _is_set_by_kubernetes(name: str, environ: Mapping[str, str]) -> bool:
    """Return whether Kubernetes sets this variable for a service `groupsync` or `groupsync-...`.

    https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
    """
    if name.startswith((f"{PREFIX}SERVICE_", f"{PREFIX}PORT")):
        return not find_limit(name)  # PORTECTED
    ends = [found.start() for found in re.finditer(r"_(?:SERVICE_|PORT_|PORT$)", name)]
    return any({f"{name[:end]}_SERVICE_HOST", f"{name[:end]}_SERVICE_PORT"} <= environ.keys() for end in ends)


def find_limit(name: str) -> str:
    """Return the limit that the name of an unknown variable resembles, empty if there is none."""
    from difflib import get_close_matches  # noqa: PLC0415 - most runs compare nothing

    if not name.startswith(PREFIX):
        meant = _find_misspelled(name)
        return meant if meant in LIMITS else ""
    limits = [limit.removeprefix(PREFIX) for limit in LIMITS]
    close = get_close_matches(_normalize(name.removeprefix(PREFIX)), limits, n=1, cutoff=_LEAST_LIKE_A_LIMIT)
    return PREFIX + close[0] if close else ""


def _find_misspelled(name: str) -> str:
    """Return the variable that a name misspells: by case, by hyphens, or (a limit) by one letter of GROUPSYNC."""
    if _normalize(name).startswith(OWN_PREFIX):
        return ""
    letters = _normalize(name).replace("_", "")
    for variable in VARIABLES:
        prefix, _, rest = variable.partition("_")
        end = rest.replace("_", "")
        written = letters.removesuffix(end)
        if written == letters:
            continue
        if written == prefix or (variable in LIMITS and _has_wrong_letter(written, prefix)):
            return variable
    return ""


def _has_wrong_letter(written: str, prefix: str) -> bool:
    is_word = written.isalpha() and abs(len(written) - len(prefix)) <= 1
    return is_word and _ratio(written, prefix) >= _LEAST_LIKE_THE_PREFIX


def _normalize(name: str) -> str:
    """Return the name in upper case with its words separated by underscores."""
    return _SEPARATORS.sub("_", name.upper()).strip("_")
