"""Plans and applies for tests on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupsync.applier.apply import apply_plan
from groupsync.model.account import make_target
from groupsync.review.make import make_review
from groupsync.review.verify import verify_review
from tests.unit.core import LENIENT, NOW
from tests.wire.following import Follower

if TYPE_CHECKING:
    from groupsync.api.client import GroupsClient
    from groupsync.backup import BackupFolder
    from groupsync.model.account import Target
    from groupsync.model.config import Config
    from groupsync.model.limits import RunPolicy
    from groupsync.model.report import Report
    from groupsync.model.review import Review
    from groupsync.review.verify import VerifiedPlan
    from groupsync.sandbox import Sandbox


@dataclass(frozen=True)
class Applier:
    """Plans, verifies and applies configurations, by default one change at a time."""

    sandbox: Sandbox
    phonebook: GroupsClient

    @property
    def target(self) -> Target:
        return make_target(self.sandbox.url, self.sandbox.username)

    def plan(self, desired: Config, *, run_policy: RunPolicy = LENIENT) -> Review:
        return make_review(desired, self.phonebook.list_groups(), self.target, NOW, run_policy)

    def verify(self, review: Review, desired: Config, *, run_policy: RunPolicy = LENIENT) -> VerifiedPlan:
        return verify_review(review, desired, self.target, self.phonebook.list_groups(), run_policy)

    def apply(
        self,
        desired: Config,
        *,
        watcher: Follower | None = None,
        parallelism: int = 1,
        backups: BackupFolder | None = None,
        without_backup: bool = False,
        run_policy: RunPolicy = LENIENT,
    ) -> Report:
        """Plan and apply a configuration; the sandbox then only knows the requests of the apply."""
        review = self.plan(desired, run_policy=run_policy)
        verified = self.verify(review, desired, run_policy=run_policy)
        self.sandbox.forget_requests()
        return self.carry_out(
            verified,
            desired,
            watcher=watcher,
            parallelism=parallelism,
            backups=backups,
            without_backup=without_backup,
        )

    def carry_out(
        self,
        verified: VerifiedPlan,
        desired: Config,
        *,
        watcher: Follower | None = None,
        parallelism: int = 1,
        backups: BackupFolder | None = None,
        without_backup: bool = False,
    ) -> Report:
        watcher = watcher or Follower()
        return apply_plan(
            verified,
            desired,
            self.phonebook,
            parallelism=parallelism,
            watcher=watcher,
            interrupt=watcher,
            backups=backups,
            without_backup=without_backup,
        )
