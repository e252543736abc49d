"""What is true of every sequence of answers to the questions of `fix`."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groupsync.config.load import load_texts
from groupsync.errors import ConfigError
from groupsync.fixes.question import Reply
from groupsync.model.config import RemovedId
from groupsync.model.groups import GroupId
from groupsync.model.plan import Delete
from groupsync.planfile.digest import list_effects
from groupsync.planner import find_changes, make_plan
from groupsync.runs.edits import join_writes
from tests.laws.book import Book
from tests.laws.strategies import situations
from tests.unit.core import make_id
from tests.unit.fixing import make_fixing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from groupsync.fixes.question import FixAnswer, Question
    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup
    from groupsync.runs.fixing import Fixing

LOST = make_id(0x77)
seen: Counter[str] = Counter()


def write_texts(config: Config, *, has_lost_id: bool, is_split: bool) -> Mapping[str, str]:
    """Return the configuration as one file or two, with one entry more whose id is not live."""
    groups: list[dict[str, object]] = [
        {"name": entry.name, **({"id": entry.id} if entry.id else {}), "previously": [*entry.previously]}
        for entry in config.groups
    ]
    if has_lost_id:
        groups.append({"name": "Lost", "id": LOST, "previously": []})
    removed: list[dict[str, object]] = [
        {"id": removal.id} if isinstance(removal, RemovedId) else {"name": removal.name} for removal in config.removed
    ]
    unlisted = config.policy.unlisted
    policy = f"policy: {{unlisted: {unlisted.value}}}\n" if unlisted else ""
    ignore = json.dumps([pattern.text for pattern in config.ignore], ensure_ascii=False)
    first = f"version: 1\n{policy}ignore: {ignore}\n{_write_list('groups', groups)}"
    second = _write_list("removed", removed)
    if is_split:
        return {"a.yaml": first, "b.yaml": f"version: 1\n{second}"}
    return {"groups.yaml": first + second}


def _write_list(key: str, entries: list[dict[str, object]]) -> str:
    if not entries:
        return f"{key}: []\n"
    lines = []
    for entry in entries:
        kept = {name: value for name, value in entry.items() if value}
        lines.append("  - " + json.dumps(kept, ensure_ascii=False))
    return "\n".join([f"{key}:", *lines]) + "\n"


def find_fates(config: Config, live: tuple[LiveGroup, ...]) -> set[tuple[str, str]] | None:
    """Return the new name of each group that an apply changes, empty if it is deleted; None if there is no plan.

    A group that is created has no id.
    """
    plan = make_plan(config, live)
    if plan.problems:
        return None
    book = Book(live, unique_names=False)
    for change in plan.changes:
        book.carry_out(change)
    before = {group.id: group.name for group in live}
    after = {group.id: group.name for group in book.live()}
    changed = {(group_id, after.get(group_id, "")) for group_id, name in before.items() if after.get(group_id) != name}
    return changed | {("", name) for group_id, name in after.items() if group_id not in before}


def list_shown(answers: list[tuple[Question, FixAnswer]]) -> set[tuple[str, str]]:
    return {(group_id, after) for _, answer in answers for _, group_id, _, after in answer.shows}


class Person:
    """Gives replies that are drawn, and notes which of the answers were taken."""

    def __init__(self, choices: Iterator[int]) -> None:
        self._choices = choices
        self.fixing: Fixing | None = None
        self.taken: list[tuple[Question, FixAnswer]] = []
        self.asked: set[str] = set()
        self._last: tuple[Question, FixAnswer, Config] | None = None

    def __call__(self, question: Question) -> Reply | None:
        self.settle()
        assert question.subject not in self.asked, "asked twice"
        self.asked.add(question.subject)
        assert len({answer.key for answer in question.answers}) == len(question.answers)
        number = next(self._choices, 0) % (len(question.answers) + 1)
        if number == len(question.answers):
            return Reply(key=None)
        answer = question.answers[number]
        assert self.fixing
        self._last = (question, answer, self.fixing.config)
        return Reply(key=answer.key)

    def settle(self) -> None:
        """Note whether the last answer was taken."""
        assert self.fixing
        if self._last:
            question, answer, before = self._last
            is_taken = dict(before.texts) != dict(self.fixing.config.texts)
            seen[f"{question.kind.name} {answer.key if not answer.key.isdigit() else 'N'} {is_taken}"] += 1
            if is_taken:
                self.taken.append((question, answer))
        self._last = None


@settings(max_examples=600, deadline=None)
@given(
    situation=situations(),
    choices=st.lists(st.integers(0, 11), max_size=20),
    has_lost_id=st.booleans(),
    is_split=st.booleans(),
)
def check_any_answers(
    situation: tuple[Config, tuple[LiveGroup, ...]], choices: list[int], *, has_lost_id: bool, is_split: bool
) -> None:
    drawn, live = situation
    try:
        config = load_texts(write_texts(drawn, has_lost_id=has_lost_id, is_split=is_split))
    except ConfigError:
        seen["not loaded"] += 1
        return
    person = Person(iter(choices))
    fixing = person.fixing = make_fixing(config, live)

    fixing.ask_all(person)
    person.settle()

    require_valid_writes(config, fixing)
    require_only_shown(config, live, fixing, person)
    require_typed_numbers(live, person)


def require_valid_writes(config: Config, fixing: Fixing) -> None:
    """Every state of the files on the way is a valid configuration, and the last one is what was answered."""
    texts = dict(config.texts)
    for write in join_writes(config, fixing.steps):
        assert texts[write.file] == write.old
        texts[write.file] = write.new
        load_texts(texts)
    assert texts == dict(fixing.config.texts)


def require_only_shown(config: Config, live: tuple[LiveGroup, ...], fixing: Fixing, person: Person) -> None:
    """What an apply does in the end was shown, or was already planned for a group that no taken question is about."""
    after = find_fates(fixing.config, live)
    if after is None:
        seen["no plan"] += 1
        return
    seen["plan"] += 1
    asked = {group_id for question, _ in person.taken for group_id in question.group_ids}
    unchanged = {fate for fate in find_first_fates(config, live) if fate[0] not in asked}
    assert after <= unchanged | list_shown(person.taken)


def find_first_fates(config: Config, live: tuple[LiveGroup, ...]) -> set[tuple[str, str]]:
    """Return what the configuration does; if problems prevent its plan, without the deletions that rest on a name.

    A group that an entry could mean is unlisted only as long as the entry does not say which group it means.
    """
    if (fates := find_fates(config, live)) is not None:
        return fates
    seen["first with problems"] += 1
    names = {entry.name for entry in config.groups if entry.id is None}
    names.update(name for entry in config.groups for name in entry.previously)
    changes = find_changes(config, live)
    deletes = {change.group_id: change for change in changes if isinstance(change, Delete)}
    from_entry = Counter(change.source for change in deletes.values() if change.source)
    by_name = {
        group.id
        for group in live
        if (change := deletes.get(group.id))
        and (group.name in names if change.source is None else from_entry[change.source] > 1)
    }
    return {(group_id, after) for _, group_id, _, after in list_effects(changes) if group_id not in by_name}


def require_typed_numbers(live: tuple[LiveGroup, ...], person: Person) -> None:
    """An answer that deletes groups needs the sum of their contacts, and is never repeated."""
    counts = {group.id: group.contacts_count for group in live}
    for question, answer in person.taken:
        deleted = {GroupId(group_id) for kind, group_id, _, _ in answer.shows if kind == "delete"} - answer.asks_next
        if question.kind.name == "POLICY":
            deleted = set(answer.asks_next)
        if deleted:
            assert answer.number == sum(counts[group_id] or 0 for group_id in deleted)
            assert not answer.repeats


@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
def test_any_answers_leave_a_valid_configuration_and_do_only_what_was_shown() -> None:
    seen.clear()

    check_any_answers()

    taken = {name for name in seen if name.endswith("True")}
    assert {name.split()[0] for name in taken} == {
        "WHICH_GROUP",
        "BOTH_LIVE",
        "LOST_ID",
        "SPELLING",
        "INTERRUPTED",
        "RENAME",
        "POLICY",
        "UNLISTED",
        "DELETION",
        "LISTED_REMOVAL",
    }
    assert seen["not loaded"] < 150
    assert seen["plan"] > 60
    assert seen["first with problems"] > 8
