"""Groups that would go or be left over, and groups that would be created, which look like one under a new name."""

from groupsync.suggest.suggestions import find_suggestions

__all__ = ["find_suggestions"]
