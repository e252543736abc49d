"""Jinja2 with the encoders of this package: every text that a template prints is escaped and made visible."""

from __future__ import annotations

import base64
import functools
import hashlib
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from groupsync.display import make_visible
from groupsync.render.escape import in_html, name_in_html

_POLICY = (
    "default-src 'none'; style-src '{style}'; script-src '{script}'; "
    "base-uri 'none'; form-action 'none'; object-src 'none'"
)


def render_template(name: str, **values: Any) -> str:
    """Return the page of a template. It allows its own style and script by their hashes, and nothing else."""
    style, script = _read("style.css"), _read("script.js")
    policy = _POLICY.format(style=_hash(style), script=_hash(script))
    template = _make_environment().get_template(name)
    return template.render(style=Markup(style), script=Markup(script), policy=policy, **values)  # noqa: S704 - our files


@functools.cache
def _make_environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("groupsync.render.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_show,
    )
    environment.filters["name"] = lambda name: Markup(name_in_html(name))  # noqa: S704 - it is encoded
    environment.filters["sentence"] = lambda text: Markup(in_html(text))  # noqa: S704 - it is encoded
    return environment


def _show(value: object) -> object:
    """Return what a template prints, with a text made visible; Jinja2 escapes it afterwards."""
    return make_visible(value) if type(value) is str else value


@functools.cache
def _read(name: str) -> str:
    return (files("groupsync.render.html") / "templates" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
