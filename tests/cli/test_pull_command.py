"""`pull`: live changes come into the files, and nothing else in them changes."""

from __future__ import annotations

import os
import pty
import re
import signal
import stat
import subprocess
from collections import Counter
from typing import TYPE_CHECKING

import pytest

import groupsync as library
from groupsync.config.load import load_config
from groupsync.errors import NotEditedError, PruneRefusedError
from groupsync.model.groups import GroupId
from groupsync.pulling import PullChoices
from groupsync.sandbox import Sandbox
from tests.cli.conftest import count_writes
from tests.cli.pages import ROOT
from tests.cli.signals import start
from tests.killing import kill_at_line
from tests.unit.core import make_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.cli.conftest import Groupsync

A, B, C = make_id(1), make_id(2), make_id(3)
FILE = f"version: 1\npolicy: {{unlisted: keep}}\ngroups: # ours\n  - name: VIP # big\n    id: {A}\n"


@pytest.fixture
def path(folder: Path) -> Path:
    path = folder / "groups.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


@pytest.fixture
def vip(sandbox: Sandbox) -> Sandbox:
    sandbox.add_group("VIP", id=A, contacts=3)
    return sandbox


def test_unlisted_groups_are_added(vip: Sandbox, groupsync: Groupsync, path: Path) -> None:
    vip.add_group("Trade fair", id=B, contacts=2)
    before = count_writes(vip)

    finished = groupsync("pull", "--yes")

    added = f"  - name: Trade fair\n    id: {B}\n"
    assert (finished.code, finished.err) == (0, "")
    assert path.read_text() == FILE + added
    assert finished.out == (
        "1 live group is not in the configuration:\n\n"
        '  + "Trade fair"                                    2 contacts\n\n'
        "--- a/groups.yaml\n+++ b/groups.yaml\n@@ -3,3 +3,5 @@\n"
        f" groups: # ours\n   - name: VIP # big\n     id: {A}\n+  - name: Trade fair\n+    id: {B}\n\n"
        "Wrote groups.yaml.\n"
        "No changes. The Phonebook matches the configuration.\n"
    )
    assert count_writes(vip) == before
    assert groupsync("pull", "--yes").out == "Nothing to add.\n"


def test_the_diff_alone_is_printed_and_git_applies_it(vip: Sandbox, groupsync: Groupsync, path: Path) -> None:
    vip.add_group("::error::x", id=B)

    finished = groupsync("pull", "--diff")

    assert (finished.code, finished.err, path.read_text()) == (0, "", FILE)
    assert finished.out.startswith("--- a/groups.yaml\n+++ b/groups.yaml\n@@ ")
    subprocess.run(["git", "apply", "-"], input=finished.out, text=True, check=True)
    assert groupsync("pull", "--yes").out == "Nothing to add.\n"


def test_a_diff_of_nothing_is_empty(vip: Sandbox, groupsync: Groupsync, path: Path) -> None:
    finished = groupsync("pull", "--diff")

    assert (finished.code, finished.out, finished.err) == (0, "", "")
    assert vip.names() == ["VIP"]
    assert path.read_text() == FILE


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_diff_of_a_file_elsewhere_has_a_path_from_this_folder(
    vip: Sandbox, groupsync: Groupsync, folder: Path, path: Path, mark: str
) -> None:
    vip.add_group("New", id=B)
    (folder / "teams").mkdir()
    moved = folder / "teams" / "our groups.yaml"
    path.rename(moved)
    moved.write_text(mark + f"version: 1\ngroups: [{{name: VIP, id: {A}}}]\n", encoding="utf-8")

    finished = groupsync("pull", "--diff", "-c", str(moved))

    subprocess.run(["git", "apply", "-"], input=finished.out, text=True, check=True)
    assert moved.read_text() == f"{mark}version: 1\ngroups: [{{name: VIP, id: {A}}}, {{name: New, id: {B}}}]\n"


