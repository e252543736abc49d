"""GitHub's expressions, as far as the examples use them; any other is an error.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

Context: TypeAlias = Mapping[str, object]
Functions: TypeAlias = Mapping[str, Callable[[], bool]]

TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<name>[A-Za-z_][\w.-]*)|(?P<sign>==|!=|&&|\|\||[!(),]))")
EMBEDDED = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)


def fill(text: str, context: Context, functions: Functions) -> str:
    """Return the text with its expressions replaced by their values."""
    return EMBEDDED.sub(lambda found: _as_text(evaluate(found[1], context, functions)), text)


def evaluate_condition(text: str, context: Context, functions: Functions) -> bool:
    """Return whether an `if:` is true; without a status function it is false after a failure."""
    whole = EMBEDDED.fullmatch(text.strip())
    inner = whole[1] if whole else text
    assert "${{" not in inner, f"a condition that is partly an expression is always true: {text}"
    holds = bool(evaluate(inner, context, functions))
    asks_for_status = any(re.search(rf"\b{name}\(", inner) for name in functions)
    return holds and (asks_for_status or functions["success"]())


def evaluate(text: str, context: Context, functions: Functions) -> object:
    """Return the value of an expression."""
    reader = _Reader(text, context, functions)
    value = reader.read_or()
    assert reader.at_end(), f"not understood: {text}"
    return value


class _Reader:
    """Reads an expression from left to right; both sides of `&&` and `||` are always evaluated."""

    def __init__(self, text: str, context: Context, functions: Functions) -> None:
        self._tokens = list(_split(text))
        self._context = context
        self._functions = functions

    def at_end(self) -> bool:
        return not self._tokens

    def read_or(self) -> object:
        value = self._read_and()
        while self._take("||"):
            other = self._read_and()
            value = value or other
        return value

    def _read_and(self) -> object:
        value = self._read_comparison()
        while self._take("&&"):
            other = self._read_comparison()
            value = value and other
        return value

    def _read_comparison(self) -> object:
        value = self._read_one()
        if self._take("=="):
            return _are_equal(value, self._read_one())
        if self._take("!="):
            return not _are_equal(value, self._read_one())
        return value

    def _read_one(self) -> object:
        if self._take("!"):
            return not self._read_one()
        if self._take("("):
            value = self.read_or()
            assert self._take(")")
            return value
        token = self._tokens.pop(0)
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if self._take("("):
            return self._call(token)
        return {"true": True, "false": False}[token] if token in {"true", "false"} else self._look_up(token)

    def _call(self, name: str) -> object:
        """Return what a function returns: a status function has no arguments, `format` has a text and one value."""
        if name != "format":
            assert self._take(")"), "functions of the examples have no arguments"
            return self._functions[name]()
        template = _as_text(self.read_or())
        assert self._take(",")
        value = _as_text(self.read_or())
        assert self._take(")")
        assert template.count("{0}") == template.count("{") == 1
        return template.replace("{0}", value)

    def _look_up(self, path: str) -> object:
        """Return the value at the path, empty if a part is missing; the first part must exist."""
        first, *rest = path.split(".")
        value: object = self._context[first]
        for part in rest:
            value = value.get(part) if isinstance(value, Mapping) else None
        return value

    def _take(self, sign: str) -> bool:
        if self._tokens[:1] == [sign]:
            del self._tokens[0]
            return True
        return False


def _split(text: str) -> list[str]:
    tokens, end = [], 0
    while text[end:].strip():
        found = TOKEN.match(text, end)
        assert found, f"not understood: {text[end:]}"
        tokens.append(found[0].strip())
        end = found.end()
    return tokens


def _are_equal(one: object, other: object) -> bool:
    """Return whether two values are equal for GitHub: case does not matter, different types compare as numbers."""
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    if type(one) is type(other):
        return one == other
    return _as_number(one) == _as_number(other)


def _as_number(value: object) -> float:
    if value is None or value == "":
        return 0.0
    if isinstance(value, (bool, int, float)):
        return float(value)
    return float(str(value)) if re.fullmatch(r"-?\d+(\.\d+)?", str(value)) else float("nan")


def _as_text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
