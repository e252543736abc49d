"""`groupsync sandbox`, as real processes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
GROUPSYNC = [sys.executable, "-m", "groupsync"]
LIST_GROUPS = """
import base64, json, os, urllib.request
account = os.environ["MESSENTE_API_USERNAME"] + ":" + os.environ["MESSENTE_API_PASSWORD"]
headers = {"Authorization": "Basic " + base64.b64encode(account.encode()).decode()}
request = urllib.request.Request(os.environ["GROUPSYNC_ENDPOINT"] + "/phonebook/groups", headers=headers)
with urllib.request.urlopen(request, timeout=10) as answer:
    print(answer.status, *[group["name"] for group in json.load(answer)["groups"]])
"""


def environment(**extra: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **extra}


def run(*args: str, **extra: str) -> tuple[int, str, str]:
    """Return exit code, stdout and stderr of `groupsync sandbox` with these arguments."""
    done = subprocess.run(
        [*GROUPSYNC, "sandbox", *args],
        env=environment(**extra),
        input="typed",
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@contextmanager
def serving(*args: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Yield the process and the lines that it printed until it was ready: two, and one for each variable."""
    command = [*GROUPSYNC, "sandbox", *args]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as it:
        assert it.stderr is not None
        try:
            yield it, [it.stderr.readline().rstrip("\n") for _ in range(5)]
        finally:
            if it.poll() is None:
                it.kill()


def test_a_command_gets_endpoint_and_credentials(tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps({"groups": [{"name": "VIP", "contacts": 3}]}), encoding="utf-8")

    result = run("--seed", str(seed), "--password", "s e c", "--", sys.executable, "-c", LIST_GROUPS)

    assert result == (0, "200 VIP\n", "")


def test_the_command_gets_no_other_credentials_and_no_proxy_for_the_sandbox() -> None:
    show = "import json, os; print(json.dumps(dict(os.environ)))"

    code, stdout, stderr = run(
        "--",
        sys.executable,
        "-c",
        show,
        MESSENTE_API_USERNAME="someone",
        MESSENTE_API_USERNAME_FILE="/username",
        MESSENTE_API_PASSWORD_FILE="/password",
        MESSENTE_API_PASSWORD_COMMAND="show the password",
        HTTP_PROXY="http://proxy.example:3128",
        no_proxy="localhost",
    )

    variables = json.loads(stdout)
    assert (code, stderr) == (0, "")
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1", variables["GROUPSYNC_ENDPOINT"])
    assert {name: value for name, value in variables.items() if name.startswith("MESSENTE_")} == {
        "MESSENTE_API_USERNAME": "sandbox",
        "MESSENTE_API_PASSWORD": "let-me-in",
    }
    assert (variables["no_proxy"], variables["NO_PROXY"]) == ("localhost,127.0.0.1", "localhost,127.0.0.1")


def test_the_command_shares_stdin_stdout_and_stderr() -> None:
    assert run("--", "sh", "-c", "cat; echo err >&2") == (0, "typed", "err\n")


def test_options_after_the_command_belong_to_the_command() -> None:
    assert run("--unique-names", "echo", "--port", "-h") == (0, "--port -h\n", "")


@pytest.mark.parametrize(
    ("script", "code"),
    [("exit 0", 0), ("exit 7", 7), ("exit 130", 130), ("kill -KILL $$", 137), ("kill -TERM $$", 143)],
)
def test_the_exit_code_is_that_of_the_command(script: str, code: int) -> None:
    assert run("--", "sh", "-c", script) == (code, "", "")


