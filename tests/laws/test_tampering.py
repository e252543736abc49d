"""Plan files that were edited by somebody who can also make their digest and checksum right.

What can be promised, and is held here: an edited file writes nothing, or what an honest one would. Nobody can tell a
file with an invented base from one that was honestly made when that was live. So for those the promise is about where
each group ends: where the plan that was reviewed, or one made now, would take it, or it stays where it is.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import cached_property, partial
from itertools import chain, combinations, islice, product
from operator import itemgetter
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from groupsync.errors import DamagedPlanError, GroupsyncError, StalePlanError
from groupsync.model.account import make_target
from groupsync.model.config import RemovedId, RemovedName, Unlisted
from groupsync.model.limits import RunPolicy
from groupsync.model.plan import Create, Delete
from groupsync.names import name_without_suffix, temporary_name
from groupsync.planfile.changes import make_change_identity
from groupsync.planfile.digest import digest_config, digest_review
from groupsync.planfile.review import dump_review, load_document, load_review
from groupsync.review.make import make_review
from groupsync.review.require import require_digest, require_no_refusal
from groupsync.review.verify import verify_review
from tests.laws.book import Book
from tests.laws.strategies import situations
from tests.unit.core import config, entry, live, make_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from groupsync.model.config import Config
    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.model.plan import Change
    from groupsync.model.review import Review

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
TARGET = make_target("https://api.messente.com/v1", "user")
OTHER = make_target("https://api.example.com/v1", "somebody else")
LIMITS = RunPolicy(keeps_backups=True)

Live = tuple["LiveGroup", ...]
Write = tuple[Any, ...]
Path = tuple[str | int, ...]
Forgery = Callable[[Live], Live]


# What is attacked


@dataclass(frozen=True, kw_only=True)
class Encounter:
    """Live groups, what the honest file writes there, and the honest plans: the one reviewed, and one made now."""

    groups: Live
    writes: tuple[Write, ...]
    plans: tuple[tuple[Change, ...], ...]

    @cached_property
    def known(self) -> set[Write]:
        """The writes of the honest plans, whatever their wave."""
        return {write[:-1] for plan in self.plans for write in find_writes(plan)}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A configuration, the groups that its plan was made from, and that plan."""

    config: Config
    base: Live

    @cached_property
    def review(self) -> Review:
        return make_review(self.config, self.base, TARGET, NOW, LIMITS)

    @cached_property
    def document(self) -> dict[str, Any]:
        """The parsed plan file, but for the checksum, which is always made right."""
        document: dict[str, Any] = json.loads(dump_review(self.review))
        del document["checksum"]
        return document

    @cached_property
    def text(self) -> str:
        return json.dumps(self.document)

    @cached_property
    def encounters(self) -> tuple[Encounter, ...]:
        """The Phonebooks that the file may meet: first as it was, then as it may have become."""
        return tuple(map(self._meet, self._phonebooks))

    def _meet(self, groups: Live) -> Encounter:
        made_now = make_review(self.config, groups, TARGET, NOW, LIMITS)
        plans = (self.review.plan.changes, () if made_now.refusals else made_now.plan.changes)
        return Encounter(groups=groups, writes=find_writes(apply_review(self.review, self, groups)), plans=plans)

    @cached_property
    def _phonebooks(self) -> tuple[Live, ...]:
        changes = self.review.plan.changes
        book = Book(self.base, unique_names=False)
        for change in changes[: len(changes) // 2]:
            book.carry_out(change)
        created = [change.name for change in changes if isinstance(change, Create)][:1]
        doomed = next((change.group_id for change in changes if isinstance(change, Delete)), None)
        return (
            self.base,
            book.live(),
            tuple(replace(group, contacts_count=(group.contacts_count or 0) + 1) for group in self.base),
            tuple(replace(group, contacts_count=0) for group in self.base),
            (*self.base, *(live(70 + n, name) for n, name in enumerate(("Stranger", *created)))),
            tuple(replace(group, name="Renamed") if group.id == doomed else group for group in self.base),
        )


CIRCLE_CHAIN_AND_DOOMED_HOLDER = Case(
    config=config(
        *(entry("B", 1), entry("C", 2), entry("A", 3)),
        *(entry("E", 4), entry("F", 5), entry("G", 6)),
        *("H", "New"),
        removed=(7, 8),
    ),
    base=(
        *(live(1, "A", 1), live(2, "B", 2), live(3, "C", 3)),
        *(live(4, "D"), live(5, "E"), live(6, "F")),
        *(live(7, "h", 4), live(8, "Spring", 5)),
    ),
)
BY_NAME = Case(
    config=config(
        *(entry("Customers", previously=("VIP",)), entry("LEADS", previously=("Leads",)), "New", "Listed"),
        removed=("Sale", 8),
        ignore=("Imported*",),
    ),
    base=(
        *(live(1, "VIP", 9), live(2, "Leads", 3), live(3, "Listed", 4), live(4, "Sale"), live(8, "Spring", 5)),
        *(live(5, "new"), live(6, "Empty"), live(7, "Imported", 8)),
    ),
)
SWAP_AND_INTERRUPTED = Case(
    config=config(entry("B", 1), entry("A", 2), entry("C", 3), removed=(4,), unlisted=Unlisted.KEEP),
    base=(
        *(live(1, "A", 2), live(2, "B", 3), live(3, temporary_name("C", make_id(3)), 4)),
        *(live(4, temporary_name("D", make_id(4)), 5), live(5, "Kept", 6)),
    ),
)
HONEST = {
    "circle-chain-and-doomed-holder": CIRCLE_CHAIN_AND_DOOMED_HOLDER,
    "by-name": BY_NAME,
    "swap-and-interrupted": SWAP_AND_INTERRUPTED,
}
on_every_plan = pytest.mark.parametrize("case", HONEST.values(), ids=HONEST)

# Each with a group that may be deleted, had the plan not been refused for another one's sake.
EMPTY = live(8, "Empty")
SALE = live(9, "Sale")
REFUSED_BY_GUARD = {
    "contacts-lost": Case(config=config("New", removed=("Sale",)), base=(live(1, "Full", 3), EMPTY, SALE)),
    "unknown-count": Case(config=config("New", removed=(1, "Sale")), base=(live(1, "Full", None), EMPTY, SALE)),
    "unlisted": Case(
        config=config("New", removed=("Sale",), unlisted=Unlisted.REFUSE), base=(live(1, "Full", 3), EMPTY, SALE)
    ),
    "interrupted-rename": Case(
        config=config("VIP", removed=("Sale",)), base=(live(1, temporary_name("VIP", make_id(1)), 3), EMPTY, SALE)
    ),
    "empty-config": Case(config=config(removed=("Sale",)), base=(EMPTY, SALE)),
}
REFUSED_BY_PROBLEM = {
    "id-not-live": Case(config=config(entry("A", 1), removed=("Sale",)), base=(EMPTY, SALE)),
    "name-twice-live": Case(config=config("A", "B", removed=("Sale",)), base=(live(1, "A"), live(2, "A"), SALE)),
    "previously-twice-live": Case(
        config=config(entry("A", previously=("B", "C")), removed=("Sale",)), base=(live(1, "B"), live(2, "C"), SALE)
    ),
    "previously-still-live": Case(
        config=config(entry("A", previously=("B",)), removed=("Sale",)), base=(live(1, "A"), live(2, "B"), SALE)
    ),
    "name-taken": Case(config=config("New", removed=("Sale",), unlisted=Unlisted.KEEP), base=(live(1, "new", 3), SALE)),
    "name-wanted-twice": Case(
        config=config(entry("A", 1), entry("A", 2), removed=("Sale",)), base=(live(1, "A"), live(2, "B"), SALE)
    ),
    "temporary-name-live": Case(
        config=config("New", removed=(1, "Sale"), unlisted=Unlisted.KEEP),
        base=(live(1, "new", 3), live(2, temporary_name("new", make_id(1)), 3), SALE),
    ),
    "name-not-writable": Case(config=config(entry(" A", 1), removed=("Sale",)), base=(live(1, "A"), SALE)),
}
# What stands against these can be left out of the base, as if it had come later.
LEFT_OUT = {
    "removed-name-twice-live": Case(config=config("A", removed=("Sale",)), base=(live(1, "Sale", 3), SALE)),
    "removed-is-listed": Case(config=config("A", removed=(1, "Sale")), base=(live(1, "A", 3), SALE)),
    "id-ignored": Case(config=config("A", removed=(1, "Sale"), ignore=("Imp*",)), base=(live(1, "Imp", 3), SALE)),
    "temporary-name-live": Case(
        config=config("New", removed=(1, "Sale"), unlisted=Unlisted.KEEP),
        base=(live(1, "new", 3), live(2, temporary_name("new", make_id(1)).upper(), 3), SALE),
    ),
    "interrupted-rename": REFUSED_BY_GUARD["interrupted-rename"],
}
REFUSED = {**REFUSED_BY_GUARD, **REFUSED_BY_PROBLEM, **LEFT_OUT}


# What a file would write


def find_writes(changes: Sequence[Change]) -> tuple[Write, ...]:
    """Return kind, id, name before, name after and wave of each change, in the order in which they are carried out."""
    pick = itemgetter("kind", "group_id", "before", "after", "wave")
    return tuple(pick(make_change_identity(change)) for change in changes)


def apply_review(review: Review, case: Case, groups: Live) -> tuple[Change, ...]:
    """Return the changes that `apply` would carry out: none where it refuses."""
    try:
        verified = verify_review(review, case.config, TARGET, groups, LIMITS)
        require_no_refusal(verified.review)
    except GroupsyncError:
        return ()
    return verified.left


def apply_document(document: dict[str, Any], case: Case, encounters: Sequence[Encounter]) -> list[tuple[Change, ...]]:
    """Return for each Phonebook the changes that `apply` would carry out by the file of this document.

    The file is read through its schema, which is slow, only where that alone can keep it from writing something else.
    """
    try:
        review = load_document(document)
        found = [apply_review(review, case, encounter.groups) for encounter in encounters]
    except (AttributeError, KeyError, TypeError, ValueError):
        with pytest.raises(DamagedPlanError):
            load_review(seal(document), "plan.json")
        return [() for _ in encounters]
    is_honest = [
        find_writes(changes) in {(), encounter.writes} for changes, encounter in zip(found, encounters, strict=True)
    ]
    try:
        if not all(is_honest):
            load_review(dump_review(review), "plan.json")
    except DamagedPlanError:
        return [() for _ in encounters]
    return found


def complete(document: dict[str, Any]) -> list[bytes]:
    """Return the plan file of the document with figures and digests that fit, if it can have them."""
    try:
        return [dump_review(load_document(document))]
    except (AttributeError, KeyError, TypeError, ValueError):
        return []


def seal(document: dict[str, Any]) -> bytes:
    """Return the document as a plan file, laid out as groupsync does it, with the checksum that it must have."""
    body = "{\n" + "".join(f"  {json.dumps(key)}: {_lay_out(value)},\n" for key, value in document.items())
    return seal_text(body)


def seal_text(body: str) -> bytes:
    return f'{body}  "checksum": "sha256:{hashlib.sha256(body.encode()).hexdigest()}"\n}}\n'.encode()


def _lay_out(value: object) -> str:
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"    {json.dumps(element)}" for element in value) + "\n  ]"
    return json.dumps(value)


