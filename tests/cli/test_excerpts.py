"""Excerpts: the line of the file with a caret below; never a line of a file that is not a configuration."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Groupsync

SECRET = "hunter2-S3cr3t"
OTHER_FILES = {
    "a password": f"{SECRET}\n",
    "netrc": f"machine api.messente.com login me password {SECRET}\n",
    "environment": f"MESSENTE_API_USERNAME=me\nMESSENTE_API_PASSWORD={SECRET}\n",
    "quoted": f'export TOKEN="{SECRET}\n',
    "compose": f"version: '3.8'\nservices:\n  web:\n    environment:\n      PASSWORD: {SECRET}\n",
    "compose, version 1": f"version: 1\nservices:\n  web:\n    environment: [PASSWORD={SECRET}]\n",
    "secret": f"apiVersion: v1\nkind: Secret\ndata:\n  password: {SECRET}\n  groups: [{SECRET}]\n",
    "credentials": f"username: me\npassword: {SECRET}\n",
    "broken": f"password: [{SECRET}\ngroups: [\n",
    "tabs": f"password: {SECRET}\n\tgroups: x\n",
    "anchors": f"base: &base {SECRET}\ncopy: *base\ngroups: *base\n",
    "tagged": f"groups: !vault {SECRET}\n",
    "two documents": f"a: 1\n---\npassword: {SECRET}\n",
    "private key": f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----\n",
    "groups of something else": f"groups:\n  admins: [{SECRET}]\n",
    "a list of secrets": f"- {SECRET}\n- {SECRET}\n",
    "control characters": f"password: {SECRET}\x07\n",
    "JSON, version and groups further in": f'{{"users": [{{"password": "{SECRET}", "on": true}}],\n'
    f'"meta": {{\n"version": 1\n}}, "acl": {{\n"groups": ["{SECRET}", true]\n}}}}',
    "realm": f"realm: x\nclient_secret: {SECRET}\nversion: 1\ngroups: [{SECRET}\n",
    "cloud-config": f"#cloud-config\nversion: 1\ngroups:\n  - admins: [{SECRET}]\nusers:\n  - passwd: {SECRET}\n",
    "groups by name": f"version: 1\ngroups: {{admins: [{SECRET}]}}\n",
    "a word alone": f"version: 1\ngroups: [\n{SECRET}\n",
    "broken JSON": f'{{"version": 1,\n"groups": ["{SECRET}", }}\n',
    "not UTF-8": f"password: {SECRET}",
}


@pytest.mark.parametrize("text", OTHER_FILES.values(), ids=OTHER_FILES)
@pytest.mark.parametrize("name", ["other.yaml", "other.json"])
@pytest.mark.parametrize("command", ["validate", "plan", "doctor"])
def test_no_line_of_another_kind_of_file_is_shown(
    groupsync: Groupsync, folder: Path, sandbox: Sandbox, command: str, name: str, text: str
) -> None:
    (folder / name).write_bytes(text.encode() + (b"\xff\n" if text.endswith(SECRET) else b""))

    finished = groupsync(command, "-c", name)

    assert finished.code == 1
    assert SECRET not in finished.out + finished.err
    assert "^" not in finished.out + finished.err
    assert command == "doctor" or sandbox.log() == ()


@pytest.mark.parametrize(
    ("text", "excerpt"),
    [
        ("groups:\n  - NO\n", ("    3 |   - NO\n", "      |     ^\n")),
        ("groups: [A, B\n", ("    2 | groups: [A, B\n", "      |         ^\n")),
        ("groups:\n  - 日本: x\n", ("    3 |   - 日本: x\n", "      |     ^\n")),
        ("groups: [日本語, NO]\n", ("    2 | groups: [日本語, NO]\n", "      |                  ^\n")),
        ("groups:\n  - name: A\n    nme: B\n", ("    4 |     nme: B\n", "      |     ^\n")),
        ("groups: [A]\nremoved: [{name: A}]\n", ("    3 | removed: [{name: A}]\n", "      |                  ^\n")),
    ],
)
def test_the_line_is_shown_with_a_caret_below_the_mistake(
    groupsync: Groupsync, write: Callable[[str], None], text: str, excerpt: tuple[str, str]
) -> None:
    write(text)

    finished = groupsync("validate")

    assert finished.code == 1
    assert "".join(excerpt) in finished.err


@pytest.mark.parametrize(
    ("name", "text", "excerpt"),
    [
        ("groups.yaml", "version: 2\ngroups: [A]\n", "    1 | version: 2\n      |          ^\n"),
        ("groups.yaml", "version: 1\nremoved: []\ngroup: [A]\n", "    3 | group: [A]\n      | ^\n"),
        ("groups.yaml", "{version: 1, groups: [NO]}\n", "    1 | {version: 1, groups: [NO]}\n"),
        ("groups.yaml", "version: 1\naccount: me\n", "    2 | account: me\n      |          ^\n"),
        ("groups.yaml", "version: 1\npolicy: {unlisted: keepp}\n", "    2 | policy: {unlisted: keepp}\n"),
        ("groups.yaml", "version: 1\ngroups:\n- A: [\n", "    3 | - A: [\n"),
        ("groups.yaml", "version: 1\ngroups: &all [A]\n", "    2 | groups: &all [A]\n"),
        ("groups.json", '{"version": 1,\n"groups": [true]}\n', '    2 | "groups": [true]}\n      |            ^\n'),
    ],
)
def test_a_file_with_the_keys_of_a_configuration_is_quoted(
    groupsync: Groupsync, folder: Path, name: str, text: str, excerpt: str
) -> None:
    (folder / name).write_text(text)

    finished = groupsync("validate", "-c", name)

    assert finished.code == 1
    assert excerpt in finished.err


def test_a_long_line_is_shortened_around_the_mistake(groupsync: Groupsync, write: Callable[[str], None]) -> None:
    names = [f"Name {number}" for number in range(500)]
    write(f"groups: [{', '.join([*names[:250], 'NO', *names[250:]])}]\n")

    _, line, caret, *_ = groupsync("validate").err.splitlines()

    assert line[caret.index("^") :].startswith("NO, Name 250")
    assert len(line) < 120


def test_invisible_characters_are_shown_escaped(groupsync: Groupsync, folder: Path) -> None:
    (folder / "groups.yaml").write_text("version: 1\ngroups: [\u200bevil, NO]\n")

    finished = groupsync("validate")

    assert "\u200b" not in finished.err
    assert "    2 | groups: [\\u200bevil, NO]\n      |                      ^\n" in finished.err


@pytest.mark.parametrize("command", ["validate", "plan"])
def test_excerpts_are_coloured_only_on_a_terminal(folder: Path, environ: Mapping[str, str], command: str) -> None:
    (folder / "groups.yaml").write_text("version: 1\ngroups: [NO]\n")
    args = [sys.executable, "-m", "groupsync", command]
    piped = subprocess.run(args, env=dict(environ), capture_output=True, check=False)
    ours, theirs = pty.openpty()
    subprocess.run(args, env={**environ, "TERM": "xterm"}, stdout=theirs, stderr=theirs, check=False)
    os.close(theirs)
    shown = os.read(ours, 65_536)
    os.close(ours)

    assert b"\x1b[" not in piped.stderr
    assert b"      |          ^\n" in piped.stderr
    assert b"\x1b[1;31m      |          ^\x1b[0m" in shown


def test_the_line_that_causes_a_refusal_is_shown(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    sandbox.add_group("Twin")
    sandbox.add_group("Twin")
    write("groups:\n  - A\n  - Twin\n")

    finished = groupsync("plan")

    assert finished.code == 3
    assert "    4 |   - Twin\n      |     ^\n" in finished.out
