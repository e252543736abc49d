"""Finds groups that the plan deletes or that nothing lists, and that look like a group it creates: likely renames."""

from groupsync.suggest.departures import find_departures
from groupsync.suggest.suggestions import find_suggestions

__all__ = ["find_departures", "find_suggestions"]
