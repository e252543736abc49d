"""One apply of a plan file over HTTP: what it is given, what disturbs it, and what came of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from groupsync.api.client import GroupsClient
from groupsync.applier.apply import apply_plan
from groupsync.backup import BackupFolder
from groupsync.config.load import load_config
from groupsync.errors import ExitCode, GroupsyncError
from groupsync.model.account import make_target
from groupsync.model.limits import RunPolicy
from groupsync.planfile.review import load_review
from groupsync.review.require import require_approval, require_no_refusal
from groupsync.review.verify import verify_review
from tests.faults.machine.disturbances import Disturbances, Disturber
from tests.unit.core import NOW, SANDBOX_CREDENTIALS
from tests.wire.fault_proxy import FaultProxy
from tests.wire.following import Follower

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from groupsync.model.config import Config
    from groupsync.model.plan import Change
    from groupsync.model.report import Progress, Report
    from groupsync.model.review import Review
    from groupsync.planfile.approval import Approval
    from tests.faults.machine.world import Deletion, World
    from tests.wire.faults import Record


@dataclass(frozen=True)
class SavedPlan:
    """A plan file, and the configuration and the scope of the job that it was made from."""

    content: bytes
    config_path: Path
    job_scope: tuple[str, ...] = ()

    @property
    def review(self) -> Review:
        return load_review(self.content, "plan.json")


@dataclass
class Interrupter(Follower):
    """A watcher that interrupts the run after the step of this number; 0 means never."""

    interrupts_after: int = 0
    begun_before_interrupt: int = 0

    def on_progress(self, step: Progress) -> None:
        super().on_progress(step)
        if len(self.steps) == self.interrupts_after:
            self.set(ExitCode.INTERRUPTED)
            self.begun_before_interrupt = len(self.begun)


@dataclass(kw_only=True)
class Run:
    """One apply; `carry_out` fills in what came of it."""

    world: World
    saved: SavedPlan
    config_path: Path
    content: bytes
    """The plan file that is applied: the saved one, or a forgery of it."""

    plans: Sequence[Sequence[Change]]
    """The plans whose changes it may carry out; the first one is the one that was reviewed."""

    job_scope: tuple[str, ...] = ()
    """What the job may touch: as GROUPSYNC_SCOPE."""

    no_deletes: bool = False
    approval: Approval | None = None
    is_lax: bool = False
    """Whether the run overrides the guards."""

    parallelism: int = 1
    disturbances: Disturbances = field(default_factory=Disturbances)
    watcher: Interrupter = field(default_factory=Interrupter)

    report: Report | None = None
    error: GroupsyncError | None = None
    requests: Sequence[Record] = ()
    deletions: Sequence[Deletion] = ()
    undone: Sequence[str] = ()
    """What was not done of the reviewed plan when something was deleted."""

    @property
    def config(self) -> Config:
        return load_config([self.config_path], job_scope=self.job_scope)

    @property
    def policy(self) -> RunPolicy:
        allowed = {"scope", *(("contacts-lost", "empty-config") if self.is_lax else ())}
        return RunPolicy(allowed=frozenset(allowed), keeps_backups=True, no_deletes=self.no_deletes)

    @property
    def writes(self) -> list[str]:
        return [f"{record.method} {record.path}" for record in self.requests if record.method != "GET"]

    def carry_out(self) -> None:
        """Do what the command does, from the plan file to the report, and wait for requests that end late."""
        disturber = Disturber(self.world, self.disturbances, self.plans[0])
        with (
            FaultProxy(urlsplit(self.world.sandbox.url).port or 0, disturber.handle) as proxy,
            GroupsClient(
                proxy.url,
                SANDBOX_CREDENTIALS,
                timeout=self.disturbances.timeout,
                interrupt=self.watcher,
            ) as client,
        ):
            disturber.proxy = proxy
            try:
                self.report = self._apply(client)
            except GroupsyncError as error:
                self.error = error
            while proxy.under_way:
                time.sleep(0.002)
            self.requests = proxy.requests
        self.deletions, self.undone = disturber.deletions, disturber.undone

    def _apply(self, client: GroupsClient) -> Report:
        config, target = self.config, make_target(self.world.sandbox.url, SANDBOX_CREDENTIALS.username)
        saved = load_review(self.content, "plan.json")
        require_approval(saved, self.approval)
        verified = verify_review(saved, config, target, client.list_groups(), self.policy)
        require_no_refusal(verified.review)
        backups = BackupFolder(self.world.backup_folder, target, lambda: NOW)
        return apply_plan(
            verified,
            config,
            client,
            parallelism=self.parallelism,
            watcher=self.watcher,
            interrupt=self.watcher,
            backups=backups,
        )
