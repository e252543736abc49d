"""What a restore would do, and what stands against it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from groupsync.errors import SettingsError
from groupsync.model.account import make_target
from groupsync.model.backup import Backup
from groupsync.model.config import Unlisted
from groupsync.model.contacts import Contact
from groupsync.model.restore import Destination, KeptBackup
from groupsync.planner.restore import find_places, plan_restores, require_same_account
from tests.unit.core import config, entry, live, make_id

if TYPE_CHECKING:
    from groupsync.model.account import Target
    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup
    from groupsync.model.restore import Restore

TARGET = make_target("https://api.messente.com/v1", "user")
PHONES = ("+37250000000", "+37250000001", "+37250000002")
WANTED = config("VIP", "News")
NEWS = live(5, "News", 3)


def keep(
    name: str = "VIP", *, old: int = 1, restored: int | None = None, phones: tuple[str, ...] = PHONES
) -> KeptBackup:
    """Return the backup of a group in the file `NAME.json`; `restored` is the group that an earlier run has made."""
    backup = Backup(
        created_at="2026-11-23T12:00:00Z",
        groupsync_version="0.1",
        target=TARGET,
        group_id=make_id(old),
        name=name,
        contacts=tuple(Contact(phone=phone) for phone in phones),
    )
    return KeptBackup(file=f"{name}.json", backup=backup, restored_id=None if restored is None else make_id(restored))


def find_problems(
    *backups: KeptBackup, wanted: Config = WANTED, groups: tuple[LiveGroup, ...] = (NEWS,), into: int | None = None
) -> list[tuple[str, str, tuple[str, ...]]]:
    placement = find_places(backups, wanted, groups, None if into is None else make_id(into))
    return [(problem.code, problem.message, problem.remedy) for problem in placement.problems]


def find_codes(
    *backups: KeptBackup, wanted: Config = WANTED, groups: tuple[LiveGroup, ...] = (NEWS,), into: int | None = None
) -> list[str]:
    return [code for code, _, _ in find_problems(*backups, wanted=wanted, groups=groups, into=into)]


def test_a_group_that_is_gone_is_made_again() -> None:
    kept = keep()

    placement = find_places((kept,), WANTED, (NEWS,), None)

    assert placement.places == (Destination(kept=kept, into=None),)
    assert placement.problems == ()


def test_the_group_that_an_earlier_run_has_made_is_filled() -> None:
    kept = keep(restored=7)
    made = live(7, "VIP", 1)

    placement = find_places((kept,), WANTED, (NEWS, made), None)

    assert placement.places == (Destination(kept=kept, into=made),)
    assert placement.problems == ()


def test_the_group_that_an_earlier_run_has_made_may_have_another_name_by_now() -> None:
    assert find_codes(keep(restored=7), groups=(live(7, "News"),)) == []


def test_a_chosen_group_is_filled_whatever_its_name() -> None:
    kept = keep()

    placement = find_places((kept,), WANTED, (NEWS,), NEWS.id)

    assert placement.places == (Destination(kept=kept, into=NEWS),)
    assert placement.problems == ()


def test_a_chosen_group_comes_before_the_one_that_an_earlier_run_has_made() -> None:
    kept = keep(restored=7)

    placement = find_places((kept,), WANTED, (NEWS, live(7, "VIP")), NEWS.id)

    assert placement.places == (Destination(kept=kept, into=NEWS),)


def test_several_backups_each_have_a_place_of_their_own() -> None:
    backups = (keep("VIP", old=1), keep("Tartu", old=2, restored=7))
    made = live(7, "Tartu")

    placement = find_places(backups, config("VIP", "Tartu"), (made,), None)

    assert [place.into for place in placement.places] == [None, made]
    assert placement.problems == ()


def test_a_live_group_of_that_name_is_never_filled_unless_it_is_chosen() -> None:
    """It may be another group by now, with people who were never together."""
    problems = find_problems(keep(), groups=(live(9, "VIP", 2),))

    assert problems == [
        (
            "group-is-live",
            f'VIP.json: there is a live group "VIP" [id={make_id(9)}]',
            (f"to put the contacts into it: --into {make_id(9)}",),
        )
    ]
    assert find_codes(keep(), groups=(live(9, "VIP", 2),), into=9) == []


def test_each_of_several_live_groups_of_that_name_is_told() -> None:
    problems = find_problems(keep(), groups=(live(8, "VIP"), live(9, "VIP")))

    assert [remedy for _, _, remedy in problems] == [
        (f"to put the contacts into it: --into {make_id(8)}",),
        (f"to put the contacts into it: --into {make_id(9)}",),
    ]


def test_a_group_that_is_still_there_is_not_made_again() -> None:
    """A deletion whose answer was lost may not have happened, and the group may have another name by now."""
    problems = find_problems(keep(), groups=(live(1, "Guests", 3),))

    assert problems == [
        (
            "group-is-live",
            'VIP.json: its group is live, as "Guests": it was not deleted, or is not gone yet',
            (f"to put the contacts into it: --into {make_id(1)}",),
        )
    ]


def test_a_name_that_differs_in_case_is_another_name() -> None:
    assert find_codes(keep(), wanted=config("VIP", "vip"), groups=(live(9, "vip"),)) == []


def test_a_chosen_group_that_is_not_live_is_refused() -> None:
    assert find_problems(keep(), into=9) == [
        ("group-not-live", f"VIP.json: the group {make_id(9)} that it would go into is not live", ("check the id",))
    ]


def test_a_group_that_an_earlier_run_has_made_and_that_is_gone_is_refused() -> None:
    """Perhaps the list is late: to make the group once more is for a person to decide."""
    assert find_problems(keep(restored=7)) == [
        (
            "group-not-live",
            f"VIP.json: the group {make_id(7)} that it would go into is not live",
            ("to make the group anew, remove the file VIP.json.restored",),
        )
    ]


def test_two_backups_of_one_name_are_refused() -> None:
    problems = find_problems(keep(old=1), replace(keep(old=2), file="other.json"))

    assert problems == [
        (
            "several-backups",
            '2 of the files are backups of a group named "VIP"',
            ("restore them one by one; the second one goes into the group of the first: --into ID",),
        )
    ]


def test_the_same_file_twice_is_refused() -> None:
    assert find_codes(keep(), keep()) == ["several-backups"]


def test_all_that_stands_against_it_is_told_at_once() -> None:
    backups = (keep("VIP", old=1), keep("News", old=2), keep("Tartu", old=3, restored=9))

    assert find_codes(*backups, wanted=config("VIP", "News", "Tartu")) == ["group-is-live", "group-not-live"]


def test_a_group_that_is_not_listed_would_be_deleted_again() -> None:
    assert find_problems(keep(), wanted=config("News")) == [
        (
            "would-be-deleted",
            'VIP.json: the configuration would delete group "VIP" again',
            ('list it under groups: - "VIP"', "or name another configuration with -c"),
        )
    ]


def test_a_group_that_is_removed_by_name_would_be_deleted_again() -> None:
    assert find_problems(keep(), wanted=config("News", removed=("VIP",))) == [
        (
            "would-be-deleted",
            'VIP.json: the configuration would delete group "VIP" again',
            ("take it out of removed, groups.yaml:50", "or name another configuration with -c"),
        )
    ]


def test_a_removal_of_the_old_id_does_not_concern_the_new_group() -> None:
    assert find_codes(keep(), wanted=config("News", "VIP", removed=(1,))) == []


def test_an_entry_that_is_pinned_to_the_old_id_does_not_take_the_new_group() -> None:
    """No plan could be made with that pin, so it is passed over, and the line to change is told."""
    assert find_problems(keep(), wanted=config("News", entry("VIP", 1, line=9))) == [
        (
            "would-be-deleted",
            'VIP.json: the configuration would delete group "VIP" again',
            (
                "remove the id at groups.yaml:9: the restored group has another one",
                "or name another configuration with -c",
            ),
        )
    ]


@pytest.mark.parametrize(
    "wanted",
    [
        config("News", unlisted=Unlisted.KEEP),
        config("News", unlisted=Unlisted.REFUSE),
        config("News", ignore=("V*",)),
        config("News", "VIP"),
        config("News", entry("VIP customers", previously=("VIP",))),
        config("News", entry("VIP", 1), unlisted=Unlisted.KEEP),
    ],
    ids=["unlisted: keep", "unlisted: refuse", "ignored", "listed", "listed by an earlier name", "pinned and kept"],
)
def test_a_group_that_the_configuration_lets_live_may_be_made_again(wanted: Config) -> None:
    assert find_codes(keep(), wanted=wanted) == []


def test_a_chosen_group_that_would_be_deleted_is_refused() -> None:
    problems = find_problems(keep(), wanted=config("VIP", removed=(5,)), into=5)

    assert problems == [
        (
            "would-be-deleted",
            'VIP.json: the configuration would delete group "News" again',
            ("take it out of removed, groups.yaml:50", "or name another configuration with -c"),
        )
    ]


def test_the_group_of_an_earlier_run_that_would_be_deleted_is_refused() -> None:
    assert find_codes(keep(restored=7), wanted=config("News"), groups=(NEWS, live(7, "VIP"))) == ["would-be-deleted"]


def test_other_groups_that_would_be_deleted_do_not_matter() -> None:
    assert find_codes(keep(), wanted=config("VIP"), groups=(NEWS, live(6, "Old", 4))) == []


def test_an_earlier_name_beside_the_group_that_bears_the_new_one_is_refused() -> None:
    """The next plan would be refused for it, so whether the group would be deleted is not known."""
    wanted = config(entry("News", previously=("VIP",)))

    ((code, message, _),) = find_problems(keep(), wanted=wanted)

    assert code != "would-be-deleted"
    assert message.startswith("no plan can be made with the restored group: ")


def test_each_group_that_would_be_deleted_is_told_with_its_own_line() -> None:
    problems = find_problems(
        keep("VIP", old=1), keep("Tartu", old=2), wanted=config("News", removed=("Tartu",)), groups=(NEWS,)
    )

    assert sorted(remedy[0] for _, _, remedy in problems) == [
        'list it under groups: - "VIP"',
        "take it out of removed, groups.yaml:50",
    ]


def test_backups_of_this_account_pass_whatever_its_port_or_path() -> None:
    """The account is its host and user: a version in the path may change between backup and restore."""
    require_same_account([keep()], make_target("https://api.messente.com/v2", "user"))


@pytest.mark.parametrize(
    "other", [make_target("https://api.messente.com/v1", "somebody"), make_target("https://example.com/v1", "user")]
)
def test_a_backup_of_another_account_is_refused(other: Target) -> None:
    with pytest.raises(SettingsError) as raised:
        require_same_account([keep("News"), keep("VIP")], other)

    assert str(raised.value).startswith(f"News.json: is a backup of the account {TARGET.account} at ")
    assert raised.value.remedy == "check GROUPSYNC_ENDPOINT and MESSENTE_API_USERNAME"
    assert raised.value.exit_code == 1


def plan(
    kept: KeptBackup, *, into: LiveGroup | None = None, phones: set[str], members: set[str], recreate: bool = False
) -> Restore:
    (restore,) = plan_restores(
        [Destination(kept=kept, into=into)],
        phones=phones,
        members={into.id: members} if into else {},
        recreate=recreate,
    )
    return restore


def test_contacts_that_exist_are_added_and_those_that_are_gone_left_out() -> None:
    restore = plan(keep(), phones={*PHONES[:2], "+1"}, members=set())

    assert [contact.phone for contact in restore.add] == [*PHONES[:2]]
    assert [contact.phone for contact in restore.gone] == [PHONES[2]]
    assert (restore.recreate, restore.present, restore.has_work) == ((), 0, True)


def test_contacts_that_are_gone_are_made_again_if_that_is_wanted() -> None:
    restore = plan(keep(), phones={*PHONES[:2]}, members=set(), recreate=True)

    assert [contact.phone for contact in restore.recreate] == [PHONES[2]]
    assert (len(restore.add), restore.gone) == (2, ())


def test_contacts_that_are_in_the_group_are_passed_over() -> None:
    restore = plan(keep(), into=live(7, "VIP", 2), phones=set(PHONES), members={PHONES[0], "+37259999999"})

    assert [contact.phone for contact in restore.add] == [*PHONES[1:]]
    assert (restore.present, restore.has_work) == (1, True)


@pytest.mark.parametrize(("phones", "gone"), [(set(PHONES), 0), ({PHONES[0]}, 2)])
def test_there_is_no_work_when_all_that_can_be_is_in_the_group(phones: set[str], gone: int) -> None:
    restore = plan(keep(), into=live(7, "VIP", len(phones)), phones=phones, members=phones)

    assert (restore.has_work, len(restore.gone)) == (False, gone)


def test_more_members_than_the_group_says_are_not_believed() -> None:
    """A server that ignores which group was asked for shows everybody: then all are added, and twice does no harm."""
    restore = plan(keep(), into=live(7, "VIP", 0), phones=set(PHONES), members=set(PHONES))

    assert (len(restore.add), restore.present) == (3, 0)


def test_a_group_without_contacts_is_made_again_all_the_same() -> None:
    assert plan(keep(phones=()), phones=set(), members=set()).has_work


def test_members_of_one_group_do_not_count_for_another() -> None:
    places = [
        Destination(kept=keep("VIP", restored=7), into=live(7, "VIP", 3)),
        Destination(kept=keep("Tartu", restored=8), into=live(8, "Tartu", 0)),
    ]

    restores = plan_restores(
        places, phones=set(PHONES), members={make_id(7): set(PHONES), make_id(8): set()}, recreate=False
    )

    assert [(restore.present, len(restore.add)) for restore in restores] == [(3, 0), (0, 3)]


def test_no_repr_of_a_restore_shows_a_phone_number() -> None:
    assert "5000000" not in repr(plan(keep(), phones=set(PHONES), members=set()))
