r"""Hide secrets in what a server answers, however it writes them.

A server may echo a password as it is, or escaped for URLs, forms, HTML or JSON, once or several times, or in base64.
So a text is read in several ways: as it is, with the escapes of one kind decoded, with all of them decoded. Each
reading knows which bytes of the text it was made from. A secret that is found in a reading is hidden in the text.

Everything is bytes: a server may send a password as UTF-8 or as Latin-1, and `%E4` is the same byte in any encoding.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import json
import math
import re
import sys
import unicodedata
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from groupsync.fields import hide

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Decode = Callable[[bytes], bytes]

SHOWN = b"***"
"""The replacement for a secret."""

_LONGEST_TEXT = 2**12  # bytes that are searched and returned; no message shows more than 200 characters
_SHORTEST_SECRET = 4  # many texts contain a shorter one by chance
_MOST_ROUNDS = 4  # of decoding all escapes: JSON in a query in HTML has three
_MOST_ALONE = 2  # of decoding the escapes of a single kind
_PADDING = b"="


class _Needle(Struct, frozen=True, kw_only=True):
    """Bytes to search for. `before` and `after`: the base64 character there also depends on the secret."""

    text: bytes
    is_base64: bool = False
    before: bool = False
    after: bool = False


class _Reading(Struct, frozen=True, kw_only=True):
    """A text with some escapes decoded: byte i of it was made from `starts[i]` to `ends[i]` of `length` bytes."""

    text: bytes
    starts: Sequence[int]
    ends: Sequence[int]
    length: int

    def find_span(self, start: int, end: int) -> tuple[int, int]:
        """Return where bytes `start` to `end` of this reading are in the text; an escape is never split."""
        return self.starts[start], self.length if end == len(self.text) else self.ends[end - 1]


@hide("passwords", "tokens")
class Secrets(Struct, frozen=True, kw_only=True):
    """What no message may show: passwords, and tokens in base64 that contain one.

    A server's text reaches a message through `mask` only. It finds a secret of at least four characters in every
    spelling that this module's description names, a password in the base64 of any text, and half a secret at the end.
    """

    passwords: tuple[bytes, ...] = ()
    tokens: tuple[bytes, ...] = ()

    def mask(self, text: str | bytes, *, is_cut: bool = False) -> str:
        """Return the beginning of a text without secrets.

        `is_cut`: the text was longer, so what looks like the first character of a secret at its end may be one.
        """
        content = text.encode(errors="replace") if isinstance(text, str) else text
        is_cut = is_cut or len(content) > _LONGEST_TEXT
        content = content[:_LONGEST_TEXT]
        spans = sorted(self._find_spans(content, 1 if is_cut else _SHORTEST_SECRET))
        return b"".join(_replace_spans(content, spans)).decode(errors="replace")

    def _find_spans(self, content: bytes, shortest_end: int) -> Iterator[tuple[int, int]]:
        if not (self.passwords or self.tokens):
            return
        places = range(len(content) + 1)
        plain = _Reading(text=content, starts=places[:-1], ends=places[1:], length=len(content))
        for reading in _read_in_all_ways(plain):
            yield from self._find_in(reading, shortest_end)
            if b"+" in reading.text:
                yield from self._find_in(_read_as_form(reading), shortest_end)

    def _find_in(self, reading: _Reading, shortest_end: int) -> Iterator[tuple[int, int]]:
        for needle in _make_needles(self.passwords, self.tokens):
            for start in _find_all(reading.text, needle.text):
                end = start + len(needle.text)
                yield reading.find_span(*_widen(reading.text, start, end, needle))
            for start in _find_beginning_at_end(reading.text, needle.text, shortest_end):
                yield reading.find_span(*_widen(reading.text, start, len(reading.text), needle))


NO_SECRETS = Secrets()


# The spellings of a secret


@functools.lru_cache(maxsize=4)
def _make_needles(passwords: tuple[bytes, ...], tokens: tuple[bytes, ...]) -> tuple[_Needle, ...]:
    """Return what to search for; nothing for a secret that is too short."""
    spelled = [spelling for password in passwords for spelling in _spell(password[:_LONGEST_TEXT])]
    needles = [_Needle(text=text) for spelling in spelled for text in sorted(_read_secret(spelling))]
    needles += chain.from_iterable(_encode(text) for spelling in spelled for text in sorted(_escape_whole(spelling)))
    for token in tokens:
        bare = token.rstrip(_PADDING)[:_LONGEST_TEXT]
        needles += [_Needle(text=each, is_base64=True) for each in (bare, _make_url_safe(bare))]
        needles += _encode(bare)
    return tuple(dict.fromkeys(each for each in needles if len(each.text) >= _SHORTEST_SECRET))


def _spell(password: bytes) -> Iterator[bytes]:
    """Yield the password in the encodings that a server may use; nothing if it is too short to search for."""
    try:
        text = password.decode()
    except UnicodeDecodeError:
        text = password.decode("latin-1")
    if len(text) < _SHORTEST_SECRET:
        return
    bare = text.rstrip("=")  # base64 often has no padding, and a password may be base64
    texts = {text, " ".join(text.split()), bare, *(unicodedata.normalize(form, text) for form in ("NFC", "NFD"))}
    yield password
    for each in sorted(texts):
        if len(each) >= _SHORTEST_SECRET:
            yield from _encode_text(each)


def _encode_text(text: str) -> Iterator[bytes]:
    yield text.encode()
    if text.isascii():
        return
    yield text.encode().decode("latin-1").encode()  # UTF-8 that was read as Latin-1
    for encoding in ("latin-1", "cp1252", "utf-16-le", "utf-16-be"):
        with contextlib.suppress(UnicodeEncodeError):
            yield text.encode(encoding)


def _read_secret(secret: bytes) -> set[bytes]:
    """Return the secret with its own escapes decoded: a password such as `50%25` looks like it has one."""
    places = range(len(secret) + 1)
    plain = _Reading(text=secret, starts=places[:-1], ends=places[1:], length=len(secret))
    texts = {reading.text for reading in _read_in_all_ways(plain)}
    return texts | {text.replace(b"+", b" ") for text in texts}


def _escape_whole(secret: bytes) -> set[bytes]:
    """Return the forms that a secret may have in a text before a server encodes that text as base64."""
    try:
        text = secret.decode()
    except UnicodeDecodeError:
        return {secret}
    in_json = (json.dumps(text, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False))
    return {secret, *(form.encode() for form in in_json), quote(text, safe="").encode()}


def _encode(secret: bytes) -> Iterator[_Needle]:
    """Yield the forms that a secret can have in the base64 of a text that contains it.

    That depends on whether 0, 1 or 2 bytes are before the three that become four characters. The characters at the ends
    also depend on the text around the secret, so a needle does not have them, but they are hidden with it.
    """
    for before in range(3):
        first, last = math.ceil(before * 8 / 6), (before + len(secret)) * 8 // 6
        text = base64.b64encode(bytes(before) + secret)[first:last]
        after = (before + len(secret)) % 3 > 0
        for each in (text, _make_url_safe(text)):
            yield _Needle(text=each, is_base64=True, before=before > 0, after=after)


def _make_url_safe(text: bytes) -> bytes:
    return text.replace(b"+", b"-").replace(b"/", b"_")


# The readings of a text

_HEX = rb"[0-9a-fA-F]"
_CHARS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_ESCAPES: dict[str, tuple[bytes, Decode]] = {
    "json_pair": (
        rb"\\u[dD][89aAbB]" + _HEX + rb"{2}\\u[dD][c-fC-F]" + _HEX + rb"{2}",
        lambda escape: json.loads(b'"' + escape + b'"').encode(),
    ),
    "json_half": (
        rb"\\(?:u[dD][89aAbB]" + _HEX + rb"{2}(?:\\(?:u" + _HEX + rb"{0,3})?)?"
        rb"|u" + _HEX + rb"{0,3}|U" + _HEX + rb"{0,7}|x" + _HEX + rb"?)?\Z",
        lambda _: b"",
    ),
    "json_code": (
        rb"\\u" + _HEX + rb"{4}|\\u\{" + _HEX + rb"{1,6}\}|\\U" + _HEX + rb"{8}",
        lambda escape: _encode_code(int(escape[2:].strip(b"{}"), 16)),
    ),
    "json_byte": (rb"\\x" + _HEX + rb"{2}", lambda escape: bytes.fromhex(escape[2:].decode())),
    "json_char": (rb"\\[\"'\\/bfnrt]", lambda escape: _CHARS.get(escape[1:], escape[1:])),
    "url_code": (rb"%u" + _HEX + rb"{4}", lambda escape: _encode_code(int(escape.removeprefix(b"%u"), 16))),
    "url_byte": (rb"%" + _HEX + rb"{2}", lambda escape: bytes.fromhex(escape[1:].decode())),
    "url_half": (rb"%(?:u" + _HEX + rb"{0,3}|" + _HEX + rb"?)\Z", lambda _: b""),
    "html_half": (rb"&(?:#[xX]?" + _HEX + rb"{0,7}|[a-zA-Z0-9]{0,31})\Z", lambda _: b""),
    "html": (
        rb"&(?:#0*[0-9]{1,7}|#[xX]0*" + _HEX + rb"{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});?",
        lambda escape: _decode_reference(escape.decode()),
    ),
    "dropped": (rb"[\x00\r\n]+", lambda _: b""),  # NUL of UTF-16, line breaks in base64
    "backslashes": (rb"\\{2,}", lambda _: b"\\"),  # of JSON in JSON in JSON
    "doubled": (rb"''|\"\"", lambda escape: escape[:1]),  # in SQL
}


def _encode_code(code: int) -> bytes:
    return chr(min(code, sys.maxunicode)).encode(errors="replace")


def _decode_reference(reference: str) -> bytes:
    """Return the character of an HTML reference, by its number or name."""
    digits = reference.strip("&#;")
    if reference[1] == "#":
        return _encode_code(int(digits[1:], 16) if digits[0] in "xX" else int(digits))
    import html  # noqa: PLC0415 - its table of names is large, and hardly any answer needs it

    return html.unescape(reference).encode(errors="replace")


@functools.cache
def _compile(kind: str) -> re.Pattern[bytes]:
    """Return the pattern of the escapes of one kind, or of all that mean a character; `lastgroup` names the escape."""
    names = [name for name in _ESCAPES if name.startswith(kind) or (kind == "all" and name != "backslashes")]
    return re.compile(b"|".join(b"(?P<%b>%b)" % (name.encode(), _ESCAPES[name][0]) for name in names))


def _read_in_all_ways(plain: _Reading) -> Iterator[_Reading]:
    """Yield the text as it is, and every reading that differs: escapes of one kind decoded, and of all kinds at once.

    Most servers use one kind. If a password itself looks like an escape, it is only found by decoding one kind at a
    time.
    """
    seen = {plain.text}
    yield plain
    latest = [plain]
    for _ in range(_MOST_ALONE):
        decoded = [_decode(reading, kind) for reading in latest for kind in ("json", "url", "html")]
        latest = list(_take_unseen(decoded, seen))
        yield from latest
    strict = loose = plain
    for _ in range(_MOST_ROUNDS):
        strict = _decode(strict, "all")
        loose = _decode(_decode(loose, "backslashes"), "all")
        yield from _take_unseen((strict, loose), seen)


def _take_unseen(readings: Iterable[_Reading], seen: set[bytes]) -> Iterator[_Reading]:
    for reading in readings:
        if reading.text not in seen:
            seen.add(reading.text)
            yield reading


def _decode(reading: _Reading, kind: str) -> _Reading:
    """Return the reading with each escape of a kind decoded; half an escape at the end is left out."""
    text = bytearray()
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    for found in _compile(kind).finditer(reading.text):
        start, end = found.span()
        char = _ESCAPES[found.lastgroup or ""][1](found[0])
        text += reading.text[position:start] + char
        starts += [*reading.starts[position:start], *[reading.starts[start]] * len(char)]
        ends += [*reading.ends[position:start], *[reading.ends[end - 1]] * len(char)]
        position = end
    if not position:
        return reading
    text += reading.text[position:]
    starts += reading.starts[position:]
    ends += reading.ends[position:]
    return _Reading(text=bytes(text), starts=starts, ends=ends, length=reading.length)


def _read_as_form(reading: _Reading) -> _Reading:
    """Return the reading of a form, in which a plus is a blank."""
    return replace(reading, text=reading.text.replace(b"+", b" "))


# Where a secret is in a reading

_IN_BASE64 = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")


def _find_all(text: bytes, needle: bytes) -> Iterator[int]:
    start = text.find(needle)
    while start >= 0:
        yield start
        start = text.find(needle, start + 1)


def _find_beginning_at_end(text: bytes, needle: bytes, shortest: int) -> Iterator[int]:
    """Yield the end of the text if it is a beginning of the needle of at least `shortest` bytes; none or one."""
    first = max(0, len(text) - len(needle) + 1)
    for start in _find_all(text[first:], needle[:shortest]):
        if needle.startswith(text[first + start :]):
            yield first + start
            return


def _widen(text: bytes, start: int, end: int, needle: _Needle) -> tuple[int, int]:
    """Return the span extended by the padding and by neighbouring base64 characters that depend on the secret."""
    if needle.before and start and text[start - 1] in _IN_BASE64:
        start -= 1
    if needle.after and end < len(text) and text[end] in _IN_BASE64:
        end += 1
    while needle.is_base64 and text[end : end + 1] == _PADDING:
        end += 1
    return start, end


def _replace_spans(content: bytes, spans: Iterable[tuple[int, int]]) -> Iterator[bytes]:
    """Yield the parts of a text with each span replaced; spans that overlap or touch are one."""
    shown, hidden = 0, -1
    for start, end in spans:
        if start > hidden:
            yield content[shown:start]
            yield SHOWN
        shown = hidden = max(shown, end)
    yield content[shown:]
