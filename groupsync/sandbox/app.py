"""The Flask application: all calls, and what happens to each request before and after its call."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from groupsync.sandbox.calls import STATE_KEY, current_state, phonebook_calls
from groupsync.sandbox.control_calls import PREFIX, control_calls
from groupsync.sandbox.controls import LoggedRequest
from groupsync.sandbox.errors import PhonebookError, WrongCredentialsError
from groupsync.sandbox.messages import error_answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from groupsync.sandbox.calls import SandboxState
    from groupsync.sandbox.controls import PlannedFault

DROPPED_KEY = "groupsync.dropped"  # true in the WSGI environ: the server closes the connection without an answer


def make_app(state: SandboxState) -> WSGIApplication:
    """Return the WSGI application that works on this state."""
    app = _make_flask_app()

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ[STATE_KEY] = state
        return app(environ, start_response)

    return answer


@cache
def _make_flask_app() -> Flask:
    """Return the Phonebook below /v1 with its controls below /_sandbox; every error is a documented one.

    All sandboxes of a process share one: compiling its routes takes longer than starting the rest of a sandbox.
    """
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False  # the Phonebook documents no OPTIONS
    app.register_blueprint(phonebook_calls)
    app.register_blueprint(control_calls)
    app.before_request(_before_call)
    app.after_request(_after_call)
    app.register_error_handler(PhonebookError, _answer_phonebook_error)
    app.register_error_handler(HTTPException, _answer_http_error)
    return app


def _before_call() -> Response | None:
    """Return the answer to a request that is not carried out: a fault, too many requests, wrong credentials."""
    if _is_control():
        return None
    controls = current_state().controls
    controls.wait(controls.behaviour.latency)
    fault = controls.faults.take(request.method, request.path)
    g.fault = fault
    if fault is not None and fault.when == "before":
        return _make_fault_answer(fault)
    seconds = controls.rate_limiter.take(controls.behaviour.rate_limit)
    if seconds:
        return _make_rate_limit_answer(seconds)
    _check_credentials()
    return None


def _after_call(response: Response) -> Response:
    """Return the answer of the call, or of a fault that comes after it; log the request first."""
    if _is_control():
        return response
    fault: PlannedFault | None = g.get("fault")
    if fault is not None and fault.when == "after":
        response = _make_fault_answer(fault)
    status = 0 if request.environ.get(DROPPED_KEY) else response.status_code
    current_state().controls.note(LoggedRequest(method=request.method, path=request.path, status=status))
    return response


def _make_fault_answer(fault: PlannedFault) -> Response:
    """Return the answer of the fault after its delay; mark the request if its connection has to be closed."""
    current_state().controls.wait(fault.delay)
    if fault.answer is None:
        request.environ[DROPPED_KEY] = True
        return Response()
    return fault.answer.make_response()


def _make_rate_limit_answer(seconds: float) -> Response:
    answer = error_answer(429, "too many requests")
    answer.headers["Retry-After"] = str(math.ceil(seconds))
    return answer


def _check_credentials() -> None:
    given = request.authorization
    state = current_state()
    if given is None or given.type != "basic" or (given.username, given.password) != (state.username, state.password):
        raise WrongCredentialsError("the username or the password is not that of an account")


def _answer_phonebook_error(error: PhonebookError) -> Response:
    return error_answer(error.status, str(error))


def _answer_http_error(error: HTTPException) -> Response:
    """Return the documented form of what Flask refuses, and of a failure inside the sandbox (500)."""
    answer = error_answer(error.code or 500, error.description or error.name)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return answer


def _is_control() -> bool:
    return request.path.startswith(PREFIX + "/")
