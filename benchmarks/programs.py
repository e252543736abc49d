"""The programs that are compared, each installed in a place of its own below `benchmarks/.work`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.measuring import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

WORK = ROOT / "benchmarks" / ".work"
PEERS = ROOT / "benchmarks" / "peers"
LABELS, GITHUB_LABEL_SYNC, OCTODNS = "labels==20.1.0", "github-label-sync@3.0.0", "octodns==1.22.0"
_INSTALL_TIMEOUT = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """The programs that are here, by name, with the version of each; and why another one is not."""

    versions: Mapping[str, str]
    missing: Mapping[str, str]

    def has(self, name: str) -> bool:
        """Tell whether it can be measured."""
        return name in self.versions


def install_programs() -> Programs:
    """Return what could be installed; say loudly what could not."""
    versions: dict[str, str] = {}
    missing: dict[str, str] = {}
    WORK.mkdir(exist_ok=True)
    for name, install in _INSTALLERS.items():
        found = _try_to(install)
        if isinstance(found, str):
            versions[name] = found
        else:
            missing[name] = str(found).splitlines()[0]
            print(f"!!! SKIPPED: {name} is not here: {missing[name]}", file=sys.stderr)
    return Programs(versions=versions, missing=missing)


def _try_to(install: Callable[[], str]) -> str | Exception:
    try:
        return install()
    except (OSError, subprocess.SubprocessError) as error:
        return error


def bin_of(name: str) -> Path:
    """Return the folder of a virtual environment's programs."""
    return WORK / name / "bin"


def _install_groupsync() -> str:
    """Install this checkout as a user would: not editable, compiled; from a copy, for pip builds beside its source."""
    source = WORK / "source"
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(ROOT / "groupsync", source / "groupsync", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    _make_venv("groupsync", source)
    _run(bin_of("groupsync") / "pip", "install", "--quiet", "--force-reinstall", "--no-deps", source)
    return _run(bin_of("groupsync") / "groupsync", "--version").split()[-1]


def _install_plain() -> str:
    _make_venv("plain", "requests", "pyyaml")
    return _ask_version("plain", "requests", "pyyaml")


def _install_labels() -> str:
    _make_venv("labels", LABELS)
    return _ask_version("labels", "labels")


def _install_octodns() -> str:
    _make_venv("octodns", OCTODNS, "requests")
    return _ask_version("octodns", "octodns")


def _install_github_label_sync() -> str:
    folder = WORK / "github-label-sync"
    package = folder / "node_modules" / "github-label-sync" / "package.json"
    if not package.exists():
        folder.mkdir(exist_ok=True)
        _run("npm", "install", "--no-audit", "--no-fund", "--prefix", folder, GITHUB_LABEL_SYNC)
    return f"{json.loads(package.read_text())['version']}, node {_run('node', '--version').strip()}"


def _find_terraform() -> str:
    told = _run("terraform", "version", "-json")
    return str(json.loads(told)["terraform_version"])


def _make_venv(name: str, *packages: str | Path) -> None:
    if not (bin_of(name) / "pip").exists():
        _run(sys.executable, "-m", "venv", WORK / name)
    if packages:
        _run(bin_of(name) / "pip", "install", "--quiet", *packages)


def _ask_version(venv: str, *packages: str) -> str:
    script = "import sys; from importlib.metadata import version; print(*(f'{p} {version(p)}' for p in sys.argv[1:]))"
    return _run(bin_of(venv) / "python", "-c", script, *packages).strip().removeprefix(f"{venv} ")


def _run(*command: str | Path) -> str:
    ended = subprocess.run(  # noqa: S603 - what this file says
        command,
        capture_output=True,
        text=True,
        timeout=_INSTALL_TIMEOUT,
        check=True,
        env={**os.environ, "CHECKPOINT_DISABLE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )
    return ended.stdout


_INSTALLERS: Mapping[str, Callable[[], str]] = {
    "groupsync": _install_groupsync,
    "plain script": _install_plain,
    "labels": _install_labels,
    "github-label-sync": _install_github_label_sync,
    "octodns": _install_octodns,
    "terraform": _find_terraform,
}
