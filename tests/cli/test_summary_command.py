"""`groupsync summary`: plan files, reports and folders of them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from groupsync.model.account import make_target
from groupsync.planfile.review import dump_review
from tests.unit.core import TARGET, config, live
from tests.unit.reviewing import review_of
from tests.unit.test_html import read_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Groupsync

GROUPS = (live(1, "VIP", 30), live(2, "Press", 12))
PLANS = {
    "at": config("VIP", "Press"),
    "ee": config("VIP", "Press", "New"),
    "lv": config("VIP", removed=("Press",)),
    "fi": config("VIP"),
}


def find_account(country: str) -> str:
    return make_target(TARGET.endpoint, country).account


@pytest.fixture
def plans(folder: Path) -> Path:
    """A folder with a folder for each account, as a workflow downloads artifacts."""
    for country, wanted in PLANS.items():
        review = replace(review_of(wanted, GROUPS), target=make_target(TARGET.endpoint, country))
        file = folder / "plans" / f"plan-{country}" / "plan.json"
        file.parent.mkdir(parents=True)
        file.write_bytes(dump_review(replace(review, config_paths=(f"accounts/{country}",))))
    return folder / "plans"


def read_accounts(groupsync: Groupsync, *args: str) -> tuple[int, list[dict[str, object]]]:
    finished = groupsync("summary", *args, "--format", "json")
    return finished.code, json.loads(finished.out)["accounts"]


@pytest.mark.usefixtures("plans")
def test_a_folder_is_read_the_worst_first(groupsync: Groupsync) -> None:
    code, accounts = read_accounts(groupsync, "plans")

    assert code == 3
    assert [account["account"] for account in accounts] == [
        find_account(country) for country in ("fi", "lv", "ee", "at")
    ]
    assert [account["exit_code"] for account in accounts] == [3, 2, 2, 0]
    assert accounts[0]["file"] == "plans/plan-fi/plan.json"
    assert accounts[0]["config_paths"] == ["accounts/fi"]


@pytest.mark.parametrize(("country", "code"), [("at", 0), ("ee", 2), ("lv", 2), ("fi", 3)])
@pytest.mark.usefixtures("plans")
def test_the_exit_code_is_that_of_the_worst(groupsync: Groupsync, country: str, code: int) -> None:
    assert groupsync("summary", "plans/plan-at/plan.json", f"plans/plan-{country}/plan.json").code == code


def test_what_cannot_be_read_is_a_row(groupsync: Groupsync, plans: Path) -> None:
    (plans / "broken.json").write_text("{")
    (plans / "empty").mkdir()
    (plans / "linked.json").symlink_to("nowhere")

    code, accounts = read_accounts(groupsync, "plans", "plans/empty", "nowhere.json")

    problems = {str(account["file"]): str(account["problem"]) for account in accounts if account["exit_code"] == 1}
    assert code == 1
    assert problems["plans/broken.json"].startswith("not a usable plan file: ")
    assert problems["plans/empty"] == "no plan file or report in this folder"
    assert problems["nowhere.json"] == problems["plans/linked.json"] == "no such file or directory"
    assert len(accounts) == len(PLANS) + 4


@pytest.mark.usefixtures("plans")
def test_labels_and_links_are_for_accounts(groupsync: Groupsync, folder: Path) -> None:
    labels = ("--label", f"{find_account('ee')}=Eesti <b>", "--label", "acc-000000000000=Latvia")
    links = ("--link", f"{find_account('ee')}=https://example.com/ee?a=1&b=2#c")

    finished = groupsync("summary", "plans", *labels, *links, "--markdown", "s.md", "--html", "s.html")

    markdown, html = (folder / "s.md").read_text(encoding="utf-8"), (folder / "s.html").read_text(encoding="utf-8")
    assert finished.code == 1
    assert f"Eesti <b> ({find_account('ee')})" in finished.out
    assert re.search(r"^Latvia \(acc-000000000000\) +missing +- +- +- +-$", finished.out, flags=re.MULTILINE)
    assert "[`Eesti <b>`](<https://example.com/ee?a=1&b=2#c>)" in markdown
    assert '<a href="https://example.com/ee?a=1&amp;b=2#c"><bdi class="name">Eesti &lt;b&gt;</bdi></a>' in html
    assert (
        "5 accounts: 1 missing, 1 refused, 2 pending, 1 up to date. Memberships that would be lost: 24."
        in read_text(html)
    )


@pytest.mark.usefixtures("plans")
@pytest.mark.parametrize(
    "wrong",
    [
        ("--label", "ee=Estonia"),
        ("--label", "acc-000000000000="),
        ("--label", "acc-000000000000"),
        ("--label", "acc-000000000000=A", "--label", "acc-000000000000=B"),
        ("--link", "acc-000000000000=javascript:alert(1)"),
        ("--link", "acc-000000000000=https://example.com/>x"),
        ("--link", "acc-000000000000=https://example.com/ x"),
        ("--html", "x", "--markdown", "x"),
        ("--format", "yaml"),
    ],
)
def test_wrong_options_are_wrong_usage(groupsync: Groupsync, wrong: tuple[str, ...]) -> None:
    assert groupsync("summary", "plans", *wrong).code == 64


def test_no_output_replaces_a_plan(groupsync: Groupsync, plans: Path) -> None:
    file = plans / "plan-ee" / "plan.json"
    before = file.read_bytes()

    assert groupsync("summary", str(file), "--html", str(file)).code == 1
    assert groupsync("summary", "plans", "--html", str(file)).code == 1
    assert groupsync("summary", "plans", "--markdown", str(file)).code == 1
    assert file.read_bytes() == before


@pytest.mark.usefixtures("plans")
def test_outputs_of_an_earlier_summary_are_replaced(groupsync: Groupsync, folder: Path) -> None:
    outputs = ("--markdown", "s.md", "--html", "s.html")
    groupsync("summary", "plans", *outputs)
    before = {name: (folder / name).read_bytes() for name in ("s.md", "s.html")}

    assert groupsync("summary", "plans", *outputs).code == 3
    assert {name: (folder / name).read_bytes() for name in before} == before


def test_reports_and_plans_of_real_runs_are_summarized(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    sandbox.add_group("Old", contacts=12)
    write("groups: [New, Other]\nremoved: [{name: Old, contacts_at_most: 20}]\n")
    groupsync("plan", "--out", "plan.json")
    sandbox.fail_next("POST", status=422)
    assert groupsync("apply", "plan.json", "--parallelism", "1", "--report", "report.json").code == 5

    code, (report, plan) = read_accounts(groupsync, "plan.json", "report.json")

    assert code == 5
    assert (report["verdict"], plan["verdict"]) == ("incomplete", "pending")
    assert groupsync("summary", "plan.json", "report.json").out.startswith(
        "1 account, 2 files: 1 incomplete, 1 pending."
    )
    assert report["problem"] == "1 failed, 2 not attempted"
    assert (plan["create"], plan["delete"], plan["memberships_lost"]) == (2, 1, 12)
    assert groupsync("apply", "plan.json", "--report", "report.json").code == 0
    assert groupsync("summary", "report.json").code == 0


def test_a_thousand_plans_take_seconds(folder: Path) -> None:
    review = review_of(config("VIP", *(f"New {number}" for number in range(20))), (GROUPS[0],))
    (folder / "plans").mkdir()
    for number in range(1_000):
        content = dump_review(replace(review, target=make_target(TARGET.endpoint, str(number))))
        (folder / "plans" / f"{number}.json").write_bytes(content)
    command = [sys.executable, "-m", "groupsync", "summary", "plans", "--html", "s.html", "--markdown", "s.md"]

    start = time.monotonic()
    finished = subprocess.run(command, capture_output=True, text=True, check=False)

    assert finished.returncode == 2, finished.stderr
    assert finished.stdout.startswith("1,000 accounts: 1,000 pending.")
    assert time.monotonic() - start < 30
    assert (folder / "s.md").stat().st_size <= 65_000
