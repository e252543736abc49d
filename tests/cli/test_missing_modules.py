"""A module that Python does not have: the remedy follows from whose module it is."""

from __future__ import annotations

import subprocess
import sys

import pytest

RUN = """
import sys
sys.modules[sys.argv.pop(1)] = None  # an import of it raises ModuleNotFoundError
from groupsync.cli.main import main
main()
"""


def run_without(module: str, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RUN, module, *args], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("args", [("doctor",), ("apply",), ("apply", "plan.json"), ("restore", "backup.json")])
def test_without_posix_the_systems_are_named(args: tuple[str, ...]) -> None:
    """As on Windows: to install groupsync again would not help."""
    finished = run_without("fcntl", *args)

    assert finished.returncode == 1
    assert finished.stderr == (
        "Error: groupsync does not run on this system: its Python has no module fcntl\n"
        "  -> run groupsync on Linux or macOS; on Windows, in the Windows Subsystem for Linux or in a container\n"
    )


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


@pytest.mark.parametrize("package", ["urllib3", "click"])
def test_without_a_package_the_remedy_is_pip(package: str) -> None:
    finished = run_without(package, "plan")

    assert finished.returncode == 1
    assert finished.stderr == (
        f"Error: the package {package}, which groupsync needs, is not installed\n  -> pip install 'groupsync'\n"
    )
