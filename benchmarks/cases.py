"""What is measured: for each case the programs that do the same work, and what is there before each of their runs."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from benchmarks.measuring import Sample, Server, UnexpectedEndError, measure
from benchmarks.peer_files import write_octodns, write_terraform, write_terraform_for_each
from benchmarks.programs import PEERS, WORK, bin_of
from benchmarks.workload import (
    Style,
    Workload,
    make_hosts,
    make_workload,
    write_exported,
    write_groups,
    write_labels_toml,
    write_labels_yaml,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from benchmarks.programs import Programs

Command: TypeAlias = "tuple[str | Path, ...]"

GROUPSYNC = bin_of("groupsync") / "groupsync"
_PLAIN = (bin_of("plain") / "python", PEERS / "plain_script.py")
_APPLY = (GROUPSYNC, "apply", "--auto-approve")
_NOTHING: Callable[[], None] = lambda: None  # noqa: E731 - a default that does nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One program that does the work; `what` tells it from others of the same program; `prepare` makes its files."""

    program: str
    command: Command
    what: str = ""
    prepare: Callable[[], object] = _NOTHING
    keeps: str = "groups"
    environ: Mapping[str, str] = field(default_factory=dict)
    has_tls: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Work, and who does it; `times`: how many runs make a round, for what is over so soon that one says little.

    With `writes`, the server must hold what is wanted in the end.
    """

    key: str
    title: str
    workload: Workload
    tasks: Sequence[Task]
    folder: Path
    latency: float = 0.0
    rate_limit: float = 0.0
    writes: bool = False
    times: int = 1
    begin: Callable[[Server], object] = field(default=lambda _server: None)

    def prepare(self, server: Server) -> None:
        """Do what is done once, before the first round."""
        server.begin(self.workload)
        self.begin(server)

    def run(self, task: Task, server: Server) -> Sample:
        """Return what one run of one program took; raise UnexpectedEndError when it did not do the work."""
        task.prepare()
        of_server = server.tls_environ if task.has_tls else server.environ
        environ = {**of_server, **task.environ, "GROUPSYNC_LOCK_DIR": str(self.folder)}
        fresh = self.workload if self.writes else None
        server.begin(fresh, latency=self.latency, rate_limit=self.rate_limit)
        sample = measure(task.command, cwd=self.folder, environ=environ)
        found = server.look()
        if self.writes and found["names"][task.keeps] != sorted(self.workload.wanted):
            raise UnexpectedEndError(f"{task.program} left other {task.keeps} than are wanted, in the case {self.key}")
        return Sample(wall=sample.wall, cpu=sample.cpu, memory=sample.memory, seen=found["counters"])


_PLAN_TASK = Task(program="groupsync", what="plan", command=(GROUPSYNC, "plan"))
_LABELS_ENVIRON = {"LABELS_USERNAME": "bench", "LABELS_TOKEN": "bench"}
_NODE_ENVIRON = {
    "GITHUB_ACCESS_TOKEN": "bench",
    "BENCH_NODE_MODULES": str(WORK / "github-label-sync" / "node_modules"),
}
_OCTODNS_ENVIRON = {"PYTHONPATH": str(PEERS)}
_TERRAFORM_ENVIRON = {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much is measured: rounds, sizes of plans, changes of an apply, records of octoDNS; and what takes minutes."""

    rounds: int
    sizes: Sequence[int]
    changes: int
    records: int
    slow: bool = False


SCALES = {
    "quick": Scale(rounds=2, sizes=(10, 1_000), changes=100, records=1_000),
    "default": Scale(rounds=3, sizes=(10, 1_000, 10_000), changes=1_000, records=10_000),
    "full": Scale(rounds=5, sizes=(10, 1_000, 10_000, 100_000), changes=1_000, records=10_000, slow=True),
}
_SHORT_RUNS = 5
_SMALL_SIZE = 10
_TERRAFORM_SIZE, _LONG_SIZE, _CHECKED_SIZE = 1_000, 10_000, 100_000


def list_cases(scale: Scale, programs: Programs) -> Iterator[Case]:
    """Yield every case of that scale, with the programs that are here."""
    yield _make_start()
    yield _make_validate()
    for number in scale.sizes:
        yield _make_plan(number)
    for style in (Style.MAPPINGS, Style.PINNED):
        for number in scale.sizes[2:]:
            yield _make_plan(number, style)
    if programs.has("terraform"):
        yield _make_terraform(slow=scale.slow)
    yield _make_unchanged(scale.records, programs)
    yield _make_adopted(scale.records)
    for milliseconds in (20, 50):
        yield _make_limit(scale.changes, milliseconds)
    yield _make_tls(scale.changes)
    yield _make_renames(scale.changes, programs)
    yield _make_wide_creates(scale.changes, programs)
    yield _make_creates(scale.changes)
    yield _make_deletes(100)
    if scale.slow:
        yield _make_rate_limited(scale.changes)