def require_harmless(changes: Sequence[Change], case: Case, encounter: Encounter) -> None:
    """Assert that each group ends where an honest plan takes it, or stays, and that no more than those make is made.

    No name is ever taken before it is free, and no group that holds contacts goes without consent.
    """
    for group_id, end in find_ends(changes).items():
        assert end in [find_ends(plan)[group_id] for plan in encounter.plans if group_id in find_ends(plan)]
    for name, count in find_created(changes).items():
        assert count <= max(find_created(plan)[name] for plan in encounter.plans)
    names = [group.name for group in encounter.groups]
    book = Book(encounter.groups, unique_names=len(names) == len(set(names)))
    for change in changes:
        if isinstance(change, Delete):
            require_consent(change, case.config, encounter.groups)
        book.carry_out(change)


def find_ends(changes: Sequence[Change]) -> dict[str, str | None]:
    """Return the last name of each group that the changes are about, None where it goes."""
    return {
        change.group_id: None if isinstance(change, Delete) else change.after
        for change in changes
        if not isinstance(change, Create)
    }


def find_loss(change: Change) -> int:
    return (change.contacts_count or 0) if isinstance(change, Delete) else 0


def find_created(changes: Sequence[Change]) -> Counter[str]:
    return Counter(change.name for change in changes if isinstance(change, Create))


