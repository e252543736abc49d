"""The applier: carries out what is left of a verified plan and reports what became of every change."""

from groupsync.applier.apply import apply_plan

__all__ = ["apply_plan"]
