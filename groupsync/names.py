"""Group names: which may be written, which count as the same, how they are shown and matched.

Unicode terms follow UAX #15 (NFC, NFKC) and UAX #9 (bidirectional controls).
"""

from __future__ import annotations

import fnmatch
import functools
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_TEMPORARY = re.compile(r" \[groupsync ([0-9a-f]{8})\]\Z")
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")  # zero width (non-)joiner: part of emoji and of Persian and Indic words
_BLANKS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # printable by category, but seen as nothing
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_VARIATION_SELECTOR = re.compile(f"[{_SELECTORS}]")
_DOUBTFUL = re.compile(f"[{_BLANKS}{_SELECTORS}]")  # printable, yet not always seen
_TAGS = range(0xE0020, 0xE0080)  # tag characters: part of flag emoji
_ASCII_AS_IT_IS = {code: code for code in range(128)}  # what `translate` has to miss, it looks for at length
_HOMOGLYPHS = _ASCII_AS_IT_IS | str.maketrans(
    "авекмнорстухіјѕԁԛԝһьѵαβεηικμνορτυχγω01l|",  # noqa: RUF001 - the point of the table
    "abekmhopctyxijsdqwhbvabehikmvoptuxywoiii",
)


def same_name_key(name: str) -> str:
    """Return the key under which two names count as the same for ordering: NFKC, case folding, trimming."""
    if name.isascii():
        return name.lower().strip()  # the same, sooner
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).strip()


def look_alike_key(name: str) -> str:
    """Return the key under which two names look the same to a reader: blanks, invisible characters, homoglyphs."""
    return fold_look_alikes(same_name_key(name))


def fold_look_alikes(key: str) -> str:
    """Return the look-alike key of a name, given its same-name key."""
    if not key.isascii():
        key = "".join(char for char in key if unicodedata.category(char) != "Cf")
    return " ".join(key.split()).translate(_HOMOGLYPHS)


def nfc(name: str) -> str:
    """Return the name in Unicode's normal form C, in which equal text has equal code points."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def find_name_fault(name: str) -> str:
    """Return why groupsync would never write this name, as the end of a sentence; empty when it may be written."""
    if not name.strip():
        return "is empty"
    if name != name.strip():
        return "begins or ends with a blank"
    looks_plain = name.isprintable() and (name.isascii() or not _DOUBTFUL.search(name))
    if not looks_plain and (hidden := next((char for char in name if _is_hidden(char)), "")):
        return f"contains the invisible character U+{ord(hidden):04X}"
    if not (name.isascii() and name[-1] != "]") and _TEMPORARY.search(same_name_key(name)):
        return "ends like groupsync's own temporary names"
    return ""


def _is_hidden(char: str) -> bool:
    """Tell control, bidirectional, surrogate and other invisible characters, but for those that writing needs."""
    if char in _JOINERS or ord(char) in _TAGS:
        return False
    return char in _BLANKS or unicodedata.category(char) in _INVISIBLE_CATEGORIES


def temporary_name(name: str, group_id: str) -> str:
    """Return the name under which that group is parked on its way to `name`."""
    return f"{name} [groupsync {_id_hash(group_id)}]"


def find_parked_name(name: str, group_id: str) -> str | None:
    """Return the name without its temporary suffix when the suffix is that of this very group, else None."""
    found = _TEMPORARY.search(name) if name.endswith("]") else None
    return name[: found.start()] if found and found[1] == _id_hash(group_id) else None


def settled_name(name: str, group_id: str) -> str:
    """Return the name that the group has when it is not parked."""
    parked = find_parked_name(name, group_id)
    return name if parked is None else parked


def _id_hash(group_id: str) -> str:
    import hashlib  # noqa: PLC0415 - it loads OpenSSL, for which help and version need not wait

    return hashlib.sha256(group_id.encode()).hexdigest()[:8]


def quote(name: str) -> str:
    """Return the name in double quotes on one line, with everything that a terminal would act on or hide escaped."""
    return '"' + make_visible(name.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def show_file(name: str) -> str:
    """Return the name of a file as the user gave it, quoted if it could be mistaken for something else on a line."""
    return name if name.isprintable() else quote(name)


def make_visible(text: str) -> str:
    """Return the text with every character escaped that would act on a terminal, hide, or stand for another blank."""
    if text.isprintable() and (text.isascii() or not _DOUBTFUL.search(text)):
        return text
    return "".join(
        char if _is_plain(char, before) else _escape(char) for before, char in zip(" " + text, text, strict=False)
    )


def _is_plain(char: str, before: str) -> bool:
    """Tell whether a reader sees the character for what it is, in this place."""
    if _VARIATION_SELECTOR.match(char):
        return not before.isalpha()
    if char == "\u200d" or ord(char) in _TAGS:
        return _is_emoji(before)
    return char.isprintable() and char not in _BLANKS


def _escape(char: str) -> str:
    return f"\\u{ord(char):04x}" if char <= "\uffff" else f"\\U{ord(char):08x}"


def _is_emoji(char: str) -> bool:
    return unicodedata.category(char) in {"So", "Sk"} or char == "\ufe0f" or ord(char) in _TAGS


@functools.lru_cache(maxsize=64)
def make_matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Return a function that tells whether a name matches one of the patterns (`*` and `?`, case-sensitive)."""
    if not patterns:
        return lambda _name: False
    # fnmatch also knows [seq]; a bracket stands for itself here, so it is handed over as a set of one.
    translated = (fnmatch.translate(pattern.replace("[", "[[]")) for pattern in patterns)
    expression = re.compile("|".join(translated))
    return lambda name: expression.match(name) is not None


def make_ignorer(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Return a function that tells whether a pattern matches a name as it is, or without a temporary suffix."""
    if not patterns:
        return lambda _name: False
    matches = make_matcher(patterns)
    return lambda name: matches(name) or matches(_TEMPORARY.sub("", name))
