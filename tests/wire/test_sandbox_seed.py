"""The seed: a JSON file that fills an empty Phonebook."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from groupsync.sandbox import Sandbox, SeedError

if TYPE_CHECKING:
    from pathlib import Path

VIP_ID = "5792a02a-e5c2-422b-a0a0-0ae65d814663"


def write(folder: Path, seed: object) -> Path:
    path = folder / "seed.json"
    path.write_text(json.dumps(seed), encoding="utf-8")
    return path


def test_a_seed_creates_groups_and_contacts(tmp_path: Path) -> None:
    seed = write(
        tmp_path,
        {
            "groups": [
                {"name": "VIP", "id": VIP_ID, "contacts": 3},
                {"name": "Staff", "contacts": ["+37255555555", "+37250000000"]},
                {"name": "Staff"},
            ],
            "contacts": [{"phoneNumber": "+37255555555", "firstName": "Mari", "title": None}],
        },
    )

    with Sandbox(seed=seed) as sandbox:
        counts = [(group.name, group.contacts_count) for group in sandbox.groups()]

        assert counts == [("VIP", 3), ("Staff", 2), ("Staff", 0)]
        assert sandbox.groups()[0].id == VIP_ID
        assert sandbox.members(VIP_ID) == ["+37250000000", "+37250000001", "+37250000002"]
        assert sandbox.phones() == ["+37250000000", "+37250000001", "+37250000002", "+37255555555"]


def test_a_seed_can_create_a_group_of_50_000_contacts(tmp_path: Path) -> None:
    with Sandbox(seed=write(tmp_path, {"groups": [{"name": "Newsletter", "contacts": 50_000}]})) as sandbox:
        assert sandbox.groups()[0].contacts_count == 50_000


def test_a_seed_does_not_change_a_phonebook_that_has_groups(tmp_path: Path) -> None:
    seed = write(tmp_path, {"groups": [{"name": "VIP"}]})
    data = tmp_path / "phonebook.db"
    with Sandbox(data=data, seed=seed) as sandbox:
        sandbox.rename_group(sandbox.groups()[0].id, "VIP customers")

    with Sandbox(data=data, seed=seed) as sandbox:
        assert sandbox.names() == ["VIP customers"]


@pytest.mark.parametrize(
    ("seed", "message"),
    [
        ([], ": is not a JSON object"),
        ({"group": []}, ': has an unknown key "group"; known are groups, contacts'),
        ({"groups": {}}, ": groups: is not a list"),
        ({"groups": ["VIP"]}, ": groups[0]: is not a JSON object"),
        ({"groups": [{"name": "VIP"}, {}]}, ": groups[1].name: a text of at least one character is required"),
        ({"groups": [{"name": "VIP", "id": "7"}]}, ": groups[0].id: is not a UUID"),
        ({"groups": [{"name": "VIP", "contacts": -1}]}, ": groups[0].contacts: is not between 0 and 10000000"),
        (
            {"groups": [{"name": "VIP", "contacts": True}]},
            ": groups[0].contacts: is neither a number of contacts nor a list of phone numbers",
        ),
        (
            {"groups": [{"name": "VIP", "contacts": ["+37255555555", "555"]}]},
            ": groups[0].contacts[1]: is not a phone number in E.164 format, such as +37255555555",
        ),
        (
            {"groups": [{"name": "VIP", "id": VIP_ID}, {"name": "Staff", "id": VIP_ID}]},
            f": groups[1].id: {VIP_ID} is there twice",
        ),
        (
            {"contacts": [{"firstName": "Mari"}]},
            ": contacts[0].phoneNumber: is not a phone number in E.164 format, such as +37255555555",
        ),
        (
            {"contacts": [{"phoneNumber": "+37255555555", "email": 1}]},
            ": contacts[0].email: is neither a text nor null",
        ),
        (
            {"contacts": [{"phoneNumber": "+37255555555"}, {"phoneNumber": "+37255555555"}]},
            ": contacts[1].phoneNumber: +37255555555 is there twice",
        ),
    ],
)
def test_an_invalid_seed_is_refused_with_the_part_that_is_wrong(tmp_path: Path, seed: object, message: str) -> None:
    path = write(tmp_path, seed)

    with pytest.raises(SeedError) as caught:
        Sandbox(seed=path).start()

    assert str(caught.value) == f"{path}{message}"


def test_a_seed_that_is_not_json_or_cannot_be_read_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"groups": [}', encoding="utf-8")

    with pytest.raises(SeedError, match=r"broken\.json: is not JSON: Expecting value: line 1 column 13"):
        Sandbox(seed=broken).start()
    with pytest.raises(SeedError, match=r"missing\.json: cannot be read: No such file or directory"):
        Sandbox(seed=tmp_path / "missing.json").start()
