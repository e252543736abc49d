"""Plan and apply the contact groups of a Messente Phonebook from a YAML file in git.

The names of `__all__` are the library, explained in docs/library.md; they keep their meaning within a major version.
Each is imported when it is first used, so that `groupsync --version` starts fast.
"""

from __future__ import annotations

import importlib

from groupsync.version import __version__

TYPE_CHECKING = False  # importing it from `typing` takes milliseconds, and no signal is handled before that
if TYPE_CHECKING:
    from typing import Any

    from groupsync.api.client import GroupsClient as GroupsClient
    from groupsync.config.load import load_config as load_config
    from groupsync.environment.account import Settings as Settings
    from groupsync.environment.account import load_settings as load_settings
    from groupsync.environment.policy import load_run_policy as load_run_policy
    from groupsync.errors import (
        ApiError as ApiError,
    )
    from groupsync.errors import (
        ConfigError as ConfigError,
    )
    from groupsync.errors import (
        DamagedPlanError as DamagedPlanError,
    )
    from groupsync.errors import (
        ExitCode as ExitCode,
    )
    from groupsync.errors import (
        GroupsyncError as GroupsyncError,
    )
    from groupsync.errors import (
        LockedError as LockedError,
    )
    from groupsync.errors import (
        NotApprovedError as NotApprovedError,
    )
    from groupsync.errors import (
        RefusedError as RefusedError,
    )
    from groupsync.errors import (
        SettingsError as SettingsError,
    )
    from groupsync.errors import (
        StalePlanError as StalePlanError,
    )
    from groupsync.errors import (
        WrongAccountError as WrongAccountError,
    )
    from groupsync.fixes.question import Question as Question
    from groupsync.fixes.question import Reply as Reply
    from groupsync.fixes.question import accept_renames as accept_renames
    from groupsync.fixes.report import FixReport as FixReport
    from groupsync.interrupt import Interrupt as Interrupt
    from groupsync.model.account import Credentials as Credentials
    from groupsync.model.account import Target as Target
    from groupsync.model.account import make_target as make_target
    from groupsync.model.config import Config as Config
    from groupsync.model.config import GroupEntry as GroupEntry
    from groupsync.model.config import Unlisted as Unlisted
    from groupsync.model.doctor import DoctorReport as DoctorReport
    from groupsync.model.groups import LiveGroup as LiveGroup
    from groupsync.model.groups import Source as Source
    from groupsync.model.limits import RunPolicy as RunPolicy
    from groupsync.model.plan import (
        Change as Change,
    )
    from groupsync.model.plan import (
        Create as Create,
    )
    from groupsync.model.plan import (
        Delete as Delete,
    )
    from groupsync.model.plan import (
        Plan as Plan,
    )
    from groupsync.model.plan import (
        PlanProblem as PlanProblem,
    )
    from groupsync.model.plan import (
        Reason as Reason,
    )
    from groupsync.model.plan import (
        Rename as Rename,
    )
    from groupsync.model.plan import (
        Summary as Summary,
    )
    from groupsync.model.plan import (
        summarize as summarize,
    )
    from groupsync.model.remaining import RemainingChange as RemainingChange
    from groupsync.model.remaining import summarize_remaining as summarize_remaining
    from groupsync.model.report import Outcome as Outcome
    from groupsync.model.report import Report as Report
    from groupsync.model.report import Word as Word
    from groupsync.model.restore import RestoreOutcome as RestoreOutcome
    from groupsync.model.restore import RestoreReport as RestoreReport
    from groupsync.model.review import (
        GuardFinding as GuardFinding,
    )
    from groupsync.model.review import (
        LooseLimit as LooseLimit,
    )
    from groupsync.model.review import (
        Review as Review,
    )
    from groupsync.model.review import (
        Suggestion as Suggestion,
    )
    from groupsync.model.summary import AccountSummary as AccountSummary
    from groupsync.planfile.approval import Approval as Approval
    from groupsync.planfile.approval import make_approval as make_approval
    from groupsync.planfile.approval import parse_approval as parse_approval
    from groupsync.planfile.approval import render_approval as render_approval
    from groupsync.planfile.digest import digest_review as digest_review
    from groupsync.planfile.review import dump_review as dump_review
    from groupsync.planfile.review import load_review as load_review
    from groupsync.pulling import LiveDifferences as LiveDifferences
    from groupsync.pulling import PullChoices as PullChoices
    from groupsync.render.check import render_check as render_check
    from groupsync.render.config_yaml import export_config as export_config
    from groupsync.render.fix import render_fix_report as render_fix_report
    from groupsync.render.fix import render_question as render_question
    from groupsync.render.html import render_html as render_html
    from groupsync.render.report import render_report as render_report
    from groupsync.render.restore import render_restore_report as render_restore_report
    from groupsync.render.text import render_text as render_text
    from groupsync.render.view import Detail as Detail
    from groupsync.render.view import View as View
    from groupsync.review.make import make_review as make_review
    from groupsync.review.verify import VerifiedPlan as VerifiedPlan
    from groupsync.runs.apply import run_apply as run_apply
    from groupsync.runs.check import run_check as run_check
    from groupsync.runs.doctor import run_doctor as run_doctor
    from groupsync.runs.fix import run_fix as run_fix
    from groupsync.runs.options import RunOptions as RunOptions
    from groupsync.runs.plan import run_plan as run_plan
    from groupsync.runs.pull import FoundPull as FoundPull
    from groupsync.runs.pull import PullOptions as PullOptions
    from groupsync.runs.pull import PullResult as PullResult
    from groupsync.runs.pull import run_pull as run_pull
    from groupsync.runs.restore import run_restore as run_restore
    from groupsync.runs.session import Surroundings as Surroundings
    from groupsync.runs.summary import run_summary as run_summary
    from groupsync.watcher import LoggingWatcher as LoggingWatcher
    from groupsync.watcher import Watcher as Watcher

