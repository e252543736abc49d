"""Sync the groups of a Phonebook with groups.yaml, as a script for one's own use is written: `plan` or `apply`."""

import os
import sys
from typing import Any

import requests
import yaml

URL = os.environ["GROUPSYNC_ENDPOINT"] + "/phonebook/groups"
session = requests.Session()
session.auth = (os.environ["MESSENTE_API_USERNAME"], os.environ["MESSENTE_API_PASSWORD"])


def call(method: str, url: str, **options: Any) -> Any:
    """Send one request and return its JSON."""
    response = session.request(method, url, timeout=30, **options)
    response.raise_for_status()
    return response.json() if response.content else None


def load_entries(path: str) -> list[dict[str, Any]]:
    """Read the wanted groups."""
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 - as people write it
        config = yaml.safe_load(file)
    return [{"name": entry} if isinstance(entry, str) else entry for entry in config["groups"]]


def compare(entries: list[dict[str, Any]], live: dict[str, Any]) -> tuple[list[str], list[tuple[Any, str]], list[Any]]:
    """Find what is to be created, renamed and deleted."""
    wanted = {entry["name"] for entry in entries}
    creates, renames = [], []
    for entry in entries:
        if entry["name"] in live:
            continue
        old = next((name for name in entry.get("previously", []) if name in live and name not in wanted), None)
        if old:
            renames.append((live.pop(old), entry["name"]))
        else:
            creates.append(entry["name"])
    return creates, renames, [group for name, group in live.items() if name not in wanted]


def main() -> None:
    """Print what is to be done, and do it, one after another."""
    command, path = sys.argv[1:]
    live = {group["name"]: group for group in call("GET", URL)["groups"]}
    creates, renames, deletes = compare(load_entries(path), live)
    print(*(f"+ {name}" for name in creates), sep="\n")
    print(*(f"~ {group['name']} -> {name}" for group, name in renames), sep="\n")
    print(*(f"- {group['name']} ({group['contactsCount']} contacts)" for group in deletes), sep="\n")
    print(f"{len(creates)} to create, {len(renames)} to rename, {len(deletes)} to delete")
    if command == "apply":
        for group, name in renames:
            call("PUT", f"{URL}/{group['id']}", json={"name": name})
        for name in creates:
            call("POST", URL, json={"name": name})
        for group in deletes:
            call("DELETE", f"{URL}/{group['id']}")


if __name__ == "__main__":
    main()
