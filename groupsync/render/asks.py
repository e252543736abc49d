"""What to ask for if a plan is refused, for a reader who does not edit the configuration."""

from __future__ import annotations

_PERSON = "Ask the person who opened this change to"
ASKS = {
    "account": f"{_PERSON} check which account it is for. Nothing was sent to this account.",
    "backup": f"{_PERSON} set a folder for backups, so that the groups can be restored with their members.",
    "contacts-lost": f"{_PERSON} keep these groups, or to agree in the configuration that contacts lose them.",
    "empty-account": f"{_PERSON} check that this is the right account, and that it is new.",
    "empty-config": f"{_PERSON} check the configuration: it lists no groups.",
    "interrupted-rename": f"{_PERSON} finish the earlier run, or to choose the names of these groups.",
    "max-deletes": f"{_PERSON} check whether that many groups should be deleted, and to keep the others.",
    "no-deletes": f"{_PERSON} make a new plan that postpones the deletions. Nobody may delete a group at the moment.",
    "protected": f"{_PERSON} keep the protected groups, or to agree with their owner that they may be deleted.",
    "pull-request": "You need to do nothing: the plan can be applied after the change is merged.",
    "scope": f"{_PERSON} find out who renamed these groups in the dashboard. Otherwise they are created a second time.",
    "unknown-count": f"{_PERSON} check in Messente's dashboard who is in these groups.",
    "unlisted": f"{_PERSON} decide about each group that the configuration does not list: keep it, or delete it.",
}
"""The request for each guard, by its code."""

_CORRECT = f"{_PERSON} correct the configuration as described here."
_OPTIONS = frozenset({"exclude-matches-nothing", "name-excluded", "name-postponed"})
"""The codes of problems that come from an option of the run, so the configuration can be correct."""


def describe_ask(code: str) -> str:
    """Return what to ask for because of a guard or a problem with this code."""
    if code in _OPTIONS:
        return f"{_PERSON} make a new plan with other options, as described here."
    return ASKS.get(code, _CORRECT)