_HOMES = {
    "api.client": ("GroupsClient",),
    "config.load": ("load_config",),
    "environment.account": ("Settings", "load_settings"),
    "environment.policy": ("load_run_policy",),
    "errors": (
        "ApiError",
        "ConfigError",
        "DamagedPlanError",
        "ExitCode",
        "GroupsyncError",
        "LockedError",
        "NotApprovedError",
        "RefusedError",
        "SettingsError",
        "StalePlanError",
        "WrongAccountError",
    ),
    "fixes.question": ("Question", "Reply", "accept_renames"),
    "fixes.report": ("FixReport",),
    "interrupt": ("Interrupt",),
    "model.account": (
        "Credentials",
        "Target",
        "make_target",
    ),
    "model.config": (
        "Config",
        "GroupEntry",
        "Unlisted",
    ),
    "model.doctor": ("DoctorReport",),
    "model.groups": (
        "LiveGroup",
        "Source",
    ),
    "model.limits": ("RunPolicy",),
    "model.plan": (
        "Change",
        "Create",
        "Delete",
        "Plan",
        "PlanProblem",
        "Reason",
        "Rename",
        "Summary",
        "summarize",
    ),
    "model.remaining": (
        "RemainingChange",
        "summarize_remaining",
    ),
    "model.report": (
        "Outcome",
        "Report",
        "Word",
    ),
    "model.restore": (
        "RestoreOutcome",
        "RestoreReport",
    ),
    "model.review": (
        "GuardFinding",
        "LooseLimit",
        "Review",
        "Suggestion",
    ),
    "model.summary": ("AccountSummary",),
    "planfile.approval": ("Approval", "make_approval", "parse_approval", "render_approval"),
    "planfile.digest": ("digest_review",),
    "planfile.review": ("dump_review", "load_review"),
    "pulling": ("LiveDifferences", "PullChoices"),
    "render.check": ("render_check",),
    "render.config_yaml": ("export_config",),
    "render.fix": ("render_fix_report", "render_question"),
    "render.html": ("render_html",),
    "render.report": ("render_report",),
    "render.restore": ("render_restore_report",),
    "render.text": ("render_text",),
    "render.view": ("Detail", "View"),
    "review.make": ("make_review",),
    "review.verify": ("VerifiedPlan",),
    "runs.apply": ("run_apply",),
    "runs.check": ("run_check",),
    "runs.doctor": ("run_doctor",),
    "runs.fix": ("run_fix",),
    "runs.options": ("RunOptions",),
    "runs.plan": ("run_plan",),
    "runs.pull": ("FoundPull", "PullOptions", "PullResult", "run_pull"),
    "runs.restore": ("run_restore",),
    "runs.session": ("Surroundings",),
    "runs.summary": ("run_summary",),
    "watcher": (
        "LoggingWatcher",
        "Watcher",
    ),
}
"""The module of each name, which type checkers see above."""

_MODULES = {name: module for module, names in _HOMES.items() for name in names}

__all__ = ["__version__", *_MODULES]  # noqa: PLE0604 - they are strings


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
