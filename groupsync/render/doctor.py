"""A checkup as text for a person, and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from groupsync.display import count
from groupsync.model.doctor import DoctorCheck, DoctorReport, Health
from groupsync.render.escape import for_terminal
from groupsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

FORMAT_VERSION = "1.0"
_WORDS = max(len(health.value) for health in Health)


def render_doctor_report(checkup: DoctorReport) -> str:
    """Return a line for each check, what to do below it, and the verdict."""
    lines = [line for check in checkup.checks for line in _render_check(check)]
    return for_terminal("\n".join([*lines, "", *_render_verdict(checkup)]) + "\n")


def _render_check(check: DoctorCheck) -> Iterator[str]:
    text = check.text.replace("\n", f"\n{' ' * (_WORDS + 2)}")
    yield f"{check.health.value:{_WORDS}}  {check.name}: {text}"
    if check.advice:
        yield f"{' ' * _WORDS}  -> {check.advice}"


def _render_verdict(checkup: DoctorReport) -> Iterator[str]:
    tally = Counter(check.health for check in checkup.checks)
    if checkup.unchecked:
        yield f"Not checked, for it needs what failed: {', '.join(checkup.unchecked)}."
    warnings = count(tally[Health.WARNING], "warning", "warnings")
    if checkup.is_good:
        yield f"groupsync is ready{f', with {warnings}' if tally[Health.WARNING] else ''}."
    else:
        yield f"groupsync is not ready: {tally[Health.FAILED]} failed, {warnings}."


def render_doctor_json(checkup: DoctorReport) -> str:
    """Return the checkup as JSON, for machines."""
    document = {
        "format_version": FORMAT_VERSION,
        "groupsync_version": __version__,
        "ok": checkup.is_good,
        "checks": [
            {"name": check.name, "status": check.health.value, "text": check.text, "advice": check.advice}
            for check in checkup.checks
        ],
        "unchecked": list(checkup.unchecked),
    }
    return json.dumps(document, indent=2) + "\n"


DOCTOR_FORMATS: Mapping[str, Callable[[DoctorReport], str]] = {"text": render_doctor_report, "json": render_doctor_json}
