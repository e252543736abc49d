"""The judgements of `groupsync doctor`: each function returns the result of one check. Pure.

`runs/doctor.py` finds out the facts that they judge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.command import NO_OPTIONS
from groupsync.display import count, describe_idle_pattern, join_names, quote, quote_file
from groupsync.guards import judge_account
from groupsync.model.config import Unlisted
from groupsync.model.doctor import DoctorCheck, Health
from groupsync.patterns import find_idle_patterns, find_look_alikes
from groupsync.variables import PREFIX, describe_unknown_variables
from groupsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from groupsync.command import CommandOptions
    from groupsync.errors import GroupsyncError
    from groupsync.model.account import Target
    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup
    from groupsync.model.limits import RunPolicy
    from groupsync.model.plan import Plan
    from groupsync.model.scope import Scope

MOST_SECONDS_OFF = 60.0


def make_failed_check(error: GroupsyncError) -> DoctorCheck:
    """Return the result of a check that ended with an error."""
    return DoctorCheck(health=Health.FAILED, text=str(error), remedy=error.remedy)


def check_python(version: str) -> DoctorCheck:
    """Report the versions of Python and groupsync."""
    return DoctorCheck(text=f"{version}, with groupsync {__version__}")


def check_packages(versions: Mapping[str, str], *, has_libyaml: bool) -> DoctorCheck:
    """Report the versions of packages, by their names; fail if one is empty, which means not installed."""
    if missing := [name for name, version in versions.items() if not version]:
        verb = "is" if len(missing) == 1 else "are"
        return DoctorCheck(
            health=Health.FAILED,
            text=f"{' and '.join(missing)} {verb} not installed",
            remedy="pip install --force-reinstall groupsync",
        )
    text = ", ".join(f"{name} {version}" for name, version in versions.items())
    if has_libyaml:
        return DoctorCheck(text=text)
    return DoctorCheck(
        health=Health.FAILED,
        text=f"{text}; PyYAML lacks libyaml",
        remedy="pip install --force-reinstall --only-binary :all: pyyaml",
    )


def check_variables(unknown: Sequence[str]) -> DoctorCheck:
    """Warn of variables that begin with GROUPSYNC_ and do not exist; `unknown` has their names."""
    if not unknown:
        return DoctorCheck(text=f"no unknown {PREFIX} variable")
    text, remedy = describe_unknown_variables(unknown)
    return DoctorCheck(health=Health.WARNING, text=text, remedy=remedy)


def check_config(config: Config, options: CommandOptions = NO_OPTIONS) -> DoctorCheck:
    """Report what the configuration files contain, and how many warnings they cause."""
    figures = f"{count(len(config.groups), 'group', 'groups')}, {count(len(config.removed), 'removed', 'removed')}"
    text = f"{', '.join(map(quote_file, config.files))}: {figures}"
    if not config.warnings:
        return DoctorCheck(text=text)
    warnings = count(len(config.warnings), "warning", "warnings")
    return DoctorCheck(
        health=Health.WARNING, text=f"{text}, {warnings}", remedy=f"to see them: {options.write('validate')}"
    )


def check_scope(scope: Scope, live: Sequence[LiveGroup] | None) -> DoctorCheck:
    """Report which groups the configuration may touch, and how many are outside; `live` is None if unknown."""
    if not scope.is_limited:
        return DoctorCheck(text="all groups of the account")
    parts = []
    if scope.patterns:
        parts.append(f"only groups named {join_names(scope.patterns, 'or')}")
    if scope.job_patterns:
        parts.append(f"in this job (GROUPSYNC_SCOPE) only groups named {join_names(scope.job_patterns, 'or')}")
    if live is not None:
        _, outside = scope.split(live)
        parts.append(f"{count(len(outside), 'live group is', 'live groups are')} outside")
    return DoctorCheck(text="; ".join(parts))


def check_missing_config(path: str, options: CommandOptions = NO_OPTIONS) -> DoctorCheck:
    """Warn that there is no configuration file, and say how to make one."""
    return DoctorCheck(
        health=Health.WARNING,
        text=f"there is no {quote_file(path)} in this folder",
        remedy=f"to write your live groups to it: {options.write('export', '--out', path)}",
    )


def check_limits(run_policy: RunPolicy, live: Sequence[LiveGroup] | None) -> DoctorCheck:
    """Report the limits of the environment; warn of patterns that match no live group (`live` is None if unknown)."""
    limits = {
        "GROUPSYNC_PROTECTED": ", ".join(map(quote, run_policy.protected)),
        "GROUPSYNC_MAX_DELETES": run_policy.max_deletes,
        "GROUPSYNC_MAX_CONTACTS_LOST": run_policy.max_contacts_lost,
        "GROUPSYNC_NO_DELETES": "1" if run_policy.no_deletes else "",
    }
    text = "; ".join(f"{variable}: {value}" for variable, value in limits.items() if value not in {None, ""})
    ids = {group.name: group.id for group in live or ()}
    idle = () if live is None else find_idle_patterns(run_policy.protected, ids)
    if idle:
        look_alikes = find_look_alikes(idle, ids)
        found = [describe_idle_pattern(pattern, look_alikes.get(pattern), ids) for pattern in idle]
        return DoctorCheck(
            health=Health.WARNING,
            text=f"{text}; {'; '.join(found)}",
            remedy="check its spelling: it matches whole names, and * and ? match other characters",
        )
    return DoctorCheck(text=text or "no extra limits in the environment")


def check_endpoint(base_url: str, default: str) -> DoctorCheck:
    """Report the URL of the Phonebook; `default` is Messente's own."""
    if base_url == default:
        return DoctorCheck(text=base_url)
    return DoctorCheck(text=f"{base_url}, which is not Messente's own")


