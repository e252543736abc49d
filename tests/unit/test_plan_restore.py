"""What a restore would do, and the problems that prevent it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from groupsync.errors import SettingsError
from groupsync.model.account import make_target
from groupsync.model.backup import Backup
from groupsync.model.config import Pattern, Unlisted
from groupsync.model.contacts import Contact
from groupsync.model.restore import BackupFile, Destination
from groupsync.names import temporary_name
from groupsync.planner.restore import find_destinations, find_restore_problems, plan_restores, require_same_account
from tests.unit.core import TARGET, at, config, entry, live, make_id

if TYPE_CHECKING:
    from groupsync.model.account import Target
    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup
    from groupsync.model.restore import Restore

PHONES = ("+37250000000", "+37250000001", "+37250000002")
DESIRED = config("VIP", "News")
NEWS = live(5, "News", 3)


def backup_of(
    name: str = "VIP", *, old: int = 1, restored: int | None = None, phones: tuple[str, ...] = PHONES
) -> BackupFile:
    """Return the backup of a group in the file `NAME.json`; `restored` is the group that an earlier run created."""
    backup = Backup(
        created_at="2026-11-23T12:00:00Z",
        groupsync_version="0.1",
        target=TARGET,
        group_id=make_id(old),
        name=name,
        contacts=tuple(Contact(phone=phone) for phone in phones),
    )
    restored_id = None if restored is None else make_id(restored)
    return BackupFile(file=f"{name}.json", backup=backup, restored_id=restored_id)


def find_problems(
    *backups: BackupFile, desired: Config = DESIRED, groups: tuple[LiveGroup, ...] = (NEWS,), into: int | None = None
) -> list[tuple[str, str, tuple[str, ...]]]:
    into_id = None if into is None else make_id(into)
    destinations = find_destinations(backups, groups, into_id)
    problems = find_restore_problems(destinations, desired, groups, into_id)
    return [(problem.code, problem.message, problem.remedy) for problem in problems]


def find_codes(
    *backups: BackupFile, desired: Config = DESIRED, groups: tuple[LiveGroup, ...] = (NEWS,), into: int | None = None
) -> list[str]:
    return [code for code, _, _ in find_problems(*backups, desired=desired, groups=groups, into=into)]


def test_a_group_that_is_gone_is_created_again() -> None:
    backup_file = backup_of()

    destinations = find_destinations((backup_file,), (NEWS,), None)

    assert destinations == (Destination(backup_file=backup_file, into=None),)
    assert find_codes(backup_file) == []


def test_the_group_that_an_earlier_run_created_is_filled() -> None:
    backup_file = backup_of(restored=7)
    created = live(7, "VIP", 1)

    destinations = find_destinations((backup_file,), (NEWS, created), None)

    assert destinations == (Destination(backup_file=backup_file, into=created),)
    assert find_codes(backup_file, groups=(NEWS, created)) == []


def test_the_group_that_an_earlier_run_created_may_have_another_name_now() -> None:
    assert find_codes(backup_of(restored=7), groups=(live(7, "News"),)) == []


def test_a_chosen_group_is_filled_whatever_its_name() -> None:
    backup_file = backup_of()

    destinations = find_destinations((backup_file,), (NEWS,), NEWS.id)

    assert destinations == (Destination(backup_file=backup_file, into=NEWS),)
    assert find_codes(backup_file, into=5) == []


def test_a_chosen_group_comes_before_the_one_that_an_earlier_run_created() -> None:
    backup_file = backup_of(restored=7)

    destinations = find_destinations((backup_file,), (NEWS, live(7, "VIP")), NEWS.id)

    assert destinations == (Destination(backup_file=backup_file, into=NEWS),)


def test_each_of_several_backups_has_its_own_destination() -> None:
    backup_files = (backup_of("VIP", old=1), backup_of("Tartu", old=2, restored=7))
    created = live(7, "Tartu")

    destinations = find_destinations(backup_files, (created,), None)

    assert [destination.into for destination in destinations] == [None, created]
    assert find_codes(*backup_files, desired=config("VIP", "Tartu"), groups=(created,)) == []


def test_a_live_group_of_that_name_is_filled_only_if_it_is_chosen() -> None:
    """It may be another group with other members by now."""
    problems = find_problems(backup_of(), groups=(live(9, "VIP", 2),))

    assert problems == [
        (
            "group-is-live",
            f'VIP.json: there is a live group "VIP" [id={make_id(9)}]',
            (f"to put the contacts into it: groupsync restore VIP.json --into {make_id(9)}",),
        )
    ]
    assert find_codes(backup_of(), groups=(live(9, "VIP", 2),), into=9) == []


def test_each_live_group_of_that_name_is_a_problem() -> None:
    problems = find_problems(backup_of(), groups=(live(8, "VIP"), live(9, "VIP")))

    assert [remedy for _, _, remedy in problems] == [
        (f"to put the contacts into it: groupsync restore VIP.json --into {make_id(8)}",),
        (f"to put the contacts into it: groupsync restore VIP.json --into {make_id(9)}",),
    ]


def test_a_group_that_is_still_live_is_not_created_again() -> None:
    """A deletion whose response was lost may not have happened, and the group may have another name by now."""
    problems = find_problems(backup_of(), groups=(live(1, "Guests", 3),))

    assert problems == [
        (
            "group-is-live",
            'VIP.json: its group is live, as "Guests": it was not deleted, or is not gone yet',
            (f"to put the contacts into it: groupsync restore VIP.json --into {make_id(1)}",),
        )
    ]


def test_a_name_that_differs_in_case_is_another_name() -> None:
    assert find_codes(backup_of(), desired=config("VIP", "vip"), groups=(live(9, "vip"),)) == []


def test_a_chosen_group_that_is_not_live_is_refused() -> None:
    assert find_problems(backup_of(), into=9) == [
        ("group-not-live", f"VIP.json: the target group {make_id(9)} is not live", ("check the id",))
    ]


def test_a_group_that_an_earlier_run_created_and_that_is_gone_is_refused() -> None:
    """The list of groups may be late, so a person decides whether to create the group again."""
    assert find_problems(backup_of(restored=7)) == [
        (
            "group-not-live",
            f"VIP.json: the target group {make_id(7)} is not live",
            ("to create the group again, remove the file VIP.json.restored",),
        )
    ]


def test_two_backups_of_one_name_are_refused() -> None:
    problems = find_problems(backup_of(old=1), replace(backup_of(old=2), file="other.json"))

    assert problems == [
        (
            "several-backups",
            '2 of the files are backups of a group named "VIP"',
            ("restore them one at a time, the second one into the group of the first: --into ID",),
        )
    ]


def test_the_same_file_twice_is_refused() -> None:
    assert find_codes(backup_of(), backup_of()) == ["several-backups"]


def test_all_problems_are_reported_at_once() -> None:
    backups = (backup_of("VIP", old=1), backup_of("News", old=2), backup_of("Tartu", old=3, restored=9))

    assert find_codes(*backups, desired=config("VIP", "News", "Tartu")) == ["group-is-live", "group-not-live"]


def test_a_group_that_is_not_listed_would_be_deleted_again() -> None:
    assert find_problems(backup_of(), desired=config("News")) == [
        (
            "would-be-deleted",
            'VIP.json: the configuration would delete group "VIP" again',
            ("to keep it, add to the list under groups:\n  - name: VIP", "or name another configuration with -c"),
        )
    ]


def test_a_group_that_is_removed_by_name_would_be_deleted_again() -> None:
    assert find_problems(backup_of(), desired=config("News", removed=("VIP",))) == [
        (
            "would-be-deleted",
            'VIP.json: the configuration would delete group "VIP" again',
            ("take out the entry at groups.yaml:50:5", "or name another configuration with -c"),
        )
    ]


def test_a_removal_of_the_old_id_does_not_concern_the_new_group() -> None:
    assert find_codes(backup_of(), desired=config("News", "VIP", removed=(1,))) == []


@pytest.mark.parametrize("unlisted", [None, *Unlisted])
def test_an_entry_with_the_old_id_is_refused(unlisted: Unlisted | None) -> None:
    """No plan could be made with that id, and its group would be created again if the id were removed later."""
    assert find_problems(backup_of(), desired=config("News", entry("VIP", 1, line=9), unlisted=unlisted))[0] == (
        "old-id-listed",
        f'group "VIP" has the old id {make_id(1)} of the group in VIP.json',
        (
            (
                "to restore it under a new id, which is printed at the end, change the entry at groups.yaml:9 to:\n"
                "  - name: VIP"
            ),
            "or name another configuration with -c",
        ),
    )


def test_an_entry_with_the_old_id_and_another_name_is_refused() -> None:
    desired = config("News", "VIP", entry("Gold", 1))

    assert find_codes(backup_of(), desired=desired) == ["old-id-listed"]


def test_an_entry_with_the_old_id_takes_the_id_of_the_chosen_group() -> None:
    desired = config(entry("VIP", 1), unlisted=Unlisted.KEEP)

    ((code, _, remedy),) = find_problems(backup_of(), desired=desired, into=5)

    assert code == "old-id-listed"
    assert remedy[0] == (
        "to name the group that takes the contacts, change the entry at groups.yaml:3 to:\n"
        f"  - name: VIP\n    id: {make_id(5)}"
    )


def test_the_id_of_a_group_that_is_live_after_all_may_be_listed() -> None:
    desired = config(entry("VIP", 1), unlisted=Unlisted.KEEP)

    assert find_codes(backup_of(), desired=desired, groups=(live(1, "VIP", 3),), into=1) == []


def test_an_entry_with_an_id_that_is_not_live_does_not_take_the_new_group() -> None:
    """No plan could be made with that id, so the entry is left out, and the remedy names its line."""
    assert find_problems(backup_of(), desired=config("News", entry("VIP", 3, line=9))) == [
        (
            "would-be-deleted",
            'VIP.json: the configuration would delete group "VIP" again',
            (
                "to list the restored group, change the entry at groups.yaml:9 to:\n  - name: VIP",
                "or name another configuration with -c",
            ),
        )
    ]


@pytest.mark.parametrize(
    "desired",
    [
        config("News", unlisted=Unlisted.KEEP),
        config("News", unlisted=Unlisted.REFUSE),
        config("News", ignore=("V*",)),
        config("News", "VIP"),
        config("News", entry("VIP customers", previously=("VIP",))),
        config("News", entry("VIP", 3), unlisted=Unlisted.KEEP),
        config("News", unlisted=None),
    ],
    ids=[
        "unlisted: keep",
        "unlisted: refuse",
        "ignored",
        "listed",
        "listed by an earlier name",
        "pinned and kept",
        "undecided",
    ],
)
def test_a_group_that_the_configuration_does_not_delete_may_be_created_again(desired: Config) -> None:
    assert find_codes(backup_of(), desired=desired) == []


def test_a_chosen_group_that_would_be_deleted_is_refused() -> None:
    problems = find_problems(backup_of(), desired=config("VIP", removed=(5,)), into=5)

    assert problems == [
        (
            "would-be-deleted",
            'VIP.json: the configuration would delete group "News" again',
            ("take out the entry at groups.yaml:50:5", "or name another configuration with -c"),
        )
    ]


def test_the_group_of_an_earlier_run_that_would_be_deleted_is_refused() -> None:
    assert find_codes(backup_of(restored=7), desired=config("News"), groups=(NEWS, live(7, "VIP"))) == [
        "would-be-deleted"
    ]


def test_other_groups_that_would_be_deleted_do_not_matter() -> None:
    assert find_codes(backup_of(), desired=config("VIP"), groups=(NEWS, live(6, "Old", 4))) == []


def test_a_group_whose_name_is_the_earlier_name_of_a_live_group_is_refused() -> None:
    """The next plan would be refused, so it is not known whether it would delete the group."""
    desired = config(entry("News", previously=("VIP",)))

    ((code, message, _),) = find_problems(backup_of(), desired=desired)

    assert code != "would-be-deleted"
    assert message.startswith("no plan can be made with the restored group: ")


def test_each_group_that_would_be_deleted_has_its_own_remedy() -> None:
    problems = find_problems(
        backup_of("VIP", old=1), backup_of("Tartu", old=2), desired=config("News", removed=("Tartu",)), groups=(NEWS,)
    )

    assert sorted(remedy[0] for _, _, remedy in problems) == [
        "take out the entry at groups.yaml:50:5",
        "to keep it, add to the list under groups:\n  - name: VIP",
    ]


def test_a_backup_of_this_account_is_accepted_whatever_the_path() -> None:
    """Host and username make the account; the version in the path may change between backup and restore."""
    require_same_account([backup_of()], make_target("https://api.messente.com/v2", "user"))


@pytest.mark.parametrize(
    "other", [make_target("https://api.messente.com/v1", "somebody"), make_target("https://example.com/v1", "user")]
)
def test_a_backup_of_another_account_is_refused(other: Target) -> None:
    with pytest.raises(SettingsError) as raised:
        require_same_account([backup_of("News"), backup_of("VIP")], other)

    assert str(raised.value).startswith(f"News.json: is a backup from account {TARGET.account} at ")
    assert raised.value.remedy == "check GROUPSYNC_ENDPOINT and MESSENTE_API_USERNAME"
    assert raised.value.exit_code == 1


def plan(
    backup_file: BackupFile,
    *,
    into: LiveGroup | None = None,
    phones: set[str],
    members: set[str],
    recreate: bool = False,
) -> Restore:
    (restore,) = plan_restores(
        [Destination(backup_file=backup_file, into=into)],
        phones=phones,
        members={into.id: members} if into else {},
        recreate=recreate,
    )
    return restore


def test_contacts_that_exist_are_added_and_those_that_are_gone_left_out() -> None:
    restore = plan(backup_of(), phones={*PHONES[:2], "+1"}, members=set())

    assert [contact.phone for contact in restore.add] == [*PHONES[:2]]
    assert [contact.phone for contact in restore.gone] == [PHONES[2]]
    assert (restore.recreate, restore.present, restore.has_work) == ((), 0, True)


def test_contacts_that_are_gone_are_created_again_on_request() -> None:
    restore = plan(backup_of(), phones={*PHONES[:2]}, members=set(), recreate=True)

    assert [contact.phone for contact in restore.recreate] == [PHONES[2]]
    assert (len(restore.add), restore.gone) == (2, ())


def test_contacts_that_are_in_the_group_are_skipped() -> None:
    restore = plan(backup_of(), into=live(7, "VIP", 2), phones=set(PHONES), members={PHONES[0], "+37259999999"})

    assert [contact.phone for contact in restore.add] == [*PHONES[1:]]
    assert (restore.present, restore.has_work) == (1, True)


@pytest.mark.parametrize(("phones", "gone"), [(set(PHONES), 0), ({PHONES[0]}, 2)])
def test_there_is_no_work_if_all_contacts_that_exist_are_in_the_group(phones: set[str], gone: int) -> None:
    restore = plan(backup_of(), into=live(7, "VIP", len(phones)), phones=phones, members=phones)

    assert (restore.has_work, len(restore.gone)) == (False, gone)


def test_a_list_of_more_members_than_the_group_has_is_not_used() -> None:
    """A server that ignores the group in the request lists all contacts. Then all are added: twice does no harm."""
    restore = plan(backup_of(), into=live(7, "VIP", 0), phones=set(PHONES), members=set(PHONES))

    assert (len(restore.add), restore.present) == (3, 0)


def test_a_group_without_contacts_is_created_again() -> None:
    assert plan(backup_of(phones=()), phones=set(), members=set()).has_work


def test_members_of_one_group_do_not_count_for_another() -> None:
    destinations = [
        Destination(backup_file=backup_of("VIP", restored=7), into=live(7, "VIP", 3)),
        Destination(backup_file=backup_of("Tartu", restored=8), into=live(8, "Tartu", 0)),
    ]

    restores = plan_restores(
        destinations, phones=set(PHONES), members={make_id(7): set(PHONES), make_id(8): set()}, recreate=False
    )

    assert [(restore.present, len(restore.add)) for restore in restores] == [(3, 0), (0, 3)]


def test_no_repr_of_a_restore_shows_a_phone_number() -> None:
    assert "5000000" not in repr(plan(backup_of(), phones=set(PHONES), members=set()))


def in_scope(*patterns: str, job: tuple[str, ...] = ()) -> Config:
    scope = tuple(Pattern(text=text, source=at(2)) for text in patterns)
    return replace(config(), scope=scope, job_scope=job)


@pytest.mark.parametrize(
    ("desired", "whose", "remedy"),
    [
        (
            in_scope("Sales *"),
            "this configuration",
            "add a pattern for it under scope, or name its own configuration with -c",
        ),
        (in_scope(job=("Sales *",)), "this job (GROUPSYNC_SCOPE)", "ask the owner of the job to add a pattern for it"),
        (
            in_scope("V*", job=("Sales *",)),
            "this job (GROUPSYNC_SCOPE)",
            "ask the owner of the job to add a pattern for it",
        ),
    ],
)
def test_a_group_outside_the_scope_is_not_created_again(desired: Config, whose: str, remedy: str) -> None:
    desired = replace(desired, policy=replace(desired.policy, unlisted=Unlisted.KEEP))

    assert find_problems(backup_of(), desired=desired) == [
        ("outside-scope", f'VIP.json: the group "VIP" is outside the scope of {whose}', (remedy,))
    ]
    assert find_problems(backup_of("Sales EE"), desired=replace(desired, scope=())) == []


@pytest.mark.parametrize("restored", [None, 7])
def test_a_live_group_outside_the_scope_takes_no_contacts(restored: int | None) -> None:
    """Whether the user chose it or an earlier run noted it, and though the name in the backup is in the scope."""
    into = None if restored else 7
    desired = replace(in_scope("V*"), policy=replace(config().policy, unlisted=Unlisted.KEEP))
    group = live(7, "Sales EE")

    (problem,) = find_problems(backup_of(restored=restored), desired=desired, groups=(group,), into=into)

    assert problem[:2] == (
        "outside-scope",
        f'VIP.json: the live group "Sales EE" [id={group.id}] is outside the scope of this configuration',
    )


def test_a_group_at_its_temporary_name_is_in_the_scope_of_its_own_name() -> None:
    desired = replace(in_scope("VIP"), policy=replace(config().policy, unlisted=Unlisted.KEEP))
    group = live(7, temporary_name("VIP", make_id(7)))

    assert find_codes(backup_of(temporary_name("VIP", make_id(1))), desired=desired) == []
    assert find_codes(backup_of(), desired=desired, groups=(group,), into=7) == []
