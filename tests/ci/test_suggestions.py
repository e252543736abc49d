"""Rename suggestions as review comments: what GitHub commits with one click turns the plan into a rename."""

from __future__ import annotations

import importlib.util
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groupsync.editing.diff import render_diff
from tests.ci.conftest import make_comment, make_sha
from tests.ci.runner import ROOT

if TYPE_CHECKING:
    from groupsync.sandbox import Sandbox
    from tests.ci.conftest import GitHubProject

BASE = "policy:\n  unlisted: delete\ngroups:\n  - VIP # since 2019\n  - Newsletter\n"
HEAD = BASE.replace("- VIP #", "- VIP customers #")


def load_program() -> Any:
    spec = importlib.util.spec_from_file_location("suggest", ROOT / "action" / "suggest.py")
    assert spec
    assert spec.loader
    program = importlib.util.module_from_spec(spec)
    import sys  # noqa: PLC0415 - dataclasses look the module up

    sys.modules["suggest"] = program
    spec.loader.exec_module(program)
    return program


PROGRAM = load_program()
lines = st.lists(st.sampled_from(["- a", "--- b", "+++ b/c", "@@ -1 +1 @@", "", "\\ x", "d"]), max_size=8)


def commit(text: str, suggestion: dict[str, Any]) -> str:
    """Return the text with a suggestion committed as GitHub does: its lines replace those of the comment."""
    found = re.search(r"^(`{3,})suggestion\n(.*?)^\1$", suggestion["body"], flags=re.DOTALL | re.MULTILINE)
    assert found
    all_lines = text.splitlines(keepends=True)
    first = suggestion.get("start_line", suggestion["line"])
    all_lines[first - 1 : suggestion["line"]] = [found[2]]
    return "".join(all_lines)


def open_pull_request(project: GitHubProject, sandbox: Sandbox, head: str = HEAD) -> None:
    sandbox.add_group("VIP", contacts=3)
    sandbox.add_group("Newsletter", contacts=2)
    project.write_base(BASE)
    project.write(head)


def test_a_committed_suggestion_turns_the_plan_into_a_rename(project: GitHubProject, sandbox: Sandbox) -> None:
    open_pull_request(project, sandbox)

    refused = project.push()
    (suggestion,) = project.state()["review_comments"]
    file = project.machine.repository / "groups.yaml"
    file.write_text(commit(file.read_text(encoding="utf-8"), suggestion), encoding="utf-8")
    done = project.push()
    jobs = project.merge()

    assert refused.result == "failure"
    assert suggestion["path"] == "groups.yaml"
    assert suggestion["commit_id"] != project.sha
    assert "previously: [VIP]" in file.read_text(encoding="utf-8")
    assert "# since 2019" in file.read_text(encoding="utf-8")
    assert done.result == "success", done.log
    assert "renames=1\n" in done.written
    assert project.state()["review_comments"] == [], "the suggestion of the earlier commit is gone"
    assert jobs["apply"].result == "success"
    assert sandbox.names() == ["Newsletter", "VIP customers"]


def test_old_suggestions_are_replaced_and_other_comments_stay(project: GitHubProject, sandbox: Sandbox) -> None:
    open_pull_request(project, sandbox)
    project.push()
    (own,) = project.state()["review_comments"]
    others = [make_comment(own["body"]), {**own, "id": 2, "body": "Looks good\n" + own["body"]}]
    with project.editing() as state:
        state["review_comments"] += others
    project.write(HEAD + "# another commit\n")

    project.push()

    *kept, new = project.state()["review_comments"]
    assert kept == others
    assert new["body"] == own["body"]
    assert (new["id"], new["commit_id"]) == (new["id"], project.sha)
    assert new["id"] != own["id"]


@pytest.mark.parametrize("reason", ["the head has another file", "the line is not in the pull request"])
def test_a_suggestion_that_cannot_be_committed_stays_in_the_comment(
    project: GitHubProject, sandbox: Sandbox, reason: str
) -> None:
    open_pull_request(project, sandbox)
    if reason == "the line is not in the pull request":
        project.write_base(HEAD + "#\n" * 9)
        project.write(HEAD + "#\n" * 9 + "ignore: [x]\n")
    else:
        project.describe_head = lambda blobs: dict.fromkeys(blobs, make_sha("another"))

    done = project.push()

    assert done.result == "failure"
    assert project.state()["review_comments"] == []
    assert "previously: [VIP]" in project.comments()[0]
    assert "could not be shown" not in done.log


def test_a_failure_of_the_suggestions_is_no_failure_of_the_plan(project: GitHubProject, sandbox: Sandbox) -> None:
    open_pull_request(project, sandbox)
    with project.editing() as state:
        del state["review_comments"]

    done = project.push()

    assert done.errors == ["The plan is refused; the comment says why and what to do."]
    assert "The suggestions could not be shown at their lines" in done.log


def test_a_hostile_name_stays_inside_its_suggestion(project: GitHubProject, sandbox: Sandbox) -> None:
    name = ["````", "@everyone"][0] + "suggestion <!-- VIP --> ::error::x"
    sandbox.add_group(f"{name} 1", contacts=3)
    project.write_base(f"policy:\n  unlisted: delete\ngroups:\n  - {json.dumps(name + ' 1')}\n")
    project.write(f"policy:\n  unlisted: delete\ngroups:\n  - {json.dumps(name + ' 2')}\n")

    done = project.push()

    (suggestion,) = project.state()["review_comments"]
    *_, fence = suggestion["body"].rstrip("\n").split("\n")
    assert set(fence) == {"`"}
    assert len(fence) == 5
    assert suggestion["body"].count(fence) == 2
    assert [error for error in done.errors if error.startswith("x")] == []


@given(lines, lines)
def test_the_suggestions_of_a_diff_make_the_new_text(old: list[str], new: list[str]) -> None:
    """Even if lines look like those of a diff. A file that was empty, or begins with a new line, is left out."""
    old_text, new_text = ("".join(f"{line}\n" for line in part) for part in (["first", *old], ["first", *new]))

    found = list(PROGRAM.read_suggestions(render_diff("groups.yaml", old_text, new_text)))

    made = old_text.splitlines(keepends=True)
    for one in reversed(found):
        made[one.first - 1 : one.last] = [f"{line}\n" for line in one.lines]
    assert "".join(made) == new_text
    assert {one.path for one in found} <= {"groups.yaml"}


@given(st.lists(st.sampled_from(["```", "`````", "a", "", "x ```` y"]), min_size=1, max_size=4).map("\n".join))
def test_no_line_ends_the_block(text: str) -> None:
    suggestion = PROGRAM.Suggestion(path="groups.yaml", first=1, last=1, lines=tuple(text.split("\n")))

    body = PROGRAM.write_body(suggestion, "acc-000000000000")

    assert commit("old\n", {"body": body, "line": 1}) == f"{text}\n"


def test_only_lines_that_github_shows_and_keeps_are_suggested() -> None:
    def check(*new: str, first: int = 2, last: int = 2) -> bool:
        return bool(PROGRAM.can_be_shown(PROGRAM.Suggestion(path="x", first=first, last=last, lines=new), {2, 3}))

    assert check("a")
    assert not check("a", first=1)
    assert not check("a", last=4)
    assert not check("a\r")
    assert not check("a\u202eb")
    assert not check("a" * 501)
    assert PROGRAM.list_shown_lines("@@ -1,2 +4,3 @@\n a\n-b\n+c\n+d\n@@ -9 +11 @@\n-e\n+f") == {4, 5, 6, 11}
