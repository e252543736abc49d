"""One view of many accounts: what each plan file or report says, the worst first."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SEVERITY = (
    ExitCode.ERROR,
    ExitCode.INCOMPLETE,
    ExitCode.STALE,
    ExitCode.REFUSED,
    ExitCode.CHANGES_PENDING,
    ExitCode.DONE,
)
"""The exit codes of a summary, the worst first."""


class FileKind(enum.Enum):
    """What a file of a summary is."""

    PLAN = "plan"
    REPORT = "report"


class State(enum.Enum):
    """What a plan file or a report says of its account."""

    UNREADABLE = "unreadable"
    MISSING = "missing"
    NOT_FINISHED = "not finished"
    INCOMPLETE = "incomplete"
    NO_PLAN = "without a plan"
    REFUSED = "refused"
    CHANGES = "pending"
    NO_CHANGES = "up to date"
    COMPLETE = "complete"


_EXIT_CODES = {
    State.UNREADABLE: ExitCode.ERROR,
    State.MISSING: ExitCode.ERROR,
    State.NOT_FINISHED: ExitCode.INCOMPLETE,
    State.INCOMPLETE: ExitCode.INCOMPLETE,
    State.NO_PLAN: ExitCode.REFUSED,
    State.REFUSED: ExitCode.REFUSED,
    State.CHANGES: ExitCode.CHANGES_PENDING,
    State.NO_CHANGES: ExitCode.DONE,
    State.COMPLETE: ExitCode.DONE,
}


class AccountSummary(Struct, frozen=True, kw_only=True):
    """What one file says of its account.

    `file` is the plan file or report, `account` its fingerprint (empty if the file is unreadable), `config_paths` the
    paths of the configuration. `problem` says why the file is unreadable, which guards refuse the plan, or how many
    changes are not done. The figures of a plan are what it would do, those of a report what is done; `unknown` counts
    the groups of unknown size that are deleted. `as_of` is when the plan was made or the run finished (started, if it
    did not finish), by `groupsync_version`; both are empty if there is no readable file. `approval` is that of a plan,
    empty if it has none. `label` and `link` are what the user calls the account, and where to read more.
    `restrictions` are sentences that say what the run was limited to.
    """

    file: str
    state: State
    account: str = ""
    config_paths: tuple[str, ...] = ()
    problem: str = ""
    create: int = 0
    rename: int = 0
    delete: int = 0
    memberships_lost: int = 0
    unknown: int = 0
    kind: FileKind | None = None
    as_of: str = ""
    groupsync_version: str = ""
    approval: str = ""
    label: str = ""
    link: str = ""
    restrictions: tuple[str, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of a run that ends in this state."""
        return _EXIT_CODES[self.state]

    @property
    def name(self) -> str:
        """What to call the account: its label, its fingerprint, or the file if that is unreadable."""
        return self.label or self.account or self.file


def sort_worst_first(summaries: Iterable[AccountSummary]) -> tuple[AccountSummary, ...]:
    """Return the summaries by exit code, then by what is lost, then by name."""
    return tuple(sorted(summaries, key=_badness))


def _badness(one: AccountSummary) -> tuple[int, int, int, int, str, str]:
    severity = SEVERITY.index(one.exit_code)
    return severity, -one.memberships_lost, -one.unknown, -one.delete, one.name, one.file


def find_exit_code(summaries: Sequence[AccountSummary]) -> ExitCode:
    """Return the worst exit code; DONE if there is none."""
    return min((one.exit_code for one in summaries), key=SEVERITY.index, default=ExitCode.DONE)


def find_oldest(summaries: Iterable[AccountSummary]) -> AccountSummary | None:
    """Return the summary of the oldest file; None if no file is readable."""
    return min((one for one in summaries if one.as_of), key=lambda one: (one.as_of, one.file), default=None)


def find_missing(summaries: Sequence[AccountSummary], labels: Mapping[str, str]) -> list[AccountSummary]:
    """Return a summary for each account that has a label and no file."""
    found = {one.account for one in summaries}
    return [
        AccountSummary(file="", state=State.MISSING, account=account, problem="no plan file or report of this account")
        for account in labels
        if account not in found
    ]
