"""Markdown for the page of a pull request: what may be lost comes first, and the page has a maximum size."""

from groupsync.render.markdown.plan import render_markdown
from groupsync.render.markdown.report import render_report_markdown

__all__ = ["render_markdown", "render_report_markdown"]