def test_a_diff_that_git_refuses_comes_with_a_warning_that_names_the_folder_for_it(
    vip: Sandbox, groupsync: Groupsync, folder: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vip.add_group("New", id=B)
    (folder / "work").mkdir()
    monkeypatch.chdir(folder / "work")

    above = groupsync("pull", "--diff", "-c", "../groups.yaml")
    refused = subprocess.run(["git", "apply", "-"], input=above.out, text=True, capture_output=True, check=False)
    monkeypatch.chdir(folder)
    below = groupsync("pull", "--diff")
    subprocess.run(["git", "apply", "-"], input=below.out, text=True, check=True)

    assert refused.returncode != 0
    assert (above.code, below.err) == (0, "")
    assert above.err == (
        "Warning: git apply refuses this diff, because ../groups.yaml is not in this folder or below it. "
        f"To get one that it accepts, run the command in {folder}\n"
    )
    assert path.read_text() == f"{FILE}  - name: New\n    id: {B}\n"


def test_without_a_terminal_it_says_what_it_would_add_and_writes_nothing(
    vip: Sandbox, groupsync: Groupsync, path: Path
) -> None:
    vip.add_group("Trade fair", id=B)

    finished = groupsync("pull")

    assert (finished.code, path.read_text()) == (3, FILE)
    assert '  + "Trade fair" ' in finished.out
    assert finished.err == (
        "Error: there is no terminal to ask on\n"
        "  -> add --yes to add the groups above to the configuration, or --diff to see the changes\n"
    )


def test_without_a_terminal_a_pending_rename_is_only_shown(sandbox: Sandbox, groupsync: Groupsync, path: Path) -> None:
    sandbox.add_group("VIP Gold", id=A, contacts=3)

    finished = groupsync("pull")
    with_yes = groupsync("pull", "--yes")

    assert (finished.code, finished.err, path.read_text()) == (0, "", FILE)
    assert with_yes.out == finished.out
    assert finished.out == (
        "Nothing to add.\n\n"
        "1 entry has another name than the live group of the same id:\n\n"
        '  ~ "VIP", live: "VIP Gold"                         3 contacts\n'
        "      groups.yaml:4\n\n"
        "Each rename stays pending unless you take the live name.\n"
    )


def test_the_scope_comes_first_and_other_groups_do_not_exist(vip: Sandbox, groupsync: Groupsync, path: Path) -> None:
    path.write_text(f'{FILE}scope: ["VIP*"]\nignore: ["*test"]\n')
    for name in ("Sales", "VIP test", "VIP 2"):
        vip.add_group(name)

    finished = groupsync("pull", "--yes", GROUPSYNC_SCOPE="VIP*")

    assert finished.out.startswith(
        'Scope: only groups named "VIP*".\nScope of this job (GROUPSYNC_SCOPE): only groups named "VIP*".\n\n'
        "1 live group is not in the configuration:\n"
    )
    assert [entry.name for entry in load_config([path]).groups] == ["VIP", "VIP 2"]


def test_an_id_of_a_group_outside_the_scope_is_named(sandbox: Sandbox, groupsync: Groupsync, path: Path) -> None:
    for name, group_id in (("Sales EE", A), ("Sales", B), ("Old", C)):
        sandbox.add_group(name, id=group_id)
    text = (
        'version: 1\nscope: ["Marketing*"]\ngroups:\n'
        f"  - name: Marketing EE\n    id: {A}\nremoved:\n  - id: {C}\n    contacts_at_most: 0\n"
    )
    path.write_text(text)

    finished = groupsync("pull", "--yes")

    assert (finished.code, finished.err, path.read_text()) == (0, "", text)
    assert finished.out == (
        'Scope: only groups named "Marketing*".\n\n'
        "Nothing to add.\n\n"
        "2 entries have the id of a live group outside the scope:\n\n"
        '  ! "Marketing EE" is the live group "Sales EE" now, which is outside the scope\n'
        "      groups.yaml:4\n"
        f'  ! the id {C} under removed is the live group "Old", which is outside the scope\n'
        "      groups.yaml:7\n\n"
        "The plan is refused. To see what to do: groupsync plan\n"
    )
    assert groupsync("plan").err.startswith("Error: the plan is refused: id-outside-scope\n")


def test_with_several_files_a_new_entry_needs_its_file(vip: Sandbox, groupsync: Groupsync, folder: Path) -> None:
    vip.add_group("New", id=B)
    (folder / "teams").mkdir()
    (folder / "teams" / "a.yaml").write_text(FILE)
    (folder / "teams" / "b.yaml").write_text("version: 1\ngroups: []\n")

    unclear = groupsync("pull", "--yes", "-c", "teams")
    other = groupsync("pull", "--yes", "-c", "teams", "--into", "c.yaml")
    clear = groupsync("pull", "--yes", "-c", "teams", "--into", "./teams/b.yaml")

    assert (unclear.code, other.code, clear.code) == (1, 1, 0)
    assert unclear.err == (
        "Error: the configuration has 2 files, and new entries go to one of them\n"
        "  -> name it: --into FILE. The files are: teams/a.yaml, teams/b.yaml\n"
    )
    assert "--into c.yaml: this is not a file of the configuration\n" in other.err
    assert (folder / "teams" / "a.yaml").read_text() == FILE
    assert (folder / "teams" / "b.yaml").read_text() == f"version: 1\ngroups:\n  - name: New\n    id: {B}\n"


def test_an_entry_is_edited_in_its_own_file(vip: Sandbox, groupsync: Groupsync, folder: Path) -> None:
    vip.add_group("Leads", id=B)
    (folder / "a.yaml").write_text(FILE)
    (folder / "b.yaml").write_text("version: 1\ngroups:\n  - Leads\n")

    finished = groupsync("pull", "--yes", "--pin-ids", "-c", "a.yaml", "-c", "b.yaml")

    assert finished.out.endswith("Wrote b.yaml.\nNo changes. The Phonebook matches the configuration.\n")
    assert (folder / "b.yaml").read_text() == f"version: 1\ngroups:\n  - name: Leads\n    id: {B}\n"


def test_prune_removes_what_is_done(vip: Sandbox, groupsync: Groupsync, path: Path) -> None:
    path.write_text(f"{FILE}  - name: Gone\n    id: {B}\nremoved:\n  - name: Away\n")

    hint = groupsync("pull", "--yes")
    finished = groupsync("pull", "--yes", "--prune")

    assert vip.names() == ["VIP"]
    assert "\n1 entry without a live group, 1 line under removed can be removed: groupsync pull --prune\n" in hint.out
    assert (finished.code, path.read_text()) == (0, f"{FILE}removed: []\n")


@pytest.mark.parametrize(
    ("live", "says"),
    [
        (0, "no group is live, so --prune would take every entry with an id for a deleted group"),
        (3, "--prune would remove 11 entries, more than policy.max_deletes allows (10)"),
    ],
)
def test_prune_is_refused_if_too_much_would_go(
    sandbox: Sandbox, groupsync: Groupsync, path: Path, live: int, says: str
) -> None:
    for number in range(live):
        sandbox.add_group(f"New {number}")
    text = FILE + "".join(f"  - name: G{number}\n    id: {make_id(number)}\n" for number in range(2, 12))
    path.write_text(text)

    for options in (("--yes",), ("--diff",)):
        finished = groupsync("pull", "--prune", *options)

        assert (finished.code, finished.out, path.read_text()) == (3, "", text)
        assert finished.err.startswith(f"Error: {says}\n  -> nothing was written; ")


def test_a_json_file_is_not_edited_and_the_lines_are_printed(vip: Sandbox, groupsync: Groupsync, folder: Path) -> None:
    vip.add_group("New", id=B)
    text = f'{{"version": 1, "groups": [{{"name": "VIP", "id": "{A}"}}]}}\n'
    (folder / "groups.json").write_text(text)

    finished = groupsync("pull", "--yes", "-c", "groups.json")

    assert (finished.code, (folder / "groups.json").read_text()) == (1, text)
    assert finished.err == (
        "Error: groups.json:1:1: groupsync does not edit JSON files\n"
        "  -> nothing was written; edit the files by hand:\n"
        "to add what is not in the configuration, change line 1 of groups.json to:\n"
        f'{{"version": 1, "groups": [{{"name": "New", "id": "{B}"}}, {{"name": "VIP", "id": "{A}"}}]}}\n'
    )


@pytest.mark.parametrize("options", [("--yes",), ("--diff",)])
def test_a_link_is_not_edited_and_the_lines_are_printed(
    vip: Sandbox, groupsync: Groupsync, folder: Path, path: Path, options: tuple[str, ...]
) -> None:
    vip.add_group("New", id=B)
    path.rename(folder / "real.yaml")
    path.symlink_to("real.yaml")

    finished = groupsync("pull", *options)

    assert (finished.code, path.read_text(), path.is_symlink()) == (1, FILE, True)
    assert finished.err.startswith("Error: groups.yaml: is a link")
    assert finished.err.endswith(f"add below line 5 of groups.yaml:\n  - name: New  # 0 contacts\n    id: {B}\n")


def test_a_configuration_for_several_accounts_is_not_edited(vip: Sandbox, groupsync: Groupsync, path: Path) -> None:
    accounts = "account: [acc-5f0c2a9be1d4, " + re.findall(r"acc-\w+", groupsync("export").out)[0] + "]\n"
    path.write_text(FILE + accounts)
    vip.add_group("New")

    finished = groupsync("pull", "--yes")

    assert (finished.code, path.read_text()) == (1, FILE + accounts)
    assert "the configuration is for 2 accounts, and the id of a group belongs to one" in finished.err


def test_mode_stays(vip: Sandbox, groupsync: Groupsync, path: Path) -> None:
    vip.add_group("New")
    path.chmod(0o640)

    groupsync("pull", "--yes")

    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_group_that_may_be_an_entry_under_another_name_is_pointed_out(
    vip: Sandbox, groupsync: Groupsync, path: Path
) -> None:
    path.write_text(f"{FILE}  - Leads 2024\n")
    vip.add_group("Leads 2025", id=B, contacts=4)

    finished = groupsync("pull", "--diff")

    assert finished.err == (
        f'Warning: groups.yaml:6: no live group is named "Leads 2024". If that is the group "Leads 2025" [id={B}], '
        "change this entry instead of adding that group. To do that: groupsync fix\n"
    )


HOSTILE = (
    "\x1b[2J",
    "a\nb",
    "\u202egnp",
    "::error::x",
    "##[error]x",
    "--- a/x",
    "NO",
    "~",
    "",
    " ",
    "{x}",
    "&a",
    "\x00",
)


def test_hostile_names_are_added_exactly_and_shown_safely(vip: Sandbox, groupsync: Groupsync, path: Path) -> None:
    for name in HOSTILE:
        vip.add_group(name)

    shown = groupsync("pull")
    finished = groupsync("pull", "--yes")

    assert (shown.code, finished.code) == (3, 0)
    names = {entry.name for entry in load_config([path]).groups}
    assert names == {"VIP", *HOSTILE}
    for output in (shown.out, shown.err, finished.out, finished.err):
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]|^\s*::|##\[", output, re.MULTILINE)


