"""Writes live groups as a configuration file; a plan made from it is empty."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from groupsync.display import write_scalar
from groupsync.errors import FileError
from groupsync.model.config import LARGEST_FILE, Unlisted
from groupsync.names import find_name_fault, nfc, same_name_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.account import Target
    from groupsync.model.groups import LiveGroup

_HEAD = """\
# The groups of a Messente Phonebook. `groupsync plan` shows what an edit of this file would change,
# `groupsync apply` makes that change.
{rename}
# To delete a group, take out its entry and list the group under removed.
version: 1
account: {account}  # {pin}
{scope}policy:
  # Groups that this file does not list: keep leaves them alone, delete deletes them, and with refuse
  # a plan is refused until each of them is listed.
  unlisted: {unlisted}
groups:{none}
"""

_RENAME_BY_ID = """\
# An id says which group an entry is: to rename the group and keep its contacts, edit the name.
# If somebody deletes the group, the plan is refused: it is not created again without its contacts."""

_RENAME_BY_NAME = """\
# To rename a group and keep its contacts, add its old name to the entry with the new one:
#   - name: New name
#     previously: [Old name]"""

_SCOPE = """\
# For this file, only groups whose names match one of these patterns exist.
scope:
{patterns}"""

_PIN = "the only account that this file is for"
_PIN_OR_LIST = "for more accounts: [acc-..., acc-...]"


def export_config(
    live: Sequence[LiveGroup],
    target: Target,
    *,
    names_only: bool = False,
    unlisted: Unlisted | None = None,
    scope: Sequence[str] = (),
) -> str:
    """Return the YAML of a configuration with exactly these groups, each with its id; with `names_only` without.

    Also with `names_only`, a group has its id if groupsync would not write its name, or if another group has the same
    name. `unlisted` is the value of `policy.unlisted`: None is `keep`, and `refuse` with `names_only`, because with
    `keep` an edited name would create an empty group beside the old one. `scope` has the patterns of the file's scope,
    all groups if empty. Raises FileError if the text is larger than a configuration file may be.
    """
    groups_of_name = Counter(nfc(group.name) for group in live)
    lines = [
        _HEAD.format(
            rename=_RENAME_BY_NAME if names_only else _RENAME_BY_ID,
            account=target.account,
            pin=_PIN_OR_LIST if names_only else _PIN,
            scope=_write_scope(scope),
            unlisted=(unlisted or (Unlisted.REFUSE if names_only else Unlisted.KEEP)).value,
            none="" if live else " []",
        )
    ]
    for group in sorted(live, key=lambda group: (same_name_key(group.name), group.name, group.id)):
        reason = _find_reason_for_id(group, groups_of_name)
        comment = f"  # needs its id: {reason}" if reason and names_only else ""
        if reason or not names_only:
            lines.append(f"  - name: {write_scalar(group.name)}{comment}\n    id: {group.id}\n")
        else:
            lines.append(f"  - {write_scalar(group.name)}\n")
    text = "".join(lines)
    if len(text.encode()) > LARGEST_FILE:
        raise FileError(
            "the export",
            f"of {len(live):,} groups is larger than the {LARGEST_FILE // 2**20} MiB that groupsync reads of a file",
            remedy="export a part of them: --scope PATTERN",
        )
    return text


def _write_scope(patterns: Sequence[str]) -> str:
    lines = "".join(f"  - {write_scalar(pattern)}\n" for pattern in patterns)
    return _SCOPE.format(patterns=lines) if patterns else ""


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
