"""The plan file: what its digests mean, and that nothing but what was written is read."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from groupsync.errors import DamagedPlanError
from groupsync.model.account import make_target
from groupsync.model.config import AccountPin, Config, Policy, RemovedName, Unlisted
from groupsync.model.limits import Share
from groupsync.planfile.digest import digest_config, digest_review
from groupsync.planfile.dump import dump_review
from groupsync.planfile.load import load_review
from groupsync.review.make import make_review
from groupsync.schema import find_violations
from tests.laws.strategies import situations
from tests.unit.core import at, config, entry, live

if TYPE_CHECKING:
    from groupsync.model.review import Review

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
TARGET = make_target("https://api.messente.com/v1", "user")
WANTED = config("A", entry("C", previously=("B",)), removed=("D",), ignore=("I*",))
GROUPS = (live(1, "B", 7), live(2, "D", 3), live(3, "Imported", 1))


def review(wanted: Config = WANTED, groups: tuple[object, ...] = GROUPS, now: datetime = NOW) -> Review:
    return make_review(wanted, groups, TARGET, now)  # type: ignore[arg-type]


@given(situation=situations())
def test_what_is_written_is_read_back(situation: tuple[Config, tuple[object, ...]]) -> None:
    """Problems, guards, interrupted renames, temporary names and all."""
    made = review(*situation)
    content = dump_review(made)

    assert load_review(content, "plan.json") == made
    assert find_violations("plan", json.loads(content)) == ()


def test_equal_input_gives_equal_bytes_but_for_the_time() -> None:
    later = datetime(2027, 1, 1, tzinfo=timezone.utc)

    one, other = dump_review(review()), dump_review(review(now=later))

    differing = [key for key in json.loads(one) if json.loads(one)[key] != json.loads(other)[key]]
    assert dump_review(review()) == one
    assert differing == ["created_at", "checksum"]


def test_the_checksum_can_be_checked_without_groupsync() -> None:
    content = dump_review(review())

    before, _, last = content.rpartition(b'  "checksum": ')

    assert last.strip(b'"}\n').decode() == "sha256:" + hashlib.sha256(before).hexdigest()


def test_every_single_byte_counts() -> None:
    content = dump_review(review())
    for place in range(len(content)):
        for other in (content[place] ^ 1, content[place] ^ 32, 10):
            changed = content[:place] + bytes([other]) + content[place + 1 :]
            if changed != content:
                with pytest.raises(DamagedPlanError):
                    load_review(changed, "plan.json")


@pytest.mark.parametrize("length", [0, 1, 100, -1, -2, -80])
def test_a_file_cut_short_is_damaged(length: int) -> None:
    with pytest.raises(DamagedPlanError):
        load_review(dump_review(review())[:length], "plan.json")


def test_a_change_can_be_read_with_terraforms_words() -> None:
    changes = json.loads(dump_review(review()))["changes"]

    assert [(change["kind"], change["actions"]) for change in changes] == [
        ("create", ["create"]),
        ("rename", ["update"]),
        ("delete", ["delete"]),
    ]


def test_a_plan_file_holds_no_user_name() -> None:
    assert b"user" not in dump_review(review())


@pytest.mark.parametrize(
    "same",
    [
        replace(WANTED, groups=WANTED.groups[::-1]),
        replace(WANTED, files=("other.yaml",), warnings=("careful",)),
        config("A", replace(entry("C", previously=("B",), line=99), description="why"), removed=("D",), ignore=("I*",)),
        replace(WANTED, ignore=WANTED.ignore * 2),
        replace(
            WANTED, policy=replace(WANTED.policy, sources={"unlisted": at(7)}), texts={"groups.yaml": "version: 1"}
        ),
    ],
)
def test_order_layout_and_descriptions_do_not_change_the_digest_of_a_configuration(same: Config) -> None:
    assert digest_config(same) == digest_config(WANTED)


@pytest.mark.parametrize(
    "other",
    [
        config("A", "C", removed=("D",), ignore=("I*",)),
        config("A", entry("C", previously=("B",)), removed=("D",)),
        config("A", entry("C", previously=("B",)), ignore=("I*",)),
        config("A", entry("C", previously=("B",)), removed=(2,), ignore=("I*",)),
        config("A", entry("C", 1, previously=("B",)), removed=("D",), ignore=("I*",)),
        replace(WANTED, policy=Policy(unlisted=Unlisted.KEEP)),
        replace(WANTED, policy=Policy(max_deletes=11)),
        replace(WANTED, policy=Policy(max_deletes=Share(percent=10))),
        replace(WANTED, policy=Policy(max_contacts_lost=1)),
        replace(WANTED, protected=WANTED.ignore),
        replace(WANTED, accounts=(AccountPin(account="acc-5f0c2a9be1d4", source=at(2)),)),
        replace(WANTED, removed=(RemovedName(name="D", contacts_at_most=1, source=at(50)),)),
        replace(WANTED, groups=WANTED.groups[:1]),
    ],
)
def test_another_meaning_changes_the_digest_of_a_configuration(other: Config) -> None:
    assert digest_config(other) != digest_config(WANTED)


def test_names_cannot_be_moved_about_within_a_configuration_without_a_new_digest() -> None:
    one = config(entry("A", previously=("B", "C")), "D")
    other = config(entry("A", previously=("B",)), entry("D", previously=("C",)))

    assert digest_config(one) != digest_config(other)


@pytest.mark.parametrize(
    ("groups", "is_same"),
    [
        ((live(1, "B", 9), *GROUPS[1:]), True),
        ((*GROUPS, live(4, "Imported 2", 2)), True),
        ((GROUPS[0], live(2, "D", 4), GROUPS[2]), False),
        ((live(5, "B", 7), *GROUPS[1:]), False),
        (GROUPS[1:], False),
    ],
)
def test_the_digest_of_a_plan_is_of_what_a_reviewer_approves(groups: tuple[object, ...], is_same: bool) -> None:
    """A deletion counts with what it loses; the contacts that stay in a renamed group do not."""
    assert (digest_review(review(groups=groups)) == digest_review(review())) is is_same


@pytest.mark.parametrize("strangers", ["changes", "guards"])
def test_a_plan_about_groups_that_it_does_not_know_is_damaged(strangers: str) -> None:
    wanted = config("A") if strangers == "guards" else WANTED
    made = replace(review(wanted), base=())

    with pytest.raises(DamagedPlanError, match="which is not in its base"):
        load_review(dump_review(made), "plan.json")
