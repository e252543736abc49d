"""Pages of the documentation that are run: their files are written, their commands run, their output compared.

A comment `<!-- sandbox: FILE -->` begins a part of a page with an account of its own, and a folder of its own. Other
comments are steps that a reader takes elsewhere, or has taken before:

- `<!-- file: NAME -->` above a block: the block is this file.
- `<!-- run: COMMAND -->`: a command whose output does not matter.
- `<!-- dashboard: rename OLD -> NEW -->`, `delete NAME`, `create NAME`: somebody changes the account.
- `<!-- killed after the first change: COMMAND -->`: a run that ends so.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING

from groupsync.sandbox import Sandbox
from tests.cli.console import list_commands, make_environment, run_command

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[2]
_PART = re.compile(r"^<!-- sandbox: (\S+) -->\n", re.MULTILINE)
_STEP = re.compile(
    r"^<!-- (?P<comment>run|dashboard|killed after the first change): (?P<what>.*?) -->$"
    r"|(?:^ *<!-- file: (?P<file>\S+) -->\n)?^(?P<indent> *)```(?P<kind>\w+)\n(?P<text>.*?)^ *```$",
    re.DOTALL | re.MULTILINE,
)


class Page:
    """A page and the text that it should have: with the output that its commands really print."""

    def __init__(self, name: str) -> None:
        self.path = ROOT / "docs" / name
        self.text = self.path.read_text(encoding="utf-8")
        self.commands = 0

    def run(self, folder: Path, environ: Mapping[str, str]) -> str:
        """Run all parts of the page, each in a folder of its own, and return the page with what was printed."""
        before, *parts = _PART.split(self.text)
        assert "```console" not in before, "a console block stands before the first sandbox"
        pages = [before]
        for number, (seed, part) in enumerate(zip(parts[::2], parts[1::2], strict=True)):
            home = folder / str(number) / "repository"
            home.mkdir(parents=True)
            with Sandbox(seed=ROOT / "examples" / seed) as sandbox:
                pages += [f"<!-- sandbox: {seed} -->\n", self._run_part(part, home, sandbox, environ)]
        return "".join(pages)

    def _run_part(self, part: str, home: Path, sandbox: Sandbox, environ: Mapping[str, str]) -> str:
        environ = {
            **environ,
            "GROUPSYNC_ENDPOINT": sandbox.url,
            "GROUPSYNC_LOCK_DIR": str(home.parent),
            "MESSENTE_API_USERNAME": sandbox.username,
            "MESSENTE_API_PASSWORD": sandbox.password,
        }
        new_ids: dict[str, str] = {}

        def replace(found: re.Match[str]) -> str:
            return self._take_step(found, home, sandbox, environ, new_ids)

        return _STEP.sub(replace, part)

    def _take_step(
        self, step: re.Match[str], home: Path, sandbox: Sandbox, environ: Mapping[str, str], new_ids: dict[str, str]
    ) -> str:
        """Take one step, and return how the page should show it."""
        match step["comment"]:
            case "run":
                finished = run_command(step["what"], home, environ)
                assert finished.returncode == 0, finished.stdout
            case "dashboard":
                _change_account(sandbox, step["what"])
            case "killed after the first change":
                _kill_after_first_change(step["what"], home, sandbox, environ)
            case _:
                return self._take_block(step, home, environ, new_ids)
        return step[0]

    def _take_block(self, step: re.Match[str], home: Path, environ: Mapping[str, str], new_ids: dict[str, str]) -> str:
        text = textwrap.dedent(step["text"])
        for shown, real in new_ids.items():
            text = text.replace(shown, real)
        if step["file"]:
            (home / step["file"]).write_text(text, encoding="utf-8")
        if step["kind"] == "diff":
            edit(home / "groups.yaml" if (home / "groups.yaml").exists() else home / "groups" / "shared.yaml", text)
        if step["kind"] != "console":
            return step[0]
        printed = "".join(self._run_example(command, home, environ, new_ids) for command, _ in list_commands(text))
        fence = f"{step['indent']}```"
        return f"{fence}console\n{textwrap.indent(printed, step['indent'])}{fence}"

    def _run_example(self, command: str, home: Path, environ: Mapping[str, str], new_ids: dict[str, str]) -> str:
        self.commands += 1
        finished = run_command(command, home, environ)
        assert (finished.returncode != 0) == ("Error: " in finished.stdout), finished.stdout
        for number, real in enumerate(dict.fromkeys(_find_new_ids(finished.stdout)), 1):
            new_ids.setdefault(f"3c5f1c39-7f0e-4a53-9a25-3a8f0d6f9b{len(new_ids) + 10 + number:02d}", real)
        output = _make_constant(finished.stdout)
        for shown, real in new_ids.items():
            output = output.replace(real, shown)
        return f"$ {command}\n{output}"


def _find_new_ids(output: str) -> Iterator[str]:
    """Yield the ids that the sandbox has made up, which differ from run to run; those of its files do not."""
    for found in re.finditer(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", output):
        if not any(found[0] in path.read_text(encoding="utf-8") for path in (ROOT / "examples").glob("*.json")):
            yield found[0]


def _make_constant(output: str) -> str:
    """Return the output with the times, the random part of a file name, the versions and the port that a page shows."""
    output = re.sub(r"\d{8}T\d{6}Z-[0-9a-f]{8}\.json", "20261123T120000Z-5c88526e.json", output)
    output = re.sub(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "2026-11-23T12:00:00Z", output)
    output = re.sub(r"\d+(\.\d+)+, with groupsync \d+(\.\d+)+", "3.11.7, with groupsync 0.1.0", output)
    output = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8080", output)
    output = re.sub(r"after \d+ ms", "after 5 ms", output)
    return re.sub(
        r"^(ok +packages: ).*", r"\1click 8.5.1, deepdiff 9.1.0, jsonschema 4.26.0, ...", output, flags=re.MULTILINE
    )


def _change_account(sandbox: Sandbox, what: str) -> None:
    """Do what somebody does in the dashboard: `rename OLD -> NEW`, `delete NAME` or `create NAME`."""
    verb, _, name = what.partition(" ")
    if verb == "create":
        sandbox.add_group(name, contacts=2)
        return
    old, _, new = name.partition(" -> ")
    (group_id,) = [group.id for group in sandbox.groups() if group.name == old]
    if verb == "rename":
        sandbox.rename_group(group_id, new)
    else:
        sandbox.delete_group(group_id)


def _kill_after_first_change(command: str, home: Path, sandbox: Sandbox, environ: Mapping[str, str]) -> None:
    """Run the command, and kill it while its second rename waits for an answer."""
    *_, last = sorted(sandbox.groups(), key=lambda group: group.name)
    sandbox.drop_next("PUT", path=f"*{last.id}", delay=60)
    program = [sys.executable, "-m", *command.split()]
    with subprocess.Popen(
        program, cwd=home, env=make_environment(environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        deadline = time.monotonic() + 60
        while not any(request.method == "PUT" and request.status == 200 for request in sandbox.log()):
            assert time.monotonic() < deadline, "the first change was not made"
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)


def edit(path: Path, diff: str) -> None:
    """Apply a diff with a single hunk."""
    lines = diff.splitlines(keepends=True)
    old = "".join(line[1:] for line in lines if line[0] in "- ")
    new = "".join(line[1:] for line in lines if line[0] in "+ ")
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} is not in {path.name} once"
    path.write_text(text.replace(old, new), encoding="utf-8")
