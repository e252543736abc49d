"""The plans that are attacked, and the Phonebooks that their files are applied to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from msgspec.structs import replace

from groupsync.errors import GroupsyncError
from groupsync.model.plan import Create, Delete
from groupsync.planfile.changes import make_change_identity
from groupsync.planfile.review import dump_review
from groupsync.review.make import make_review
from groupsync.review.require import require_no_refusal
from groupsync.review.verify import verify_review
from tests.laws.book import Book
from tests.unit.core import LIMITS, NOW, TARGET, live

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.config import Config
    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.model.plan import Change
    from groupsync.model.review import Review

Groups: TypeAlias = tuple["LiveGroup", ...]


class Step(NamedTuple):
    """What a change does, and in which wave."""

    kind: str
    group_id: GroupId | None
    before: str | None
    after: str | None
    wave: int

    def in_any_wave(self) -> Step:
        """Return the step without its wave, to compare it with steps of other plans."""
        return self._replace(wave=0)


def list_steps(changes: Sequence[Change]) -> tuple[Step, ...]:
    """Return the steps in the order in which they are carried out."""
    identities = map(make_change_identity, changes)
    return tuple(Step(**{field: identity[field] for field in Step._fields}) for identity in identities)


@dataclass(frozen=True, kw_only=True)
class PhonebookState:
    """A Phonebook that a plan file is applied to, what the honest file does there, and what honest plans may do."""

    groups: Groups
    honest_steps: tuple[Step, ...]
    honest_plans: tuple[tuple[Change, ...], ...]
    """The plan that was reviewed, and one made from these groups."""

    @cached_property
    def allowed_steps(self) -> set[Step]:
        """The steps of the honest plans, in any wave."""
        return {step.in_any_wave() for plan in self.honest_plans for step in list_steps(plan)}


@dataclass(frozen=True, kw_only=True)
class AttackedPlan:
    """A configuration, the groups that its plan was made from, and that plan."""

    config: Config
    base: Groups

    @cached_property
    def review(self) -> Review:
        return make_review(self.config, self.base, TARGET, NOW, LIMITS)

    @cached_property
    def document(self) -> dict[str, Any]:
        """The parsed plan file without its checksum, which is always made to fit."""
        document: dict[str, Any] = json.loads(dump_review(self.review))
        del document["checksum"]
        return document

    @cached_property
    def text(self) -> str:
        return json.dumps(self.document)

    @cached_property
    def states(self) -> tuple[PhonebookState, ...]:
        """The Phonebooks that the file may meet: first the one that it was made from, then what may become of it."""
        return tuple(
            PhonebookState(
                groups=groups,
                honest_steps=list_steps(apply_review(self.review, self, groups)),
                honest_plans=(self.review.plan.changes, self._plan_from(groups)),
            )
            for groups in self._list_phonebooks()
        )

    def choose_states(self, number: int) -> tuple[PhonebookState, PhonebookState]:
        """Return the Phonebook as it was, and one of those that may become of it: all of them in turn, by number."""
        untouched, *others = self.states
        return untouched, others[number % len(others)]

    def _plan_from(self, groups: Groups) -> tuple[Change, ...]:
        review = make_review(self.config, groups, TARGET, NOW, LIMITS)
        return () if review.refusals else review.plan.changes

    def _list_phonebooks(self) -> tuple[Groups, ...]:
        return (
            self.base,
            self._half_applied(),
            tuple(replace(group, contacts_count=(group.contacts_count or 0) + 1) for group in self.base),
            tuple(replace(group, contacts_count=0) for group in self.base),
            self._with_newcomers(),
            self._with_renamed(),
        )

    def _half_applied(self) -> Groups:
        changes = self.review.plan.changes
        book = Book(self.base, unique_names=False)
        for change in changes[: len(changes) // 2]:
            book.carry_out(change)
        return book.live()

    def _with_newcomers(self) -> Groups:
        """Return the base with two new groups: one of any name, one of a name that the plan creates."""
        created = [change.name for change in self.review.plan.changes if isinstance(change, Create)][:1]
        newcomers = [live(number, name) for number, name in enumerate(("Stranger", *created), start=70)]
        return (*self.base, *newcomers)

    def _with_renamed(self) -> Groups:
        """Return the base with another name for the first group that the plan deletes."""
        deletes = [change.group_id for change in self.review.plan.changes if isinstance(change, Delete)][:1]
        return tuple(replace(group, name="Renamed") if group.id in deletes else group for group in self.base)


def apply_review(review: Review, attacked: AttackedPlan, groups: Groups) -> tuple[Change, ...]:
    """Return the changes that `apply` would carry out, a deletion with how many contacts may be lost by it.

    There are none if it refuses.
    """
    try:
        verified = verify_review(review, attacked.config, TARGET, groups, LIMITS)
        require_no_refusal(verified.review)
    except GroupsyncError:
        return ()
    return tuple(
        replace(one.change, contacts_count=one.may_lose) if isinstance(one.change, Delete) else one.change
        for one in verified.remaining
    )
