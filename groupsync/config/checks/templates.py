"""Names and patterns that look like a template that was not filled in: `${TEAM} customers`, `{{ team }}`, `%TEAM%`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from groupsync.config.checks.misread import list_parts
from groupsync.config.problems import quote_short

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from groupsync.config.problems import ConfigProblem
    from groupsync.config.source.located import Document
    from groupsync.schema import KeyPath

_SIGNS = ("$", "%", "@", "{{", "#{", "__")  # every template has one
# Not `{VIP}`, `$5 off`, `$ale`, `100% cotton`, `me@example.com`: real names look like that.
_TEMPLATE = re.compile(
    r"""
      \$\{\{[^{}]*\}\} | \$\{[^{}]*\}            # ${TEAM}, ${TEAM:-x}, ${{ env.TEAM }}
    | \$\([A-Za-z_][^()]*\)                      # $(TEAM), $(date)
    | (?<![\w$])\$[A-Z][A-Z0-9_]+(?!\w)          # $TEAM
    | (?<![\w$])\$[a-z]+(?:_[a-z0-9]+)+(?!\w)    # $team_name
    | \{\{[^{}]*\}\} | \{%.*?%\} | [%\#]\{[^{}]*\} | <%.*?%>
    | %\([A-Za-z_]\w*\)[a-z]                     # %(team)s
    | (?<![\w%])%[A-Z_][A-Z0-9_]*%(?![\w%])      # %TEAM%
    | (?<![\w@])@[A-Z][A-Z0-9_]+@(?![\w@])       # @TEAM@
    | (?<!\w)__[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*__(?!\w)
    """,
    re.VERBOSE,
)
_LONGEST_NAME = 1_000  # no longer one is searched


def find_templates(document: Document) -> Iterator[ConfigProblem]:
    """Yield a warning for each name and pattern that looks like a template."""
    if not any(sign in document.file.text for sign in _SIGNS):
        return
    for path, text, offset in _find_names(document.value, ()):
        if found := _TEMPLATE.search(text[:_LONGEST_NAME]):
            what = f"{quote_short(found[0])} looks like a template that was not filled in"
            yield document.file.problem(
                offset, f"{what}: write the text that is meant, because groupsync does not fill in templates", path
            )


def _find_names(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str, int]]:
    """Yield path, text and offset of each text that is a list item or a name."""
    for step, part, offset in list_parts(value):
        if not isinstance(part, str):
            yield from _find_names(part, (*path, step))
        elif isinstance(step, int) or step == "name":
            yield (*path, step), part, offset
