"""What text and Markdown say of a change: why it is in the plan, what is lost, what stays."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal

from groupsync.display import quote
from groupsync.model.plan import Create, Rename

if TYPE_CHECKING:
    from groupsync.render.changes import DeletedGroup

_WORD = re.compile(r"\S+")


def describe_first_step(deletion: DeletedGroup) -> str:
    """Return why a group is renamed before it is deleted; empty if it is not."""
    if deletion.first_step is None:
        return ""
    match deletion.taken_by:
        case None:
            return "renamed out of the way first"
        case Create(name=name) if name == deletion.name:
            why = "a new group takes its name"
        case Create(name=name):
            why = f"the new {quote(name)} differs only by {describe_name_difference(deletion.name, name)}"
        case Rename(after=name) if name == deletion.name:
            why = "another group takes its name"
        case Rename(after=name):
            difference = describe_name_difference(deletion.name, name)
            why = f"another group becomes {quote(name)}, which differs only by {difference}"
    return f"renamed out of the way first: {why}"


def describe_name_difference(one: str, other: str) -> str:
    """Return what two names differ by that count as the same, as the end of a sentence: `case and spaces`."""
    found = []
    if _join_words(_compose(one, "NFKC")) != _join_words(_compose(other, "NFKC")):
        found.append("case")
    if _WORD.sub("x", one) != _WORD.sub("x", other):
        found.append("spaces")
    if _list_special(one) != _list_special(other):
        found.append("the form of its characters")
    elif _join_words(one.casefold()) != _join_words(other.casefold()):
        found.append("how its accents are encoded")
    return " and ".join(found) or "how it is encoded"


def _compose(name: str, form: Literal["NFC", "NFKC"]) -> str:
    return unicodedata.normalize(form, name)


def _join_words(name: str) -> str:
    return " ".join(name.split())


def _list_special(name: str) -> list[str]:
    """Return the characters that are a special form of others, such as full-width letters and ligatures."""
    composed = _compose(name, "NFC")
    return [char.casefold() for char in composed if not char.isspace() and _compose(char, "NFKC") != char]
