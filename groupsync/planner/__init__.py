"""The planner: which changes make the live groups the desired ones, and in which order."""

from groupsync.planner.plan import make_plan

__all__ = ["make_plan"]
