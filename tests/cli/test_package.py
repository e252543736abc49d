"""The package as it is published: an sdist, the wheel built from it, and an environment with that wheel."""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOT_SOURCE = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from an sdist of a copy of the source, without network, so with the setuptools installed here."""
    folder = tmp_path_factory.mktemp("package")
    source = shutil.copytree(ROOT, folder / "source", ignore=NOT_SOURCE)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder / "dist"), str(source)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    (wheel,) = (folder / "dist").glob("groupsync-*-py3-none-any.whl")
    return wheel


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel, which uses the libraries of this environment."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=False)
    (packages,) = (folder / "lib").glob("python3.*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    (packages / "lent.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    return folder / "bin" / "python"


def run(python: Path, *args: str) -> subprocess.CompletedProcess[str]:
    environ = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return subprocess.run(
        [python, "-m", "groupsync", *args], cwd=python.parent, env=environ, capture_output=True, text=True, check=False
    )


def test_the_wheel_runs_from_its_own_files(python: Path) -> None:
    code = "import groupsync, groupsync.schemas; print(groupsync.__file__, groupsync.schemas.__file__)"
    environ = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}

    finished = subprocess.run(
        [python, "-c", code], cwd=python.parent, env=environ, capture_output=True, text=True, check=True
    )

    fresh = str(python.parents[1])
    assert all(path.startswith(fresh) for path in finished.stdout.split())


@pytest.mark.parametrize("name", ["groups", "plan", "backup", "report"])
def test_the_wheel_contains_the_schemas(python: Path, name: str) -> None:
    finished = run(python, "schema", name)

    assert finished.returncode == 0, finished.stderr
    assert finished.stdout == (ROOT / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")


def test_the_wheel_validates_and_plans(python: Path) -> None:
    example = str(ROOT / "examples" / "groups.yaml")
    seed = str(ROOT / "examples" / "sandbox.json")

    validated = run(python, "validate", "-c", example)
    planned = run(
        python,
        *["sandbox", "--seed", seed, "--"],
        *[str(python), "-m", "groupsync", "plan", "-c", example, "--backup-dir", "backups", "--format", "json"],
    )

    assert (validated.returncode, planned.returncode) == (0, 0), validated.stderr + planned.stderr
    assert json.loads(planned.stdout)["summary"] == {"create": 3, "rename": 3, "delete": 2, "memberships_lost": 118}


def test_the_wheel_contains_the_templates_of_pages(python: Path) -> None:
    (python.parent / "plans").mkdir()

    finished = run(python, "summary", "plans", "--format", "html")

    assert finished.returncode == 1, finished.stderr
    assert "no plan file or report in this folder" in finished.stdout
    assert finished.stdout.endswith("</html>\n")


def test_the_wheel_contains_the_program_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()

    assert {name.split("/")[0] for name in names} == {"groupsync", f"groupsync-{wheel.name.split('-')[1]}.dist-info"}
    assert "groupsync/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "groupsync").rglob("*.py")}
    templates = {str(path.relative_to(ROOT)) for path in (ROOT / "groupsync").rglob("templates/*")}
    assert modules | templates <= set(names)