def check_credentials(variables: Sequence[str]) -> DoctorCheck:
    """Report which variables hold the credentials; never the credentials themselves."""
    return DoctorCheck(text=f"{' and '.join(variables)} are set")


def check_account(config: Config | None, target: Target) -> DoctorCheck:
    """Report the fingerprint of the account; fail if the configuration is for a different account."""
    if config is None:
        return DoctorCheck(text=target.account)
    if finding := judge_account(config, target):
        return DoctorCheck(
            health=Health.FAILED,
            text=f"{finding.message} ({finding.source})",
            remedy=" ".join(finding.remedy),
        )
    if config.accounts:
        return DoctorCheck(text=f"{target.account}, as in the configuration")
    return DoctorCheck(
        health=Health.WARNING,
        text=f"{target.account}; the configuration names no account",
        remedy=f"if it is only for this account, add this line to it: account: {target.account}",
    )


def check_backups(folder: str, repository: str) -> DoctorCheck:
    """Report where backups are kept; warn if nowhere, or in a git repository.

    Both arguments are paths. `folder` is empty if no folder is set, `repository` if the folder is in no repository.
    """
    if folder and repository:
        return DoctorCheck(
            health=Health.WARNING,
            text=f"saved in {quote_file(folder)}, in the git repository {quote_file(repository)}",
            remedy="name a folder outside the repository: backups hold phone numbers",
        )
    if folder:
        return DoctorCheck(text=f"saved in {quote_file(folder)}")
    return DoctorCheck(
        health=Health.WARNING,
        text="GROUPSYNC_BACKUP_DIR is not set, so a plan that deletes groups with contacts is refused",
        remedy="set it to a folder outside the repository: backups hold phone numbers",
    )


def check_lock(*, is_held: bool) -> DoctorCheck:
    """Warn if another run on this machine holds the lock of the account."""
    if is_held:
        return DoctorCheck(
            health=Health.WARNING,
            text="another run is working on this account",
            remedy="wait until it ends, or make the apply wait for it: --lock-timeout",
        )
    return DoctorCheck(text="free: no other run on this machine is working on this account")


def check_proxy(proxy: str) -> DoctorCheck:
    """Report the proxy that requests go through; `proxy` has no credentials in it and is empty if there is none."""
    return DoctorCheck(text=proxy or "none")


def check_answer(milliseconds: int) -> DoctorCheck:
    """Report how long the endpoint took to send a list of groups."""
    return DoctorCheck(text=f"a list of groups, after {milliseconds:,} ms")


def check_clock(now: datetime, server_time: datetime | None) -> DoctorCheck:
    """Warn if this machine's clock and the server's are more than a minute apart; both times are in UTC."""
    if server_time is None:
        return DoctorCheck(text="the server does not send its time")
    seconds = (now - server_time).total_seconds()
    if abs(seconds) <= MOST_SECONDS_OFF:
        return DoctorCheck(text="the same as the server's, to the minute")
    side = "ahead of" if seconds > 0 else "behind"
    return DoctorCheck(
        health=Health.WARNING,
        text=f"{abs(seconds):,.0f} seconds {side} the server's",
        remedy="set this machine's clock: plans, backups and reports contain its time",
    )


def check_groups(
    live: Sequence[LiveGroup],
    *,
    next_plan: Plan | None = None,
    policy: Unlisted | None = None,
    options: CommandOptions = NO_OPTIONS,
) -> DoctorCheck:
    """Report how many groups and memberships are live; warn of what will refuse the next plan.

    There are three such things: groups whose size the server does not say, problems of the plan, and unlisted groups.
    Unlisted groups refuse it unless the `policy` is to keep or to delete them.
    """
    known = sum(group.contacts_count or 0 for group in live)
    text = f"{count(len(live), 'group', 'groups')}, {count(known, 'membership', 'memberships')}"
    remedies = []
    if unknown := [group for group in live if group.contacts_count is None]:
        number, name = count(len(unknown), "group", "groups"), quote(unknown[0].name)
        text += f" or more: the server does not say how many contacts are in {number}, such as {name}"
        remedies.append("groupsync does not delete such groups")
    if next_plan and (refusals := list(_describe_refusals(next_plan, policy))):
        text += f"; the next plan will be refused: {' and '.join(refusals)}"
        start = "add policy.unlisted; " if next_plan.unlisted and policy is None else ""
        remedies.append(f"{start}{_describe_ways_out(options)}")
    health = Health.WARNING if remedies else Health.OK
    if next_plan and next_plan.unlisted and policy is Unlisted.KEEP:
        text += f"; {count(len(next_plan.unlisted), 'group is', 'groups are')} not in the configuration"
        remedies.append(f"to add what is not in the configuration: {options.write('pull')}")
    return DoctorCheck(health=health, text=text, remedy="; ".join(remedies))


def _describe_refusals(plan: Plan, policy: Unlisted | None) -> Iterator[str]:
    """Yield why a plan will be refused, whatever the limits are."""
    if plan.problems:
        yield f"it has {count(len(plan.problems), 'problem', 'problems')}"
    if plan.unlisted and policy in {None, Unlisted.REFUSE}:
        unlisted = count(len(plan.unlisted), "group is", "groups are")
        yield f"{unlisted} not in the configuration, and policy.unlisted is {policy.value if policy else 'missing'}"


def _describe_ways_out(options: CommandOptions) -> str:
    return f"to choose on a terminal: {options.write('fix')}; to see the lines: {options.write('plan')}"
