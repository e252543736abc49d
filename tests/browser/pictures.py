"""Take the pictures of the pages with a real browser: `.venv/bin/python -m tests.browser.pictures docs`.

They show what `groupsync plan --html` writes for `examples/groups.yaml`, and `summary --html` for four accounts.
Each picture has the checksum of its page as its text `page`, so a test can tell whether it is still true.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from groupsync.model.account import make_target
from groupsync.sandbox import Sandbox
from groupsync.sandbox.process import make_environment
from groupsync.version import __version__
from tests.browser.browser import ROOT, Browser

EXAMPLE = (ROOT / "examples" / "groups.yaml").read_text(encoding="utf-8")
COMMIT = "1f0c2a9be1d45f0c2a9be1d45f0c2a9be1d45f0c"
WIDTHS = {"page": 390, "summary": 760}
CONFIGS = {
    "Eesti": EXAMPLE,
    "Latvija": EXAMPLE.replace("contacts_at_most: 120", "contacts_at_most: 20"),
    "Suomi": "version: 1\npolicy: {unlisted: keep}\ngroups: [Newsletter]\n",
    "Österreich": "version: 1\npolicy: {unlisted: keep}\ngroups: [Newsletter, Neukunden]\n",
}


def write_plan(folder: Path, config: str, sandbox: Sandbox) -> None:
    """Plan in a folder as in a pull request, and write the plan and its page there."""
    folder.mkdir()
    (folder / "groups.yaml").write_text(config, encoding="utf-8")
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "CI"))}
    environ |= {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_REPOSITORY": "acme/phonebook",
        "GITHUB_RUN_ID": "123456789",
        "GROUPSYNC_COMMIT": COMMIT,
        "GROUPSYNC_BACKUP_DIR": str(folder / "backups"),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "groupsync", "plan", "--out", "plan.json", "--html", "plan.html", "--quiet"]
    subprocess.run(command, cwd=folder, env=make_environment(environ, sandbox), check=False, stdout=subprocess.DEVNULL)


def write_pages(folder: Path) -> dict[str, str]:
    """Return the page of the example's plan and that of the four accounts, without what differs from run to run."""
    labels = []
    for number, (name, config) in enumerate(CONFIGS.items()):
        with Sandbox(seed=ROOT / "examples" / "sandbox.json", username=f"account-{number}") as sandbox:
            write_plan(folder / name, config, sandbox)
            labels += ["--label", f"{make_target(sandbox.url, sandbox.username).account}={name}"]
    plans = [f"{name}/plan.json" for name in CONFIGS]
    command = [sys.executable, "-m", "groupsync", "summary", *plans, *labels, "--html", "summary.html"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=folder, env=environ, check=False, stdout=subprocess.DEVNULL)
    pages = {"page": folder / "Eesti" / "plan.html", "summary": folder / "summary.html"}
    return {name: _make_stable(path.read_text(encoding="utf-8")) for name, path in pages.items()}


def _make_stable(html: str) -> str:
    html = re.sub(r"http://127\.0\.0\.1:\d+", "https://api.messente.com", html)
    html = re.sub(r"sha256:[0-9a-f]{64}", f"sha256:{hashlib.sha256(b'groupsync').hexdigest()}", html)
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "2026-11-23 12:00 UTC", html)


def hash_page(html: str) -> str:
    """Return the checksum that a picture of the page has. The version in it may be an earlier one."""
    same_version = html.replace(f"groupsync {__version__}", "groupsync 0.1.0")
    return hashlib.sha256(same_version.encode()).hexdigest()


def take_pictures(target: Path) -> None:
    """Write a picture of each page, light and dark."""
    with tempfile.TemporaryDirectory() as name, Browser() as browser:
        folder = Path(name)
        for page, html in write_pages(folder).items():
            (folder / "shown.html").write_text(html, encoding="utf-8")
            for scheme in ("light", "dark"):
                browser.open(folder / "shown.html", width=WIDTHS[page], scheme=scheme)
                browser.take_screenshot(folder / "shot.png")
                text = PngInfo()
                text.add_text("page", hash_page(html))
                with Image.open(folder / "shot.png") as shot:
                    shot.convert("RGB").quantize(64).save(target / f"{page}-{scheme}.png", pnginfo=text, optimize=True)


if __name__ == "__main__":
    take_pictures(Path(sys.argv[1]))
