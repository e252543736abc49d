"""The report of `groupsync doctor`, as text for a person and as JSON."""

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
_HEALTH_WIDTH = max(len(health.value) for health in Health)


def render_doctor_text(report: DoctorReport) -> str:
    """Return a line for each check, that of the scope first, its remedy below it, and the verdict."""
    checks = sorted(report.checks.items(), key=lambda item: item[0] != "scope")
    lines = [line for name, check in checks for line in _render_check(name, check)]
    return for_terminal("\n".join([*lines, "", *_render_verdict(report)]) + "\n")


def _render_check(name: str, check: DoctorCheck) -> Iterator[str]:
    text = check.text.replace("\n", f"\n{' ' * (_HEALTH_WIDTH + 2)}")
    yield f"{check.health.value:{_HEALTH_WIDTH}}  {name}: {text}"
    if check.remedy:
        yield f"{' ' * _HEALTH_WIDTH}  -> {check.remedy}"


def _render_verdict(report: DoctorReport) -> Iterator[str]:
    numbers = Counter(check.health for check in report.checks.values())
    warnings = count(numbers[Health.WARNING], "warning", "warnings")
    if report.unchecked:
        yield f"Skipped until that is fixed: {', '.join(report.unchecked)}."
    if not report.is_ready:
        yield f"groupsync is not ready: {numbers[Health.FAILED]} failed, {warnings}."
    elif numbers[Health.WARNING]:
        yield f"groupsync is ready, with {warnings}."
    else:
        yield "groupsync is ready."


def render_doctor_json(report: DoctorReport) -> str:
    """Return the report as JSON, as `schemas/doctor.schema.json` describes it."""
    document = {
        "format_version": FORMAT_VERSION,
        "groupsync_version": __version__,
        "ok": report.is_ready,
        "account": report.account,
        "checks": [
            {"name": name, "status": check.health.value, "text": check.text, "advice": check.remedy}
            for name, check in report.checks.items()
        ],
        "unchecked": list(report.unchecked),
    }
    return json.dumps(document, indent=2) + "\n"


DOCTOR_FORMATS: Mapping[str, Callable[[DoctorReport], str]] = {"text": render_doctor_text, "json": render_doctor_json}
