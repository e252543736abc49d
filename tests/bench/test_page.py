"""docs/performance.md reports all measurements and no others."""

from __future__ import annotations

import pytest

from benchmarks.compare import RESULTS
from benchmarks.measuring import ROOT
from benchmarks.results import Results, dump_results, load_results
from benchmarks.tables import put_into_page, render_tables
from benchmarks.targets import judge


@pytest.fixture(scope="module")
def results() -> Results:
    return load_results(RESULTS.read_text())


def test_the_page_is_generated_from_the_results(results: Results) -> None:
    page = (ROOT / "docs" / "performance.md").read_text()

    assert put_into_page(page, render_tables(results)) == page
    assert f"### {[*results.cases.values()][-1].title}" in page


def test_results_are_read_back_as_they_were_written(results: Results) -> None:
    assert dump_results(results) == RESULTS.read_text()


def test_every_target_was_measured(results: Results) -> None:
    assert [verdict.text for verdict in judge(results) if verdict.is_met is None] == []


def test_a_missed_target_is_marked(results: Results) -> None:
    tables = render_tables(results)

    assert tables.count("| **missed** |") == sum(verdict.is_met is False for verdict in judge(results))
    assert tables.count("| met |") == sum(verdict.is_met is True for verdict in judge(results))
