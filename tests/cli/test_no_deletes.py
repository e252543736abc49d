"""`--no-deletes` and GROUPSYNC_NO_DELETES: during an incident nothing is deleted, and everybody sees what is not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from groupsync.names import temporary_name
from tests.cli.conftest import count_writes
from tests.unit.core import make_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Groupsync

OLD, PARKED = make_id(1), make_id(2)
FILE = f"groups: [VIP, New]\nremoved:\n  - {{name: Old, contacts_at_most: 5}}\n  - {{id: {PARKED}}}\n"


@pytest.fixture(autouse=True)
def _groups(sandbox: Sandbox, write: Callable[[str], None]) -> None:
    sandbox.add_group("VIP", contacts=9)
    sandbox.add_group("Old", id=OLD, contacts=5)
    sandbox.add_group(temporary_name("Gone", PARKED), id=PARKED)
    write(FILE)


@pytest.mark.parametrize(
    ("options", "variable"), [(["--no-deletes"], None), ([], "1"), (["--no-deletes"], "0"), (["--no-deletes"], "1")]
)
def test_deletions_are_shown_as_postponed_and_not_done(
    options: list[str], variable: str | None, sandbox: Sandbox, groupsync: Groupsync
) -> None:
    """A group at a temporary name stays there, and is named. A later run without the option does the rest."""
    finished = groupsync("apply", "--auto-approve", *options, GROUPSYNC_NO_DELETES=variable)
    pending = groupsync("plan", "--detailed-exitcode", *options, GROUPSYNC_NO_DELETES=variable)
    during = sandbox.names()
    later = groupsync("apply", "--auto-approve")

    assert (finished.code, pending.code, later.code) == (0, 2, 0)
    first_line = "No deletions (--no-deletes or GROUPSYNC_NO_DELETES): 2 deletions are postponed.\n"
    assert finished.out.startswith(first_line)
    assert pending.out.startswith(first_line)
    assert '# "Old"' in finished.out
    assert f'# "{temporary_name("Gone", PARKED)}"' in finished.out
    assert "0 to delete" in finished.out
    assert during == sorted([temporary_name("Gone", PARKED), "New", "Old", "VIP"])
    assert sandbox.names() == ["New", "VIP"]


@pytest.mark.parametrize(("options", "variable"), [(["--no-deletes"], None), ([], "1")])
def test_a_saved_plan_that_deletes_is_refused_and_nothing_is_written(
    options: list[str], variable: str | None, sandbox: Sandbox, groupsync: Groupsync
) -> None:
    """Not even its creates: somebody reviewed the whole plan. `--allow` does not know this guard."""
    assert groupsync("plan", "--out", "plan.json").code == 0
    before = count_writes(sandbox)

    refused = groupsync("apply", "plan.json", *options, GROUPSYNC_NO_DELETES=variable)
    allowed = groupsync("apply", "plan.json", *options, "--allow", "no-deletes", GROUPSYNC_NO_DELETES=variable)

    assert (refused.code, allowed.code) == (3, 64)
    assert "no-deletes: 2 groups would be deleted" in refused.out
    assert count_writes(sandbox) == before


def test_a_saved_plan_that_postpones_needs_no_repetition(sandbox: Sandbox, groupsync: Groupsync, folder: Path) -> None:
    assert groupsync("plan", "--no-deletes", "--out", "plan.json").code == 0
    document = json.loads((folder / "plan.json").read_bytes())

    finished = groupsync("apply", "plan.json")

    assert finished.code == 0
    assert finished.out.startswith("No deletions (--no-deletes or GROUPSYNC_NO_DELETES): 2 deletions are postponed.\n")
    assert document["no_deletes"] is True
    assert [change["kind"] for change in document["changes"]] == ["create"]
    assert sandbox.requests("DELETE") == 0


def test_a_create_that_needs_the_name_of_a_postponed_group_is_refused(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    """Excluding it, as the remedy says, lets the others through."""
    write(f"groups: [VIP, old, New]\nremoved: [{{id: {PARKED}}}]\n")
    before = count_writes(sandbox)

    refused = groupsync("apply", "--auto-approve", "--no-deletes")
    writes = count_writes(sandbox)
    finished = groupsync("apply", "--auto-approve", "--no-deletes", "--exclude", "old")

    assert refused.code == 3
    assert "and its deletion is postponed" in refused.out
    assert "--exclude old" in refused.out
    assert writes == before
    assert finished.code == 0
    assert sandbox.names() == sorted([temporary_name("Gone", PARKED), "New", "Old", "VIP"])


@pytest.mark.parametrize("value", ["", "yes", "true", "2", "01", " "])
@pytest.mark.parametrize("command", ["plan", "apply"])
def test_any_other_value_is_an_error_before_anything_is_sent(
    command: str, value: str, sandbox: Sandbox, groupsync: Groupsync
) -> None:
    finished = groupsync(command, GROUPSYNC_NO_DELETES=value)

    assert finished.code == 1
    assert "GROUPSYNC_NO_DELETES" in finished.err
    assert sandbox.requests("GET") == 0


@pytest.mark.parametrize(
    ("argument", "message"),
    [("", "no name, id or pattern was given. Is its variable empty?"), ("Gr\udcfcn*", "is not UTF-8 text")],
)
def test_an_exclusion_that_is_empty_or_not_utf8_is_wrong_usage(
    sandbox: Sandbox, groupsync: Groupsync, argument: str, message: str
) -> None:
    """A plan file could not hold such bytes, and without them the pattern would match other groups."""
    finished = groupsync("plan", "--exclude", argument, "--out", "plan.json")

    assert (finished.code, sandbox.log()) == (64, ())
    assert message in " ".join(finished.err.split())
