"""The controls over HTTP, for other processes; docs/sandbox.md describes them.

They need no credentials, because only this machine can reach them.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Blueprint, request

from groupsync.sandbox.calls import current_state
from groupsync.sandbox.errors import InvalidRequestError, SandboxError
from groupsync.sandbox.messages import empty_answer, json_answer, read_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response

PREFIX = "/_sandbox"
control_calls = Blueprint("controls", __name__, url_prefix=PREFIX)
_FIELD_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "method": str,
    "path": str,
    "when": str,
    "times": int,
    "delay": (int, float),
    "status": int,
    "body": object,
    "headers": dict,
    "drop": bool,
}
_ANSWER_FIELDS = {"status", "body", "headers"}  # a fault that drops the connection sends no answer


@control_calls.post("/faults")
def add_fault() -> Response:
    """Add a fault."""
    fields = read_object()
    _check_fields(fields)
    controls = current_state().controls
    if fields.pop("drop", False):
        if not _ANSWER_FIELDS.isdisjoint(fields):
            raise InvalidRequestError("these facts do not go together")
        controls.drop_next(**fields)
    else:
        controls.fail_next(**fields)
    return json_answer({}, 201)


@control_calls.get("/faults")
def count_faults() -> Response:
    """Return the number of faults still to come."""
    return json_answer({"faults": current_state().controls.faults.count()})


@control_calls.delete("/faults")
def clear_faults() -> Response:
    """Remove all faults."""
    current_state().controls.clear_faults()
    return empty_answer()


@control_calls.get("/requests")
def list_requests() -> Response:
    """Return the log of requests, of one method or of all."""
    method = request.args.get("method")
    log = current_state().controls.log()
    return json_answer({"requests": [asdict(entry) for entry in log if method in (None, entry.method)]})


@control_calls.delete("/requests")
def forget_requests() -> Response:
    """Empty the log of requests."""
    current_state().controls.forget_requests()
    return empty_answer()


@control_calls.get("/behaviour")
def show_behaviour() -> Response:
    """Return how the sandbox behaves."""
    return json_answer(asdict(current_state().controls.behaviour))


@control_calls.patch("/behaviour")
def change_behaviour() -> Response:
    """Change how the sandbox behaves from now on, and return the whole behaviour."""
    try:
        current_state().controls.behave(**read_object())
    except SandboxError as error:
        raise InvalidRequestError(str(error)) from error
    return show_behaviour()


def _check_fields(fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        if name not in _FIELD_TYPES or not isinstance(value, _FIELD_TYPES[name]):
            raise InvalidRequestError(f"{name}: not a fact of a fault, or not of its type")
    if fields.get("when", "before") not in ("before", "after"):
        raise InvalidRequestError("when: before or after")
    if fields.get("times", 1) < 1:
        raise InvalidRequestError("times: at least 1")
    if not 200 <= fields.get("status", 200) <= 599:  # noqa: PLR2004 - what a final answer can have
        raise InvalidRequestError("status: 200 to 599")
    for name, value in fields.get("headers", {}).items():
        if not isinstance(value, str) or not f"{name}{value}".isascii() or not f"{name}{value}".isprintable():
            raise InvalidRequestError("headers: names and values of printable ASCII")
