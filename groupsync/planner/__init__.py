"""The planner: which changes turn the live groups into the desired ones, and in which order."""

from groupsync.planner.exclusion import set_aside
from groupsync.planner.lookalikes import warn_of_new_names
from groupsync.planner.plan import find_changes, make_plan

__all__ = ["find_changes", "make_plan", "set_aside", "warn_of_new_names"]
