"""restore.yml, and the programs of examples/ci/backups that keep backups and get them again."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from tests.ci.conftest import WORKFLOWS
from tests.ci.runner import ROOT, install_fakes, put_program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.ci.conftest import GitHubProject

PROGRAMS = ROOT / "examples" / "ci" / "backups"


def keep_in_folder(project: GitHubProject, store: Path) -> None:
    """Install programs that keep backups in a folder, each run in its own."""
    folder = project.machine.repository / ".github"
    label = '"$GROUPSYNC_BACKUP_LABEL"'
    keep = f'mkdir -p {store}/{label}\ncp -R "$1"/. {store}/{label}/\n'
    put_program(folder / "keep-backups", f"#!/bin/sh\nset -eu\n{keep}")
    put_program(folder / "get-backups", f'#!/bin/sh\nset -eu\ncp -R {store}/"$1"/. "$2"\n')


def delete_group(project: GitHubProject, sandbox: Sandbox) -> str:
    """Delete a group with two contacts by a pull request; return the name of its backup in the report."""
    sandbox.add_group("Kept")
    sandbox.add_group("Sale", contacts=2)
    project.write("groups: [Kept]\nremoved: [{name: Sale, contacts_at_most: 2}]\npolicy: {unlisted: keep}\n")
    pushed = project.push()
    assert pushed.result == "success", pushed.log
    apply = project.merge()["apply"]
    assert apply.result == "success", apply.log
    assert sandbox.names() == ["Kept"]
    names: set[str] = set(re.findall(r"\d+-\d+/Sale\.\S+?\.json", apply.summary))
    assert str(project.machine.home) not in apply.summary
    (name,) = names
    return name


def test_contacts_go_back_into_a_group_that_ci_has_created_again(
    project: GitHubProject, sandbox: Sandbox, tmp_path: Path
) -> None:
    """The road of docs/ci.md: list the group again, let the apply create it empty, restore into it."""
    keep_in_folder(project, tmp_path / "store")
    program = project.machine.repository / ".github" / "keep-backups"
    put_program(program, program.read_text().replace("set -eu\n", f"set -eu\nenv > {tmp_path}/seen\n"))
    backup = delete_group(project, sandbox)
    project.write("groups: [Kept, Sale]\n")
    pushed = project.push()
    assert pushed.result == "success", pushed.log
    assert project.merge()["apply"].result == "success"
    (group,) = (group for group in sandbox.groups() if group.name == "Sale")

    done = project.restore(backup=backup, into=group.id, confirm="true")

    assert done.result == "success", done.log
    (after,) = (group for group in sandbox.groups() if group.name == "Sale")
    assert (after.id, len(sandbox.members(after.id))) == (group.id, 2)
    seen = (tmp_path / "seen").read_text(encoding="utf-8")
    assert "GROUPSYNC_BACKUP_LABEL=" in seen
    assert sandbox.password not in seen, "the program gets no credentials of the account"
    assert "token-of-the-run" not in seen


@pytest.mark.parametrize(
    "backup",
    ["", "../x.json", "1-1/../x.json", "1-1/a b.json", "1-1/x.json\n", "-1/x.json", "1-1-/x.json", "1-1-a/b/x.json"],
)
def test_a_backup_that_no_report_names_is_refused(project: GitHubProject, sandbox: Sandbox, backup: str) -> None:
    project.write("groups: [Kept]\n")

    done = project.restore(backup=backup, confirm="true")

    assert done.result == "failure"
    assert "the backup must be named as the report of the apply names it" in done.errors[0]
    assert sandbox.log() == ()


@pytest.mark.skipif(not shutil.which("age-keygen"), reason="age is not installed on this machine")
def test_a_group_is_shown_then_restored_from_an_encrypted_artifact(
    project: GitHubProject, sandbox: Sandbox, tmp_path: Path
) -> None:
    subprocess.run(["age-keygen", "-o", tmp_path / "key"], check=True, capture_output=True)
    key = (tmp_path / "key").read_text(encoding="utf-8")
    public = re.search(r"age1\w+", key)
    assert public
    for name in ("keep-backups", "get-backups"):
        text = (PROGRAMS / "age" / name).read_text(encoding="utf-8")
        put_program(project.machine.repository / ".github" / name, text.replace("age1yourpublickey", public[0]))
    backup = delete_group(project, sandbox)
    (artifact,) = project.machine.home.rglob("artifacts/encrypted-backups-1")
    (encrypted,) = artifact.iterdir()
    put_gh_run_download(project, artifact)
    project.machine.secrets["phonebook-approval"] = {**project.machine.secrets["phonebook"], "BACKUPS_KEY": key}
    project.write("groups: [Kept]\npolicy: {unlisted: keep}\n")

    shown = project.restore(backup=backup)
    before = sandbox.names()
    done = project.restore(backup=backup, confirm="true")

    assert encrypted.read_bytes().startswith(b"age-encryption.org/")
    assert (shown.result, done.result) == ("success", "success"), done.log
    assert shown.environment == "phonebook-approval"
    assert before == ["Kept"]
    assert "Nothing was restored" in shown.summary
    (group,) = (group for group in sandbox.groups() if group.name == "Sale")
    assert len(sandbox.members(group.id)) == 2
    assert group.id in done.summary
    assert not list(project.machine.home.rglob("groupsync-restore.*/*.json"))


@pytest.mark.parametrize(
    ("folder", "asked"),
    [
        ("12-3", "download 12 --repo acme/phonebook --name encrypted-backups-3 "),
        ("12-3-sales-eu", "download 12 --repo acme/phonebook --name encrypted-backups-3-sales-eu "),
    ],
)
def test_the_folder_of_a_report_says_which_artifact_to_download(tmp_path: Path, folder: str, asked: str) -> None:
    put_program(tmp_path / "age", "#!/bin/sh\n")
    put_program(tmp_path / "gh", f'#!/bin/sh\necho "$@" > {tmp_path}/asked\nexit 1\n')
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "GITHUB_REPOSITORY": "acme/phonebook", "BACKUPS_KEY": "key"}

    finished = subprocess.run([PROGRAMS / "age" / "get-backups", folder, tmp_path], env=environ, check=False)

    assert finished.returncode == 1
    assert (tmp_path / "asked").read_text(encoding="utf-8").startswith(f"run {asked}")


def put_gh_run_download(project: GitHubProject, artifact: Path) -> None:
    """Make `gh run download` copy the artifact of this run; every other call goes to the `gh` of these tests."""
    gh = project.machine.programs / "gh"
    gh.rename(gh.with_name("gh-api"))
    run = artifact.parent.parent.name.removeprefix("run-")
    expected = f"run download {run} --repo acme/phonebook --name {artifact.name} --dir "
    script = f'case "$*" in\n"{expected}"*) cp {artifact}/* "$9/" ;;\n*) exec {gh}-api "$@" ;;\nesac\n'
    put_program(gh, f"#!/bin/sh\n{script}")


class TokenServer(BaseHTTPRequestHandler):
    """GitHub's service for the tokens of OIDC."""

    def do_GET(self) -> None:
        is_asked_rightly = self.path == "/token?api-version=2.0&audience=sts.amazonaws.com"
        ok = is_asked_rightly and self.headers["Authorization"] == "bearer token-for-tokens"
        self.send_response(200 if ok else 403)
        self.end_headers()
        self.wfile.write(json.dumps({"value": "signed-by-github"}).encode())

    def log_message(self, *_: object) -> None:
        """Write no log."""


