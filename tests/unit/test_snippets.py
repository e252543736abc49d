"""Lines to paste: each remedy is done to the letter in a real file, and the next plan is what it promised."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from groupsync.config.load import load_config
from groupsync.model.plan import Create, Delete, PlanProblem, Rename
from groupsync.model.review import GuardFinding
from groupsync.review.make import make_review
from tests.unit.core import LIMITS, NOW, TARGET, live, make_id
from tests.unit.pasting import paste

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from groupsync.model.groups import LiveGroup
    from groupsync.model.review import Review

NAME, TWIN = "Leads: 2024, #1", make_id(2)


def write_block(document: dict[str, Any], *, indent: str = "  ", gap: str = " ") -> str:
    """Write lists as lines, texts alone as texts, each mapping with a remark and its description over two lines."""
    lines = ["# The groups.", "version: 1"]
    for key in ("policy", "groups", "removed"):
        value = document.get(key)
        if isinstance(value, dict):
            lines += [f"{key}:", *(f"  {name}: {json.dumps(setting)}  # as agreed" for name, setting in value.items())]
        elif value:
            lines += [f"{key}:  # all of them"]
            for item in value:
                lines += _write_item(item, indent, gap)
            lines.append("")
    return "\n".join(lines) + "\n"


def _write_item(item: Any, indent: str, gap: str) -> list[str]:
    if isinstance(item, str):
        return [f"{indent}-{gap}{json.dumps(item)}  # alone"]
    below = f"{indent} {' ' * len(gap)}"
    lines = [f"{below}# a remark before the entry"]
    for number, (key, value) in enumerate(item.items()):
        if number:
            lines.append(below + f"# about {key}")
        start = f"{indent}-{gap}" if not number else below
        if key == "description":
            lines += [f"{start}{key}: >-", *(f"{below}   {line}" for line in value.split("\n"))]
        elif key == "previously":
            lines += [f"{start}{key}:", *(f"{below}- {json.dumps(name)}" for name in value)]
        else:
            lines.append(f"{start}{key}: {json.dumps(value)}  # key")
    return lines


def write_braced_items(document: dict[str, Any]) -> str:
    """Write each entry of a list of lines in braces."""
    lines = ["version: 1"]
    for key in ("policy", "groups", "removed"):
        value = document.get(key)
        if isinstance(value, dict):
            lines.append(f"{key}: {json.dumps(value)}")
        elif value:
            lines += [f"{key}:", *(f"- {json.dumps(item)}  # one" for item in value)]
    return "\n".join(lines) + "\n"


def write_flow(document: dict[str, Any]) -> str:
    """Write each list in brackets, on one line."""
    return "version: 1\n" + "".join(f"{key}: {json.dumps(document[key])}\n" for key in document)


def write_flow_lines(document: dict[str, Any]) -> str:
    """Write each list in brackets, an entry a line."""
    lines = ["version: 1"]
    for key, value in document.items():
        if isinstance(value, dict):
            lines.append(f"{key}: {json.dumps(value)}")
        else:
            lines += [f"{key}: [", *(f"    {json.dumps(item)}," for item in value), "  ]"]
    return "\n".join(lines) + "\n"


WRITERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "lines": write_block,
    "lines-at-the-margin": lambda document: write_block(document, indent=""),
    "lines-far-in": lambda document: write_block(document, indent="      ", gap="   "),
    "lines-crlf": lambda document: write_block(document).replace("\n", "\r\n"),
    "lines-crlf-groups-first": lambda document: (
        write_block(document).replace("# The groups.\nversion: 1\n", "").replace("\n", "\r\n") + "version: 1\r\n"
    ),
    "lines-without-an-end": lambda document: write_block(document).rstrip("\n"),
    "document-end": lambda document: f"---\n{write_block(document)}...\n",
    "indented": lambda document: "".join(f"   {line}\n" for line in write_block(document).splitlines()),
    "braced-entries": write_braced_items,
    "brackets": write_flow,
    "bracket-lines": write_flow_lines,
    "braces": lambda document: json.dumps({"version": 1, **document}) + "\n",
    "json": lambda document: json.dumps({"version": 1, **document}, indent=2) + "\n",
    "json-on-one-line": lambda document: json.dumps({"version": 1, **document}, separators=(",", ":")) + "\n",
}
FILES = {name: "groups.json" if name.startswith("json") else "groups.yaml" for name in WRITERS}

DELETE = {"policy": {"unlisted": "delete"}}
MANY = [live(number, f"Sale {number}", 0) for number in range(10, 22)]

# A situation: what is in the file, what is live.
SITUATIONS: dict[str, tuple[dict[str, Any], list[LiveGroup]]] = {
    "rename": ({**DELETE, "groups": ["Leads", "B"]}, [live(1, "Leads 2024", 5), live(3, "B", 1)]),
    "rename-of-the-last": (
        {**DELETE, "groups": ["B", {"name": "Leads", "description": "From: the fair\nand others"}]},
        [live(1, "Leads 2024", 5), live(3, "B", 1)],
    ),
    "rename-again": (
        {**DELETE, "groups": [{"name": "Leads", "previously": ["X", "Y"], "description": "d"}, "B"]},
        [live(1, NAME, 5), live(3, "B", 1)],
    ),
    "rename-of-twins": (
        {**DELETE, "groups": ["Leads", "B"]},
        [live(1, "Leads 2024", 5), live(2, "Leads 2024", 9), live(3, "B", 1)],
    ),
    "rename-of-a-removed-one": (
        {**DELETE, "groups": ["Leads", "B"], "removed": [{"name": "Leads 2024", "contacts_at_most": 9}]},
        [live(1, "Leads 2024", 5), live(3, "B", 1)],
    ),
    "rename-of-one-of-two-removed": (
        {
            **DELETE,
            "groups": ["Leads", "B"],
            "removed": [{"name": "C", "reason": "old"}, {"name": "Leads 2024", "contacts_at_most": 9}],
        },
        [live(1, "Leads 2024", 5), live(3, "B", 1)],
    ),
    "id-not-live": (
        {**DELETE, "groups": [{"name": "A", "id": make_id(9), "description": "d"}, "B"]},
        [live(1, "A", 5), live(2, "A", 7), live(3, "B", 1)],
    ),
    "id-not-live-at-all": (
        {**DELETE, "groups": ["B", {"id": make_id(9), "name": "A", "description": "d"}]},
        [live(3, "B", 1)],
    ),
    "listed-twice-live": ({**DELETE, "groups": ["A", "B"]}, [live(1, "A", 0), live(2, "A", 7), live(3, "B", 1)]),
    "removed-twice-live": (
        {**DELETE, "groups": ["B"], "removed": [{"name": "A", "contacts_at_most": 7, "reason": "x: y"}]},
        [live(1, "A", 0), live(2, "A", 7), live(3, "B", 1)],
    ),
    "removed-and-listed": (
        {**DELETE, "groups": ["A", "B"], "removed": [{"id": make_id(1)}]},
        [live(1, "A", 0), live(2, "A", 7), live(3, "B", 1)],
    ),
    "previously-twice-live": (
        {**DELETE, "groups": [{"name": "A", "previously": ["C", "D"]}, "B"]},
        [live(1, "C", 0), live(2, "D", 7), live(3, "B", 1)],
    ),
    "previously-still-live": (
        {**DELETE, "groups": ["B", {"name": "A", "previously": ["C", "D"]}]},
        [live(1, "A", 0), live(2, "D", 7), live(3, "B", 1)],
    ),
    "name-taken": (
        {"policy": {"unlisted": "keep"}, "groups": [{"name": "Vip", "description": "d"}, "B"]},
        [live(1, "VIP", 4), live(3, "B", 1)],
    ),
    "lost": ({**DELETE, "groups": ["B"]}, [live(1, NAME, 4), live(2, "Press", 6), live(3, "B", 1)]),
    "lost-beside-others": (
        {**DELETE, "groups": ["B"], "removed": [{"name": "C"}, {"name": "D", "reason": "old"}]},
        [live(1, NAME, 4), live(3, "B", 1)],
    ),
    "lost-with-an-empty-list": ({**DELETE, "groups": ["B"], "removed": []}, [live(1, NAME, 4), live(3, "B", 1)]),
    "lost-more": (
        {
            **DELETE,
            "groups": ["B"],
            "removed": [
                {"name": "C", "contacts_at_most": 3, "reason": "old"},
                {"name": "D"},
                {"id": TWIN, "contacts_at_most": 1},
            ],
        },
        [live(1, "C", 4), live(2, "E", 6), live(4, "D", 7), live(3, "B", 1)],
    ),
    "many": ({**DELETE, "groups": ["B"]}, [live(3, "B", 1), *MANY]),
    "many-with-a-limit": (
        {"policy": {"max_deletes": 3, "unlisted": "delete"}, "groups": ["B"]},
        [live(3, "B", 1), *MANY],
    ),
    "unlisted-refused": (
        {"policy": {"unlisted": "refuse"}, "groups": ["B"]},
        [live(3, "B", 1), live(1, NAME, 4), live(2, NAME, 6)],
    ),
    "undecided": ({"groups": ["B"]}, [live(3, "B", 1), live(1, NAME, 4)]),
    "undecided-policy": ({"policy": {"max_deletes": 2}, "groups": ["B"]}, [live(3, "B", 1), live(1, NAME, 0)]),
    "interrupted": ({**DELETE, "groups": ["A", "B"]}, [live(1, "A [groupsync 00000001]", 4), live(3, "B", 1)]),
    "interrupted-unknown": ({**DELETE, "groups": ["B"]}, [live(1, "B [groupsync 00000001]", 4), live(3, "B", 1)]),
}


@pytest.fixture(params=WRITERS)
def style(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return str(request.param)


def plan(style: str, groups: Sequence[LiveGroup]) -> Review:
    return make_review(load_config([Path(FILES[style])]), groups, TARGET, NOW, LIMITS)


def write(style: str, document: dict[str, Any]) -> None:
    Path(FILES[style]).write_bytes(WRITERS[style](document).encode())


@pytest.mark.parametrize("situation", [name for name in SITUATIONS if name.startswith("rename")])
def test_a_suggestion_that_is_pasted_is_a_rename(style: str, situation: str) -> None:
    document, groups = SITUATIONS[situation]
    write(style, document)
    [suggestion] = [one for one in plan(style, groups).suggestions if one.after == "Leads"]

    for remedy in (remedy for remedy in suggestion.remedy if not remedy.startswith("or, ")):
        if not paste(remedy):
            assert style in {"braces", "brackets", "bracket-lines", "json", "json-on-one-line"}
            assert "take out the entry at" in remedy
            pytest.skip("an entry in brackets is taken out by hand")

    after = plan(style, groups)
    renames = [change for change in after.plan.changes if isinstance(change, Rename)]
    assert [(change.group_id, change.after) for change in renames] == [(suggestion.group_id, "Leads")]
    assert [one for one in after.suggestions if one.after == "Leads"] == []


@pytest.mark.parametrize("situation", [name for name in SITUATIONS if name.startswith("rename")])
def test_a_suggestion_that_is_pasted_the_other_way_keeps_the_live_name(style: str, situation: str) -> None:
    document, groups = SITUATIONS[situation]
    write(style, document)
    [suggestion] = [one for one in plan(style, groups).suggestions if one.after == "Leads"]
    ways = [remedy for remedy in suggestion.remedy if remedy.startswith("or, ")]
    if not ways:
        assert "take out" in suggestion.remedy[0] or "remove" in "".join(suggestion.remedy)
        return

    assert paste(ways[0])

    changes = plan(style, groups).plan.changes
    changed = {change.group_id for change in changes if not isinstance(change, Create)}
    assert suggestion.group_id not in changed


@pytest.mark.parametrize("situation", [name for name in SITUATIONS if not name.startswith("rename")])
def test_each_remedy_that_is_pasted_ends_its_refusal(style: str, situation: str) -> None:
    """Steps that begin with "and then" belong to the one before."""
    document, groups = SITUATIONS[situation]
    write(style, document)
    text = Path(FILES[style]).read_bytes()
    review = plan(style, groups)
    pasted = 0

    findings: tuple[PlanProblem | GuardFinding, ...] = (*review.plan.problems, *review.guards)
    for found in findings:
        for ways in group_ways(found.remedy):
            Path(FILES[style]).write_bytes(text)
            done = [paste(way) for way in ways]
            if all(done):
                pasted += 1
                check_promise(ways[0], found, plan(style, groups))

    assert pasted
    for found in findings:
        for remedy in found.remedy:
            for line in remedy.split("\n")[1:]:
                assert line.count('"id"') + line.count("id:") <= line.count("{") + 1


def group_ways(remedies: Sequence[str]) -> list[list[str]]:
    ways: list[list[str]] = []
    consents = [remedy for remedy in remedies if remedy.startswith("to agree to deleting ")]
    for remedy in remedies:
        if remedy.startswith("and then"):
            ways[-1].append(remedy)
        elif remedy.startswith("to choose, "):
            sentence, *lines = remedy.replace("add one of these lines to", "add at the end of").split("\n")
            sentence = sentence.replace("add one of these lines", "add")
            ways += [[f"{sentence}\n{line}"] for line in lines if line.strip()[0] != "#"]
        elif remedy not in consents:
            ways.append([remedy])
    return [consents, *ways] if consents else ways


def check_promise(way: str, found: PlanProblem | GuardFinding, after: Review) -> None:
    if "stays refused" in way or "unlisted: refuse" in way:
        assert "unlisted" in after.refusals
        return
    deleted = {change.group_id for change in after.plan.changes if isinstance(change, Delete)}
    codes = [*(problem.code for problem in after.plan.problems), *(guard.code for guard in after.guards)]
    left = [code for code in codes if code == found.code]
    last_line = way.rsplit("\n", maxsplit=1)[-1].partition("#")[0]
    if "largest of" in way or any("plan again afterwards" in remedy for remedy in found.remedy):
        figures = [guard.figure for guard in after.guards if guard.code == found.code and guard.figure]
        assert isinstance(found, GuardFinding)
        assert found.figure
        assert not figures or figures < [found.figure]
    elif found.code == "unlisted" and re.search(r"unlisted.*\bdelete\b", last_line):
        assert not left
        assert deleted
    else:
        assert not left, way
    if way.startswith("to keep") and isinstance(found, GuardFinding):
        assert not deleted.intersection(found.group_ids)
    if not document_has_twins(way):
        assert after.plan.problems == ()


def document_has_twins(way: str) -> bool:
    """Tell a remedy that says that the other groups need a decision of their own."""
    return way.startswith(("if ", "to keep the group, "))


ODD_ENTRIES = {
    "the dash on its own line": "  -\n    name: Leads\n",
    "a text in quotes over two lines": '  - name: Leads\n    description: "one\n  two"\n',
    "a key in question form": "  - ? name\n    : Leads\n",
    "a comment less indented": "  - name: Leads\n# x\n    description: d\n",
    "a blank before the colon": "  - 'name' : Leads\n    description : d\n",
    "a text with a key in it": "  - name: Leads\n    description: |\n      id: 1\n        name: x\n",
    "an entry in braces over two lines": "  - {name: Leads,\n     description: d}\n",
    "a blank that no terminal shows": "  - name: Leads\n    description: a\u00a0b\n",
    "a name with a hash and quotes": '  - description: it\'s "x" # y\n    name: Leads\n',
}


@pytest.mark.parametrize("text", ODD_ENTRIES.values(), ids=ODD_ENTRIES)
def test_an_entry_in_an_odd_form_is_changed_as_a_whole_or_not_by_lines(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("groups.yaml").write_text(f"version: 1\ngroups:\n{text}  - B\npolicy: {{unlisted: delete}}\n")
    groups = [live(1, "Leads 2024", 5), live(3, "B", 1)]
    [suggestion] = plan("lines", groups).suggestions

    remedy, *_other_way = suggestion.remedy
    is_done = paste(remedy)

    renames = [change for change in plan("lines", groups).plan.changes if isinstance(change, Rename)]
    assert [change.after for change in renames] == (["Leads"] if is_done else [])
    if not is_done:
        assert re.match(r"do the same .* Then change the entry at groups.yaml:\d+:\d+ to:\n  - name: Leads\n", remedy)


def test_an_id_in_place_of_a_name_agrees_to_no_larger_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `contacts_at_most` an entry with a name agrees to lose nobody, and one with an id to lose everybody."""
    monkeypatch.chdir(tmp_path)
    write("lines", {**DELETE, "groups": ["B"], "removed": [{"name": "A"}]})
    groups = [live(1, "A", 5), live(2, "A", 7), live(3, "B", 1)]
    [problem] = plan("lines", groups).plan.problems

    assert paste(problem.remedy[0])

    assert "contacts-lost" in plan("lines", groups).refusals
    assert "contacts_at_most: 0" in Path("groups.yaml").read_text()