# On a terminal


def answer(
    args: tuple[str, ...], answers: list[bytes], folder: Path, environ: Mapping[str, str]
) -> tuple[int | None, str]:
    """Run a command on a terminal, type one answer after each prompt, and return its exit code and what it shows.

    Without an answer for a prompt, Ctrl-C is sent.
    """
    master, terminal = pty.openpty()
    process = start(args, cwd=folder, environ={**environ, "NO_COLOR": "1"}, streams=(terminal, terminal, terminal))
    os.close(terminal)
    shown = b""
    try:
        while chunk := _read(master):
            shown += chunk
            if not shown.endswith((b"f or l: ", b"yes or no: ")):
                continue
            if answers:
                os.write(master, answers.pop(0))
            else:
                os.killpg(process.pid, signal.SIGINT)
    finally:
        os.close(master)
    return process.wait(timeout=20), shown.decode().replace("\r\n", "\n")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # Linux reports a closed other end like this
        return b""


@pytest.fixture
def changed(sandbox: Sandbox, path: Path) -> str:
    """The text of a file whose group was renamed, with a new group and an entry that is gone."""
    sandbox.add_group("VIP Gold", id=A, contacts=3)
    sandbox.add_group("New", id=B, contacts=2)
    text = f"{FILE}  - name: Gone\n    id: {C}\n"
    path.write_text(text)
    return text


