"""`gh api` for a repository that is one JSON file; it records the calls of the examples and refuses any other.

Like the real program it requires a token in a workflow, and the permission that GitHub documents for each call.
"""

from __future__ import annotations

import json
import os
import re
import sys
from base64 import b64decode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import parse_qs, unquote, urlsplit

import jq

BOTS = {"token-of-the-run": "github-actions", "token-of-the-app": "acme-groups"}
LONGEST_BODY = 65_536
PAGE = 2  # small, so a workflow that does not ask for all pages misses something
LEVELS = {"read": 1, "write": 2}


@dataclass
class Call:
    """A command line of `gh api`."""

    path: str
    method: str = "GET"
    fields: dict[str, str] = field(default_factory=dict)
    paginate: bool = False
    filter: str = ""
    input: dict[str, Any] | None = None


class Repository:
    """The repository in the file."""

    def __init__(self, file: Path, permissions: dict[str, str]) -> None:
        self._file = file
        self._permissions = permissions
        self.state: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))

    def save(self) -> None:
        self._file.write_text(json.dumps(self.state, indent=1), encoding="utf-8")

    def require(self, permission: str, level: str) -> None:
        if LEVELS.get(self._permissions.get(permission, ""), 0) < LEVELS[level]:
            fail(f"HTTP 403: Resource not accessible by integration (needs {permission}: {level})")

    def new_id(self) -> int:
        self.state["last_id"] += 1
        return int(self.state["last_id"])

    def is_pull(self, number: str) -> bool:
        return any(pull["number"] == int(number) for pull in self.state["pulls"])

    def find_issue(self, number: str) -> dict[str, Any]:
        found: list[dict[str, Any]] = [one for one in self.state["issues"] if one["number"] == int(number)]
        return found[0] if found else fail("HTTP 404: Not Found")


def find_bot() -> str:
    """Return the login of the owner of the token, without `[bot]`."""
    return BOTS[os.environ["GH_TOKEN"]]


def make_user() -> dict[str, str]:
    return {"login": f"{find_bot()}[bot]", "type": "Bot"}


def fail(message: str) -> NoReturn:
    sys.exit(f"gh: {message}")


def read_call(words: list[str]) -> Call:
    if words[:1] != ["api"]:
        fail("only `gh api` is known here")
    call, method = Call(path=""), ""
    rest = words[1:]
    while rest:
        word = rest.pop(0)
        if word == "--paginate":
            call.paginate = True
        elif word == "--method":
            method = rest.pop(0)
        elif word == "--jq":
            call.filter = rest.pop(0)
        elif word == "--input":
            call.input = json.loads(Path(rest.pop(0)).read_text(encoding="utf-8"))
        elif word in {"-f", "-F"}:
            key, _, value = rest.pop(0).partition("=")
            call.fields[key] = read_field(value) if word == "-F" else value
        elif word.startswith("-") or call.path:
            fail(f"unknown here: {word}")
        else:
            call.path = word
    call.method = method or ("POST" if call.fields or call.input else "GET")
    return call


def read_field(value: str) -> str:
    """Return the content of the file that `-F` names after an @."""
    return Path(value[1:]).read_text(encoding="utf-8") if value.startswith("@") else fail("-F is for files here")


def answer(call: Call, repository: Repository) -> object:
    url = urlsplit(call.path)
    if len(call.fields.get("body", "")) > LONGEST_BODY:
        fail("HTTP 422: body is too long (maximum is 65536 characters)")
    for method, pattern, handle in ROUTES:
        found = re.fullmatch(pattern, url.path)
        if found and method == call.method:
            return handle(
                repository, found.groupdict(), {**parse_query(url.query), **call.fields, **(call.input or {})}
            )
    return fail(f"HTTP 404: Not Found ({call.method} {call.path})")


def parse_query(query: str) -> dict[str, str]:
    return {key: values[-1] for key, values in parse_qs(query, strict_parsing=bool(query)).items()}


def get_head(repository: Repository, at: dict[str, str], _fields: dict[str, str]) -> object:
    repository.require("contents", "read")
    return {"object": {"sha": repository.state["heads"][at["branch"]]}}


def list_pulls(repository: Repository, at: dict[str, str], _fields: dict[str, str]) -> object:
    repository.require("contents", "read")
    repository.require("pull-requests", "read")
    return [pull for pull in repository.state["pulls"] if at["sha"] in pull["commits"]]


def get_pull(repository: Repository, at: dict[str, str], _fields: dict[str, str]) -> object:
    repository.require("pull-requests", "read")
    (pull,) = [pull for pull in repository.state["pulls"] if pull["number"] == int(at["number"])]
    return pull


