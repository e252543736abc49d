"""Read the report of a run that `apply --report` or `restore --report` wrote."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from msgspec import convert

from groupsync.errors import DamagedReportError
from groupsync.model.plan import PlanOptions, describe_options
from groupsync.model.report import GOOD_WORDS
from groupsync.model.scope import describe_scope
from groupsync.model.summary import AccountSummary, FileKind, State
from groupsync.planfile.restrictions import load_scope
from groupsync.sealed import read_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FORMAT_VERSION = "1.0"
_GOOD = frozenset(word.value for word in GOOD_WORDS)


def summarize_record(content: bytes, name: str) -> AccountSummary:
    """Return what a report says of its account; raise DamagedReportError if it is not one, or of another version."""
    try:
        document = read_document(content, schema="report", version=FORMAT_VERSION)
    except ValueError as error:
        raise DamagedReportError(name, str(error)) from error
    changes = [change for change in document["changes"] if not change["temporary"]]
    done = [change for change in changes if change["word"] in _GOOD]
    deleted = [change["contacts_count"] for change in done if change["kind"] == "delete"]
    state = _find_state(document)
    return AccountSummary(
        file=name,
        state=state,
        account=document["account"],
        problem=_describe_not_done([*document["changes"], *document["restores"]]) if state is State.INCOMPLETE else "",
        create=sum(change["kind"] == "create" for change in done),
        rename=sum(change["kind"] == "rename" for change in done),
        delete=len(deleted),
        memberships_lost=sum(number or 0 for number in deleted),
        unknown=deleted.count(None),
        kind=FileKind.REPORT,
        as_of=document["finished_at"] or document["started_at"],
        groupsync_version=document["groupsync_version"],
        restrictions=(*describe_scope(load_scope(document)), *describe_options(convert(document, PlanOptions))),
    )


def _find_state(document: Mapping[str, Any]) -> State:
    if document["finished_at"] is None:
        return State.NOT_FINISHED
    return State.COMPLETE if document["complete"] else State.INCOMPLETE


def _describe_not_done(outcomes: Sequence[Mapping[str, Any]]) -> str:
    """Return how the changes ended that are not done, such as `1 failed, 2 not attempted`."""
    words = Counter(outcome["word"] for outcome in outcomes if outcome["word"] not in _GOOD)
    return ", ".join(f"{number:,} {word}" for word, number in sorted(words.items())) or "the result was not verified"
