"""What the questions are made from, and the parts that several kinds of answers have in common."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct, field

from groupsync.display import count_contacts, quote_name
from groupsync.editing import AddEntry, EntryList, RemoveEntry, SetKey
from groupsync.fixes.origins import describe_origin
from groupsync.fixes.question import FixAnswer
from groupsync.model.config import RemovedId, Unlisted
from groupsync.model.plan import Delete
from groupsync.names import find_name_fault
from groupsync.patterns import make_group_matcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from groupsync.editing import Edit
    from groupsync.model.backup import BackupSummary
    from groupsync.model.config import Config, GroupEntry, Removal
    from groupsync.model.groups import GroupId, LiveGroup, Source
    from groupsync.model.review import Review
    from groupsync.planfile.digest import Effect


class FixContext(
    Struct, frozen=True, kw_only=True, dict=True
):  # `dict`: what several questions need is computed once and kept
    """A plan that is refused or suggests something.

    `backups` has the newest backup of each id that may be lost. `new_entries` is the file for new entries; empty if
    there are several files and none was chosen. `protected` are the patterns of the environment. `promised` are the
    groups that earlier answers promised a question about. `origins` says of entries that earlier answers have moved
    where they are on the disk.
    """

    config: Config
    review: Review
    backups: Mapping[GroupId, BackupSummary]
    new_entries: str
    protected: Sequence[str] = ()
    promised: frozenset[GroupId] = frozenset()
    origins: Mapping[Source, Source | None] = field(default_factory=dict)

    @cached_property
    def live(self) -> Mapping[GroupId, LiveGroup]:
        """The live groups of the scope, by id."""
        return {group.id: group for group in self.review.base}

    @cached_property
    def entries(self) -> Mapping[Source, GroupEntry]:
        """The entries of `groups` by where they are."""
        return {entry.source: entry for entry in self.config.groups}

    @cached_property
    def removals(self) -> Mapping[Source, Removal]:
        """The entries of `removed` by where they are."""
        return {removal.source: removal for removal in self.config.removed}

    @cached_property
    def used_ids(self) -> frozenset[GroupId]:
        """The ids that the configuration has."""
        removed = (removal.id for removal in self.config.removed if isinstance(removal, RemovedId))
        return frozenset([*(entry.id for entry in self.config.groups if entry.id), *removed])

    @cached_property
    def deletions(self) -> Mapping[GroupId, Delete]:
        """The deletions of the plan, also postponed ones, by the id of the group."""
        plan = self.review.plan
        return {change.group_id: change for change in (*plan.changes, *plan.postponed) if isinstance(change, Delete)}

    @cached_property
    def groups_of_name(self) -> Counter[str]:
        """How many live groups have a name."""
        return Counter(group.name for group in self.live.values())

    @cached_property
    def is_protected(self) -> Callable[[str], bool]:
        """A function that returns whether the configuration or the environment protects a group of this name."""
        return make_group_matcher((*(pattern.text for pattern in self.config.protected), *self.protected))

    @property
    def deletes_unlisted(self) -> bool:
        """Whether the policy is to delete what is not listed."""
        return self.config.policy.unlisted is Unlisted.DELETE

    def locate(self, source: Source) -> str:
        """Return where an entry is on the disk, to show it."""
        return describe_origin(self.origins, source)

    def mention(self, group: LiveGroup) -> str:
        """Return a group with its contacts; with its id if another live group has its name."""
        group_id = f" [id={group.id}]" if self.groups_of_name[group.name] > 1 else ""
        return f"{quote_name(group.name)} ({count_contacts(group.contacts_count)}){group_id}"

    def is_named_well(self, group: LiveGroup) -> bool:
        """Return whether the name of a group is enough to mean it: no other has it, and a file can have it."""
        return self.groups_of_name[group.name] == 1 and not find_name_fault(group.name)

    def delete(self, group: LiveGroup, text: str, *, removal: Removal | None = None) -> tuple[FixAnswer, ...]:
        """Return the answer that agrees to the deletion of a group; none if no entry could do that.

        `removal` is the entry of `removed` that names the group already, with a consent that is too small.
        """
        number = group.contacts_count
        if number is None or self.is_protected(group.name):
            return ()
        if removal:
            edit: Edit = SetKey(source=removal.source, key="contacts_at_most", value=number)
            effect = f"sets contacts_at_most to {number:,}  ({self.locate(removal.source)})"
        else:
            edit = AddEntry(
                file=self.new_entries,
                entries=EntryList.REMOVED,
                values=(("id", group.id), ("contacts_at_most", number)),
            )
            effect = f"adds its id to removed, for at most {count_contacts(number)}"
        return (
            FixAnswer(
                key="d",
                text=text,
                effect=effect,
                edits=(edit,),
                shows=frozenset({deletes(group)}),
                number=number,
                repeats=False,
            ),
        )

    def keep(self, group: LiveGroup, text: str, *, removal: Removal | None = None) -> FixAnswer:
        """Return the answer that lists a group, and takes its entry out of `removed` if it has one."""
        edits: tuple[Edit, ...] = (self.list_group(group),)
        if removal is None:
            return FixAnswer(key="k", text=text, effect="adds it to groups", edits=edits)
        return FixAnswer(
            key="k",
            text=text,
            effect=f"adds it to groups, and takes it out of removed  ({self.locate(removal.source)})",
            edits=(*edits, RemoveEntry(source=removal.source)),
        )

    def list_group(self, group: LiveGroup, name: str = "") -> AddEntry:
        """Return the edit that lists a group by its id, under its live name unless another one is given."""
        values = (("name", name or group.name), ("id", group.id))
        return AddEntry(file=self.new_entries, entries=EntryList.GROUPS, values=values)

    def ask_about_others(self, groups: Iterable[LiveGroup]) -> tuple[frozenset[Effect], frozenset[GroupId]]:
        """Return what happens to groups that nothing lists afterwards, and which of them get a question then."""
        if not self.deletes_unlisted:
            return frozenset(), frozenset()
        others = tuple(groups)
        return frozenset(map(deletes, others)), frozenset(group.id for group in others)


def creates(name: str) -> Effect:
    """Return the effect of a create."""
    return ("create", "", "", name)


def renames(group: LiveGroup, name: str) -> Effect:
    """Return the effect of a rename."""
    return ("rename", group.id, group.name, name)


def deletes(group: LiveGroup) -> Effect:
    """Return the effect of a deletion."""
    return ("delete", group.id, group.name, "")


def sort_largest_first(groups: Iterable[LiveGroup]) -> list[LiveGroup]:
    """Return the groups, those with the most contacts first."""
    return sorted(groups, key=lambda group: (-(group.contacts_count or 0), group.name, group.id))
