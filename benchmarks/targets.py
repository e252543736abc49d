"""What groupsync sets out to reach, each as a ratio within one run, held against what was measured."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.cases import name_adopted, name_plan
from benchmarks.workload import Style

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.results import Results, Row

_WORKERS = 8
_CHANGES = 1_000  # fewer say more about the start than about the changes
_RATE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A target, and what was measured: None where it was not, in this run."""

    text: str
    wanted: str
    found: str
    is_met: bool | None


def judge(results: Results) -> list[Verdict]:
    """Return every target with its verdict."""
    return [
        *_judge_start(results),
        *_judge_plans(results),
        *_judge_adopted(results),
        *_judge_applies(results),
        *_judge_requests(results),
        *_judge_rate_limit(results),
    ]


def _judge_start(results: Results) -> Iterator[Verdict]:
    python = results.row("start", "python")
    for option in ("--version", "--help"):
        ratio = _divide(results.row("start", "groupsync", option), python, _wall)
        yield _at_most(f"`{option}` against `python -c pass`: wall", 3.4, ratio)
    validate = _divide(results.row("validate", "groupsync"), results.row("validate", "yaml.safe_load"), _wall)
    yield _at_most("`validate`, 10 groups, against a script that only loads the file: wall", 2.8, validate)


def _judge_plans(results: Results) -> Iterator[Verdict]:
    yield from _judge_plan(results, 10, Style.NAMES, wall=1.2)
    yield from _judge_plan(results, 1_000, Style.NAMES, wall=1.1)
    yield from _judge_plan(results, 10_000, Style.NAMES, wall=0.8, memory=1.15)
    yield from _judge_plan(results, 100_000, Style.NAMES, wall=0.55, memory=1.4)
    yield from _judge_plan(results, 10_000, Style.MAPPINGS, wall=0.6, memory=1.0)
    yield from _judge_plan(results, 100_000, Style.MAPPINGS, wall=0.45)
    yield from _judge_plan(results, 10_000, Style.PINNED, wall=0.6, memory=1.0)
    yield from _judge_plan(results, 100_000, Style.PINNED, wall=0.2)
    largest = _plan(results, 100_000)
    yield _at_most("`plan`, 100,000 groups: MiB", 400, largest.memory() if largest else None, digits=0)
    yield _at_most("`plan`, growth of CPU from 1,000 to 100,000 groups: exponent", 1.1, _find_growth(results))
    for way in ("for_each", "a block each"):
        yield _at_most(
            f"`plan`, 1,000 groups, against `terraform plan` of 1,000 `terraform_data` ({way}): wall",
            0.18,
            _divide(results.row("terraform", "groupsync"), results.row("terraform", "terraform", way), _wall),
        )
    unchanged = results.row("unchanged-10000", "groupsync")
    yield _at_most(
        "`plan`, 10,000 groups, nothing to change, against `octodns-sync` of 10,000 records: wall",
        0.09,
        _divide(unchanged, results.row("unchanged-10000", "octodns"), _wall),
    )
    check = results.row("plan-100000", "groupsync", "check")
    yield _at_most("`check PLAN`, 100,000 groups, against its `plan`: wall", 1.25, _divide(check, largest, _wall))


def _judge_plan(
    results: Results, number: int, style: Style, *, wall: float, memory: float | None = None
) -> Iterator[Verdict]:
    key = name_plan(number, style)
    ours, theirs = results.row(key, "groupsync", "plan"), results.row(key, "plain script")
    text = f"`plan`, {number:,} groups, {style.value}, against the plain script"
    yield _at_most(f"{text}: wall", wall, _divide(ours, theirs, _wall))
    if memory is not None:
        yield _at_most(f"{text}: peak memory", memory, _divide(ours, theirs, _memory))


def _judge_adopted(results: Results) -> Iterator[Verdict]:
    key = name_adopted(10_000)
    plan = results.row(key, "groupsync", "plan")
    for what, wall in (("export", 0.7), ("pull --diff", 1.5)):
        ratio = _divide(results.row(key, "groupsync", what), plan, _wall)
        yield _at_most(f"`{what}`, 10,000 groups, against the `plan` of the same: wall", wall, ratio)


