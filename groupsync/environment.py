"""Reads the environment variables: the account to work on, the policy of a run, and where files are.

Every function takes the environment as a mapping. A variable that is set but empty is an error, not a default.
"""

from __future__ import annotations

import functools
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from msgspec import Struct

from groupsync.display import quote
from groupsync.errors import FileError, SettingsError
from groupsync.fields import hide, ignore
from groupsync.files import read_file
from groupsync.model.account import Credentials, Target, is_loopback, make_target
from groupsync.model.ci_run import CiRun
from groupsync.model.limits import RunPolicy, parse_max_deletes, parse_number
from groupsync.names import LONGEST_NAME, is_encodable, is_too_long
from groupsync.patterns import MOST_WILDCARD_PATTERNS, has_wildcard
from groupsync.pull_requests import find_pull_request
from groupsync.variables import require_no_misspelled_limit

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from urllib.parse import SplitResult


T = TypeVar("T")

DEFAULT_ENDPOINT = "https://api.messente.com/v1"
DEFAULT_CONFIG = "groups.yaml"

_ENDPOINT_REMEDY = (
    f"set GROUPSYNC_ENDPOINT or --endpoint to a URL such as {DEFAULT_ENDPOINT}, or leave it out for that one"
)
_URL_TEXT = re.compile(r"[!-\[\]-~]+")  # printable ASCII without blank and backslash, on which URL parsers disagree

_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?:/[A-Za-z0-9._~/-]*)?")
_LONGEST_URL = 500
_LABEL = re.compile(r"[A-Za-z0-9._~/:@=+-]+")

_USERNAME = "MESSENTE_API_USERNAME"
_USERNAME_FILE = f"{_USERNAME}_FILE"
_PASSWORD = "MESSENTE_API_PASSWORD"  # noqa: S105 - the name of the variable
_PASSWORD_FILE = f"{_PASSWORD}_FILE"
_PASSWORD_COMMAND = f"{_PASSWORD}_COMMAND"
_CREDENTIALS_REMEDY = (
    f"set {_USERNAME} and {_PASSWORD} (or {_USERNAME_FILE} and {_PASSWORD_FILE}) to the API credentials "
    f"of the account, or {_PASSWORD_COMMAND} to a program that prints the password; in CI, a pull request from a fork "
    "gets no secrets"
)
_LARGEST_SECRET = 2**20
_LONGEST_SECRET = 4_096  # characters; servers refuse longer headers, and every answer is searched for it
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


# The account: endpoint and credentials


@ignore("read_password")
@hide("read_password")
class Login(Struct, frozen=True, kw_only=True):
    """A username, how to get its password (from the environment, or once from a program), and their variables."""

    username: str
    read_password: Callable[[], str]
    username_variable: str
    password_variable: str


class Settings(Struct, frozen=True, kw_only=True):
    """The account to work on and the credentials for it."""

    target: Target
    login: Login

    @property
    def credentials(self) -> Credentials:
        """The credentials. The first access runs the program of MESSENTE_API_PASSWORD_COMMAND, if it is set.

        Raises SettingsError if the program fails. Call it right before the first request.
        """
        login = self.login
        return Credentials(
            username=login.username,
            password=login.read_password(),
            username_variable=login.username_variable,
            password_variable=login.password_variable,
        )


def load_settings(environ: Mapping[str, str], *, endpoint: str | None = None) -> Settings:
    """Return account and credentials; an endpoint given here takes precedence over GROUPSYNC_ENDPOINT.

    Raises SettingsError, which never repeats a password. No program runs.
    """
    base_url = load_endpoint(environ, endpoint)
    login = load_login(environ)
    return Settings(target=make_target(base_url, login.username), login=login)


def load_endpoint(environ: Mapping[str, str], endpoint: str | None = None) -> str:
    """Return the base URL without a trailing slash: the given one, else GROUPSYNC_ENDPOINT, else Messente's own.

    Raises SettingsError, which never repeats the URL, because it may hold a password.
    """
    if endpoint is None:
        endpoint = environ.get("GROUPSYNC_ENDPOINT", DEFAULT_ENDPOINT)
    if not endpoint.strip():
        raise SettingsError("the endpoint is empty", remedy=_ENDPOINT_REMEDY)
    if fault := _find_endpoint_fault(endpoint):
        raise SettingsError(f"the endpoint {fault}", remedy=_ENDPOINT_REMEDY)
    return endpoint.rstrip("/")


