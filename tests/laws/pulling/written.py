"""Configurations written as files: several files, several styles, comments and line ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from unicodedata import normalize

from hypothesis import strategies as st
from msgspec.structs import replace

from groupsync.config.load import load_texts
from groupsync.display import write_scalar
from groupsync.errors import ConfigError
from groupsync.model.config import GroupEntry, RemovedId, RemovedName
from groupsync.model.groups import LiveGroup, Source
from groupsync.names import nfc
from tests.laws.strategies import NAMES, situations
from tests.unit.core import make_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.config import Config, Removal

FILES = ("a.yaml", "b.yaml", "c.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A valid configuration with its texts, and the live groups of its account."""

    config: Config
    live: tuple[LiveGroup, ...]


@st.composite
def written(draw: st.DrawFn, *, with_comments: bool = True) -> Written | None:
    """Draw a configuration as files, with live groups; None if the files contradict each other."""
    config, live = draw(situations())
    gone = draw(st.lists(st.integers(0x900, 0x905), max_size=2, unique=True))
    entries: list[GroupEntry | Removal] = [
        *config.groups,
        *config.removed,
        *(replace(_GONE, name=f"Gone {number}", id=make_id(number)) for number in gone),
    ]
    files = FILES[: draw(st.integers(1, 3))]
    parts: dict[str, list[GroupEntry | Removal]] = {file: [] for file in files}
    for entry in entries:
        parts[draw(st.sampled_from(files))].append(entry)
    texts = {}
    for file in files:
        head = _write_head(draw, config) if file == files[0] else ["version: 1"]
        lines = [*head, *_write_list(draw, parts[file], with_comments=with_comments)]
        end = draw(st.sampled_from(("\n", "\n", "\r\n")))
        texts[file] = end.join(lines) + draw(st.sampled_from((end, end, "")))
    try:
        return Written(config=load_texts(texts), live=(*live, *draw(_twins(live))))
    except ConfigError:
        return None


_GONE = GroupEntry(name="", source=Source(file="", line=1))


@st.composite
def _twins(draw: st.DrawFn, live: Sequence[LiveGroup]) -> list[LiveGroup]:
    """Draw more groups, in the dashboard: some with the name of another, in other code points or in other case."""
    accented = [group.name for group in live if not group.name.isascii()]
    base = st.sampled_from([*NAMES, *(group.name for group in live), *(accented * len(NAMES))])
    changed = base.flatmap(
        lambda name: st.sampled_from((name, name.upper(), nfc(name), normalize("NFD", name), f"{name} 2", f" {name}"))
    )
    names = draw(st.lists(changed, max_size=4))
    return [
        LiveGroup(id=make_id(0x700 + number), name=name, contacts_count=number) for number, name in enumerate(names)
    ]


def _write_head(draw: st.DrawFn, config: Config) -> list[str]:
    lines = ["# The groups of the account", "version: 1"]
    if config.policy.unlisted:
        lines += ["policy:", f"  unlisted: {config.policy.unlisted.value}"]
    if config.ignore:
        lines.append(f"ignore: [{', '.join(write_scalar(pattern.text) for pattern in config.ignore)}]")
    if draw(st.integers(0, 9)) == 0:
        names = {group.name for group in config.groups} | {old for one in config.groups for old in one.previously}
        names |= {removal.name for removal in config.removed if isinstance(removal, RemovedName)}
        initials = sorted({name[:1] for name in names if name[:1] not in "*?"} | {"V", "G"})
        lines.append(f"scope: [{', '.join(write_scalar(f'{initial}*') for initial in initials)}]")
    return lines


def _write_list(draw: st.DrawFn, entries: Sequence[GroupEntry | Removal], *, with_comments: bool) -> list[str]:
    groups = [entry for entry in entries if isinstance(entry, GroupEntry)]
    removed = [entry for entry in entries if not isinstance(entry, GroupEntry)]
    indent = draw(st.sampled_from(("", "  ", "  ", "    ")))
    lines = ["groups:"] if groups else [draw(st.sampled_from(("groups: []", "groups:")))]
    for entry in groups:
        lines += _write_entry(draw, entry, indent, with_comments=with_comments)
    if removed:
        lines.append("removed:")
        for removal in removed:
            value = f"id: {removal.id}" if isinstance(removal, RemovedId) else f"name: {write_scalar(removal.name)}"
            lines.append(f"{indent}- {value}")
    return lines


def _write_entry(draw: st.DrawFn, entry: GroupEntry, indent: str, *, with_comments: bool) -> list[str]:
    keys = {"name": write_scalar(entry.name)}
    if entry.id:
        keys["id"] = entry.id
    if entry.previously:
        keys["previously"] = f"[{', '.join(map(write_scalar, entry.previously))}]"
    remark = f"  # about {draw(st.integers(0, 99))}" if with_comments and draw(st.integers(0, 2)) == 0 else ""
    above = [f"{indent}# above {draw(st.integers(0, 99))}"] if with_comments and draw(st.integers(0, 4)) == 0 else []
    if len(keys) == 1 and draw(st.booleans()):
        return [*above, f"{indent}- {keys['name']}{remark}"]
    if draw(st.integers(0, 3)) == 0:
        return [*above, f"{indent}- {{{', '.join(f'{key}: {value}' for key, value in keys.items())}}}{remark}"]
    first, *others = [f"{key}: {value}" for key, value in keys.items()]
    return [*above, f"{indent}- {first}{remark}", *(f"{indent}  {other}" for other in others)]
