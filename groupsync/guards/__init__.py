"""What stands against a plan that could be made: losses that nobody consented to, and states that need a decision."""

from groupsync.guards.account import judge_account
from groupsync.guards.case import Case
from groupsync.guards.judge import OVERRIDABLE, judge_plan
from groupsync.guards.limits import find_loose_limits
from groupsync.guards.protection import find_idle_patterns, find_protection_doubts

__all__ = [
    "OVERRIDABLE",
    "Case",
    "find_idle_patterns",
    "find_loose_limits",
    "find_protection_doubts",
    "judge_account",
    "judge_plan",
]