def _find_endpoint_fault(endpoint: str) -> str:
    """Return what is wrong with an endpoint, as the end of a sentence; empty if nothing is."""
    if not _URL_TEXT.fullmatch(endpoint):
        return "contains blanks, backslashes or characters outside ASCII"
    try:
        parts = urlsplit(endpoint)
        has_good_port = parts.port != 0 and not parts.netloc.endswith(":")
    except ValueError:
        return "has a bad host or port"
    return _find_url_fault(endpoint, parts, has_good_port=has_good_port)


def _find_url_fault(endpoint: str, parts: SplitResult, *, has_good_port: bool) -> str:
    host = parts.hostname or ""
    fault = ""
    if "@" in parts.netloc:
        fault = f"contains a username or password, which belong in {_USERNAME} and {_PASSWORD}"
    elif parts.scheme not in {"https", "http"}:
        fault = "is not a URL that begins with https://"
    elif not host:
        fault = "names no host"
    elif not has_good_port:
        fault = "has a bad host or port"
    elif "?" in endpoint or "#" in endpoint:
        fault = "has a query or fragment"
    elif parts.scheme == "http" and not is_loopback(host):
        fault = "is not https, and groupsync sends credentials without encryption only to this machine"
    return fault


def load_login(environ: Mapping[str, str]) -> Login:
    """Return username and password; raise SettingsError, which never repeats a password. No program runs."""
    usernames = [variable for variable in (_USERNAME, _USERNAME_FILE) if variable in environ]
    passwords = [variable for variable in (_PASSWORD, _PASSWORD_FILE, _PASSWORD_COMMAND) if variable in environ]
    missing = [variable for variable, found in ((_USERNAME, usernames), (_PASSWORD, passwords)) if not found]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise SettingsError(f"{' and '.join(missing)} {verb} not set", remedy=_CREDENTIALS_REMEDY)
    username_variable = _find_only(usernames)
    username = _load_secret(environ, username_variable)
    if ":" in username:
        remedy = "use only the username; HTTP allows no colon in it"
        raise SettingsError(f"{_USERNAME} contains a colon", remedy=remedy)
    password_variable = _find_only(passwords)
    return Login(
        username=username,
        read_password=_make_password_reader(environ, password_variable),
        username_variable=username_variable,
        password_variable=password_variable,
    )


def _find_only(variables: Sequence[str]) -> str:
    """Return the variable that is set; raise SettingsError if several are."""
    if len(variables) == 1:
        return variables[0]
    *first, last = variables
    sentence = f"{', '.join(first)} and {last} are set"
    if len(first) == 1:
        raise SettingsError(f"both {sentence}", remedy="unset one of the two")
    raise SettingsError(sentence, remedy="unset two of the three")


def _make_password_reader(environ: Mapping[str, str], variable: str) -> Callable[[], str]:
    """Return a function that returns the password; it runs the program of MESSENTE_API_PASSWORD_COMMAND once."""
    if variable != _PASSWORD_COMMAND:
        secret = _load_secret(environ, variable)
        return lambda: secret
    from groupsync.password_command import (  # noqa: PLC0415 - few runs start a program
        RUN_IT_YOURSELF,
        run_password_command,
        split_command,
    )

    words = split_command(_PASSWORD_COMMAND, _decode(environ[_PASSWORD_COMMAND]))

    @functools.lru_cache(maxsize=1)
    def read_password() -> str:
        output = run_password_command(_PASSWORD_COMMAND, words, environ)
        if not output.strip():
            raise SettingsError(f"{_PASSWORD_COMMAND} printed nothing", remedy=RUN_IT_YOURSELF)
        source = f"the output of {_PASSWORD_COMMAND}"
        return _check_secret(source, _decode_secret(source, output))

    return read_password


def _load_secret(environ: Mapping[str, str], source: str) -> str:
    """Return the value of a variable, or the content of the file that it names if its name ends with _FILE."""
    is_file = source in {_USERNAME_FILE, _PASSWORD_FILE}
    return _check_secret(source, _read_secret_file(source, environ[source]) if is_file else _decode(environ[source]))


def _check_secret(source: str, secret: str) -> str:
    """Return the secret; raise SettingsError if it cannot be one."""
    if not secret.strip():
        raise SettingsError(f"{source} is empty", remedy=_CREDENTIALS_REMEDY)
    if len(secret) > _LONGEST_SECRET:
        remedy = "write only the secret into it"
        raise SettingsError(f"{source} has more than {_LONGEST_SECRET:,} characters", remedy=remedy)
    if _CONTROL.search(secret):  # https://www.rfc-editor.org/rfc/rfc7617#section-2
        remedy = "use only the secret, in UTF-8 and on one line"
        raise SettingsError(f"{source} contains a line break or another control character", remedy=remedy)
    return secret


