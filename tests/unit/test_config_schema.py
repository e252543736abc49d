"""The message for each violation of the schema, and the values of a valid file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from groupsync.config.checks.schema import SENTENCES
from groupsync.config.load import load_config
from groupsync.model.config import Config, GroupEntry, Pattern, Policy, RemovedId, RemovedName, Unlisted
from groupsync.model.groups import GroupId, Source
from groupsync.schema import read_schema
from tests.unit.reading import ID, OTHER_ID, TOP_KEYS, problems_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NO_CONFIGURATION = (
    "1:1: this is not a configuration: begin it with `version: 1`, "
    "or write your live groups to a new file: groupsync export --out FILE"
)
BAD_ID = "is not the id of a group: write it as groupsync shows it, such as 5792a02a-e5c2-422b-a0a0-0ae65d814663"
BAD_ACCOUNT = "is not the fingerprint of an account: write it as `groupsync doctor` shows it, such as acc-5f0c2a9be1d4"


def test_a_file_with_everything_becomes_a_configuration(tmp_path: Path) -> None:
    path = tmp_path / "groups.yaml"
    path.write_text(
        f"""\
# yaml-language-server: $schema=../schemas/groups.schema.json
version: 1
policy:
  unlisted: keep
groups:
  - Newsletter
  - name: VIP customers
    previously: [VIP, "VIPs "]
  - name: Estonia
    id: {ID.upper()}
    description: All numbers +372
removed:
  - name: " Spring sale 2024"
    reason: campaign is over
  - id: {OTHER_ID}
