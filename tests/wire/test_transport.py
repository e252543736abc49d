"""The way to the server: which addresses are taken, and every way in which an answer can be lost."""

from __future__ import annotations

import gzip
import os
import select
import shutil
import socket
import ssl
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError

from groupsync.api.client import GroupsClient
from groupsync.api.connections import make_pool
from groupsync.api.deadline import Deadline
from groupsync.api.exceptions import make_api_error
from groupsync.api.proxies import find_proxy
from groupsync.errors import ApiError, SettingsError
from groupsync.sandbox import Sandbox
from tests.wire.calls import (
    CALLS,
    CREDENTIALS,
    ID,
    LIST,
    NO_GROUPS,
    ask,
    encode_group,
    fail,
    fail_at,
)
from tests.wire.interrupts import NoRetries
from tests.wire.raw_server import RawServer, drip, http, reset, stay_silent, tunnel_to

if TYPE_CHECKING:
    from pathlib import Path

    from tests.wire.raw_server import Behaviour


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.lower(), raising=False)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect"])
def test_a_redirect_is_an_error_and_not_followed(call: str, status: str) -> None:
    with RawServer(NO_GROUPS) as elsewhere:
        location = f"Location: http://user:secret@127.0.0.1:{elsewhere.port}/v1/login?token=secret"
        error = fail(call, http(status, b"", location))

    assert elsewhere.requests == []
    assert f"HTTP {status[:3]}: {status[4:]} points to http://127.0.0.1:{elsewhere.port}/v1/login, and" in str(error)
    assert "GROUPSYNC_ENDPOINT" in error.remedy
    assert "secret" not in str(error)


@pytest.mark.parametrize("location", ["http://[", "//", "\xff\xfe", "http://" + "a" * 5000, "ftp://x/y\tz"])
def test_a_redirect_to_nowhere_is_an_error_too(location: str) -> None:
    error = fail("GET list", http("302 Found", b"", f"Location: {location}"))

    assert str(error).startswith(f"{LIST}: HTTP 302: Found points to ")
    assert len(str(error)) < 400
    assert str(error).isprintable()


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://api.messente.com/v1",
        "http://localhost.invalid/v1",
        "http://10.0.0.1/v1",
        "http://[::ffff:127.0.0.1]/v1",
        "https://user:secret@api.messente.com/v1",
        "https:///v1",
        "https://[x/v1",
        "https://api.messente.com:99999/v1",
        "ftp://localhost/v1",
        "localhost:8080",
        "",
    ],
)
def test_credentials_go_over_tls_or_stay_on_this_machine(endpoint: str) -> None:
    with pytest.raises(SettingsError) as caught:
        GroupsClient(endpoint, CREDENTIALS)

    assert "https" in caught.value.remedy
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "LOCALHOST", "127.9.8.7"])
def test_http_is_for_this_machine(host: str) -> None:
    GroupsClient(f"http://{host}:9/v1/", CREDENTIALS).close()


