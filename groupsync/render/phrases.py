"""Phrases about a change for text and Markdown: why it is in the plan, what is lost, what stays."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal

from groupsync.display import quote_name
from groupsync.model.plan import Create, Reason, Rename

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.render.changes import DeletedGroup, RenamedGroup, RenameItem

NOT_LISTED = "not in the configuration (policy.unlisted: delete)"
_HOWS = {
    Reason.PINNED: "by id",
    Reason.PREVIOUSLY: "previously",
    Reason.INTERRUPTED: "by id, finishes an interrupted rename",
}
"""How a rename finds its group."""

_WORD = re.compile(r"\S+")
_NUMBERS = {2: "two", 3: "three"}


def describe_loss(number: int | None) -> str:
    """Return how many contacts lose a group that is deleted; None means unknown."""
    match number:
        case None:
            return "number of contacts unknown"
        case 0:
            return "empty"
        case 1:
            return "1 contact loses this group"
        case _:
            return f"{number:,} contacts lose this group"


def describe_stay(number: int | None) -> str:
    """Return how many contacts stay in groups that are renamed; None means unknown."""
    match number:
        case None:
            return "its contacts stay"
        case 0:
            return "empty"
        case 1:
            return "1 contact stays"
        case _:
            return f"{number:,} contacts stay"


def describe_stay_in_all(groups: Sequence[RenamedGroup]) -> str:
    """Return how many contacts stay in all of the groups together."""
    counts = [group.contacts_count for group in groups]
    known = [number for number in counts if number is not None]
    if len(known) < len(counts):
        return describe_stay(None) if len(counts) == 1 else "their contacts stay"
    return describe_stay(sum(known))


def describe_renames(groups: Sequence[RenamedGroup]) -> str:
    """Return where the renames are listed and how they find their groups, such as `groups.yaml:20, by id`."""
    hows = [_HOWS.get(group.reason, "") for group in groups]
    if len(set(hows)) == 1:
        return _join_phrases(" and ".join(_list_sources(groups)), hows[0])
    parts = zip(_list_sources(groups), hows, strict=True)
    return ", and ".join(_join_phrases(source, how) for source, how in parts)


def _list_sources(groups: Sequence[RenamedGroup]) -> Iterator[str]:
    """Yield where each rename is listed; only the line if it is in the same file as the one before."""
    file = None
    for source in (group.source for group in groups):
        is_same_file = source is not None and source.file == file
        yield str(source.line) if source and is_same_file else str(source or "not in the configuration")
        file = source.file if source else None


def describe_cycle(item: RenameItem, group: RenamedGroup) -> str:
    """Return how a rename is connected with other renames; empty if it is not."""
    if item.is_swap:
        through = ", through a temporary name" if len(item.steps) > len(item.groups) else ""
        return f"they swap names in {_NUMBERS.get(len(item.steps), len(item.steps))} steps{through}"
    if len(item.groups) > 1:
        cycle = f"in a cycle of {len(item.groups)} names"
        return f"{cycle}, through a temporary name" if group.temporary_name else cycle
    if group.temporary_name:
        return "through a temporary name, because another group has the new name until then"
    return ""


def describe_removal(deletion: DeletedGroup) -> str:
    """Return where a deletion is listed, how many contacts may lose the group, and the reason in the configuration."""
    if deletion.reason is Reason.UNLISTED:
        return NOT_LISTED
    reason = f": {' '.join(deletion.removal_reason.split())}" if deletion.removal_reason.strip() else ""
    source = f"{deletion.source}, " if deletion.source else ""
    return f"{source}removed{_describe_consent(deletion)}{reason}"


def _describe_consent(deletion: DeletedGroup) -> str:
    """Return how many contacts the configuration consents to lose; empty if the group is empty."""
    if deletion.contacts_count == 0:
        return ""
    return " (any number)" if deletion.contacts_at_most is None else f" (at most {deletion.contacts_at_most:,})"


def _join_phrases(*phrases: str) -> str:
    return ", ".join(phrase for phrase in phrases if phrase)


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
            why = f"the new {quote_name(name)} differs only by {describe_name_difference(deletion.name, name)}"
        case Rename(after=name) if name == deletion.name:
            why = "another group takes its name"
        case Rename(after=name):
            difference = describe_name_difference(deletion.name, name)
            why = f"another group becomes {quote_name(name)}, which differs only by {difference}"
    return f"renamed out of the way first: {why}"


def describe_name_difference(one: str, other: str) -> str:
    """Return how two names differ that count as the same, as the end of a sentence: `case and spaces`."""
    found = []
    if _join_words(_compose(one, "NFKC")) != _join_words(_compose(other, "NFKC")):
        found.append("case")
    if _WORD.sub("x", one) != _WORD.sub("x", other):
        found.append("spaces")
    if _list_special(one) != _list_special(other):
        found.append("the form of the characters")
    elif _is_composed_differently(_join_words(one.lower()), _join_words(other.lower())):
        has_accents = any(map(unicodedata.combining, unicodedata.normalize("NFD", one)))
        found.append("how accents are encoded" if has_accents else "how it is encoded")
    return " and ".join(found) or "how it is encoded"


def _is_composed_differently(one: str, other: str) -> bool:
    return one != other and _compose(one, "NFC") == _compose(other, "NFC")


def _compose(name: str, form: Literal["NFC", "NFKC"]) -> str:
    return unicodedata.normalize(form, name)


def _join_words(name: str) -> str:
    return " ".join(name.split())


def _list_special(name: str) -> list[str]:
    """Return the characters that are a special form of others, such as full-width letters and ligatures."""
    composed = _compose(name, "NFC")
    return [char.casefold() for char in composed if not char.isspace() and _compose(char, "NFKC") != char]