ignore: ["Imported *"]
""",
        encoding="utf-8",
    )

    config = load_config([path])

    file = str(path)
    assert config == Config(
        groups=(
            GroupEntry(name="Newsletter", source=Source(file=file, line=6, column=5)),
            GroupEntry(name="VIP customers", previously=("VIP", "VIPs "), source=Source(file=file, line=7, column=5)),
            GroupEntry(
                name="Estonia",
                id=GroupId(ID),
                description="All numbers +372",
                source=Source(file=file, line=9, column=5),
            ),
        ),
        removed=(
            RemovedName(
                name=" Spring sale 2024", reason="campaign is over", source=Source(file=file, line=13, column=5)
            ),
            RemovedId(id=GroupId(OTHER_ID), source=Source(file=file, line=15, column=5)),
        ),
        ignore=(Pattern(text="Imported *", source=Source(file=file, line=16, column=10)),),
        policy=Policy(unlisted=Unlisted.KEEP),
        files=(file,),
    )


@pytest.mark.parametrize("policy", ["", "policy: {}\n", "policy: {max_deletes: 10}\n"])
def test_nothing_is_decided_about_unlisted_groups_unless_the_policy_says_it(tmp_path: Path, policy: str) -> None:
    path = tmp_path / "groups.yaml"
    path.write_text(f"version: 1\n{policy}groups: []\n", encoding="utf-8")

    assert load_config([path]) == Config(files=(str(path),))
    assert load_config([path]).policy.unlisted is None


BROKEN = {
    "- a\n": [
        "1:1: a list alone is not a configuration: write `version: 1` above it, and put the list under the key groups"
    ],
    "abc\n": [NO_CONFIGURATION],
    "12\n": [NO_CONFIGURATION],
    "groups: []\n": ['1:1: the key "version" is missing: add `version: 1`'],
    "# why\nversion: 1\n": [
        '2:1: the key "groups" is missing: add it and name a group, such as `groups: [Newsletter]`'
    ],
    "version: 2\ngroups: []\n": ["1:10: version: must be 1, found 2: write 1, groupsync knows no other format"],
    "version: '1'\ngroups: []\n": [
        '1:10: version: must be 1, found the text "1": write 1, groupsync knows no other format'
    ],
    "version: 1.0\ngroups: []\n": ["1:10: version: must be 1, found 1.0: write 1, groupsync knows no other format"],
    "version: true\ngroups: []\n": ["1:10: version: must be 1, found true: write 1, groupsync knows no other format"],
    "version:\ngroups: []\n": ["1:1: version: must be 1, found nothing: write 1, groupsync knows no other format"],
    "version: 1\ngrops: []\n": ['2:1: unknown key "grops", did you mean "groups"?'],
    "version: 1\ngroups: []\nzzz: 1\n": [f'3:1: unknown key "zzz", correct or remove it ({TOP_KEYS})'],
    "version: 1\ngroups: []\naccount: acc-5F0c\nprotected: ['', NO]\n": [
        f'3:10: account: "acc-5F0c" {BAD_ACCOUNT}',
        '4:13: protected[0]: is empty: write a pattern such as "Imported *", or remove it',
        '4:17: protected[1]: NO is read as a boolean by YAML, not as text: quote it: "NO"',
    ],
    "version: 1\ngroups: []\naccount: [x, 5, acc-5f0c2a9be1d4]\n": [
        f'3:11: account[0]: "x" {BAD_ACCOUNT}',
        '3:14: account[1]: 5 is read as a number by YAML, not as text: quote it: "5"',
    ],
    "version: 1\ngroups: []\naccount: []\n": [
        "3:10: account: is an empty list: write a fingerprint, or remove the key"
    ],
    "version: 1\ngroups: []\nscope: []\n": [
        '3:8: scope: is an empty list: write a pattern such as "Marketing *", or remove the key'
    ],
    "version: 1\ngroups: []\nscope: Marketing *\n": [
        '3:8: scope: must be a list, found text: write `scope: ["Marketing *"]`'
    ],
    "version: 1\ngroups: []\nscope:\n": [
        '3:1: scope: there is no value here: name the groups, such as `scope: ["Marketing *"]`, or remove the key'
    ],
    "version: 1\ngroups: []\nscope: [*Marketing]\n": [
        '3:9: scope: aliases (*name) are not supported: write the value out; text that begins with "*" must be quoted'
    ],
    "version: 1\ngroups: []\naccount: 5\n": [
        '3:10: account: 5 is read as a number by YAML, not as text: quote it: "5"'
    ],
    "version: 1\ngroups: []\npolicy:\n  max_deletes: -1\n  max_contacts_lost: -1\n": [
        "4:16: policy.max_deletes: must be 0 or more, found -1: write 0 for none",
        "5:22: policy.max_contacts_lost: must be 0 or more, found -1: write 0 for none",
    ],
    "version: 1\ngroups: []\npolicy:\n  max_deletes: 0%\n  max_contacts_lost: 5%\n": [
        '4:16: policy.max_deletes: "0%" is neither a number nor a share from 1% to 100%: write one such as 10 or 25%',
        '5:22: policy.max_contacts_lost: must be a whole number, found the text "5%": write one such as 10',
    ],
    "version: 1\ngroups: []\npolicy:\n  max_deletes: 101%\n  max_contacts_lost: 1.0\n": [
        '4:16: policy.max_deletes: "101%" is neither a number nor a share from 1% to 100%: write one such as 10 or 25%',
        "5:22: policy.max_contacts_lost: must be a whole number, found 1.0: write one such as 10",
    ],
    "version: 1\ngroups: []\npolicy:\n  max_deletes: 2.5\n  max_contacts_lost: true\n": [
        "4:16: policy.max_deletes: must be a whole number, or a share such as 25%, found 2.5: write one such as 10",
        "5:22: policy.max_contacts_lost: must be a whole number, found true: write one such as 10",
    ],
    "version: 1\ngroups: []\npolicy:\n  max_deletes: yes\n  max_contacts_lost: '5'\n": [
        "4:16: policy.max_deletes: must be a whole number, or a share such as 25%, found yes: write one such as 10",
        '5:22: policy.max_contacts_lost: must be a whole number, found the text "5": write one such as 10',
    ],
    "version: 1\ngroups: []\npolicy:\n  max_deletes:\n  max_contacts_lost: []\n": [
        "4:3: policy.max_deletes: there is no value here: write the number, or remove the key",
        "5:22: policy.max_contacts_lost: must be a whole number, found a list: write one such as 10",
    ],
    "version: 1\ngroups: []\nremoved:\n  - name: a\n    contacts_at_most: -1\n": [
        "5:23: removed[0].contacts_at_most: must be 0 or more, found -1: write 0 for none"
    ],
    "version: 1\ngroups: []\nremoved:\n  - name: a\n    contacts_at_most: 1_000\n": [
        "5:23: removed[0].contacts_at_most: must be a whole number, found 1_000: write 1000"
    ],
    "version: 1\ngroups: []\nremoved:\n  - name: a\n    contacts_at_most: 1,204\n": [
        '5:23: removed[0].contacts_at_most: must be a whole number, found the text "1,204": write 1204'
    ],
    "version: 1\ngroups: []\nremoved:\n  - name: a\n    contacts_at_most: 60 000\n": [
        '5:23: removed[0].contacts_at_most: must be a whole number, found the text "60 000": write 60000'
    ],
    "version: 1\ngroups: []\nremoved:\n  - name: a\n    contacts_at_most: 12,04\n": [
        '5:23: removed[0].contacts_at_most: must be a whole number, found the text "12,04": write one such as 10'
    ],
    "version: 1\ngroups: []\nunlisted: keep\n": ['3:1: unknown key "unlisted": write it under policy'],
    "version: 1\ngroups: []\nmax_contacts_lost: 5\n": ['3:1: unknown key "max_contacts_lost": write it under policy'],
    "version: 1\ngroups:\n": ["2:1: groups: there is no value here: name a group, such as `groups: [Newsletter]`"],
    "version: 1\ngroups: []\npolicy:\n": ["3:1: policy: there is no value here: write `policy: {}`, or remove the key"],
    "version: 1\ngroups: abc\n": ['2:9: groups: must be a list, found text: begin each item with "- "'],
    "version: 1\ngroups:\n  VIP: x\n": ['3:3: groups: must be a list, found a mapping: begin each item with "- "'],
    "version: 1\ngroups: 5\n": ['2:9: groups: must be a list, found a number: begin each item with "- "'],
    "version: 1\ngroups: ~\n": ['2:9: groups: must be a list, found null: begin each item with "- "'],
    "version: 1\ngroups:\n  -\n  - [a]\n  - name:\n  - name: {}\n": [
        "3:4: groups[0]: there is no value here: write the item, or remove the line",
        "4:5: groups[1]: must be text or a mapping, found a list: write one text",
        "5:5: groups[2].name: there is no value here: write the text, or remove the key",
        "6:11: groups[3].name: must be text, found a mapping: write one text",
    ],
    "version: 1\ngroups:\n  - nme: a\n    id: x\n  - {}\n": [
        '3:5: groups[0]: the key "name" is missing: add `name: "..."`',
        '3:5: groups[0]: unknown key "nme", did you mean "name"?',
        f'4:9: groups[0].id: "x" {BAD_ID}',
        '5:5: groups[1]: the key "name" is missing: add `name: "..."`',
    ],
    "version: 1\ngroups:\n  - {name: a, previously: b}\n  - {name: c, previously: [NO, []], description: 1.0}\n": [
        '3:27: groups[0].previously: must be a list, found text: write `previously: ["b"]`',
        '4:28: groups[1].previously[0]: NO is read as a boolean by YAML, not as text: quote it: "NO"',
        "4:32: groups[1].previously[1]: must be text, found a list: write one text",
        '4:50: groups[1].description: 1.0 is read as a number by YAML, not as text: quote it: "1.0"',
    ],
    f"version: 1\ngroups:\n  - {{name: a, id: abc}}\n  - {{name: b, id: 12}}\n  - {{name: c, id: '{ID} '}}\n": [
        f'3:19: groups[0].id: "abc" {BAD_ID}',
        '4:19: groups[1].id: 12 is read as a number by YAML, not as text: quote it: "12"',
        f'5:19: groups[2].id: "{ID} " {BAD_ID}',
    ],
    f'version: 1\ngroups:\n  - {{name: a, id: "{ID}\\n"}}\n': [f'3:19: groups[0].id: "{ID}\\u000a" {BAD_ID}'],
    f"version: 1\ngroups: []\nremoved:\n  - a\n  - {{}}\n  - {{name: a, id: {ID}}}\n  - reason: x\n  - id: x\n": [
        "4:5: removed[0]: must be a mapping, found text: write keys such as `name: ...`",
        "5:5: removed[1]: has neither `name` nor `id`: add one of them",
        "6:5: removed[2]: has both `name` and `id`: keep one of the two",
        "7:5: removed[3]: has neither `name` nor `id`: add one of them",
        f'8:9: removed[4].id: "x" {BAD_ID}',
    ],
    "version: 1\ngroups: []\nignore: ['', NO]\n": [
        '3:10: ignore[0]: is empty: write a pattern such as "Imported *", or remove it',
        '3:14: ignore[1]: NO is read as a boolean by YAML, not as text: quote it: "NO"',
    ],
    "version: 1\ngroups: []\npolicy: keep\n": [
        "3:9: policy: must be a mapping, found text: write keys such as `unlisted: ...`"
    ],
    "version: 1\ngroups: []\npolicy: {unlisted: kep}\n": [
        '3:20: policy.unlisted: must be delete, keep or refuse, found the text "kep": write one of these'
    ],
    "version: 1\ngroups: []\npolicy: {unlisted: no}\n": [
        "3:20: policy.unlisted: must be delete, keep or refuse, found no: write one of these"
    ],
}


@pytest.mark.parametrize(("text", "problems"), BROKEN.items())
def test_each_violation_of_the_schema_has_its_message(tmp_path: Path, text: str, problems: list[str]) -> None:
    assert problems_of(tmp_path, text) == [f"groups.yaml:{problem}" for problem in problems]


def test_long_text_is_cut_in_messages(tmp_path: Path) -> None:
    [problem] = problems_of(tmp_path, f"version: 1\ngroups: []\n? {'k' * 500}\n: 1\n")

    assert problem == f'groups.yaml:3:3: unknown key "{"k" * 60}…", correct or remove it ({TOP_KEYS})'


def test_no_more_than_100_problems_are_shown(tmp_path: Path) -> None:
    found = problems_of(tmp_path, "version: 1\ngroups:\n" + "  - NO\n" * 500)

    assert len(found) == 101
    assert found[99].startswith("groups.yaml:102:5: groups[99]: NO is read as")
    assert found[100] == "more problems follow: fix these first"


def test_every_keyword_of_the_schema_has_its_message() -> None:
    annotations = {"$schema", "$id", "title", "description", "default", "examples", "properties", "items"}

    keywords = set(list_keywords(json.loads(read_schema("groups")))) - annotations

    assert keywords - {"additionalProperties"} == set(SENTENCES)


def list_keywords(schema: dict[str, Any]) -> Iterator[str]:
    """Yield the keywords of a schema and of the schemas in it."""
    yield from schema
    for part in (*schema.get("properties", {}).values(), *schema.get("oneOf", [])):
        yield from list_keywords(part)
    if "items" in schema:
        yield from list_keywords(schema["items"])


def test_the_schema_and_its_examples_are_valid() -> None:
    schema = json.loads(read_schema("groups"))

    Draft202012Validator.check_schema(schema)

    for example in schema["examples"]:
        Draft202012Validator(schema).validate(example)