def require_consent(change: Delete, wanted: Config, groups: Live) -> None:
    """Assert that the configuration lets the group go, and, where it does not name it, that nobody is in it."""
    (group,) = (group for group in groups if group.id == change.group_id)
    ids = {removal.id for removal in wanted.removed if isinstance(removal, RemovedId)}
    names = {removal.name for removal in wanted.removed if isinstance(removal, RemovedName)}
    if group.id not in ids and name_without_suffix(group.name, group.id) not in names:
        assert wanted.policy.unlisted is Unlisted.DELETE
        assert (group.contacts_count, change.contacts_count) == (0, 0)
    assert group.id not in {entry.id for entry in wanted.groups}
    assert group.name not in {entry.name for entry in wanted.groups if entry.id is None}


# What an attacker does to the document


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One edit at one place of a document."""

    path: Path
    operation: str
    value: Any = None

    def carry_out(self, document: Any) -> None:
        place: Any = document
        for step in self.path[:-1]:
            place = place[step]
        key: Any = self.path[-1]
        match self.operation:
            case "drop":
                del place[key]
            case "double":
                place.insert(key, copy.deepcopy(place[key]))
            case "swap":
                place[key], place[key + 1] = place[key + 1], place[key]
            case _:
                place[key]
                place[key] = self.value


PROSE = {"message", "remedy", "warnings", "file"}
FAMILIES = {"group_id": "id", "group_ids": "id", "before": "name", "after": "name", "parked_name": "name"}
MORE: dict[str, list[Any]] = {
    "id": [make_id(70), make_id(99)],
    "name": ["Renamed", "Stranger"],
    "kind": ["create", "rename", "delete"],
    "actions": ["create", "update", "delete"],
    "reason": ["listed", "pinned", "interrupted", "removed", "unlisted"],
    "temporary": [True, False],
    "allowed": [True, False],
    "format_version": ["1.1", "2.0"],
    "endpoint": [OTHER.endpoint],
    "account": [OTHER.account],
    "config_digest": [digest_config(config("Another"))],
    "digest": [digest_config(config("Another"))],
    "code": ["max-deletes"],
    **{family: ["nothing to see here"] for family in PROSE},
}


def list_edits(document: dict[str, Any]) -> list[Edit]:
    """Return every edit of one place: taken out, doubled, swapped with its neighbour, another value in its stead."""
    nodes = list(_walk(document, ()))
    pools: dict[str, list[Any]] = defaultdict(list, {family: list(values) for family, values in MORE.items()})
    for path, value in nodes:
        if not isinstance(value, list | dict) and _family(path) not in PROSE:
            pools[_family(path)].append(value)
    edits = []
    for path, value in nodes:
        edits.append(Edit(path=path, operation="drop"))
        if isinstance(path[-1], int):
            edits.append(Edit(path=path, operation="double"))
            if (*path[:-1], path[-1] + 1) in dict(nodes):
                edits.append(Edit(path=path, operation="swap"))
        texts = {json.dumps(other) for other in _others(value, pools[_family(path)])} - {json.dumps(value)}
        edits += [Edit(path=path, operation="set", value=json.loads(text)) for text in sorted(texts)]
    return edits


def _walk(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Yield every value of a document but for itself, with its path."""
    if path:
        yield path, value
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from _walk(child, (*path, key))


