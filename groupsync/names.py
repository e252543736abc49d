"""Group names: which are allowed, which count as the same, and groupsync's own temporary names.

Unicode terms follow UAX #15 (NFC, NFKC) and UAX #9 (bidirectional controls).
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LONGEST_NAME = 1_000
"""Longest name in characters that groupsync writes; a longer one is compared only by its exact text."""

_MOST_TOGETHER = 1_000  # names that are looked at together; if one is not ordinary, all of them count as others
_MOST_MARKS = 30  # consecutive combining characters that occur in real text (UAX #15, stream-safe text format)
_TEMPORARY = re.compile(r" \[groupsync ([0-9a-f]{8})\]\Z")
_CLOSING_BRACKET = re.compile("[]\ufe48\uff3d]")  # all characters that NFKC makes a "]" of
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Mc", "Me", "Lm"})
_JOINERS = frozenset("\u200c\u200d")  # zero width (non-)joiner: part of emoji and of Persian and Indic words
BLANKS = "\u115f\u1160\u2800\u3164\uffa0"
"""Characters that are printable by their Unicode category, but rendered as a blank."""

SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
"""The variation selectors, for use inside `[...]` in a regular expression."""

UNSEEN = "\u034f\u17b4\u17b5\u180b-\u180d\u180f\U00016fe4\U0001d159"
"""Characters that are printable by their category, but not rendered, for use inside `[...]` in a regular expression."""

NOT_ALWAYS_VISIBLE = re.compile(f"[{BLANKS}{SELECTORS}{UNSEEN}]")
"""Finds characters that are printable by their category, but not always visible."""

TAGS = range(0xE0020, 0xE0080)
"""The code points of tag characters, which are part of flag emoji."""

# Default_Ignorable_Code_Point (UAX #44), some of them not assigned yet, and other characters that are not rendered.
_IGNORABLE = re.compile(
    f"[{UNSEEN}\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_SELECTOR = re.compile(f"[{SELECTORS}\u180b-\u180d\u180f]")
_MOST_ODD = 5  # characters that a message lists
_BLANK_RUN = re.compile(rf"[\s{BLANKS}]+")

_ASCII_UNCHANGED = {code: code for code in range(128)}  # str.translate is slow for characters missing from its table
_CYRILLIC = ("авекмнорстухіјѕԁԛԝһьѵзӏүҽгп", "abekmhopctyxijsdqwhbv3iyern")
_GREEK = ("αβεηικμνορτυχγωζϳ", "abehikmvoptuxywzj")
_LATIN_AND_ARMENIAN = ("ɑɡıɩʋᴠօսոհզց", "agiivvounhqg")  # noqa: RUF001
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\u02d7"
_APOSTROPHES = "\u2018\u2019\u201b\u02bc\u02b9\u02bb\u2032\u00b4`"
_QUOTATION_MARKS = "\u201c\u201d\u201e\u201f\u2033"
_SLASHES = "\u2044\u2215\u29f8"
_HOMOGLYPHS = _ASCII_UNCHANGED | {
    **dict.fromkeys(map(ord, _DASHES), ord("-")),
    **dict.fromkeys(map(ord, _APOSTROPHES), ord("'")),
    **dict.fromkeys(map(ord, _QUOTATION_MARKS), ord('"')),
    **dict.fromkeys(map(ord, _SLASHES), ord("/")),
    **str.maketrans(*_CYRILLIC),
    **str.maketrans(*_GREEK),
    **str.maketrans(*_LATIN_AND_ARMENIAN),
    **str.maketrans("01l|", "oiii"),
}
_ASCII_LOOK = {code: _HOMOGLYPHS[ord(chr(code).lower())] for code in range(128)}
_FOREIGN_HOMOGLYPHS = {code: other for code, other in _HOMOGLYPHS.items() if not chr(code).isascii()}


def is_too_long(name: str) -> bool:
    """Return whether the name is too long to be written; such a name equals only its exact text."""
    return len(name) > LONGEST_NAME


def is_encodable(text: str) -> bool:
    """Return whether UTF-8 can encode the text. Python reads bytes that are not UTF-8 as half of a surrogate pair."""
    return text.isascii() or text.encode(errors="ignore").decode() == text


def same_name_key(name: str) -> str:
    """Return a key that is equal for names that a server may take for the same.

    They differ only in Unicode form (NFKC), case, surrounding blanks, or the length of a run of blanks. The key of a
    name that is too long is the name itself, and no other name has that key.
    """
    if is_too_long(name):
        return name
    if name.isascii():  # fast path: the same result for ASCII
        return name.lower().strip() if name.isprintable() and "  " not in name else " ".join(name.lower().split())
    text = normalize("NFKC", name)
    folded = text.casefold()
    key = " ".join((text if folded == text else normalize("NFKC", folded)).split())
    return _shorten_key(key) if is_too_long(key) else key


def _shorten_key(key: str) -> str:
    """Return a shorter key: NFKC can turn one character into 18, and thousands of keys are kept in memory."""
    import hashlib  # noqa: PLC0415 - it loads OpenSSL, which `validate` rarely needs

    return key[:LONGEST_NAME] + hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def fold_look_alikes(key: str) -> str:
    """Return a key that is equal for names that look the same to a reader; `key` is the `same_name_key` of the name.

    Invisible characters do not count, and homoglyphs are replaced. A name that is too long looks like no other.
    """
    if is_too_long(key):
        return key
    if not key.isascii() and (not key.isprintable() or NOT_ALWAYS_VISIBLE.search(key)):
        key = "".join(char for char in key if unicodedata.category(char) != "Cf" and not _IGNORABLE.match(char))
        key = join_blanks(key).strip()
    return key.translate(_HOMOGLYPHS)


def look_alike_key(name: str) -> str:
    """Return a key that is equal for names that look the same to a reader, also if they count as the same."""
    if name.isascii() and name.isprintable() and "  " not in name and not is_too_long(name):
        return name.translate(_ASCII_LOOK).strip()  # fast path: the same result for ASCII
    return fold_look_alikes(same_name_key(name))


def list_look_alike_keys(names: Iterable[str]) -> Iterator[str]:
    """Yield the `look_alike_key` of each name, in any order: those of ordinary names in a third of the time."""
    texts, others = join_ordinary_names(names)
    for text in texts:
        yield from text.translate(_ASCII_LOOK).split("\n")
    yield from map(look_alike_key, others)


def join_ordinary_names(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return most of the ordinary names as lines of a few texts, and all other names.

    An ordinary name has only printable ASCII characters, single blanks between words and no closing bracket. What is
    true of all of them is found with a few calls for each text.
    """
    texts: list[str] = []
    names = list(names)
    lines = [name for name in names if name.isascii()]
    others = [name for name in names if not name.isascii()]
    for start in range(0, len(lines), _MOST_TOGETHER):
        part = lines[start : start + _MOST_TOGETHER]
        text = "\n".join(part)
        if _has_ordinary_lines(text, part):
            texts.append(text)
        else:
            others += part
    return texts, others


