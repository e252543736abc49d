"""Edits of a generated file: of every kind, at any of its entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from groupsync.editing import (
    AddEarlierName,
    AddEntry,
    EntryList,
    RemoveEarlierName,
    RemoveEntry,
    RemoveKey,
    SetKey,
    SetPolicy,
)
from tests.laws.editing.files import NAMES
from tests.laws.editing.reference import FILE, find_sources, read
from tests.unit.core import make_id

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

    from groupsync.editing import Edit
    from groupsync.model.groups import Source

VALUES = st.one_of(
    st.sampled_from(
        (*NAMES, "", " ", " a", "a ", "a\nb", "a\r\nb", "a\tb", "\x00", "\x85", "\u2028", "\ufeffa", "{{ x }}")
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)


@st.composite
def edits_of_entries(draw: DrawFn, text: str) -> list[Edit]:
    """Some edits that are possible by themselves; together they may be refused."""
    value, sources = read(text), find_sources(text)
    entries = [(key, source, value[key][n]) for key, found in sources.items() for n, source in enumerate(found)]
    edits: list[Edit] = []
    for _ in range(draw(st.integers(1, 5))):
        is_change = draw(st.integers(0, 3)) > 0
        if entries and is_change:
            number = draw(st.integers(0, len(entries) - 1))
            key, source, entry = entries[number]
            edits.append(draw(one_edit(key, source, entry)))
        else:
            edits.append(draw(addition()))
    return edits


@st.composite
def addition(draw: DrawFn) -> Edit:
    kind = draw(st.integers(0, 3))
    if kind == 0:
        settings: list[tuple[str, str | int]] = [("unlisted", "refuse"), ("max_deletes", 5), ("max_deletes", "30%")]
        key, value = draw(st.sampled_from(settings))
        return SetPolicy(file=FILE, key=key, value=value)
    name, number = draw(VALUES), draw(st.integers(600, 999))
    if kind == 1:
        keys: dict[str, Any] = {"id": make_id(number), "contacts_at_most": number, "reason": draw(VALUES)}
        return AddEntry(file=FILE, entries=EntryList.REMOVED, values=tuple(keys.items()))
    keys = {"name": name}
    if draw(st.booleans()):
        keys["id"] = make_id(number)
    if draw(st.booleans()):
        keys["previously"] = (draw(VALUES), "b")
    return AddEntry(file=FILE, entries=EntryList.GROUPS, values=tuple(keys.items()))


@st.composite
def one_edit(draw: DrawFn, key: str, source: Source, entry: Any) -> Edit:
    if draw(st.integers(0, 3)) == 0:
        return RemoveEntry(source=source)
    if key == "removed":
        if draw(st.booleans()):
            return SetKey(source=source, key="contacts_at_most", value=draw(st.integers(0, 999)))
        return SetKey(source=source, key="reason", value=draw(VALUES))
    keys = entry if isinstance(entry, dict) else {}
    options: list[Edit] = [
        SetKey(source=source, key="name", value=draw(VALUES)),
        SetKey(source=source, key="id", value=make_id(draw(st.integers(600, 999)))),
        AddEarlierName(source=source, name=draw(VALUES)),
        AddEarlierName(source=source, name="Old"),
        SetKey(source=source, key="description", value=draw(VALUES)),
    ]
    options += [RemoveKey(source=source, key=one) for one in ("id", "previously", "description") if one in keys]
    options += [RemoveEarlierName(source=source, name=name) for name in keys.get("previously", ())]
    return draw(st.sampled_from(options))
