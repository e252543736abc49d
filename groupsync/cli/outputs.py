"""What a command prints of a review, and the files that it writes of it besides."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from groupsync.cli.places import refuse_to_overwrite, remove_previous_report
from groupsync.environment import find_commit
from groupsync.files import write_file
from groupsync.planfile.review import dump_review
from groupsync.render.formats import REPORT_FORMATS, REVIEW_FORMATS, render_gitlab_report
from groupsync.render.view import DEFAULT_VIEW, Detail, Excerpt, View, no_excerpt

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.cli.terminal import Terminal
    from groupsync.model.report import Report
    from groupsync.model.review import Review


def make_view(
    app: Terminal, detail: str, *, excerpt: Excerpt = no_excerpt, max_bytes: int = DEFAULT_VIEW.max_bytes
) -> View:
    """Return how the user wants a review to be shown."""
    return View(detail=Detail(detail), excerpt=excerpt, commit=find_commit(app.environ), max_bytes=max_bytes)


def make_page_view(view: View) -> View:
    """Return the view of a file: quiet is what is printed, a page is always whole."""
    return replace(view, detail=Detail.CONCISE) if view.detail is Detail.QUIET else view


def print_review(app: Terminal, review: Review, view: View, format_name: str) -> None:
    """Print the review; what is not text for people is printed as it is."""
    app.print_result(REVIEW_FORMATS[format_name](review, view), is_file=format_name != "text")


def print_report(app: Terminal, report: Report, review: Review, view: View, format_name: str) -> None:
    """Print the report of the apply of a review."""
    app.print_report(REPORT_FORMATS[format_name](report, review, view), is_file=format_name != "text")


class ReviewFiles:
    """The files that the user named for a review, if any: the plan file, Markdown, the figures for GitLab."""

    def __init__(self, app: Terminal, *, out: Path | None, markdown: Path | None, gitlab_report: Path | None) -> None:
        self._app = app
        self._files = {"--out": out, "--markdown": markdown, "--gitlab-report": gitlab_report}
        named = [path for path in self._files.values() if path]
        if len({path.absolute() for path in named}) < len(named):
            raise click.UsageError(f"{', '.join(self._files)} must each name a file of its own.")
        remove_previous_report(markdown)

    def refuse_to_overwrite(self, *read: Path | str | None) -> None:
        """Raise FileError when one of them is a file that the run reads."""
        for path in self._files.values():
            refuse_to_overwrite(self._app, path, *read)

    def write(self, review: Review, view: View) -> None:
        """Write all of them, whatever the verdict."""
        if out := self._files["--out"]:
            write_file(out, dump_review(review))
        if markdown := self._files["--markdown"]:
            write_file(markdown, REVIEW_FORMATS["markdown"](review, make_page_view(view)).encode(), is_private=False)
        if gitlab_report := self._files["--gitlab-report"]:
            write_file(gitlab_report, render_gitlab_report(review).encode(), is_private=False)
