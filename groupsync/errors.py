"""Every failure that a user, a file or a server can cause, with its exit code and its remedy.

`cli/program.py` prints them. Code that catches one earlier turns it into something more specific: a failure with its
source, or, in the applier, the outcome of a change.
"""

from __future__ import annotations

import enum
import shlex
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from groupsync.display import first_lines, quote, quote_file

if TYPE_CHECKING:
    from collections.abc import Sequence


MOST_DIFFERENCES = 20


class ExitCode(enum.IntEnum):
    """The exit codes of the program; the output format never changes them."""

    meaning: str

    DONE = 0, "done, or nothing to do"
    ERROR = 1, "error, nothing written"
    CHANGES_PENDING = 2, "changes pending (only with `--detailed-exitcode`, and of `summary`)"
    REFUSED = 3, "refused by a guard, ambiguous, or not approved; nothing written"
    STALE = 4, "the plan is stale or not the one reviewed; nothing written"
    INCOMPLETE = 5, "apply or restore incomplete, the report says what remains"
    USAGE = 64, "wrong usage of the command line"
    HUNG_UP = 129, "ended by SIGHUP: the terminal was closed"
    INTERRUPTED = 130, "interrupted by Ctrl-C"
    TERMINATED = 143, "ended by SIGTERM"

    def __new__(cls, code: int, meaning: str) -> ExitCode:  # noqa: PYI034 - an enum's members are of its own class
        """Make a member that is its code and carries its meaning."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member


def describe_os_error(error: OSError) -> str:
    """Return the words of the operating system for an error, as the end of a sentence."""
    return (error.strerror or str(error)).lower()


class GroupsyncError(Exception):
    """A failure that is printed as one message and a remedy, without a traceback."""

    exit_code: ClassVar[ExitCode] = ExitCode.ERROR
    remedy: str = ""
    next_command: str = ""
    """The command that the remedy ends with, printed with the options of the run."""
    excerpt: tuple[str, ...] = ()
    """The line of the configuration that causes it, with a caret below its column."""


class Problem(NamedTuple):  # not a Struct: errors are printed without any package, and `--version` starts faster
    """What is wrong with the configuration, and where; `str()` is the line that its author reads.

    Line and column count from 1, in characters; both are 0 if the whole file is meant. The file is as the user gave it,
    empty if no single file is meant.
    """

    sentence: str
    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        start = f"{quote_file(self.file)}: " if self.file else ""
        if self.line:
            start = f"{quote_file(self.file)}:{self.line}:{self.column}: "
        return start + self.sentence


class ConfigError(GroupsyncError):
    """The configuration has problems; each names file, line and column, and what to do.

    `problems` are their texts, `located_problems` the same as values. `excerpts` are the lines to print below each, if
    there are any.
    """

    def __init__(self, located_problems: Sequence[Problem], excerpts: Sequence[Sequence[str]] = ()) -> None:
        self.located_problems = tuple(located_problems)
        self.problems = tuple(map(str, located_problems))
        self.excerpts = tuple(excerpts)
        blocks = list(self.problems)
        for number, excerpt in enumerate(excerpts):
            blocks[number] = "\n".join([blocks[number], *excerpt])
        heading = f"{len(self.problems)} problems in the configuration:\n  " if len(self.problems) > 1 else ""
        super().__init__(heading + "\n  ".join(blocks))


class SettingsError(GroupsyncError):
    """The environment or the options are incomplete, or contradict each other."""

    def __init__(self, sentence: str, *, remedy: str = "") -> None:
        self.remedy = remedy
        super().__init__(sentence)


class FileError(GroupsyncError):
    """A file could not be read or written; `problem` says why, as the end of a sentence."""

    def __init__(self, path: str, problem: str, *, remedy: str = "") -> None:
        self.path = path
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"{path}: {problem}")


class NotEditedError(GroupsyncError):
    """A configuration file cannot be edited; `edits` is what a person can do by hand, with lines to paste."""

    def __init__(self, reason: str, edits: Sequence[str]) -> None:
        self.edits = tuple(edits)
        self.remedy = "\n".join(["nothing was written; edit the files by hand:", *edits])
        super().__init__(reason)


class PruneRefusedError(GroupsyncError):
    """`pull --prune` would remove too much; `sentence` says why it is refused."""

    exit_code = ExitCode.REFUSED

    def __init__(self, sentence: str) -> None:
        self.remedy = "nothing was written; check the account, then remove the entries by hand or raise the limit"
        super().__init__(sentence)


class DamagedPlanError(GroupsyncError):
    """The plan file was not written by groupsync, or it was changed since."""

    remedy = "make a new plan, and review it"
    next_command = "plan"

    def __init__(self, path: str, problem: str) -> None:
        if path.endswith((".yaml", ".yml")):  # a configuration: no plan may be written over it
            self.remedy = f"make a plan from the configuration: groupsync plan -c {shlex.quote(path)} --out plan.json"
            self.next_command = ""
        super().__init__(f"{path}: not a usable plan file: {problem}")


class ReportAsPlanError(DamagedPlanError):
    """The file is the report of a run; no plan may be written over it."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "it is the report of a run")
        self.remedy = f"name a plan file, or see what the report says: groupsync summary {shlex.quote(path)}"
        self.next_command = ""


