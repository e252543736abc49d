"""A summary of many accounts as text, Markdown and JSON."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from groupsync.display import count, cut, cut_to_width, describe_time, make_visible, measure_width, quote_file
from groupsync.model.summary import SEVERITY, FileKind, State, find_exit_code, find_oldest
from groupsync.render.escape import in_cell, in_code, in_text, join_lines
from groupsync.render.markdown.page import Section, compose, make_row, make_table
from groupsync.render.next_step import LONGEST_APPROVAL
from groupsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from groupsync.model.summary import AccountSummary

FORMAT_VERSION = "1.0"
_FIGURES = ("CREATE", "RENAME", "DELETE", "LOST")
_GAP = "  "
_MOST_NAME_COLUMNS = 40
_WHERE = "with `groupsync summary` on a terminal"


def render_summary_text(summaries: Sequence[AccountSummary], _max_bytes: int) -> str:
    """Return a line for each account with its figures, the worst first; below it what is wrong."""
    rows = [(_describe_account(one), one.state.value, *_list_figures(one)) for one in summaries]
    widths = [max(map(measure_width, column)) for column in zip(("ACCOUNT", "VERDICT", *_FIGURES), *rows, strict=True)]
    lines = [_lay_out(("ACCOUNT", "VERDICT", *_FIGURES), widths)]
    for one, row in zip(summaries, rows, strict=True):
        lines.append(_lay_out(row, widths))
        lines += [f"    {detail}" for detail in _list_details(one)]
    return join_lines([describe_verdict(summaries), *describe_oldest(summaries), "", *lines]) + "\n"


def _lay_out(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Return the cells of a row: two texts on the left, the figures on the right of their columns."""
    padded = []
    for number, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        space = " " * (width - measure_width(cell))
        padded.append(cell + space if number < len(cells) - len(_FIGURES) else space + cell)
    return _GAP.join(padded).rstrip()


def _describe_account(one: AccountSummary) -> str:
    name = cut_to_width(make_visible(one.name), _MOST_NAME_COLUMNS)
    return f"{name} ({one.account})" if one.label else name


def _list_figures(one: AccountSummary) -> list[str]:
    if one.state in {State.UNREADABLE, State.MISSING}:
        return ["-"] * len(_FIGURES)
    return [f"{number:,}" for number in (one.create, one.rename, one.delete)] + [describe_lost(one)]


def describe_lost(one: AccountSummary) -> str:
    """Return how many memberships are lost; a plus sign means that groups of unknown size lose more."""
    return f"{one.memberships_lost:,}{'+' if one.unknown else ''}"


def _list_details(one: AccountSummary) -> Iterator[str]:
    if one.problem:
        yield cut(one.problem)
    if one.account and one.file:
        yield describe_files(one)
    if one.as_of:
        yield describe_age(one)
    yield from map(cut, one.restrictions)


def describe_files(one: AccountSummary) -> str:
    """Return the file, and the paths of the configuration that its plan was made from."""
    configuration = f" of {', '.join(map(quote_file, one.config_paths))}" if one.config_paths else ""
    return cut(f"{quote_file(one.file)}{configuration}") if one.file else ""


def describe_age(one: AccountSummary) -> str:
    """Return when the plan was made, or the run finished or started, and by which version of groupsync."""
    event = "made"
    if one.kind is FileKind.REPORT:
        event = "started" if one.state is State.NOT_FINISHED else "finished"
    return cut(f"{event} {describe_time(one.as_of)}, by groupsync {one.groupsync_version}")


def describe_oldest(summaries: Sequence[AccountSummary]) -> list[str]:
    """Return the sentence that says which file is the oldest; none for fewer than two files."""
    oldest = find_oldest(summaries)
    if oldest is None or sum(bool(one.as_of) for one in summaries) == 1:
        return []
    return [f"The oldest file is {cut(quote_file(oldest.file))}, {describe_age(oldest)}."]


def describe_verdict(summaries: Sequence[AccountSummary]) -> str:
    """Return how many accounts are in which state, and what is lost, such as `2 accounts: 1 refused, 1 pending`.

    If an account has several files, the states are those of the files, such as `1 account, 2 files: 2 pending`.
    """
    states = Counter(one.state for one in summaries)
    parts = ", ".join(f"{states[state]:,} {state.value}" for state in State if states[state])
    losses = " ".join(_describe_losses(summaries))
    names = {one.account or one.file for one in summaries}
    accounts = count(len(names), "account", "accounts")
    if len(names) < len(summaries):
        accounts += f", {count(sum(bool(one.file) for one in summaries), 'file', 'files')}"
    return f"{accounts}: {parts}. {losses}".rstrip()


