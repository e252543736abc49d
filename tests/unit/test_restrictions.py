"""Scope, `--exclude` and `--no-deletes` in a plan file: read back as written, compared, and not obeyed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from groupsync.errors import DamagedPlanError, GroupsyncError, StalePlanError
from groupsync.model.config import Pattern, Unlisted
from groupsync.model.limits import Share
from groupsync.model.plan import Create, Delete
from groupsync.planfile.review import dump_review, load_document, load_review
from groupsync.review.make import make_review
from groupsync.review.verify import verify_review
from groupsync.schema import find_violations
from groupsync.sealed import seal
from tests.unit.core import LIMITS, NOW, TARGET, at, config, entry, live, make_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup
    from groupsync.model.plan import Change
    from groupsync.model.review import Review

SCOPE = (Pattern(text="M*", source=at(2)),)
CONFIG = replace(
    config("M new", entry("M two", previously=("M 2",)), entry("M pinned", 3), "M excluded", removed=("M old",)),
    scope=SCOPE,
    job_scope=("M*", "X"),
)
GROUPS = (
    live(2, "M 2", 5),
    live(3, "M 3", 6),
    live(4, "M old", 7),
    live(5, "M aside", 8),
    live(6, "M empty"),
    live(9, "Of others", 9),
)
EXCLUDE = ("M excluded", make_id(5))
NO_DELETES = replace(LIMITS, no_deletes=True)


def review(desired: Config = CONFIG, groups: Sequence[LiveGroup] = GROUPS) -> Review:
    """Return a review with a scope of the files and of the job, something excluded, and something postponed."""
    return make_review(desired, groups, TARGET, NOW, NO_DELETES, exclude=EXCLUDE)


def write(document: dict[str, Any]) -> Review:
    """Return the review of an edited document, whose digests and checksum are made to fit."""
    return load_review(dump_review(load_document(document)), "plan.json")


def list_changes(saved: Review, groups: Sequence[LiveGroup] = GROUPS, desired: Config = CONFIG) -> list[Change]:
    """Return what would be carried out of a plan file; nothing if it is refused."""
    try:
        verified = verify_review(saved, desired, TARGET, groups, LIMITS)
    except GroupsyncError:
        return []
    return [] if verified.review.refusals else [one.change for one in verified.remaining]


def test_a_plan_file_with_every_restriction_is_read_back_as_it_was_written() -> None:
    written = review()

    content = dump_review(written)

    document = json.loads(content)
    assert load_review(content, "plan.json") == written
    assert find_violations("plan", document) == ()
    assert document["scope"] == {"configuration": ["M*"], "job": ["M*", "X"]}
    assert document["exclude"] == [*EXCLUDE]
    assert [group["id"] for group in document["excluded"]["groups"]] == [make_id(5)]
    assert document["excluded"]["entries"] == [
        {"name": "M excluded", "source": {"file": "groups.yaml", "line": 6, "column": 5}}
    ]
    assert document["excluded"]["pending"] is True
    assert document["no_deletes"] is True
    assert [(one["kind"], one["before"]) for one in document["postponed"]] == [
        ("delete", "M empty"),
        ("delete", "M old"),
    ]
    assert [one["kind"] for one in document["changes"]] == ["create", "rename", "rename"]


def test_a_plan_file_without_restrictions_has_no_member_for_them() -> None:
    document = json.loads(dump_review(make_review(config("A"), [live(1, "B")], TARGET, NOW, LIMITS)))

    assert not {"scope", "exclude", "excluded", "no_deletes", "postponed"} & document.keys()


def test_the_saved_plan_is_applied_as_it_is_without_repeating_an_option() -> None:
    saved = load_review(dump_review(review()), "plan.json")

    assert list_changes(saved) == [*saved.plan.changes]
    assert [type(change) for change in saved.plan.changes] == [Create, *[type(saved.plan.changes[1])] * 2]


# Forgeries

EXCLUDED = {"groups": [], "entries": [], "pending": False}
FORGERIES: dict[str, dict[str, Any]] = {
    "nothing is excluded": {"exclude": None, "excluded": None},
    "something else is excluded": {"exclude": ["M empty"]},
    "more is excluded": {"exclude": [*EXCLUDE, "M new"]},
    "everything is excluded": {"exclude": ["*"]},
    "what is excluded is not named": {"excluded": EXCLUDED},
    "what is excluded is another group": {
        "excluded": {**EXCLUDED, "groups": [{"id": make_id(4), "name": "M old", "contacts_count": 7}]}
    },
    "deletions are not postponed": {"no_deletes": None, "postponed": None},
    "no deletion is named": {"postponed": []},
    "the scope is everything": {"scope": None},
    "the scope of the file is wider": {"scope": {"configuration": ["*"], "job": ["M*", "X"]}},
    "the scope of the file is another one": {"scope": {"configuration": ["Of *"], "job": ["M*", "X"]}},
    "the scope of the job is wider": {"scope": {"configuration": ["M*"], "job": ["*"]}},
    "the scope of the job is gone": {"scope": {"configuration": ["M*"], "job": []}},
    "all at once": {"scope": None, "exclude": None, "excluded": None, "no_deletes": None, "postponed": None},
}


def forge(name: str) -> Review:
    document = json.loads(dump_review(review()))
    for key, value in FORGERIES[name].items():
        if value is None:
            del document[key]
        else:
            document[key] = value
    return write(document)


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_restriction_does_nothing_that_was_not_reviewed(name: str) -> None:
    forged = forge(name)

    changes = list_changes(forged)

    assert changes in ([], [*review().plan.changes])


@pytest.mark.parametrize("name", FORGERIES)
def test_what_is_shown_of_a_forged_file_is_what_is_true_of_it(name: str) -> None:
    """The restrictions are made again, as the changes are: no output names others."""
    try:
        verified = verify_review(forge(name), CONFIG, TARGET, GROUPS, LIMITS)
    except StalePlanError:
        return
    true, shown = review(), verified.review

    assert shown.scope == true.scope
    assert shown.plan.changes == true.plan.changes
    assert (shown.plan.excluded, shown.plan.excluded_entries) == (true.plan.excluded, true.plan.excluded_entries)
    assert shown.plan.is_excluded_pending == true.plan.is_excluded_pending
    assert shown.plan.postponed == true.plan.postponed


@pytest.mark.parametrize("name", ["the scope of the job is wider", "the scope of the job is gone"])
def test_a_forged_scope_of_the_job_is_stale(name: str) -> None:
    with pytest.raises(StalePlanError, match="GROUPSYNC_SCOPE"):
        verify_review(forge(name), CONFIG, TARGET, GROUPS, LIMITS)


def test_a_forged_deletion_of_a_postponed_group_is_stale() -> None:
    """Also with the flag taken out, because the plan that is made again postpones it or needs its step."""
    document = json.loads(dump_review(review()))
    (deletion,) = (one for one in document["postponed"] if one["before"] == "M empty")
    document["changes"].append({**deletion, "wave": 2})
    with_flag = write(document)
    for key in ("no_deletes", "postponed"):
        del document[key]

    assert list_changes(with_flag) == []
    assert list_changes(write(document)) == []


def test_groups_of_others_in_a_forged_base_do_not_raise_a_limit_in_percent() -> None:
    """A base has no group outside the scope, and a file that says so would allow more deletions than was reviewed."""
    others = [live(number, f"Of others {number}") for number in range(20, 60)]
    mine = [live(number, f"M {number}") for number in range(4)]
    desired = replace(config("M 0", max_deletes=Share(percent=25)), scope=SCOPE)
    saved = make_review(desired, [*mine, *others], TARGET, NOW, LIMITS)
    document = json.loads(dump_review(saved))
    document["base"] += [{"id": one.id, "name": one.name, "contacts_count": 0} for one in others]

    forged = write(document)

    assert saved.refusals == ("max-deletes",)
    assert sum(isinstance(change, Delete) for change in saved.plan.changes) == 3
    assert list_changes(forged, [*mine, *others], desired) == []


def test_a_forged_name_brings_no_group_of_others_into_the_scope() -> None:
    """Its name in the base is compared with its live name."""
    desired = replace(config("M 0", removed=(9,), unlisted=Unlisted.KEEP), scope=SCOPE)
    groups = [live(1, "M 0"), live(9, "Of others", 9)]
    forged_base = make_review(desired, [live(1, "M 0"), live(9, "M 9", 9)], TARGET, NOW, LIMITS)

    saved = load_review(dump_review(forged_base), "plan.json")

    assert any(isinstance(change, Delete) for change in saved.plan.changes)
    with pytest.raises(StalePlanError, match="Of others"):
        verify_review(saved, desired, TARGET, groups, LIMITS)


@pytest.mark.parametrize(
    "edit",
    [
        {"no_deletes": False},
        {"exclude": []},
        {"exclude": [1]},
        {"scope": {"configuration": ["M*"]}},
        {"scope": {"configuration": "M*", "job": []}},
        {"scope": {"configuration": [], "job": []}},
        {"excluded": {**EXCLUDED, "groups": [{"id": make_id(99), "name": "X", "contacts_count": 0}]}},
        {"excluded": {"groups": []}},
        {"postponed": [{}]},
    ],
    ids=json.dumps,
)
def test_a_restriction_that_groupsync_does_not_write_is_a_damaged_file(edit: dict[str, Any]) -> None:
    document = json.loads(dump_review(review()))
    del document["checksum"]

    with pytest.raises(DamagedPlanError):
        load_review(seal({**document, **edit}), "plan.json")


@pytest.mark.parametrize("kind", ["create", "rename"])
def test_what_is_postponed_is_a_deletion(kind: str) -> None:
    document = json.loads(dump_review(review()))
    del document["checksum"]
    other = next(one for one in document["changes"] if one["kind"] == kind)

    with pytest.raises(DamagedPlanError):
        load_review(seal({**document, "postponed": [other]}), "plan.json")


@pytest.mark.parametrize("member", ["exclude", "excluded", "no_deletes", "postponed"])
def test_one_member_without_its_other_half_is_damaged_or_changes_nothing(member: str) -> None:
    document = json.loads(dump_review(review()))
    del document["checksum"], document[member]

    try:
        saved = load_review(seal(document), "plan.json")
    except DamagedPlanError:
        return
    assert list_changes(saved) in ([], [*review().plan.changes])


@pytest.mark.parametrize("desired", [config(entry("M 3", 9), "M new"), config("M new", removed=(9,))])
@pytest.mark.parametrize("exclude", [(), (make_id(9),)], ids=["nothing excluded", "excluded"])
def test_a_saved_plan_with_an_id_outside_the_scope_is_what_it_was(desired: Config, exclude: tuple[str, ...]) -> None:
    """The file has no group outside the scope: it is refused, or pending, because of what is live now."""
    scoped = replace(desired, scope=SCOPE, policy=replace(desired.policy, unlisted=Unlisted.KEEP))
    saved = make_review(scoped, GROUPS, TARGET, NOW, LIMITS, exclude=exclude)

    verified = verify_review(load_review(dump_review(saved), "plan.json"), scoped, TARGET, GROUPS, LIMITS)

    assert saved.refusals == verified.review.refusals == (() if exclude else ("id-outside-scope",))
    assert verified.review.plan == saved.plan


def test_a_name_that_another_team_took_since_makes_the_plan_stale_if_it_counts_as_the_same() -> None:
    """Only a `?` can tell the two names apart, and a server may take them for one."""
    scoped = replace(config("ﬁn"), scope=(Pattern(text="?n", source=at(2)),))
    saved = make_review(scoped, [live(1, "Of others")], TARGET, NOW, LIMITS)

    with pytest.raises(StalePlanError):
        verify_review(saved, scoped, TARGET, [live(1, "Of others"), live(2, "fin")], LIMITS)
    assert list_changes(saved, [live(1, "Of others"), live(2, "fit")], scoped) == [*saved.plan.changes]
