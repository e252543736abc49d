"""What happens next with a plan, as Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from groupsync.render.escape import in_fence
from groupsync.render.next_step import find_next_step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.model.review import Review
    from groupsync.render.view import View


def render_next_step(review: Review, view: View) -> Iterator[str]:
    """Yield the next step; nothing for a plan that is refused or has no changes."""
    step = find_next_step(review, view)
    if step:
        yield re.sub(r"^Next:", "**Next:**", step.sentence)
    if step and step.commands:
        yield "\n".join(in_fence(step.commands, "sh"))
