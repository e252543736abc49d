"""Plan and apply the contact groups of a Messente Phonebook from a YAML file in git.

The names of `__all__` are the library, explained in docs/library.md; they keep their meaning within a major version.
Each is imported when it is first used, so that `groupsync --version` is instant.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from groupsync.version import __version__

if TYPE_CHECKING:
    from groupsync.api.client import GroupsClient
    from groupsync.applier.apply import apply_plan
    from groupsync.backup import BackupFolder
    from groupsync.config.load import load_config
    from groupsync.environment import Settings, find_lock_dir, load_run_policy, load_settings
    from groupsync.errors import (
        ApiError,
        ConfigError,
        DamagedPlanError,
        ExitCode,
        GroupsyncError,
        LockedError,
        RefusedError,
        SettingsError,
        StalePlanError,
        WrongAccountError,
    )
    from groupsync.lock import account_lock
    from groupsync.model.account import Credentials, Target, make_target
    from groupsync.model.config import Config, GroupEntry
    from groupsync.model.groups import LiveGroup, Source
    from groupsync.model.limits import RunPolicy
    from groupsync.model.plan import Change, Create, Delete, Plan, PlanProblem, Reason, Rename, Summary, summarize
    from groupsync.model.report import Outcome, Report, Word
    from groupsync.model.review import GuardFinding, LooseLimit, Review, Suggestion
    from groupsync.planfile.digest import digest_review
    from groupsync.planfile.review import dump_review, load_review
    from groupsync.render.config_yaml import export_config
    from groupsync.render.report import render_report
    from groupsync.render.text import render_text
    from groupsync.review.make import make_review
    from groupsync.review.require import require_account, require_digest, require_no_refusal
    from groupsync.review.verify import VerifiedPlan, verify_review

_HOMES = {
    "api.client": ("GroupsClient",),
    "applier.apply": ("apply_plan",),
    "backup": ("BackupFolder",),
    "render.config_yaml": ("export_config",),
    "config.load": ("load_config",),
    "environment": ("Settings", "find_lock_dir", "load_run_policy", "load_settings"),
    "errors": (
        "ApiError",
        "ConfigError",
        "DamagedPlanError",
        "ExitCode",
        "GroupsyncError",
        "LockedError",
        "RefusedError",
        "SettingsError",
        "StalePlanError",
        "WrongAccountError",
    ),
    "lock": ("account_lock",),
    "model.account": ("Credentials", "Target", "make_target"),
    "model.config": ("Config", "GroupEntry"),
    "model.groups": ("LiveGroup", "Source"),
    "model.limits": ("RunPolicy",),
    "model.plan": ("Change", "Create", "Delete", "Plan", "PlanProblem", "Reason", "Rename", "Summary", "summarize"),
    "model.report": ("Outcome", "Report", "Word"),
    "model.review": ("GuardFinding", "LooseLimit", "Review", "Suggestion"),
    "planfile.digest": ("digest_review",),
    "planfile.review": ("dump_review", "load_review"),
    "render.report": ("render_report",),
    "render.text": ("render_text",),
    "review.make": ("make_review",),
    "review.require": ("require_account", "require_digest", "require_no_refusal"),
    "review.verify": ("VerifiedPlan", "verify_review"),
}
_MODULES = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "ApiError",
    "BackupFolder",
    "Change",
    "Config",
    "ConfigError",
    "Create",
    "Credentials",
    "DamagedPlanError",
    "Delete",
    "ExitCode",
    "GroupEntry",
    "GroupsClient",
    "GroupsyncError",
    "GuardFinding",
    "LiveGroup",
    "LockedError",
    "LooseLimit",
    "Outcome",
    "Plan",
    "PlanProblem",
    "Reason",
    "RefusedError",
    "Rename",
    "Report",
    "Review",
    "RunPolicy",
    "Settings",
    "SettingsError",
    "Source",
    "StalePlanError",
    "Suggestion",
    "Summary",
    "Target",
    "VerifiedPlan",
    "Word",
    "WrongAccountError",
    "__version__",
    "account_lock",
    "apply_plan",
    "digest_review",
    "dump_review",
    "export_config",
    "find_lock_dir",
    "load_config",
    "load_review",
    "load_run_policy",
    "load_settings",
    "make_review",
    "make_target",
    "render_report",
    "render_text",
    "require_account",
    "require_digest",
    "require_no_refusal",
    "summarize",
    "verify_review",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