def _make_start() -> Case:
    python = bin_of("groupsync") / "python"
    tasks = (
        Task(program="python", what="-c pass", command=(python, "-c", "pass")),
        *(Task(program="groupsync", what=option, command=(GROUPSYNC, option)) for option in ("--version", "--help")),
    )
    folder = _make_folder("start")
    return Case(key="start", title="Start", workload=make_workload(0), tasks=tasks, folder=folder, times=_SHORT_RUNS)


def _make_validate() -> Case:
    workload = make_workload(_SMALL_SIZE, creates=1)
    folder = _make_folder("validate")
    write_groups(workload, folder / "groups.yaml")
    load = (bin_of("plain") / "python", PEERS / "load_yaml.py", "groups.yaml")
    tasks = [
        Task(program="groupsync", what="validate", command=(GROUPSYNC, "validate")),
        Task(program="yaml.safe_load", command=load),
    ]
    title = f"Validate: {_SMALL_SIZE} groups, without the network"
    return Case(key="validate", title=title, workload=workload, tasks=tasks, folder=folder, times=_SHORT_RUNS)


def name_plan(number: int, style: Style = Style.NAMES) -> str:
    """Return the key of the case that plans so many groups."""
    return f"{'plan' if style is Style.NAMES else style.name.lower()}-{number}"


