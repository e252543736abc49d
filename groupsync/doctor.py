"""What a checkup makes of the things around groupsync: each function judges one of them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count, quote, quote_file
from groupsync.guards import judge_account
from groupsync.model.doctor import DoctorCheck, DoctorReport, Health
from groupsync.patterns import find_idle_patterns
from groupsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from groupsync.errors import GroupsyncError
    from groupsync.model.account import Target
    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup
    from groupsync.model.limits import RunPolicy

CHECKS = (
    "python",
    "packages",
    "configuration",
    "endpoint",
    "credentials",
    "account",
    "backups",
    "lock",
    "proxy",
    "answer",
    "clock",
    "groups",
    "limits",
)
MOST_SECONDS_OFF = 60.0


def make_doctor_report(checks: Iterable[DoctorCheck]) -> DoctorReport:
    """Return the checks with the names of those that are missing among them."""
    done = tuple(checks)
    seen = {check.name for check in done}
    return DoctorReport(checks=done, unchecked=tuple(name for name in CHECKS if name not in seen))


def make_failure(name: str, error: GroupsyncError) -> DoctorCheck:
    """Return the check that ended in an error."""
    return DoctorCheck(name=name, health=Health.FAILED, text=str(error), advice=error.remedy)


def check_python(version: str) -> DoctorCheck:
    """Tell what runs groupsync."""
    return DoctorCheck(name="python", text=f"{version}, with groupsync {__version__}")


def check_packages(versions: Mapping[str, str], *, has_libyaml: bool) -> DoctorCheck:
    """Judge the packages that groupsync stands on, by their names and versions; one without a version is missing."""
    if missing := [name for name, version in versions.items() if not version]:
        return DoctorCheck(
            name="packages",
            health=Health.FAILED,
            text=f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed",
            advice="pip install --force-reinstall groupsync",
        )
    text = ", ".join(f"{name} {version}" for name, version in versions.items())
    if has_libyaml:
        return DoctorCheck(name="packages", text=text)
    return DoctorCheck(
        name="packages",
        health=Health.FAILED,
        text=f"{text}; PyYAML lacks libyaml",
        advice="pip install --force-reinstall --only-binary :all: pyyaml",
    )


def check_config(config: Config) -> DoctorCheck:
    """Judge the files that a plan would be made from."""
    figures = f"{count(len(config.groups), 'group', 'groups')}, {count(len(config.removed), 'removed', 'removed')}"
    text = f"{', '.join(map(quote_file, config.files))}: {figures}"
    if not config.warnings:
        return DoctorCheck(name="configuration", text=text)
    warnings = count(len(config.warnings), "warning", "warnings")
    return DoctorCheck(
        name="configuration",
        health=Health.WARNING,
        text=f"{text}, {warnings}",
        advice="to see them: groupsync validate",
    )


def check_missing_config(path: str) -> DoctorCheck:
    """Tell that there is no configuration yet."""
    return DoctorCheck(
        name="configuration",
        health=Health.WARNING,
        text=f"there is no {quote_file(path)} in this folder",
        advice=f"to make one of the live groups: groupsync export --out {path}",
    )


def check_limits(run_policy: RunPolicy, live: Sequence[LiveGroup] | None) -> DoctorCheck:
    """Tell the limits of the environment, and judge its patterns where it is known which groups are live."""
    said = {
        "GROUPSYNC_PROTECTED": ", ".join(map(quote, run_policy.protected)),
        "GROUPSYNC_MAX_DELETES": run_policy.max_deletes,
        "GROUPSYNC_MAX_CONTACTS_LOST": run_policy.max_contacts_lost,
    }
    text = "; ".join(f"{variable}: {value}" for variable, value in said.items() if value not in {None, ""})
    idle = () if live is None else find_idle_patterns(run_policy.protected, [group.name for group in live])
    if idle:
        return DoctorCheck(
            name="limits",
            health=Health.WARNING,
            text=f"{text}; no live group matches {', '.join(map(quote, idle))}",
            advice="look at its spelling: upper and lower case differ, * and ? stand for other characters",
        )
    return DoctorCheck(name="limits", text=text or "none in the environment; those of the configuration hold")


def check_endpoint(base_url: str, default: str) -> DoctorCheck:
    """Tell where the Phonebook is; the default is Messente's own."""
    return DoctorCheck(
        name="endpoint", text=base_url if base_url == default else f"{base_url}, which is not Messente's own"
    )


