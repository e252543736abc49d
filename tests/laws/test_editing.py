"""Laws of editing: any edits of any file give the old value with the edits, and leave everything else alone."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from groupsync.config.problems import UnreadableError
from groupsync.editing import AddEntry, EditedText, Refusal, SetPolicy, edit_text, prove_edits
from tests.laws.editing.edits import edits_of_entries
from tests.laws.editing.files import config_files
from tests.laws.editing.reference import FILE, expect, find_sources, list_kept_lines, list_texts, read, takes_away

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.editing import Edit
    from groupsync.model.groups import Source
    from tests.laws.editing.files import GeneratedFile

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # to shrink a file and its edits takes minutes
SIZES = [3000, pytest.param(20_000, marks=pytest.mark.slow)]


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
            assume(False)  # noqa: FBT003 - hypothesis takes it so
        edits = data.draw(edits_of_entries(file.text))
        edited = edit_text(FILE, file.text, edits)
        if isinstance(edited, Refusal):
            counts[f"refused: {edited.reason}"] += 1
            return
        counts["edited"] += 1
        _check_edited(file, edits, edited)

    check()

    print(counts)  # noqa: T201
    assert counts["not read"] < counts["drawn"] // 4
    assert counts["edited"] > counts["drawn"] // 3


def _check_edited(file: GeneratedFile, edits: Sequence[Edit], edited: EditedText) -> None:
    old, new = file.text, edited.text
    assert prove_edits(old, edits, edited) == ""
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
            assume(False)  # noqa: FBT003
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
        shuffled = data.draw(st.permutations(edits))
        other = edit_text(
            FILE, file.text, sorted(shuffled, key=lambda edit: edits.index(edit) if _is_ordered(edit) else -1)
        )
        assert isinstance(other, Refusal) or set(other.text) == set(at_once.text)

    check()

    print(counts)  # noqa: T201
    assert counts["edited"] > counts["drawn"] // 3


def _is_ordered(edit: Edit) -> bool:
    return isinstance(edit, (AddEntry, SetPolicy))


def edit_one_after_the_other(text: str, edits: Sequence[Edit]) -> str | Refusal:
    """Return the text after single edits, additions before removals; each source is that of the entry by then."""
    numbers = {key: list(range(len(found))) for key, found in find_sources(text).items()}
    first = {source: (key, n) for key, found in find_sources(text).items() for n, source in enumerate(found)}
    gone: set[Source] = {edit.source for edit in edits if type(edit).__name__ == "RemoveEntry"}
    for edit in [*(one for one in edits if not takes_away(one)), *filter(takes_away, edits)]:
        now = edit
        if not isinstance(edit, (AddEntry, SetPolicy)):
            is_entry = type(edit).__name__ == "RemoveEntry"
            if edit.source in gone and not is_entry:
                continue
            key, number = first[edit.source]
            if number not in numbers[key]:
                continue  # removed twice
            index = numbers[key].index(number)
            now = type(edit)(**{**_fields(edit), "source": find_sources(text)[key][index]})
            if is_entry:
                numbers[key].remove(number)
        elif isinstance(edit, AddEntry):
            numbers.setdefault(edit.entries.value, []).append(-1)
        result = edit_text(FILE, text, [now])
        if isinstance(result, Refusal):
            return result
        text = result.text
    return text


def _fields(edit: Edit) -> dict[str, object]:
    return {name: getattr(edit, name) for name in edit.__dataclass_fields__}