def list_comments(repository: Repository, at: dict[str, str], _fields: dict[str, str]) -> object:
    repository.require("pull-requests" if repository.is_pull(at["number"]) else "issues", "read")
    return [comment for comment in repository.state["comments"] if comment["issue"] == int(at["number"])]


def add_comment(repository: Repository, at: dict[str, str], fields: dict[str, str]) -> object:
    repository.require("pull-requests" if repository.is_pull(at["number"]) else "issues", "write")
    new_id = repository.new_id()
    comment = {
        "id": new_id,
        "node_id": f"IC_{new_id}",
        "issue": int(at["number"]),
        "user": make_user(),
        "edited_at": None,
        "editor": None,
        "body": fields["body"],
        "html_url": f"https://github.invalid/comments/{new_id}",
    }
    repository.state["comments"].append(comment)
    return comment


def edit_comment(repository: Repository, at: dict[str, str], fields: dict[str, str]) -> object:
    comment: dict[str, Any]
    for comment in repository.state["comments"]:
        if comment["id"] == int(at["id"]):
            repository.require("pull-requests" if repository.is_pull(str(comment["issue"])) else "issues", "write")
            comment.update(body=fields["body"], edited_at="2026-11-23T12:00:00Z", editor=find_bot())
            return comment
    return fail("HTTP 404: Not Found")


def list_issues(repository: Repository, _at: dict[str, str], fields: dict[str, str]) -> object:
    repository.require("issues", "read")
    return [issue for issue in repository.state["issues"] if issue["state"] == fields.get("state", "open")]


def add_issue(repository: Repository, _at: dict[str, str], fields: dict[str, str]) -> object:
    repository.require("issues", "write")
    number = repository.new_id()
    issue = {
        **fields,
        "number": number,
        "user": make_user(),
        "state": "open",
        "html_url": f"https://github.invalid/{number}",
    }
    repository.state["issues"].append(issue)
    return issue


def edit_issue(repository: Repository, at: dict[str, str], fields: dict[str, str]) -> object:
    repository.require("issues", "write")
    issue = repository.find_issue(at["number"])
    issue.update(fields)
    return issue


def get_environment(repository: Repository, at: dict[str, str], _fields: dict[str, str]) -> object:
    repository.require("actions", "read")
    found = repository.state["environments"].get(at["name"])
    return {"protection_rules": found} if found is not None else fail("HTTP 404: Not Found")


def list_open_pulls(repository: Repository, _at: dict[str, str], fields: dict[str, str]) -> object:
    repository.require("pull-requests", "read")
    assert fields["state"] == "open"
    return [pull for pull in repository.state["pulls"] if pull.get("state") == "open"]


def add_pull(repository: Repository, _at: dict[str, str], fields: dict[str, str]) -> object:
    repository.require("pull-requests", "write")
    if fields["head"] not in repository.state["heads"] or fields["base"] not in repository.state["heads"]:
        fail("HTTP 422: Validation Failed")
    number = repository.new_id()
    pull = {
        "number": number,
        "user": make_user(),
        "state": "open",
        "title": fields["title"],
        "body": fields["body"],
        "head": {"ref": fields["head"], "repo": {"full_name": "acme/phonebook"}},
        "base": {"ref": fields["base"]},
        "html_url": f"https://github.invalid/pull/{number}",
    }
    repository.state["pulls"].append(pull)
    return pull


def add_ref(repository: Repository, _at: dict[str, str], fields: dict[str, str]) -> object:
    repository.require("contents", "write")
    branch = fields["ref"].removeprefix("refs/heads/")
    if branch in repository.state["heads"]:
        fail("HTTP 422: Reference already exists")
    repository.state["heads"][branch] = fields["sha"]
    return {"ref": fields["ref"]}


def commit_on_branch(repository: Repository, given: Any) -> object:
    repository.require("contents", "write")
    branch = given["branch"]["branchName"]
    assert given["branch"]["repositoryNameWithOwner"] == "acme/phonebook"
    if repository.state["heads"].get(branch) != given["expectedHeadOid"]:
        fail("the branch has another head")
    files = {one["path"]: b64decode(one["contents"]).decode() for one in given["fileChanges"]["additions"]}
    repository.state["branches"] = {**repository.state.get("branches", {}), branch: files}
    repository.state["heads"][branch] = "f" * 40
    return {"data": {"createCommitOnBranch": {"commit": {"oid": "f" * 40}}}}


