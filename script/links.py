"""Check the site in a folder: `python script/links.py site`.

Every link inside of it leads somewhere, and nothing is loaded from elsewhere. Links to other sites are not followed.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"script": "src", "img": "src", "source": "srcset", "iframe": "src", "video": "src", "audio": "src"}
LOADING_LINKS = {"stylesheet", "icon", "preload", "preconnect", "dns-prefetch", "modulepreload", "manifest"}


@dataclass
class Page(HTMLParser):
    """What a page links to and loads, and the anchors that it has."""

    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Prepare the parser."""
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag links to, loads or is called."""
        values = {name: value for name, value in attrs if value is not None}
        self.anchors |= {values[name] for name in ("id", "name") if name in values}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag == "link" and LOADING_LINKS & set(values.get("rel", "").split()):
            self.loads.append(values.get("href", ""))
        elif tag in LOADED and LOADED[tag] in values:
            self.loads.append(values[LOADED[tag]])


def read_site(folder: Path) -> dict[Path, Page]:
    """Return the pages of the site by their paths."""
    pages: dict[Path, Page] = {}
    for path in sorted(folder.rglob("*.html")):
        page = pages[path.resolve()] = Page()
        page.feed(path.read_text(encoding="utf-8"))
    return pages


def find_problems(folder: Path) -> list[str]:
    """Return a line for each link that leads nowhere, and for everything that is loaded from elsewhere."""
    pages = read_site(folder)
    found = [
        (path.relative_to(folder.resolve()), link, find_problem(path, link, pages, loads=link in page.loads))
        for path, page in pages.items()
        for link in page.links + page.loads
    ]
    problems = [f"{path}: {link}: {problem}" for path, link, problem in found if problem]
    return problems if pages else [f"{folder} has no page"]


def find_problem(path: Path, link: str, pages: dict[Path, Page], *, loads: bool) -> str:
    """Return what is wrong with a link of a page; empty if nothing is."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return "is loaded from elsewhere" if loads and parts.scheme != "data" else ""
    if parts.path.startswith("/"):
        return "" if path.name == "404.html" else "begins at the root of the server"
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.exists() or target.is_dir():
        return "does not exist"
    anchor = unquote(parts.fragment)
    if anchor and target in pages and anchor not in pages[target].anchors:
        return "has no such anchor"
    return ""


def main() -> None:
    """Print the problems of the site, and fail if there are any."""
    problems = find_problems(Path(sys.argv[1]))
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