def _family(path: Path) -> str:
    """Return the name under which a value has its like elsewhere in the document."""
    *_, name = (step for step in path if isinstance(step, str))
    return f"{path[0]} id" if (path[0], name) == ("changes", "id") else FAMILIES.get(name, name)


def _others(value: Any, pool: Sequence[Any]) -> list[Any]:
    if isinstance(value, list | dict):
        return [None, [], {}]
    if isinstance(value, int) and not isinstance(value, bool):
        return [None, 0, value - 1, value + 1, 10**6, *pool]
    return [None, *pool]


def list_pairs(document: dict[str, Any]) -> list[tuple[Edit, Edit]]:
    """Return the pairs of edits that go together: equal values set to another alike, a group and a change taken out."""
    nodes = [(path, value) for path, value in _walk(document, ()) if not isinstance(value, list | dict)]
    alike: dict[tuple[str, str], list[Path]] = defaultdict(list)
    for path, value in nodes:
        alike[_family(path), json.dumps(value)].append(path)
    edits: dict[Path, list[Edit]] = defaultdict(list)
    for edit in list_edits(document):
        if edit.operation == "set" and _family(edit.path) in {"id", "name", "contacts_count"}:
            edits[edit.path].append(edit)
    pairs = [
        (edit, replace(edit, path=other))
        for paths in alike.values()
        for path, other in combinations(paths, 2)
        for edit in edits[path]
    ]
    places = product(range(len(document["base"])), range(len(document["changes"])))
    drops = ((Edit(path=("base", b), operation="drop"), Edit(path=("changes", c), operation="drop")) for b, c in places)
    return [*pairs, *drops]


