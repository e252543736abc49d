"""Live groups as a configuration file of which the plan is empty."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from groupsync.display import write_scalar
from groupsync.errors import FileError
from groupsync.model.config import LARGEST_FILE
from groupsync.names import find_name_fault, nfc, same_name_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
    """Return the YAML of a configuration that wants exactly these groups: by their names, or by their ids as well.

    A group whose name is of a kind that groupsync would not write, or that is not the only one, has its id always.
    Raises FileError where it would be too large to be read again.
    """
    namesakes = Counter(nfc(group.name) for group in live)
    lines = [_HEAD.format(account=target.account, none="" if live else " []")]
    for group in sorted(live, key=lambda group: (same_name_key(group.name), group.name, group.id)):
        reason = _find_need_of_id(group, namesakes)
        lines += _write_pinned(group, reason) if pin_ids or reason else [f"  - {write_scalar(group.name)}\n"]
    text = "".join(lines)
    if len(text.encode()) > LARGEST_FILE:
        raise FileError(
            "the export",
            f"of {len(live):,} groups is larger than the {LARGEST_FILE // 2**20} MiB that groupsync reads of a file",
            remedy="list under ignore what somebody else looks after, and write the rest by hand",
        )
    return text


def _find_need_of_id(group: LiveGroup, namesakes: Counter[str]) -> str:
    """Return why the name alone would not do, empty when it would."""
    if fault := find_name_fault(group.name):
        return f"this name {fault}"
    if namesakes[nfc(group.name)] > 1:
        return "several groups have this name"
    if nfc(group.name) != group.name:
        return "this name is not in Unicode's normal form C, which an editor may give it"
    return ""


def _write_pinned(group: LiveGroup, reason: str) -> Iterator[str]:
    yield f"  - name: {write_scalar(group.name)}{f'  # known by its id: {reason}' if reason else ''}\n"
    yield f"    id: {group.id}\n"