@pytest.mark.parametrize("keep", [b"f\n", b"\n"])
def test_every_question_is_asked_before_the_file_is_written(
    changed: str, folder: Path, path: Path, environ: Mapping[str, str], keep: bytes
) -> None:
    code, shown = answer(("pull", "--prune"), [keep, b"yes\n", b"no\n"], folder, environ)

    assert code == 0
    assert (
        '\ngroups.yaml:4: which name is right?\n  f  keep "VIP" (the rename stays pending)\n  l  take "VIP Gold"\n'
        in shown
    )
    assert "\nAdd 1 group to the configuration?\n" in shown
    assert "\nRemove what is done from the configuration?\n" in shown
    assert shown.index("yes or no: no") < shown.index("--- a/groups.yaml") < shown.index("Wrote groups.yaml.")
    assert shown.endswith(
        "\nTo see what an apply would change: groupsync plan\n\nTo answer questions about it: groupsync fix\n"
    )
    assert path.read_text() == f"{changed}  - name: New\n    id: {B}\n"


def test_the_live_name_is_taken_on_an_answer(
    changed: str, folder: Path, path: Path, environ: Mapping[str, str]
) -> None:
    code, _ = answer(("pull", "--prune"), [b"l\n", b"no\n", b"yes\n"], folder, environ)

    gone = f"  - name: Gone\n    id: {C}\n"
    assert (code, path.read_text()) == (0, changed.replace("VIP", "VIP Gold").replace(gone, ""))


