"""Turn the diff of `groupsync fix --diff` into review comments with a `suggestion` block, which one click commits.

    python suggest.py DIFF

The action of GitHub runs it. On GitLab, `gitlab.py` uses its functions.
Those of an earlier run are deleted first. A suggestion is left out if GitHub would commit something else than the diff
says, or cannot show it: the file must be the same in the head of the pull request as in the merge that was planned, and
the lines must be part of the pull request. The comment with the plan shows all of them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MARKER = "<!-- groupsync suggestion account="
MOST = 20
LONGEST_LINE = 500
HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
TEXT = (
    "Is this group the same as before, under a new name? Do the same people belong in it? Then commit this suggestion: "
    "the group is renamed and keeps its contacts. Otherwise do nothing."
)


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """Lines of a file, from `first` to `last`, and the lines that replace them."""

    path: str
    first: int
    last: int
    lines: tuple[str, ...]


def read_suggestions(diff: str) -> Iterator[Suggestion]:
    """Yield one suggestion for each run of changed lines of a unified diff."""
    rest = diff.split("\n")
    path = ""
    while rest:
        line = rest.pop(0)
        if line.startswith("+++ b/"):
            path = line.removeprefix("+++ b/")
        elif found := HUNK.match(line):
            yield from _read_hunk(path, found, rest)


def _read_hunk(path: str, header: re.Match[str], rest: list[str]) -> Iterator[Suggestion]:
    """Yield the suggestions of a hunk, whose lines are taken from `rest`; counts say where it ends, not the lines."""
    number, old, new = int(header[1]), int(header[2] or 1), int(header[4] or 1)
    first, removed, added, before = 0, 0, list[str](), ""
    while old or new or added or removed:
        line = rest.pop(0) if old or new else " "
        if line.startswith("\\"):
            continue
        if line.startswith(("-", "+")):
            first = first or number
            if line.startswith("-"):
                removed, number, old = removed + 1, number + 1, old - 1
            else:
                added.append(line[1:])
                new -= 1
            continue
        if removed:
            yield Suggestion(path=path, first=first, last=first + removed - 1, lines=tuple(added))
        elif added and first > 1:  # only added: the line before is a part of the suggestion
            yield Suggestion(path=path, first=first - 1, last=first - 1, lines=(before, *added))
        first, removed, added, before = 0, 0, [], line[1:]
        if old or new:
            number, old, new = number + 1, old - 1, new - 1


def list_shown_lines(patch: str, signs: tuple[str, ...] = ("+", " ")) -> set[int]:
    """Return the lines of the new file that the patch of a pull request shows; only added ones with the sign `+`."""
    shown: set[int] = set()
    number = 0
    for line in patch.split("\n"):
        if found := HUNK.match(line):
            number = int(found[3])
        elif line.startswith(("+", " ")):
            shown |= {number} if line.startswith(signs) else set()
            number += 1
    return shown


def can_be_shown(suggestion: Suggestion, shown: set[int]) -> bool:
    """Return whether GitHub can show and commit a suggestion exactly as it is."""
    lines_are_shown = all(number in shown for number in range(suggestion.first, suggestion.last + 1))
    return lines_are_shown and all(line.isprintable() and len(line) <= LONGEST_LINE for line in suggestion.lines)


def write_body(suggestion: Suggestion, account: str, kind: str = "suggestion") -> str:
    """Return the comment; its fence is longer than any run of backticks in the lines, so that no name ends it."""
    longest = max((len(run) for line in suggestion.lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([make_marker(account), TEXT, "", f"{fence}{kind}", *suggestion.lines, fence]) + "\n"


def make_marker(account: str) -> str:
    """Return the first line of the comments for an account."""
    return f"{MARKER}{account} -->"


def call(path: str, *options: str, token: str = "GH_TOKEN") -> Any:  # noqa: S107 - the name of a variable
    """Return the answer of GitHub's API; of all pages, if it is a list."""
    environ = {**os.environ, "GH_TOKEN": os.environ[token]}
    command = ["gh", "api", *options, f"repos/{os.environ['GITHUB_REPOSITORY']}/{path}"]
    text = subprocess.run(command, env=environ, check=True, capture_output=True, encoding="utf-8").stdout  # noqa: S603
    values = list(_read_values(text))
    return [item for page in values for item in page] if "--paginate" in options else (values or [None])[0]


def _read_values(text: str) -> Iterator[Any]:
    decoder, start = json.JSONDecoder(), 0
    while text[start:].strip():
        start += len(text[start:]) - len(text[start:].lstrip())
        value, start = decoder.raw_decode(text, start)
        yield value


def hash_blob(path: str) -> str:
    """Return the id that git gives a file with this content; empty if it is no regular file."""
    file = Path(path)
    if file.is_symlink() or not file.is_file():
        return ""
    content = file.read_bytes()
    return hashlib.sha1(b"blob %d\0%s" % (len(content), content), usedforsecurity=False).hexdigest()


def is_same_in_head(path: str) -> bool:
    """Return whether the file of the merge that was planned is that of the head of the pull request."""
    blob = hash_blob(path)
    return bool(blob) and bool(call(f"contents/{quote(path)}?ref={os.environ['HEAD_COMMIT']}")["sha"] == blob)


def choose(suggestions: Sequence[Suggestion], number: str) -> Iterator[Suggestion]:
    """Yield the suggestions that GitHub can show, at most 20."""
    if not suggestions:
        return
    files = call(f"pulls/{number}/files?per_page=100", "--paginate")
    patches = {file["filename"]: file.get("patch") or "" for file in files}
    same = {path: path in patches and is_same_in_head(path) for path in {one.path for one in suggestions}}
    shown = {path: list_shown_lines(patches.get(path, "")) for path in same}
    chosen = [one for one in suggestions if same[one.path] and can_be_shown(one, shown[one.path])]
    yield from chosen[:MOST]


def main(diff_file: str) -> None:
    """Delete the suggestions of an earlier run, and post those of this one."""
    number, account, author = (os.environ[name] for name in ("NUMBER", "ACCOUNT", "COMMENT_AUTHOR"))
    suggestions = list(read_suggestions(Path(diff_file).read_text(encoding="utf-8")))
    for comment in call(f"pulls/{number}/comments?per_page=100", "--paginate"):
        if comment["user"]["login"] == author and comment["body"].startswith(make_marker(account)):
            call(f"pulls/comments/{comment['id']}", "--method", "DELETE", token="COMMENT_TOKEN")  # noqa: S106
    for suggestion in choose(suggestions, number):
        post(suggestion, number, account)


def post(suggestion: Suggestion, number: str, account: str) -> None:
    """Post a suggestion at its lines."""
    place: dict[str, Any] = {"path": suggestion.path, "side": "RIGHT", "line": suggestion.last}
    if suggestion.first < suggestion.last:
        place |= {"start_line": suggestion.first, "start_side": "RIGHT"}
    content = {"body": write_body(suggestion, account), "commit_id": os.environ["HEAD_COMMIT"], **place}
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        call(f"pulls/{number}/comments", "--method", "POST", "--input", file.name, token="COMMENT_TOKEN")  # noqa: S106


if __name__ == "__main__":
    main(sys.argv[1])
