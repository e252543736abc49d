"""What is wrong with a file that is not valid YAML or uses more of YAML than groupsync reads, in plain sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct
from yaml.scanner import ScannerError

from groupsync.config.problems import quote_short
from groupsync.config.source.located import TOO_DEEP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yaml import MarkedYAMLError

    from groupsync.config.problems import UnreadableError
    from groupsync.config.source.text import TextFile

ALIAS = 'aliases (*name) are not supported: write the value out; text that begins with "*" must be quoted'
ANCHOR = 'anchors (&name) are not supported: remove it; text that begins with "&" must be quoted'
TAG = 'tags (!name) are not supported: remove it; text that begins with "!" must be quoted'
DIRECTIVE = "directives (%YAML, %TAG) are not supported: remove the line"

_TAB = "YAML does not allow tabs for indentation: use spaces"
_EARLY_QUOTES = {
    "'": "text goes on after its closing quote: double a ' inside '...', or use \"...\"",
    '"': 'text goes on after its closing quote: write \\" inside "...", or use \'...\'',
}
_OPENING = frozenset("[{")
_BRACKETS_IN_A_ROW = re.compile(r"(?:[\[{]\s*){16}(?=[\[{])")
_QUOTE = "this quote is never closed: add the closing quote"
_TEMPLATE = re.compile(r"\{%|%[A-Z_][A-Z0-9_]*%|@[A-Z][A-Z0-9_]*@")
_BAD_QUOTE = "this quoted text is not YAML: check that the quote is closed, and write \\\\ for a backslash"
_BAD_BRACKET = "what begins here is not YAML: check that the bracket is closed, and the commas"
_COLON = 'a ":" cannot be here: quote text that contains ": ", or check the indentation'
_KEY_WITHOUT_BLANK = re.compile(
    r"[ \t]*(?:-[ \t]+)?(version|account|name|id|description|reason|contacts_at_most):(?=[^\s])"
)
_LONGEST_LINES = 10_000  # how far before an error to search for a key
_LAYOUT = "this does not fit the lines above it: check the indentation, and that quotes and brackets are closed"


_SENTENCES_BY_CHARACTER = {
    "\t": _TAB,
    "*": ALIAS,
    "&": ANCHOR,
    "!": TAG,
    "%": DIRECTIVE,
    "'": _BAD_QUOTE,
    '"': _BAD_QUOTE,
    "[": _BAD_BRACKET,
    "{": _BAD_BRACKET,
    ":": _COLON,
}


class _Rule(Struct, frozen=True, kw_only=True):
    """The sentence for an error of libyaml whose context and problem contain these words.

    `at_context` shows the place of the context, where the broken value begins, instead of that of the problem.
    """

    context: str = ""
    problem: str = ""
    sentence: str
    at_context: bool = False


_RULES = (
    _Rule(problem="tab character", sentence=_TAB),
    _Rule(context="scanning an alias", sentence=ALIAS, at_context=True),
    _Rule(context="scanning an anchor", sentence=ANCHOR, at_context=True),
    _Rule(context="a tag", sentence=TAG, at_context=True),
    _Rule(problem="undefined tag handle", sentence=TAG),
    _Rule(context="a directive", sentence=DIRECTIVE, at_context=True),
    _Rule(context="a %", sentence=DIRECTIVE, at_context=True),
    _Rule(problem="incompatible YAML document", sentence=DIRECTIVE),
    _Rule(problem="duplicate %", sentence=DIRECTIVE),
    _Rule(context="quoted scalar", problem="unexpected end of stream", sentence=_QUOTE, at_context=True),
    _Rule(context="quoted scalar", problem="unexpected document indicator", sentence=_QUOTE, at_context=True),
    _Rule(
        context="block scalar",
        sentence='after "|" or ">" the line must end: begin the text on the next one, with spaces before it',
    ),
    _Rule(
        problem="unknown escape character",
        sentence="YAML knows no such escape: write \\\\ for a backslash, or use single quotes",
    ),
    _Rule(problem="invalid Unicode character", sentence="this escape is not a character: write the character itself"),
    _Rule(problem="hexdecimal number", sentence="an escape such as \\u00e9 lacks digits: write all of them"),
    _Rule(
        problem="mapping values are not allowed",
        sentence=_COLON,
    ),
    _Rule(
        problem="block sequence entries are not allowed",
        sentence='a list cannot begin here: put its "- " on its own line, with spaces before it',
    ),
    _Rule(
        problem="could not find expected ':'",
        sentence='this is neither a list item nor a key: add the "- " before it or the ":" after it',
        at_context=True,
    ),
    _Rule(problem="did not find expected key", sentence=_LAYOUT),
    _Rule(problem="did not find expected '-' indicator", sentence=_LAYOUT),
    _Rule(problem="did not find expected <document start>", sentence=_LAYOUT),
)


def make_yaml_error(file: TextFile, error: MarkedYAMLError, *, open_brackets: Sequence[int]) -> UnreadableError:
    """Return an error of libyaml in one sentence; `open_brackets` are the offsets of brackets not closed so far."""
    context, problem = error.context or "", error.problem or ""
    began, at = _offset(error.context_mark), _offset(error.problem_mark)
    if "did not find expected" in problem and (sentence := _find_early_quote(file, at, context)):
        return file.error(at, sentence)
    if context.endswith(("a flow sequence", "a flow mapping")):
        return _make_unclosed_bracket_error(file, began, at)
    if "node content" in problem:
        return _make_missing_value_error(file, at, open_brackets)
    if "cannot start any token" in problem:
        return file.error(at, _describe_bad_beginning(file, at))
    rule = next((rule for rule in _RULES if rule.context in context and rule.problem in problem), None)
    if not rule:
        return file.error(*_describe_by_place(file, began, at, is_scanner_error=isinstance(error, ScannerError)))
    if rule.sentence == _COLON and (key := _find_key_without_blank(file, at)):
        at, rule = key.start(1), _Rule(sentence=f'put a space after "{key[1]}:"')
    return file.error(began if rule.at_context else at, rule.sentence)


def _find_key_without_blank(file: TextFile, at: int) -> re.Match[str] | None:
    """Return the key in the line before the offset if no blank follows its colon, as in `version:1`."""
    lines = file.text[max(0, at - _LONGEST_LINES) : file.text.rfind("\n", 0, at) + 1]
    before = lines.rstrip()
    start = at - min(at, _LONGEST_LINES) + before.rfind("\n") + 1
    return _KEY_WITHOUT_BLANK.match(file.text, start)


def _find_deepest(file: TextFile, at: int) -> int:
    """Return the offset of the bracket that is one level too deep; libyaml reports it only hundreds of levels later."""
    found = _BRACKETS_IN_A_ROW.search(file.text, 0, at + 1)
    return found.end() if found else at


def _describe_by_place(file: TextFile, began: int, at: int, *, is_scanner_error: bool) -> tuple[int, str]:
    """Return the offset and the sentence for an error that no rule covers, by the character where it is.

    libyaml's own words are not shown: they change from version to version, and do not help the author of a file.
    """
    if is_scanner_error and file.text[at : at + 1] in _OPENING:
        return _find_deepest(file, at), TOO_DEEP
    for offset in (began, at):
        if sentence := _SENTENCES_BY_CHARACTER.get(file.text[offset : offset + 1]):
            return offset, sentence
    return at, "this is not YAML: quote what is text, and check the indentation"


def _describe_bad_beginning(file: TextFile, at: int) -> str:
    """Return the sentence for a character that cannot begin a YAML value."""
    if found := _TEMPLATE.match(file.text, at - file.text.startswith("{%", max(at - 1, 0))):
        return f"{quote_short(found[0])} looks like a template that was not filled in: fill it in, or quote the text"
    char = file.text[at]
    return _TAB if char == "\t" else f"text cannot begin with {quote_short(char)} in YAML: quote it"


def _find_early_quote(file: TextFile, at: int, context: str) -> str:
    """Return the sentence for a quote that closed a text too early, as in 'O'Brien'; empty if there is none before.

    Inside brackets the quote must be right before: after a blank, a comma may be missing instead.
    """
    before = file.text[:at]
    if "flow" not in context:
        before = before.rstrip(" \t")
    return _EARLY_QUOTES.get(before[-1:], "")


def _make_unclosed_bracket_error(file: TextFile, opened: int, at: int) -> UnreadableError:
    bracket = file.text[opened]
    closing = {"[": "]", "{": "}"}[bracket]
    line = file.source(at).line
    sentence = f'this "{bracket}" is not closed, or lacks a comma in line {line}: add "{closing}" or ","'
    return file.error(opened, sentence)


def _make_missing_value_error(file: TextFile, at: int, open_brackets: Sequence[int]) -> UnreadableError:
    is_at_end = at >= len(file.text)
    if is_at_end and open_brackets:
        return _make_unclosed_bracket_error(file, open_brackets[-1], at)
    found = "the end of the file" if is_at_end else quote_short(file.text[at])
    return file.error(at, f"a value is missing before {found}: write it, or quote what is text")


def _offset(mark: object) -> int:
    return int(getattr(mark, "index", 0))
