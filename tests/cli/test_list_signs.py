"""A list that may be incomplete stops every command before its first write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import count_writes
from tests.unit.core import make_id
from tests.wire.list_signs import CONTACTS, GROUPS, SUSPICIOUS, WHOLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Groupsync
    from tests.wire.list_signs import ListAnswer

APPLY = ("apply", "--auto-approve")
LIST_PATH = "*/phonebook/groups"


def answer_lists(sandbox: Sandbox, answer: ListAnswer, list_key: str, elements: object) -> None:
    """Answer all lists of groups or contacts with these elements and the signs of the answer."""
    sandbox.fail_next(
        "GET",
        path=LIST_PATH if list_key == "groups" else "*/phonebook/contacts",
        status=answer.status,
        body=answer.body(list_key, elements),
        headers=answer.headers,
        times=9,
    )


@pytest.mark.parametrize("answer", SUSPICIOUS, ids=[answer.example for answer in SUSPICIOUS])
def test_nothing_is_planned_or_written_from_a_list_that_may_not_be_whole(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], folder: Path, answer: ListAnswer
) -> None:
    for number, name in enumerate(["VIP", "Old", "On page 2"], start=1):
        sandbox.add_group(name, id=make_id(number))
    write("policy: {unlisted: delete}\ngroups: [VIP, On page 2, New]\n")
    assert groupsync("plan", "--out", "plan.json").code == 0
    answer_lists(sandbox, answer, "groups", GROUPS)

    for command in [
        ("plan",),
        ("plan", "--out", "new.json"),
        APPLY,
        ("apply", "plan.json"),
        ("export",),
        ("check", "plan.json"),
    ]:
        sandbox.forget_requests()
        finished = groupsync(*command)

        assert (finished.code, sandbox.requests(), count_writes(sandbox)) == (1, 1, 0), command
        assert "the list may be incomplete" in finished.err or "HTTP 206" in finished.err
    assert not (folder / "new.json").exists()
    assert sandbox.names() == ["Old", "On page 2", "VIP"]


@pytest.mark.parametrize("answer", WHOLE, ids=[answer.example for answer in WHOLE])
def test_a_list_that_says_that_it_is_whole_is_planned_from(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], answer: ListAnswer
) -> None:
    write("policy: {unlisted: delete}\ngroups: [VIP, Old, New]\n")
    answer_lists(sandbox, answer, "groups", GROUPS)

    finished = groupsync("plan")

    assert finished.code == 0
    assert "Plan: 1 to create, 0 to rename, 0 to delete." in finished.out


@pytest.mark.parametrize("allowed", [(), ("--allow", "backup")], ids=["", "without backup"])
@pytest.mark.parametrize("answer", SUSPICIOUS, ids=[answer.example for answer in SUSPICIOUS])
def test_no_group_is_deleted_whose_members_may_not_be_a_whole_list(
    sandbox: Sandbox,
    groupsync: Groupsync,
    write: Callable[[str], None],
    answer: ListAnswer,
    allowed: tuple[str, ...],
) -> None:
    """Such a list says that people are there, so it is not one that merely cannot be read."""
    sandbox.add_group("VIP", id=make_id(1))
    sandbox.add_group("Old", id=make_id(2), contacts=2)
    write("policy: {unlisted: keep}\ngroups: [VIP]\nremoved: [{name: Old, contacts_at_most: 2}]\n")
    answer_lists(sandbox, answer, "contacts", CONTACTS)

    finished = groupsync(*APPLY, *allowed)

    assert (finished.code, count_writes(sandbox), sandbox.names()) == (5, 0, ["Old", "VIP"])
    assert "Apply incomplete: 1 failed." in finished.out
    assert "the list may be incomplete" in finished.out or "HTTP 206" in finished.out


def test_the_vendors_list_with_unknown_fields_is_read(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    """As the vendor's documentation shows it, and with fields and headers that say nothing of more."""
    group = {
        "id": "5792a02a-e5c2-422b-a0a0-0ae65d814663",
        "name": "Any group name",
        "createdOn": "2019-04-22T11:46:23.753613Z",
        "contactsCount": 1,
        "links": {"next": "x"},
    }
    body = {"groups": [group], "requestId": "7", "accountId": 4, "meta": {"version": "2.1.0", "servedBy": ["a", "b"]}}
    headers = {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "99", "X-Request-Id": "7"}
    sandbox.fail_next("GET", path=LIST_PATH, status=200, body=body, headers=headers)
    write("groups: [Any group name]\n")

    assert groupsync("plan", "--detailed-exitcode").code == 0
