"""GROUPSYNC_BACKUP_LABEL: reports name backups by the place where they are kept, not by a folder that is gone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import count_writes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Groupsync

ARGS = ("apply", "--auto-approve", "--report", "report.json", "--markdown", "report.md")
CONFIG = "groups: [Kept]\nremoved: [{name: Sale, contacts_at_most: 2}]\n"


@pytest.mark.parametrize("label", ["s3://acme-backups/7-1", "7-1/"])
def test_every_report_names_the_backup_under_its_label(
    groupsync: Groupsync,
    write: Callable[[str], None],
    folder: Path,
    environ: Mapping[str, str],
    sandbox: Sandbox,
    label: str,
) -> None:
    sandbox.add_group("Kept")
    sandbox.add_group("Sale", contacts=2)
    write(CONFIG)

    finished = groupsync(*ARGS, GROUPSYNC_BACKUP_LABEL=label)

    texts = [finished.out, *((folder / name).read_text(encoding="utf-8") for name in ("report.json", "report.md"))]
    (backup,) = (change["backup"] for change in json.loads(texts[1])["changes"] if change["backup"])
    assert finished.code == 0
    assert backup.startswith(f"{label.rstrip('/')}/Sale.")
    assert all(backup in text and environ["GROUPSYNC_BACKUP_DIR"] not in text for text in texts)


@pytest.mark.parametrize("label", ["", "a b", "a\nb", "$(x)", "é", "a" * 501])
def test_a_label_that_cannot_begin_a_path_is_refused_before_any_change(
    groupsync: Groupsync, write: Callable[[str], None], sandbox: Sandbox, label: str
) -> None:
    sandbox.add_group("Kept")
    sandbox.add_group("Sale", contacts=2)
    write(CONFIG)

    finished = groupsync(*ARGS, GROUPSYNC_BACKUP_LABEL=label)

    assert finished.code == 1
    assert "GROUPSYNC_BACKUP_LABEL is" in finished.err
    assert count_writes(sandbox) == 0
