"""The last line of the report of an apply: what to do next follows from what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.core import make_id
from tests.wire.calls import JSON, encode_group
from tests.wire.raw_server import RawServer, http

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Groupsync

AGAIN = "run the same command again"
LISTED = http(
    "200 X", b'{"groups": [{"id": "00000003-52b7-4f0d-9c3e-1b7a60d2f401", "name": "X", "contactsCount": 0}]}', JSON
)


@pytest.mark.parametrize("status", [400, 403, 409, 422, 451])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_change_that_is_refused_for_good_is_not_to_be_run_again(
    status: int, method: str, sandbox: Sandbox, groupsync: Groupsync, folder: Path
) -> None:
    sandbox.add_group("Old", id=make_id(1))
    sandbox.add_group("Gone", id=make_id(2))
    sandbox.add_group("Kept", id=make_id(3))
    (folder / "groups.yaml").write_text(
        "version: 1\ngroups: [Kept, New, {name: Newer, previously: [Old]}]\npolicy: {unlisted: delete}\n"
    )
    sandbox.fail_next(method, status=status, times=99)

    finished = groupsync("apply", "--auto-approve", "--markdown", "report.md")

    what = {"POST": 'create group "New"', "PUT": 'rename group "Old"', "DELETE": 'delete group "Gone"'}[method]
    for text in (finished.out, (folder / "report.md").read_text()):
        assert f"failed: {what}" in text
        assert f"HTTP {status}" in text
        warning = "Do not run the same command again: it would fail again. "
        assert warning in text
        assert AGAIN not in text.replace(warning, "").lower()
        assert ("Delete the group in Messente's dashboard" in text) is (method == "DELETE")
        assert ("choose a name that the Phonebook accepts" in text) is (method != "DELETE")
    assert finished.code == 5


def test_a_blocked_write_says_what_to_fix(groupsync: Groupsync, folder: Path) -> None:
    """A firewall that lets reads through."""
    (folder / "groups.yaml").write_text("version: 1\ngroups: [New, X]\n")

    with RawServer(LISTED, LISTED, http("403 X", b"<html>"), LISTED) as server:
        finished = groupsync("apply", "--auto-approve", GROUPSYNC_ENDPOINT=server.url)

    assert (
        "HTTP 403: Forbidden (the answer is not from the Phonebook: an HTML page) (find out which proxy" in finished.out
    )
    assert "\nFix the problems above, then run the same command again" in finished.out
    assert "MESSENTE_API" not in finished.out


def test_a_result_that_cannot_be_verified_says_what_to_check(groupsync: Groupsync, folder: Path) -> None:
    (folder / "groups.yaml").write_text("version: 1\ngroups: [New, X]\n")
    made = http("201 X", encode_group(name="New"), JSON)

    with RawServer(LISTED, LISTED, made, http("401 X")) as server:
        finished = groupsync("apply", "--auto-approve", GROUPSYNC_ENDPOINT=server.url)

    assert "The result could not be verified: GET /phonebook/groups: HTTP 401: Unauthorized" in finished.out
    assert "(check MESSENTE_API_USERNAME and MESSENTE_API_PASSWORD" in finished.out
