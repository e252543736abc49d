"""What `validate` found, in the formats that show problems at their line.

No name in a file adds a line to them, or ends one.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from groupsync.display import make_visible
from groupsync.errors import ConfigError, Problem
from groupsync.render.config import render_config
from groupsync.render.escape import for_ci_log
from groupsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from groupsync.model.config import Config

_RULE = "groupsync/configuration"
_SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render_for_github(problems: Sequence[Problem]) -> str:
    """Return an `::error` line for each problem, which GitHub shows at the line of the file; nothing without problems.

    https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts says how the values are escaped.
    """
    return "".join(f"::error {_write_properties(problem)}::{_write_message(problem)}\n" for problem in problems)


def _write_properties(problem: Problem) -> str:
    properties = {"file": for_ci_log(make_visible(problem.file)), "line": problem.line, "col": problem.column}
    given = {"title": "groupsync", **{name: value for name, value in properties.items() if value}}
    return ",".join(f"{name}={_escape_property(str(value))}" for name, value in given.items())


def _write_message(problem: Problem) -> str:
    text = problem.sentence if problem.line else str(problem)
    return _escape_data(for_ci_log(make_visible(text)))


def _escape_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")


def render_for_gitlab(problems: Sequence[Problem]) -> str:
    """Return a Code Quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format."""
    seen: Counter[str] = Counter()
    return _write_json([_make_issue(problem, seen) for problem in problems])


def _make_issue(problem: Problem, seen: Counter[str]) -> dict[str, Any]:
    """Return a problem as GitLab reads it; its fingerprint stays the same if the line moves."""
    import hashlib  # noqa: PLC0415 - it loads OpenSSL, which the other formats do not need

    what = json.dumps([problem.file, problem.sentence])
    seen[what] += 1
    return {
        "description": make_visible(problem.sentence),
        "check_name": _RULE,
        "fingerprint": hashlib.sha256(f"{what}{seen[what]}".encode()).hexdigest(),
        "severity": "major",
        "location": {"path": problem.file or ".", "lines": {"begin": problem.line or 1}},
    }


def render_as_sarif(problems: Sequence[Problem]) -> str:
    """Return a log in SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html."""
    rule = {"id": _RULE, "shortDescription": {"text": "A mistake in the configuration"}}
    driver = {"name": "groupsync", "version": __version__, "rules": [rule]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": list(map(_make_result, problems)),
    }
    return _write_json({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]})


def _make_result(problem: Problem) -> dict[str, Any]:
    result = {"ruleId": _RULE, "level": "error", "message": {"text": make_visible(problem.sentence)}}
    if not problem.file:
        return result
    location: dict[str, Any] = {"artifactLocation": {"uri": _write_uri(problem.file)}}
    if problem.line:
        location["region"] = {"startLine": problem.line, "startColumn": problem.column}
    return {**result, "locations": [{"physicalLocation": location}]}


def _write_uri(file: str) -> str:
    """Return a path as a URI, relative if the path is."""
    encoded = file.encode(errors="backslashreplace")
    return f"file://{quote(encoded)}" if Path(file).is_absolute() else quote(encoded)


def render_as_json(problems: Sequence[Problem]) -> str:
    """Return the problems with file, line, column and text; a line or column of null means the whole file."""
    found = [
        {
            "file": problem.file or None,
            "line": problem.line or None,
            "column": problem.column or None,
            "problem": make_visible(problem.sentence),
        }
        for problem in problems
    ]
    return _write_json({"format_version": 1, "is_valid": not found, "problems": found})


def _write_json(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"


_PROBLEM_FORMATS: Mapping[str, Callable[[Sequence[Problem]], str]] = {
    "github": render_for_github,
    "gitlab": render_for_gitlab,
    "sarif": render_as_sarif,
    "json": render_as_json,
}
VALIDATION_FORMATS = ("text", *_PROBLEM_FORMATS)
"""The names of the formats: text is for people, who read the problems in the error."""


def render_validation(checked: Config | ConfigError, format_name: str) -> str:
    """Return what `validate` prints to stdout: about a valid configuration, or about the problems of one."""
    if format_name == "text":
        return "" if isinstance(checked, ConfigError) else render_config(checked)
    return _PROBLEM_FORMATS[format_name](checked.located_problems if isinstance(checked, ConfigError) else ())
