"""One history: the Phonebook, its configuration and plan files so far, and the runs that apply them."""

from __future__ import annotations

import contextlib
import copy
from typing import TYPE_CHECKING, NamedTuple

import yaml
from msgspec.structs import replace

from groupsync.config.load import load_config
from groupsync.errors import ConfigError, RefusedError, StalePlanError
from groupsync.model.account import make_target
from groupsync.model.limits import RunPolicy
from groupsync.planfile.review import dump_review
from groupsync.review.make import make_review
from tests.faults.machine.disturbances import Disturbances
from tests.faults.machine.edits import (
    FIRST_DOCUMENT,
    NAMES,
    Document,
    Edit,
    add_entry,
    drop_entry,
    list_all,
    rename_entry,
)
from tests.faults.machine.promises import require_done, require_harmless, require_limits, require_planned_moves
from tests.faults.machine.run import Interrupter, Run, SavedPlan
from tests.unit.core import NOW, SANDBOX_CREDENTIALS

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence
    from pathlib import Path

    from groupsync.model.review import Review
    from tests.faults.machine.world import World


_OF_LIMITS = ("id-outside-scope", "name-excluded", "name-postponed", "exclude-matches-nothing", "no-deletes")


class Limits(NamedTuple):
    """What a run is limited to: as GROUPSYNC_SCOPE, `--exclude` and `--no-deletes` say."""

    job_scope: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    no_deletes: bool = False


UNLIMITED = Limits()


class PlanChoice(NamedTuple):
    """Which plan file is applied, and with which configuration."""

    age: int
    """1 is the newest plan file, 2 the one before; 0 is a new one, made after some edits."""

    has_own_config: bool
    """Whether the configuration is the one that the plan was made from, or the present one."""

    edits: list[Edit]
    limits: Limits = UNLIMITED
    """Those of a new plan; of an old one only the scope of the job, if it has not its own configuration either."""


