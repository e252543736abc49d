"""The rules by which hypothesis plays histories, and what is true after every step."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from msgspec.structs import replace

from groupsync.api.client import GroupsClient
from groupsync.errors import DamagedPlanError, StalePlanError, UnapprovedPlanError
from groupsync.model.plan import DEFAULT_PLAN_OPTIONS, Create, PlanOptions
from groupsync.planfile.approval import make_approval
from groupsync.planfile.review import load_review
from groupsync.sandbox import Sandbox
from tests.faults.machine.disturbances import QUICK_FAULTS, SLOW_FAULTS, Disturbances
from tests.faults.machine.edits import EDIT_FUNCTIONS, NAMES, SCOPES, Edit
from tests.faults.machine.forgeries import FORGERY_FUNCTIONS, Forgery, forge
from tests.faults.machine.history import UNLIMITED, History, Limits, PlanChoice
from tests.faults.machine.promises import (
    list_ends,
    require_done,
    require_harmless,
    require_limits,
    require_planned_moves,
)
from tests.faults.machine.run import Interrupter
from tests.faults.machine.world import OUTSIDE_WRITE_KINDS, OutsideWrite, World
from tests.unit.core import SANDBOX_CREDENTIALS

if TYPE_CHECKING:
    from groupsync.model.plan import Change
    from tests.faults.machine.run import Run
    from tests.wire.faults import Fault

NUMBERS = st.integers(0, 999)
EDIT_LISTS = st.lists(st.builds(Edit, st.sampled_from(EDIT_FUNCTIONS), NUMBERS, NUMBERS), min_size=3, max_size=9)
OUTSIDE_WRITES = st.builds(OutsideWrite, st.sampled_from(OUTSIDE_WRITE_KINDS), NUMBERS, NUMBERS)
FORGERIES = st.builds(Forgery, st.sampled_from(FORGERY_FUNCTIONS), NUMBERS, NUMBERS)
LIMITS = st.builds(
    Limits,
    job_scope=st.sampled_from(((), (), *SCOPES)).map(tuple),
    exclude=st.sampled_from(((), (), (), *((name,) for name in NAMES), ("A", "T *"), ("b", "C"))),
    no_deletes=st.sampled_from((False, False, False, True)),
)
CHOICES = st.builds(
    PlanChoice,
    st.sampled_from((0, 0, 0, 0, 1, 2, 4)),
    st.sampled_from((True, True, False)),
    EDIT_LISTS,
    st.one_of(st.just(UNLIMITED), LIMITS),
)
WIRE_FAULTS = st.dictionaries(
    st.integers(2, 9), st.sampled_from((*QUICK_FAULTS * 3, *SLOW_FAULTS)), min_size=2, max_size=5
)
SERVER_FAULTS = st.tuples(
    st.sampled_from((429, 503, 400, 409, 401, 0)),  # 0: the server closes the connection without an answer
    st.sampled_from(("*", "POST", "PUT", "DELETE")),
)
PARALLELISM = st.integers(1, 4)


class PhonebookMachine(RuleBasedStateMachine):
    """A Phonebook that many people and runs work on.

    Rules draw plain numbers, so that a history can be replayed although every id is new.
    """

    def __init__(self, tally: Counter[str], *, is_unique: bool) -> None:
        super().__init__()
        self.tally = tally
        self.resources = contextlib.ExitStack()
        sandbox = self.resources.enter_context(Sandbox(unique_names=is_unique))
        folder = Path(self.resources.enter_context(tempfile.TemporaryDirectory()))
        client = self.resources.enter_context(GroupsClient(sandbox.url, SANDBOX_CREDENTIALS))
        self.world = World(sandbox, folder, has_unique_names=is_unique, client=client)
        self.history = History(self.world, tally)

    def teardown(self) -> None:
        self.resources.close()

    # What people do

    @rule(writes=st.lists(OUTSIDE_WRITES, min_size=1, max_size=3))
    def write_from_outside(self, writes: list[OutsideWrite]) -> None:
        self.tally["write from outside"] += 1
        for write in writes:
            self.world.write_from_outside(write)

    @rule()
    def delete_duplicates(self) -> None:
        """Leave one group of each name, as a plan asks for if two groups have the same name.

        This has no precondition: what hypothesis may draw must not depend on how two runs raced.
        """
        self.tally["delete duplicates"] += 1
        names = [group.name for group in self.world.sandbox.groups()]
        for group in self.world.sandbox.groups():
            if names.count(group.name) > 1:
                names.remove(group.name)
                self.world.delete_group(group.id)

    @rule(edits=EDIT_LISTS, limits=st.one_of(st.just(UNLIMITED), LIMITS))
    def plan(self, edits: list[Edit], limits: Limits) -> None:
        self.tally["plan"] += 1
        self.history.make_edits(edits)
        self.history.make_plan(limits)

    # What groupsync does

    @rule(choice=CHOICES, parallelism=PARALLELISM, is_lax=st.booleans())
    def apply(self, choice: PlanChoice, parallelism: int, is_lax: bool) -> None:
        """Without faults a plan is completed, refused or stale; one that was just made is never stale."""
        self.tally["apply"] += 1
        run = self.history.prepare(choice, parallelism=parallelism, is_lax=is_lax)

        self.history.carry_out(run)

        self.history.require_success(run)
        if not choice.age:
            assert not isinstance(run.error, StalePlanError)
            self.history.require_empty_plan_after(run)

    @rule(choice=CHOICES, parallelism=PARALLELISM, writes=st.lists(OUTSIDE_WRITES, min_size=1, max_size=3))
    def apply_after_outside_writes(self, choice: PlanChoice, parallelism: int, writes: list[OutsideWrite]) -> None:
        """Somebody writes between the review and the apply, mostly to what the plan is about."""
        self.tally["apply after outside writes"] += 1
        run = self.history.prepare(choice, parallelism=parallelism)
        planned = [change.group_id for change in run.plans[0] if not isinstance(change, Create)]
        for write in writes:
            self.world.write_from_outside(write, preferred=planned)

        self.history.carry_out(run)

        self.history.require_success(run)

    @rule(
        choice=CHOICES,
        parallelism=PARALLELISM,
        faults=WIRE_FAULTS,
        refuses_from=st.sampled_from((0, 0, 0, 3, 5, 8)),
        is_repeated=st.booleans(),
    )
    def apply_with_faults(
        self, choice: PlanChoice, parallelism: int, faults: dict[int, Fault], refuses_from: int, *, is_repeated: bool
    ) -> None:
        self.tally["apply with faults"] += 1
        disturbances = Disturbances(faults=faults, refuses_from=refuses_from)
        run = self.history.prepare(choice, parallelism=parallelism, disturbances=disturbances)

        self.history.carry_out(run)

        self.history.require_recovery(run, is_repeated=is_repeated)

    @rule(choice=CHOICES, server_faults=st.lists(SERVER_FAULTS, max_size=3), is_repeated=st.booleans())
    def apply_to_a_failing_server(
        self, choice: PlanChoice, server_faults: list[tuple[int, str]], *, is_repeated: bool
    ) -> None:
        self.tally["apply to a failing server"] += 1
        run = self.history.prepare(choice, parallelism=2)
        for status, method in server_faults:
            if status:
                self.world.sandbox.fail_next(method, status=status, times=2)
            else:
                self.world.sandbox.drop_next(method, when="after")

        self.history.carry_out(run)

        self.world.sandbox.clear_faults()
        self.history.require_recovery(run, is_repeated=is_repeated)

    @rule(choice=CHOICES, is_repeated=st.booleans())
    def apply_while_the_list_is_empty(self, choice: PlanChoice, *, is_repeated: bool) -> None:
        """The server answers the first list of the run with no groups, although there are some.

        A plan that deletes all groups looks done then: the next run, which sees them, must do it.
        """
        self.tally["apply while the list is empty"] += 1
        run = self.history.prepare(choice)
        self.world.sandbox.fail_next("GET", status=200, body={"groups": []})

        self.history.carry_out(run)

        self.world.sandbox.clear_faults()
        assert run.writes == []
        if is_repeated and not run.error:
            self.history.require_success_of_next_run(run)

    @rule(choice=CHOICES, parallelism=PARALLELISM, after=st.integers(1, 3), is_repeated=st.booleans())
    def apply_and_interrupt(self, choice: PlanChoice, parallelism: int, after: int, *, is_repeated: bool) -> None:
        self.tally["apply and interrupt"] += 1
        watcher = Interrupter(interrupts_after=after)
        run = self.history.prepare(choice, parallelism=parallelism, watcher=watcher)

        self.history.carry_out(run)

        self.history.require_recovery(run, is_repeated=is_repeated)

    @rule(
        choice=CHOICES,
        parallelism=PARALLELISM,
        writes=st.dictionaries(st.integers(1, 8), OUTSIDE_WRITES, max_size=4),
        exchanges_members=st.booleans(),
    )
    def apply_during_outside_writes(
        self, choice: PlanChoice, parallelism: int, writes: dict[int, OutsideWrite], *, exchanges_members: bool
    ) -> None:
        self.tally["apply during outside writes"] += 1
        disturbances = Disturbances(outside_writes=writes, exchanges_members=exchanges_members)
        run = self.history.prepare(choice, parallelism=parallelism, disturbances=disturbances)

        self.history.carry_out(run)

    @rule(
        choice=CHOICES,
        parallelism=PARALLELISM,
        counts=st.sampled_from(("right", "zero", "zero", "one more")),
        stored_names=st.sampled_from(("as sent", "as sent", "cut")),
        late_lists=st.sampled_from((0, 60)),
    )
    def apply_to_a_lying_server(
        self, choice: PlanChoice, parallelism: int, counts: str, stored_names: str, late_lists: int
    ) -> None:
        """Counts are wrong, temporary names are cut, and lists do not show what is done from now on.

        All names of a history are short enough not to be cut.
        """
        self.tally["apply to a lying server"] += 1
        self.world.sandbox.behave(counts=counts, stored_names=stored_names, late_lists=late_lists)
        run = self.history.prepare(choice, parallelism=parallelism)

        self.history.carry_out(run)

        self.world.sandbox.behave(counts="right", stored_names="as sent", late_lists=0)
        self.history.count_lies(run)
        if run.report and run.report.is_complete:
            require_done(run.saved.review, self.world.find_names())

    @rule(choice=CHOICES, forgeries=st.lists(FORGERIES, min_size=1, max_size=3), is_held_to_approval=st.booleans())
    def apply_a_forged_file(self, choice: PlanChoice, forgeries: list[Forgery], *, is_held_to_approval: bool) -> None:
        """An edited file does what the reviewed plan does, or what a new plan would do, or nothing.

        Nobody can tell a file with an invented base from one that was made when that base was live, or one with an
        `exclude` of its own from one that was made with `--exclude`. But with the approval of the reviewed plan
        (`--expect-digest`) only that plan is carried out.
        """
        self.tally["apply a forged file"] += 1
        run = self.history.prepare(choice)
        content = forge(run.content, forgeries)
        if content is None or content == run.content:
            self.tally["(forgeries without effect)"] += 1
            return
        run.content = content
        run.approval = make_approval(run.saved.review) if is_held_to_approval else None
        if run.approval is None:
            run.plans = (*run.plans, *(self._plan_again(run, options) for options in _list_options(content)))

        self.history.carry_out(run)

    def _plan_again(self, run: Run, options: PlanOptions) -> tuple[Change, ...]:
        policy = replace(run.policy, no_deletes=options.no_deletes)
        review = self.history.make_review(run.config_path, policy, job_scope=run.job_scope, exclude=options.exclude)
        return review.plan.changes

    @rule(approved=CHOICES, choice=CHOICES)
    def apply_with_the_approval_of_any_plan(self, approved: PlanChoice, choice: PlanChoice) -> None:
        """Nothing is done that the approved plan does not do, and no group is deleted that holds more people."""
        self.tally["apply with an approval"] += 1
        reviewed = self.history.prepare(approved).saved.review
        run = self.history.prepare(choice)
        run.approval = make_approval(reviewed)
        if run.approval is None:
            self.tally["(plans without an approval)"] += 1
            return
        run.plans = (reviewed.plan.changes,)

        self.history.carry_out(run)

        self.tally["(not what was approved)"] += isinstance(run.error, UnapprovedPlanError)

    @rule(one=CHOICES, other=CHOICES, is_same=st.booleans(), parallelism=PARALLELISM)
    def apply_two_at_once(self, one: PlanChoice, other: PlanChoice, *, is_same: bool, parallelism: int) -> None:
        """Two runs as on two machines, where no lock separates them."""
        self.tally["apply two at once"] += 1
        first = self.history.prepare(one, parallelism=parallelism)
        same = PlanChoice(age=1, has_own_config=one.has_own_config, edits=[])
        second = self.history.prepare(same if is_same else other)
        before = self.world.find_names()
        threads = [threading.Thread(target=run.carry_out) for run in (first, second)]

        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        for run, other_run in ((first, second), (second, first)):
            self.history.count_end(run)
            require_harmless(run, checks_names=False)
            moved = frozenset(group_id for plan in other_run.plans for group_id, _ in list_ends(plan))
            require_limits(run, before, ignored=moved)
        require_planned_moves((first, second), before, self.world.find_names())

    # What is always true

    @invariant()
    def no_member_is_lost(self) -> None:
        """Members stay in their group, whatever its name."""
        for group in self.world.sandbox.groups():
            members = set(self.world.sandbox.members(group.id))
            assert members == self.world.members.get(group.id, set()), f"group {group.name!r}"

    @invariant()
    def unique_names_are_unique(self) -> None:
        names = self.world.sandbox.names()
        assert not self.world.has_unique_names or len(names) == len(set(names))


def _list_options(content: bytes) -> list[PlanOptions]:
    """Return the options of a new plan: none, and those that a plan file says it was made with."""
    try:
        return [DEFAULT_PLAN_OPTIONS, load_review(content, "plan.json").options]
    except DamagedPlanError:
        return [DEFAULT_PLAN_OPTIONS]


def play(*, is_unique: bool, histories: int, steps: int) -> Counter[str]:
    """Play so many histories of at most so many steps; return what happened, as `History.tally` counts it."""
    tally: Counter[str] = Counter()

    class Machine(PhonebookMachine):
        def __init__(self) -> None:
            super().__init__(tally, is_unique=is_unique)

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=histories,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )
    return tally


def count_steps(tally: Counter[str]) -> int:
    """Return how many rules were carried out; two runs at once are one step."""
    return sum(count for what, count in tally.items() if what[0].isalpha())
