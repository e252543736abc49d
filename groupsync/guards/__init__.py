"""Guards: why a plan must not be applied: it loses contacts without consent, or a state needs a decision.

To add a guard: a function in `losses` (and a line in `judge_losses`) or in `states` (and a line in `judge_plan`) that
takes the GuardContext and yields findings; and its code in `OVERRIDABLE` if `--allow` may override it. Only
`judge_account` is called elsewhere, before there is a plan.
"""

from groupsync.guards.context import GuardContext
from groupsync.guards.judge import OVERRIDABLE, judge_plan
from groupsync.guards.limits import find_loose_limits
from groupsync.guards.protection import find_protection_warnings
from groupsync.guards.states import find_free_name, judge_account

__all__ = [
    "OVERRIDABLE",
    "GuardContext",
    "find_free_name",
    "find_loose_limits",
    "find_protection_warnings",
    "judge_account",
    "judge_plan",
]
