"""Strategies for live groups and configurations: names that collide, differ in case, appear and disappear.

Configurations follow the rules that the reader enforces: what would break a rule is left out while drawing, so nothing
is filtered afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

from groupsync.model.config import Config, GroupEntry, Pattern, Policy, Removal, RemovedId, RemovedName, Unlisted
from groupsync.model.groups import GroupId, LiveGroup, Source
from groupsync.names import nfc, temporary_name
from groupsync.patterns import make_matcher
from tests.unit.core import make_id

NAMES = (
    "VIP",
    "vip",
    "Vip",
    "VIP customers",
    "VIP  customers",
    "Leads",
    "leads",
    "Leads 2024",
    "ﬁn",
    "fin",
    "Tartu",
    "Pärnu",
    "IMP 1",
)
PATTERNS = ("IMP *", "imp*", "T?rtu", "nothing*")


@st.composite
def live_groups(draw: st.DrawFn, *, unique: bool = False, most: int = 7) -> tuple[LiveGroup, ...]:
    """Draw live groups; unless names are unique, some have a temporary name, as a killed run leaves it."""
    names = draw(st.lists(st.sampled_from(NAMES), max_size=most, unique=unique))
    groups = []
    for number, name in enumerate(names):
        has_temporary_name = not unique and draw(st.integers(0, 9)) == 0
        group_id = make_id(number)
        shown = temporary_name(name, group_id) if has_temporary_name else name
        groups.append(LiveGroup(id=group_id, name=shown, contacts_count=draw(st.sampled_from((0, 0, 3, 120, None)))))
    return tuple(groups)


@dataclass
class _Draft:
    """A configuration being drawn, which accepts only what does not contradict it."""

    ignore: tuple[str, ...]
    groups: list[GroupEntry] = field(default_factory=list)
    removed: list[Removal] = field(default_factory=list)

    def source(self) -> Source:
        return Source(file="groups.yaml", line=3 + len(self.groups) + len(self.removed), column=5)

    def add_group(self, name: str, group_id: GroupId | None, previously: list[str]) -> None:
        names = {nfc(entry.name): entry for entry in self.groups}
        earlier = {old for entry in self.groups for old in entry.previously}
        twin = names.get(nfc(name))
        if twin and not (twin.id and group_id and twin.name == name):
            return
        if name in earlier or self.ignores(name) or group_id in {entry.id for entry in self.groups if entry.id}:
            return
        kept = [old for old in previously if old not in {name, *names, *earlier} and not self.ignores(old)]
        self.groups.append(
            GroupEntry(name=name, id=group_id, previously=tuple(dict.fromkeys(kept)), source=self.source())
        )

    def remove_name(self, name: str) -> None:
        if name not in {entry.name for entry in self.groups} and not self.ignores(name):
            self.removed.append(RemovedName(name=name, source=self.source()))

    def remove_id(self, group_id: GroupId) -> None:
        if group_id not in {entry.id for entry in self.groups}:
            self.removed.append(RemovedId(id=group_id, source=self.source()))

    def ignores(self, name: str) -> bool:
        return make_matcher(self.ignore)(name)


@st.composite
def configs(draw: st.DrawFn, live: tuple[LiveGroup, ...]) -> Config:
    """Draw a configuration for these live groups."""
    ids = [group.id for group in live]
    names = st.sampled_from(NAMES)
    pins = st.one_of(st.none(), st.none(), st.sampled_from(ids) if ids else st.none())
    draft = _Draft(ignore=tuple(draw(st.lists(st.sampled_from(PATTERNS), max_size=1, unique=True))))
    for name, pin, previously in draw(st.lists(st.tuples(names, pins, st.lists(names, max_size=2)), max_size=7)):
        draft.add_group(name, pin, previously)
    for name in draw(st.lists(names, max_size=2)):
        draft.remove_name(name)
    for group_id in draw(st.lists(st.sampled_from(ids), max_size=2, unique=True)) if ids else ():
        draft.remove_id(group_id)
    return Config(
        groups=tuple(draft.groups),
        removed=tuple(draft.removed),
        ignore=tuple(Pattern(text=text, source=draft.source()) for text in draft.ignore),
        policy=Policy(unlisted=draw(st.sampled_from((None, *Unlisted)))),
        files=("groups.yaml",),
    )


@st.composite
def situations(draw: st.DrawFn, *, unique: bool = False) -> tuple[Config, tuple[LiveGroup, ...]]:
    """Draw live groups and a configuration for them."""
    live = draw(live_groups(unique=unique))
    return draw(configs(live)), live
