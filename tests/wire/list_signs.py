"""The table of docs/safety.md: answers with two groups that are the whole list, and answers that may not be."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.unit.core import make_id
from tests.wire.raw_server import http

if TYPE_CHECKING:
    from collections.abc import Iterator

GROUPS = [{"id": make_id(1), "name": "VIP", "contactsCount": 3}, {"id": make_id(2), "name": "Old", "contactsCount": 0}]
CONTACTS = [{"phoneNumber": "+37255500001"}, {"phoneNumber": "+37255500002"}]

_PAGE = Path(__file__).parents[2] / "docs" / "safety.md"
_CODE = re.compile("`([^`]+)`")


@dataclass(frozen=True, kw_only=True)
class ListAnswer:
    """An answer to a request for a list; `example` is how the documentation writes what is special about it."""

    example: str
    is_whole: bool
    status: int = 200
    members: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def body(self, list_key: str, elements: object) -> dict[str, Any]:
        """Return the body, with the list under its key."""
        return {**self.members, list_key: elements}

    def encode(self, list_key: str, elements: object) -> bytes:
        """Return the whole answer as bytes."""
        headers = [f"{name}: {value}" for name, value in self.headers.items()]
        body = json.dumps(self.body(list_key, elements)).encode()
        return http(f"{self.status} X", body, "Content-Type: application/json", *headers)


def read_table() -> Iterator[ListAnswer]:
    """Yield an answer for each example of the table."""
    rows = _PAGE.read_text(encoding="utf-8").partition('| What can mean "more" |')[2].partition("\n\n")[0].splitlines()
    for row in rows[2:]:
        _sign, whole, error = row.strip("| ").split(" | ")
        for is_whole, cell in ((True, whole), (False, error)):
            for example in _CODE.findall(cell):
                yield _read_example(example, is_whole=is_whole)


def _read_example(example: str, *, is_whole: bool) -> ListAnswer:
    if example.startswith('"'):
        return ListAnswer(example=example, is_whole=is_whole, members=json.loads(f"{{{example}}}"))
    if example.startswith("HTTP "):
        return ListAnswer(example=example, is_whole=is_whole, status=int(example[5:]))
    name, _, value = example.partition(":")
    return ListAnswer(example=example, is_whole=is_whole, headers={name: value.strip()})


ANSWERS = tuple(read_table())
WHOLE = tuple(answer for answer in ANSWERS if answer.is_whole)
SUSPICIOUS = tuple(answer for answer in ANSWERS if not answer.is_whole)
