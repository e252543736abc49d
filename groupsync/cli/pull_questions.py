"""The questions of `groupsync pull`: everything is asked before the first file is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from groupsync.cli.asking import ask_choice
from groupsync.display import count, quote_name
from groupsync.errors import NotApprovedError
from groupsync.pulling import compare_with_live, take_live_names

if TYPE_CHECKING:
    from groupsync.cli.terminal import Terminal
    from groupsync.model.groups import GroupId
    from groupsync.pulling import PullChoices
    from groupsync.runs.pull import FoundPull


def ask_choices(terminal: Terminal, found: FoundPull, *, yes: bool) -> PullChoices:
    """Return what a person wants to bring into the files; with `yes` nobody is asked.

    Raise NotApprovedError if there is something to ask, and no terminal.
    """
    choices = found.default_choices
    if yes:
        return choices
    differences = found.differences
    has_done = choices.prunes and bool(differences.done)
    if not terminal.can_ask:
        if differences.unlisted or has_done or (choices.pins and differences.without_id):
            raise NotApprovedError(
                "there is no terminal to ask on",
                remedy="add --yes to add the groups above to the configuration, or --diff to see the changes",
            )
        return choices
    taken = _ask_for_names(terminal, found)
    if taken:
        config = take_live_names(found.session.config, taken)
        differences = compare_with_live(config, found.live)
    adds = bool(differences.unlisted) and _ask_to_add(terminal, len(differences.unlisted))
    return replace(choices, taken=taken, adds=adds, prunes=has_done and _ask_to_prune(terminal))


def _ask_for_names(terminal: Terminal, found: FoundPull) -> dict[GroupId, str]:
    """Return the live names that a person takes, by the ids of their entries."""
    taken: dict[GroupId, str] = {}
    for match in found.differences.renamed:
        file, live = quote_name(match.entry.name), quote_name(match.group.name)
        terminal.print_message(
            f"\n{match.entry.source}: which name is right?\n"
            f"  f  keep {file} (the rename stays pending)\n"
            f"  l  take {live}\n"
            "  Enter keeps the name of the file.\n"
        )
        if ask_choice(terminal, ("f", "l", ""), prompt="f or l") == "l":
            taken[match.group.id] = match.group.name
    return taken


def _ask_to_add(terminal: Terminal, number: int) -> bool:
    them = count(number, "group", "groups")
    terminal.print_message(f"\nAdd {them} to the configuration?\n")
    return _ask_yes(terminal)


def _ask_to_prune(terminal: Terminal) -> bool:
    terminal.print_message("\nRemove what is done from the configuration?\n")
    return _ask_yes(terminal)


def _ask_yes(terminal: Terminal) -> bool:
    return ask_choice(terminal, ("yes", "no"), prompt="yes or no") == "yes"
