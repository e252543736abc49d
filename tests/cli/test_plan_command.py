"""The commands `plan`, `show`, `validate` and `schema`."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import NEW_ACCOUNT, describe_account

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Groupsync

ID = "5792a02a-e5c2-422b-a0a0-0ae65d814663"


def test_a_plan_shows_what_would_change_and_writes_nothing(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    sandbox.add_group("Leads 2024", id=ID, contacts=3)
    write("groups:\n  - name: Leads\n    previously: [Leads 2024]\n  - New\n")

    finished = groupsync("plan")

    assert (finished.code, finished.err) == (0, "")
    assert finished.out == (
        f"groupsync will make these changes to {describe_account(sandbox)}:\n"
        "\n"
        '  + "New"                                           groups.yaml:5\n'
        "\n"
        '  ~ "Leads 2024" -> "Leads"                         3 contacts stay\n'
        "      groups.yaml:3, previously\n"
        "\n"
        "Plan: 1 to create, 1 to rename, 0 to delete. Memberships lost: 0.\n"
    )
    assert [entry.method for entry in sandbox.log()] == ["GET"]


def test_plan_does_not_import_what_only_other_commands_need(
    sandbox: Sandbox, folder: Path, environ: Mapping[str, str], write: Callable[[str], None]
) -> None:
    sandbox.add_group("Leads 2024")
    write("groups: [Leads]\n")
    program = "import sys, groupsync.cli.main as m; code = m.run(['plan']); print(*sys.modules); sys.exit(code)"

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    *_, loaded = done.stdout.splitlines()
    needless = ("applier", "backup", "decide", "drift", "lock", "model.report", "model.restore", "render.markdown")
    unused = ("environment.password_command", "planner.restore", "fixes.find", "editing", "pulling", "scopes", "doctor")
    packages = {"deepdiff", "jsonschema", "flask", "jinja2", "requests", "dataclasses", "secrets", "subprocess"}
    assert {*loaded.split()} & {*packages, *(f"groupsync.{name}" for name in (*needless, *unused))} == set()
    assert "groupsync.review.make" in loaded.split()


def test_a_plan_without_changes_says_so(sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]) -> None:
    sandbox.add_group("VIP")
    write("groups: [VIP]\n")

    finished = groupsync("plan", "--detailed-exitcode")

    assert finished.code == 0
    assert finished.out == "No changes. The Phonebook matches the configuration.\n"


def test_detailed_exitcode_is_2_if_there_are_changes(groupsync: Groupsync, write: Callable[[str], None]) -> None:
    write("groups: [VIP]\n")

    assert groupsync("plan", *NEW_ACCOUNT).code == 0
    assert groupsync("plan", *NEW_ACCOUNT, "--detailed-exitcode").code == 2
    assert groupsync("plan", *NEW_ACCOUNT, "--detailed-exitcode", "--format", "json").code == 2


@pytest.mark.parametrize("output_format", ["text", "json"])
def test_show_prints_byte_for_byte_what_plan_did(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], output_format: str
) -> None:
    sandbox.add_group("Old", contacts=2)
    sandbox.add_group("Twin")
    write("groups: [New, 日本]\nignore: [nothing*]\nremoved: [{name: Twin}]\n")

    planned = groupsync("plan", "--out", "plan.json", "--format", output_format)
    shown = groupsync("show", "plan.json", "--format", output_format)

    assert shown.out == planned.out
    warning = 'Warning: groups.yaml:3: ignore "nothing*" matches no live group\n'
    assert planned.err.startswith(warning)
    assert shown.err == warning
    assert (planned.code, shown.code) == (3, 0)


@pytest.mark.parametrize("output_format", ["text", "markdown"])
@pytest.mark.parametrize("detail", [(), ("--verbose",), ("--quiet",)], ids=["concise", "verbose", "quiet"])
def test_show_prints_the_lines_of_the_configuration_too(
    sandbox: Sandbox,
    groupsync: Groupsync,
    write: Callable[[str], None],
    folder: Path,
    output_format: str,
    detail: tuple[str, ...],
) -> None:
    """They are in the plan file, so it makes no difference what became of the configuration."""
    sandbox.add_group("VIP customer", contacts=2)
    sandbox.add_group("Sale", contacts=5)
    write("policy: {max_deletes: 99}\ngroups: [VIP customers]\nremoved: [{name: Sale, contacts_at_most: 1}]\n")

    planned = groupsync("plan", "--out", "plan.json", "--format", output_format, *detail)
    (folder / "groups.yaml").unlink()
    shown = groupsync("show", "plan.json", "--format", output_format, *detail)

    assert planned.code == 3
    assert detail == ("--quiet",) or "    3 | groups: [VIP customers]" in planned.out.replace("> ", "")
    assert shown.out == planned.out


def test_a_plan_file_holds_the_paths_of_the_configuration_as_they_were_given(
    groupsync: Groupsync, write: Callable[[str], None], folder: Path
) -> None:
    write("groups: [New]\n")
    (folder / "more").mkdir()
    strange = os.fsdecode(b"n\xff.yaml")
    (folder / "more" / "a b.yaml").write_text("version: 1\ngroups: [A]\n")
    (folder / strange).write_text("version: 1\ngroups: [B]\n")

    groupsync("plan", "--out", "default.json", GROUPSYNC_CONFIG="groups.yaml")
    groupsync("plan", "-c", "./more/../groups.yaml", "-c", "more", "-c", strange, "--out", "given.json")

    paths = [json.loads((folder / name).read_text())["config_paths"] for name in ("default.json", "given.json")]
    assert paths == [[], ["more/../groups.yaml", "more", "n\\udcff.yaml"]]
    assert groupsync("show", "given.json").code == 0


def test_a_description_or_reason_that_changed_makes_no_plan_stale(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    sandbox.add_group("Sale", contacts=1)
    text = "groups: [{{name: New, description: {0}}}]\nremoved: [{{name: Sale, contacts_at_most: 1, reason: {0}}}]\n"
    write(text.format("one"))
    groupsync("plan", "--out", "plan.json")
    write(text.format("two"))

    assert groupsync("apply", "plan.json").code == 0
    assert sandbox.names() == ["New"]


def test_a_plan_of_an_older_groupsync_is_refused(groupsync: Groupsync, folder: Path, sandbox: Sandbox) -> None:
    (folder / "plan.json").write_text('{\n  "format_version": "1.0",\n  "groupsync_version": "0.1.0"\n}\n')

    for command in ("show", "check", "apply"):
        finished = groupsync(command, "plan.json")

        assert finished.code == 1
        assert finished.err == (
            "Error: plan.json: not a usable plan file: it was made by an older groupsync\n"
            "  -> make a new plan, and review it: groupsync plan --out plan.json\n"
        )
    assert sandbox.log() == ()


def test_a_report_is_not_called_an_older_plan(
    groupsync: Groupsync, write: Callable[[str], None], sandbox: Sandbox
) -> None:
    sandbox.add_group("VIP")
    write("groups: [VIP, New]\n")
    assert groupsync("apply", "--auto-approve", "--report", "report.json").code == 0
    before = len(sandbox.log())

    for command in ("show", "check", "apply"):
        finished = groupsync(command, "report.json")

        assert finished.code == 1
        assert finished.err == (
            "Error: report.json: not a usable plan file: it is the report of a run\n"
            "  -> name a plan file, or see what the report says: groupsync summary report.json\n"
        )
    assert len(sandbox.log()) == before
    assert groupsync("summary", "report.json").code == 0


def test_the_json_format_is_the_plan_file(groupsync: Groupsync, write: Callable[[str], None], folder: Path) -> None:
    write("groups: [New]\n")

    finished = groupsync("plan", "--out", "plan.json", "--format", "json")

    assert finished.out == (folder / "plan.json").read_text()
    assert json.loads(finished.out)["summary"] == {"create": 1, "rename": 0, "delete": 0, "memberships_lost": 0}


def test_a_plan_file_is_readable_only_by_its_owner(
    groupsync: Groupsync, write: Callable[[str], None], folder: Path
) -> None:
    write("groups: [New]\n")
    (folder / "plan.json").write_text("an older one")
    (folder / "plan.json").chmod(0o644)

    groupsync("plan", "--out", "plan.json")

    assert stat.S_IMODE((folder / "plan.json").stat().st_mode) == 0o600
    assert sorted(path.name for path in folder.iterdir()) == ["groups.yaml", "plan.json"]


def test_a_plan_file_is_never_written_through_a_link(
    groupsync: Groupsync, write: Callable[[str], None], folder: Path
) -> None:
    write("groups: [New]\n")
    (folder / "precious").write_text("precious")
    (folder / "plan.json").symlink_to("precious")

    finished = groupsync("plan", "--out", "plan.json")

    assert finished.code == 1
    assert finished.err.startswith("Error: plan.json: is a link, so groupsync does not write to it\n")
    assert (folder / "precious").read_text() == "precious"


@pytest.mark.parametrize("place", ["missing/plan.json", "folder"])
def test_a_plan_file_that_cannot_be_written_is_an_error(
    groupsync: Groupsync, write: Callable[[str], None], folder: Path, place: str
) -> None:
    write("groups: [New]\n")
    (folder / "folder").mkdir()

    finished = groupsync("plan", "--out", place)

    assert finished.code == 1
    assert finished.err.startswith(f"Error: {place}: ")
    assert finished.out == ""


def test_deleting_a_full_group_without_consent_is_shown_and_refused(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    sandbox.add_group("Old", contacts=2)
    write("groups: [New]\n")

    finished = groupsync("plan")

    assert finished.code == 3
    assert '- "Old"' in finished.out
    assert "contacts-lost: 2 memberships of 1 group would be lost without consent" in finished.out
    assert finished.err.startswith("Error: the plan is refused: contacts-lost\n")


def test_an_empty_list_of_groups_is_refused(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    sandbox.add_group("Old")
    write("groups: []\n")

    finished = groupsync("plan")

    assert finished.code == 3
    assert '- "Old"' in finished.out
    assert "empty-config: the configuration lists no groups" in finished.out


def test_a_full_group_named_under_removed_is_deleted(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    sandbox.add_group("Old", contacts=2)
    write("groups: [New]\nremoved: [{name: Old, contacts_at_most: 2}]\n")

    assert groupsync("plan").code == 0


def test_ten_thousand_changes_stay_readable(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    for number in range(100):
        sandbox.add_group(f"Old {number:03}")
    write("groups:\n" + "".join(f"  - New {number:04}\n" for number in range(9_900)))

    finished = groupsync("plan")
    verbose = groupsync("plan", "--verbose")

    assert finished.out.count("\n  + ") == 50
    assert finished.out.count('\n  - "') == 100
    assert "\n  ... and 9,850 more to create (--verbose shows each one)\n" in finished.out
    assert "\n\nPlan: 9,900 to create, 0 to rename, 100 to delete. Memberships lost: 0.\n" in finished.out
    assert "max-deletes: 100 groups would be deleted without consent, and policy.max_deletes is 10" in finished.out
    assert verbose.out.count("\n  + ") == 9_900


def test_several_files_make_one_configuration(sandbox: Sandbox, groupsync: Groupsync, folder: Path) -> None:
    sandbox.add_group("Kept")
    (folder / "config").mkdir()
    (folder / "config" / "a.yaml").write_text("version: 1\ngroups: [A]\n")
    (folder / "config" / "b.yml").write_text("version: 1\ngroups: [B]\npolicy: {unlisted: keep}\n")
    (folder / "c.json").write_text('{"version": 1, "groups": ["C"]}')

    finished = groupsync("plan", "-c", "config", "--config", "c.json")

    assert finished.code == 0
    assert " config/a.yaml:2\n" in finished.out
    assert " config/b.yml:2\n" in finished.out
    assert " c.json:1\n" in finished.out
    assert finished.out.endswith(
        "\n\nKept: 1 live group that is not in the configuration. To add it: groupsync pull -c config -c c.json\n"
    )


def test_an_environment_variable_can_name_the_configuration(groupsync: Groupsync, folder: Path) -> None:
    (folder / "elsewhere.yaml").write_text("version: 1\ngroups: [A]\n")

    assert groupsync("plan", *NEW_ACCOUNT, GROUPSYNC_CONFIG="elsewhere.yaml").code == 0


def test_validate_needs_no_network(groupsync: Groupsync, write: Callable[[str], None], sandbox: Sandbox) -> None:
    write("groups: [A, B]\nremoved: [{name: C}]\nignore: ['x*']\n")

    finished = groupsync("validate", MESSENTE_API_PASSWORD="")

    assert (finished.code, finished.err) == (0, "")
    assert finished.out == "Valid: groups.yaml: 2 groups, 1 removed, 1 ignore pattern.\n"
    assert sandbox.log() == ()


@pytest.mark.parametrize("name", ["groups", "plan"])
def test_schema_prints_a_json_schema(groupsync: Groupsync, name: str) -> None:
    finished = groupsync("schema", name)

    assert finished.code == 0
    assert json.loads(finished.out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_schema_without_a_name_is_that_of_the_configuration(groupsync: Groupsync) -> None:
    assert groupsync("schema").out == groupsync("schema", "groups").out


def test_a_plan_is_never_written_over_its_configuration(
    groupsync: Groupsync, write: Callable[[str], None], folder: Path
) -> None:
    write("groups: [New]\n")

    finished = groupsync("plan", "--out", "./groups.yaml")

    assert finished.code == 1
    assert finished.err.startswith("Error: groups.yaml: is read by this run, so it is not overwritten\n")
    assert (folder / "groups.yaml").read_text().startswith("version: 1\ngroups: [New]\n")


def test_a_plan_file_that_does_not_fit_on_the_disk_keeps_the_old_one(
    write: Callable[[str], None], folder: Path, environ: Mapping[str, str]
) -> None:
    """A limit of the size of files simulates a full disk; 1 means at least 512 bytes, and the plan is larger."""
    write("groups:\n" + "".join(f"  - G{number}\n" for number in range(100)))
    (folder / "plan.json").write_text("an older one")

    finished = subprocess.run(
        ["sh", "-c", 'ulimit -f 1; "$@"', "sh", sys.executable, "-m", "groupsync", "plan", "--out", "plan.json"],
        cwd=folder,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.returncode == 1
    assert finished.stderr == "Error: plan.json: cannot be written: file too large\n"
    assert {path.name: path.read_text()[:12] for path in folder.glob("*.json")} == {"plan.json": "an older one"}
    assert sorted(path.name for path in folder.iterdir()) == ["groups.yaml", "plan.json"]


def test_a_file_name_cannot_forge_a_line_of_the_plan(groupsync: Groupsync, folder: Path) -> None:
    """In a pull request its author chooses the names of the files."""
    name = "a:1)\n\nNo changes. The Phonebook matches the configuration.\n\n  # (x.yaml"
    (folder / "config").mkdir()
    (folder / "config" / name).write_text("version: 1\ngroups: [New]\n")

    planned = groupsync("plan", "-c", "config")
    validated = groupsync("validate", "-c", "config")

    assert "\nNo changes" not in planned.out
    assert "\nNo changes" not in validated.out
    assert len(validated.out.splitlines()) == 1


def test_a_file_whose_name_is_not_utf_8_can_be_planned_and_shown(groupsync: Groupsync, folder: Path) -> None:
    (folder / "config").mkdir()
    (folder / "config" / os.fsdecode(b"n\xff.yaml")).write_text("version: 1\ngroups: [New]\n")

    planned = groupsync("plan", *NEW_ACCOUNT, "-c", "config", "--out", "plan.json")
    shown = groupsync("show", "plan.json")
    validated = groupsync("validate", "-c", "config")

    assert (planned.code, shown.code, validated.code) == (0, 0, 0)
    assert shown.out == planned.out
    assert "config/n\\udcff.yaml:2\n" in shown.out