def _has_ordinary_lines(text: str, lines: Sequence[str]) -> bool:
    words = text.replace("\n", " ")
    return (
        text != ""
        and text.count("\n") == len(lines) - 1
        and " ".join(text.split()) == words
        and words.isprintable()
        and "]" not in words
        and max(map(len, lines)) <= LONGEST_NAME
    )


def replace_foreign_letters(text: str) -> str:
    """Return folded text with each other letter replaced by the ASCII character that looks the same."""
    return text if text.isascii() else text.translate(_FOREIGN_HOMOGLYPHS)


def describe_difference(name: str, other: str) -> str:
    """Return how a name differs from another that looks like it, as the end of a clause; empty if only by case."""
    if name.casefold() == other.casefold():
        return ""
    chars, other_chars = dict.fromkeys(name), dict.fromkeys(other)
    odd = [*(char for char in chars if char not in other_chars), *(char for char in other_chars if char not in chars)]
    foreign = [char for char in odd if not char.isascii()]
    lower = {*other.lower()}
    odd = foreign or [char for char in odd if char in chars and char.lower() not in lower]
    codes = "".join(f" U+{ord(char):04X}" for char in odd[:_MOST_ODD])
    return f" but for{codes}" if codes else ""


def normalize(form: Literal["NFC", "NFKC", "NFKD"], text: str) -> str:
    """Return the text in a Unicode normal form, in a time that grows with its length.

    The time of `unicodedata.normalize` grows with the square of the number of consecutive combining characters, unless
    they are already sorted. So a long run of them is decomposed and sorted first (UAX #15, D109).
    """
    if len(text) > _MOST_MARKS and not unicodedata.is_normalized(form, text) and _has_many_marks(text):
        text = _sort_marks(text, compatible=form != "NFC")
    return unicodedata.normalize(form, text)


def _has_many_marks(text: str) -> bool:
    """Return whether many consecutive characters are combining, or become so when they are decomposed."""
    marks_of_text = {char for char in {*text} if unicodedata.category(char) in _MARKS}
    if not marks_of_text:
        return False
    marks = 0
    for char in text:
        marks = marks + 1 if char in marks_of_text else 0
        if marks > _MOST_MARKS:
            return True
    return False


def _sort_marks(text: str, *, compatible: bool) -> str:
    """Return the text decomposed, with each run of combining characters sorted by combining class."""
    form: Literal["NFD", "NFKD"] = "NFKD" if compatible else "NFD"
    decomposed = "".join(unicodedata.normalize(form, char) for char in text)
    sorted_text: list[str] = []
    for is_mark, chars in itertools.groupby(decomposed, lambda char: unicodedata.combining(char) != 0):
        row = list(chars)
        sorted_text += sorted(row, key=unicodedata.combining) if is_mark else row
    return "".join(sorted_text)


