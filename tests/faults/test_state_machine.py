"""Long histories of a Phonebook: edits, plans old and new, faults, interrupts, forgeries, and other people's writes.

Promises are checked against what a proxy saw on the wire and what the sandbox holds, never against what the program
says of itself. Three cases are left out. No client can close them without help of the server, which knows no versions:

- somebody fills a group between the last read before its deletion and the deletion itself; the last test shows it;
- a PUT that is carried out after its client gave up undoes a later step of the same group;
- a POST that is carried out so late that neither the reads after it nor the next run see it makes a second group,
  unless names are unique. Here a late POST is over before the next step.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from groupsync.api.client import GroupsClient
from groupsync.backup.content import load_backup
from groupsync.config.load import load_config
from groupsync.model.account import make_target
from groupsync.planfile.review import dump_review
from groupsync.review.make import make_review
from tests.faults.machine.disturbances import Disturbances
from tests.faults.machine.rules import count_steps, play
from tests.faults.machine.run import Run, SavedPlan
from tests.faults.machine.world import PHONES, Deletion, World
from tests.unit.core import LIMITS, NOW, SANDBOX_CREDENTIALS

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.sandbox import Sandbox

with_and_without_unique_names = pytest.mark.parametrize(
    "is_unique", [False, True], ids=["names-repeat", "unique-names"]
)


@with_and_without_unique_names
def test_short_histories_lose_no_member(is_unique: bool) -> None:
    tally = play(is_unique=is_unique, histories=5, steps=25)

    assert count_steps(tally) >= 100


@pytest.mark.slow
@pytest.mark.parametrize("part", [1, 2])
@with_and_without_unique_names
def test_long_histories_lose_no_member(is_unique: bool, part: int) -> None:
    """Four times five thousand steps: twenty thousand in all, and enough of everything among them."""
    tally: Counter[str] = Counter()
    while count_steps(tally) < 5_000:
        tally += play(is_unique=is_unique, histories=50, steps=50)

    print(f"part {part}: {count_steps(tally)} steps", dict(sorted(tally.items())))  # noqa: T201 - the figures
    outcomes = ("=> done", "=> adopted", "=> already done", "=> failed", "=> not attempted", "=> full groups deleted")
    ends = ("-> complete", "-> incomplete", "-> nothing left", "-> StalePlanError", "-> RefusedError")
    assert all(tally[what] >= 20 for what in (*outcomes, *ends)), tally


def test_who_joins_while_the_delete_is_on_its_way_is_lost(sandbox: Sandbox, tmp_path: Path) -> None:
    """The API knows no versions, so a DELETE cannot say which members it was decided on, and no client can prevent it.

    Whoever was in the group at the last read is in the backup.
    """
    with GroupsClient(sandbox.url, SANDBOX_CREDENTIALS) as client:
        world = World(sandbox, tmp_path, has_unique_names=False, client=client)
        sale = sandbox.add_group("Sale", contacts=PHONES[:2])
        config_path = tmp_path / "groups.yaml"
        config_path.write_text(
            "version: 1\ngroups: [A]\nremoved: [{name: Sale, contacts_at_most: 2}]\n", encoding="utf-8"
        )
        target = make_target(sandbox.url, SANDBOX_CREDENTIALS.username)
        review = make_review(load_config([config_path]), client.list_groups(), target, NOW, LIMITS)
        content = dump_review(review)
        run = Run(
            world=world,
            saved=SavedPlan(content, config_path),
            config_path=config_path,
            content=content,
            plans=(review.plan.changes,),
            disturbances=Disturbances(joins_before_delete=True),
        )

        run.carry_out()

    assert run.report
    assert run.report.is_complete
    assert sandbox.names() == ["A"]
    (backup,) = (load_backup(file.read_bytes(), file.name) for file in world.backup_folder.iterdir())
    assert [contact.phone for contact in backup.contacts] == list(PHONES[:2])
    assert run.deletions == [Deletion(group_id=sale, name="Sale", members=frozenset(PHONES[:3]), is_backed_up=False)]