def draw_pairs(document: dict[str, Any], *, seed: int) -> Iterator[tuple[Edit, Edit]]:
    """Yield pairs of edits without end, for one seed always the same."""
    random = Random(seed)  # noqa: S311
    edits = list_edits(document)
    while True:
        one, other = random.sample(edits, 2)
        yield one, other


def edit_document(case: Case, edits: Sequence[Edit]) -> dict[str, Any] | None:
    """Return the edited document; None when the first edit took away the place of the second."""
    document: dict[str, Any] = json.loads(case.text)
    try:
        for edit in edits:
            edit.carry_out(document)
    except (AttributeError, IndexError, KeyError, TypeError):
        return None
    return document


# What an attacker does to the base, planning again from it


def list_forgeries(case: Case) -> list[Forgery]:
    """Return every way to leave out, rename, recount or invent one group of the base."""
    names = {"Renamed", "Stranger", *(group.name for group in case.base), *find_created(case.review.plan.changes)}
    names |= {end for end in find_ends(case.review.plan.changes).values() if end is not None}
    ids = [group.id for group in case.base]
    temporary = {temporary_name(name, group_id) for name, group_id in product(names, ids)}
    forgeries: list[Forgery] = [partial(_leave_out, group_id) for group_id in ids]
    for group_id in ids:
        names_of_its_own = {name for name in temporary if name in {temporary_name(other, group_id) for other in names}}
        forgeries += [partial(_rename, group_id, name) for name in sorted(names | names_of_its_own)]
        forgeries += [partial(_recount, group_id, count) for count in (0, 1, 6, 10**6, None)]
    for number, name in product((70, 99), sorted(names)):
        forgeries.append(partial(_invent, live(number, name)))
    forgeries += [partial(_invent, live(99, name)) for name in sorted(temporary)]
    return forgeries


def _leave_out(group_id: GroupId, base: Live) -> Live:
    return tuple(group for group in base if group.id != group_id)


