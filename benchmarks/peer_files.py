"""The configuration files of programs whose work is not described by a list of names alone."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.workload import write_groups

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from benchmarks.workload import Workload

_RESOURCE = """\
resource "terraform_data" "group_{place}" {{
  input = "{name}"
}}
"""
_FOR_EACH = """\
locals {
  groups = toset(yamldecode(file("groups.yaml")).groups)
}

resource "terraform_data" "group" {
  for_each = local.groups
  input    = each.key
}
"""
_OCTODNS = """\
providers:
  files:
    class: octodns.provider.yaml.YamlProvider
    directory: ./zones
    default_ttl: 300
    enforce_order: false
  phonebook:
    class: octodns_phonebook.PhonebookProvider
zones:
  bench.test.:
    sources: [files]
    targets: [phonebook]
"""
_TIMEOUT = 300


def write_terraform(workload: Workload, folder: Path) -> None:
    """Make a folder for `terraform plan` of a workload, with a block for each group: what Terraform is fastest with."""
    _apply_terraform(folder, _write_resources([name for _, name, _ in workload.live]))
    (folder / "main.tf").write_text(_write_resources(workload.wanted), encoding="utf-8")


def write_terraform_for_each(workload: Workload, folder: Path) -> None:
    """Make a folder for `terraform plan` of a workload, with one block and `for_each` over the names in groups.yaml."""
    folder.mkdir()
    write_groups(replace(workload, wanted=tuple(name for _, name, _ in workload.live)), folder / "groups.yaml")
    _apply_terraform(folder, _FOR_EACH)
    write_groups(workload, folder / "groups.yaml")


def _apply_terraform(folder: Path, text: str) -> None:
    """Have all resources of a file in the state."""
    folder.mkdir(exist_ok=True)
    (folder / "main.tf").write_text(text, encoding="utf-8")
    environ = {**os.environ, "CHECKPOINT_DISABLE": "1"}
    for command in (["init"], ["apply", "-auto-approve"]):
        subprocess.run(  # noqa: S603 - what is said here
            ["terraform", *command],  # noqa: S607 - the one that the user has
            cwd=folder,
            env=environ,
            capture_output=True,
            timeout=_TIMEOUT,
            check=True,
        )


def _write_resources(names: Iterable[str]) -> str:
    return "\n".join(_RESOURCE.format(place=name.split()[-1], name=name) for name in names)


def write_octodns(workload: Workload, folder: Path) -> None:
    """Write the configuration and the zone, a record for each wanted name."""
    (folder / "octodns.yaml").write_text(_OCTODNS)
    (folder / "zones").mkdir()
    records = "".join(f"{name}: {{type: A, ttl: 300, value: 192.0.2.1}}\n" for name in workload.wanted)
    (folder / "zones" / "bench.test.yaml").write_text(records)