class History:
    """What has happened so far, and what can be done next.

    `tally` counts what happened: steps by their name, runs as `->` and their end, changes as `=>` and their outcome,
    anything else in parentheses. A history whose plans are always refused would prove nothing.
    """

    def __init__(self, world: World, tally: Counter[str]) -> None:
        self.world = world
        self.tally = tally
        self._config_files = 0
        self._document = FIRST_DOCUMENT
        self._config_path = self._write_config(FIRST_DOCUMENT)
        self._saved_plans: list[SavedPlan] = []
        for number, name in enumerate(NAMES[:4]):
            world.add_group(name, number)
        self.make_edits([Edit(list_all, 0, 0)])

    # Configurations and plan files

    def make_edits(self, edits: list[Edit]) -> None:
        """Edit the configuration; an edit that makes it invalid is taken back, since it can never be applied."""
        for edit in edits:
            document = copy.deepcopy(self._document)
            with contextlib.suppress(IndexError, ValueError):
                edit.carry_out(document, self.world.sandbox.groups())
            path = self._write_config(document)
            try:
                load_config([path])
            except ConfigError:
                self.tally["(edits refused)"] += 1
            else:
                self._document, self._config_path = document, path

    def _write_config(self, document: Document) -> Path:
        self._config_files += 1
        path = self.world.folder / f"groups-{self._config_files}.yaml"
        path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        return path

    def make_review(
        self, config_path: Path, policy: RunPolicy, *, job_scope: tuple[str, ...] = (), exclude: Sequence[str] = ()
    ) -> Review:
        target = make_target(self.world.sandbox.url, SANDBOX_CREDENTIALS.username)
        config = load_config([config_path], job_scope=job_scope)
        return make_review(config, self.world.client.list_groups(), target, NOW, policy, exclude=exclude)

    def make_plan(self, limits: Limits = UNLIMITED) -> SavedPlan:
        policy = RunPolicy(keeps_backups=True, allowed=frozenset({"scope"}), no_deletes=limits.no_deletes)
        job_scope = self._find_possible_scope(self._config_path, limits)
        review = self.make_review(self._config_path, policy, job_scope=job_scope, exclude=limits.exclude)
        self._saved_plans.append(SavedPlan(dump_review(review), self._config_path, job_scope))
        self.tally["(plans in a scope)"] += review.scope.is_limited
        self.tally["(plans in a scope of a job)"] += bool(job_scope)
        self.tally["(plans that exclude groups)"] += bool(review.plan.excluded)
        self.tally["(plans with postponed deletions)"] += bool(review.plan.postponed)
        self.tally.update(f"(refused: {code})" for code in review.refusals if code in _OF_LIMITS)
        return self._saved_plans[-1]

    def _find_possible_scope(self, config_path: Path, limits: Limits) -> tuple[str, ...]:
        """Return the scope of the job; nothing if the configuration wants more than that."""
        try:
            load_config([config_path], job_scope=limits.job_scope)
        except ConfigError:
            self.tally["(beyond the scope of the job)"] += 1
            return ()
        return limits.job_scope

    def _make_useful_plan(self, edits: list[Edit], limits: Limits) -> None:
        """Make plans, each after simpler edits, until one has changes and is not refused."""
        _, first, second = edits[0]
        simple = [
            Edit(list_all, 1, 0),
            Edit(drop_entry, first, 1),
            Edit(add_entry, second, 0),
            Edit(add_entry, first + second, 0),
            Edit(rename_entry, first, second),
        ]
        for attempt in (edits, [Edit(list_all, 1, 0), *edits], simple):
            self.make_edits(attempt)
            review = self.make_plan(UNLIMITED if attempt is simple else limits).review
            if review.plan.changes and not review.refusals:
                return

    # Runs

    def prepare(
        self,
        choice: PlanChoice,
        *,
        parallelism: int = 1,
        is_lax: bool = False,
        disturbances: Disturbances | None = None,
        watcher: Interrupter | None = None,
    ) -> Run:
        """Return a run that applies the chosen plan file, which is made first if it is to be a new one."""
        age = choice.age
        if age == 0 or age > len(self._saved_plans):
            age = 1
            self._make_useful_plan(choice.edits, choice.limits)
        saved = self._saved_plans[-age]
        config_path = saved.config_path if choice.has_own_config else self._config_path
        limits = Limits(saved.job_scope) if choice.has_own_config or not choice.age else choice.limits
        return Run(
            world=self.world,
            saved=saved,
            config_path=config_path,
            job_scope=self._find_possible_scope(config_path, limits),
            no_deletes=choice.limits.no_deletes,
            content=saved.content,
            plans=(saved.review.plan.changes,),
            parallelism=parallelism,
            is_lax=is_lax,
            disturbances=disturbances or Disturbances(),
            watcher=watcher or Interrupter(),
        )

    def carry_out(self, run: Run) -> None:
        """Carry out a run while no other one is under way, and hold it to what must be true whatever happened."""
        before = self.world.find_names()
        self.world.changed_from_outside.clear()
        run.carry_out()
        self.count_end(run)
        require_harmless(run)
        require_limits(run, before, ignored=frozenset(self.world.changed_from_outside))
        is_as_reviewed = not run.disturbances.outside_writes and not run.approval and len(run.plans) == 1
        assert not (is_as_reviewed and run.undone), "deleted while something was undone"
        ignored = frozenset(self.world.changed_from_outside)
        require_planned_moves([run], before, self.world.find_names(), ignored=ignored)

    def _carry_out_again(self, run: Run, *, parallelism: int, is_lax: bool) -> Run:
        """Apply the same plan file once more, undisturbed."""
        again = Run(
            world=self.world,
            saved=run.saved,
            config_path=run.config_path,
            job_scope=run.job_scope,
            no_deletes=run.no_deletes,
            content=run.content,
            plans=run.plans,
            parallelism=parallelism,
            is_lax=is_lax,
        )
        self.carry_out(again)
        return again

    def count_end(self, run: Run) -> None:
        """Count how the run and its changes ended."""
        if run.error:
            self.tally[f"-> {type(run.error).__name__}"] += 1
        elif run.report:
            if not run.report.remaining:
                end = "nothing left"
            elif run.report.is_complete:
                end = "complete"
            else:
                end = "incomplete"
            self.tally[f"-> {end}"] += 1
            self.tally.update(f"=> {outcome.word.value}" for outcome in run.report.outcomes)
        self.tally["=> full groups deleted"] += sum(bool(deletion.members) for deletion in run.deletions)

    def count_lies(self, run: Run) -> None:
        """Count what a lying server brought about."""
        if run.report is None:
            return
        self.tally["(lists that stayed late)"] += run.report.list_is_late
        details = [outcome.detail for outcome in run.report.outcomes]
        self.tally["(counts and members that disagreed)"] += sum("by its count" in detail for detail in details)
        self.tally["(names stored wrongly)"] += sum("the Phonebook stores" in detail for detail in details)

    # What must be true after a run

    def require_success(self, run: Run) -> None:
        """Assert that a run without faults is complete, unless it was refused or stale before it began."""
        if run.error:
            assert isinstance(run.error, RefusedError | StalePlanError), run.error
            return
        assert run.report
        assert run.report.is_complete, run.report
        self._require_complete(run)

    def require_recovery(self, run: Run, *, is_repeated: bool) -> None:
        """Assert that a run that says so is complete, and that a second run, if there is one, finishes the plan."""
        if run.report and run.report.is_complete:
            self._require_complete(run)
        elif run.report and is_repeated:
            again = self._carry_out_again(run, parallelism=2, is_lax=False)
            assert again.error is None, again.error
            self.require_success(again)

    def require_success_of_next_run(self, run: Run) -> None:
        """Assert that the same plan, applied again without faults, is complete, refused or stale."""
        self.require_success(self._carry_out_again(run, parallelism=2, is_lax=False))

    def _require_complete(self, run: Run) -> None:
        """Assert that the plan is done and that it does nothing when it is applied again."""
        require_done(run.saved.review, self.world.find_names())
        again = self._carry_out_again(run, parallelism=1, is_lax=run.is_lax)
        assert again.report, again.error
        assert (again.report.remaining, again.report.is_complete, again.writes) == (0, True, [])

    def require_empty_plan_after(self, run: Run) -> None:
        """Assert that a plan made after a complete run is empty."""
        if run.report:
            options = run.saved.review.options
            policy = replace(run.policy, no_deletes=options.no_deletes)
            review = self.make_review(run.config_path, policy, job_scope=run.job_scope, exclude=options.exclude)
            assert review.plan.changes == ()