def _rename(group_id: GroupId, name: str, base: Live) -> Live:
    return tuple(replace(group, name=name) if group.id == group_id else group for group in base)


def _recount(group_id: GroupId, count: int | None, base: Live) -> Live:
    return tuple(replace(group, contacts_count=count) if group.id == group_id else group for group in base)


def _invent(group: LiveGroup, base: Live) -> Live:
    return (*base, group)


def forge_reviews(case: Case, drawn: int) -> Iterator[Review]:
    """Yield a plan from each base with one forgery or two groups left out, and from so many forged at random."""
    forgeries = list_forgeries(case)
    left_out: Iterable[Sequence[Forgery]] = combinations([partial(_leave_out, group.id) for group in case.base], 2)
    random = Random(1)  # noqa: S311 - the same every time
    several = (random.sample(forgeries, random.choice((2, 3))) for _ in range(drawn))
    for chosen in chain(([forgery] for forgery in forgeries), left_out, several):
        yield forge_review(case, chosen)


def forge_review(case: Case, forgeries: Iterable[Forgery]) -> Review:
    base = case.base
    for forgery in forgeries:
        base = forgery(base)
    return make_review(case.config, base, TARGET, NOW, LIMITS)


# What comes of it


def take_turns(case: Case, number: int) -> tuple[Encounter, Encounter]:
    """Return the Phonebook as it was, and one of those that it may have become."""
    untouched, *others = case.encounters
    return untouched, others[number % len(others)]


@on_every_plan
def test_no_single_edit_makes_a_plan_write_anything_else(case: Case) -> None:
    tried = try_edits(case, case.encounters[:1])

    assert min(tried.values()) > 150
    assert tried.total() > 600


@pytest.mark.slow
@on_every_plan
def test_no_single_edit_makes_a_plan_write_anything_else_whatever_became_of_the_phonebook(case: Case) -> None:
    tried = try_edits(case, case.encounters)

    assert min(tried.values()) > 500
    assert tried.total() > 4000


def try_edits(case: Case, encounters: Sequence[Encounter]) -> Counter[bool]:
    """Assert that nothing is written, or what the honest file writes and approves; count by whether anything is."""
    tried: Counter[bool] = Counter()
    digest = digest_review(case.review)
    for edit in list_edits(case.document):
        document = edit_document(case, [edit])
        assert document is not None
        for changes, encounter in zip(apply_document(document, case, encounters), encounters, strict=True):
            writes = find_writes(changes)

            assert writes in {(), encounter.writes}, edit
            assert not writes or digest_review(load_document(document)) == digest, edit
            tried[bool(writes)] += 1
    return tried


@on_every_plan
def test_edits_that_go_together_make_a_plan_write_nothing_that_was_not_reviewed(case: Case) -> None:
    assert try_pairs(case, list_pairs(case.document)) > 400


@on_every_plan
def test_edits_at_random_make_a_plan_write_nothing_that_was_not_reviewed(case: Case) -> None:
    assert try_pairs(case, islice(draw_pairs(case.document, seed=1), 400)) > 700


@pytest.mark.slow
@on_every_plan
def test_many_edits_at_random_make_a_plan_write_nothing_that_was_not_reviewed(case: Case) -> None:
    assert try_pairs(case, islice(draw_pairs(case.document, seed=2), 30_000)) > 55_000


def try_pairs(case: Case, pairs: Iterable[tuple[Edit, Edit]]) -> int:
    """Assert that every write is one of the plan that was reviewed or of one made now; return how often it was."""
    tried = 0
    for number, pair in enumerate(pairs):
        document = edit_document(case, pair)
        if document is None:
            continue
        encounters = take_turns(case, number)
        for changes, encounter in zip(apply_document(document, case, encounters), encounters, strict=True):
            require_harmless(changes, case, encounter)
            assert {write[:-1] for write in find_writes(changes)} <= encounter.known, pair
            tried += 1
    return tried


