"""Finds groups that the plan deletes or that nothing lists, and that look like a group it creates: likely renames."""

from groupsync.suggest.outside_lookalikes import find_outside_lookalikes
from groupsync.suggest.suggestions import find_suggestions

__all__ = ["find_outside_lookalikes", "find_suggestions"]
