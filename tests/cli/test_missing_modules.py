"""A module that Python does not have: the remedy follows from whose module it is."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from groupsync.sandbox.process import make_environment

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.sandbox import Sandbox

RUN = """
import sys
sys.modules[sys.argv.pop(1)] = None  # an import of it raises ModuleNotFoundError
from groupsync.cli.main import main
main()
"""


def run_without(module: str, *args: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RUN, module, *args],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_without_locks_no_change_is_made_and_the_systems_are_named(sandbox: Sandbox, tmp_path: Path) -> None:
    """A Python that is neither of Windows nor has `fcntl`: to install groupsync again would not help."""
    (tmp_path / "groups.yaml").write_text("version: 1\npolicy: {unlisted: keep}\ngroups: [A]\n")
    options = ("--endpoint", sandbox.url, "--auto-approve", "--allow", "empty-account")
    config = ("-c", str(tmp_path / "groups.yaml"), "--backup-dir", str(tmp_path))

    finished = run_without("fcntl", "apply", *options, *config, **make_environment(os.environ, sandbox))

    assert finished.returncode == 1
    assert finished.stderr == (
        "Error: groupsync does not run on this system: its Python has no module fcntl\n"
        "  -> run groupsync on Linux, macOS or Windows\n"
    )
    assert sandbox.log() == ()


@pytest.mark.parametrize(("module", "name"), [("_ssl", "ssl"), ("zlib", "zlib"), ("_hashlib", "")])
def test_without_a_module_of_python_the_remedy_is_a_complete_python(module: str, name: str) -> None:
    finished = run_without(module, "plan")

    assert "pip install" not in finished.stderr
    assert "Traceback" not in finished.stderr
    if name:
        assert finished.stderr == (
            f"Error: {sys.executable} was built without {name}, a module of Python's standard library\n"
            "  -> install a complete Python, then groupsync with it\n"
        )


@pytest.mark.parametrize("package", ["urllib3", "click", "msgspec"])
def test_without_a_package_the_remedy_is_pip(package: str) -> None:
    finished = run_without(package, "plan")

    assert finished.returncode == 1
    assert finished.stderr == (
        f"Error: the package {package}, which groupsync needs, is not installed\n  -> pip install 'groupsync'\n"
    )
