"""Markdown for the page of a pull request: what may be lost first, and never more than the page takes."""

from groupsync.render.markdown.plan import render_markdown
from groupsync.render.markdown.report import render_report_markdown

__all__ = ["render_markdown", "render_report_markdown"]