def _judge_applies(results: Results) -> Iterator[Verdict]:
    for milliseconds, share in ((20, 0.88), (50, 0.94)):
        yield _at_least(
            f"`apply`, creates, {milliseconds} ms, {_WORKERS} workers: share of the limit (N x latency / workers)",
            share,
            _find_share(results, milliseconds),
        )
    renames = _apply(results, "renames")
    ratio = _divide(renames, results.row("renames", "labels"), _wall)
    yield _at_most("`apply`, renames, 20 ms, against `labels`: wall", 0.16, ratio)
    wide = _apply(results, "wide-creates")
    ratio = _divide(wide, results.row("wide-creates", "github-label-sync"), _wall)
    yield _at_most("`apply --parallelism 32`, creates, 20 ms, against `github-label-sync`: wall", 1.1, ratio)
    yield _at_most("... connections", 33, wide.seen("connections") if wide else None, digits=0)
    tls = results.row("tls", "groupsync", "apply over TLS")
    ratio = _divide(tls, results.row("tls", "groupsync", "apply, "), _wall)
    yield _at_most("`apply`, creates, 20 ms, over TLS, against the same without TLS: wall", 1.1, ratio)
    creates = _apply(results, "creates")
    ratio = _divide(creates, results.row("creates", "plain script"), _wall)
    yield _at_most("`apply`, creates, answers at once, against the plain script: wall", 1.0, ratio)


def _judge_requests(results: Results) -> Iterator[Verdict]:
    plan = _plan(results, 10)
    yield _at_most("requests of a `plan`", 1, plan.seen("requests") if plan else None, digits=0)
    for key, text, factor in (
        ("limit-20", "n creates", 1),
        ("deletes", "n empty groups deleted", 3),
    ):
        row = results.row(key, "groupsync")
        over = row.seen("requests") - factor * results.cases[key].changes if row else None
        yield _at_most(f"requests of an `apply PLAN` of {text}, beyond {factor}n", 2, over, digits=0)


def _judge_rate_limit(results: Results) -> Iterator[Verdict]:
    row = results.row("rate-limited", "groupsync")
    least = results.cases["rate-limited"].changes / _RATE if row else math.inf
    ratio = row.wall() / least if row else None
    yield _at_most(f"`apply`, {_RATE} requests a second allowed, against N / {_RATE} seconds: wall", 1.15, ratio)
    shares = [
        sample.seen["statuses"].get("429", 0) / sample.seen["requests"] for sample in (row.samples if row else ())
    ]
    yield _at_most("... share of requests answered with 429", 0.05, max(shares, default=None))


def _plan(results: Results, number: int) -> Row | None:
    return results.row(f"plan-{number}", "groupsync", "plan")


def _apply(results: Results, key: str) -> Row | None:
    """Return the row of groupsync in a case of many changes, None when it was measured with few."""
    return results.row(key, "groupsync") if key in results.cases and results.cases[key].changes >= _CHANGES else None


def _find_growth(results: Results) -> float | None:
    """Return the power of the size with which the CPU time grows; that of 10 groups stands for the start of Python."""
    start, small, large = (_plan(results, number) for number in (10, 1_000, 100_000))
    if not (start and small and large) or small.cpu() <= start.cpu():
        return None
    return math.log((large.cpu() - start.cpu()) / (small.cpu() - start.cpu()), 100)


def _find_share(results: Results, milliseconds: int) -> float | None:
    key = f"limit-{milliseconds}"
    row = _apply(results, key)
    return results.cases[key].changes * milliseconds / 1000 / _WORKERS / row.wall() if row else None


def _wall(row: Row) -> float:
    return row.wall()


def _memory(row: Row) -> float:
    return row.memory()


def _divide(one: Row | None, other: Row | None, figure: Callable[[Row], float]) -> float | None:
    return figure(one) / figure(other) if one and other else None


def _at_most(text: str, limit: float, found: float | None, *, digits: int = 2) -> Verdict:
    return Verdict(
        text=text,
        wanted=f"<= {limit:.{digits}f}",
        found=_show(found, limit, digits),
        is_met=None if found is None else found <= limit,
    )


def _at_least(text: str, limit: float, found: float | None) -> Verdict:
    is_met = None if found is None else found >= limit
    return Verdict(text=text, wanted=f">= {limit:.2f}", found=_show(found, limit, 2), is_met=is_met)


def _show(found: float | None, limit: float, digits: int) -> str:
    """Return a figure, with as many digits more as show that it is not the limit."""
    if found is None:
        return "not measured"
    texts = [f"{found:.{more}f}" for more in range(digits, digits + 4)]
    return next((text for text in texts if float(text) != limit), texts[0])