def test_a_command_that_cannot_be_started_is_one_line_of_error(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("no program", encoding="utf-8")

    assert run("--", "no-such-command") == (127, "", "Error: no-such-command: command not found\n")
    assert run("--", str(text)) == (126, "", f"Error: {text}: cannot be run: Permission denied\n")


def test_sigterm_is_forwarded_and_the_sandbox_waits_for_the_command(tmp_path: Path) -> None:
    ready, over = tmp_path / "ready", tmp_path / "over"
    child = f"""
import pathlib, signal, sys, time
def end(number, frame):
    time.sleep(0.1)
    pathlib.Path({str(over)!r}).touch()
    sys.exit(9)
signal.signal(signal.SIGTERM, end)
pathlib.Path({str(ready)!r}).touch()
time.sleep(20)
"""
    with subprocess.Popen([*GROUPSYNC, "sandbox", "--", sys.executable, "-c", child], env=environment()) as process:
        wait_for(ready)
        process.send_signal(signal.SIGTERM)
        code = process.wait(10)

    assert (code, over.exists()) == (9, True)


def test_without_a_terminal_sighup_is_forwarded() -> None:
    command = [*GROUPSYNC, "sandbox", "--", "sh", "-c", "trap 'exit 4' HUP; echo ready; while :; do sleep 0.05; done"]
    with subprocess.Popen(command, env=environment(), start_new_session=True, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        code = process.wait(10)

    assert code == 4


def test_the_command_starts_with_the_signals_of_the_sandbox() -> None:
    """No handler, no mask and no ignored signal is passed on, except what was ignored before."""
    script = ["grep", "-E", "^Sig(Blk|Ign):", "/proc/self/status"]
    shell = "trap '' HUP; exec \"$@\""

    direct = subprocess.run(["sh", "-c", shell, "sh", *script], capture_output=True, text=True, check=True)
    through = subprocess.run(
        ["sh", "-c", shell, "sh", *GROUPSYNC, "sandbox", "--", *script],
        capture_output=True,
        text=True,
        check=True,
        env=environment(),
    )

    assert through.stdout == direct.stdout


def test_after_ctrl_c_the_sandbox_waits_for_the_command(tmp_path: Path) -> None:
    """A terminal sends SIGINT to the whole process group."""
    ready = tmp_path / "ready"
    child = f"""
import pathlib, sys, time
try:
    pathlib.Path({str(ready)!r}).touch()
    time.sleep(20)
except KeyboardInterrupt:
    time.sleep(0.1)
    sys.exit(5)
"""
    command = [*GROUPSYNC, "sandbox", "--", sys.executable, "-c", child]
    with subprocess.Popen(command, env=environment(), start_new_session=True) as process:
        wait_for(ready)
        os.killpg(process.pid, signal.SIGINT)
        code = process.wait(10)

    assert code == 5


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 10
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_without_a_command_it_serves_until_a_signal(number: signal.Signals) -> None:
    with serving("--username", "maré", "--password", "it's") as (process, lines):
        endpoint = lines[2].removeprefix("export GROUPSYNC_ENDPOINT=")
        status = requests.get(endpoint + "/phonebook/groups", timeout=10).status_code
        process.send_signal(number)
        rest = process.communicate(timeout=10)

    assert lines == [
        f"A Phonebook is at {endpoint} until Ctrl-C.",
        "",
        f"export GROUPSYNC_ENDPOINT={endpoint}",
        "export MESSENTE_API_USERNAME='maré'",
        """export MESSENTE_API_PASSWORD='it'"'"'s'""",
    ]
    assert (status, process.returncode, rest) == (401, 0, ("", ""))


def test_data_port_and_latency_can_be_chosen(tmp_path: Path) -> None:
    data = tmp_path / "phonebook.db"
    with serving("--data", str(data), "--latency", "120") as (process, lines):
        url = lines[2].removeprefix("export GROUPSYNC_ENDPOINT=")
        started = time.monotonic()
        requests.post(url + "/phonebook/groups", json={"name": "VIP"}, auth=("sandbox", "let-me-in"), timeout=10)
        seconds = time.monotonic() - started
        taken = run("--port", url.split(":")[2].removesuffix("/v1"))
        process.terminate()
        process.wait(10)

    assert seconds >= 0.12
    assert (taken[0], taken[2].startswith("Error: cannot listen on port ")) == (1, True)
    assert run("--data", str(data), "--", sys.executable, "-c", LIST_GROUPS) == (0, "200 VIP\n", "")


def test_an_invalid_seed_is_one_line_of_error_and_no_command_runs(tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text('{"groups": [{}]}', encoding="utf-8")

    result = run("--seed", str(seed), "--", "echo", "ran")

    assert result == (1, "", f"Error: {seed}: groups[0].name: a text of at least one character is required\n")


def test_without_flask_the_error_says_what_to_install() -> None:
    program = "import sys; sys.modules['flask'] = None; from groupsync.cli.main import main; main()"

    done = subprocess.run(
        [sys.executable, "-c", program, "sandbox"],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    expected = "Error: Flask, which the sandbox needs, is not installed\n  -> pip install 'groupsync[sandbox]'\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", expected)


def test_help_works_without_flask() -> None:
    program = "import sys; sys.modules['flask'] = None; from groupsync.cli.main import main; main()"

    done = subprocess.run(
        [sys.executable, "-c", program, "sandbox", "--help"],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "Run a local Phonebook for trying things out." in done.stdout
