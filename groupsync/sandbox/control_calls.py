"""The controls over HTTP, for other processes; without credentials, since they are served to this machine only.

POST   /_sandbox/faults      {"method": "POST", "status": 503, "when": "after", "times": 2, ...}, as for fail_next;
                             {"drop": true, ...} as for drop_next; {"delay": 2, ...} without a status: delay_next
GET    /_sandbox/faults      how many are still to come
DELETE /_sandbox/faults
GET    /_sandbox/requests    the log; ?method=POST for those of one method
DELETE /_sandbox/requests
GET    /_sandbox/behaviour
PATCH  /_sandbox/behaviour   {"unique_names": true, "latency": 0.1, "rate_limit": 5, "late_lists": 2}
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Blueprint, request

from groupsync.sandbox.answers import json_answer, no_content
from groupsync.sandbox.bodies import read_object
from groupsync.sandbox.errors import InvalidError, SandboxError
from groupsync.sandbox.state import state

if TYPE_CHECKING:
    from flask import Response

PREFIX = "/_sandbox"
calls = Blueprint("controls", __name__, url_prefix=PREFIX)
_NUMBER = (int, float)
_FACTS: dict[str, type | tuple[type, ...]] = {
    "method": str,
    "path": str,
    "when": str,
    "times": int,
    "status": int,
    "body": object,
    "headers": dict,
    "delay": _NUMBER,
    "pace": _NUMBER,
    "drop": bool,
}


@calls.post("/faults")
def add_fault() -> Response:
    """Let a fault come."""
    facts = _checked(read_object())
    controls = state().controls
    try:
        if facts.pop("drop", False):
            controls.drop_next(**facts)
        elif "status" not in facts and "delay" in facts:
            controls.delay_next(seconds=facts.pop("delay"), **facts)
        else:
            controls.fail_next(**facts)
    except TypeError as error:
        raise InvalidError("these facts do not go together") from error
    return json_answer({}, 201)


@calls.get("/faults")
def count_faults() -> Response:
    """The number of faults still to come."""
    return json_answer({"faults": sum(times for _, times in state().controls.faults.pending())})


@calls.delete("/faults")
def clear_faults() -> Response:
    """Let no fault come."""
    state().controls.clear_faults()
    return no_content()


@calls.get("/requests")
def list_requests() -> Response:
    """The log, of one method or of all."""
    method = request.args.get("method")
    entries = state().controls.log()
    return json_answer({"requests": [asdict(entry) for entry in entries if method in (None, entry.method)]})


@calls.delete("/requests")
def forget_requests() -> Response:
    """Begin the log anew."""
    state().controls.forget_requests()
    return no_content()


@calls.get("/behaviour")
def show_behaviour() -> Response:
    """How the sandbox behaves."""
    return json_answer(asdict(state().controls.behaviour))


@calls.patch("/behaviour")
def change_behaviour() -> Response:
    """How the sandbox behaves from now on."""
    try:
        state().controls.behave(**read_object())
    except SandboxError as error:
        raise InvalidError(str(error)) from error
    return show_behaviour()


def _checked(facts: dict[str, Any]) -> dict[str, Any]:
    for name, value in facts.items():
        if name not in _FACTS or not isinstance(value, _FACTS[name]):
            raise InvalidError(f"{name}: not a fact of a fault, or not of its type")
    if facts.get("when", "before") not in ("before", "after"):
        raise InvalidError("when: before or after")
    if facts.get("times", 1) < 1:
        raise InvalidError("times: at least 1")
    return facts
