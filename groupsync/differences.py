"""How two sets of flat documents differ, in lines that a reader can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groupsync.display import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def compare_documents(
    reviewed: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]
) -> tuple[str, ...]:
    """Return a line for each field that differs between two sets of flat documents, both keyed by what they are of."""
    names = [name for name in {**reviewed, **now} if reviewed.get(name) != now.get(name)]
    return tuple(_iterate_differences(_pick(reviewed, names), _pick(now, names))) if names else ()


def _pick(documents: Mapping[str, Mapping[str, Any]], names: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    return {name: documents[name] for name in names if name in documents}


def _iterate_differences(
    reviewed: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    from deepdiff import DeepDiff  # noqa: PLC0415 - a heavy import, made when needed

    # Two sets that share few keys would be told as one change of everything, but for the threshold.
    found = DeepDiff(reviewed, now, view="tree", threshold_to_diff_deeper=0)
    for level in sorted((level for levels in found.values() for level in levels), key=lambda level: level.path()):
        name, *field = level.path(output_format="list")
        if field:
            yield f"{name}: {field[0]}: reviewed {_show(level.t1)}, now {_show(level.t2)}"
        else:
            yield f"{name}: {'reviewed, but not there now' if name in reviewed else 'not reviewed, but there now'}"


def _show(value: object) -> str:
    return quote(value) if isinstance(value, str) else "none" if value is None else str(value)
