"""`groupsync fix` as a person and a CI job use it: questions on a real terminal, diffs, kills while it writes."""

from __future__ import annotations

import itertools
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from groupsync.config.load import load_config
from groupsync.errors import ConfigError
from groupsync.names import temporary_name
from groupsync.sandbox import Sandbox
from tests.cli.console import run_command
from tests.killing import kill_at_line
from tests.unit.core import make_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.cli.conftest import Groupsync

GROUPSYNC = (sys.executable, "-m", "groupsync")
ROOT = Path(__file__).parents[2]
PROMPTS = (b"Your answer: ", b"to confirm: ")
LEADS = "groups:\n  - Leads\n"
RENAMED = "groups:\n  - name: Leads\n    previously: [Leads 2024]\n"
DIFF = """\
--- a/groups.yaml
+++ b/groups.yaml
@@ -1,4 +1,5 @@
 version: 1
 groups:
-  - Leads
+  - name: Leads
+    previously: [Leads 2024]
 policy: {unlisted: delete}
"""


@pytest.fixture
def child_environ(environ: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, **environ, "NO_COLOR": "1", "TERM": "xterm", "CI": ""}


@pytest.fixture
def leads(sandbox: Sandbox, write: Callable[[str], None]) -> None:
    """An account with a group that looks as if it was renamed in the file."""
    sandbox.add_group("Leads 2024", id=make_id(1), contacts=12)
    write(LEADS)


def talk(
    *args: str, keys: list[bytes], folder: Path, environ: Mapping[str, str], at_end: bytes = b"\x04"
) -> tuple[int, str]:
    """Run a command on a terminal of its own and type the keys; return its exit code and what the terminal shows."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*GROUPSYNC, *args],
        cwd=folder,
        env=environ,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        os.close(theirs)
        shown, left = b"", list(keys)
        while chunk := read(ours):
            shown += chunk
            if shown.endswith(PROMPTS):
                if not left and at_end == b"\x03":
                    process.send_signal(signal.SIGINT)
                else:
                    os.write(ours, left.pop(0) + b"\n" if left else at_end)
        os.close(ours)
        code = process.wait(timeout=30)
    assert left == [], shown.decode()
    return code, shown.decode().replace("\r\n", "\n")


def read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux reports a closed other end like this
        return b""


FINDINGS = f"""\
version: 1
policy: {{unlisted: delete}}
groups:
  - Leads # every lead
  - VIP
  - name: Estonia
    previously: [Eesti]
  - name: Gone
    id: {make_id(0x99)}
  - Tartu
"""
FIXED = f"""\
version: 1
policy: {{unlisted: delete}}
groups:
  - name: Leads # every lead
    previously: [Leads 2024]
  - name: VIP
    id: {make_id(2)}
  - name: Estonia
  - name: Tartu
    id: {make_id(6)}
  - name: Eesti
    id: {make_id(5)}
  - name: VIP
    id: {make_id(3)}
removed:
  - id: {make_id(7)}
    contacts_at_most: 1204
