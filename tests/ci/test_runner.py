"""The runner of these tests evaluates expressions as GitHub's documentation says."""

from __future__ import annotations

import pytest

from tests.ci.expressions import evaluate_condition, fill
from tests.ci.runner import read_outputs

CONTEXT = {
    "github": {"event": {"head": {"repo": None}}, "repository": "acme/phonebook"},
    "needs": {"plan": {"outputs": {"changes": "2", "reviewed": "true"}}},
    "env": {"FORK": "false"},
}
FUNCTIONS = {
    "success": lambda: False,
    "failure": lambda: True,
    "always": lambda: True,
    "cancelled": lambda: False,
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a ${{ github.repository }} b", "a acme/phonebook b"),
        ("${{ github.event.head.repo.full_name != github.repository }}", "true"),
        ("${{ needs.plan.outputs.changes != '0' }}", "true"),
        ("${{ needs.plan.outputs.missing == '0' }}", "true"),  # nothing and '0' are both the number 0
        ("${{ needs.plan.outputs.missing }}", ""),
        ("${{ needs.plan.outputs.reviewed == 'TRUE' && 'yes' || 'no' }}", "yes"),
        ("${{ !(env.FORK == 'false') && 'yes' || 'it''s no' }}", "it's no"),
        ("${{ false || true }}", "true"),
    ],
)
def test_expressions(text: str, value: str) -> None:
    assert fill(text, CONTEXT, FUNCTIONS) == value


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("env.FORK == 'false'", False),  # a step has failed, and no status function allows that
        ("${{ !cancelled() && env.FORK == 'false' }}", True),
        ("always()", True),
        ("failure() && env.FORK == 'true'", False),
    ],
)
def test_conditions(text: str, holds: bool) -> None:
    assert evaluate_condition(text, CONTEXT, FUNCTIONS) is holds


@pytest.mark.parametrize("text", ["${{ a + b }}", "${{ github.repository github }}", "${{ contains(a, b) }}"])
def test_an_unknown_expression_is_an_error(text: str) -> None:
    with pytest.raises((AssertionError, KeyError)):
        fill(text, CONTEXT, FUNCTIONS)


def test_an_output_of_several_lines_is_an_error() -> None:
    assert read_outputs("a=1\nb=x=y\n") == {"a": "1", "b": "x=y"}
    with pytest.raises(AssertionError):
        read_outputs("a<<EOF\n1\nEOF\n")
