"""What the environment says: which account to work on, and where the configuration is."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from groupsync.display import quote
from groupsync.errors import FileError, SettingsError
from groupsync.files import read_file
from groupsync.model.account import Credentials, Target, is_loopback, make_target
from groupsync.model.limits import RunPolicy, parse_max_deletes, parse_number

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from urllib.parse import SplitResult


T = TypeVar("T")

DEFAULT_ENDPOINT = "https://api.messente.com/v1"
DEFAULT_CONFIG = "groups.yaml"

_USERNAME = "MESSENTE_API_USERNAME"
_PASSWORD = "MESSENTE_API_PASSWORD"  # noqa: S105 - the name of the variable
_LARGEST_SECRET = 2**20
_ENDPOINT_REMEDY = (
    f"set GROUPSYNC_ENDPOINT or --endpoint to a URL such as {DEFAULT_ENDPOINT}, or leave it out for that one"
)
_CREDENTIALS_REMEDY = (
    f"set {_USERNAME} and {_PASSWORD} (or {_USERNAME}_FILE and {_PASSWORD}_FILE) to the API credentials "
    "of the account; in CI, a pull request from a fork is given no secrets"
)
_LIMITS = ("PROTECTED", "MAX_DELETES", "MAX_CONTACTS_LOST")
_NEARLY = 0.7  # "MAX_DELETIONS", "PROTECTED_GROUPS"
_URL_TEXT = re.compile(r"[!-\[\]-~]+")  # printable ASCII without blank and backslash, on which URL parsers disagree
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The account to work on and the credentials for it."""

    target: Target
    credentials: Credentials


def load_settings(environ: Mapping[str, str], *, endpoint: str | None = None) -> Settings:
    """Return the settings of an environment; an endpoint given here goes before GROUPSYNC_ENDPOINT.

    Raises SettingsError, which never repeats a password.
    """
    base_url = load_endpoint(environ, endpoint)
    credentials = load_credentials(environ)
    return Settings(target=make_target(base_url, credentials.username), credentials=credentials)


def load_endpoint(environ: Mapping[str, str], endpoint: str | None = None) -> str:
    """Return the base URL without a trailing slash: the given one, or else GROUPSYNC_ENDPOINT, or Messente's own."""
    return _check_endpoint(environ.get("GROUPSYNC_ENDPOINT", DEFAULT_ENDPOINT) if endpoint is None else endpoint)


def load_credentials(environ: Mapping[str, str]) -> Credentials:
    """Return the credentials of the environment; raise SettingsError, which never repeats a password."""
    missing = [name for name in (_USERNAME, _PASSWORD) if name not in environ and f"{name}_FILE" not in environ]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise SettingsError(f"{' and '.join(missing)} {verb} not set", remedy=_CREDENTIALS_REMEDY)
    username, password = _load_secret(environ, _USERNAME), _load_secret(environ, _PASSWORD)
    if ":" in username:
        raise SettingsError(
            f"{_USERNAME} contains a colon", remedy="give the username alone; HTTP allows no colon in it"
        )
    return Credentials(username=username, password=password)