@pytest.mark.parametrize("answers", [[], [b"l\n"], [b"l\n", b"yes\n"], [b"l\n", b"\x04"]])
def test_a_run_that_ends_at_a_question_leaves_the_file_alone(
    changed: str, folder: Path, path: Path, environ: Mapping[str, str], answers: list[bytes]
) -> None:
    is_end = answers[-1:] == [b"\x04"]

    code, _ = answer(("pull", "--prune"), answers, folder, environ)

    assert (code, path.read_text()) == (3 if is_end else 130, changed)
    assert [one.name for one in folder.iterdir()] == ["groups.yaml"]


def test_a_file_that_changes_during_the_question_is_not_written(
    changed: str, folder: Path, path: Path, environ: Mapping[str, str]
) -> None:
    master, terminal = pty.openpty()
    process = start(("pull",), cwd=folder, environ=environ, streams=(terminal, terminal, terminal))
    os.close(terminal)
    shown = b""
    while chunk := _read(master):
        shown += chunk
        if shown.endswith(b"f or l: "):
            path.write_text(changed + "# mine\n")
            os.write(master, b"f\n")
        elif shown.endswith(b"yes or no: "):
            os.write(master, b"yes\n")
    os.close(master)

    assert (process.wait(timeout=20), path.read_text()) == (1, changed + "# mine\n")
    assert b"groups.yaml: has changed since it was read" in shown


# Killed while it writes

MODULES = ("files/leftovers.py", "files/replacing.py", "runs/edits.py")


def test_a_run_that_is_killed_leaves_old_or_new_files_and_the_next_run_finishes(
    vip: Sandbox, groupsync: Groupsync, folder: Path, environ: Mapping[str, str]
) -> None:
    vip.add_group("Leads", id=B)
    vip.add_group("New", id=C)
    old = {"a.yaml": FILE, "b.yaml": "version: 1\ngroups:\n  - Leads\n"}
    command = ("pull", "--yes", "--pin-ids", "-c", "a.yaml", "-c", "b.yaml", "--into", "a.yaml")
    states, place, killed = set(), 1, True
    while killed:
        for name, text in old.items():
            (folder / name).write_text(text)
        killed = kill_at_line(place, *command, modules=MODULES, folder=folder, environ={**os.environ, **environ})
        states.add(tuple((folder / name).read_text() for name in old))
        load_config([folder / name for name in old])
        place += 13

    finished = groupsync(*command)

    new = f"{FILE}  - name: New\n    id: {C}\n", f"version: 1\ngroups:\n  - name: Leads\n    id: {B}\n"
    assert finished.code == 0
    assert tuple((folder / name).read_text() for name in old) == new
    assert states == {tuple(old.values()), (new[0], old["b.yaml"]), new}
    assert sorted(one.name for one in folder.iterdir()) == ["a.yaml", "b.yaml"]


# The library


def test_the_library_pulls_and_takes_names_only_if_it_is_told(
    sandbox: Sandbox, folder: Path, path: Path, environ: Mapping[str, str]
) -> None:
    sandbox.add_group("VIP Gold", id=A)
    sandbox.add_group("New", id=B)
    options = library.RunOptions(config_paths=[folder / "groups.yaml"])
    surroundings = library.Surroundings(environ=environ)

    dry = library.run_pull(options, surroundings, writes=False)
    before = path.read_text()
    done = library.run_pull(options, surroundings)
    sandbox.add_group("vip", id=C)
    undecided = library.run_pull(options, surroundings)
    taken = library.run_pull(options, surroundings, choose=lambda _: PullChoices(taken={A: "VIP Gold"}))

    assert (dry.review, before, [group.name for group in dry.differences.unlisted]) == (None, FILE, ["New"])
    assert dry.diff == done.diff
    assert done.review
    assert [change.kind for change in done.review.plan.changes] == ["rename"]
    assert ([one.group.name for one in undecided.differences.undecided], undecided.files) == (["vip"], ())
    assert taken.review
    assert taken.review.plan.changes == ()
    added = f"  - name: New\n    id: {B}\n  - name: vip\n    id: {C}\n"
    assert path.read_text() == FILE.replace("VIP", "VIP Gold") + added


