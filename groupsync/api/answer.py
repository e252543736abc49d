"""An answer of the server as it came: what its headers say, and the failure that its status means."""

from __future__ import annotations

import re
from datetime import timezone
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import responses
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct, field

from groupsync.api.masking import NO_SECRETS, Secrets
from groupsync.api.whole import find_suspicious_header, make_partial_list_error
from groupsync.api.wire import VendorError, parse_errors
from groupsync.display import make_visible
from groupsync.errors import ApiError, MissingError, PageError, PartialListError, UnauthorizedError
from groupsync.fields import hide

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_SECONDS = re.compile(r"[0-9]{1,18}")
_LONGEST_TEXT = 200
_MOST_ERRORS = 3
_REDIRECTS, _REFUSALS, _FAILURES = range(300, 400), range(400, 500), range(500, 600)

# After these, the same request may well succeed in a moment.
_PERMANENT_FAILURES = frozenset({HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, 511})
_TRANSIENT = frozenset({*_FAILURES, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}) - _PERMANENT_FAILURES
# After these, the request may have been carried out: some gateways say 408 after they have forwarded it.
_AMBIGUOUS = frozenset({*_FAILURES, HTTPStatus.REQUEST_TIMEOUT})

_UUID = r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
_GAP = r"(?:[ \u00a0./()-]|%20){0,2}"
_PHONE = rf"(?:\+|%2B){_GAP}\d(?:{_GAP}\d){{2,}}|\d(?:{_GAP}\d){{6,}}"  # a few behind a plus, or many
_UUID_OR_PHONE = re.compile(f"(?P<uuid>{_UUID})|{_PHONE}", re.IGNORECASE)
_PAGE = re.compile(
    rb"(?:[\s\xef\xbb\xbf]|<\?xml[^>]*>|<!--(?:(?!-->).)*-->)*<(?:!doctype\s+html|html|head|title|body|script)\b",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_BEGINNING = 2**10  # the first bytes of a body, which are enough to recognise an HTML page

_PAGE_REMEDY = "find out which proxy or firewall sent it; check HTTPS_PROXY, NO_PROXY and GROUPSYNC_ENDPOINT"
_PAGE_OF_GATEWAY_REMEDY = f"try again in a few minutes; if it happens again, {_PAGE_REMEDY}"
_REMEDIES: dict[int, str] = {
    HTTPStatus.NOT_FOUND: "check GROUPSYNC_ENDPOINT: it must end with the version of the API, such as `/v1`",
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: "check the credentials of the proxy in HTTPS_PROXY or HTTP_PROXY",
}


@hide("secrets")
class Answer(Struct, frozen=True, kw_only=True):
    """The answer to a request; `request` is its name in errors (`GET /phonebook/groups`).

    `body` is decompressed; `is_cut` is true if there was more of it. `list_headers` are the received headers among
    `LIST_HEADERS`. `retry_after` is how many seconds the server asks to wait, None if it does not ask. `secrets` hides
    what no message may show. `credential_variables` gave the username and the password.
    """

    request: str
    status: int
    body: bytes
    is_cut: bool = False
    content_type: str = ""
    location: str = ""
    list_headers: Mapping[str, str] = field(default_factory=dict)
    retry_after: float | None = None
    secrets: Secrets = NO_SECRETS
    credential_variables: tuple[str, str] = ("MESSENTE_API_USERNAME", "MESSENTE_API_PASSWORD")


def parse_retry_after(header: str, now: datetime) -> float | None:
    """Return how many seconds a `Retry-After` header (RFC 9110, section 10.2.3) asks to wait.

    A date in the past is 0 seconds; None means that the header is neither a number nor a date.
    """
    text = header.strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    date = parse_date(text)
    return max(0.0, (date - now).total_seconds()) if date else None


def parse_date(header: str) -> datetime | None:
    """Return the time of a `Date` header (RFC 9110, section 6.6.1), in UTC if it names no zone; None if it is none."""
    text = header.strip()
    if not text:
        return None
    try:
        date = parsedate_to_datetime(text)
        return date.replace(tzinfo=date.tzinfo or timezone.utc)
    except (ValueError, OverflowError):
        return None


def require_whole_list(answer: Answer, list_key: str, received: int) -> None:
    """Raise ApiError if a header says that the list has more elements than were received."""
    if suspicious := find_suspicious_header(answer.list_headers, list_key, received, mask=answer.secrets.mask):
        raise make_partial_list_error(answer.request, suspicious)


def make_status_error(answer: Answer, *, is_about_one: bool) -> ApiError:
    """Return the error for an undocumented or unsuccessful status.

    `is_about_one`: the request names one group or contact. A 404 means that it does not exist only if the body is an
    error of the Phonebook: the 404 of a gateway may be about the whole address.
    """
    status = answer.status
    if status == HTTPStatus.NOT_FOUND and is_about_one and parse_errors(answer.body):
        return MissingError(answer.request, _describe_error(answer))
    if status in _REFUSALS or status in _FAILURES:
        kind = UnauthorizedError if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN} else ApiError
        return kind(
            answer.request,
            _describe_error(answer),
            ambiguous=status in _AMBIGUOUS,
            transient=status in _TRANSIENT,
            status=status,
            retry_after=answer.retry_after,
            is_refusal=_is_refusal(answer),
            remedy=_find_remedy(answer),
        )
    if status in _REDIRECTS and answer.location:
        return _make_redirect_error(answer)
    problem = f"{_describe_status(status)} is not an answer that the Phonebook documents for this request"
    error = PartialListError if status == HTTPStatus.PARTIAL_CONTENT else ApiError
    return error(answer.request, problem, ambiguous=True, status=status, remedy="check GROUPSYNC_ENDPOINT")