def _describe_losses(summaries: Sequence[AccountSummary]) -> Iterator[str]:
    """Yield what is lost according to the reports, and what would be lost according to the plans."""
    for kind, what in ((FileKind.REPORT, "Memberships lost"), (FileKind.PLAN, "Memberships that would be lost")):
        found = [one for one in summaries if one.kind is kind]
        lost, unknown = sum(one.memberships_lost for one in found), sum(one.unknown for one in found)
        more = f", and those of {count(unknown, 'group', 'groups')} of unknown size" if unknown else ""
        if found:
            yield f"{what}: {lost:,}{more}."


def render_summary_markdown(summaries: Sequence[AccountSummary], max_bytes: int) -> str:
    """Return the table for the page of a pull request, of at most `max_bytes`.

    It begins with one marker line for each account, by which a workflow finds what was approved.
    """
    markers, left_out = _make_markers(summaries, max_bytes // 2)
    head = ["\n".join(markers)] if markers else []
    alert = "> [!CAUTION]\n> " if SEVERITY.index(find_exit_code(summaries)) <= SEVERITY.index(3) else ""
    head += ["### Groups of all accounts", f"{alert}**{in_text(describe_verdict(summaries).rstrip('.'))}**"]
    head += map(in_text, describe_oldest(summaries))
    if left_out:
        accounts = count(left_out, "account", "accounts")
        head.append(f"> [!WARNING]\n> The approvals of {accounts} do not fit here. Their plans wait for approval.")
    table = make_table(["Account", "Files", "Verdict", "#Create", "#Rename", "#Delete", "#Memberships lost"])
    section = Section(
        rank=0, title=table, items=[_make_row(one) for one in summaries], kind="accounts", below_title="\n"
    )
    foot = ["---", f"<sub>made by groupsync {in_text(__version__)}</sub>"]
    return compose(head, [section], foot, where=_WHERE, max_bytes=max_bytes)


def _make_markers(summaries: Sequence[AccountSummary], most_bytes: int) -> tuple[list[str], int]:
    """Return one marker line for each account with a plan, sorted by account, and how many do not fit.

    An account with several plans has a marker without approval, because it is not known which one is meant.
    """
    plans: dict[str, list[AccountSummary]] = {}
    for one in summaries:
        if one.kind is FileKind.PLAN:
            plans.setdefault(one.account, []).append(one)
    markers = []
    for account, found in sorted(plans.items()):
        approval = found[0].approval if len(found) == 1 else ""
        carried = f" approval={approval}" if approval and len(approval) <= LONGEST_APPROVAL else ""
        markers.append(f"<!-- groupsync plan account={make_visible(account)}{carried} -->")
    kept: set[str] = set()
    for marker in sorted(markers, key=len):
        most_bytes -= len(marker) + 1
        if most_bytes >= 0:
            kept.add(marker)
    return [marker for marker in markers if marker in kept], len(markers) - len(kept)


def _make_row(one: AccountSummary) -> str:
    name = in_code(cut(one.name))
    account = f"[{name}](<{one.link}>)" if one.link else name
    if one.label:
        account = f"{account}<br>{in_code(one.account)}"
    verdict = f"**{one.state.value}**" + (f"<br>{in_text(cut(one.problem))}" if one.problem else "")
    age = [describe_age(one)] if one.as_of else []
    remarks = map(in_text, [*age, *map(cut, one.restrictions)])
    files = "<br>".join([in_code(describe_files(one)) if one.file else "", *remarks])
    return make_row([in_cell(cell) for cell in (account, files, verdict, *_list_figures(one))])


def render_summary_json(summaries: Sequence[AccountSummary], _max_bytes: int) -> str:
    """Return the summary as JSON, as `schemas/summary.schema.json` describes it."""
    oldest = find_oldest(summaries)
    document = {
        "format_version": FORMAT_VERSION,
        "groupsync_version": __version__,
        "exit_code": int(find_exit_code(summaries)),
        "oldest": oldest.as_of if oldest else None,
        "accounts": [
            {
                "account": one.account or None,
                "label": one.label,
                "link": one.link,
                "file": one.file or None,
                "kind": one.kind.value if one.kind else None,
                "as_of": one.as_of or None,
                "groupsync_version": one.groupsync_version or None,
                "config_paths": list(one.config_paths),
                "verdict": one.state.value,
                "problem": one.problem,
                "exit_code": int(one.exit_code),
                "create": one.create,
                "rename": one.rename,
                "delete": one.delete,
                "memberships_lost": one.memberships_lost,
                "unknown_counts": one.unknown,
                "approval": one.approval or None,
                "restrictions": list(one.restrictions),
            }
            for one in summaries
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def render_summary_page(summaries: Sequence[AccountSummary], _max_bytes: int) -> str:
    """Return the page in HTML."""
    from groupsync.render.html.summary import render_summary_html  # noqa: PLC0415 - few runs write HTML

    return render_summary_html(summaries)


SUMMARY_FORMATS: Mapping[str, Callable[[Sequence[AccountSummary], int], str]] = {
    "text": render_summary_text,
    "markdown": render_summary_markdown,
    "html": render_summary_page,
    "json": render_summary_json,
}