def _read_secret_file(variable: str, path: str) -> str:
    if not path:
        raise SettingsError(f"{variable} is empty", remedy="set it to the path of a file")
    try:
        content = read_file(Path(path), limit=_LARGEST_SECRET)
    except FileError as error:
        problem = str(error).removeprefix(f"{path}: ")  # by mistake the path could be the secret itself
        raise SettingsError(f"{variable}: {problem}", remedy="name a file that this user can read") from None
    return _decode_secret(variable, content)


def _decode_secret(variable: str, content: bytes) -> str:
    """Return the content of a file, or the output of a program, without the line break at its end."""
    try:
        return re.sub(r"\r?\n\Z", "", content.decode())
    except UnicodeDecodeError:
        raise SettingsError(f"{variable}: is not UTF-8 text", remedy="write the secret as UTF-8") from None


def find_credential_variables(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the variables that are set for the credentials."""
    variables = (_USERNAME, _USERNAME_FILE, _PASSWORD, _PASSWORD_FILE, _PASSWORD_COMMAND)
    return tuple(variable for variable in variables if variable in environ)


def list_secret_files(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the files that the environment names for the credentials."""
    paths = (environ.get(_USERNAME_FILE), environ.get(_PASSWORD_FILE))
    return tuple(Path(path) for path in paths if path)


# The policy of a run: what the guards read in addition to the configuration


def load_run_policy(
    environ: Mapping[str, str],
    *,
    allowed: Collection[str],
    keeps_backups: bool,
    applies_to: Target | None = None,
    no_deletes: bool = False,
) -> RunPolicy:
    """Return the policy of this run: the given options, and the limits of the environment.

    GROUPSYNC_PROTECTED holds name patterns, separated by commas or line breaks. `applies_to` is the account that the
    plan is to be applied to; None if it is only shown, and then it does not matter whether a pull request runs it.
    """
    require_no_misspelled_limit(environ)
    pull_request = ""
    if applies_to is not None and not _is_on_this_machine(applies_to):
        pull_request = find_pull_request(environ)
    return RunPolicy(
        allowed=frozenset(allowed),
        keeps_backups=keeps_backups,
        pull_request=pull_request,
        no_deletes=no_deletes or _read_switch(environ, "GROUPSYNC_NO_DELETES"),
        protected=_read_patterns(environ, "GROUPSYNC_PROTECTED", separator="[,\\r\\n]"),
        max_deletes=_read_limit(environ, "GROUPSYNC_MAX_DELETES", parse_max_deletes, "a number or a share such as 25%"),
        max_contacts_lost=_read_limit(environ, "GROUPSYNC_MAX_CONTACTS_LOST", parse_number, "a number"),
    )


def load_job_scope(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return what this job may touch at all: the name patterns of GROUPSYNC_SCOPE, one on each line; () is anything."""
    return _read_patterns(environ, "GROUPSYNC_SCOPE", separator="[\\r\\n]")


def _is_on_this_machine(target: Target) -> bool:
    return is_loopback(urlsplit(target.endpoint).hostname or "")


def _read_patterns(environ: Mapping[str, str], variable: str, *, separator: str) -> tuple[str, ...]:
    text = _read(environ, variable)
    if text is None:
        return ()
    decoded = _decode(text)
    if not is_encodable(decoded):  # such a character would not count, and the pattern would match other names
        raise SettingsError(f"{variable} is not UTF-8 text", remedy="write the patterns as UTF-8")
    parts = [part.strip() for part in re.split(separator, decoded)]
    patterns = tuple(part for part in parts if part)
    with_wildcard = list(filter(has_wildcard, patterns))
    if len(with_wildcard) > MOST_WILDCARD_PATTERNS or any(map(is_too_long, with_wildcard)):
        most = f"{MOST_WILDCARD_PATTERNS:,} patterns with * or ?, of at most {LONGEST_NAME:,} characters"
        raise SettingsError(f"{variable} holds more than {most}", remedy="combine some of the patterns")
    if not patterns:
        raise SettingsError(f"{variable} holds no pattern", remedy="set it to name patterns such as VIP*, or unset it")
    return patterns


def _read_switch(environ: Mapping[str, str], variable: str) -> bool:
    text = _read(environ, variable)
    if text is not None and text not in {"0", "1"}:
        raise SettingsError(f"{variable} is {quote(text)}, which is neither 0 nor 1", remedy="set it to 1, or unset it")
    return text == "1"


def _decode(text: str) -> str:
    """Return the value of a variable as UTF-8 if it is valid UTF-8: Python decodes it with the locale's encoding."""
    try:
        return text if text.isascii() else os.fsencode(text).decode()
    except ValueError:
        return text


def _read_limit(environ: Mapping[str, str], variable: str, parse: Callable[[str], T], expected: str) -> T | None:
    text = _read(environ, variable)
    if text is None:
        return None
    limit = parse(text.strip())
    if limit is None:
        sentence = f"{variable} is {quote(text)}, which is not a valid limit"
        raise SettingsError(sentence, remedy=f"set it to {expected}, or unset it")
    return limit


# Files, folders and the commit


def default_config_paths(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the configuration to read if the command line names none: GROUPSYNC_CONFIG, else `groups.yaml`."""
    return (Path(_read(environ, "GROUPSYNC_CONFIG") or DEFAULT_CONFIG),)


def find_backup_dir(environ: Mapping[str, str]) -> Path | None:
    """Return the folder for backups that GROUPSYNC_BACKUP_DIR names; None if it is not set."""
    path = _read(environ, "GROUPSYNC_BACKUP_DIR")
    return Path(path) if path else None


def find_backup_label(environ: Mapping[str, str]) -> str:
    """Return what reports call the folder for backups, such as a place in a store; empty for its own path."""
    label = _read(environ, "GROUPSYNC_BACKUP_LABEL") or ""
    if label and (len(label) > _LONGEST_URL or not _LABEL.fullmatch(label)):
        remedy = "set it to a path or URL of printable ASCII characters without blanks, or unset it"
        raise SettingsError(f"GROUPSYNC_BACKUP_LABEL is {quote(label)}, which cannot begin a path", remedy=remedy)
    return label.rstrip("/")


def find_lock_dir(environ: Mapping[str, str]) -> Path:
    """Return the folder for locks: GROUPSYNC_LOCK_DIR, else one that all users of the machine share.

    That is /tmp, because TMPDIR may differ from run to run, or the folder ProgramData of Windows. If there is
    neither, it is the folder for temporary files.
    """
    if path := _read(environ, "GROUPSYNC_LOCK_DIR"):
        return Path(path)
    shared = _read(environ, "ProgramData") if sys.platform == "win32" else "/tmp"  # noqa: S108 - the lock follows no link there
    if shared and Path(shared).is_dir():
        return Path(shared)
    import tempfile  # noqa: PLC0415 - seldom needed, and slow

    return Path(tempfile.gettempdir())


def find_ci_run(environ: Mapping[str, str]) -> CiRun | None:
    """Return the run of the CI system as GitHub or GitLab names it; None outside of CI."""
    if not environ.get("CI") and not environ.get("GITHUB_ACTIONS"):
        return None
    is_pull_request = bool(find_pull_request(environ))
    repository, run_id = environ.get("GITHUB_REPOSITORY", ""), environ.get("GITHUB_RUN_ID", "")
    if repository and run_id:
        url = f"{environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{repository}/actions/runs/{run_id}"
        return CiRun(system="GitHub", url=_find_plain_url(url), is_pull_request=is_pull_request)
    url = environ.get("CI_JOB_URL") or environ.get("CI_PIPELINE_URL") or ""
    system = "GitLab" if environ.get("GITLAB_CI") else ""
    return CiRun(system=system, url=_find_plain_url(url), is_pull_request=is_pull_request)


def _find_plain_url(url: str) -> str:
    """Return the URL if it is safe to print; empty if it is not."""
    return url if len(url) <= _LONGEST_URL and _PLAIN_URL.fullmatch(url) else ""


def find_commit(environ: Mapping[str, str]) -> str:
    """Return the commit of the configuration as you, GitHub or GitLab name it; empty if nobody does."""
    for variable in ("GROUPSYNC_COMMIT", "GITHUB_SHA", "CI_COMMIT_SHA"):
        if commit := environ.get(variable, "").strip():
            return commit
    return ""


def _read(environ: Mapping[str, str], variable: str) -> str | None:
    """Return the value of a variable, None if it is not set; raise SettingsError if it is empty."""
    text = environ.get(variable)
    if text is not None and not text.strip():
        raise SettingsError(f"{variable} is empty", remedy="set it, or unset it")
    return text