def test_an_edited_file_is_damaged_when_read_from_its_bytes_or_makes_no_difference() -> None:
    case = Case(config=config("New", removed=(1,), unlisted=Unlisted.KEEP), base=(live(1, "Sale", 3), live(2, "Kept")))
    encounter = case.encounters[0]
    tried: Counter[str] = Counter()
    for edit in list_edits(case.document):
        document = edit_document(case, [edit])
        assert document is not None
        for content in {seal(document), *complete(document)}:
            try:
                review = load_review(content, "plan.json")
            except DamagedPlanError:
                tried["damaged"] += 1
                continue
            writes = find_writes(apply_review(review, case, encounter.groups))

            assert writes in {(), encounter.writes}, edit
            tried["applied" if writes else "refused"] += 1
    assert min(tried.values()) > 30
    assert tried.total() > 400


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"wave": 1,', '"wave":  1,'),
        ('"wave": 1,', '"wave": 1e0,'),
        ('"wave": 1,', '"wave": true,'),
        ('"wave": 1,', '"wave": 1, "wave": 1,'),
        ('"contacts_count": 0', '"contacts_count": -0'),
        ('"contacts_count": 0', '"contacts_count": "0"'),
        ('"name": "Kept"', '"name": "\\u004bept"'),
        ('"kind": "delete", "actions": ["delete"]', '"actions": ["delete"], "kind": "delete"'),
        ("\n  ],\n", "\n  ] ,\n"),
        ("{\n", "\ufeff{\n"),
        ("\n", "\r\n"),
        ("{\n", "{\n  // reviewed\n"),
        ("{\n", '{\n  "comment": "reviewed",\n'),
    ],
)
def test_a_file_that_says_the_same_in_another_way_is_damaged(old: str, new: str) -> None:
    """The checksum is right: what was not written by groupsync is not read all the same."""
    case = replace(SWAP_AND_INTERRUPTED, base=(*SWAP_AND_INTERRUPTED.base, live(6, "Also kept")))
    body = dump_review(case.review).decode().rpartition('  "checksum": ')[0]
    assert seal_text(body) == dump_review(case.review)
    assert old in body

    with pytest.raises(DamagedPlanError):
        load_review(seal_text(body.replace(old, new)), "plan.json")


@on_every_plan
def test_a_plan_of_an_invented_base_takes_no_group_where_an_honest_plan_would_not(case: Case) -> None:
    tried = try_forgeries(case, forge_reviews(case, drawn=200))

    assert tried.total() > 500
    assert min(tried.values()) > 50


@pytest.mark.slow
@on_every_plan
def test_many_plans_of_invented_bases_take_no_group_where_an_honest_plan_would_not(case: Case) -> None:
    tried = try_forgeries(case, forge_reviews(case, drawn=20_000))

    assert tried.total() > 30_000
    assert min(tried.values()) > 500


def try_forgeries(case: Case, reviews: Iterable[Review]) -> Counter[bool]:
    """Assert that invented bases do no harm, and with the digest that was reviewed nothing else than was reviewed."""
    tried: Counter[bool] = Counter()
    digest = digest_review(case.review)
    reviewed = {change.id: change for change in case.review.plan.changes}
    for number, forged in enumerate(reviews):
        for encounter in take_turns(case, number):
            changes = apply_review(forged, case, encounter.groups)

            require_harmless(changes, case, encounter)
            if digest_review(forged) == digest:
                assert find_writes(changes) == find_writes([reviewed[change.id] for change in changes])
                assert all(find_loss(change) <= find_loss(reviewed[change.id]) for change in changes)
            tried[bool(changes)] += 1
    return tried