class DamagedReportError(GroupsyncError):
    """The file is not a report that groupsync wrote."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: not a usable report: {problem}")


class DamagedBackupError(GroupsyncError):
    """The file is not a backup that groupsync wrote, or it was changed since."""

    remedy = "look for another copy of it; a backup that was changed cannot be restored"

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: not a usable backup: {problem}")


class LockedError(GroupsyncError):
    """Another run on this machine works on the same account."""

    def __init__(self, account: str) -> None:
        self.remedy = "nothing was written; wait until it ends, or make this run wait: --lock-timeout SECONDS"
        super().__init__(f"another run of groupsync is working on the account {account} on this machine")


class OutputError(GroupsyncError):
    """The result could not be printed."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"standard output: cannot be written: {problem}")


class MissingPackageError(GroupsyncError):
    """A package that groupsync needs is not installed; `what` names it, `requirement` is for pip."""

    def __init__(self, what: str, requirement: str) -> None:
        self.remedy = f"pip install '{requirement}'"
        super().__init__(f"{what} is not installed")


class BrokenPackageError(GroupsyncError):
    """A package that groupsync needs is installed, and cannot be loaded."""

    remedy = "raise the limit of memory if there is one (ulimit -v), or install groupsync again"

    def __init__(self, error: ImportError) -> None:
        super().__init__(f"a package that groupsync needs cannot be loaded: {error}")


class OutOfMemoryError(GroupsyncError):
    """The run needs more memory than the system gives it."""

    remedy = (
        "nothing was written; raise the limit of memory (ulimit -v, or that of the container), or use smaller files"
    )

    def __init__(self) -> None:
        super().__init__("this run needs more memory than the system gives it")


class LostReportError(GroupsyncError):
    """Memory ran out after the first change was begun, and the report is lost."""

    exit_code = ExitCode.INCOMPLETE
    remedy = "raise the limit of memory, and run `groupsync plan` to see what remains"

    def __init__(self) -> None:
        super().__init__("memory ran out after changes had begun, so it is not known which of them were made")


class UnsupportedSystemError(GroupsyncError):
    """The command changes an account, and is not tested on this system yet."""

    def __init__(self, command: str) -> None:
        self.remedy = f"run {command} on Linux or macOS, in the Windows Subsystem for Linux or in a container"
        super().__init__(f"{command} does not run on Windows yet; plan, check and the other commands do")


class NoThreadError(GroupsyncError):
    """The system starts no thread for the run."""

    remedy = "raise the limit of processes (ulimit -u, or that of the container)"

    def __init__(self) -> None:
        super().__init__("this run needs a thread, and the system does not start one")


