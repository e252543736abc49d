"""Compare two sets of flat documents, and describe each difference in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groupsync.display import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def compare_documents(
    reviewed: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]
) -> tuple[str, ...]:
    """Return a line for each field that differs; both sets map what a document is about to the document."""
    names = [name for name in {**reviewed, **now} if reviewed.get(name) != now.get(name)]
    return tuple(_describe_differences(_pick(reviewed, names), _pick(now, names))) if names else ()


def _pick(documents: Mapping[str, Mapping[str, Any]], names: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    return {name: documents[name] for name in names if name in documents}


def _describe_differences(
    reviewed: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    from deepdiff import DeepDiff  # noqa: PLC0415 - a heavy import, made when needed

    # Without this threshold, two sets that share few keys would be reported as one single difference.
    found = DeepDiff(reviewed, now, view="tree", threshold_to_diff_deeper=0)
    for level in sorted((level for levels in found.values() for level in levels), key=lambda level: level.path()):
        name, *field = level.path(output_format="list")
        if field:
            yield f"{name}: {field[0]}: reviewed {_describe(level.t1)}, now {_describe(level.t2)}"
        else:
            was_reviewed = "was reviewed, and is not in the plan of this configuration"
            is_new = "is in the plan of this configuration, and was not reviewed"
            yield f"{name} {was_reviewed if name in reviewed else is_new}"


def _describe(value: object) -> str:
    if value is None:
        return "none"
    return quote(value) if isinstance(value, str) else str(value)
