"""What happens next with a plan: a command to type, or in CI who applies it and when. For Markdown and HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.command import write_path
from groupsync.planfile.approval import make_approval, render_approval

if TYPE_CHECKING:
    from groupsync.model.ci_run import CiRun
    from groupsync.model.review import Review
    from groupsync.render.view import View

LONGEST_APPROVAL = 500
"""The longest approval that a page contains, in characters: about a hundred deletions. Markdown has it twice."""

_PLAN_FILE = "plan.json"
_TOO_MANY = (
    "This plan deletes so many groups that its approval does not fit here. Somebody must approve the plan "
    "before it is applied."
)


class NextStep(Struct, frozen=True, kw_only=True):
    """How a plan is applied: a sentence, and the commands to type below it. In CI, nobody types a command."""

    sentence: str
    commands: tuple[str, ...] = ()


def render_short_approval(review: Review) -> str:
    """Return the approval of the plan as text; empty if it has none, or if it is too long for a page."""
    approval = make_approval(review)
    text = render_approval(approval) if approval else ""
    return text if len(text) <= LONGEST_APPROVAL else ""


def find_next_step(review: Review, view: View) -> NextStep | None:
    """Return the next step; None for a plan that is refused or has no changes."""
    if not review.plan.changes or review.refusals:
        return None
    approval = render_short_approval(review)
    if view.ci_run:
        return NextStep(sentence=_describe_ci(view.ci_run) if approval else _TOO_MANY)
    if view.plan_file:
        command = view.options.write("apply", write_path(view.plan_file))
        return NextStep(sentence="To apply exactly this plan:", commands=(command,))
    plan = view.options.write("plan", "--out", _PLAN_FILE)
    expected = approval or f'"$(jq -r .approval {_PLAN_FILE})"'
    apply = f"{view.options.write('apply', _PLAN_FILE)} --expect-digest {expected}"
    sentence = (
        "To apply exactly this plan:" if approval else f"{_TOO_MANY} Read the new plan before the second command:"
    )
    return NextStep(sentence=sentence, commands=(plan, apply))


def _describe_ci(ci_run: CiRun) -> str:
    """Return who applies the plan and when, as the workflows in `examples/ci` do."""
    if not ci_run.is_pull_request:
        return "Next: if this pipeline applies plans, it applies this one, at once or after an approval."
    if ci_run.system == "GitLab":
        return (
            "Next: nothing is applied before the merge. After it, the pipeline of the main branch plans again, and "
            "a person starts its apply job."
        )
    return (
        "Next: nothing is applied before the merge. After it, the pipeline of the main branch plans again and "
        "applies these changes. If the changes differ by then, or more contacts would lose a group, somebody must "
        "approve the new plan first."
    )
