"""A real browser: the Chromium that `script/setup dev` unpacks."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

ROOT = Path(__file__).parents[2]
FOLDER = Path(sys.prefix) / "browser"
LOCK = json.loads((ROOT / "script" / "browser" / "package-lock.json").read_text(encoding="utf-8"))
VERSION: str = LOCK["packages"]["node_modules/@sparticuz/chromium"]["version"]
CHROMIUM = FOLDER / f"chromium-{VERSION}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a page did while it was opened: seconds until it was painted, requests, messages of the console, dialogs."""

    seconds: float
    requests: list[str]
    messages: list[str]
    dialogs: int


class Browser:
    """A browser with one page at a time."""

    def __enter__(self) -> Self:
        """Start the browser."""
        command = [Path(sys.executable).parent / "node", ROOT / "tests" / "browser" / "driver.mjs", FOLDER, CHROMIUM]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        with self._process:
            assert self._process.stdin
            self._process.stdin.close()

    def _send(self, command: str, **options: Any) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"command": command, **options}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def open(
        self,
        path: Path,
        *,
        width: int = 360,
        scheme: str = "light",
        scripts: bool = True,
        without_policy: bool = False,
    ) -> Seen:
        """Open a file; `without_policy` ignores its Content-Security-Policy."""
        return self.open_address(
            path.as_uri(), width=width, scheme=scheme, scripts=scripts, without_policy=without_policy
        )

    def open_address(
        self,
        address: str,
        *,
        width: int = 360,
        scheme: str = "light",
        scripts: bool = True,
        without_policy: bool = False,
    ) -> Seen:
        """Open a page that a server has."""
        options = {"width": width, "height": 800, "scheme": scheme, "scripts": scripts}
        seen = self._send("open", url=address, without_policy=without_policy, **options)
        seen["requests"].remove(address)
        return Seen(**seen)

    def see(self) -> dict[str, Any]:
        """Return the requests, the messages and the number of dialogs since the page was opened."""
        seen: dict[str, Any] = self._send("seen")
        return seen

    def evaluate(self, code: str) -> Any:
        """Return the value of an expression in the page, also if its policy allows no scripts."""
        return self._send("evaluate", code=code)

    def press(self, key: str) -> None:
        self._send("press", key=key)

    def type(self, text: str) -> None:
        self._send("type", text=text)

    def run_axe(self) -> dict[str, list[str]]:
        """Return the violations that axe finds, and the rules that it found fulfilled."""
        found: dict[str, list[str]] = self._send("axe")
        return found

    def read_version(self) -> str:
        version: str = self._send("version")
        return version

    def take_screenshot(self, path: Path) -> None:
        self._send("screenshot", path=str(path))
