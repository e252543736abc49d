"""Writes live groups as a configuration file; a plan made from it is empty."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from groupsync.display import write_scalar
from groupsync.errors import FileError
from groupsync.model.config import LARGEST_FILE
from groupsync.names import find_name_fault, nfc, same_name_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.account import Target
    from groupsync.model.groups import LiveGroup

_HEAD = """\
# The groups of a Messente Phonebook. `groupsync plan` shows what an edit of this file would change,
# `groupsync apply` makes it so. To rename a group and keep its contacts, give it its earlier name as well:
#   - name: New name
#     previously: [Old name]
version: 1
account: {account}  # the only account that this file is for
policy:
  unlisted: delete  # a live group that this file does not name; or keep: leave it alone, or refuse the plan
groups:{none}
"""


def export_config(live: Sequence[LiveGroup], target: Target, *, pin_ids: bool = False) -> str:
    """Return the YAML of a configuration with exactly these groups, by name; with `pin_ids`, also by id.

    A group is written with its id in any case if groupsync would not write its name, or if another group has the same
    name. Raises FileError if the text is larger than a configuration file may be.
    """
    groups_of_name = Counter(nfc(group.name) for group in live)
    lines = [_HEAD.format(account=target.account, none="" if live else " []")]
    for group in sorted(live, key=lambda group: (same_name_key(group.name), group.name, group.id)):
        reason = _find_reason_for_id(group, groups_of_name)
        comment = f"  # known by its id: {reason}" if reason else ""
        if pin_ids or reason:
            lines.append(f"  - name: {write_scalar(group.name)}{comment}\n    id: {group.id}\n")
        else:
            lines.append(f"  - {write_scalar(group.name)}\n")
    text = "".join(lines)
    if len(text.encode()) > LARGEST_FILE:
        raise FileError(
            "the export",
            f"of {len(live):,} groups is larger than the {LARGEST_FILE // 2**20} MiB that groupsync reads of a file",
            remedy="list under ignore what somebody else looks after, and write the rest by hand",
        )
    return text


def _find_reason_for_id(group: LiveGroup, groups_of_name: Counter[str]) -> str:
    """Return why the name alone is not enough; empty if it is."""
    name = nfc(group.name)
    if fault := find_name_fault(group.name):
        return f"this name {fault}"
    if groups_of_name[name] > 1:
        return "several groups have this name"
    if name != group.name:
        return "this name is not in Unicode's normal form C, which an editor may give it"
    return ""
