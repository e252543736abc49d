"""What a command prints of a review, and the files that it writes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from groupsync.environment import find_ci_run, find_commit
from groupsync.files import write_file
from groupsync.model.command import NO_OPTIONS, write_path
from groupsync.planfile.review import dump_review
from groupsync.render.formats import REPORT_FORMATS, REVIEW_FORMATS, render_gitlab_report
from groupsync.render.view import DEFAULT_VIEW, Detail, View
from groupsync.runs.output_files import remove_previous_report

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.cli.terminal import Terminal
    from groupsync.model.report import Report
    from groupsync.model.review import Review


def make_view(terminal: Terminal, detail: str, *, max_bytes: int = DEFAULT_VIEW.max_bytes) -> View:
    """Return how the user wants a review to be rendered."""
    return View(
        detail=Detail(detail),
        commit=find_commit(terminal.environ),
        ci_run=find_ci_run(terminal.environ),
        options=terminal.options or NO_OPTIONS,
        plan_file=str(terminal.plan_file or ""),
        max_bytes=max_bytes,
    )


def make_page_view(view: View) -> View:
    """Return the view for a file: `--quiet` is for what is printed, a page is always whole."""
    return replace(view, detail=Detail.CONCISE) if view.detail is Detail.QUIET else view


def write_apply_command(terminal: Terminal) -> str:
    """Return the command that applies the plan file of this run."""
    return (terminal.options or NO_OPTIONS).write("apply", write_path(str(terminal.plan_file)))


def print_review(terminal: Terminal, review: Review, view: View, format_name: str) -> None:
    """Print the review; formats other than text are printed as they are."""
    terminal.print_result(REVIEW_FORMATS[format_name](review, view), is_file=format_name != "text")


def print_report(terminal: Terminal, report: Report, review: Review, view: View, format_name: str) -> None:
    """Print the report of the apply of a review."""
    terminal.print_report(REPORT_FORMATS[format_name](report, review, view), is_file=format_name != "text")


class ReviewFiles:
    """The files that the user named for a review: the plan file, Markdown, the figures for GitLab.

    Making it removes the Markdown of an earlier run, which must not be taken for this one's.
    """

    def __init__(self, *, out: Path | None, markdown: Path | None, gitlab_report: Path | None) -> None:
        self._files = {"--out": out, "--markdown": markdown, "--gitlab-report": gitlab_report}
        named = [path for path in self._files.values() if path]
        if len({path.absolute() for path in named}) < len(named):
            raise click.UsageError(f"{', '.join(self._files)} must each name a file of its own.")
        remove_previous_report(markdown)

    @property
    def paths(self) -> list[Path | None]:
        """Their paths, None for each one that the user did not name."""
        return [*self._files.values()]

    def write(self, review: Review, view: View) -> None:
        """Write them all, whatever the verdict."""
        if out := self._files["--out"]:
            write_file(out, dump_review(review))
        if markdown := self._files["--markdown"]:
            write_file(markdown, REVIEW_FORMATS["markdown"](review, make_page_view(view)).encode(), is_private=False)
        if gitlab_report := self._files["--gitlab-report"]:
            write_file(gitlab_report, render_gitlab_report(review).encode(), is_private=False)
