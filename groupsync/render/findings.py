"""What is wrong with a plan, as lines: problems, guards, and suggestions, each with its remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.display import count, count_contacts, quote_name
from groupsync.model.config import is_json
from groupsync.names import same_name_key
from groupsync.render.phrases import describe_name_difference
from groupsync.render.view import RenderExcerpt, render_no_excerpt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.model.plan import PlanProblem
    from groupsync.model.review import GuardFinding, Review, Suggestion

MOST_SUGGESTIONS = 10
_ITEM = "  "
"""How a remedy begins that is an item below the previous one."""


class RemedyParts(Struct, frozen=True, kw_only=True):
    """A remedy as a sentence and the lines to paste below it. `is_item`: it is an item below the previous remedy."""

    sentence: str
    lines: tuple[str, ...]
    is_item: bool

    @property
    def language(self) -> str:
        """The language of the lines to paste, which the file at the end of the sentence says."""
        words = self.sentence.removesuffix(":").removesuffix(" to").split()
        return "json" if words and is_json(words[-1].partition(":")[0]) else "yaml"


def split_remedy(remedy: str) -> RemedyParts:
    """Return the parts of a remedy of a problem, a guard or a suggestion."""
    sentence, *lines = remedy.split("\n")
    if remedy.startswith(_ITEM) and not lines:
        return RemedyParts(sentence=sentence.strip(), lines=(), is_item=True)
    return RemedyParts(sentence=sentence[:1].upper() + sentence[1:], lines=tuple(lines), is_item=False)


def render_suggestions(
    suggestions: Sequence[Suggestion], excerpt: RenderExcerpt, *, mark: str = ""
) -> Iterator[list[str]]:
    """Yield the blocks of the suggestions; of many, the likeliest ones. The title begins with `mark`."""
    if suggestions:
        yield [
            f"{mark}{count(len(suggestions), 'pair looks', 'pairs look')} like a rename, which would keep the contacts:"
        ]
    for suggestion in suggestions[:MOST_SUGGESTIONS]:
        yield [
            *_render_pair(suggestion),
            *excerpt(suggestion.source),
            *_indent(suggestion.remedy),
        ]
    if len(suggestions) > MOST_SUGGESTIONS:
        yield [f"  ... and {len(suggestions) - MOST_SUGGESTIONS:,} more (--format json shows each one)"]


def _render_pair(suggestion: Suggestion) -> Iterator[str]:
    before, after = suggestion.before, suggestion.after
    yield f"  ? {quote_name(before)} -> {quote_name(after)}  {count_contacts(suggestion.contacts_count)}"
    if same_name_key(before) == same_name_key(after):
        yield f"    the two names differ only by {describe_name_difference(before, after)}"


def render_refusals(review: Review, excerpt: RenderExcerpt) -> Iterator[list[str]]:
    """Yield the blocks that say why a plan is refused, and which guards are overridden."""
    if review.plan.problems:
        yield ["Refused: no plan can be made until this is resolved."]
    elif review.refusals:
        yield ["Refused: this plan will not be applied."]
        yield from (render_guard(guard, excerpt) for guard in review.guards if not guard.allowed)
    if allowed := [guard for guard in review.guards if guard.allowed]:
        yield ["Overridden by --allow:", *(f"  {guard.code}: {guard.message}" for guard in allowed)]


def render_problem(problem: PlanProblem, excerpt: RenderExcerpt = render_no_excerpt) -> list[str]:
    """Return the lines of a problem: what is wrong, the excerpt, the remedy."""
    source = f"{problem.source}: " if problem.source else ""
    return [f"  {source}{problem.message}", *excerpt(problem.source), *_indent(problem.remedy)]


def render_guard(guard: GuardFinding, excerpt: RenderExcerpt) -> list[str]:
    """Return the lines of what a guard found: what is wrong, the excerpt, the remedy."""
    source = f" ({guard.source})" if guard.source else ""
    return [f"  {guard.code}: {guard.message}{source}", *excerpt(guard.source), *_indent(guard.remedy)]


def _indent(remedies: Sequence[str]) -> list[str]:
    """Return the lines of each remedy: the first line is indented, lines to paste are as in the file."""
    return [line for remedy in remedies for line in f"    {remedy}".split("\n")]
