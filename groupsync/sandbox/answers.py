"""Answers in the form that the vendor documents: JSON in UTF-8, and errors with code, title and detail."""

from __future__ import annotations

import json

from flask import Response

# https://messente.com/documentation/phonebook-api/reference: the codes of the Phonebook, by HTTP status.
_DOCUMENTED = {
    400: ("201", "Invalid data"),
    401: ("202", "Unauthorized"),
    404: ("203", "Missing resource"),
    409: ("204", "Conflict"),
}
_CLIENT_ERROR = ("244", "Client error")
_GENERAL_ERROR = ("205", "General error")
_FIRST_SERVER_ERROR = 500


def json_answer(value: object, status: int = 200) -> Response:
    """The value as JSON, with every name in it exactly as it is kept."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status=status, mimetype="application/json")


def no_content() -> Response:
    """204, without a body and without the headers of one."""
    answer = Response(status=204)
    del answer.headers["Content-Type"]
    return answer


def error_answer(status: int, detail: str) -> Response:
    """The documented error for this HTTP status; with 401 comes the challenge that RFC 9110 asks for."""
    code, title = _DOCUMENTED.get(status) or (_GENERAL_ERROR if status >= _FIRST_SERVER_ERROR else _CLIENT_ERROR)
    answer = json_answer({"errors": [{"code": code, "title": title, "detail": detail}]}, status)
    if status == 401:  # noqa: PLR2004 - the one status that has a challenge
        answer.headers["WWW-Authenticate"] = 'Basic realm="Phonebook sandbox"'
    return answer
