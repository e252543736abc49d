"""What stands against a plan that could be made: losses that nobody consented to, and states that need a decision."""

from groupsync.guards.account import judge_account
from groupsync.guards.context import GuardContext
from groupsync.guards.judge import OVERRIDABLE, judge_plan
from groupsync.guards.limits import find_loose_limits
from groupsync.guards.protection import find_protection_warnings

__all__ = [
    "OVERRIDABLE",
    "GuardContext",
    "find_loose_limits",
    "find_protection_warnings",
    "judge_account",
    "judge_plan",
]