def _make_plan(number: int, style: Style = Style.NAMES) -> Case:
    key = name_plan(number, style)
    workload = make_workload(number, creates=number // 10, deletes=number // 10)
    folder = _make_folder(key)
    write_groups(workload, folder / "groups.yaml", style)
    tasks = [_PLAN_TASK, Task(program="plain script", command=(*_PLAIN, "plan", "groups.yaml"))]
    if number == _CHECKED_SIZE and style is Style.NAMES:
        tasks += [
            Task(program="groupsync", what="plan --out", command=(GROUPSYNC, "plan", "--out", "plan.json")),
            Task(program="groupsync", what="check PLAN", command=(GROUPSYNC, "check", "plan.json")),
        ]
    title = f"Plan: {number:,} groups, 10 % created, 10 % deleted; {style.value}"
    times = _SHORT_RUNS if number < _LONG_SIZE else 1
    return Case(key=key, title=title, workload=workload, tasks=tasks, folder=folder, times=times)


def _make_terraform(*, slow: bool) -> Case:
    workload = make_workload(_TERRAFORM_SIZE, creates=_TERRAFORM_SIZE // 10, deletes=_TERRAFORM_SIZE // 10)
    folder = _make_folder("terraform")
    write_groups(workload, folder / "groups.yaml")
    ways = {"a block each": write_terraform, **({"for_each": write_terraform_for_each} if slow else {})}
    tasks = [_PLAN_TASK]
    for what, write in ways.items():
        home = folder / f"terraform {what}"
        write(workload, home)
        command = ("terraform", f"-chdir={home}", "plan", "-no-color")
        tasks.append(Task(program="terraform", what=what, command=command, environ=_TERRAFORM_ENVIRON))
    title = f"Plan: {_TERRAFORM_SIZE:,} groups, beside Terraform, which lists nothing"
    return Case(key="terraform", title=title, workload=workload, tasks=tasks, folder=folder)


def _make_unchanged(number: int, programs: Programs) -> Case:
    workload = make_hosts(number)
    folder = _make_folder(f"unchanged-{number}")
    write_groups(workload, folder / "groups.yaml")
    tasks = [_PLAN_TASK, Task(program="plain script", command=(*_PLAIN, "plan", "groups.yaml"))]
    if programs.has("octodns"):
        write_octodns(workload, folder)
        command = (bin_of("octodns") / "octodns-sync", "--config-file", "octodns.yaml")
        tasks.append(Task(program="octodns", command=command, environ=_OCTODNS_ENVIRON))
    title = f"Plan: {number:,} groups, nothing to change"
    return Case(key=f"unchanged-{number}", title=title, workload=workload, tasks=tasks, folder=folder)


def name_adopted(number: int) -> str:
    """Return the key of the case that reads so many live groups in other ways than a plan."""
    return f"adopted-{number}"


def _make_adopted(number: int) -> Case:
    """Return the case of a file as `export` writes it; since then 5 % were renamed in the dashboard, 1 % created."""
    key = name_adopted(number)
    workload = make_workload(number + number // 100, renames=number // 20, deletes=number // 100)
    folder = _make_folder(key)
    write_exported(workload, folder / "groups.yaml")
    tasks = [
        _PLAN_TASK,
        Task(program="groupsync", what="export", command=(GROUPSYNC, "export")),
        Task(program="groupsync", what="pull --diff", command=(GROUPSYNC, "pull", "--diff")),
    ]
    title = f"Plan, export, pull: {number:,} groups with ids; 5 % renamed in the dashboard, 1 % created there"
    return Case(key=key, title=title, workload=workload, tasks=tasks, folder=folder)


def _make_limit(number: int, milliseconds: int) -> Case:
    return _make_saved(
        f"limit-{milliseconds}",
        f"{number:,} creates, answers after {milliseconds} ms",
        make_workload(50, creates=number),
        latency=milliseconds / 1000,
    )


def _make_saved(key: str, what: str, workload: Workload, *, latency: float = 0.0, rate_limit: float = 0.0) -> Case:
    """Return the case of a plan file that is applied; the server gives its groups the same ids before each round."""
    folder = _make_folder(key)
    write_groups(workload, folder / "groups.yaml")
    save = (GROUPSYNC, "plan", "--out", "plan.json")
    return Case(
        key=key,
        title=f"Apply of a plan file: {what}",
        workload=workload,
        tasks=[Task(program="groupsync", what="apply PLAN, 8 workers", command=(GROUPSYNC, "apply", "plan.json"))],
        folder=folder,
        latency=latency,
        rate_limit=rate_limit,
        writes=True,
        begin=lambda server: measure(save, cwd=folder, environ=server.environ),
    )


def _make_tls(number: int) -> Case:
    folder = _make_folder("tls")
    workload = _make_created(number, folder)
    tasks = [
        Task(program="groupsync", what="apply, 8 workers", command=_APPLY),
        Task(program="groupsync", what="apply over TLS, 8 workers", command=_APPLY, has_tls=True),
    ]
    title = f"Apply: {number:,} creates, answers after 20 ms, without TLS and with it"
    return Case(key="tls", title=title, workload=workload, tasks=tasks, folder=folder, latency=0.020, writes=True)


def _make_renames(number: int, programs: Programs) -> Case:
    folder = _make_folder("renames")
    workload = make_workload(number + 50, renames=number)
    write_groups(workload, folder / "groups.yaml")
    tasks = [Task(program="groupsync", what="apply, 8 workers", command=_APPLY)]
    if programs.has("labels"):
        labels = (bin_of("labels") / "python", PEERS / "labels_here.py", "sync", "-o", "bench", "-r", "bench")
        toml = folder / "labels.toml"
        tasks.append(
            Task(
                program="labels",
                command=labels,
                prepare=lambda: write_labels_toml(workload, toml),  # it writes the file anew at its end
                keeps="labels",
                environ=_LABELS_ENVIRON,
            )
        )
    title = f"Apply: {number:,} renames, answers after 20 ms"
    return Case(key="renames", title=title, workload=workload, tasks=tasks, folder=folder, latency=0.020, writes=True)


def _make_wide_creates(number: int, programs: Programs) -> Case:
    folder = _make_folder("wide-creates")
    workload = _make_created(number, folder)
    tasks = [Task(program="groupsync", what="apply, 32 workers", command=(*_APPLY, "--parallelism", "32"))]
    if programs.has("github-label-sync"):
        write_labels_yaml(workload, folder / "labels.yaml")
        command = ("node", PEERS / "github_label_sync_here.js", "--labels", "labels.yaml", "bench/bench")
        tasks.append(Task(program="github-label-sync", command=command, keeps="labels", environ=_NODE_ENVIRON))
    title = f"Apply: {number:,} creates, answers after 20 ms, many at a time"
    return Case(
        key="wide-creates", title=title, workload=workload, tasks=tasks, folder=folder, latency=0.020, writes=True
    )


def _make_creates(number: int) -> Case:
    folder = _make_folder("creates")
    workload = _make_created(number, folder)
    tasks = [
        Task(program="groupsync", what="apply, 8 workers", command=_APPLY),
        Task(program="plain script", command=(*_PLAIN, "apply", "groups.yaml")),
    ]
    title = f"Apply: {number:,} creates, answers at once"
    return Case(key="creates", title=title, workload=workload, tasks=tasks, folder=folder, writes=True)


def _make_deletes(number: int) -> Case:
    workload = make_workload(number + 50, deletes=number)
    return _make_saved("deletes", f"{number:,} empty groups deleted, answers at once", workload)


def _make_rate_limited(number: int) -> Case:
    workload = make_workload(50, creates=number)
    return _make_saved("rate-limited", f"{number:,} creates, 50 requests a second allowed", workload, rate_limit=50.0)


def _make_created(number: int, folder: Path) -> Workload:
    """Return groups of which so many are to be made, and 50 are there; with the file that says so."""
    workload = make_workload(50, creates=number)
    write_groups(workload, folder / "groups.yaml")
    return workload


def _make_folder(key: str) -> Path:
    folder = WORK / "runs" / key
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
