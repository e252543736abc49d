"""A server that echoes the credentials, in any spelling and in every part of an answer: no output shows them."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from groupsync.api.client import GroupsClient
from groupsync.api.masking import Secrets
from groupsync.api.proxies import find_proxy_secrets
from groupsync.errors import ApiError
from groupsync.model.account import Credentials
from tests.wire.calls import CREDENTIALS, JSON, PASSWORD, TOKEN, encode_error, encode_group, fail
from tests.wire.raw_server import RawServer, http
from tests.wire.spellings import ESCAPES, IN_BASE64

SPELLINGS = {**ESCAPES, **IN_BASE64}
ECHOES = [f"{name} of the {what}" for name in SPELLINGS for what in ("password", "token")]


def spell(echo: str) -> str:
    name, _, what = echo.rpartition(" of the ")
    return SPELLINGS[name](PASSWORD if what == "password" else TOKEN)


def list_with(member: str, value: object) -> bytes:
    return http("200 X", json.dumps({"groups": [], member: value}).encode(), JSON)


@pytest.mark.parametrize("echo", ECHOES)
def test_no_echo_is_in_an_error(echo: str) -> None:
    spelled = spell(echo)
    line = spelled.replace("\n", "")
    in_url = quote(line, safe="%&;+=\\'\"<>/-")

    for answer in (
        http("403 X", encode_error("1", "Forbidden", f"for {spelled}"), JSON),
        http("400 X", encode_error("1", f"{spelled} is wrong"), JSON),
        http("422 X", encode_error(spelled, "Wrong"), JSON),
        http("500 X", f"got {spelled} from you".encode(), "Content-Type: text/plain"),
        http("500 X", b"x", f"Content-Type: text/{line.encode().decode('latin-1')}"),
        http("302 X", b"", f"Location: https://login.invalid/{in_url}"),
        list_with(spelled, {"total": 4}),
    ):
        error = str(fail("GET list", answer))
        assert "***" in error or '4.total": 4' in error  # a name is cut after 40 characters
        assert spelled not in error
        assert not any(part in error for part in (PASSWORD, TOKEN, TOKEN[-12:], "7q3z"))


@pytest.mark.parametrize("cut", [1, 2, 5, 10, len(PASSWORD.encode()) - 1])
def test_a_secret_that_the_limit_cuts_in_two_is_not_shown(cut: int) -> None:
    """All but the last bytes of the answer are blanks, of which a message shows one."""
    secret = PASSWORD.encode()

    for length in (2**12, 2**16):
        body = b"x" + b" " * (length - 1 - cut) + secret + b" and more"
        error = str(fail("GET list", http("500 X", body, "Content-Type: text/plain")))
        assert secret[:1].decode() not in error.rpartition("text/plain: ")[2]


def test_an_answer_that_ends_too_early_shows_no_half_secret() -> None:
    answer = b"HTTP/1.1 500 X\r\nContent-Length: 900\r\n\r\nfor " + PASSWORD.encode()[:3]

    assert str(fail("GET list", answer)).endswith("(the answer is not from the Phonebook: for ***)")


def test_a_total_that_is_the_password_is_not_shown() -> None:
    credentials = Credentials(username="user", password="20260401")

    for answer in (
        list_with("total", 20260401),
        http("200 X", b'{"groups": []}', JSON, "X-Total-Count: 20260401"),
        http("200 X", b'{"groups": []}', JSON, "Content-Range: 0-1/20260401"),
    ):
        with RawServer(answer) as server, GroupsClient(server.url, credentials) as client:
            with pytest.raises(ApiError) as caught:
                client.list_groups()
            assert "20260401" not in str(caught.value)
            assert "***" in str(caught.value)


def test_names_of_groups_are_shown_as_they_are() -> None:
    """A plan is about names. A name that contains the password is no echo, and must be written to be kept."""
    group = {"id": "5792a02a-e5c2-422b-a0a0-0ae65d814663", "name": f"{PASSWORD} customers", "contactsCount": 0}
    answer = http("200 X", json.dumps({"groups": [group]}).encode(), JSON)

    with RawServer(answer) as server, GroupsClient(server.url, CREDENTIALS) as client:
        assert client.list_groups()[0].name == f"{PASSWORD} customers"
    assert PASSWORD in str(fail("POST", http("201 X", encode_group(name=PASSWORD), JSON)))


def test_only_the_words_of_the_server_are_masked() -> None:
    """With a password such as `groups`, groupsync's own words stay."""
    credentials = Credentials(username="user", password="groups")
    answer = http("400 X", encode_error("201", "no such groups"), JSON)

    with (
        RawServer(answer) as server,
        GroupsClient(server.url, credentials) as client,
        pytest.raises(ApiError) as caught,
    ):
        client.list_groups()

    assert str(caught.value) == "GET /phonebook/groups: HTTP 400: no such *** (code 201)"


@pytest.mark.parametrize("echo", ["{password}", "me:{password}", "{token}", "{sent}"])
def test_the_credentials_of_a_proxy_are_not_shown(echo: str) -> None:
    """A proxy that opens TLS answers in place of the Phonebook, and knows what it was sent."""
    passwords, tokens = find_proxy_secrets("http://me:s3cret%2Fword@127.0.0.1:9")
    text = echo.format(password="s3cret/word", token="bWU6czNjcmV0L3dvcmQ=", sent="s3cret%2Fword")

    masked = Secrets(passwords=passwords, tokens=tokens).mask(f"no way for {text} here")

    assert masked in {"no way for *** here", "no way for me:*** here"}


@pytest.mark.parametrize("proxy", ["", "http://127.0.0.1:9", "http://me@127.0.0.1:9"])
def test_a_proxy_without_a_password_has_no_secrets(proxy: str) -> None:
    assert find_proxy_secrets(proxy) == ((), ())