"""


@pytest.fixture
def findings(sandbox: Sandbox, folder: Path) -> None:
    """A plan that is refused for six kinds of reasons."""
    (folder / "groups.yaml").write_text(FINDINGS)
    groups = {
        1: ("Leads 2024", 12),
        2: ("VIP", 3),
        3: ("VIP", 0),
        4: ("Estonia", 2),
        5: ("Eesti", 4),
        6: (temporary_name("Tartu", make_id(6)), 5),
        7: ("Old campaign", 1204),
    }
    for number, (name, contacts) in groups.items():
        sandbox.add_group(name, id=make_id(number), contacts=contacts)


@pytest.mark.usefixtures("findings")
def test_from_a_plan_that_is_refused_for_many_reasons_to_an_accepted_one(
    folder: Path, sandbox: Sandbox, child_environ: dict[str, str], groupsync: Groupsync
) -> None:
    assert groupsync("plan").code == 3
    before = sandbox.names()
    keys = [b"1", b"k", b"x", b"f", b"nonsense", b"r", b"d", b"1200", b"d", b"1,204", b"k"]
    began = time.monotonic()

    code, shown = talk("fix", keys=keys, folder=folder, environ=child_environ)

    assert code == 0, shown
    assert time.monotonic() - began < 60
    assert (folder / "groups.yaml").read_text() == FIXED
    assert shown.count("Your answer: ") == 9
    assert "  That is another number. Nothing is deleted.\n" in shown
    assert "  Type one of: r, ra, l, la, d, k, ka, a, s, sa, q\n" in shown
    assert "Plan: 0 to create, 2 to rename, 1 to delete. Memberships lost: 1,204." in shown
    assert "To see the new plan: groupsync plan" in shown
    assert (sandbox.names(), groupsync("plan").code) == (before, 0)


@pytest.mark.usefixtures("findings")
@pytest.mark.parametrize(("at_end", "code"), [(b"\x04", 3), (b"\x03", 130)], ids=["end of input", "Ctrl-C"])
@pytest.mark.parametrize("answers", [0, 3])
def test_an_end_before_the_last_question_writes_nothing(
    folder: Path, child_environ: dict[str, str], at_end: bytes, code: int, answers: int
) -> None:
    keys = [b"1", b"k", b"x"][:answers]

    ended, shown = talk("fix", keys=keys, folder=folder, environ=child_environ, at_end=at_end)

    assert ended == code
    assert (folder / "groups.yaml").read_text() == FINDINGS
    assert sorted(path.name for path in folder.iterdir()) == ["groups.yaml"]
    assert ("Error: the input ended before the last answer" in shown) is (code == 3)


@pytest.mark.usefixtures("findings")
def test_q_writes_the_answers_so_far(folder: Path, child_environ: dict[str, str]) -> None:
    code, shown = talk("fix", keys=[b"sa", b"k", b"q"], folder=folder, environ=child_environ)

    text = (folder / "groups.yaml").read_text()
    assert code == 3
    assert (
        text.replace(f"  - name: Eesti\n    id: {make_id(5)}\n", "").replace(
            "- name: Estonia\n", "- name: Estonia\n    previously: [Eesti]\n"
        )
        == FINDINGS
    )
    assert shown.rstrip().endswith("To see the new plan: groupsync plan")
    assert "\nRefused: name-twice-live, id-not-live.\n" in shown


@pytest.mark.usefixtures("leads")
def test_without_a_terminal_it_prints_a_diff_and_writes_nothing(folder: Path, groupsync: Groupsync) -> None:
    text = (folder / "groups.yaml").read_text()

    piped, asked = groupsync("fix"), groupsync("fix", "--diff")

    assert (piped.code, piped.out) == (asked.code, asked.out) == (0, DIFF)
    assert piped.err == "Plan: 0 to create, 1 to rename, 0 to delete. Memberships lost: 0.\n"
    assert (folder / "groups.yaml").read_text() == text


@pytest.mark.usefixtures("leads")
@pytest.mark.parametrize("place", [".", "phonebook"], ids=["in the root", "in a folder"])
@pytest.mark.parametrize("config", ["groups.yaml", "{here}/groups.yaml", "."])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_git_applies_the_diff(
    folder: Path, groupsync: Groupsync, monkeypatch: pytest.MonkeyPatch, place: str, config: str, line_end: str
) -> None:
    """Also for a file with a byte order mark, and with the line ends of Windows."""
    here = folder / place
    here.mkdir(exist_ok=True)
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    text = (folder / "groups.yaml").read_text().replace("\n", line_end)
    (here / "groups.yaml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    monkeypatch.chdir(here)
    shown = groupsync("fix", "--diff", "-c", config.format(here=here)).out
    (here / "renames.diff").write_bytes(shown.encode())

    subprocess.run(["git", "apply", "renames.diff"], cwd=here, check=True)

    new = f"version: 1\n{RENAMED}policy: {{unlisted: delete}}\n".replace("\n", line_end)
    assert (here / "groups.yaml").read_bytes() == b"\xef\xbb\xbf" + new.encode()
    assert groupsync("fix", "--diff").out == ""
    assert groupsync("plan").code == 0


@pytest.mark.usefixtures("leads")
def test_a_diff_of_a_plan_that_stays_refused_says_so_with_its_exit_code(sandbox: Sandbox, groupsync: Groupsync) -> None:
    sandbox.add_group("Completely different", contacts=5)

    finished = groupsync("fix", "--diff")

    assert (finished.code, finished.out) == (3, DIFF)
    assert "Refused: contacts-lost.\n" in finished.err


@pytest.mark.usefixtures("leads")
def test_accepted_renames_are_written_except_in_ci(folder: Path, groupsync: Groupsync) -> None:
    text = (folder / "groups.yaml").read_text()

    refused = groupsync("fix", "--accept", "renames", CI="true")
    unchanged = (folder / "groups.yaml").read_text()
    written = groupsync("fix", "--accept", "renames")

    assert (refused.code, refused.out) == (3, "")
    assert refused.err == (
        "Error: a person decides about a suggestion, and CI is set\n  -> print the suggestions: groupsync fix --diff\n"
    )
    assert unchanged == text
    assert written.code == 0
    assert written.out == f"{DIFF}\nPlan: 0 to create, 1 to rename, 0 to delete. Memberships lost: 0.\n"
    assert (folder / "groups.yaml").read_text() == f"version: 1\n{RENAMED}policy: {{unlisted: delete}}\n"


@pytest.mark.usefixtures("leads")
def test_the_diff_for_a_person_does_not_show_the_line_ends_of_a_file(folder: Path, groupsync: Groupsync) -> None:
    file = folder / "groups.yaml"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))

    finished = groupsync("fix", "--accept", "renames")

    assert "+  - name: Leads\n+    previously: [Leads 2024]\n" in finished.out
    assert b"  - name: Leads\r\n    previously: [Leads 2024]\r\n" in file.read_bytes()


@pytest.mark.usefixtures("leads")
def test_diff_and_accept_contradict_each_other(groupsync: Groupsync) -> None:
    assert groupsync("fix", "--diff", "--accept", "renames").code == 64


def test_a_plan_without_findings_has_no_questions(
    folder: Path, sandbox: Sandbox, write: Callable[[str], None], child_environ: dict[str, str]
) -> None:
    sandbox.add_group("VIP")
    write("groups: [VIP]\n")

    code, shown = talk("fix", keys=[], folder=folder, environ=child_environ)

    assert code == 0
    assert shown.startswith("No changes. The Phonebook matches the configuration.\n")


def test_new_entries_go_to_the_file_that_is_named(
    folder: Path, sandbox: Sandbox, child_environ: dict[str, str], groupsync: Groupsync
) -> None:
    (folder / "g").mkdir()
    (folder / "g" / "a.yaml").write_text("version: 1\npolicy: {unlisted: refuse}\ngroups: [VIP]\n")
    (folder / "g" / "b.yaml").write_text("version: 1\ngroups:\n  - News\n")
    for number, name in enumerate(("VIP", "News", "Old"), start=1):
        sandbox.add_group(name, id=make_id(number))

    wrong = groupsync("fix", "-c", "g", "--into", "c.yaml")
    unnamed, said = talk("fix", "-c", "g", keys=[b"k"], folder=folder, environ=child_environ)
    named, _ = talk("fix", "-c", "g", "--into", "g/b.yaml", keys=[b"k"], folder=folder, environ=child_environ)

    assert wrong.code == 1
    assert wrong.err == (
        "Error: --into c.yaml: this is not a file of the configuration\n  -> name one of: g/a.yaml, g/b.yaml\n"
    )
    assert unnamed == 3
    assert "Not written: keep it: the configuration has several files: name the one for new entries" in said
    assert named == 0
    assert (
        folder / "g" / "b.yaml"
    ).read_text() == f"version: 1\ngroups:\n  - News\n  - name: Old\n    id: {make_id(3)}\n"


@pytest.mark.usefixtures("leads")
def test_a_link_is_not_written_and_its_lines_are_printed(folder: Path, child_environ: dict[str, str]) -> None:
    (folder / "groups.yaml").rename(folder / "real.yaml")
    (folder / "groups.yaml").symlink_to("real.yaml")
    text = (folder / "real.yaml").read_text()

    code, shown = talk("fix", keys=[b"r"], folder=folder, environ=child_environ)

    assert code == 3
    assert "Not written: it is a rename: keep the people: groups.yaml: is a link" in shown
    assert "    to do this by hand, change line 3 of groups.yaml to:\n  - name: Leads\n    previously: [" in shown
    assert (folder / "real.yaml").read_text() == text


@pytest.mark.usefixtures("leads")
def test_a_file_that_changes_during_the_questions_is_not_written(folder: Path, child_environ: dict[str, str]) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*GROUPSYNC, "fix"], cwd=folder, env=child_environ, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        shown = b""
        while chunk := read(ours):
            shown += chunk
            if shown.endswith(PROMPTS):
                (folder / "groups.yaml").write_text("version: 1\ngroups: [Mine]\n")
                os.write(ours, b"r\n")
        os.close(ours)
        code = process.wait(timeout=30)

    assert code == 1
    assert b"has changed since it was read, so it was not written" in shown
    assert (folder / "groups.yaml").read_text() == "version: 1\ngroups: [Mine]\n"


@pytest.mark.usefixtures("leads")
def test_hostile_names_are_escaped(
    folder: Path, sandbox: Sandbox, write: Callable[[str], None], child_environ: dict[str, str]
) -> None:
    sandbox.add_group("Old \x1b[31m\u202e name", contacts=1)
    write(LEADS)

    _, shown = talk("fix", keys=[b"r", b"k"], folder=folder, environ=child_environ)

    assert '"Old \\u001b[31m\\u202e name" (1 contact) would be deleted' in shown
    assert "\x1b[31m" not in shown
    assert "\u202e" not in shown


def test_the_how_to_shows_the_question_that_is_asked(folder: Path, child_environ: dict[str, str]) -> None:
    """Its other commands are run with the page."""
    page = (ROOT / "docs" / "how-to.md").read_text(encoding="utf-8")
    part = page.partition("## A plan is refused\n")[2].partition("\n## ")[0]
    with Sandbox(seed=ROOT / "examples" / "first-use.json") as seeded:
        environ = {**child_environ, "GROUPSYNC_ENDPOINT": seeded.url}
        for command in re.findall(r"<!-- run: (.*) -->", part):
            assert run_command(command, folder, environ).returncode == 0

        _, shown = talk("fix", keys=[], folder=folder, environ=environ)

    assert re.findall(r"```text\n(.*?)```", part, re.DOTALL)[0] in shown


# A lost id with a backup


def test_a_restore_comes_before_the_next_apply(
    folder: Path, sandbox: Sandbox, child_environ: dict[str, str], groupsync: Groupsync
) -> None:
    sandbox.add_group("VIP", id=make_id(1), contacts=3)
    sandbox.add_group("News")
    (folder / "groups.yaml").write_text(f"version: 1\ngroups: [News]\nremoved: [{{id: {make_id(1)}}}]\n")
    assert groupsync("apply", "--auto-approve").code == 0
    (folder / "groups.yaml").write_text(f"version: 1\ngroups:\n  - News\n  - {{name: VIP, id: {make_id(1)}}}\n")

    code, shown = talk("fix", keys=[b"b"], folder=folder, environ=child_environ)
    planned = groupsync("plan")
    (command,) = re.findall(r"Restore 1 backup before the next apply:\n  groupsync (restore \S+)\n", shown)
    restored = groupsync(*command.split(), "--auto-approve")

    assert code == 0
    assert "  b  get it back: a backup of 3 members exists" in shown
    assert planned.err == (
        'Warning: group "VIP" would be created without members, and a backup of 3 members exists: '
        f"groupsync {command}\n"
    )
    assert (restored.code, sandbox.names()) == (0, ["News", "VIP"])
    assert groupsync("plan").err == ""


def test_a_damaged_backup_and_a_missing_folder_are_no_hint(
    folder: Path, sandbox: Sandbox, environ: Mapping[str, str], groupsync: Groupsync
) -> None:
    sandbox.add_group("VIP", id=make_id(1), contacts=3)
    sandbox.add_group("News")
    (folder / "groups.yaml").write_text(f"version: 1\ngroups: [News]\nremoved: [{{id: {make_id(1)}}}]\n")
    assert groupsync("apply", "--auto-approve").code == 0
    (folder / "groups.yaml").write_text("version: 1\ngroups: [News, VIP]\n")
    (backup,) = (path for path in os.scandir(environ["GROUPSYNC_BACKUP_DIR"]) if path.name.endswith(".json"))
    with open(backup.path, "r+", encoding="utf-8") as file:  # noqa: PTH123 - as it is
        content = file.read()
        file.seek(0)
        file.write(content.replace('"+', '"x'))

    assert groupsync("plan").err == ""
    assert groupsync("plan", GROUPSYNC_BACKUP_DIR=str(folder / "nowhere")).err == ""


# Pointers to the command


@pytest.mark.usefixtures("leads")
@pytest.mark.parametrize("command", ["plan", "apply"])
def test_a_refused_plan_points_to_the_questions_for_a_person(
    folder: Path, child_environ: dict[str, str], groupsync: Groupsync, command: str
) -> None:
    text = "\nTo answer questions about it: groupsync fix -c groups.yaml\n"

    _, shown = talk(command, "-c", "groups.yaml", keys=[], folder=folder, environ=child_environ)
    _, in_ci = talk(command, "-c", "groups.yaml", keys=[], folder=folder, environ={**child_environ, "CI": "true"})
    piped = groupsync(command, "-c", "groups.yaml")

    assert shown.count(text) == 1
    assert "groupsync fix" not in in_ci + piped.out + piped.err


def test_a_refusal_that_no_edit_solves_has_no_pointer(
    folder: Path, write: Callable[[str], None], child_environ: dict[str, str]
) -> None:
    write("groups: [VIP]\n")

    code, shown = talk("plan", keys=[], folder=folder, environ=child_environ)

    assert code == 3
    assert "groupsync fix" not in shown


@pytest.mark.usefixtures("leads")
def test_a_diff_that_git_refuses_comes_with_a_warning(
    folder: Path, groupsync: Groupsync, monkeypatch: pytest.MonkeyPatch
) -> None:
    warning = "Warning: git apply refuses this diff, because ../groups.yaml is not in this folder or below it."
    (folder / "work").mkdir()
    monkeypatch.chdir(folder / "work")

    only_diff = groupsync("fix", "--diff", "-c", "../groups.yaml")
    written = groupsync("fix", "--accept", "renames", "-c", "../groups.yaml")

    assert only_diff.err.startswith(warning)
    assert f"run the command in {folder}\n" in only_diff.err
    assert only_diff.out.startswith("--- a/../groups.yaml\n")
    assert "git apply" not in written.err


# Killed while it writes

MODULES = ("files/replacing.py", "files/leftovers.py", "runs/edits.py")


@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.slow), 29])
def test_a_kill_leaves_each_file_old_or_new(
    folder: Path, sandbox: Sandbox, child_environ: dict[str, str], step: int
) -> None:
    sandbox.add_group("Leads 2024", contacts=12)
    sandbox.add_group("Tallinn customer", contacts=2)
    old = {
        "a.yaml": "version: 1\npolicy: {unlisted: delete}\ngroups:\n  - Leads\n",
        "b.yaml": "version: 1\ngroups:\n  - Tallinn customers\n",
    }
    new = {
        "a.yaml": old["a.yaml"].replace("- Leads", "- name: Leads\n    previously: [Leads 2024]"),
        "b.yaml": old["b.yaml"].replace("- Tallinn", "- name: Tallinn") + "    previously: [Tallinn customer]\n",
    }
    states = []
    for place in itertools.count(1, step):
        for name, text in old.items():
            (folder / name).write_text(text)
        killed = kill_at_line(
            place, "fix", "-c", ".", "--accept", "renames", modules=MODULES, folder=folder, environ=child_environ
        )
        states.append([(folder / name).read_text() == new[name] for name in old])
        for name, text in old.items():
            assert (folder / name).read_text() in {text, new[name]}
        try:
            load_config([folder])
        except ConfigError as error:
            pytest.fail(str(error))
        if not killed:
            break

    assert [False, False] in states
    assert states[-1] == [True, True]
    assert list(folder.glob(".groupsync-*")) == []
