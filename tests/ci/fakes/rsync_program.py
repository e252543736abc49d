"""`rsync` on one machine, as far as gitlab-ci-local calls it, for machines that have none: it copies files."""

from __future__ import annotations

import fnmatch
import shutil
import sys
from pathlib import Path


def main(words: list[str]) -> int:
    relative = False
    excluded: list[str] = []
    paths: list[str] = []
    while words:
        word = words.pop(0)
        if word == "--exclude":
            excluded.append(words.pop(0))
        elif word.startswith("--exclude="):
            excluded.append(word.partition("=")[2])
        elif word.startswith("--"):
            if word.partition("=")[0] not in {"--delete", "--delete-excluded", "--exclude-from"}:
                sys.exit(f"rsync of the tests: unknown option {word}")
        elif word.startswith("-"):
            if set(word[1:]) - set("arR"):
                sys.exit(f"rsync of the tests: unknown option {word}")
            relative = relative or "R" in word
        else:
            paths.append(word)
    *sources, target = paths
    for source in sources:
        copy(source, Path(target), relative=relative, excluded=excluded)
    return 0


def copy(source: str, target: Path, *, relative: bool, excluded: list[str]) -> None:
    """Copy what a path names; with `-R` the path after a `/./` is kept, otherwise `folder/` means what is in it."""
    if relative:
        base, _, kept = source.rpartition("/./") if "/./" in source else (".", "", source.removeprefix("./"))
        root = Path(base)
        found = [root / kept] if (root / kept).exists() else sorted(root.glob(kept))
    else:
        root = Path(source) if source.endswith(("/", "/.")) else Path(source).parent
        found = [Path(source)]
    for path in found:
        for file in [path, *path.rglob("*")] if path.is_dir() else [path]:
            name = file.relative_to(root)
            if is_excluded(str(name), excluded) or not file.is_file():
                continue
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, target / name)


def is_excluded(name: str, excluded: list[str]) -> bool:
    patterns = [pattern.strip("/").removesuffix("/**") for pattern in excluded]
    return any(name == one or name.startswith(f"{one}/") or fnmatch.fnmatch(name, one) for one in patterns)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
