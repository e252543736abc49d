"""The package as it is published: an sdist, the wheel built from it, and an environment with that wheel."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import site
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from groupsync.version import __version__

ROOT = Path(__file__).parents[2]
UV = str(Path(sys.executable).parent / "uv")
SOURCES = (
    "groupsync",
    "schemas",
    "CHANGELOG.md",
    "Dockerfile",
    "LICENSE",
    "README.md",
    "constraints.txt",
    "pyproject.toml",
    "script",
)
HIDDEN = (".dockerignore", ".gitignore")


def build(folder: Path, *, umask: int, mode: int, time: int, **environ: str) -> dict[str, str]:
    """Copy the source, build it as a release is built, and return the hash of each file by its name.

    Without network, so with the build backend that is installed here.
    """
    source = folder / "source"
    source.mkdir(parents=True)
    for name in (*SOURCES, *HIDDEN):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    for path in source.rglob("*"):
        if path.is_file() and path.parent.name != "script":
            path.chmod(mode)
        os.utime(path, (time, time))
    finished = subprocess.run(
        [source / "script" / "build", folder / "dist"],
        env={**os.environ, "PYTHON": sys.executable, **environ},
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / "dist").iterdir()}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an sdist and the wheel built from it."""
    folder = tmp_path_factory.mktemp("package")
    build(folder, umask=0o022, mode=0o644, time=1_700_000_000)
    return folder / "dist"


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (wheel,) = built.glob("groupsync-*-py3-none-any.whl")
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
    code = "import groupsync, groupsync.schema; print(groupsync.__file__, groupsync.schema.__file__)"
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


def test_a_clone_reads_the_schemas_at_its_top_level(tmp_path: Path) -> None:
    """Also if an older version left an empty folder in the package, which git does not remove."""
    for name in ("groupsync", "schemas"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "groupsync" / "schemas" / "__pycache__").mkdir(parents=True)
    (tmp_path / "schemas" / "plan.schema.json").write_text("the clone's own", encoding="utf-8")

    finished = subprocess.run(
        [sys.executable, "-m", "groupsync", "schema", "plan"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert finished.stdout.strip() == "the clone's own", finished.stderr


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
    assert modules <= set(names)
    assert {name for name in names if name.startswith("groupsync/")} - modules == {
        "groupsync/py.typed",
        *(f"groupsync/{path.relative_to(ROOT)}" for path in (ROOT / "schemas").glob("*.json")),
        *(str(path.relative_to(ROOT)) for path in (ROOT / "groupsync").rglob("templates/*")),
    }


def test_two_builds_are_equal_whatever_the_times_modes_and_umask(built: Path, tmp_path: Path) -> None:
    first = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in built.iterdir()}

    second = build(tmp_path / "other", umask=0o077, mode=0o600, time=1_234_567_890, TZ="Asia/Tokyo", LC_ALL="C")

    assert len(first) == 2
    assert second == first


def test_the_build_fails_if_the_page_of_the_package_is_broken(tmp_path: Path) -> None:
    """The checks of script/build are real: `twine check --strict` finds a page of another format."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    broken = text.replace('content-type = "text/markdown"', 'content-type = "text/x-rst"')
    folder = tmp_path / "source"
    folder.mkdir()
    for name in (*SOURCES, *HIDDEN):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    (folder / "pyproject.toml").write_text(broken, encoding="utf-8")

    finished = subprocess.run(
        [folder / "script" / "build", tmp_path / "dist"],
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.returncode != 0
    assert "FAILED" in finished.stdout


def test_the_page_of_the_package_leads_to_files_that_exist(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        page = archive.read(name).decode()

    here = re.findall(
        r"https://(?:github|raw\.githubusercontent)\.com/YOUR-ORG/groupsync/(?:blob/)?HEAD/([^)#\"]+)", page
    )
    assert len(here) > 20
    assert [path for path in here if not (ROOT / path).exists()] == []
    assert re.findall(r"\]\((?!https:|#)[^)]*\)|src(?:set)?=\"(?!https:)", page) == []


def test_the_version_is_in_one_place(wheel: Path) -> None:
    assert wheel.name == f"groupsync-{__version__}-py3-none-any.whl"
    assert "version" not in re.findall(r"^(\w+) = ", (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)


def find_pythons() -> list[str]:
    """Return the oldest supported Python and the newest one on this machine."""
    names = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    found = [path for name in names if (path := find_python(name))]
    return [found[0], found[-1]] if len(found) > 1 else found


def find_python(name: str) -> str | None:
    """Return the program of this version of Python, from the PATH or from pyenv; None if there is none here."""
    installed = sorted((Path.home() / ".pyenv" / "versions").glob(f"{name}.*/bin/python"))
    for program in (f"python{name}", *map(str, installed)):
        try:
            subprocess.run([program, "-c", "import venv, ssl"], capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError):  # pyenv has a program for versions that are switched off
            continue
        return shutil.which(program)
    return None


PYTHONS = find_pythons()
SAMPLE = [("whl", 0), ("tar.gz", -1)]
ALL = [
    pytest.param(kind, number, marks=() if (kind, number) in SAMPLE else pytest.mark.slow)
    for kind in ("whl", "tar.gz")
    for number in (0, -1)
]


def install(folder: Path, python: str, *args: str) -> Path:
    """Install something in a new environment, with packages from the registry; return the Python of it."""
    quiet = ("--quiet", "--no-config")
    subprocess.run([UV, "venv", *quiet, f"--python={python}", folder], check=True)
    made = folder / "bin" / "python"
    command = [UV, "pip", "install", *quiet, f"--python={made}", *args]
    installed = subprocess.run(command, capture_output=True, text=True, check=False)
    if "error sending request" in installed.stderr or "dns error" in installed.stderr:
        pytest.skip("the registry cannot be reached")
    assert installed.returncode == 0, installed.stderr
    return made


@pytest.mark.parametrize(("kind", "number"), ALL)
def test_each_file_is_installed_and_runs_in_a_fresh_environment(
    built: Path, tmp_path: Path, kind: str, number: int
) -> None:
    """On the oldest Python and on the newest one here, with the pinned packages, which the registry has."""
    (file,) = built.glob(f"*.{kind}")
    constraints = f"--constraint={ROOT}/constraints.txt"
    python = install(tmp_path / "fresh", PYTHONS[number], constraints, f"{file}[sandbox]")

    program = str(python.parent / "groupsync")
    command = [program, "plan", "-c", str(ROOT / "examples" / "groups.yaml"), "--format", "json"]
    shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    planned = run(python, "sandbox", "--seed", str(ROOT / "examples" / "sandbox.json"), "--", *command)

    assert shown.stdout == f"groupsync {__version__}\n"
    assert json.loads(planned.stdout)["summary"]["memberships_lost"] == 118, planned.stderr


def test_an_editable_install_has_no_copy_of_the_schemas(tmp_path: Path) -> None:
    """A copy would stay as it is when the clone changes."""
    python = install(tmp_path / "fresh", sys.executable, "--no-deps", "--editable", str(ROOT))

    (packages,) = python.parents[1].glob("lib/python3.*/site-packages")
    assert [path.name for path in packages.iterdir() if path.name.startswith("groupsync-")] != []
    assert not (packages / "groupsync").exists()
