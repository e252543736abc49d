"""Why a plan is refused, as Markdown: each reason as a sentence, each remedy with the lines to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count, count_contacts, quote_name
from groupsync.render.escape import in_code, in_fence, in_text
from groupsync.render.findings import MOST_SUGGESTIONS, split_remedy
from groupsync.render.markdown.page import BLANK_LINE, Section

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.model.plan import PlanProblem
    from groupsync.model.review import GuardFinding, Review, Suggestion


def make_refusals(review: Review) -> Section:
    """Return the section that says why a plan is refused, or why no plan can be made."""
    problems = [_render_finding("", problem) for problem in review.plan.problems]
    guards = [_render_finding(f"**{guard.code}**: ", guard) for guard in review.guards if not guard.allowed]
    return Section(
        rank=0,
        title="**No plan can be made until this is resolved:**" if problems else "**Why it is refused:**",
        items=[*problems, *guards],
        kind="reasons",
        between=BLANK_LINE,
    )


def _render_finding(title: str, finding: PlanProblem | GuardFinding) -> str:
    source = f" ({finding.source})" if finding.source else ""
    message = finding.message if title else finding.message[:1].upper() + finding.message[1:]
    sentence = f"{title}{in_text(f'{message}{source}')}."
    return "\n".join([sentence, "", *_render_remedies(finding.remedy)]).rstrip()


def _render_remedies(remedies: Sequence[str]) -> Iterator[str]:
    """Yield the remedies as a list; lines to paste are a code block below their sentence, indented as in the file."""
    for remedy in remedies:
        parts = split_remedy(remedy)
        yield f"{'  ' if parts.is_item else ''}- {in_text(parts.sentence)}"
        if parts.lines:
            yield ""
            yield from (f"  {line}" for line in in_fence(parts.lines, parts.language))
            yield ""


def make_suggestions(suggestions: Sequence[Suggestion]) -> Section:
    """Return the section of likely renames, as questions that only a person can answer."""
    pairs = count(len(suggestions), "pair looks", "pairs look")
    likeliest = f", the likeliest {MOST_SUGGESTIONS}" if len(suggestions) > MOST_SUGGESTIONS else ""
    return Section(
        rank=2,
        title=f"**{pairs} like a rename, which would keep the contacts{likeliest}:**",
        items=[_render_suggestion(suggestion) for suggestion in suggestions[:MOST_SUGGESTIONS]],
        kind="suggestions",
        between=BLANK_LINE,
    )


def _render_suggestion(suggestion: Suggestion) -> str:
    before, after = in_code(quote_name(suggestion.before)), in_code(quote_name(suggestion.after))
    pair = f"{before} → {after}, {count_contacts(suggestion.contacts_count)}"
    return "\n".join([pair, "", *_render_remedies(suggestion.remedy)]).rstrip()
