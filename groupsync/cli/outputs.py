"""What a command prints of a review, and the files that it writes of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from groupsync.command import NO_OPTIONS, write_path
from groupsync.display import format_time
from groupsync.environment.ci import find_ci_run, find_commit
from groupsync.errors import FileError
from groupsync.files import remove_file, write_file
from groupsync.fixes.codes import has_questions
from groupsync.planfile.review import dump_review
from groupsync.render.formats import REPORT_FORMATS, REVIEW_FORMATS, render_gitlab_report, render_page
from groupsync.render.view import DEFAULT_VIEW, Detail, View
from groupsync.runs.session import get_time

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from groupsync.cli.terminal import Terminal
    from groupsync.errors import StalePlanError
    from groupsync.model.report import Report
    from groupsync.model.review import Review
    from groupsync.review.verify import VerifiedPlan


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


def point_to_questions(terminal: Terminal, review: Review) -> None:
    """Print the command that asks about what a new plan refuses or suggests, if an edit of the files can solve it."""
    if has_questions(review):
        command = (terminal.options or NO_OPTIONS).write("fix")
        terminal.print_next_step(f"To answer questions about it: {command}")


def print_report(terminal: Terminal, report: Report, review: Review, view: View, format_name: str) -> None:
    """Print the report of the apply of a review."""
    terminal.print_report(REPORT_FORMATS[format_name](report, review, view), is_file=format_name != "text")


class ReviewFiles:
    """The files that the user named for a review: the plan file, Markdown, a page, the figures for GitLab."""

    def __init__(
        self, *, out: Path | None, markdown: Path | None, html: Path | None, gitlab_report: Path | None
    ) -> None:
        self._files = {"--out": out, "--markdown": markdown, "--html": html, "--gitlab-report": gitlab_report}
        require_different_files(self._files)

    @property
    def paths(self) -> list[Path | None]:
        """Their paths, None for each one that the user did not name."""
        return [*self._files.values()]

    def write(self, review: Review, view: View) -> None:
        """Write all files, also for a refused plan; if one cannot be written, write none and raise FileError."""
        written: list[Path] = []
        try:
            for option, path in self._files.items():
                if path:
                    write_file(path, _render_file(option, review, view), is_private=option == "--out")
                    written.append(path)
        except FileError:
            for path in written:
                remove_file(path)
            raise


def _render_file(option: str, review: Review, view: View) -> bytes:
    """Return the content of the file of an option."""
    if option == "--out":
        return dump_review(review)
    if option == "--markdown":
        return REVIEW_FORMATS["markdown"](review, make_page_view(view)).encode()
    if option == "--html":
        return render_page(review, make_page_view(view)).encode()
    return render_gitlab_report(review).encode()


def write_check_page(path: Path | None, verified: VerifiedPlan, view: View) -> None:
    """Write the page of a check, if the user named a file for it."""
    if path:
        from groupsync.render.html import render_check_html  # noqa: PLC0415 - few runs write HTML

        page = render_check_html(verified, make_page_view(view), format_time(get_time()))
        write_file(path, page.encode())


def write_plan_page(path: Path | None, review: Review, view: View) -> None:
    """Write the page of a new plan, if the user named a file for it."""
    if path:
        write_file(path, render_page(review, make_page_view(view)).encode())


def write_plan_markdown(path: Path | None, review: Review, view: View) -> None:
    """Write a plan as Markdown, if the user named a file for it."""
    if path:
        write_file(path, REVIEW_FORMATS["markdown"](review, make_page_view(view)).encode())


def write_refusal_page(path: Path | None, review: Review, view: View) -> None:
    """Write the page of a saved plan that is refused now, if the user named a file for it."""
    if path:
        from groupsync.render.html import render_html  # noqa: PLC0415 - few runs write HTML

        write_file(path, render_html(review, make_page_view(view), format_time(get_time())).encode())


def write_stale_page(path: Path | None, review: Review, error: StalePlanError, view: View) -> None:
    """Write the page of a plan that is stale, if the user named a file for it."""
    if path:
        from groupsync.render.html import render_stale_html  # noqa: PLC0415 - few runs write HTML

        write_file(path, render_stale_html(review, error, view, format_time(get_time())).encode())


def require_different_files(files: Mapping[str, Path | None]) -> None:
    """Raise UsageError if two options name the same file; None is no file."""
    named = [os.path.join(os.path.realpath(path.parent), path.name) for path in files.values() if path]  # noqa: PTH118 - Path.resolve raises at a link that leads to itself
    if len(set(named)) < len(named):
        raise click.UsageError(f"{', '.join(files)} must each name a different file.")