def test_https_goes_through_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(http("407 Proxy Authentication Required")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:secret@127.0.0.1:{proxy.port}")
        monkeypatch.setenv("NO_PROXY", "example.com")
        error = fail_at("https://phonebook.invalid/v1", "POST")

    assert proxy.requests[0].startswith(b"CONNECT phonebook.invalid:443 ")
    assert b"\r\nAuthorization" not in proxy.requests[0]
    assert str(error) == "POST /phonebook/groups: cannot connect through the proxy: it answered HTTP 407"
    assert (error.ambiguous, "HTTPS_PROXY" in error.remedy) == (False, True)


def test_no_proxy_is_asked_for_what_is_on_its_list(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(http("407 Proxy Authentication Required")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("NO_PROXY", "invalid")
        error = fail_at("https://phonebook.invalid/v1")

    assert proxy.requests == []
    assert str(error).startswith(f"{LIST}: cannot find phonebook.invalid: ")
    assert not error.ambiguous


def test_no_proxy_stands_before_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy on another machine would be sent the credentials in clear."""
    with RawServer(NO_GROUPS) as server, RawServer(NO_GROUPS) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}")
        ask(server)

    assert proxy.requests == []


@pytest.mark.parametrize(
    ("proxy", "problem"),
    [
        ("http://me:secret%D0%96@127.0.0.1:9", "the address of the endpoint or of the proxy cannot be used"),
        ("http://me:secret@127.0.0.1:1", "cannot connect through the proxy: connection refused"),
    ],
)
def test_a_proxy_that_is_none_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch, proxy: str, problem: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)

    error = fail_at("https://phonebook.invalid/v1", "POST")

    assert (str(error), error.ambiguous) == (f"POST /phonebook/groups: {problem}", False)


@pytest.mark.parametrize(
    "proxy",
    [
        "http://me:secret@[",
        "http://me:secret@",
        "http://me:secret/more@127.0.0.1:9",
        "http://me:1/secret@127.0.0.1:9",
        "http://me:secret@127.0.0.1:port",
        "http://me:secret@127.0.0.1:9?x",
        "ftp://me:secret@127.0.0.1:9",
        "me:secret@127.0.0.1:9#",
        "me:secret word@127.0.0.1:9",
    ],
)
def test_a_proxy_that_cannot_be_understood_is_refused_without_its_password(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)

    with pytest.raises(SettingsError) as caught:
        GroupsClient("https://phonebook.invalid/v1", CREDENTIALS)

    assert str(caught.value) == "HTTPS_PROXY or ALL_PROXY is not a valid proxy URL"


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "SOCKS5", "socks4", "socks4a", "socks"])
@pytest.mark.parametrize(
    ("variable", "others", "change"),
    [
        ("ALL_PROXY", {}, "set HTTPS_PROXY, which takes precedence,"),
        ("all_proxy", {"ALL_PROXY": "http://127.0.0.1:9"}, "set HTTPS_PROXY, which takes precedence,"),
        ("ALL_PROXY", {"https_proxy": ""}, "set https_proxy, which takes precedence,"),
        ("HTTPS_PROXY", {"ALL_PROXY": "http://127.0.0.1:9"}, "set it"),
        ("https_proxy", {"HTTPS_PROXY": "http://127.0.0.1:9"}, "set it"),
    ],
)
def test_a_socks_proxy_is_refused_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, scheme: str, variable: str, others: dict[str, str], change: str
) -> None:
    for name, value in {**others, variable: f"{scheme}://me:s3cret@127.0.0.1:9"}.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as caught:
        GroupsClient("https://phonebook.invalid/v1", CREDENTIALS)

    assert str(caught.value) == f"{variable} names a SOCKS proxy, and SOCKS proxies are not supported"
    assert caught.value.remedy == (
        f"{change} to an HTTP proxy such as http://host:port; or, if none is needed, add phonebook.invalid to NO_PROXY"
    )


@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
def test_the_remedies_for_a_socks_proxy_work(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5h://127.0.0.1:9")
    monkeypatch.setenv(variable, "example.com")
    with pytest.raises(SettingsError) as caught:
        find_proxy("https://phonebook.invalid/v1")
    assert caught.value.remedy.endswith(f"add phonebook.invalid to {variable}")

    monkeypatch.setenv(variable, "example.com,phonebook.invalid")
    without = find_proxy("https://phonebook.invalid/v1")
    monkeypatch.setenv(variable, "example.com")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:8080")
    with_one = find_proxy("https://phonebook.invalid/v1")

    assert (without, with_one) == ("", "127.0.0.1:8080")


def test_a_socks_proxy_does_not_matter_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")

    assert find_proxy("http://127.0.0.1:9/v1") == ""


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_ca_bundle_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.setenv(variable, "/nowhere/ca.pem")

    with pytest.raises(SettingsError, match=f"^{variable} names /nowhere/ca.pem, which does not exist$"):
        GroupsClient("https://api.messente.com/v1", CREDENTIALS)


@pytest.mark.parametrize("content", [b"", b"no certificate"])
def test_a_ca_bundle_without_a_certificate_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes
) -> None:
    """A TLS context that trusts nobody would fail later, and say that the server is to blame."""
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(content)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))

    with pytest.raises(SettingsError, match=f"^REQUESTS_CA_BUNDLE names {bundle}, which is not a CA bundle$"):
        GroupsClient("https://api.messente.com/v1", CREDENTIALS)


@pytest.fixture
def certificate(tmp_path: Path) -> str:
    """The file of a certificate for this machine, and for a host that only a proxy finds, with its key."""
    if shutil.which("openssl") is None:
        pytest.skip("a certificate is made by openssl")
    path = str(tmp_path / "certificate.pem")
    make = ["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    facts = ["-subj", "/CN=x", "-addext", "subjectAltName=IP:127.0.0.1,DNS:phonebook.invalid"]
    subprocess.run([*make, *facts, "-keyout", f"{path}.key", "-out", path], check=True, capture_output=True)
    return path


@pytest.fixture
def tls(certificate: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, f"{certificate}.key")
    return context


def test_the_ca_bundle_of_the_environment_is_trusted_and_no_other(
    monkeypatch: pytest.MonkeyPatch, certificate: str, tls: ssl.SSLContext
) -> None:
    with RawServer(NO_GROUPS, tls=tls) as server:
        url = server.url.replace("http:", "https:")
        monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
        monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
        error = fail_at(url, "POST")
        monkeypatch.setenv("CURL_CA_BUNDLE", certificate)
        with GroupsClient(url, CREDENTIALS) as client:
            assert client.list_groups() == ()

    assert f"the certificate of 127.0.0.1:{server.port} is not trusted: self" in str(error)
    assert (error.ambiguous, error.transient) == (False, False)
    assert len(server.requests) == 1


def test_through_a_proxy_a_certificate_must_be_trusted_as_well(
    monkeypatch: pytest.MonkeyPatch, certificate: str, tls: ssl.SSLContext
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    with RawServer(NO_GROUPS, tls=tls) as server, RawServer(tunnel_to(server.port)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        error = fail_at("https://phonebook.invalid/v1", "POST")
        assert server.requests == []
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate)
        with GroupsClient("https://phonebook.invalid/v1", CREDENTIALS) as client:
            assert client.list_groups() == ()

    assert "the certificate of phonebook.invalid is not trusted: self" in str(error)
    assert server.requests[0].startswith(b"GET /v1/phonebook/groups HTTP/1.1\r\n")
    assert [request.split(b" ")[0] for request in proxy.requests] == [b"CONNECT"] * 2
    assert not any(b"Authorization" in request for request in proxy.requests)


def test_through_a_tls_proxy_a_certificate_must_be_trusted_as_well(
    monkeypatch: pytest.MonkeyPatch, certificate: str, tls: ssl.SSLContext
) -> None:
    """The proxy's by the system, whose bundle SSL_CERT_FILE names; the server's by the bundle of the environment."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate)
    with RawServer(NO_GROUPS, tls=tls) as server, RawServer(tunnel_to(server.port), tls=tls) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"https://me:secret@127.0.0.1:{proxy.port}")
        error = fail_at("https://phonebook.invalid/v1", "POST")
        monkeypatch.setenv("SSL_CERT_FILE", certificate)
        with GroupsClient("https://phonebook.invalid/v1", CREDENTIALS) as client:
            assert client.list_groups() == ()

    assert str(error).startswith("POST /phonebook/groups: the certificate of phonebook.invalid is not trusted: self")
    assert b"\r\nproxy-authorization: basic bwu6c2vjcmv0\r\n" in proxy.requests[0].lower()
    assert server.requests[0].startswith(b"GET /v1/phonebook/groups HTTP/1.1\r\n")


# No answer


def test_a_certificate_for_another_host_is_not_trusted(
    monkeypatch: pytest.MonkeyPatch, certificate: str, tls: ssl.SSLContext
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate)

    with RawServer(NO_GROUPS, tls=tls) as server:
        error = fail_at(f"https://localhost:{server.port}/v1", "GET")

    assert f"the certificate of localhost:{server.port} is not trusted" in str(error)
    assert error.remedy == "check GROUPSYNC_ENDPOINT and the network: the certificate is that of another server"
    assert server.requests == []


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        (
            "certificate has expired",
            "check this machine's clock; if it is right, the server needs a new certificate",
        ),
        ("certificate is not yet valid", "set this machine's clock"),
        ("self-signed certificate", "for your own CA, set REQUESTS_CA_BUNDLE to its file"),
        ("unable to get local issuer certificate", "for your own CA, set REQUESTS_CA_BUNDLE to its file"),
    ],
)
def test_a_ca_bundle_is_advised_only_if_it_can_help(message: str, remedy: str) -> None:
    reason = ssl.SSLCertVerificationError(1, "certificate verify failed")
    reason.verify_message = message

    error = make_api_error(reason, request="GET /x", host="x.invalid", timeout=1)

    assert error.remedy.endswith(remedy)


