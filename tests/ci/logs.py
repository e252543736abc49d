"""The log of a step as a runner reads it, which obeys commands in the log."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# The current form begins a line, the old form may be anywhere in it. A space separates the name from its parameters.
# https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
PRESENT = re.compile(r"\s*::(?P<name>[\w-]+)(?: (?P<parameters>.*?))?::(?P<message>.*)")
OLD = re.compile(r"##\[(?P<name>[\w-]+)(?: (?P<parameters>[^\]]*))?\](?P<message>.*)")


@dataclass
class Commands:
    """The commands that the log gives the runner."""

    outputs: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def read_commands(log: str) -> Commands:
    """Return the commands of a log, except between `::stop-commands::TOKEN` and `::TOKEN::`."""
    commands, stopped_by = Commands(), ""
    for line in log.splitlines():
        found = PRESENT.match(line) or OLD.search(line)
        if not found:
            continue
        name, message = found["name"], found["message"]
        if stopped_by:
            stopped_by = "" if name == stopped_by else stopped_by
        elif name == "stop-commands":
            stopped_by = message
        elif name == "set-output":
            key = re.search(r"name=([^,;]*)", found["parameters"] or "")
            assert key
            commands.outputs[key[1]] = message
        elif name == "error":
            commands.errors.append(message)
        else:
            commands.others.append(line)
    assert not stopped_by, "the log ends while commands are stopped"
    return commands
