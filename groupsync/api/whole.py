"""Whether a list is whole: finds members and headers of an answer that could mean "there is more".

The API documents no pages. So anything that could announce a further page is an error, and a part of a list is never
used as if it were whole.
"""

from __future__ import annotations

import functools
import json
import re
from collections import deque
from typing import TYPE_CHECKING, Any, TypeAlias

from groupsync.display import count, quote
from groupsync.errors import PartialListError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

LIST_HEADERS = ("Link", "Content-Range", "X-Total", "X-Total-Count", "X-Next-Page", "X-Next-Cursor", "X-Has-More")
"""The headers that can say that there is more of a list."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")  # of a name in camelCase, snake_case or kebab-case
_TOTALS = "total|count"
_OTHERS = (
    "page|next|more|token|cursor|offset|limit|truncated|partial|incomplete|remaining|links|link"
    "|paging|paginated|pagination"
)
_ENDS = "last|final|no|not|end|complete|full|all"
_FILLERS = (
    f"{_ENDS}|has|is|are|there|of|per|by|to|first|prev|previous|current|size|number|num|index|info|id|key|url|uri|href"
    "|list|result|item|group|contact|record|row|entry|entries|element|object|data"
)
# Plurals match, and compounds: `hasmore`, `nextlink`. `discount` and `country` do not. Few answers have other members
# than the list, so these are compiled when a name is matched: that takes longer than to import this module.
_SUSPICIOUS = rf"(?:(?:{_FILLERS})s?)*(?:(?:{_TOTALS}|{_OTHERS})s?(?:(?:{_FILLERS})s?)*)+"
_TOTAL = rf"(?:(?:{_TOTALS}|{_FILLERS})s?)+"
_END = rf"(?:(?:{_TOTALS}|{_OTHERS}|{_FILLERS})s?)*?(?:{_ENDS})s?(?:(?:{_TOTALS}|{_OTHERS}|{_FILLERS})s?)*"
# Enough if the name has no other word:
_END_ALONE = "(?:is|at)?(?:last|final|completed?|end(?:of[a-z]+)?|(?:full|all)(?:list|loaded|results))"
_LONGEST_WORD = 50  # the time to match grows with its square
_EMPTY: tuple[object, ...] = (None, "", [], {})
_FALSE: tuple[object, ...] = (0, "0", "false", "no")  # 0 is also equal to False

_REL = re.compile(r""";\s*rel\s*=\s*("[^"]*"|'[^']*'|[^\s;,"']+)""", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,18}")
_RANGE = re.compile(r"(?:[a-z]+ +)?(?:0-(?P<last>[0-9]{1,18})|\*)/(?P<total>[0-9]{1,18})", re.IGNORECASE)
_SHOWN = re.compile(r"true|(?:[a-z]{1,10} )?[0-9*/-]{1,40}", re.IGNORECASE)
_NO_MORE = frozenset({"", "false", "null"})

_MOST_KEYS = 4
_LONGEST_TEXT = 40
_Place: TypeAlias = "tuple[_Place | None, str | int]"  # its parent, and its key or index there


def make_partial_list_error(request: str, problem: str) -> PartialListError:
    """Return the error for a list that may be incomplete. It is not transient: the next answer would be the same."""
    return PartialListError(
        request,
        f"the list may be incomplete: {problem}",
        ambiguous=True,
        remedy="check GROUPSYNC_ENDPOINT; groupsync needs the whole list in one answer",
    )


def find_suspicious_member(
    answer: Mapping[str, Any], list_key: str, received: int, *, mask: Callable[[str], str]
) -> str:
    """Describe the first member beside a list that may say that there is more, as the end of a sentence; else empty.

    `received` is how many elements the list has. Members nested beside the list are searched, the elements of the list
    are not. `mask` hides secrets in the description.
    """
    for place, value in _walk_members(answer, list_key):
        if isinstance(place[1], str) and _may_mean_more(place[1], value, received):
            member = _describe_member(place, value, mask)
            return f"next to {list_key} the answer has {member}; {_describe_received(list_key, received)}"
    return ""


