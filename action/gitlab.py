"""GitLab: the plan as a comment on the merge request, and whether a plan was approved there.

    python gitlab.py comment plan.md          # a file that is not there: no plan could be made
    python gitlab.py suggest plan.md fix.diff # the diff of `groupsync fix --diff`
    python gitlab.py approval plan.json       # prints lines for a dotenv report

PHONEBOOK_TOKEN is a project access token with the role Reporter and the scope `api`. Without it there is no comment,
and no plan counts as approved. How it works: docs/ci.md of groupsync.
"""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote

import suggest as program

MARKER = "<!-- groupsync plan account="
APPROVAL = re.compile(r"sha256:[0-9a-f]{64}(?:\+(?:0|[1-9][0-9]{0,18})(?:,(?:0|[1-9][0-9]{0,18}))*)?")
FIRST_LINE = re.compile(rf"{re.escape(MARKER)}(acc-[0-9a-f]{{12}})(?: approval=({APPROVAL.pattern}))? -->\r?")
MOST_PAGES = 100
TIMEOUT = 30.0


def call(method: str, path: str, content: object = None) -> Any:
    """Return the answer of GitLab's API to a request."""
    return request(method, path, content)[0]


def request(method: str, path: str, content: object = None) -> tuple[Any, str]:
    """Return the answer of GitLab's API, and the number of the next page."""
    made = urllib.request.Request(  # noqa: S310 - GitLab sets the URL
        os.environ["CI_API_V4_URL"] + path,
        method=method,
        data=None if content is None else json.dumps(content).encode(),
        headers={"PRIVATE-TOKEN": os.environ["PHONEBOOK_TOKEN"], "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(made, timeout=TIMEOUT) as answer:  # noqa: S310 - as above
        text = answer.read()
        return json.loads(text) if text else None, answer.headers.get("X-Next-Page", "")


def list_all(path: str) -> list[Any]:
    """Return the items of all pages."""
    items: list[Any] = []
    page = "1"
    for _ in range(MOST_PAGES):
        found, page = request("GET", f"{path}?per_page=100&page={page}")
        items += found
        if not page:
            return items
    sys.exit("GitLab lists too many items: no page is the last one")


def list_own_plans(notes_path: str) -> list[dict[str, Any]]:
    """Return the comments of the owner of the token that begin with the marker of a plan."""
    me = call("GET", "/user")["id"]
    return [note for note in list_all(notes_path) if note["author"]["id"] == me and note["body"].startswith(MARKER)]


def comment(file: Path) -> None:
    """Replace the comment with the plan. It is posted anew: a comment that was edited approves nothing."""
    merge_request = f"/projects/{os.environ['CI_PROJECT_ID']}/merge_requests/{os.environ['CI_MERGE_REQUEST_IID']}"
    commit = os.environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or os.environ["CI_COMMIT_SHA"]
    head = call("GET", merge_request)["sha"]
    if head != commit:
        sys.exit(f"The merge request is at {head} now; the pipeline of that commit writes the comment.")
    old = list_own_plans(f"{merge_request}/notes")
    bodies = make_bodies(file, commit, [note["body"] for note in old])
    accounts = {body[len(MARKER) :][:16] for body in bodies}
    for note in old:
        if note["body"][len(MARKER) :][:16] in accounts:
            call("DELETE", f"{merge_request}/notes/{note['id']}")
    for body in bodies:
        call("POST", f"{merge_request}/notes", {"body": body})


def make_bodies(file: Path, commit: str, old: list[str]) -> list[str]:
    """Return the plan; without one, a comment that replaces each plan of an earlier commit."""
    if file.is_file():
        return [file.read_text(encoding="utf-8")]
    log = f"[the log]({os.environ.get('CI_JOB_URL', '')})"
    text = f"### No plan could be made\n\nThere is no plan of the commit `{commit}`; {log} says why.\n"
    return [f"{MARKER}{account} -->\n{text}" for account in sorted({body[len(MARKER) :][:16] for body in old})]


def suggest(plan: Path, diff: Path) -> None:
    """Replace the suggestions of an earlier pipeline with those of a diff, each in a discussion at its line.

    Without a plan, those of every account are deleted, as `comment` replaces the plan of every account.
    """
    project = f"/projects/{os.environ['CI_PROJECT_ID']}"
    merge_request = f"{project}/merge_requests/{os.environ['CI_MERGE_REQUEST_IID']}"
    account = plan.read_text(encoding="utf-8")[len(MARKER) :][:16] if plan.is_file() else ""
    delete_suggestions(merge_request, program.MARKER + account)
    suggestions = list(program.read_suggestions(diff.read_text(encoding="utf-8"))) if account else []
    if not suggestions:
        return
    refs = call("GET", merge_request)["diff_refs"]
    diffs = {one["new_path"]: one for one in list_all(f"{merge_request}/diffs")}
    for one in [one for one in suggestions if one.path in diffs][: program.MOST]:
        # GitLab can place a comment by the number of a line alone only if the merge request has added that line.
        shown = program.list_shown_lines(diffs[one.path]["diff"], ("+",))
        if not program.can_be_shown(one, shown) or not is_same_in_head(project, one.path, refs["head_sha"]):
            continue
        kind = f"suggestion:-{one.last - one.first}+0"
        paths = {"old_path": diffs[one.path]["old_path"], "new_path": one.path}
        position = {"position_type": "text", **refs, **paths, "new_line": one.last}
        content = {"body": program.write_body(one, account, kind), "position": position}
        call("POST", f"{merge_request}/discussions", content)


def delete_suggestions(merge_request: str, marker: str) -> None:
    """Delete the suggestions that the owner of the token has posted and that begin with the marker."""
    me = call("GET", "/user")["id"]
    for discussion in list_all(f"{merge_request}/discussions"):
        note = discussion["notes"][0]
        if note["author"]["id"] == me and note["body"].startswith(marker):
            call("DELETE", f"{merge_request}/discussions/{discussion['id']}/notes/{note['id']}")


def is_same_in_head(project: str, path: str, head: str) -> bool:
    """Return whether the file that was planned is that of the head of the merge request."""
    blob = program.hash_blob(path)
    file = call("GET", f"{project}/repository/files/{quote(path, safe='')}?ref={head}")
    return bool(blob) and bool(file["blob_id"] == blob)


def find_approval(plan: dict[str, Any]) -> str:
    """Return the approval of the merge request of this commit if it covers the plan; empty if it does not."""
    project, sha = f"/projects/{os.environ['CI_PROJECT_ID']}", os.environ["CI_COMMIT_SHA"]
    merged = [
        one
        for one in list_all(f"{project}/repository/commits/{sha}/merge_requests")
        if one["state"] == "merged"
        and one["target_branch"] == os.environ["CI_COMMIT_BRANCH"]
        and sha in (one["merge_commit_sha"], one["squash_commit_sha"], one["sha"])
    ]
    if len(merged) != 1:
        return ""
    notes = list_own_plans(f"{project}/merge_requests/{merged[0]['iid']}/notes")
    found = [note for note in notes if note["body"].startswith(f"{MARKER}{plan['account']}")]
    if len(found) != 1 or found[0]["created_at"] != found[0]["updated_at"]:
        return ""
    line = FIRST_LINE.fullmatch(found[0]["body"].split("\n")[0])
    approval = line[2] if line and line[2] else ""
    return approval if approval and covers(approval, plan["approval"] or "") else ""


def covers(approval: str, new: str) -> bool:
    """Return whether the changes are the same, and no group has more contacts."""
    if not APPROVAL.fullmatch(new):
        return False
    (digest, counts), (new_digest, new_counts) = split(approval), split(new)
    same = digest == new_digest and len(counts) == len(new_counts)
    return same and all(one <= most for one, most in zip(new_counts, counts))  # noqa: B905 - of equal length


def split(approval: str) -> tuple[str, list[int]]:
    """Return the digest, and the numbers of contacts."""
    digest, _, counts = approval.partition("+")
    return digest, [int(count) for count in counts.split(",") if count]


def print_approval(file: Path) -> None:
    """Print whether the plan was approved, what `--expect-digest` must be, and how many changes there are."""
    plan = json.loads(file.read_text(encoding="utf-8"))
    found = find_approval(plan) if os.environ.get("PHONEBOOK_TOKEN") and plan["changes"] else ""
    print(f"CHANGES={len(plan['changes'])}")  # noqa: T201 - for the dotenv report
    print(f"REVIEWED={'true' if found else 'false'}")  # noqa: T201 - as above
    print(f"APPROVAL={found or plan['approval'] or ''}")  # noqa: T201 - as above


def main(command: str, *files: str) -> None:
    """Run one command."""
    paths = [Path(file) for file in files]
    if command == "approval":
        print_approval(*paths)
    elif command == "suggest" and os.environ.get("PHONEBOOK_TOKEN"):
        suggest(*paths)
    elif command == "comment" and os.environ.get("PHONEBOOK_TOKEN"):
        comment(*paths)
    elif command in {"comment", "suggest"}:
        print("PHONEBOOK_TOKEN is not set, so there is no comment.", file=sys.stderr)  # noqa: T201 - for the log
    else:
        sys.exit(f"unknown command: {command}")


if __name__ == "__main__":
    main(*sys.argv[1:])