def check_credentials(variables: Sequence[str]) -> DoctorCheck:
    """Tell by which variables the credentials are given, and nothing else of them."""
    return DoctorCheck(name="credentials", text=f"{' and '.join(variables)} are set")


def check_account(config: Config | None, target: Target) -> DoctorCheck:
    """Judge whether the configuration is for this account, and tell its fingerprint."""
    if config is None:
        return DoctorCheck(name="account", text=target.account)
    if finding := judge_account(config, target):
        return DoctorCheck(
            name="account",
            health=Health.FAILED,
            text=f"{finding.message} ({finding.source})",
            advice=" ".join(finding.remedy),
        )
    if config.accounts:
        return DoctorCheck(name="account", text=f"{target.account}, for which the configuration is")
    return DoctorCheck(
        name="account",
        health=Health.WARNING,
        text=f"{target.account}, and the configuration may be used with any",
        advice=f"to keep it to this one, write in it: account: {target.account}",
    )


def check_backups(folder: str, repository: str) -> DoctorCheck:
    """Judge whether there is a folder, which can be written, for the members of deleted groups; and where it is.

    Both are paths, empty where there is none: the folder itself, and the git repository that it lies in.
    """
    if folder and repository:
        return DoctorCheck(
            name="backups",
            health=Health.WARNING,
            text=f"kept in {quote_file(folder)}, in the git repository {quote_file(repository)}",
            advice="name a folder outside the repository: backups hold phone numbers",
        )
    if folder:
        return DoctorCheck(name="backups", text=f"kept in {quote_file(folder)}")
    return DoctorCheck(
        name="backups",
        health=Health.WARNING,
        text="GROUPSYNC_BACKUP_DIR is not set, so a plan that deletes groups with contacts is refused",
        advice="set it to a folder outside the repository: backups hold phone numbers",
    )


def check_lock(*, is_held: bool) -> DoctorCheck:
    """Tell whether an apply could have this machine's lock of the account now."""
    if is_held:
        return DoctorCheck(
            name="lock",
            health=Health.WARNING,
            text="another run works on this account",
            advice="wait until it ends, or let an apply wait for it: --lock-timeout",
        )
    return DoctorCheck(name="lock", text="free: no other run on this machine works on this account")


def check_proxy(proxy: str) -> DoctorCheck:
    """Tell which proxy is on the way; it comes without credentials."""
    return DoctorCheck(name="proxy", text=proxy or "none")


def check_answer(milliseconds: int) -> DoctorCheck:
    """Tell that the endpoint answers as a Phonebook does."""
    return DoctorCheck(name="answer", text=f"a list of groups, after {milliseconds:,} ms")


def check_clock(now: datetime, server_time: datetime | None) -> DoctorCheck:
    """Judge how far this machine's clock is from the server's."""
    if server_time is None:
        return DoctorCheck(name="clock", text="the server does not say its time")
    seconds = (now - server_time).total_seconds()
    if abs(seconds) <= MOST_SECONDS_OFF:
        return DoctorCheck(name="clock", text="as the server's, to the minute")
    side = "ahead of" if seconds > 0 else "behind"
    return DoctorCheck(
        name="clock",
        health=Health.WARNING,
        text=f"{abs(seconds):,.0f} seconds {side} the server's",
        advice="set this machine's clock: plans, backups and reports carry its time",
    )


def check_groups(live: Sequence[LiveGroup]) -> DoctorCheck:
    """Tell what is in the address book."""
    known = sum(group.contacts_count or 0 for group in live)
    text = f"{count(len(live), 'group', 'groups')}, {count(known, 'membership', 'memberships')}"
    unknown = [group for group in live if group.contacts_count is None]
    if not unknown:
        return DoctorCheck(name="groups", text=text)
    return DoctorCheck(
        name="groups",
        health=Health.WARNING,
        text=f"{text} or more: of {count(len(unknown), 'group', 'groups')} the server does not say how many contacts "
        f"are in it, such as {quote(unknown[0].name)}",
        advice="groupsync deletes none of them",
    )
