"""The shell of `.github/workflows`, run as it is. Programs that record calls replace docker, gh and pip-audit."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from groupsync.version import __version__
from tests.ci.files import OWN_WORKFLOWS, list_run_blocks
from tests.ci.runner import ROOT, put_program, read_yaml

STEPS = {name.partition(": ")[2]: text for file in OWN_WORKFLOWS for name, text in list_run_blocks(file)}
OWNER = "acme"
PLACEHOLDER = "YOUR" + "-ORG"  # in parts, so that it stays when the placeholder is replaced
RECORD = """#!/bin/sh
printf '%s\\n' "$(basename "$0") $*" >> "$CALLS"
case "$*" in *--password-stdin) [ "$(cat)" = token ] ;; esac
"""
REFUSE = "Refuse a tag without its version, its part of the changelog or its owner"
IMAGE = "Build the image from the sdist, run it and push it"


class Job:
    """A machine on which steps run: the repository, ready to release, and programs that record their calls."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        self.programs = folder / "programs"
        self.temp = folder / "temp"
        self.output = folder / "output"
        self._calls = folder / "calls"
        for made in (self.folder, self.programs, self.temp):
            made.mkdir()
        for written in (self.output, self._calls):
            written.write_text("", encoding="utf-8")
        names = (".dockerignore", ".gitignore", "CHANGELOG.md", "Dockerfile", "LICENSE", "README.md", "constraints.txt")
        for name in (*names, "pyproject.toml", "groupsync", "schemas", "script", "examples"):
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, self.folder / name)
        self.edit("pyproject.toml", PLACEHOLDER, OWNER)
        self.edit("README.md", PLACEHOLDER, OWNER)
        self.edit("CHANGELOG.md", "## Unreleased", f"## {__version__} (2026-11-27)")

    def edit(self, name: str, old: str, new: str) -> None:
        file = self.folder / name
        file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    def put(self, name: str, text: str = RECORD) -> None:
        put_program(self.programs / name, text)

    def calls(self) -> list[str]:
        return self._calls.read_text(encoding="utf-8").splitlines()

    def run(self, step: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[step]],
            cwd=self.folder,
            env={
                **os.environ,
                "PATH": f"{self.programs}:{Path(sys.executable).parent}:/usr/bin:/bin",
                "PYTHON": sys.executable,
                "CALLS": str(self._calls),
                "RUNNER_TEMP": str(self.temp),
                "GITHUB_OUTPUT": str(self.output),
                "GITHUB_REF_NAME": f"v{__version__}",
                "GITHUB_REPOSITORY": f"{OWNER.title()}/groupsync",
                "GITHUB_SHA": "a" * 40,
                **environ,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


def test_every_step_with_a_shell_is_run_here() -> None:
    """`Check everything` is script/test itself; `Build the site` is run by tests/browser/test_site.py."""
    elsewhere = {"Check everything", "Test what Windows has", "Install the tools", "Build the site"}
    text = Path(__file__).read_text(encoding="utf-8")

    assert [name for name in STEPS if name not in elsewhere and f'"{name}"' not in text] == []


def test_a_tag_that_fits_is_released_with_its_part_of_the_changelog(job: Job) -> None:
    finished = job.run(REFUSE)

    assert finished.returncode == 0, finished.stdout + finished.stderr
    notes = (job.folder / "extra" / "notes.md").read_text(encoding="utf-8")
    assert notes.startswith("### ")
    assert "\n## " not in notes


@pytest.mark.parametrize(
    ("name", "old", "new", "problem"),
    [
        ("groupsync/version.py", __version__, "9.9.9", "groupsync/version.py says 9.9.9"),
        ("pyproject.toml", OWNER, PLACEHOLDER, "the placeholder for the owner is still there"),
        ("CHANGELOG.md", f"## {__version__} ", f"## {__version__}1 ", 'CHANGELOG.md has no section "## '),
    ],
)
def test_a_tag_that_does_not_fit_is_refused(job: Job, name: str, old: str, new: str, problem: str) -> None:
    job.edit(name, old, new)

    finished = job.run(REFUSE)

    assert finished.returncode == 1
    assert problem in finished.stdout + finished.stderr


def test_the_check_for_the_placeholder_stays_when_it_is_replaced() -> None:
    assert PLACEHOLDER not in "".join(STEPS.values())


def test_both_lists_of_packages_are_audited(job: Job) -> None:
    """The service that knows vulnerabilities cannot be reached from here."""
    job.put("python")

    finished = job.run("Look for known vulnerabilities")

    options = "-m pip_audit --strict --no-deps --disable-pip --requirement"
    assert finished.returncode == 0
    assert job.calls() == [f"python {options} constraints.txt", f"python {options} script/tools.txt"]


def test_the_files_are_built_twice_and_compared(job: Job) -> None:
    (job.folder / "extra").mkdir()

    finished = job.run("Build the sdist and the wheel")

    assert finished.returncode == 0, finished.stdout + finished.stderr
    sums = (job.folder / "extra" / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert [line.split()[1] for line in sums] == [
        f"groupsync-{__version__}-py3-none-any.whl",
        f"groupsync-{__version__}.tar.gz",
    ]


def test_the_image_is_built_from_what_the_sdist_has_and_runs_before_it_is_pushed(job: Job) -> None:
    (job.folder / "extra").mkdir()
    job.run("Build the sdist and the wheel")
    version = f'if [ "$1" = run ]; then echo "groupsync {__version__}"; fi\n'
    job.put("docker", f"{RECORD}{version}")

    finished = job.run(IMAGE, ARCHITECTURE="arm64", TOKEN="token", USERNAME="me")

    image = f"ghcr.io/{OWNER}/groupsync:{__version__}-arm64"
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert job.calls() == [
        f"docker build --tag {image} context",
        f"docker run --rm {image} --version",
        "docker login ghcr.io --username me --password-stdin",
        f"docker push {image}",
    ]
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert [name for line in copied for name in line.split() if not (job.folder / "context" / name).exists()] == []


def test_an_image_that_does_not_run_is_not_pushed(job: Job) -> None:
    (job.folder / "extra").mkdir()
    job.run("Build the sdist and the wheel")
    job.put("docker")

    finished = job.run(IMAGE, ARCHITECTURE="amd64", TOKEN="token", USERNAME="me")

    assert finished.returncode == 1
    assert not [call for call in job.calls() if "push" in call or "login" in call]


def test_the_images_are_joined_under_three_tags(job: Job) -> None:
    job.put("docker", f'{RECORD}if [ "$3" = inspect ]; then echo sha256:5eed; fi\n')

    finished = job.run("Join the images of both systems", TOKEN="token", USERNAME="me")

    image = f"ghcr.io/{OWNER}/groupsync"
    assert finished.returncode == 0, finished.stderr
    tags = f"--tag {image}:{__version__} --tag {image}:{__version__.partition('.')[0]} --tag {image}:latest"
    assert (
        f"docker buildx imagetools create {tags} {image}:{__version__}-amd64 {image}:{__version__}-arm64" in job.calls()
    )
    assert job.output.read_text(encoding="utf-8") == f"name={image}\ndigest=sha256:5eed\n"


@pytest.mark.parametrize("exists", [False, True], ids=["the first time", "again"])
def test_the_release_has_the_notes_and_the_files(job: Job, exists: bool) -> None:
    for folder, name in (("dist", "groupsync-1.whl"), ("extra", "notes.md")):
        (job.folder / folder).mkdir()
        (job.folder / folder / name).write_text("", encoding="utf-8")
    job.put("gh", f'{RECORD}if [ "$2" = view ]; then exit {int(not exists)}; fi\n')

    finished = job.run("Create the release", GH_TOKEN="token")

    where = f"v{__version__} --repo {OWNER.title()}/groupsync"
    create = f"gh release create {where} --verify-tag --title groupsync {__version__} --notes-file extra/notes.md"
    files = "dist/groupsync-1.whl extra/groupsync.cdx.json extra/SHA256SUMS"
    assert finished.returncode == 0, finished.stderr
    assert job.calls() == [
        f"gh release view {where}",
        *([] if exists else [create]),
        f"gh release upload {where} --clobber {files}",
    ]


@pytest.mark.parametrize(
    ("exists", "last"),
    [
        (True, "gh api --method PATCH repos/{}/git/refs/tags/v1 -f sha={} -F force=true"),
        (False, "gh api --method POST repos/{}/git/refs -f ref=refs/tags/v1 -f sha={}"),
    ],
)
def test_the_tag_of_the_major_version_moves(job: Job, exists: bool, last: str) -> None:
    job.put("gh", f"{RECORD}case $2 in */ref/tags/v1) exit {int(not exists)} ;; esac\n")

    finished = job.run("Move the tag of the major version", GITHUB_REF_NAME="v1.2.3", GH_TOKEN="token")

    assert finished.returncode == 0, finished.stderr
    assert job.calls()[-1] == last.format(f"{OWNER.title()}/groupsync", "a" * 40)


@pytest.mark.slow  # it installs packages from the registry
@pytest.mark.parametrize("kind", ["whl", "tar.gz"])
def test_a_built_file_is_installed_and_runs(job: Job, kind: str) -> None:
    (job.folder / "extra").mkdir()
    job.run("Build the sdist and the wheel")

    finished = job.run("Install the file and run it", KIND=kind)

    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert f'"groupsync": "{__version__}"' in finished.stdout
    assert "118 contacts" in finished.stdout


@pytest.mark.slow  # it installs packages from the registry
def test_the_sbom_lists_groupsync_and_all_pinned_packages(job: Job) -> None:
    (job.folder / "extra").mkdir()
    job.run("Build the sdist and the wheel")

    finished = job.run("List what is in it")

    assert finished.returncode == 0, finished.stdout + finished.stderr
    sbom = json.loads((job.folder / "extra" / "groupsync.cdx.json").read_text(encoding="utf-8"))
    found = {str(canonicalize_name(part["name"])): part["version"] for part in sbom["components"]}
    pins = map(Requirement, re.findall(r"^[^#\n]+(?=  #)", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE))
    pinned = {pin.name: str(pin.specifier)[2:] for pin in pins if pin.marker is None or pin.marker.evaluate()}
    assert sbom["bomFormat"] == "CycloneDX"
    assert found.pop("groupsync") == __version__
    assert found.items() <= pinned.items()
    assert {"click", "requests", "urllib3", "pyyaml", "jsonschema", "deepdiff"} <= set(found)


def test_the_tools_are_pinned_with_hashes_and_fit_what_is_asked_for() -> None:
    text = (ROOT / "script" / "tools.txt").read_text(encoding="utf-8").replace("\\\n", "")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    pins = {pin.name: pin for pin in (Requirement(line.partition(" --hash")[0].strip()) for line in lines)}
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    blocks = re.findall(r"^(?:release|docs) = \[(.*?)\](?:  #.*)?$", project, re.MULTILINE | re.DOTALL)
    asked = [Requirement(found) for block in blocks for found in re.findall(r'"([^"]+)"', block)]

    assert len(asked) >= 8
    assert all("--hash=sha256:" in line for line in lines)
    for requirement in asked:
        assert str(pins[requirement.name].specifier).removeprefix("==") in requirement.specifier


def test_no_job_has_a_secret_and_only_those_that_sign_have_an_identity() -> None:
    jobs = {f"{file.name}: {name}": job for file in OWN_WORKFLOWS for name, job in read_yaml(file)["jobs"].items()}
    signing = {name for name, job in jobs.items() if "id-token" in job["permissions"]}

    assert signing == {"docs.yml: publish", *(f"release.yml: {name}" for name in ("attest", "pypi", "image"))}
    assert all("secrets." not in file.read_text(encoding="utf-8") for file in OWN_WORKFLOWS)