@pytest.fixture
def token_url() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), TokenServer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/token?api-version=2.0"
    server.shutdown()
    thread.join()
    server.server_close()


AWS = """#!/bin/sh
set -eu
[ "$(cat "$AWS_WEB_IDENTITY_TOKEN_FILE")" = signed-by-github ]
case $AWS_ROLE_ARN in arn:aws:iam::123456789012:role/phonebook-*) ;; *) exit 1 ;; esac
[ "$1 $2 $3" = "s3 cp --recursive" ]
from=$(echo "$4" | sed "s|^s3:/|STORE|")
to=$(echo "$5" | sed "s|^s3:/|STORE|")
mkdir -p "$to"
cp -R "$from"/. "$to"
"""


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed on this machine")
def test_the_s3_programs_log_in_by_oidc(tmp_path: Path, token_url: str) -> None:
    """Only the program `aws` is imitated: it copies to and from a folder if it got the role and GitHub's token."""
    for name in ("programs", "backups", "back"):
        (tmp_path / name).mkdir()
    install_fakes(tmp_path / "programs")
    put_program(tmp_path / "programs" / "aws", AWS.replace("STORE", str(tmp_path / "store")))
    (tmp_path / "backups" / "Sale.json").write_text("{}", encoding="utf-8")
    environ = {
        "PATH": f"{tmp_path}/programs:{os.environ['PATH']}",
        "ACTIONS_ID_TOKEN_REQUEST_URL": token_url,
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "token-for-tokens",
        "GROUPSYNC_BACKUP_LABEL": "7-1",
    }

    subprocess.run([PROGRAMS / "s3" / "keep-backups", tmp_path / "backups"], env=environ, check=True)
    subprocess.run([PROGRAMS / "s3" / "get-backups", "7-1", tmp_path / "back"], env=environ, check=True)

    assert (tmp_path / "store" / "acme-phonebook-backups" / "7-1" / "Sale.json").is_file()
    assert (tmp_path / "back" / "Sale.json").is_file()


def test_a_program_of_the_user_gets_no_source_of_the_credentials() -> None:
    names = ("USERNAME", "USERNAME_FILE", "PASSWORD", "PASSWORD_FILE", "PASSWORD_COMMAND")
    environ = {"PATH": os.environ["PATH"], "KEPT": "kept", **{f"MESSENTE_API_{name}": "secret" for name in names}}
    script = ". action/functions.sh; call_program env"

    finished = subprocess.run(["bash", "-c", script], cwd=ROOT, env=environ, capture_output=True, check=True, text=True)

    assert "KEPT=kept" in finished.stdout
    assert "MESSENTE" not in finished.stdout


def test_the_examples_can_be_executed() -> None:
    assert all(os.access(file, os.X_OK) for file in PROGRAMS.glob("*/*"))
    assert WORKFLOWS.joinpath("restore.yml").is_file()