def test_the_library_raises_what_refuses_a_pull(sandbox: Sandbox, folder: Path, environ: Mapping[str, str]) -> None:
    (folder / "groups.json").write_text('{"version": 1, "groups": []}')
    options = library.RunOptions(config_paths=[folder / "groups.json"])
    surroundings = library.Surroundings(environ=environ)

    with pytest.raises(PruneRefusedError):
        library.run_pull(options, surroundings, pull_options=library.PullOptions(prune=True))
    sandbox.add_group("New", id=B)
    with pytest.raises(NotEditedError) as raised:
        library.run_pull(options, surroundings)

    assert len(raised.value.edits) == 1


# A file that has grown over years


@pytest.fixture
def old_account() -> Iterator[Sandbox]:
    """The address book of the tutorial: 200 groups in a dozen languages."""
    with Sandbox(seed=ROOT / "examples" / "address-book.json") as sandbox:
        yield sandbox


def add_remarks(text: str) -> str:
    """Return the file with what people add over the years: comments, blank lines, quotes, braces, descriptions."""
    lines: list[str] = []
    for number, line in enumerate(text.split("\n")):
        is_entry = line.startswith("  - name: ")
        if is_entry and number % 9 == 0:
            lines += ["", f"  # Campaigns of {number}"]
        if is_entry and number % 7 == 0 and '"' not in line:
            name = line.removeprefix("  - name: ").replace("'", "''")
            lines.append(f"  - name: '{name}'  # asked by Liis")
        else:
            lines.append(line)
        if line.startswith("    id: ") and number % 11 == 0:
            lines.append("    description: >-\n      Do not use before noon,\n      says sales.")
    return "\n".join(lines)


def test_twelve_changes_in_the_dashboard_touch_only_their_lines(
    old_account: Sandbox, groupsync: Groupsync, folder: Path, environ: Mapping[str, str]
) -> None:
    variables = {"GROUPSYNC_ENDPOINT": old_account.url}
    assert groupsync("export", "--out", "groups.yaml", **variables).code == 0
    path = folder / "groups.yaml"
    path.write_text(add_remarks(path.read_text(encoding="utf-8")), encoding="utf-8")
    old = path.read_text(encoding="utf-8")
    assert groupsync("plan", **variables).out == "No changes. The Phonebook matches the configuration.\n"
    groups = sorted(old_account.groups(), key=lambda group: (group.name, group.id))  # the ids are random
    new_ids = {name: old_account.add_group(name, contacts=2) for name in ("Sügismess", "Beta", "NO", "alpha", "2027")}
    renamed = {group.id: f"{group.name} 2" for group in groups[20:24]}
    for group_id, name in renamed.items():
        old_account.rename_group(group_id, name)
    for group in groups[50:53]:
        old_account.delete_group(group.id)

    answers = [b"l\n", b"f\n", b"l\n", b"\n", b"yes\n"]
    code, shown = answer(("pull",), answers, folder, {**environ, **variables})

    new = path.read_text(encoding="utf-8")
    lost = list((Counter(old.split("\n")) - Counter(new.split("\n"))).elements())
    entries = {entry.id: entry.name for entry in load_config([path]).groups}
    taken = [name for group_id, name in renamed.items() if entries[GroupId(group_id)] == name]
    assert (code, len(taken), len(lost), len(entries)) == (0, 2, 2, len(groups) + len(new_ids))
    assert all(line.startswith("  - name: ") for line in lost)
    assert new.count("\n") == old.count("\n") + 2 * len(new_ids)
    added = [line for line in shown.split("\n") if line.startswith("+") and not line.startswith("+++")]
    assert len(added) == 2 + 2 * len(new_ids)
    assert [*entries.values()][-5:] == [
        "2027",
        "alpha",
        "Beta",
        "NO",
        "Sügismess",
    ]
    assert "3 entries without a live group can be removed: groupsync pull --prune" in shown
    print(shown)  # noqa: T201 - to look at
