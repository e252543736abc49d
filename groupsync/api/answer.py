"""An answer of the server as it came, and the failure that its status and headers mean."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import responses
from urllib.parse import urlsplit

from groupsync.api.wire import VendorError, parse_errors
from groupsync.display import make_visible
from groupsync.errors import ApiError, MissingError, UnauthorizedError

_REL = re.compile(r""";\s*rel\s*=\s*("[^"]*"|[^\s;,"]+)""", re.IGNORECASE)
_LONGEST_TEXT = 200
_MOST_ERRORS = 3
_REDIRECTS, _REFUSALS, _FAILURES = range(300, 400), range(400, 500), range(500, 600)
_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_AMBIGUOUS = frozenset({*_FAILURES, HTTPStatus.REQUEST_TIMEOUT})  # some gateways say 408 after they have forwarded it
_UUID = r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
_GAP = r"(?:[ \u00a0./()-]|%20){0,2}"
_PHONE = rf"(?:\+|%2B){_GAP}\d(?:{_GAP}\d){{2,}}|\d(?:{_GAP}\d){{6,}}"  # a few behind a plus, or many
_UUID_OR_PHONE = re.compile(f"(?P<uuid>{_UUID})|{_PHONE}", re.IGNORECASE)
_REMEDIES: dict[int, str] = {
    HTTPStatus.NOT_FOUND: "check GROUPSYNC_ENDPOINT: it ends with the version of the API, as in `/v1`",
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: "check the credentials of the proxy in HTTPS_PROXY or HTTP_PROXY",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back for a request (`GET /phonebook/groups`); `secrets` are the texts that no message may show."""

    request: str
    status: int
    body: bytes
    content_type: str = ""
    location: str = ""
    link: str = ""
    retry_after: float | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)


def refuse_next_page(answer: Answer) -> None:
    """Raise ApiError when a `Link` header (RFC 8288) says that the list goes on elsewhere."""
    relations = " ".join(_REL.findall(answer.link)).replace('"', " ").lower()
    if "next" in relations.split():
        raise ApiError(answer.request, "the list is paged: it has a `Link` header with rel=next", ambiguous=True)


def make_refusal(answer: Answer, *, of_one: bool) -> ApiError:
    """Return the failure that an undocumented or unsuccessful status means; `of_one`: the request names one thing.

    Only a 404 in the Phonebook's own words says that it is gone: a gateway's may be about the whole address.
    """
    status = answer.status
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return UnauthorizedError(answer.request, _describe_error(answer), status=status)
    if status == HTTPStatus.NOT_FOUND and of_one and parse_errors(answer.body):
        return MissingError(answer.request, _describe_error(answer))
    if status in _REFUSALS or status in _FAILURES:
        return ApiError(
            answer.request,
            _describe_error(answer),
            ambiguous=status in _AMBIGUOUS,
            transient=status in _FAILURES or status in _PASSING,
            status=status,
            retry_after=answer.retry_after,
            remedy=_REMEDIES.get(status, ""),
        )
    if status in _REDIRECTS and answer.location:
        return _make_redirect(answer)
    problem = f"{_describe_status(status)} is not how the Phonebook answers this"
    return ApiError(answer.request, problem, ambiguous=True, status=status, remedy="check GROUPSYNC_ENDPOINT")


def _make_redirect(answer: Answer) -> ApiError:
    target = _show(_strip_url(answer.location), answer.secrets)
    problem = f"{_describe_status(answer.status)} points to {target}, and groupsync follows no redirects"
    return ApiError(answer.request, problem, ambiguous=True, status=answer.status, remedy="check GROUPSYNC_ENDPOINT")


def _strip_url(url: str) -> str:
    """Return the address without what may be secret in it: credentials, query, fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that is none"
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _describe_error(answer: Answer) -> str:
    if errors := parse_errors(answer.body):
        told = "; ".join(_describe_vendor_error(error, answer.secrets) for error in errors[:_MOST_ERRORS])
        return f"HTTP {answer.status}: {told}"
    return f"{_describe_status(answer.status)} ({_describe_foreign(answer)})"


def _describe_vendor_error(error: VendorError, secrets: tuple[str, ...]) -> str:
    sentence = f"{_show(error.title, secrets)} (code {_show(error.code, secrets)})"
    return f"{sentence}: {_show(error.detail, secrets)}" if error.detail else sentence


def _describe_status(status: int) -> str:
    return f"HTTP {status}: {responses[status]}" if status in responses else f"HTTP {status}"


def _describe_foreign(answer: Answer) -> str:
    """Say what stands in the place of the Phonebook's error: its type, and its beginning unless that is markup."""
    content_type = answer.content_type.split(";")[0].strip().lower()
    beginning = "" if content_type.endswith(("html", "xml")) else answer.body.decode(errors="replace")
    told = [_show(text, answer.secrets) for text in (content_type, beginning) if text.strip()]
    return ": ".join(["the answer is not from the Phonebook", *told]) if answer.body else "the answer is empty"


def _show(text: str, secrets: tuple[str, ...]) -> str:
    """Return a foreign text on one line, shortened, without secrets and phone numbers, nothing in it invisible."""
    for secret in secrets:
        text = text.replace(secret, "***")
    text = _UUID_OR_PHONE.sub(lambda found: found["uuid"] or "***", text)
    line = make_visible(" ".join(text.split()))
    return line if len(line) <= _LONGEST_TEXT else line[:_LONGEST_TEXT] + "..."
