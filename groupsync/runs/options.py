"""What a caller chooses for a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.command import CommandOptions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from groupsync.planfile.approval import Approval


class RunOptions(Struct, frozen=True, kw_only=True):
    """What a caller chooses for a run; the fields are options of the command line.

    A field that is None or empty has the value from the environment, or the default. Times are in seconds. With an
    `expect_digest`, only the plan that it approves is applied.
    """

    config_paths: Sequence[Path] = ()
    endpoint: str | None = None
    timeout: float = 30.0
    lock_timeout: float = 0.0
    backup_dir: Path | None = None
    allowed: Sequence[str] = ()
    exclude: Sequence[str] = ()
    no_deletes: bool = False
    parallelism: int = 8
    expect_digest: Approval | None = None

    @property
    def for_commands(self) -> CommandOptions:
        """The options that a command needs to continue this run."""
        return CommandOptions(
            config_paths=tuple(map(str, self.config_paths)),
            endpoint=self.endpoint or "",
            backup_dir=str(self.backup_dir or ""),
            allowed=tuple(self.allowed),
            exclude=tuple(self.exclude),
            no_deletes=self.no_deletes,
        )
