"""HTML for a reader who does not use git: one file, which needs no script and sends no request.

Jinja2 is imported here only, so a run that writes no HTML does not wait for it.
"""

from groupsync.render.html.plan import render_check_html, render_html
from groupsync.render.html.report import render_report_html
from groupsync.render.html.restore import render_obstacles_html, render_restore_html
from groupsync.render.html.stale import render_stale_html

__all__ = [
    "render_check_html",
    "render_html",
    "render_obstacles_html",
    "render_report_html",
    "render_restore_html",
    "render_stale_html",
]
