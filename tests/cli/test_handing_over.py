"""A group changes hands: one team gives it up and another takes it, and no contact is lost, whoever applies first."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.cli.conftest import count_writes

if TYPE_CHECKING:
    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Finished, Groupsync

ROOT = Path(__file__).parents[2]
VIP = "5792a02a-e5c2-422b-a0a0-0ae65d814663"
TEAMS = ("marketing", "sales")
BEFORE = {
    "marketing": f'scope: ["Marketing *"]\ngroups: [Marketing EE, {{name: Marketing VIP, id: {VIP}}}]\n',
    "sales": 'scope: ["Sales *"]\ngroups: [Sales EE]\n',
}

# The name stays. Sales takes "Marketing VIP" into its scope, and marketing ignores it.
SAME_NAME = {
    "marketing": 'scope: ["Marketing *"]\ngroups: [Marketing EE]\nignore: [Marketing VIP]\n',
    "sales": f'scope: ["Sales *", Marketing VIP]\ngroups: [Sales EE, {{name: Marketing VIP, id: {VIP}}}]\n',
}

# The name changes. The same, but sales gives it a name of its own; afterwards both files forget the old name.
NEW_NAME = {
    "marketing": SAME_NAME["marketing"],
    "sales": f'scope: ["Sales *", Marketing VIP]\ngroups: [Sales EE, {{name: Sales VIP, id: {VIP}}}]\n',
}
CLEANED = {
    "marketing": 'scope: ["Marketing *"]\ngroups: [Marketing EE]\n',
    "sales": f'scope: ["Sales *"]\ngroups: [Sales EE, {{name: Sales VIP, id: {VIP}}}]\n',
}

# A name that the scope lists, without a pattern: only the line moves.
NAME_IN_SCOPE = (
    {
        "marketing": 'scope: ["Marketing *", Newsletter]\ngroups: [Marketing EE, Newsletter]\n',
        "sales": BEFORE["sales"],
    },
    {
        "marketing": 'scope: ["Marketing *"]\ngroups: [Marketing EE]\n',
        "sales": 'scope: ["Sales *", Newsletter]\ngroups: [Sales EE, Newsletter]\n',
    },
)
ORDERS = [pytest.param(order, id=f"{order[0]} first") for order in itertools.permutations(TEAMS)]


@pytest.fixture(params=["keep", "delete"])
def unlisted(request: pytest.FixtureRequest) -> str:
    """What happens to unlisted groups of the scope, in both files."""
    value: str = request.param
    return value


@pytest.fixture
def account(sandbox: Sandbox) -> Sandbox:
    """The account of both teams, with a group that they have nothing to do with."""
    for name in ("Marketing EE", "Sales EE", "Dashboard"):
        sandbox.add_group(name, contacts=2)
    sandbox.add_group("Marketing VIP", id=VIP, contacts=3)
    return sandbox


class Repository:
    """The files of both teams."""

    def __init__(self, folder: Path, unlisted: str, groupsync: Groupsync) -> None:
        self._folder = folder
        self._policy = f"policy: {{unlisted: {unlisted}, max_contacts_lost: 1000}}\n"
        self.groupsync = groupsync

    def write(self, team: str, text: str) -> None:
        (self._folder / team).mkdir(exist_ok=True)
        (self._folder / team / "groups.yaml").write_text(f"version: 1\n{self._policy}{text}", encoding="utf-8")

    def write_all(self, texts: dict[str, str]) -> None:
        for team, text in texts.items():
            self.write(team, text)

    def apply(self, team: str) -> Finished:
        return self.groupsync("apply", "-c", team, "--auto-approve")

    def check(self) -> int:
        return self.groupsync("scopes", *TEAMS, "--live").code


@pytest.fixture
def repository(folder: Path, unlisted: str, groupsync: Groupsync) -> Repository:
    return Repository(folder, unlisted, groupsync)


def list_contacts(sandbox: Sandbox) -> dict[str, int | None]:
    return {group.name: group.contacts_count for group in sandbox.groups()}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("before", "after"), [(BEFORE, SAME_NAME), NAME_IN_SCOPE], ids=["pattern", "name"])
def test_a_group_that_keeps_its_name_changes_hands_without_a_request(
    repository: Repository,
    account: Sandbox,
    before: dict[str, str],
    after: dict[str, str],
    order: tuple[str, ...],
) -> None:
    if before is not BEFORE:
        account.rename_group(VIP, "Newsletter")
    contacts = list_contacts(account)
    repository.write_all(before)
    codes = [repository.apply(team).code for team in order]

    for team in order:  # the job of one team runs with the new files, while that of the other may still have the old
        repository.write(team, after[team])
        codes += [repository.apply(each).code for each in TEAMS]

    assert (codes, repository.check()) == ([0] * 6, 0)
    assert count_writes(account) == 0
    assert list_contacts(account) == contacts


@pytest.mark.parametrize("order", ORDERS)
def test_a_group_that_changes_its_name_keeps_its_contacts_whoever_applies_first(
    repository: Repository, account: Sandbox, order: tuple[str, ...]
) -> None:
    contacts = list_contacts(account)
    repository.write_all(NEW_NAME)
    offline = repository.groupsync("scopes", *TEAMS).code

    first = [repository.apply(team).code for team in order]
    repository.write_all(CLEANED)
    second = [repository.apply(team).code for team in order]

    assert (offline, first, second, repository.check()) == (0, [0, 0], [0, 0], 0)
    assert (account.requests("PUT"), count_writes(account)) == (1, 1)
    assert list_contacts(account) == {
        "Sales VIP" if name == "Marketing VIP" else name: number for name, number in contacts.items()
    }
    assert VIP in {group.id for group in account.groups() if group.name == "Sales VIP"}


@pytest.mark.parametrize(
    ("entry", "code", "contacts"),
    [
        (f"{{name: Marketing VIP, id: {VIP}}}", 3, {"Sales VIP": 3}),
        ("Marketing VIP", 0, {"Marketing VIP": 0, "Sales VIP": 3}),
    ],
    ids=["id", "name"],
)
def test_a_job_with_the_old_files_of_the_giver_takes_nothing_back_after_the_rename(
    repository: Repository, account: Sandbox, entry: str, code: int, contacts: dict[str, int]
) -> None:
    """With an id it is refused. With a name alone it creates an empty group of the old name, which is why ids help."""
    repository.write_all(NEW_NAME)
    repository.write("marketing", f'scope: ["Marketing *"]\ngroups: [Marketing EE, {entry}]\n')
    taken = repository.apply("sales")

    late = repository.apply("marketing")

    assert (taken.code, late.code) == (0, code)
    assert {name: number for name, number in list_contacts(account).items() if "VIP" in name} == contacts
    assert ("belongs to another scope" in late.out) == (code == 3)


def test_files_that_forget_the_old_name_too_early_are_refused_or_lose_nothing(
    repository: Repository, account: Sandbox, unlisted: str
) -> None:
    """The checks of the pull request show it: the receiver's id is outside, and the giver would delete the group."""
    repository.write_all(CLEANED)

    planned = {team: repository.groupsync("plan", "-c", team) for team in TEAMS}

    assert planned["sales"].code == 3
    assert repository.check() == 3
    assert ('- "Marketing VIP"' in planned["marketing"].out) == (unlisted == "delete")
    assert count_writes(account) == 0


def test_the_page_shows_these_files() -> None:
    page = (ROOT / "docs" / "several-teams.md").read_text(encoding="utf-8")

    for team, text in SAME_NAME.items():
        (shown,) = re.findall(rf"```yaml\n# teams/{team}/groups.yaml\n(.*?)```", page, flags=re.DOTALL)
        assert yaml.safe_load(shown) == yaml.safe_load(text)
    assert yaml.safe_load(NEW_NAME["sales"])["groups"][1]["name"] == "Sales VIP"
    assert "`name: Sales VIP`" in page