def join_blanks(text: str) -> str:
    """Return the text with one space for each run of blanks; nothing is trimmed."""
    return _BLANK_RUN.sub(" ", text)


def drop_invisible(text: str) -> str:
    """Return the text without the characters that a reader does not see; blanks and the tags of flags stay."""
    if text.isprintable() and (text.isascii() or not NOT_ALWAYS_VISIBLE.search(text)):
        return text  # fast path: nearly every name
    return "".join(char for char, base in iterate_with_base(text) if char.isspace() or not _is_dropped(char, base))


def drop_blank_letters(text: str) -> str:
    """Return the text without letters that some fonts render as a blank, and others do not render."""
    return "".join(char for char in text if char not in BLANKS or not _IGNORABLE.match(char))


def _is_dropped(char: str, base: str) -> bool:
    if ord(char) in TAGS:
        return not is_emoji(base)
    if char in BLANKS:
        return False
    return unicodedata.category(char) in _INVISIBLE_CATEGORIES or _IGNORABLE.match(char) is not None


def iterate_with_base(text: str) -> Iterator[tuple[str, str]]:
    """Yield each character with the one before it; tags and variation selectors in between do not count."""
    base = " "
    for char in text:
        yield char, base
        if ord(char) not in TAGS and not _SELECTOR.match(char):
            base = char


def is_emoji(char: str) -> bool:
    """Return whether a character can be an emoji, which joiners and tags change."""
    return unicodedata.category(char) in {"So", "Sk"} and not NOT_ALWAYS_VISIBLE.match(char)


def nfc(name: str) -> str:
    """Return the name in Unicode normal form C, in which equal text has equal code points; as it is if too long."""
    return name if name.isascii() or is_too_long(name) else normalize("NFC", name)


def find_writing_fault(name: str) -> str:
    """Return why groupsync cannot write this name, as the end of a sentence; empty if it can."""
    if is_too_long(name):
        return f"has {len(name):,} characters, and groupsync writes names of at most {LONGEST_NAME:,}"
    return find_name_fault(name)


def find_name_fault(name: str) -> str:
    """Return why groupsync never gives this name to a group, as the end of a sentence; empty if the name is allowed.

    The length does not matter here: a configuration can list a group that already has a long name.
    """
    if is_too_long(name):
        return ""
    if not name.strip():
        return "is empty"
    if name != name.strip():
        return "begins or ends with a blank"
    if hidden := _find_hidden(name):
        return f"contains the invisible character U+{ord(hidden):04X}"
    if _looks_temporary(name):
        return "ends like groupsync's own temporary names"
    return ""


def _find_hidden(name: str) -> str:
    """Return the first character of a name that a reader would not see; empty if there is none."""
    if name.isprintable() and (name.isascii() or not NOT_ALWAYS_VISIBLE.search(name)):
        return ""  # fast path: nearly every name
    return next((char for char, base in iterate_with_base(name) if _is_hidden(char, base)), "")


def _looks_temporary(name: str) -> bool:
    """Return whether a name counts as the same as some temporary name."""
    if not _CLOSING_BRACKET.search(name):
        return False  # fast path: nearly every name
    return _TEMPORARY.search(same_name_key(name)) is not None


def _is_hidden(char: str, base: str) -> bool:
    """Return whether a character is invisible: control, bidirectional and the like, except what some scripts need."""
    if char in _JOINERS or _SELECTOR.match(char):
        return False
    if ord(char) in TAGS:
        return not is_emoji(base)
    return char in BLANKS or unicodedata.category(char) in _INVISIBLE_CATEGORIES or _IGNORABLE.match(char) is not None


def temporary_name(name: str, group_id: str) -> str:
    """Return the temporary name of a group: `name` with a suffix that only this group has."""
    return f"{name} [groupsync {_id_hash(group_id)}]"


def find_name_without_suffix(name: str, group_id: str) -> str | None:
    """Return the name without its temporary suffix; None if it does not end with the suffix of this group."""
    found = _TEMPORARY.search(name) if name.endswith("]") else None
    return name[: found.start()] if found and found[1] == _id_hash(group_id) else None


def name_without_suffix(name: str, group_id: str) -> str:
    """Return the name; without its temporary suffix if the group is at a temporary name."""
    stripped = find_name_without_suffix(name, group_id)
    return name if stripped is None else stripped


def strip_any_suffix(name: str) -> str:
    """Return the name without a temporary suffix, whichever group that belongs to."""
    return _TEMPORARY.sub("", name)


def _id_hash(group_id: str) -> str:
    import hashlib  # noqa: PLC0415 - it loads OpenSSL, which `validate` rarely needs

    return hashlib.sha256(group_id.encode()).hexdigest()[:8]
