"""Laws of long files: they are edited and proved without most of their entries, with the same result."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from groupsync.config.problems import UnreadableError
from groupsync.editing import EditedText, edit_text, prove_edits
from groupsync.editing.replacements import splice
from groupsync.editing.short_text import take_short_text
from tests.laws.editing.edits import edits_of_entries
from tests.laws.editing.files import config_files
from tests.laws.editing.reference import FILE, read

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
SIZES = [300, pytest.param(20_000, marks=pytest.mark.slow)]
DASH = re.compile(r"^ *(?=- )", re.MULTILINE)
BREAKING = (
    "",
    '"',
    "'",
    "[",
    "{",
    "]",
    "}",
    "#",
    " #",
    "\n",
    "\n- x",
    "\n  - x",
    ": ",
    "|",
    "|\n",
    ">",
    "&a ",
    "*a",
    "\\",
    ",",
)


@st.composite
def long_files(draw: st.DrawFn) -> str:
    """A file with plain entries added above lines that look like entries, also inside texts of several lines."""
    numbers = iter(range(100_000))
    most = draw(st.integers(3, 6))
    text = draw(config_files()).text
    least = min(DASH.findall(text), default="")
    line_end = "\r\n" if "\r\n" in text else "\n"

    def lengthen(dash: re.Match[str]) -> str:
        key = draw(st.sampled_from(("", "name: "))) if dash[0] == least else ""
        added = [f"{dash[0]}- {key}Entry {next(numbers)}" for _ in range(most)]
        return line_end.join([*added, dash[0]])

    return DASH.sub(lengthen, text)


@pytest.mark.parametrize("cases", SIZES)
def test_an_excerpt_is_edited_as_the_whole_file_is(cases: int) -> None:
    counts: Counter[str] = Counter()

    @settings(max_examples=cases, phases=PHASES, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def check(data: st.DataObject) -> None:
        counts["drawn"] += 1
        text = data.draw(long_files())
        try:
            read(text)
        except UnreadableError:
            counts["not read"] += 1
            assume(False)
        edits = data.draw(edits_of_entries(text))
        short = take_short_text(text, edits, shortest=0)
        if short is None:
            counts["nothing left out"] += 1
            return
        part, whole = edit_text(FILE, short.text, short.edits), edit_text(FILE, text, edits)
        if not isinstance(part, EditedText) or not isinstance(whole, EditedText):
            assert type(part) is type(whole)
            counts["refused"] += 1
            return
        proof = prove_edits(short.text, short.edits, part)
        assert proof == prove_edits(text, edits, whole)
        new = short.put_back(part)
        assert new in {None, whole.text}
        counts["edited" if new else "edited as a whole"] += 1

    check()

    print(counts)  # noqa: T201
    assert counts["edited"] > counts["drawn"] * 0.2
    assert counts["edited as a whole"] < counts["edited"] // 10


@pytest.mark.parametrize("cases", SIZES)
def test_a_wrong_edit_that_the_proof_of_the_whole_file_finds_is_found_in_the_excerpt(cases: int) -> None:
    counts: Counter[str] = Counter()

    @settings(max_examples=cases, phases=PHASES, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def check(data: st.DataObject) -> None:
        counts["drawn"] += 1
        text = data.draw(long_files())
        try:
            read(text)
        except UnreadableError:
            assume(False)
        edits = data.draw(edits_of_entries(text))
        short = take_short_text(text, edits, shortest=0)
        part = edit_text(FILE, short.text, short.edits) if short else None
        if short is None or not isinstance(part, EditedText) or not part.replacements:
            return
        wrong = _break(data, short.text, part)
        new = short.put_back(wrong)
        if prove_edits(short.text, short.edits, wrong) or new is None:
            counts["found"] += 1
            return
        counts["not wrong"] += 1
        whole = edit_text(FILE, text, edits)
        assert isinstance(whole, EditedText)
        broken = tuple(
            replace(one, new=changed.new) for one, changed in zip(whole.replacements, wrong.replacements, strict=True)
        )
        assert prove_edits(text, edits, EditedText(text=new, replacements=broken)) == ""

    check()

    print(counts)  # noqa: T201
    assert counts["found"] > counts["drawn"] * 0.15


def _break(data: st.DataObject, old: str, edited: EditedText) -> EditedText:
    """Put something into one of the replacements."""
    number = data.draw(st.integers(0, len(edited.replacements) - 1))
    one = edited.replacements[number]
    at = data.draw(st.integers(0, len(one.new)))
    new = one.new[:at] + data.draw(st.sampled_from(BREAKING)) + one.new[at:]
    replacements = tuple(
        replace(each, new=new) if place == number else each for place, each in enumerate(edited.replacements)
    )
    content = old.removeprefix("\ufeff")
    return EditedText(text=old[: len(old) - len(content)] + splice(content, replacements), replacements=replacements)
