"""What changed in the Phonebook since a plan was made, in lines that a reader can act on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupsync.differences import compare_documents
from groupsync.display import quote
from groupsync.model.config import RemovedId
from groupsync.model.plan import Create, get_new_name
from groupsync.names import same_name_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup
    from groupsync.model.plan import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """The differences that make a plan stale, and the newcomers that do not."""

    differences: tuple[str, ...]
    newcomers: tuple[LiveGroup, ...]


def find_drift(
    config: Config, base: Sequence[LiveGroup], live: Sequence[LiveGroup], changes: Sequence[Change]
) -> Drift:
    """Compare the live groups with the base of a plan, except those that its changes are about.

    Contact counts may differ, and groups that are ignored both times do not matter. A newcomer makes the plan stale if
    the configuration or the plan mentions its name or id; one with exactly the name of a create is the group created.
    """
    ignores = config.make_ignorer()
    planned = {change.group_id for change in changes if not isinstance(change, Create)}
    created = {change.name for change in changes if isinstance(change, Create)}
    base_ids = {group.id for group in base}

    changed = _find_changed([group for group in base if group.id not in planned], live, ignores)
    concerns = _find_concerns(config, changes)
    conflicting = []
    harmless = []
    for group in (group for group in live if group.id not in base_ids):
        concern = concerns.get(group.id) or concerns.get(same_name_key(group.name), "")
        if group.id in concerns or (concern and group.name not in created):
            conflicting.append(f"group {quote(group.name)} [id={group.id}] is new, and {concern}")
        elif group.name not in created and not ignores(group.name):
            harmless.append(group)
    return Drift(differences=(*changed, *conflicting), newcomers=tuple(harmless))


def _find_changed(
    base: Sequence[LiveGroup], live: Sequence[LiveGroup], ignores: Callable[[str], bool]
) -> tuple[str, ...]:
    """Return a line for each group that has another name now or is gone, unless it is ignored both times."""
    live_by_id = {group.id: group for group in live}
    reviewed: dict[str, dict[str, str]] = {}
    now: dict[str, dict[str, str]] = {}
    for group in base:
        current = live_by_id.get(group.id)
        if current and current.name == group.name:
            continue
        if ignores(group.name) and (current is None or ignores(current.name)):
            continue
        reviewed[f"group {group.id}"] = {"name": group.name}
        if current:
            now[f"group {group.id}"] = {"name": current.name}
    return compare_documents(reviewed, now)


def _find_concerns(config: Config, changes: Sequence[Change]) -> dict[str, str]:
    """Map each id and each same-name key that a newcomer must not have to the reason."""
    concerns: dict[str, str] = {}
    for change in changes:
        if (name := get_new_name(change)) is not None:
            concerns[same_name_key(name)] = "the plan writes that name"
    for removal in config.removed:
        key = removal.id if isinstance(removal, RemovedId) else same_name_key(removal.name)
        concerns[key] = "the configuration removes it"
    for entry in config.groups:
        concerns |= {
            same_name_key(name): "the configuration wants that name" for name in (entry.name, *entry.previously)
        }
        if entry.id:
            concerns[entry.id] = "the configuration wants that id"
    return concerns
