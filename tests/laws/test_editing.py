"""Laws of editing: any edits of any file give the old value with the edits, and leave everything else alone."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from groupsync.config.problems import UnreadableError
from groupsync.editing import AddEntry, EditedText, Refusal, RemoveEntry, SetKey, SetPolicy, edit_text, prove_edits
from tests.laws.editing.edits import edits_of_entries
from tests.laws.editing.files import config_files
from tests.laws.editing.reference import FILE, expect, find_sources, list_kept_lines, list_texts, read, takes_away

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.editing import Edit
    from tests.laws.editing.files import GeneratedFile

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # to shrink a file and its edits takes minutes
SIZES = [300, pytest.param(20_000, marks=pytest.mark.slow)]


@pytest.mark.parametrize("cases", SIZES)
def test_edits_change_what_they_say_and_nothing_else(cases: int) -> None:
    counts: Counter[str] = Counter()

    @settings(max_examples=cases, phases=PHASES, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def check(data: st.DataObject) -> None:
        counts["drawn"] += 1
        file = data.draw(config_files())
        try:
            read(file.text)
        except UnreadableError:
            counts["not read"] += 1
            assume(False)
        edits = data.draw(edits_of_entries(file.text))
        edited = edit_text(FILE, file.text, edits)
        if isinstance(edited, Refusal):
            counts[f"refused: {edited.reason}"] += 1
            return
        proof = prove_edits(file.text, edits, edited)
        if proof.startswith("the comment "):  # `edit_files` refuses it
            counts["refused: a comment would belong to something else"] += 1
            return
        assert proof == ""
        counts["edited"] += 1
        _check_edited(file, edits, edited)

    check()

    print(counts)  # noqa: T201
    assert counts["not read"] < counts["drawn"] // 4
    assert counts["refused: a comment would belong to something else"] <= 5 + counts["drawn"] // 100
    assert counts["edited"] > counts["drawn"] * 0.6


def _check_edited(file: GeneratedFile, edits: Sequence[Edit], edited: EditedText) -> None:
    old, new = file.text, edited.text
    assert list(map(repr, [read(new)])) == list(map(repr, [expect(old, edits)]))  # the order of keys, too
    assert new.startswith("\ufeff") == old.startswith("\ufeff")
    assert new.endswith("\n") == old.endswith("\n")
    assert new.count("\r\n") == (new.count("\n") if "\r\n" in old else 0)
    values = "\n".join(list_texts(read(old)))  # a text over several lines may look like a comment
    assert [one for one in file.comments if new.count(one) != old.count(one) and one not in values] == []
    kept = list_kept_lines(old, edits)
    lines = iter(new.removeprefix("\ufeff").replace("\r\n", "\n").split("\n"))
    assert kept is None or [line for line in kept if line not in lines] == []


@pytest.mark.parametrize("cases", SIZES)
def test_edits_at_once_are_edits_one_after_the_other(cases: int) -> None:
    counts: Counter[str] = Counter()

    @settings(max_examples=cases, phases=PHASES, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def check(data: st.DataObject) -> None:
        counts["drawn"] += 1
        file = data.draw(config_files())
        try:
            read(file.text)
        except UnreadableError:
            counts["not read"] += 1
            assume(False)
        edits = data.draw(edits_of_entries(file.text))
        at_once = edit_text(FILE, file.text, edits)
        single = edit_one_after_the_other(file.text, edits)
        if isinstance(at_once, Refusal) or isinstance(single, Refusal):
            kind = (isinstance(at_once, Refusal), isinstance(single, Refusal))
            reasons = [one.reason for one in (at_once, single) if isinstance(one, Refusal)]
            counts[f"{kind}: {reasons}" if kind != (True, True) else "both refused"] += 1
            return
        counts["edited"] += 1
        assert at_once.text == single
        _check_any_order(data, file.text, edits, at_once.text)

    check()

    print(counts)  # noqa: T201
    assert counts["edited"] > counts["drawn"] * 0.6


def _check_any_order(data: st.DataObject, text: str, edits: Sequence[Edit], expected: str) -> None:
    """Edits of different places can come in any order; those of one place keep theirs."""
    places = [getattr(edit, "source", None) or type(edit) for edit in edits]
    order = data.draw(st.permutations(list(dict.fromkeys(places))))
    reordered = edit_text(FILE, text, sorted(edits, key=lambda edit: order.index(places[edits.index(edit)])))
    assert isinstance(reordered, EditedText)
    assert reordered.text == expected


def _sets_name(edit: Edit) -> bool:
    """Return whether an edit sets a name, which comes first: a new name keeps the quotes of the one in the file."""
    return isinstance(edit, SetKey) and edit.key == "name"


def edit_one_after_the_other(text: str, edits: Sequence[Edit]) -> str | Refusal:
    """Return the text after single edits, additions before removals; each source is that of the entry by then."""
    sources = find_sources(text)
    numbers = {key: list(range(len(found))) for key, found in sources.items()}
    first = {source: (key, number) for key, found in sources.items() for number, source in enumerate(found)}
    gone = {edit.source for edit in edits if isinstance(edit, RemoveEntry)}
    for edit in sorted(edits, key=lambda edit: (takes_away(edit), not _sets_name(edit))):
        now = edit
        if isinstance(edit, AddEntry):
            numbers.setdefault(edit.entries.value, []).append(-1)
        elif not isinstance(edit, SetPolicy):
            key, number = first[edit.source]
            if (edit.source in gone and not isinstance(edit, RemoveEntry)) or number not in numbers[key]:
                continue
            index = numbers[key].index(number)
            now = replace(edit, source=find_sources(text)[key][index])
            if isinstance(edit, RemoveEntry):
                numbers[key].remove(number)
        made = edit_text(FILE, text, [now])
        if isinstance(made, Refusal):
            return made
        text = made.text
    return text
