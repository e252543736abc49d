"""What happens next with a plan: a command to type, or in CI who applies it and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.command import write_path
from groupsync.render.escape import in_fence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.model.ci_run import CiRun
    from groupsync.model.review import Review
    from groupsync.render.view import View

_PLAN_FILE = "plan.json"
_TOO_MANY = (
    "This plan deletes so many groups that its approval does not fit here. Somebody must approve the plan "
    "before it is applied."
)


def render_next_step(review: Review, view: View, approval: str) -> Iterator[str]:
    """Yield the next step; nothing for a plan that is refused or has no changes.

    `approval` is empty if it does not fit on the page.
    """
    if not review.plan.changes or review.refusals:
        return
    if view.ci_run:
        yield _describe_ci(view.ci_run) if approval else _TOO_MANY
    elif view.plan_file:
        yield "To apply exactly this plan:"
        yield _write_commands(view.options.write("apply", write_path(view.plan_file)))
    else:
        yield "To apply exactly this plan:" if approval else f"{_TOO_MANY} Read the new plan before the second command:"
        plan = view.options.write("plan", "--out", _PLAN_FILE)
        expected = approval or f'"$(jq -r .approval {_PLAN_FILE})"'
        apply = view.options.write("apply", _PLAN_FILE)
        yield _write_commands(plan, f"{apply} --expect-digest {expected}")


def _write_commands(*commands: str) -> str:
    return "\n".join(in_fence(commands, "sh"))


def _describe_ci(ci_run: CiRun) -> str:
    """Return who applies the plan and when, as the workflows in `examples/ci` do."""
    if not ci_run.is_pull_request:
        return "**Next:** if this pipeline applies plans, it applies this one, at once or after an approval."
    if ci_run.system == "GitLab":
        return (
            "**Next:** nothing is applied before the merge. After it, the pipeline of the main branch plans again, and "
            "a person starts its apply job."
        )
    return (
        "**Next:** nothing is applied before the merge. After it, the pipeline of the main branch plans again and "
        "applies these changes. If the changes differ by then, or more contacts would lose a group, somebody must "
        "approve the new plan first."
    )