@given(situation=situations(unique=True), random=st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_an_invented_base_does_no_harm_in_any_situation(situation: tuple[Config, Live], random: Random) -> None:
    """Names are unique and nothing is interrupted; plans that could not be made are tried elsewhere."""
    case = Case(config=situation[0], base=situation[1])
    forgeries = list_forgeries(case)
    if case.review.plan.problems or not forgeries:
        event("no plan")
        return
    named = {group_id for guard in case.review.guards for group_id in guard.group_ids}
    for _ in range(5):
        changes = apply_review(forge_review(case, random.sample(forgeries, 2)), case, case.base)

        event("written" if changes else "nothing written")
        require_harmless(changes, case, case.encounters[0])
        assert not named & find_ends(changes).keys()


def test_a_greater_count_in_the_file_is_another_digest() -> None:
    """Nobody can tell it from a plan made when the group was that full: `--expect-digest` is for that."""
    case = Case(config=config("A", removed=(1,)), base=(live(1, "Sale", 3), live(2, "A")))
    fuller = (live(1, "Sale", 50), live(2, "A"))
    forged = make_review(case.config, fuller, TARGET, NOW, LIMITS)

    assert apply_review(case.review, case, fuller) == ()
    assert apply_review(forged, case, fuller) == forged.plan.changes
    with pytest.raises(StalePlanError):
        require_digest(forged, digest_review(case.review))


@pytest.mark.parametrize("contacts", [1, 120, None])
def test_an_interrupted_group_that_holds_contacts_is_not_lost_to_an_invented_past(contacts: int | None) -> None:
    """A past in which the group stood at its own name, doomed and in the way, and a run was killed on the way."""
    case = Case(
        config=config(entry("VIP", 1)),
        base=(live(1, "Leads", 3), live(2, temporary_name("VIP", make_id(2)), contacts)),
    )
    past = (live(1, "Leads", 3), live(2, "VIP", 0))

    assert case.review.refusals == ("interrupted-rename",)
    for count in (0, contacts, 10**6):
        base = (past[0], replace(past[1], contacts_count=count))
        assert apply_review(make_review(case.config, base, TARGET, NOW, LIMITS), case, case.base) == ()


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_no_single_edit_makes_a_refused_plan_write_anything(case: Case) -> None:
    assert case.review.refusals

    assert try_edits(case, case.encounters[:1]).keys() == {False}


@pytest.mark.parametrize(("code", "case"), REFUSED_BY_GUARD.items(), ids=REFUSED_BY_GUARD)
def test_a_plan_that_a_guard_refuses_cannot_be_made_to_touch_what_the_guard_is_for(code: str, case: Case) -> None:
    """A group left out of the base passes for a newcomer, and is left alone: the rest may be carried out."""
    named = {group_id for guard in case.review.guards for group_id in guard.group_ids}
    tried = 0
    for changes in apply_edited(case):
        require_harmless(changes, case, case.encounters[0])
        assert not named & find_ends(changes).keys()
        assert not changes or code != "empty-config"
        tried += 1
    assert code in case.review.refusals
    assert tried > 100


@pytest.mark.parametrize(("code", "case"), REFUSED_BY_PROBLEM.items(), ids=REFUSED_BY_PROBLEM)
def test_a_plan_that_could_not_be_made_cannot_be_made_to_write_anything(code: str, case: Case) -> None:
    found = Counter(apply_edited(case))

    assert code in case.review.refusals
    assert found.keys() == {()}
    assert found.total() > 100


def apply_edited(case: Case) -> Iterator[tuple[Change, ...]]:
    """Yield what is written by two edits that go together, and by plans of invented bases."""
    for edits in list_pairs(case.document):
        document = edit_document(case, edits)
        if document is not None:
            yield from apply_document(document, case, case.encounters[:1])
    for forged in forge_reviews(case, drawn=60):
        yield apply_review(forged, case, case.base)


@pytest.mark.parametrize("case", LEFT_OUT.values(), ids=LEFT_OUT)
def test_a_refused_plan_cannot_be_made_to_write_by_leaving_out_of_its_base_what_stands_against_it(case: Case) -> None:
    assert {apply_review(forged, case, case.base) for forged in forge_reviews(case, drawn=60)} == {()}