def test_an_echo_of_the_credentials_of_a_proxy_is_masked(
    monkeypatch: pytest.MonkeyPatch, certificate: str, tls: ssl.SSLContext
) -> None:
    """A proxy that opens TLS answers in place of the Phonebook."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate)
    echo = http("500 X", b"for bWU6czNjcmV0L3dvcmQ= s3cret/word s3cret%2Fword now", "Content-Type: text/plain")
    with RawServer(echo, tls=tls) as server, RawServer(tunnel_to(server.port)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:s3cret%2Fword@127.0.0.1:{proxy.port}")
        error = fail_at("https://phonebook.invalid/v1", "POST")

    assert str(error).endswith("(the answer is not from the Phonebook: text/plain: for *** *** *** now)")


def test_a_closed_port_is_told_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    error = fail_at(f"http://127.0.0.1:{port}/v1", "POST")

    assert str(error) == f"POST /phonebook/groups: cannot connect to 127.0.0.1:{port}: connection refused"
    assert (error.ambiguous, error.remedy) == (False, "check the network and GROUPSYNC_ENDPOINT")


@pytest.mark.parametrize("host", ["a" * 64 + ".invalid", "a..b", "x_y*.invalid", "1.2.3.4.5.6.invalid"])
def test_a_name_that_cannot_be_found_is_told(host: str) -> None:
    error = fail_at(f"https://{host}/v1", "POST")

    assert (type(error), error.ambiguous) == (ApiError, False)


def test_https_does_not_fall_back_to_http() -> None:
    with RawServer(NO_GROUPS) as server:
        error = fail_at(server.url.replace("http:", "https:"))

    assert str(error) == f"{LIST}: TLS with 127.0.0.1:{server.port} failed: wrong version number"
    assert error.remedy == "check GROUPSYNC_ENDPOINT, HTTPS_PROXY and the network"


@pytest.mark.parametrize(
    ("behaviour", "problem"),
    [
        (b"", "{host} closed the connection without an answer"),
        (reset, "the connection to {host} broke before the answer was complete: connection reset by peer"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "the answer of {host} is not HTTP"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "the answer of {host} is not HTTP"),
        (http("200 OK", encode_group(), "Content-Length: 500"), "the answer of {host} is incomplete"),
        (http("200 OK", b'5\r\n{"gro', "Transfer-Encoding: chunked"), "the answer of {host} is incomplete"),
        (http("200 OK", b"zz\r\n", "Transfer-Encoding: chunked"), "the answer of {host} is incomplete"),
        (http("200 OK", b"{}", "Content-Encoding: gzip"), "the answer of {host} cannot be decompressed"),
        (http("200 OK", b"x", "Content-Encoding: " + "gzip, " * 20), "the answer of {host} cannot be decompressed"),
    ],
)
@pytest.mark.parametrize("call", ["POST", "DELETE"])
def test_an_answer_that_is_lost_is_ambiguous(call: str, behaviour: Behaviour | bytes, problem: str) -> None:
    with RawServer(behaviour) as server:
        error = fail_at(server.url, call)

    assert str(error).split(": ", 1)[1] == problem.format(host=f"127.0.0.1:{server.port}")
    assert error.ambiguous
    assert len(server.requests) == 1


def test_an_earlier_failure_does_not_colour_the_next() -> None:
    """Python links an exception to the one being handled; that one may have been certain."""
    with RawServer(reset) as server:
        try:
            raise fail_at("http://127.0.0.1:1/v1")
        except ApiError:
            assert fail_at(server.url, "POST").ambiguous


def test_a_failed_request_gives_its_connection_back() -> None:
    failures = (reset, b"", http("302 Found", b"x" * 9, "Location: /"), http("200 OK", b"x" * 2**21), http("500 X"))

    with (
        RawServer(*failures, NO_GROUPS) as server,
        GroupsClient(server.url, CREDENTIALS, connections=1, interrupt=NoRetries()) as client,
    ):
        for _ in failures:
            with pytest.raises(ApiError):
                client.get_group(ID)
        assert client.list_groups() == ()


def test_a_server_that_says_nothing_is_left() -> None:
    error = fail("PUT", stay_silent, timeout=0.2)

    assert str(error).endswith(" sent no complete answer within 0.2 seconds")
    assert error.ambiguous


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("beginning", "more"),
    [
        (b"HTTP", b"/"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b" "),
        (b'HTTP/1.1 200 OK\r\n\r\n{"groups": []}', b" "),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n", b" "),
        (CHUNKED, b"0"),
        (CHUNKED + b"1;", b"x"),
        (CHUNKED + b"0\r\n", b"X: y\r\n"),
    ],
    ids=["status", "headers", "continue", "endless", "whole, yet endless", "long", "chunk size", "chunk", "trailers"],
)
def test_a_server_that_drips_is_left_when_the_time_is_over(beginning: bytes, more: bytes) -> None:
    """Each byte comes in good time, and the whole never does."""
    error = fail("GET list", drip(beginning, more, pause=0.02), timeout=0.3)

    assert str(error).endswith(" sent no complete answer within 0.3 seconds")
    assert error.ambiguous


def test_a_server_that_drips_is_left_below_tls_too(
    monkeypatch: pytest.MonkeyPatch, certificate: str, tls: ssl.SSLContext
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate)

    with RawServer(drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", pause=0.02), tls=tls) as server:
        error = fail_at(server.url.replace("http:", "https:"), timeout=0.5)

    assert str(error).endswith(" sent no complete answer within 0.5 seconds")
    assert error.ambiguous


def test_a_server_that_drips_is_left_behind_a_tls_proxy_too(
    monkeypatch: pytest.MonkeyPatch, certificate: str, tls: ssl.SSLContext
) -> None:
    """There TLS is inside TLS, and the connection that is shut down is below both. The second request is left too."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate)
    monkeypatch.setenv("SSL_CERT_FILE", certificate)
    dripping = drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", pause=0.02)

    with RawServer(dripping, tls=tls) as server, RawServer(tunnel_to(server.port), tls=tls) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"https://127.0.0.1:{proxy.port}")
        with GroupsClient("https://phonebook.invalid/v1", CREDENTIALS, timeout=0.5, interrupt=NoRetries()) as client:
            for _ in range(2):
                began = time.monotonic()
                with pytest.raises(ApiError, match="sent no complete answer"):
                    client.create_group("New")
                assert time.monotonic() - began <= 1.5

    assert len(server.requests) == 2


