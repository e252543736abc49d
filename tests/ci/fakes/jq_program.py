"""`jq`, with the library `jq`: `jq [-r] [-s] [--arg NAME VALUE]... [--rawfile NAME FILE]... FILTER [FILE]...`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import jq


def main(words: list[str]) -> int:
    raw = slurp = False
    arguments: dict[str, str] = {}
    operands: list[str] = []
    while words:
        word = words.pop(0)
        if word == "--arg":
            name, value = words.pop(0), words.pop(0)
            arguments[name] = value
        elif word == "--rawfile":
            name, value = words.pop(0), words.pop(0)
            arguments[name] = Path(value).read_text(encoding="utf-8")
        elif word.startswith("-"):
            if set(word[1:]) - set("rs"):
                sys.exit(f"jq of the tests: unknown option {word}")
            raw, slurp = raw or "r" in word, slurp or "s" in word
        else:
            operands.append(word)
    program, *files = operands
    text = "\n".join(Path(file).read_text(encoding="utf-8") for file in files) if files else sys.stdin.read()
    for result in jq.compile(program, args=arguments).input_text(text, slurp=slurp):
        print(result if raw and isinstance(result, str) else json.dumps(result))  # noqa: T201 - its output
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
