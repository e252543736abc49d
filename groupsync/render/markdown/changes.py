"""The changes of a plan as Markdown: a table of deletions, and lists of renames and creates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count, quote_name
from groupsync.model.plan import Reason
from groupsync.render.escape import in_cell, in_code, in_text
from groupsync.render.markdown.page import Section, fold_above, make_row, make_table
from groupsync.render.phrases import NOT_LISTED, describe_first_step, describe_renames, describe_stay_in_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.groups import GroupId
    from groupsync.model.plan import Create
    from groupsync.render.changes import DeletedGroup, RenamedGroup, RenameItem


def make_deletions(deletions: Sequence[DeletedGroup], ids: frozenset[GroupId], title: str) -> Section:
    """Return the table of deletions, the largest loss first."""
    has_reason = any(deletion.removal_reason.strip() for deletion in deletions)
    columns = ["Group", "#Contacts", "Why, reason" if has_reason else "Why"]
    return Section(
        rank=1,
        title=f"**{title}**\n\n{make_table(columns)}",
        items=[_make_row(deletion, ids) for deletion in deletions[::-1]],
        kind="deletions",
        below_title="\n",
    )


def _make_row(deletion: DeletedGroup, ids: frozenset[GroupId]) -> str:
    """Return the row of a deletion; the reason is below the source, because a phone has no room for another column."""
    number = "unknown" if deletion.contacts_count is None else f"{deletion.contacts_count:,}"
    reason = " ".join(deletion.removal_reason.split())
    why = in_text(_describe_why(deletion)) + (f"<br>{in_text(reason)}" if reason else "")
    cells = [_write_name(deletion.name, deletion.group_id, ids), f"**{number}**", why]
    return make_row([in_cell(cell) for cell in cells])


def _write_name(name: str, group_id: GroupId, ids: frozenset[GroupId]) -> str:
    suffix = f" id {in_code(group_id)}" if group_id in ids else ""
    return in_code(quote_name(name)) + suffix


def _describe_why(deletion: DeletedGroup) -> str:
    """Return where a deletion is listed, how many contacts may lose the group, and its first step if it has two."""
    source = f", {deletion.source}" if deletion.source else ""
    if deletion.reason is Reason.UNLISTED:
        why = NOT_LISTED
    elif deletion.contacts_count == 0 or deletion.contacts_at_most is None:
        why = f"removed{source}"
    else:
        why = f"removed{source}, at most {deletion.contacts_at_most:,}"
    first_step = describe_first_step(deletion)
    return f"{why}; {first_step}" if first_step else why


def make_renames(items: Sequence[RenameItem], ids: frozenset[GroupId], verb: str = "to rename") -> Section:
    """Return the list of renames, a line for each; groups that swap names, or form a cycle, share one line."""
    lines = [f"- {_render_rename(item, ids)}" for item in items]
    number = sum(len(item.groups) for item in items)
    title, end = fold_above(lines, f"{count(number, 'group', 'groups')} {verb}")
    return Section(rank=3, title=title, items=lines, kind="renames", end=end)


def _render_rename(item: RenameItem, ids: frozenset[GroupId]) -> str:
    stay = describe_stay_in_all(item.groups)
    if item.is_swap:
        one, other = item.groups
        names = f"{_write_name(one.before, one.group_id, ids)} ↔ {_write_name(other.before, other.group_id, ids)}"
        how = "they swap names"
    else:
        names = ", ".join(_render_arrow(group, ids) for group in item.groups)
        how = f"each takes the name of another, in a cycle of {len(item.groups)} groups" if len(item.groups) > 1 else ""
    details = [in_text(part) for part in (how, describe_renames(item.groups)) if part]
    descriptions = [in_text(" ".join(group.description.split())) for group in item.groups if group.description.strip()]
    return ". ".join([f"{names}: {stay} ({', '.join(details)})", *descriptions])


def _render_arrow(group: RenamedGroup, ids: frozenset[GroupId]) -> str:
    return f"{_write_name(group.before, group.group_id, ids)} → {in_code(quote_name(group.after))}"


def make_creates(creates: Sequence[Create], verb: str = "to create") -> Section:
    """Return the list of creates, folded if there are many."""
    lines = [f"- {_render_create(create)}" for create in creates]
    title, end = fold_above(lines, f"{count(len(creates), 'group', 'groups')} {verb}")
    return Section(rank=4, title=title, items=lines, kind="creates", end=end)


def _render_create(create: Create) -> str:
    description = " ".join(create.description.split())
    more = f": {in_text(description)}" if description else ""
    return f"{in_code(quote_name(create.name))} ({in_text(str(create.source))}){more}"