def test_the_failure_of_a_server_that_drips_is_told_as_far_as_it_came() -> None:
    error = fail("GET list", drip(b"HTTP/1.1 500 Oops\r\n\r\n", b"x", pause=0.02), timeout=0.3)

    assert error.ambiguous
    assert str(error).endswith(" sent no complete answer within 0.3 seconds")


@pytest.mark.parametrize("is_given_back", [True, False])
def test_a_deadline_cuts_the_connection_only_while_it_is_its_own(is_given_back: bool) -> None:
    """A connection that went back to the pool may be another request's already."""
    deadline = Deadline()
    with Sandbox() as sandbox, deadline:
        pool = make_pool(sandbox.url, proxy="", certificates=None, timeout=5, connections=1)
        response = pool.urlopen("GET", "/v1/phonebook/groups", preload_content=False)
        assert isinstance(response.connection, HTTPConnection)
        connection = response.connection.sock
        if is_given_back:
            response.read()

        deadline.end(interrupted=False)

        is_cut = bool(select.select([connection], [], [], 0.2)[0]) and connection.recv(1, socket.MSG_PEEK) == b""
        response.release_conn()
        pool.close()
    assert (is_cut, deadline.is_over) == (not is_given_back, not is_given_back)


@pytest.mark.parametrize("is_new", [True, False])
def test_nothing_is_sent_when_the_time_is_over_before(is_new: bool) -> None:
    with Sandbox() as sandbox:
        pool = make_pool(sandbox.url, proxy="", certificates=None, timeout=5, connections=1)
        if not is_new:
            pool.urlopen("POST", "/v1/first")

        with Deadline() as deadline:
            deadline.end(interrupted=False)
            with pytest.raises(HTTPError):
                pool.urlopen("POST", "/v1/second", body=b"{}")

        pool.close()
        assert sandbox.requests() == (0 if is_new else 1)


def test_a_time_that_is_over_is_that_of_one_request_only() -> None:
    with (
        RawServer(stay_silent, NO_GROUPS) as server,
        GroupsClient(server.url, CREDENTIALS, timeout=0.3, interrupt=NoRetries()) as client,
    ):
        with pytest.raises(ApiError):
            client.list_groups()

        assert client.list_groups() == ()


def test_a_body_without_measure_is_not_read() -> None:
    bomb = gzip.compress(b" " * 5 * 2**20)

    error = fail("POST", http("201 Created", bomb, "Content-Encoding: gzip"))

    assert (str(error), error.ambiguous) == ("POST /phonebook/groups: the answer is larger than 1 MiB", True)


@pytest.mark.parametrize(("variable", "is_imported"), [("", False), ("https_proxy", True), ("NO_PROXY", True)])
def test_requests_is_imported_only_for_the_rules_of_proxies(variable: str, *, is_imported: bool) -> None:
    program = (
        "import sys; from groupsync.api.transport import *; choose_proxy('https://a.invalid'); print(*sys.modules)"
    )
    environ = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    if variable:
        environ[variable] = "http://b.invalid"

    done = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True)

    assert ("requests" in done.stdout.split()) is is_imported
