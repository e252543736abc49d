"""The Flask application: the calls, and what happens to every request before and after its call."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from groupsync.sandbox import contact_calls, control_calls, group_calls
from groupsync.sandbox.answers import error_answer
from groupsync.sandbox.controls import Entry
from groupsync.sandbox.errors import PhonebookError, UnauthorizedError
from groupsync.sandbox.faults import Answer, Drop
from groupsync.sandbox.state import STATE, state

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from groupsync.sandbox.faults import Fault
    from groupsync.sandbox.state import State

DROPPED = "groupsync.dropped"  # set in the WSGI environ: the server closes the connection without an answer


def make_app(made_of: State) -> WSGIApplication:
    """The Flask application, as it works on this state."""
    app = _flask_app()

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ[STATE] = made_of
        return app(environ, start_response)

    return answer


@cache
def _flask_app() -> Flask:
    """The Phonebook below /v1, its controls below /_sandbox, and the documented errors everywhere.

    One for all sandboxes of a process: to compile its routes takes longer than to start the rest of a sandbox.
    """
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False  # the Phonebook documents no OPTIONS
    for blueprint in (group_calls.calls, contact_calls.calls, control_calls.calls):
        app.register_blueprint(blueprint)
    app.before_request(_before)
    app.after_request(_after)
    app.register_error_handler(PhonebookError, _phonebook_error)
    app.register_error_handler(HTTPException, _http_error)
    return app


def _before() -> Response | None:
    """The answer of a request that is not to be carried out: a fault, too many requests, wrong credentials."""
    if _is_control():
        return None
    controls = state().controls
    controls.wait(controls.behaviour.latency)
    fault = g.fault = controls.faults.take(request.method, request.path)
    instead = _let_happen(fault) if fault and fault.when == "before" else None
    if instead is not None:
        return instead
    seconds = controls.rate_limiter.wait_for(controls.behaviour.rate_limit)
    if seconds:
        return _too_many_requests(seconds)
    _check_credentials()
    return None


def _after(response: Response) -> Response:
    """The answer of every request: a fault, or what the call says; it is written down first."""
    if _is_control():
        return response
    fault: Fault | None = g.get("fault")
    if fault and fault.when == "after":
        response = _let_happen(fault) or response
    status = 0 if request.environ.get(DROPPED) else response.status_code
    state().controls.note(Entry(method=request.method, path=request.path, status=status))
    return response


def _let_happen(fault: Fault) -> Response | None:
    """The answer instead of the true one, after the delay; None if the true one is to follow."""
    controls = state().controls
    controls.wait(fault.delay)
    match fault.instead:
        case None:
            return None
        case Drop():
            request.environ[DROPPED] = True
            return Response()
        case Answer() as answer:
            return answer.as_response(controls.wait)


def _too_many_requests(seconds: float) -> Response:
    answer = error_answer(429, "too many requests")
    answer.headers["Retry-After"] = str(math.ceil(seconds))
    return answer


def _check_credentials() -> None:
    given = request.authorization
    wanted = (state().username, state().password)
    if given is None or given.type != "basic" or (given.username, given.password) != wanted:
        raise UnauthorizedError("the username or the password is not that of an account")


def _phonebook_error(error: PhonebookError) -> Response:
    return error_answer(error.status, str(error))


def _http_error(error: HTTPException) -> Response:
    """The documented form of what Flask itself refuses, and of a failure inside the sandbox (500)."""
    answer = error_answer(error.code or 500, error.description or error.name)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return answer


def _is_control() -> bool:
    return request.path.startswith(control_calls.PREFIX + "/")
