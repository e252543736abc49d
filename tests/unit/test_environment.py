"""The environment: endpoint, credentials, limits, and where the configuration is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from groupsync.environment.account import load_settings
from groupsync.environment.endpoint import DEFAULT_ENDPOINT
from groupsync.environment.places import default_config_paths
from groupsync.environment.policy import load_job_scope, load_run_policy
from groupsync.errors import SettingsError
from groupsync.model.account import Credentials, is_loopback, make_target

if TYPE_CHECKING:
    from groupsync.model.limits import RunPolicy

CREDENTIALS = {"MESSENTE_API_USERNAME": "user", "MESSENTE_API_PASSWORD": "s3cret"}
ENDPOINT_REMEDY = (
    "set GROUPSYNC_ENDPOINT or --endpoint to a URL such as https://api.messente.com/v1, or leave it out for that one"
)
CREDENTIALS_REMEDY = (
    "set MESSENTE_API_USERNAME and MESSENTE_API_PASSWORD (or MESSENTE_API_USERNAME_FILE and MESSENTE_API_PASSWORD_FILE)"
    " to the API credentials of the account, or MESSENTE_API_PASSWORD_COMMAND to a program that prints the password; in"
    " CI, a pull request from a fork gets no secrets"
)


def refusal(environ: dict[str, str], endpoint: str | None = None) -> tuple[str, str]:
    """Return sentence and remedy of the error."""
    with pytest.raises(SettingsError) as caught:
        load_settings(environ, endpoint=endpoint)
    return str(caught.value), caught.value.remedy


def test_the_environment_gives_target_and_credentials() -> None:
    settings = load_settings(CREDENTIALS)

    assert settings.target == make_target(DEFAULT_ENDPOINT, "user")
    assert settings.credentials == Credentials(username="user", password="s3cret")


def test_the_option_takes_precedence_over_the_environment() -> None:
    environ = {**CREDENTIALS, "GROUPSYNC_ENDPOINT": "https://other.example/v1"}

    assert load_settings(environ).target.endpoint == "https://other.example/v1"
    assert load_settings(environ, endpoint="https://third.example").target.endpoint == "https://third.example"


@pytest.mark.parametrize(
    ("endpoint", "base_url"),
    [
        ("https://api.messente.com/v1/", "https://api.messente.com/v1"),
        ("https://proxy.example:8443/", "https://proxy.example:8443"),
        ("https://[2001:db8::1]/v1", "https://[2001:db8::1]/v1"),
        ("http://localhost:5000", "http://localhost:5000"),
        ("http://127.0.0.1:5000/v1", "http://127.0.0.1:5000/v1"),
        ("http://127.1.2.3/v1", "http://127.1.2.3/v1"),
        ("http://[::1]:5000/v1", "http://[::1]:5000/v1"),
    ],
)
def test_endpoints_that_are_accepted(endpoint: str, base_url: str) -> None:
    assert load_settings(CREDENTIALS, endpoint=endpoint).target.endpoint == base_url


NOT_HTTPS = "the endpoint is not https, and groupsync sends credentials without encryption only to this machine"
CHARACTERS = "the endpoint contains blanks, backslashes or characters outside ASCII"
BAD_PORT = "the endpoint has a bad host or port"


@pytest.mark.parametrize(
    ("endpoint", "sentence"),
    [
        ("", "the endpoint is empty"),
        (" ", "the endpoint is empty"),
        ("http://api.messente.com/v1", NOT_HTTPS),
        ("http://localhost.example/v1", NOT_HTTPS),
        ("http://[::2]/v1", NOT_HTTPS),
        ("http://[::ffff:127.0.0.1]/v1", NOT_HTTPS),
        ("api.messente.com/v1", "the endpoint is not a URL that begins with https://"),
        ("ftp://api.messente.com", "the endpoint is not a URL that begins with https://"),
        ("https:///v1", "the endpoint names no host"),
        ("https://api.messente.com:0/v1", BAD_PORT),
        ("https://api.messente.com:/v1", BAD_PORT),
        ("https://api.messente.com:99999/v1", BAD_PORT),
        ("https://api.messente.com:port/v1", BAD_PORT),
        ("https://[::1/v1", BAD_PORT),
        ("https://api.messente.com/v1?", "the endpoint has a query or fragment"),
        ("https://api.messente.com/v1?a=b", "the endpoint has a query or fragment"),
        ("https://api.messente.com/v1#x", "the endpoint has a query or fragment"),
        ("https://api.messente.com/v1\n", CHARACTERS),
        ("https://api.mess ente.com/v1", CHARACTERS),
        ("https://evil.example\\@api.messente.com", CHARACTERS),
        ("https://äpi.messente.com", CHARACTERS),
    ],
)
def test_endpoints_that_are_refused(endpoint: str, sentence: str) -> None:
    assert refusal(CREDENTIALS, endpoint) == (sentence, ENDPOINT_REMEDY)
    assert refusal({**CREDENTIALS, "GROUPSYNC_ENDPOINT": endpoint}) == (sentence, ENDPOINT_REMEDY)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.255.255.254", True),
        ("::1", True),
        ("", False),
        ("0.0.0.0", False),  # noqa: S104 - an address to check, not to bind
        ("::", False),
        ("::2", False),
        ("128.0.0.1", False),
        ("::ffff:127.0.0.1", False),  # ipaddress says yes since Python 3.13, no before
        ("localhost.example", False),
        ("127.1", False),
    ],
)
def test_only_this_machine_is_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_a_password_in_the_endpoint_is_refused_and_not_repeated() -> None:
    sentence, _remedy = refusal(CREDENTIALS, "https://user:s3cret@api.messente.com/v1")

    assert sentence == (
        "the endpoint contains a username or password, which belong in MESSENTE_API_USERNAME and MESSENTE_API_PASSWORD"
    )


def test_all_missing_variables_are_named_at_once() -> None:
    assert refusal({}) == ("MESSENTE_API_USERNAME and MESSENTE_API_PASSWORD are not set", CREDENTIALS_REMEDY)
    assert refusal({"MESSENTE_API_USERNAME": "user"}) == ("MESSENTE_API_PASSWORD is not set", CREDENTIALS_REMEDY)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"MESSENTE_API_USERNAME": ""}, "MESSENTE_API_USERNAME is empty"),
        ({"MESSENTE_API_PASSWORD": " \n"}, "MESSENTE_API_PASSWORD is empty"),
        ({"MESSENTE_API_USERNAME": "us:er"}, "MESSENTE_API_USERNAME contains a colon"),
        (
            {"MESSENTE_API_USERNAME": "user\n"},
            "MESSENTE_API_USERNAME contains a line break or another control character",
        ),
        (
            {"MESSENTE_API_PASSWORD": "s3cret\r"},
            "MESSENTE_API_PASSWORD contains a line break or another control character",
        ),
        (
            {"MESSENTE_API_PASSWORD": "s3cret\udcff"},
            "MESSENTE_API_PASSWORD contains a line break or another control character",
        ),
        (
            {"MESSENTE_API_PASSWORD_FILE": "/run/secrets/password"},
            "both MESSENTE_API_PASSWORD and MESSENTE_API_PASSWORD_FILE are set",
        ),
        (
            {"MESSENTE_API_PASSWORD_COMMAND": "show s3cret"},
            "both MESSENTE_API_PASSWORD and MESSENTE_API_PASSWORD_COMMAND are set",
        ),
        (
            {"MESSENTE_API_PASSWORD_FILE": "s3cret", "MESSENTE_API_PASSWORD_COMMAND": "s3cret"},
            "MESSENTE_API_PASSWORD, MESSENTE_API_PASSWORD_FILE and MESSENTE_API_PASSWORD_COMMAND are set",
        ),
    ],
)
def test_credentials_that_are_refused(changes: dict[str, str], sentence: str) -> None:
    assert refusal({**CREDENTIALS, **changes})[0] == sentence


@pytest.mark.parametrize(("content", "secret"), [(b"s3cret", "s3cret"), (b"s3cret\n", "s3cret"), (b"a b\r\n", "a b")])
def test_a_secret_comes_from_a_file_without_its_last_line_break(tmp_path: Path, content: bytes, secret: str) -> None:
    path = tmp_path / "password"
    path.write_bytes(content)

    settings = load_settings({"MESSENTE_API_USERNAME": "user", "MESSENTE_API_PASSWORD_FILE": str(path)})

    assert settings.credentials.password == secret


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "MESSENTE_API_PASSWORD_FILE is empty"),
        (b"\n", "MESSENTE_API_PASSWORD_FILE is empty"),
        (b"s3cret\n\n", "MESSENTE_API_PASSWORD_FILE contains a line break or another control character"),
        (b"s3\xffcret", "MESSENTE_API_PASSWORD_FILE: is not UTF-8 text"),
        (b"s" * (2**20 + 1), "MESSENTE_API_PASSWORD_FILE: is larger than 1 MiB"),
        (None, "MESSENTE_API_PASSWORD_FILE: no such file or directory"),
    ],
)
def test_secret_files_that_are_refused(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    path = tmp_path / "password"
    if content is not None:
        path.write_bytes(content)

    found, _remedy = refusal({"MESSENTE_API_USERNAME": "user", "MESSENTE_API_PASSWORD_FILE": str(path)})

    assert found == sentence


def test_an_empty_variable_names_no_file() -> None:
    assert refusal({"MESSENTE_API_USERNAME": "user", "MESSENTE_API_PASSWORD_FILE": ""}) == (
        "MESSENTE_API_PASSWORD_FILE is empty",
        "set it to the path of a file",
    )


def load_limits(**variables: str) -> RunPolicy:
    return load_run_policy(variables, allowed=(), keeps_backups=True)


def test_patterns_are_separated_by_commas_and_line_breaks() -> None:
    assert load_limits(GROUPSYNC_PROTECTED="VIP*, Board\n  Press ,\n").protected == ("VIP*", "Board", "Press")


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("GROUPSYNC_PROTECTED", " , \n,", "GROUPSYNC_PROTECTED holds no pattern"),
        ("GROUPSYNC_PROTECTED", "", "GROUPSYNC_PROTECTED is empty"),
        ("GROUPSYNC_PROTECTED", "Gr\udcfcn *", "GROUPSYNC_PROTECTED is not UTF-8 text"),
        ("GROUPSYNC_MAX_DELETES", "0%", 'GROUPSYNC_MAX_DELETES is "0%", which is not a valid limit'),
        ("GROUPSYNC_MAX_CONTACTS_LOST", "-1", 'GROUPSYNC_MAX_CONTACTS_LOST is "-1", which is not a valid limit'),
        ("GROUPSYNC_PROTECT", "VIP", "GROUPSYNC_PROTECT is not a groupsync variable"),
        ("GROUPSYNC_PROTECTED_GROUPS", "VIP", "GROUPSYNC_PROTECTED_GROUPS is not a groupsync variable"),
        ("GROUPSYNC_MAX_DELETE", "0", "GROUPSYNC_MAX_DELETE is not a groupsync variable"),
        ("GROUPSYNC_MAX_DELETIONS", "0", "GROUPSYNC_MAX_DELETIONS is not a groupsync variable"),
        ("GROUPSYNC_MAX_LOST_CONTACTS", "0", "GROUPSYNC_MAX_LOST_CONTACTS is not a groupsync variable"),
    ],
)
def test_invalid_and_misspelled_limits_are_errors(variable: str, value: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_limits(**{variable: value})

    assert str(caught.value) == sentence
    assert caught.value.remedy


def test_patterns_of_the_scope_are_separated_by_line_breaks_and_empty_lines_do_not_count() -> None:
    assert load_job_scope({"GROUPSYNC_SCOPE": "Sales, EE\r\n\r\n  VIP* \n\n"}) == ("Sales, EE", "VIP*")
    assert load_job_scope({}) == ()


@pytest.mark.parametrize(
    ("value", "sentence"),
    [("", "is empty"), ("\r\n \n", "is empty"), ("Sales *\nGr\udcfcn *", "is not UTF-8 text")],
)
def test_a_scope_of_the_job_that_is_refused(value: str, sentence: str) -> None:
    """Without the character that is not UTF-8, the last pattern would match "Grn *"."""
    with pytest.raises(SettingsError) as caught:
        load_job_scope({"GROUPSYNC_SCOPE": value})

    assert str(caught.value) == f"GROUPSYNC_SCOPE {sentence}"


def test_other_variables_are_ignored() -> None:
    load_limits(GROUPSYNC_VERSION="0.1.0", GROUPSYNC_BACKUP_DIR="/b", MY_GROUPSYNC_PROTECT="x", GROUPSYNC="x")


def test_the_password_is_in_no_repr() -> None:
    assert "s3cret" not in repr(load_settings(CREDENTIALS))


def test_the_default_configuration_is_groups_yaml_or_that_of_the_environment() -> None:
    assert default_config_paths({}) == (Path("groups.yaml"),)
    assert default_config_paths({"GROUPSYNC_CONFIG": "config/groups"}) == (Path("config/groups"),)
    with pytest.raises(SettingsError) as caught:
        default_config_paths({"GROUPSYNC_CONFIG": ""})
    assert str(caught.value) == "GROUPSYNC_CONFIG is empty"
