"""The groups of a benchmark, live and wanted, and the files in which each program reads them."""

from __future__ import annotations

import enum
import random
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from benchmarks.server.labels import COLOR

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_WORDS = (
    *("Newsletter", "VIP", "Customers", "Estonia", "Latvia", "Leads", "Spring", "Sale", "Campaign", "Partners"),
    *("Press", "Staff", "Tallinn", "Riga", "Webinar", "Trial", "Churned", "Gold", "Silver", "Event", "Import", "Test"),
    *("Old", "Loyal", "Inactive", "Retail", "Wholesale", "Kliendid", "Клиенты", "顧客"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Live groups as (id, name, number of contacts), the wanted names, and the earlier name of each renamed one."""

    live: tuple[tuple[str, str, int], ...]
    wanted: tuple[str, ...]
    earlier: dict[str, str]

    @property
    def creates(self) -> int:
        """How many groups are to be made."""
        return len({*self.wanted} - {name for _, name, _ in self.live} - self.earlier.keys())

    @property
    def deletes(self) -> int:
        """How many groups are to go."""
        return len(self.live) - (len(self.wanted) - self.creates)

    @property
    def changes(self) -> int:
        """How many groups are to be made, renamed and deleted."""
        return self.creates + len(self.earlier) + self.deletes


def make_workload(number: int, *, creates: int = 0, renames: int = 0, deletes: int = 0) -> Workload:
    """Return so many live groups, of which the last are deleted and those before them renamed; who goes is empty."""
    chance = random.Random(number)  # noqa: S311 - the same names each time
    names = [_make_name(chance, place) for place in range(number + creates + renames)]
    live = tuple(
        (str(uuid.UUID(int=chance.getrandbits(128), version=4)), name, _count(chance, place, number - deletes))
        for place, name in enumerate(names[:number])
    )
    kept = names[: number - deletes - renames]
    renamed = dict(zip(names[number : number + renames], names[len(kept) :], strict=False))
    return Workload(live=live, wanted=(*kept, *renamed, *names[number + renames :]), earlier=renamed)


def _make_name(chance: random.Random, place: int) -> str:
    """Return a name that no other place has, no longer than a label at GitHub may be (50)."""
    return " ".join([*chance.sample(_WORDS, chance.randint(1, 3)), str(place)])


def _count(chance: random.Random, place: int, first_deleted: int) -> int:
    return chance.randint(0, 5_000) if place < first_deleted else 0


class Style(enum.Enum):
    """How the entries of a file are written, by what a reader of the tables calls it."""

    NAMES = "names alone"
    MAPPINGS = "entries with `name:`"
    PINNED = "entries with `name:` and `id:`"


def write_groups(workload: Workload, path: Path, style: Style = Style.NAMES) -> None:
    """Write groups.yaml: what groupsync and the plain script read; deletions need no more consent."""
    ids = {name: group_id for group_id, name, _ in workload.live} if style is Style.PINNED else {}
    lines = ["version: 1", f"policy: {{unlisted: delete, max_deletes: {workload.deletes}}}", "groups:"]
    lines += [_write_entry(name, workload.earlier.get(name), ids.get(name), style) for name in workload.wanted]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_entry(name: str, earlier: str | None, group_id: str | None, style: Style) -> str:
    if earlier:
        return f"  - {{name: {name}, previously: [{earlier}]}}"
    if style is Style.NAMES:
        return f"  - {name}"
    return f"  - name: {name}" + (f"\n    id: {group_id}" if group_id else "")


def write_exported(workload: Workload, path: Path) -> None:
    """Write groups.yaml as `export` does: each group with its id, and by its wanted name if that is another one."""
    ids = {name: group_id for group_id, name, _ in workload.live}
    lines = ["# The groups of a Messente Phonebook.", "version: 1", "policy:", "  unlisted: keep", "groups:"]
    for name in workload.wanted:
        lines += [f"  - name: {name}", f"    id: {ids[workload.earlier.get(name, name)]}"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_labels_toml(workload: Workload, path: Path) -> None:
    """Write the file of `labels`: a table a label, under the name that it has so far."""
    path.write_text("\n".join(_write_table(name, workload.earlier) for name in workload.wanted), encoding="utf-8")


def _write_table(name: str, earlier: dict[str, str]) -> str:
    return f'["{earlier.get(name, name)}"]\ncolor = "{COLOR}"\nname = "{name}"\ndescription = ""\n'


def write_labels_yaml(workload: Workload, path: Path) -> None:
    """Write the file of `github-label-sync`."""
    labels = [_make_label(name, workload.earlier.get(name)) for name in workload.wanted]
    path.write_text(yaml.safe_dump(labels, allow_unicode=True), encoding="utf-8")


def _make_label(name: str, earlier: str | None) -> dict[str, str | Sequence[str]]:
    return {"name": name, "color": COLOR, "aliases": [earlier] if earlier else []}


def make_hosts(number: int) -> Workload:
    """Return so many live groups that are all wanted, of names that records of DNS may have."""
    live = tuple((str(uuid.UUID(int=place, version=4)), f"group-{place:06}", 0) for place in range(number))
    return Workload(live=live, wanted=tuple(name for _, name, _ in live), earlier={})