def require_no_page(answer: Answer) -> None:
    """Raise PageError if a successful answer is an HTML page, for example of a sign-in form or a firewall."""
    if _is_page(answer):
        problem = "the answer is not what the Phonebook documents: it is an HTML page"
        raise PageError(
            answer.request, problem, ambiguous=True, transient=True, status=answer.status, remedy=_PAGE_REMEDY
        )


def _is_page(answer: Answer) -> bool:
    """Return whether the body is an HTML page, by its beginning or its header."""
    if _PAGE.match(answer.body[:_LONGEST_BEGINNING]):
        return True
    content_type = answer.content_type.partition(";")[0].strip().lower()
    is_html = content_type in {"text/html", "application/xhtml+xml"}
    return is_html and bool(answer.body.strip()) and not answer.body.lstrip().startswith((b"{", b"["))


def _is_refusal(answer: Answer) -> bool:
    """Return whether the request itself is refused, rather than its sender or the route to the Phonebook."""
    others = (HTTPStatus.UNAUTHORIZED, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED)
    is_final = answer.status in _REFUSALS and answer.status not in _TRANSIENT and answer.status not in others
    return is_final and not _is_page(answer)


def _find_remedy(answer: Answer) -> str:
    """Return the remedy for a failure; empty if the user cannot fix it."""
    status = answer.status
    if status in _REMEDIES:
        return _REMEDIES[status]
    if _is_page(answer):
        if status in _TRANSIENT:
            return _PAGE_OF_GATEWAY_REMEDY
        return _PAGE_REMEDY
    username, password = answer.credential_variables
    if status == HTTPStatus.UNAUTHORIZED:
        return f"check {username} and {password}: they give the API credentials of the account"
    if status == HTTPStatus.FORBIDDEN:
        return f"check that {username} gives the API user of an account that may use the Phonebook"
    return ""


def _make_redirect_error(answer: Answer) -> ApiError:
    location = answer.secrets.mask(answer.location)  # first: stripping could cut a secret in half
    target = _mask(_strip_url(location), answer.secrets)
    problem = f"{_describe_status(answer.status)} points to {target}, and groupsync follows no redirects"
    return ApiError(answer.request, problem, ambiguous=True, status=answer.status, remedy="check GROUPSYNC_ENDPOINT")


def _strip_url(url: str) -> str:
    """Return a URL without what may be secret in it: credentials, query, fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "something that is not an address"
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _describe_error(answer: Answer) -> str:
    if errors := parse_errors(answer.body):
        sentences = [_describe_vendor_error(error, answer.secrets) for error in errors[:_MOST_ERRORS]]
        return f"HTTP {answer.status}: {'; '.join(sentences)}"
    return f"{_describe_status(answer.status)} ({_describe_foreign(answer)})"


def _describe_vendor_error(error: VendorError, secrets: Secrets) -> str:
    sentence = f"{_mask(error.title, secrets)} (code {_mask(error.code, secrets)})"
    return f"{sentence}: {_mask(error.detail, secrets)}" if error.detail else sentence


def _describe_status(status: int) -> str:
    return f"HTTP {status}: {responses[status]}" if status in responses else f"HTTP {status}"


def _describe_foreign(answer: Answer) -> str:
    """Return what came instead of the Phonebook's errors: its content type, and how it begins unless it is markup."""
    if not answer.body:
        return "the answer is empty"
    if _is_page(answer):
        return "the answer is not from the Phonebook: an HTML page"
    content_type = _mask(answer.content_type, answer.secrets).split(";")[0].strip().lower()
    body = b"" if content_type.endswith("xml") else answer.body
    shown = (content_type, _mask(body, answer.secrets, is_cut=answer.is_cut))
    parts = [text for text in shown if text]
    return ": ".join(["the answer is not from the Phonebook", *parts])


def _mask(text: str | bytes, secrets: Secrets, *, is_cut: bool = False) -> str:
    """Return a foreign text without secrets and phone numbers: on one line, shortened, nothing in it invisible."""
    masked = secrets.mask(text, is_cut=is_cut)
    masked = _UUID_OR_PHONE.sub(lambda found: found["uuid"] or "***", masked)
    line = make_visible(" ".join(masked.split()))
    return line if len(line) <= _LONGEST_TEXT else line[:_LONGEST_TEXT] + "..."