def find_suspicious_header(
    headers: Mapping[str, str], list_key: str, received: int, *, mask: Callable[[str], str]
) -> str:
    """Describe the first of the LIST_HEADERS that says that there is more; empty if none does. `mask` hides secrets."""
    for name, value in headers.items():
        if not _header_says_no_more(name, value.strip(), received):
            header = mask(_describe_header(name, value.strip()))
            return f"the header {header}, and {_describe_received(list_key, received)}"
    return ""


def _may_mean_more(name: str, value: object, received: int) -> bool:
    """Return whether a member may say that there is more: `hasMore: true`, and also `isLastPage: false`."""
    suspicious, is_about_end = _read_words(name)
    if is_about_end and (value.lower() if isinstance(value, str) else value) in _FALSE:
        return True
    return bool(suspicious) and not _says_no_more(suspicious, value, received)


@functools.lru_cache(maxsize=256)
def _read_words(name: str) -> tuple[tuple[str, ...], bool]:
    """Return those words of a name that may announce more, and whether the name is about the end of the list.

    `noMore`, `isLast` and `lastPage` are about that; `notFound` and `lastModified` are not.
    """
    words = [word.lower() for word in _WORD.findall(name) if len(word) <= _LONGEST_WORD]
    suspicious = tuple(word for word in words if re.fullmatch(_SUSPICIOUS, word))
    is_about_end = re.fullmatch(_END_ALONE, "".join(words)) or (
        suspicious and any(re.fullmatch(_END, word) for word in words)
    )
    return suspicious, bool(is_about_end)


def _walk_members(answer: Mapping[str, Any], list_key: str) -> Iterator[tuple[_Place, object]]:
    """Yield all members beside the list and those nested in them, outer ones first."""
    beside = {key: value for key, value in answer.items() if key != list_key}
    waiting: deque[tuple[_Place | None, dict[str, Any] | list[Any]]] = deque([(None, beside)])
    while waiting:
        parent, container = waiting.popleft()
        parts = container.items() if isinstance(container, dict) else enumerate(container)
        for key, value in parts:
            place = (parent, key)
            yield place, value
            if isinstance(value, dict | list):
                waiting.append((place, value))


def _says_no_more(suspicious: Sequence[str], value: object, received: int) -> bool:
    """Return whether the value says that the list ends here: it is false, empty, or the number of received elements.

    Only a total can be that number: `limit: 4` or `pages: 4` beside four groups says that there may be more.
    """
    if value is False or value in _EMPTY:
        return True
    is_total = all(re.fullmatch(_TOTAL, word) for word in suspicious)
    return is_total and isinstance(value, int) and not isinstance(value, bool) and value == received


def _header_says_no_more(name: str, value: str, received: int) -> bool:
    if name == "Link":
        relations = " ".join(_REL.findall(value)).replace('"', " ").replace("'", " ").lower()
        return "next" not in relations.split()
    if value.lower() in _NO_MORE:
        return True
    if name == "Content-Range":
        found = _RANGE.fullmatch(value)
        return found is not None and int(found["last"] or -1) == received - 1 and int(found["total"]) == received
    is_total = name in {"X-Total", "X-Total-Count"}
    return is_total and _NUMBER.fullmatch(value) is not None and int(value) == received


def _describe_received(list_key: str, received: int) -> str:
    verb = "was" if received == 1 else "were"
    return f"{count(received, list_key.removesuffix('s'), list_key)} {verb} received"


def _describe_header(name: str, value: str) -> str:
    """Describe a header, with its value only if that is a number, a range or true: others could be secrets."""
    if name == "Link":
        return "Link has rel=next"
    return f"{name} says {value}" if _SHOWN.fullmatch(value) else f"{name} is present"


def _describe_member(place: _Place, value: object, mask: Callable[[str], str]) -> str:
    """Return the path of a member by its names, with its value if that is a number or true."""
    keys: list[str] = []
    at: _Place | None = place
    while at and len(keys) < _MOST_KEYS:
        at, key = at
        keys.append(mask(str(key))[:_LONGEST_TEXT])
    name = quote(("..." if at else "") + ".".join(reversed(keys)))
    return f"{name}: {mask(json.dumps(value))}" if isinstance(value, int) else name
