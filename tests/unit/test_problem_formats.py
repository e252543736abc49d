"""`validate --format`: what GitHub, GitLab and readers of SARIF are told of each problem."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from groupsync.errors import ConfigError, Problem
from groupsync.render.problems import (
    VALIDATION_FORMATS,
    render_as_json,
    render_as_sarif,
    render_for_github,
    render_for_gitlab,
    render_validation,
)

SARIF = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8"))
AT_LINE = Problem(file="groups.yaml", line=3, column=5, sentence='groups[0]: NO: quote it: "NO"')
WHOLE_FILE = Problem(file="a b,c:d%.yaml", sentence="there is no such file")
NO_FILE = Problem(sentence="more problems follow: fix these first")
ALL = (AT_LINE, WHOLE_FILE, NO_FILE)
HOSTILE = (*"\n\r\u2028\x85\x0b\x1c", "::", "::error::x", "##[add-mask]", "%0A", ",line=1", "\x1b[2J")

texts = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=5)), max_size=6).map("".join)
problems = st.lists(
    st.builds(Problem, file=texts, line=st.just(0), column=st.just(0), sentence=texts)
    | st.builds(Problem, file=texts, line=st.integers(1, 9), column=st.integers(1, 9), sentence=texts),
    max_size=4,
)


def find_sarif_violations(text: str) -> list[str]:
    return [error.message for error in Draft4Validator(SARIF).iter_errors(json.loads(text))]


def test_github_gets_an_error_at_each_line() -> None:
    assert render_for_github(ALL) == (
        '::error title=groupsync,file=groups.yaml,line=3,col=5::groups[0]: NO: quote it: "NO"\n'
        "::error title=groupsync,file=a b%2Cc%3Ad%25.yaml::a b,c:d%25.yaml: there is no such file\n"
        "::error title=groupsync::more problems follow: fix these first\n"
    )


@given(problems)
def test_whatever_the_names_are_github_gets_nothing_but_one_error_a_problem(found: list[Problem]) -> None:
    text = render_for_github(found)

    lines = text.splitlines()
    assert len(lines) == len(found)
    assert all(re.match(r"::error title=groupsync(,file=[^:,]+)?(,line=\d,col=\d)?::", line) for line in lines)
    assert "##[" not in text


@given(problems)
def test_sarif_follows_its_schema_whatever_the_names_are(found: list[Problem]) -> None:
    assert find_sarif_violations(render_as_sarif(found)) == []


def test_the_schema_of_sarif_finds_a_planted_mistake() -> None:
    planted = render_as_sarif(ALL).replace('"startLine": 3', '"startLine": 0')

    assert find_sarif_violations(planted) == ["0 is less than the minimum of 1"]


def test_sarif_names_files_by_uris() -> None:
    (first, second, third) = json.loads(render_as_sarif(ALL))["runs"][0]["results"]

    (location,) = first["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "groups.yaml"},
        "region": {"startLine": 3, "startColumn": 5},
    }
    (location,) = second["locations"]
    assert location["physicalLocation"] == {"artifactLocation": {"uri": "a%20b%2Cc%3Ad%25.yaml"}}
    assert "locations" not in third


def test_gitlab_gets_a_report_whose_fingerprints_differ_and_stay_when_the_line_moves() -> None:
    moved = Problem(file=AT_LINE.file, line=9, column=1, sentence=AT_LINE.sentence)

    issues: list[dict[str, Any]] = json.loads(render_for_gitlab([AT_LINE, AT_LINE, WHOLE_FILE]))
    (after,) = json.loads(render_for_gitlab([moved]))

    assert [set(issue) for issue in issues] == [
        {"description", "check_name", "fingerprint", "severity", "location"}
    ] * 3
    assert [issue["location"] for issue in issues[1:]] == [
        {"path": "groups.yaml", "lines": {"begin": 3}},
        {"path": WHOLE_FILE.file, "lines": {"begin": 1}},
    ]
    assert len({issue["fingerprint"] for issue in issues}) == 3
    assert after["fingerprint"] == issues[0]["fingerprint"]


def test_json_says_null_where_there_is_no_line() -> None:
    assert json.loads(render_as_json([NO_FILE])) == {
        "format_version": 1,
        "is_valid": False,
        "problems": [{"file": None, "line": None, "column": None, "problem": NO_FILE.sentence}],
    }


def test_every_format_of_the_command_is_rendered() -> None:
    rendered = {name: render_validation(ConfigError(ALL), name) for name in VALIDATION_FORMATS}

    assert [name for name, text in rendered.items() if not text] == ["text"]
    assert len(set(rendered.values())) == len(VALIDATION_FORMATS)