def ask_graph(repository: Repository, _at: dict[str, str], fields: dict[str, Any]) -> object:
    if " ".join(fields["query"].split()) == COMMIT_QUERY:
        return commit_on_branch(repository, fields["variables"]["input"])
    if " ".join(fields["query"].split()) != EDITOR_QUERY:
        fail(f"unknown query: {fields['query']}")
    repository.require("pull-requests", "read")
    (comment,) = [one for one in repository.state["comments"] if one["node_id"] == fields["id"]]
    node = {
        "author": {"login": comment["user"]["login"].removesuffix("[bot]")},
        "lastEditedAt": comment["edited_at"],
        "editor": comment["editor"] and {"login": comment["editor"]},
    }
    return {"data": {"node": node if fields["id"] not in repository.state["hidden"] else None}}


def list_files(repository: Repository, _at: dict[str, str], _fields: dict[str, str]) -> object:
    repository.require("pull-requests", "read")
    return repository.state["files"]


def get_content(repository: Repository, at: dict[str, str], fields: dict[str, str]) -> object:
    repository.require("contents", "read")
    blob = repository.state["blobs"].get(fields["ref"], {}).get(unquote(at["path"]))
    return {"sha": blob} if blob else fail("HTTP 404: Not Found")


def list_review_comments(repository: Repository, _at: dict[str, str], _fields: dict[str, str]) -> object:
    repository.require("pull-requests", "read")
    return repository.state["review_comments"]


def add_review_comment(repository: Repository, _at: dict[str, str], fields: dict[str, Any]) -> object:
    repository.require("pull-requests", "write")
    comment = {**fields, "id": repository.new_id(), "user": make_user()}
    repository.state["review_comments"].append(comment)
    return comment


def delete_review_comment(repository: Repository, at: dict[str, str], _fields: dict[str, str]) -> object:
    repository.require("pull-requests", "write")
    kept = [comment for comment in repository.state["review_comments"] if comment["id"] != int(at["id"])]
    repository.state["review_comments"] = kept
    return None


EDITOR_QUERY = (
    "query($id: ID!) { node(id: $id) { ... on IssueComment { author { login } lastEditedAt editor { login } } } }"
)
COMMIT_QUERY = "mutation($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }"
HERE = "repos/acme/phonebook"
ROUTES = (
    ("GET", HERE + r"/git/ref/heads/(?P<branch>\w+)", get_head),
    ("GET", HERE + r"/commits/(?P<sha>[0-9a-f]{40})/pulls", list_pulls),
    ("GET", HERE + r"/pulls", list_open_pulls),
    ("POST", HERE + r"/pulls", add_pull),
    ("POST", HERE + r"/git/refs", add_ref),
    ("GET", HERE + r"/pulls/(?P<number>\d+)", get_pull),
    ("GET", HERE + r"/pulls/(?P<number>\d+)/files", list_files),
    ("GET", HERE + r"/contents/(?P<path>.+)", get_content),
    ("GET", HERE + r"/pulls/(?P<number>\d+)/comments", list_review_comments),
    ("POST", HERE + r"/pulls/(?P<number>\d+)/comments", add_review_comment),
    ("DELETE", HERE + r"/pulls/comments/(?P<id>\d+)", delete_review_comment),
    ("GET", HERE + r"/issues/(?P<number>\d+)/comments", list_comments),
    ("POST", HERE + r"/issues/(?P<number>\d+)/comments", add_comment),
    ("PATCH", HERE + r"/issues/comments/(?P<id>\d+)", edit_comment),
    ("GET", HERE + r"/issues", list_issues),
    ("POST", HERE + r"/issues", add_issue),
    ("PATCH", HERE + r"/issues/(?P<number>\d+)", edit_issue),
    ("GET", HERE + r"/environments/(?P<name>[\w-]+)", get_environment),
    ("POST", r"graphql", ask_graph),
)


def paginate(result: object, *, everything: bool) -> list[object]:
    """Return the pages that are fetched; a result that is not a list is one page."""
    if not isinstance(result, list):
        return [result]
    pages: list[object] = [result[start : start + PAGE] for start in range(0, len(result), PAGE)] or [[]]
    return pages if everything else pages[:1]


def main(words: list[str]) -> int:
    """Answer a call; real `gh` prints the pages of an answer one after the other."""
    if not os.environ.get("GH_TOKEN"):
        fail("set the GH_TOKEN environment variable")
    repository = Repository(Path(os.environ["FAKE_GH_FILE"]), json.loads(os.environ["FAKE_GH_PERMISSIONS"]))
    call = read_call(words)
    repository.state["calls"].append(f"{call.method} {urlsplit(call.path).path}")
    repository.save()
    pages = paginate(answer(call, repository), everything=call.paginate)
    repository.save()
    for page in pages:
        for result in jq.compile(call.filter or ".").input_value(page):
            print(result if isinstance(result, str) else json.dumps(result))  # noqa: T201 - its output
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