def find_credential_variables(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the variables that give the credentials."""
    names = (name for key in (_USERNAME, _PASSWORD) for name in (key, f"{key}_FILE"))
    return tuple(name for name in names if name in environ)


def list_secret_files(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the files that hold the credentials, where the environment names any."""
    return tuple(Path(path) for name in (_USERNAME, _PASSWORD) if (path := environ.get(f"{name}_FILE")))


def default_config_paths(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the configuration to read when the command line names none: GROUPSYNC_CONFIG or `groups.yaml`."""
    return (Path(_get(environ, "GROUPSYNC_CONFIG") or DEFAULT_CONFIG),)


def load_run_policy(
    environ: Mapping[str, str], *, allowed: Collection[str], keeps_backups: bool, applies_to: Target | None = None
) -> RunPolicy:
    """Return what this run brings to the guards: its options and the limits of its environment.

    GROUPSYNC_PROTECTED holds name patterns, parted by commas or line breaks. `applies_to` is where the plan is to be
    applied; for one that is only looked at it does not matter whether this is the run of a pull request.
    """
    _refuse_misspelled_limits(environ)
    return RunPolicy(
        allowed=frozenset(allowed),
        keeps_backups=keeps_backups,
        pull_request="" if applies_to is None or _is_local(applies_to) else _find_pull_request(environ),
        protected=_read_patterns(environ, "GROUPSYNC_PROTECTED"),
        max_deletes=_read_limit(environ, "GROUPSYNC_MAX_DELETES", parse_max_deletes, "a number or a share such as 25%"),
        max_contacts_lost=_read_limit(environ, "GROUPSYNC_MAX_CONTACTS_LOST", parse_number, "a number"),
    )


def _is_local(target: Target) -> bool:
    return is_loopback(urlsplit(target.endpoint).hostname or "")


def _find_pull_request(environ: Mapping[str, str]) -> str:
    """Return the variable by which GitHub or GitLab says that this is the run of a pull request, empty if none does."""
    event, request = environ.get("GITHUB_EVENT_NAME", ""), environ.get("CI_MERGE_REQUEST_IID", "")
    if event.startswith("pull_request") or event == "merge_group":
        return f"GITHUB_EVENT_NAME is {event}"
    if environ.get("CI_PIPELINE_SOURCE") == "merge_request_event":
        return "CI_PIPELINE_SOURCE is merge_request_event"
    return f"CI_MERGE_REQUEST_IID is {request}" if request else ""


def _refuse_misspelled_limits(environ: Mapping[str, str]) -> None:
    """Raise SettingsError for a variable that is nearly one of the limits: whoever set it believes that it holds."""
    for variable in sorted(environ):
        prefix, _, name = variable.partition("_")
        close = difflib.get_close_matches(name, _LIMITS, n=1, cutoff=_NEARLY) if prefix == "GROUPSYNC" else ()
        if close and name not in _LIMITS:
            meant = f"GROUPSYNC_{close[0]}"
            raise SettingsError(f"{variable} is no variable of groupsync", remedy=f"did you mean {meant}? Or unset it")


def _read_patterns(environ: Mapping[str, str], variable: str) -> tuple[str, ...]:
    text = _get(environ, variable)
    patterns = tuple(pattern.strip() for pattern in re.split(r"[,\r\n]", text or "") if pattern.strip())
    if text and not patterns:
        raise SettingsError(f"{variable} holds no pattern", remedy="set it to name patterns such as VIP*, or unset it")
    return patterns


def _read_limit(environ: Mapping[str, str], variable: str, parse: Callable[[str], T], wanted: str) -> T | None:
    text = _get(environ, variable)
    if text is None:
        return None
    limit = parse(text.strip())
    if limit is None:
        raise SettingsError(
            f"{variable} is {quote(text)}, which is not a valid limit", remedy=f"set it to {wanted}, or unset it"
        )
    return limit


def _get(environ: Mapping[str, str], variable: str) -> str | None:
    """Return what a variable says, None when it is not set; one that is empty is a mistake, not a choice."""
    text = environ.get(variable)
    if text is not None and not text.strip():
        raise SettingsError(f"{variable} is empty", remedy="set it, or unset it")
    return text


def find_commit(environ: Mapping[str, str]) -> str:
    """Return the commit that the configuration is of, as far as the environment says: yours, GitHub's or GitLab's."""
    names = ("GROUPSYNC_COMMIT", "GITHUB_SHA", "CI_COMMIT_SHA")
    return next((value for name in names if (value := environ.get(name, "").strip())), "")


def find_backup_dir(environ: Mapping[str, str]) -> Path | None:
    """Return the folder for backups that GROUPSYNC_BACKUP_DIR names, None when it is not set."""
    return _find_folder(environ, "GROUPSYNC_BACKUP_DIR")


def find_lock_dir(environ: Mapping[str, str]) -> Path:
    """Return the folder for locks that GROUPSYNC_LOCK_DIR names, or else /tmp: TMPDIR may differ from run to run."""
    return _find_folder(environ, "GROUPSYNC_LOCK_DIR") or Path("/tmp")  # noqa: S108 - no link is followed there


def _find_folder(environ: Mapping[str, str], variable: str) -> Path | None:
    path = _get(environ, variable)
    return Path(path) if path else None


def _load_secret(environ: Mapping[str, str], name: str) -> str:
    file_name = f"{name}_FILE"
    if name in environ and file_name in environ:
        raise SettingsError(f"both {name} and {file_name} are set", remedy="unset one of the two")
    source = name if name in environ else file_name
    secret = environ[name] if name in environ else _read_secret(environ[file_name], file_name)
    if not secret.strip():
        raise SettingsError(f"{source} is empty", remedy=_CREDENTIALS_REMEDY)
    if _CONTROL.search(secret):  # https://www.rfc-editor.org/rfc/rfc7617#section-2
        remedy = "give the secret alone, in UTF-8 and on one line"
        raise SettingsError(f"{source} contains a line break or another control character", remedy=remedy)
    return secret


def _read_secret(path: str, variable: str) -> str:
    if not path:
        raise SettingsError(f"{variable} is empty", remedy="set it to the path of a file")
    try:
        text = read_file(Path(path), limit=_LARGEST_SECRET).decode()
    except FileError as error:
        problem = str(error).removeprefix(f"{path}: ")  # the path could be the secret itself, by a slip
        raise SettingsError(f"{variable}: {problem}", remedy="name a file that this user can read") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{variable}: is not UTF-8 text", remedy="save the file as UTF-8") from None
    return re.sub(r"\r?\n\Z", "", text)


def _check_endpoint(endpoint: str) -> str:
    """Return the base URL without a trailing slash; the sentence of an error repeats no part that may be secret."""
    if not _URL_TEXT.fullmatch(endpoint):
        problem = "contains blanks, backslashes or characters outside ASCII" if endpoint.strip() else "is empty"
        raise SettingsError(f"the endpoint {problem}", remedy=_ENDPOINT_REMEDY)
    try:
        parts = urlsplit(endpoint)
        is_port_good = parts.port != 0 and not parts.netloc.endswith(":")
    except ValueError:
        raise SettingsError("the endpoint has a bad host or port", remedy=_ENDPOINT_REMEDY) from None
    if problem := _find_url_fault(endpoint, parts, is_port_good=is_port_good):
        raise SettingsError(f"the endpoint {problem}", remedy=_ENDPOINT_REMEDY)
    return endpoint.rstrip("/")


def _find_url_fault(endpoint: str, parts: SplitResult, *, is_port_good: bool) -> str:
    host = parts.hostname or ""
    faults = {
        f"contains a username or password, which belong in {_USERNAME} and {_PASSWORD}": "@" in parts.netloc,
        "is not a URL that begins with https://": parts.scheme not in {"https", "http"},
        "names no host": not host,
        "has a bad host or port": not is_port_good,
        "has a query or fragment": "?" in endpoint or "#" in endpoint,
        "is not https, and credentials go unencrypted only to this machine": parts.scheme == "http"
        and not is_loopback(host),
    }
    return next((fault for fault, is_true in faults.items() if is_true), "")
