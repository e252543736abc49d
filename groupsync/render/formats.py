"""The formats of a review and of a report, by their names on the command line.

The command line needs the names for every command. The renderers that a plan on a terminal does not need are therefore
imported by the first call.
"""
# ruff: noqa: PLC0415

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from groupsync.model.plan import summarize
from groupsync.planfile.review import dump_review
from groupsync.render.text import render_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from groupsync.model.report import Report
    from groupsync.model.review import Review
    from groupsync.render.view import View


def render_json(review: Review, _view: View) -> str:
    """Return the plan file, which is complete whatever the view."""
    return dump_review(review).decode()


def render_gitlab_report(review: Review) -> str:
    """Return the figures that GitLab shows next to a merge request, as `artifacts:reports:terraform` takes them."""
    summary = summarize(review.plan.changes)
    figures = {"create": summary.create, "update": summary.rename, "delete": summary.delete}
    return json.dumps(figures, separators=(",", ":")) + "\n"


def render_page(review: Review, view: View) -> str:
    """Return the page in HTML."""
    from groupsync.render.html import render_html

    return render_html(review, view)


def _render_markdown(review: Review, view: View) -> str:
    from groupsync.render.markdown import render_markdown

    return render_markdown(review, view)


def _render_report_text(report: Report, _review: Review, view: View) -> str:
    from groupsync.render.report import render_report

    return render_report(report, view.detail, view.options)


def _render_report_markdown(report: Report, review: Review, view: View) -> str:
    from groupsync.render.markdown import render_report_markdown

    return render_report_markdown(report, review, view)


REPORT_FORMATS: Mapping[str, Callable[[Report, Review, View], str]] = {
    "text": _render_report_text,
    "markdown": _render_report_markdown,
}

REVIEW_FORMATS: Mapping[str, Callable[[Review, View], str]] = {
    "text": render_text,
    "markdown": _render_markdown,
    "json": render_json,
}
