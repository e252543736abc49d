"""A server that echoes the password: no output of a run shows it, in whatever spelling it came."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from tests.wire.calls import JSON, NO_GROUPS, PASSWORD, TOKEN, encode_error
from tests.wire.raw_server import RawServer, http
from tests.wire.spellings import ESCAPES, IN_BASE64

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Groupsync

SPELLINGS = {**ESCAPES, **IN_BASE64}


@pytest.mark.parametrize("name", SPELLINGS)
def test_no_output_of_an_apply_shows_an_echo(
    name: str, groupsync: Groupsync, write: Callable[[str], None], folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Terminal, report and Markdown of an apply whose create is refused, and whose last list fails."""
    caplog.set_level(logging.DEBUG)
    echoes = [SPELLINGS[name](PASSWORD), SPELLINGS[name](TOKEN)]
    write("groups: [VIP]\n")
    answer = http("403 X", encode_error("244", "Forbidden", " and ".join(echoes)), JSON)

    with RawServer(NO_GROUPS, NO_GROUPS, answer) as server:
        environ = {"GROUPSYNC_ENDPOINT": server.url, "MESSENTE_API_PASSWORD": PASSWORD}
        args = ("--auto-approve", "--allow", "empty-account", "--report", "report.json", "--markdown", "report.md")
        finished = groupsync("apply", *args, MESSENTE_API_USERNAME="jürgen", **environ)

    assert finished.code == 5
    files = [(folder / file).read_text(encoding="utf-8") for file in ("report.json", "report.md")]
    for text in (finished.out + finished.err, *files, caplog.text):
        assert not any(secret in text for secret in (*echoes, PASSWORD, TOKEN, "7q3z"))
    for text in (finished.out, *files):
        assert "***" in text


def test_words_of_groupsync_and_of_the_files_stay_with_a_short_password(
    groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    """Only what came from the server is masked: the password is also a name in the file, and a word of a path."""
    write("groups: [Customers]\n")

    with RawServer(NO_GROUPS, NO_GROUPS, http("400 X", encode_error("201", "no Customers"), JSON)) as server:
        args = ("apply", "--auto-approve", "--allow", "empty-account")
        finished = groupsync(*args, GROUPSYNC_ENDPOINT=server.url, MESSENTE_API_PASSWORD="Customers")

    assert 'failed: create group "Customers"' in finished.out
    assert "HTTP 400: no *** (code 201)" in finished.out
