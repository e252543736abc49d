"""A client, and a plan and its apply, for tests on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest

from groupsync.api.client import GroupsClient
from groupsync.applier.apply import apply_plan
from groupsync.model.account import Credentials, make_target
from groupsync.review.make import make_review
from groupsync.review.verify import verify_review
from tests.unit.core import LENIENT, NOW
from tests.wire.following import Follower, Meddler
from tests.wire.interrupts import NoWaits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from groupsync.backup import BackupFolder
    from groupsync.model.config import Config
    from groupsync.model.limits import RunPolicy
    from groupsync.model.report import Report
    from groupsync.sandbox import Sandbox

Apply: TypeAlias = "Callable[..., Report]"


@pytest.fixture
def phonebook(sandbox: Sandbox) -> Iterator[GroupsClient]:
    """A client that waits for nothing."""
    credentials = Credentials(username=sandbox.username, password=sandbox.password)
    with GroupsClient(sandbox.url, credentials, interrupt=NoWaits()) as client:
        yield client


@pytest.fixture
def apply(sandbox: Sandbox, phonebook: GroupsClient) -> Apply:
    """Plan and apply a configuration; `meanwhile` happens after the first change."""

    def call(
        wanted: Config,
        meanwhile: Callable[[], object] = lambda: None,
        *,
        watcher: Follower | None = None,
        parallelism: int = 1,
        backups: BackupFolder | None = None,
        without_backup: bool = False,
        run_policy: RunPolicy = LENIENT,
    ) -> Report:
        target = make_target(sandbox.url, sandbox.username)
        review = make_review(wanted, phonebook.list_groups(), target, NOW, run_policy)
        verified = verify_review(review, wanted, target, phonebook.list_groups(), run_policy)
        sandbox.forget_requests()

        watcher = watcher or Meddler(meddle=meanwhile)
        return apply_plan(
            verified,
            wanted,
            phonebook,
            parallelism=parallelism,
            watcher=watcher,
            interrupt=watcher,
            backups=backups,
            without_backup=without_backup,
        )

    return call
