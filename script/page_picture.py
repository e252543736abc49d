"""Take the pictures of a plan in a pull request with a real browser: `.venv/bin/python script/page_picture.py docs`.

They need the program `chromium`. What they show is what `groupsync plan --markdown` writes for `examples/groups.yaml`,
rendered by GitHub's Markdown engine. Each picture has that Markdown as its text `markdown`, so a test can tell whether
it is still true.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import cmarkgfm
from cmarkgfm.cmark import Options
from PIL import Image, ImageChops
from PIL.PngImagePlugin import PngInfo

from groupsync.sandbox import Sandbox
from groupsync.sandbox.process import make_environment

ROOT = Path(__file__).parents[1]
WIDTH, HEIGHT, MARGIN = 830, 1_600, 16
COMMIT = "1f0c2a9be1d45f0c2a9be1d45f0c2a9be1d45f0c"
COLOURS = {  # of GitHub: text, background, borders, code, links, caution
    "light": ("#1f2328", "#ffffff", "#d1d9e0", "#818b981f", "#0969da", "#cf222e"),
    "dark": ("#f0f6fc", "#0d1117", "#3d444d", "#656c7633", "#4493f8", "#da3633"),
}
STYLE = """
body {{ margin: {margin}px; font: 16px/1.5 "Noto Sans", Helvetica, Arial, sans-serif; color: {text};
    background: {background}; }}
h1, h2, h3 {{ font-size: 20px; margin: 0 0 16px; }}
p, ul, table, details, pre {{ margin: 0 0 16px; }}
table {{ border-collapse: collapse; }}
th, td {{ border: 1px solid {border}; padding: 6px 13px; }}
code {{ font: 85% ui-monospace, "DejaVu Sans Mono", monospace; padding: .2em .4em; border-radius: 6px;
    background: {code}; }}
pre {{ padding: 16px; border-radius: 6px; background: {code}; }}
pre code {{ padding: 0; background: none; }}
a {{ color: {link}; text-decoration: none; }}
hr {{ border: 0; border-top: 3px solid {border}; margin: 24px 0; }}
sub {{ font-size: 12px; vertical-align: baseline; }}
.caution {{ border-left: 4px solid {caution}; padding: 8px 16px; margin-bottom: 16px; }}
.caution b {{ color: {caution}; }}
"""


def write_page() -> str:
    """Return the Markdown of the plan of the example, made on a sandbox as in a pull request."""
    with Sandbox(seed=ROOT / "examples" / "sandbox.json") as sandbox, tempfile.TemporaryDirectory() as folder:
        environ = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "CI"))}
        environ |= {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_REPOSITORY": "acme/phonebook",
            "GITHUB_RUN_ID": "123456789",
            "GROUPSYNC_COMMIT": COMMIT,
            "GROUPSYNC_BACKUP_DIR": f"{folder}/backups",
        }
        command = [sys.executable, "-m", "groupsync", "plan", "--markdown", "plan.md"]
        (Path(folder) / "groups.yaml").write_text((ROOT / "examples" / "groups.yaml").read_text("utf-8"), "utf-8")
        subprocess.run(  # noqa: S603 - the program itself
            command, cwd=folder, env=make_environment(environ, sandbox), stdout=subprocess.DEVNULL, check=True
        )
        page = (Path(folder) / "plan.md").read_text(encoding="utf-8")
    page = re.sub(r"127\.0\.0\.1:\d+", "api.messente.com", page)
    page = re.sub(r"sha256:[0-9a-f]{64}(\+[0-9,]+)?", f"sha256:{hashlib.sha256(b'groupsync').hexdigest()}", page)
    return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "2026-11-23T12:00:00Z", page)


def render_html(page: str, colours: tuple[str, ...]) -> str:
    """Return the page as GitHub renders it, nearly: its engine, its colours, its alert."""
    body = cmarkgfm.github_flavored_markdown_to_html(page, options=Options.CMARK_OPT_UNSAFE)
    body = re.sub(
        r"<blockquote>\s*<p>\[!CAUTION\]\s*(.*?)</blockquote>",
        r"<div class=caution><p><b>Caution</b></p><p>\1</div>",
        body,
        flags=re.DOTALL,
    )
    names = ("text", "background", "border", "code", "link", "caution")
    style = STYLE.format(margin=MARGIN, **dict(zip(names, colours, strict=True)))
    return f"<!doctype html><meta charset=utf-8><style>{style}</style>{body}"


def photograph(html: str, path: Path, page: str) -> None:
    """Write what a browser shows of the page, without the empty space below it."""
    with tempfile.TemporaryDirectory() as folder:
        source, shot = Path(folder) / "page.html", Path(folder) / "page.png"
        source.write_text(html, encoding="utf-8")
        options = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--force-device-scale-factor=1",
        ]
        command = ["chromium", *options, f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={shot}", source.as_uri()]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - a page of our own
        with Image.open(shot) as taken:
            image = taken.convert("RGB")
    empty = Image.new("RGB", image.size, image.getpixel((image.width - 1, image.height - 1)))
    box = ImageChops.difference(image, empty).getbbox()
    if box is None:
        raise SystemExit("the browser has shown an empty page")
    text = PngInfo()
    text.add_itxt("markdown", page)
    image.crop((0, 0, WIDTH, box[3] + MARGIN)).quantize(64).save(path, pnginfo=text, optimize=True)


if __name__ == "__main__":
    written = write_page()
    for name, chosen in COLOURS.items():
        photograph(render_html(written, chosen), Path(sys.argv[1]) / f"pull-request-{name}.png", written)
