"""The plan file: what its digests mean, and that groupsync reads only what it wrote."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from msgspec.structs import replace

from groupsync.errors import DamagedPlanError
from groupsync.model.config import AccountPin, Config, Policy, RemovedName, Unlisted
from groupsync.model.limits import Share
from groupsync.model.review import Excerpt
from groupsync.planfile.digest import digest_config
from groupsync.planfile.review import dump_document, dump_review, load_review
from groupsync.review.make import make_review
from groupsync.schema import find_violations
from groupsync.sealed import seal
from tests.laws.strategies import situations
from tests.unit.core import NOW, TARGET, at, config, entry, live

if TYPE_CHECKING:
    from groupsync.model.review import Review

DESIRED = config("A", entry("C", previously=("B",)), removed=("D",), ignore=("I*",))
GROUPS = (live(1, "B", 7), live(2, "D", 3), live(3, "Imported", 1))


def review(desired: Config = DESIRED, groups: tuple[object, ...] = GROUPS, now: datetime = NOW) -> Review:
    return make_review(desired, groups, TARGET, now)  # type: ignore[arg-type]


@given(situation=situations())
def test_what_is_written_is_read_back(situation: tuple[Config, tuple[object, ...]]) -> None:
    """That includes problems, guards, interrupted renames and temporary names."""
    written = review(*situation)
    content = dump_review(written)

    assert load_review(content, "plan.json") == written
    assert find_violations("plan", json.loads(content)) == ()


def test_equal_input_gives_equal_bytes_except_for_the_time() -> None:
    later = datetime(2027, 1, 1, tzinfo=timezone.utc)

    one, other = dump_review(review()), dump_review(review(now=later))

    differing = [key for key in json.loads(one) if json.loads(one)[key] != json.loads(other)[key]]
    assert dump_review(review()) == one
    assert differing == ["created_at", "checksum"]


@pytest.mark.parametrize("key", ["created_at", "groupsync_version"])
@pytest.mark.parametrize(
    "forged",
    ["", "{}\n", "{}\n::error::x", "{}</sub><b>", "{}`", "{}\x1b[31m", "{} {}", "\n{}", "<!-- {}", "{}é", "{}" * 40],
)
def test_a_time_and_a_version_are_nothing_else(key: str, forged: str) -> None:
    document = dump_document(review())
    document.pop("checksum", None)
    content = seal({**document, key: forged.replace("{}", str(document[key]))})

    with pytest.raises(DamagedPlanError, match=key):
        load_review(content, "plan.json")


@pytest.mark.parametrize("version", ["0.1", "0.1.0", "10.20.30", "1.0rc1", "1.0.dev3+g0123abc.d20261123", "2026.11-1"])
def test_every_version_and_year_is_read(version: str) -> None:
    written = replace(review(now=datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)), groupsync_version=version)

    assert load_review(dump_review(written), "plan.json") == written


def test_the_checksum_can_be_checked_without_groupsync() -> None:
    content = dump_review(review())

    before, _, last = content.rpartition(b'  "checksum": ')

    assert last.strip(b'"}\n').decode() == "sha256:" + hashlib.sha256(before).hexdigest()


def test_a_file_with_a_changed_byte_is_damaged() -> None:
    content = dump_review(review())
    for offset in range(len(content)):
        for other in (content[offset] ^ 1, content[offset] ^ 32, 10):
            changed = content[:offset] + bytes([other]) + content[offset + 1 :]
            if changed != content:
                with pytest.raises(DamagedPlanError):
                    load_review(changed, "plan.json")


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("1.0", "made by an older groupsync"),
        ("1.99", "made by an older groupsync"),
        ("0.1", "made by an older groupsync"),
        ("2.1", 'made by a newer groupsync: its format_version is "2.1", this groupsync reads 2.0'),
        ("10.0", 'made by a newer groupsync: its format_version is "10.0", this groupsync reads 2.0'),
    ],
)
def test_a_file_of_another_version_is_refused_before_anything_else_of_it_is_read(version: object, message: str) -> None:
    """Only what is surely older is told to be so; the members of other versions are not even looked at."""
    content = json.dumps({"format_version": version, "changes": "of any form"}).encode()

    with pytest.raises(DamagedPlanError) as caught:
        load_review(content, "plan.json")

    assert message in str(caught.value)


@pytest.mark.parametrize(
    "version",
    ["", "2", "02.0", "2.0.0", "2.0\n", "\u0662.\u0660", "-1.0", "1e0.0", "9" * 5_000, None, 2, 2.0, 1.0, [], {}],
)
def test_a_version_that_is_none_is_not_told_to_be_older_or_newer(version: object) -> None:
    with pytest.raises(DamagedPlanError, match="not a usable plan file: its format_version is "):
        load_review(json.dumps({"format_version": version}).encode(), "plan.json")


def test_an_optional_member_is_left_out_if_it_is_empty() -> None:
    """So a file from before there was such a member is read, byte for byte."""
    without = review()
    excerpt = Excerpt(source=at(3), lines=("    3 |   - A", "      |     ^"))

    assert "excerpts" not in json.loads(dump_review(without))
    assert load_review(dump_review(replace(without, excerpts=(excerpt,))), "plan.json").excerpts == (excerpt,)
    with pytest.raises(DamagedPlanError):
        load_review(seal({**dump_document(without), "excerpts": []}), "plan.json")


@pytest.mark.parametrize("member", ["scope", "exclusions", "comment"])
def test_a_member_that_is_not_known_is_refused(member: str) -> None:
    """A plan that was made for a scope must never be carried out as if there was none."""
    with pytest.raises(DamagedPlanError):
        load_review(seal({**dump_document(review()), member: []}), "plan.json")


def test_a_plan_file_holds_the_descriptions_and_the_reasons_of_the_configuration() -> None:
    desired = replace(
        DESIRED,
        groups=tuple(replace(one, description=f"What {one.name} is for") for one in DESIRED.groups),
        removed=(RemovedName(name="D", contacts_at_most=3, reason="The campaign is over.", source=at(50)),),
    )

    changes = json.loads(dump_review(review(desired)))["changes"]

    assert [(change["kind"], change["description"], change["removal_reason"]) for change in changes] == [
        ("create", "What A is for", None),
        ("rename", "What C is for", None),
        ("delete", None, "The campaign is over."),
    ]


@pytest.mark.parametrize("length", [0, 1, 100, -1, -2, -80])
def test_a_file_cut_short_is_damaged(length: int) -> None:
    with pytest.raises(DamagedPlanError):
        load_review(dump_review(review())[:length], "plan.json")


def test_a_change_also_has_terraforms_word_for_it() -> None:
    changes = json.loads(dump_review(review()))["changes"]

    assert [(change["kind"], change["actions"]) for change in changes] == [
        ("create", ["create"]),
        ("rename", ["update"]),
        ("delete", ["delete"]),
    ]


def test_a_plan_file_holds_no_username() -> None:
    assert b"user" not in dump_review(review())


@pytest.mark.parametrize(
    "same",
    [
        replace(DESIRED, groups=DESIRED.groups[::-1]),
        replace(DESIRED, files=("other.yaml",), warnings=("careful",)),
        config("A", replace(entry("C", previously=("B",), line=99), description="why"), removed=("D",), ignore=("I*",)),
        replace(DESIRED, ignore=DESIRED.ignore * 2),
        replace(
            DESIRED, policy=replace(DESIRED.policy, sources={"unlisted": at(7)}), texts={"groups.yaml": "version: 1"}
        ),
    ],
)
def test_order_layout_and_descriptions_do_not_change_the_digest_of_a_configuration(same: Config) -> None:
    assert digest_config(same) == digest_config(DESIRED)


@pytest.mark.parametrize(
    "other",
    [
        config("A", "C", removed=("D",), ignore=("I*",)),
        config("A", entry("C", previously=("B",)), removed=("D",)),
        config("A", entry("C", previously=("B",)), ignore=("I*",)),
        config("A", entry("C", previously=("B",)), removed=(2,), ignore=("I*",)),
        config("A", entry("C", 1, previously=("B",)), removed=("D",), ignore=("I*",)),
        replace(DESIRED, policy=Policy(unlisted=Unlisted.KEEP)),
        replace(DESIRED, policy=Policy(max_deletes=11)),
        replace(DESIRED, policy=Policy(max_deletes=Share(percent=10))),
        replace(DESIRED, policy=Policy(max_contacts_lost=1)),
        replace(DESIRED, protected=DESIRED.ignore),
        replace(DESIRED, accounts=(AccountPin(account="acc-5f0c2a9be1d4", source=at(2)),)),
        replace(DESIRED, removed=(RemovedName(name="D", contacts_at_most=1, source=at(50)),)),
        replace(DESIRED, groups=DESIRED.groups[:1]),
    ],
)
def test_a_different_meaning_changes_the_digest_of_a_configuration(other: Config) -> None:
    assert digest_config(other) != digest_config(DESIRED)


def test_earlier_names_that_move_to_another_entry_change_the_digest() -> None:
    one = config(entry("A", previously=("B", "C")), "D")
    other = config(entry("A", previously=("B",)), entry("D", previously=("C",)))

    assert digest_config(one) != digest_config(other)


@pytest.mark.parametrize("unknown_groups_in", ["changes", "guards"])
def test_a_plan_about_groups_outside_its_base_is_damaged(unknown_groups_in: str) -> None:
    desired = config("A") if unknown_groups_in == "guards" else DESIRED
    forged = replace(review(desired), base=())

    with pytest.raises(DamagedPlanError, match="which is not in its base"):
        load_review(dump_review(forged), "plan.json")


def test_a_plan_with_problems_and_changes_is_damaged() -> None:
    """Whoever reads it would see the problems only, and the changes would be made."""
    refused = review(config(entry("A", 9)), (live(1, "B"),))
    forged = replace(refused, plan=replace(refused.plan, changes=review().plan.changes), base=review().base)
    assert refused.plan.problems

    with pytest.raises(DamagedPlanError, match="it has changes, and problems"):
        load_review(dump_review(forged), "plan.json")


@pytest.mark.parametrize("member", ["guards", "problems"])
@pytest.mark.parametrize("code", ["backup): nothing\n\n## Approved", "<img>", "Backup", ""])
def test_a_code_of_a_finding_is_nothing_else(member: str, code: str) -> None:
    document = dump_document(review(config(entry("A", 9)) if member == "problems" else DESIRED))
    assert document[member]

    document[member][0]["code"] = code

    with pytest.raises(DamagedPlanError):
        load_review(seal(document), "plan.json")


@pytest.mark.parametrize("member", ["base", "unlisted"])
def test_a_number_of_contacts_with_a_point_is_damage(member: str) -> None:
    """JSON Schema takes 1.0 for an integer."""
    document = dump_document(review(config("A", unlisted=Unlisted.KEEP), (live(1, "B", 1),)))
    document[member][0]["contacts_count"] = 1.0

    with pytest.raises(DamagedPlanError, match="groupsync did not write it like this"):
        load_review(seal(document), "plan.json")