class ApiError(GroupsyncError):
    """A request to the Phonebook failed.

    - `ambiguous`: the server may have carried it out anyway, because the answer was lost or broken.
    - `transient`: the same request may succeed in a moment.
    - `status`: the HTTP status of the answer; None if there was none.
    - `retry_after`: how many seconds the server asks to wait; None if it does not say.
    - `only_reads`: the request writes nothing.
    - `is_refusal`: the Phonebook refuses this very request, and would refuse it again.
    """

    def __init__(  # noqa: PLR0913 - what a caller may want to decide by
        self,
        request: str,
        problem: str,
        *,
        ambiguous: bool = False,
        transient: bool = False,
        status: int | None = None,
        retry_after: float | None = None,
        is_refusal: bool = False,
        remedy: str = "",
    ) -> None:
        self.is_refusal = is_refusal
        self.only_reads = request.startswith("GET ")
        self.ambiguous = ambiguous
        self.transient = transient
        self.status = status
        self.retry_after = retry_after
        self.remedy = remedy
        super().__init__(f"{request}: {problem}")

    def note_attempts(self, number: int) -> None:
        """Add to the text how often the request was sent, if more than once."""
        if number > 1:
            self.args = (f"{self} (tried {number} times)",)


class NotSentError(ApiError):
    """The run was interrupted before it sent the request."""

    def __init__(self, request: str) -> None:
        super().__init__(request, "it was not sent: the run was interrupted")


class PageError(ApiError):
    """An HTML page came in place of the Phonebook's answer, with the status of a success."""


class PartialListError(ApiError):
    """The answer has a list that may be incomplete."""


class StoredNameError(ApiError):
    """The server stored a different name for the group than was sent."""

    def __init__(self, request: str, *, group_id: str, sent_name: str, stored_name: str, status: int) -> None:
        self.group_id = group_id
        self.sent_name = sent_name
        self.stored_name = stored_name
        super().__init__(
            request, f"the server stored {quote(stored_name)} instead of {quote(sent_name)}", status=status
        )


class UnauthorizedError(ApiError):
    """The sender may not make the request (HTTP 401 or 403), says the Phonebook or a server in front of it."""


class MissingError(ApiError):
    """The Phonebook has no such group or contact (HTTP 404)."""

    def __init__(self, request: str, problem: str) -> None:
        super().__init__(request, problem, status=404)


class WrongAccountError(GroupsyncError):
    """The configuration names another account than that of the credentials (guard `account`)."""

    exit_code = ExitCode.REFUSED

    def __init__(self, source: str, sentence: str, *, excerpt: tuple[str, ...], remedy: str) -> None:
        self.excerpt = excerpt
        self.remedy = f"nothing was read or written; {remedy}"
        super().__init__(f"{source}: {sentence}")


class RefusedError(GroupsyncError):
    """The plan must not be applied: a guard or a problem refuses it."""

    exit_code = ExitCode.REFUSED

    def __init__(self, codes: Sequence[str], *, what: str = "plan") -> None:
        self.remedy = f"nothing was written; see the {what} for the reason and what to do"
        super().__init__(f"the {what} is refused: " + ", ".join(dict.fromkeys(codes)))


class NotApprovedError(GroupsyncError):
    """The plan was not approved."""

    exit_code = ExitCode.REFUSED

    def __init__(self, sentence: str, *, remedy: str = "nothing was written") -> None:
        self.remedy = remedy
        super().__init__(sentence)


class StalePlanError(GroupsyncError):
    """The plan is not the one to apply here and now: something differs from what was reviewed."""

    exit_code = ExitCode.STALE
    remedy = "nothing was written; make a new plan and review it"
    next_command = "plan"
    heading: ClassVar[str] = "the plan is stale"

    def __init__(self, differences: Sequence[str], *, has_other_files: bool = False) -> None:
        self.differences = tuple(first_lines(differences, MOST_DIFFERENCES))
        super().__init__(f"{self.heading}:" + "".join(f"\n  {difference}" for difference in self.differences))
        if has_other_files:
            self.remedy = "nothing was written; give the -c of the plan, or make a new plan and review it"


class UnapprovedPlanError(StalePlanError):
    """The plan is not the approved one, or more people would lose a group than was approved."""

    heading = "the plan is not what was approved"


class StaleRestoreError(GroupsyncError):
    """The preview of a restore is out of date: it would do something else now."""

    exit_code = ExitCode.STALE
    remedy = "nothing was written; run it again and review what it would do now"

    def __init__(self) -> None:
        super().__init__("the groups or contacts to restore have changed since they were shown")
