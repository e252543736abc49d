"""Every input is judged in bounded time and memory, ends with a documented exit code, and is answered briefly.

A sample of the corpus runs always, all of it with `--all`. `python -m tests.hostile.table` prints the figures.
"""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.hostile.answers import make_group, write_groups
from tests.hostile.case import Case
from tests.hostile.corpus import CASES
from tests.hostile.measuring import Run, run_case

MORE_SECONDS, MORE_MEMORY = 3.0, 200.0
MOST_STDERR = 100_000
SAMPLE = {
    ("configuration, YAML", "line breaks"),
    ("configuration, YAML", "list items `- a`"),
    ("configuration, YAML", "merge keys"),
    ("configuration, YAML", "a number in base 60"),
    ("configuration, YAML", "10,000 patterns"),
    ("configuration, YAML", "1,000 patterns that begin with *"),
    ("configuration, JSON", "numbers"),
    ("configuration, JSON", "a long key"),
    ("list of groups", "200,000 groups of one name"),
    ("answer about one group", "a long name"),
    ("error answer", "digits and blanks"),
    ("members of a group", "100,000 contacts"),
    ("plan file", "empty objects"),
    ("backup file", "an unknown version"),
    ("environment variable", "a pattern of stars"),
    ("command line", "a long file"),
    ("name to create", "200,000 combining marks"),
    ("name deleted", "1 Mi of U+FDFA"),
    ("name protected", "1 Mi letters"),
}


def make_ordinary_case(count: int = 100_000) -> Case:
    """Return a plan for groups of which each is listed with its id."""
    groups = [make_group(number, f"Newsletter {number}, Tallinn") for number in range(count)]
    entries = [f"  - name: {group['name']}\n    id: {UUID(int=number)}\n" for number, group in enumerate(groups)]
    config = "version: 1\npolicy: {unlisted: keep}\ngroups:\n" + "".join(entries)
    return Case(
        args=("plan",),
        exit_codes=frozenset({0}),
        files={"groups.yaml": config.encode()},
        answers={"GET /phonebook/groups": (200, write_groups(groups))},
    )


@pytest.fixture(scope="module")
def ordinary() -> Run:
    """What 100,000 ordinary groups need on this machine."""
    case = make_ordinary_case()
    run = run_case(case)
    assert run.exit_code == 0, run.stderr  # there may be signs of life in it
    return run


@pytest.mark.parametrize(
    ("way", "name"),
    [pytest.param(*key, marks=() if key in SAMPLE else pytest.mark.slow, id=": ".join(key)) for key in CASES],
)
def test_a_hostile_input_is_judged_in_bounded_time_and_memory(ordinary: Run, way: str, name: str) -> None:
    case = CASES[way, name]()

    run = run_case(case)

    assert "Traceback" not in run.stderr, run.stderr[-2_000:]
    assert run.exit_code in case.exit_codes, run.stderr[:2_000]
    assert run.seconds < ordinary.seconds + MORE_SECONDS
    assert run.memory < ordinary.memory + MORE_MEMORY
    assert len(run.stderr) < MOST_STDERR


def test_the_sample_is_of_the_corpus() -> None:
    assert CASES.keys() >= SAMPLE
