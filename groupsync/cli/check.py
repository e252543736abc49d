"""`groupsync check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from groupsync.cli import options
from groupsync.cli.outputs import make_view
from groupsync.cli.steps import make_limits, open_phonebook, read_config
from groupsync.cli.write_steps import find_backup_folder, read_plan, verify_plan
from groupsync.environment import load_settings
from groupsync.errors import ExitCode
from groupsync.render.check import render_check
from groupsync.review.require import require_account, require_digest
from groupsync.review.verify import require_target

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.cli.terminal import Terminal


@click.command()
@click.argument("plan_file", metavar="PLAN", type=options.PATH)
@options.config_paths
@options.endpoint
@options.timeout
@options.backup_dir
@options.allow
@options.expect_digest
@options.quiet
@options.verbose
@click.pass_obj
def check(
    app: Terminal,
    *,
    plan_file: Path,
    config_paths: tuple[Path, ...],
    endpoint: str | None,
    timeout: float,
    backup_dir: Path | None,
    allowed: tuple[str, ...],
    expect_digest: str | None,
    detail: str,
) -> int:
    """Tell whether a saved plan would still be applied.

    Verifies all that `apply PLAN` verifies before its first write, ends with the same exit codes, and leaves the
    Phonebook as it is.
    """
    saved = read_plan(plan_file)
    config = read_config(app, config_paths)
    settings = load_settings(app.environ, endpoint=endpoint)
    require_account(config, settings.target)
    require_target(saved, settings.target)
    backups = find_backup_folder(app, backup_dir, settings.target)
    with open_phonebook(settings, timeout=timeout) as phonebook:
        require_digest(saved, expect_digest)
        app.warn(saved.plan.warnings)
        run_policy = make_limits(app, allowed, backup_dir, applies_to=settings.target)
        verified = verify_plan(
            app,
            saved,
            phonebook,
            config=config,
            target=settings.target,
            run_policy=run_policy,
            view=make_view(app, detail, excerpt=config.excerpt),
        )
    if backups and verified.needs_backups:
        backups.prepare()
    app.print_result(render_check(verified))
    return ExitCode.DONE
