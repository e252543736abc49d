"""Write constraints.txt and script/tools.txt anew from the registry, or check the former.

`.venv/bin/python script/pins.py [--check]`

The pins are what pip chooses for each supported Python, which pyproject.toml lists. A package of which no version fits
all of them gets several pins, each for some Pythons. `--check` changes nothing: it tells whether the pins fit.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "constraints.txt"
TOOLS = "script/tools.txt"
TOOLS_PYTHON = "3.13"
"""The Python of the workflows `release` and `docs`."""
PLATFORMS = ("manylinux2014_x86_64", "manylinux_2_28_x86_64")
HEAD = """\
# The packages that action.yml and the Dockerfile install groupsync with: all that it and its extra `sandbox` need, and
# what those need.
# Written by script/pins.py. The comments are the Pythons that each version is for.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A version of a package, and the Pythons that it says it is for."""

    version: str
    requires_python: str


def list_pythons() -> list[str]:
    """Return the supported Pythons, such as 3.10, oldest first."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found: list[str] = re.findall(r'"Programming Language :: Python :: (\d+\.\d+)"', text)
    return sorted(found, key=lambda python: int(python.partition(".")[2]))


def list_direct() -> list[str]:
    """Return what pyproject.toml says that groupsync needs, also for the extra `sandbox`: a rehearsal installs it."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (block,) = re.findall(r"^dependencies = \[\n(.*?)^\]", text, flags=re.MULTILINE | re.DOTALL)
    (sandbox,) = re.findall(r"^sandbox = \[(.*)\]$", text, flags=re.MULTILINE)
    return re.findall(r'^ +"([^"]+)"', block, flags=re.MULTILINE) + re.findall(r'"([^"]+)"', sandbox)


def resolve(python: str, *, with_pins: bool) -> dict[str, Pin]:
    """Return the pins that pip chooses for a Python; CalledProcessError if there are none."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
        command += ["--only-binary=:all:", "--python-version", python, "--implementation", "cp", "--target", folder]
        command += [f"--platform={platform}" for platform in PLATFORMS] + [f"--report={report}"]
        command += write_constraints(Path(folder), python) if with_pins else []
        subprocess.run([*command, *list_direct()], check=True)  # noqa: S603 - the arguments are ours
        chosen = [item["metadata"] for item in json.loads(report.read_text(encoding="utf-8"))["install"]]
    require_complete(chosen, python)
    return {
        canonicalize_name(one["name"]): Pin(version=one["version"], requires_python=one.get("requires_python") or "")
        for one in chosen
    }


def write_constraints(folder: Path, python: str) -> list[str]:
    """Return pip's options for the pins of one Python; pip itself reads the markers for the Python that it runs on."""
    pins = [
        str(pin.name) + str(pin.specifier)
        for line in CONSTRAINTS.read_text(encoding="utf-8").splitlines()
        if (text := line.partition("#")[0].strip())
        for pin in [Requirement(text)]
        if pin.marker is None or pin.marker.evaluate(make_environment(python))
    ]
    path = folder / "constraints.txt"
    path.write_text("\n".join(pins), encoding="utf-8")
    return ["--constraint", str(path)]


def require_complete(chosen: list[dict[str, Any]], python: str) -> None:
    """Exit unless all that the packages need on this Python was chosen, and runs on it."""
    names = {canonicalize_name(one["name"]) for one in chosen}
    for one in chosen:
        if not SpecifierSet(one.get("requires_python") or "").contains(f"{python}.99"):
            sys.exit(f"{one['name']} {one['version']} is not for Python {python}")
        for requirement in map(Requirement, one.get("requires_dist") or []):
            is_needed = requirement.marker is None or requirement.marker.evaluate(make_environment(python))
            if is_needed and canonicalize_name(requirement.name) not in names:
                sys.exit(f"{one['name']} needs {requirement} on Python {python}: run this script with that Python")


def make_environment(python: str) -> dict[str, str]:
    """Return the environment in which the markers of a requirement are read."""
    return {"python_version": python, "python_full_version": f"{python}.0", "extra": ""}


def write_tools() -> None:
    """Write script/tools.txt: what the extras `release` and `docs` need, with the hashes of the files."""
    command = [str(Path(sys.executable).parent / "uv"), "pip", "compile", "pyproject.toml", "--extra=release"]
    command += ["--extra=docs", "--universal", f"--python-version={TOOLS_PYTHON}", "--generate-hashes", "--upgrade"]
    command += ["--no-config", "--quiet", "--no-annotate", "--constraint=constraints.txt"]
    command += ["--custom-compile-command=.venv/bin/python script/pins.py", f"--output-file={TOOLS}"]
    subprocess.run(command, check=True, cwd=ROOT)  # noqa: S603 - the arguments are ours


def render_pins(pins: dict[str, dict[str, Pin]], pythons: list[str]) -> str:
    """Return the file: for each package one line for each run of Pythons that have the same version."""
    lines: dict[str, list[str]] = defaultdict(list)
    for name in sorted({name for chosen in pins.values() for name in chosen}):
        needing = [python for python in pythons if name in pins[python]]
        starts = [
            number
            for number, python in enumerate(needing)
            if number == 0 or pins[python][name] != pins[needing[number - 1]][name]
        ]
        for start, end in zip(starts, [*starts[1:], len(needing)], strict=True):
            bounds = [f'python_version >= "{needing[start]}"'] if start > 0 else []
            bounds += [f'python_version < "{needing[end]}"'] if end < len(needing) else []
            marker = f" ; {' and '.join(bounds)}" if bounds else ""
            pin = pins[needing[start]][name]
            lines[name].append(f"{name}=={pin.version}{marker}  # Python {pin.requires_python}\n")
    return HEAD + "".join(line for of_name in lines.values() for line in of_name)


def main() -> None:
    """Resolve for every Python; write the pins, or with `--check` only tell whether those that are there fit."""
    only_checks = sys.argv[1:] == ["--check"]
    pythons = list_pythons()
    pins = {python: resolve(python, with_pins=only_checks) for python in pythons}
    if only_checks:
        print(f"The pins can be installed on Python {', '.join(pythons)}.")  # noqa: T201 - the result
    else:
        CONSTRAINTS.write_text(render_pins(pins, pythons), encoding="utf-8")
        write_tools()


if __name__ == "__main__":
    main()
