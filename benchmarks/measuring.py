"""The server as a process of its own, and whole processes measured against it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
import trustme

from benchmarks.server.phonebook import PASSWORD, USERNAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typing_extensions import Self

    from benchmarks.workload import Workload

ROOT = Path(__file__).resolve().parent.parent
_LAUNCH = [sys.executable, "-I", "-S", str(ROOT / "benchmarks" / "launch.py")]
_TIMEOUT = 900


class UnexpectedEndError(Exception):
    """A program did not end as it should have; its measurement would say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What one whole process took: seconds by the clock, seconds of CPU, MiB at most; and what the server saw of it."""

    wall: float
    cpu: float
    memory: float
    seen: Mapping[str, Any] = field(default_factory=dict)


class Server:
    """The benchmark's server, on two free ports of this machine: one without TLS, one with it, by a CA of its own."""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="bench-")
        self._ca_bundle = Path(self._folder.name) / "ca.pem"
        certificate = Path(self._folder.name) / "server.pem"
        ca = trustme.CA()
        ca.cert_pem.write_to_path(str(self._ca_bundle))
        ca.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(certificate))
        command = [sys.executable, "-m", "benchmarks.server.serve", str(certificate)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
        assert self._process.stdout  # noqa: S101 - it is a pipe
        self.port, self._tls_port = map(int, self._process.stdout.readline().split())
        self._session = requests.Session()
        self._session.trust_env = False
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()
        self._process.kill()
        self._process.communicate()
        self._folder.cleanup()

    @property
    def environ(self) -> dict[str, str]:
        """What points a program to it."""
        return {
            "GROUPSYNC_ENDPOINT": f"http://127.0.0.1:{self.port}/v1",
            "MESSENTE_API_USERNAME": USERNAME,
            "MESSENTE_API_PASSWORD": PASSWORD,
            "BENCH_PORT": str(self.port),
        }

    @property
    def tls_environ(self) -> dict[str, str]:
        """What points groupsync to it with TLS, and makes it trust the CA of this run."""
        endpoint = f"https://127.0.0.1:{self._tls_port}/v1"
        return {**self.environ, "GROUPSYNC_ENDPOINT": endpoint, "REQUESTS_CA_BUNDLE": str(self._ca_bundle)}

    def begin(self, workload: Workload | None, *, latency: float = 0.0, rate_limit: float = 0.0) -> None:
        """Count from 0, answer after `latency` seconds, and have the live groups of a workload; None keeps those."""
        wanted: dict[str, Any] = {"latency": latency, "rate_limit": rate_limit}
        if workload is not None:
            wanted["groups"] = workload.live
        url = f"http://127.0.0.1:{self.port}/_bench"
        self._session.put(url, data=json.dumps(wanted).encode(), timeout=60).raise_for_status()

    def look(self) -> dict[str, Any]:
        """Return `counters`, and the `names` of the groups and labels that there are."""
        found = self._session.get(f"http://127.0.0.1:{self.port}/_bench", timeout=60).json()
        assert isinstance(found, dict)  # noqa: S101 - what the server sends
        return found


def measure(
    command: Sequence[str | Path], *, cwd: Path, environ: Mapping[str, str], codes: Sequence[int] = (0,)
) -> Sample:
    """Run a program to its end and return what it took; raise UnexpectedEndError for another exit code than these."""
    out, err = cwd / "stdout.txt", cwd / "stderr.txt"
    launched = subprocess.run(  # noqa: S603 - programs of the benchmark
        [*_LAUNCH, out, err, *command],
        cwd=cwd,
        env={**make_clean_environ(), **environ},
        stdout=subprocess.PIPE,
        text=True,
        timeout=_TIMEOUT,
        check=True,
    )
    wall, cpu, kibibytes, code = launched.stdout.split()
    if int(code) not in codes:
        told = (err.read_text(errors="replace") or out.read_text(errors="replace"))[-2_000:]
        raise UnexpectedEndError(f"{command[0]} ended with {code}: {told}")
    return Sample(wall=float(wall), cpu=float(cpu), memory=int(kibibytes) / 1024)


def make_clean_environ() -> dict[str, str]:
    """Return the environment without what would make a program slower or send it elsewhere."""
    kept = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ}


def wait_until_idle(most: float = 1.0, *, load: float = 0.7) -> None:
    """Wait a little while other programs keep the machine busy: `load` is what they may take, in cores."""
    until = time.monotonic() + most
    while time.monotonic() < until and _measure_load(0.1) > load:
        time.sleep(0.1)


def _measure_load(seconds: float) -> float:
    """Return how many cores were busy for so long."""
    before = _read_busy()
    time.sleep(seconds)
    return (_read_busy() - before) / os.sysconf("SC_CLK_TCK") / seconds


def _read_busy() -> int:
    user, nice, system, *_ = (int(number) for number in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:])
    return user + nice + system
