"""Laws: the export of live groups of any names is a valid configuration, and its plan is empty."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import event, given
from hypothesis import strategies as st
from msgspec.structs import replace

from groupsync.config.load import load_config
from groupsync.model.config import Unlisted
from groupsync.model.groups import LiveGroup
from groupsync.model.plan import Rename
from groupsync.model.scope import Scope
from groupsync.names import find_name_fault, nfc, temporary_name
from groupsync.render.config_yaml import export_config
from groupsync.review.make import make_review
from tests.laws.strategies import NAMES, PATTERNS
from tests.unit.core import LENIENT, NOW, TARGET, make_id

if TYPE_CHECKING:
    from random import Random

    from groupsync.model.config import Config

TRICKY = (
    "NO", "null", "~", "007", "12:30", "2024-01-01", "1e3", "0x1F", "- a", "a: b", "a #b", "#a", "[a]",
    "{a: b}", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a", "'a'", '"a"', "\\", "a\\n", "a\nb", "a\r\nb",
    "a\tb", "", " ", " a", "a ", "\xa0a", "---", "...", "? a", "= ", "<<", "\ufeffa", "a\u200b", "a\u202eb",
    "\x00", "\x1b[2K", "\x7f", "\x85", "\u2028", "\uffff", "Ame\u0301lie", "Am\xe9lie", "\u212b", "\xc5",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467", "\U0001f3f4\U000e0067\U000e0062\U000e007f", "\U0010ffff",
    "name: VIP", "id:", "VIP [groupsync 12345678]",
)  # fmt: skip
ANY_NAME = st.one_of(
    st.sampled_from(TRICKY), st.sampled_from(NAMES), st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
)


@st.composite
def any_groups(draw: st.DrawFn) -> tuple[LiveGroup, ...]:
    """Draw groups of any names, some of them at a temporary name of their own."""
    drawn = draw(st.lists(st.tuples(ANY_NAME, st.integers(0, 9)), max_size=8))
    return tuple(
        LiveGroup(
            id=make_id(number),
            name=temporary_name(name, make_id(number)) if chance == 0 else name,
            contacts_count=chance,
        )
        for number, (name, chance) in enumerate(drawn)
    )


def read_back(text: str) -> Config:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "groups.yaml"
        path.write_bytes(text.encode())
        return load_config([path])


@given(live=any_groups(), names_only=st.booleans())
def test_the_plan_of_an_export_is_empty(live: tuple[LiveGroup, ...], names_only: bool) -> None:
    config = read_back(export_config(live, TARGET, names_only=names_only))

    review = make_review(config, live, TARGET, NOW)

    assert review.refusals == ()
    assert review.plan.changes == ()
    assert review.plan.unlisted == ()


@given(
    live=any_groups(),
    scope=st.lists(st.one_of(st.sampled_from((*PATTERNS, "V*", "?i*", "*")), ANY_NAME.filter(str.strip)), min_size=1),
    names_only=st.booleans(),
    unlisted=st.sampled_from((None, *Unlisted)),
)
def test_the_plan_of_an_export_with_a_scope_is_empty(
    live: tuple[LiveGroup, ...], scope: list[str], names_only: bool, unlisted: Unlisted | None
) -> None:
    """Also if the account has groups outside, which the file does not list, and the file says to delete those."""
    inside, outside = Scope(patterns=tuple(scope)).split(live)

    config = read_back(export_config(inside, TARGET, names_only=names_only, unlisted=unlisted, scope=scope))
    review = make_review(config, live, TARGET, NOW, LENIENT)

    event(f"inside: {bool(inside)}, outside: {bool(outside)}")
    assert [pattern.text for pattern in config.scope] == scope
    assert (review.refusals, review.plan.changes, review.plan.unlisted) == ((), (), ())


@given(live=any_groups(), names_only=st.booleans())
def test_every_name_reads_back_exactly(live: tuple[LiveGroup, ...], names_only: bool) -> None:
    config = read_back(export_config(live, TARGET, names_only=names_only))

    assert Counter(entry.name for entry in config.groups) == Counter(group.name for group in live)
    names = {group.id: group.name for group in live}
    assert all(entry.name == names[entry.id] for entry in config.groups if entry.id)


@given(live=any_groups())
def test_with_names_only_the_groups_that_need_it_are_written_with_their_id(live: tuple[LiveGroup, ...]) -> None:
    config = read_back(export_config(live, TARGET, names_only=True))

    groups_of_name = Counter(nfc(group.name) for group in live)
    assert {entry.name for entry in config.groups if entry.id} == {
        group.name
        for group in live
        if find_name_fault(group.name) or groups_of_name[nfc(group.name)] > 1 or nfc(group.name) != group.name
    }


@given(live=any_groups(), unlisted=st.sampled_from((None, *Unlisted)))
def test_without_options_every_group_has_its_id(live: tuple[LiveGroup, ...], unlisted: Unlisted | None) -> None:
    config = read_back(export_config(live, TARGET, unlisted=unlisted))

    assert {entry.id: entry.name for entry in config.groups} == {group.id: group.name for group in live}
    assert config.policy.unlisted is (unlisted or Unlisted.KEEP)


@given(live=any_groups(), names_only=st.booleans(), data=st.data())
def test_no_edit_of_a_name_in_an_export_creates_or_deletes_a_group_unnoticed(
    live: tuple[LiveGroup, ...], names_only: bool, data: st.DataObject
) -> None:
    """By its id the group is renamed; without ids the plan is refused, so no empty group comes beside the old one."""
    config = read_back(export_config(live, TARGET, names_only=names_only))
    if not config.groups:
        return
    edited = data.draw(st.integers(0, len(config.groups) - 1))
    groups = tuple(
        replace(entry, name="A name of its own") if number == edited else entry
        for number, entry in enumerate(config.groups)
    )

    review = make_review(replace(config, groups=groups), live, TARGET, NOW)

    if config.groups[edited].id:
        assert [type(change) for change in review.plan.changes] == [Rename]
    else:
        assert "unlisted" in review.refusals


@given(live=any_groups(), names_only=st.booleans(), random=st.randoms(use_true_random=False))
def test_the_order_of_the_live_groups_does_not_matter(
    live: tuple[LiveGroup, ...], names_only: bool, random: Random
) -> None:
    shuffled = list(live)
    random.shuffle(shuffled)

    assert export_config(shuffled, TARGET, names_only=names_only) == export_config(live, TARGET, names_only=names_only)
