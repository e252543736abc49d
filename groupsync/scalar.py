"""Text as YAML that reads back exactly, by groupsync and by readers of YAML 1.1 and 1.2."""

from __future__ import annotations

import re

from groupsync.names import make_visible, quote

_PLAIN = re.compile(r"[^\W\d_](?:[\w.+/&()'-]| (?! ))*(?<! )")
_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))  # not text in YAML 1.1


def write_scalar(text: str) -> str:
    """Return the text as a YAML scalar on one line, quoted only where it would be read as anything else."""
    is_plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS and make_visible(text) == text
    return text if is_plain else quote(text).replace("##", "#\\x23")  # a log of CI may take `##[...]` for a command
