"""Writes snippets: for changed entries, added entries, and keys of the policy."""

from __future__ import annotations

import heapq
import re
from typing import TYPE_CHECKING

from groupsync.display import make_visible, quote_file
from groupsync.model.config import RemovedId, RemovedName, is_json
from groupsync.snippets.lines import find_block_entry, find_flow_end, is_in_brackets, split_lines
from groupsync.snippets.values import write_block, write_flow, write_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from groupsync.model.config import Config, GroupEntry, Removal
    from groupsync.model.groups import Source
    from groupsync.snippets.lines import BlockEntry, FileLines
    from groupsync.snippets.values import Value, Values

_LONGEST_ENTRY = 4_000  # characters of an entry that is written as lines to paste

LONGEST_LINE = 200
"""Of a longer line only the change is shown, not the whole line."""

_MOST_TRIED = 3  # entries at the end of a list; at least one of them has the usual form
_INDENT = "  "
_BRACE_FIRST = r"(?:\s|#[^\n]*\n|---(?=\s))*\{"
"""The start of a file that is one mapping in braces."""

_EMPTY_LIST = r'(?m)^( *)(["\']?){key}\2 *: *(\[\s*\])'
_EMPTY_LIST_IN_BRACES = r'[{{,]\s*()(["\']?){key}\2\s*:\s*(\[\s*\])'
_KEY_ALONE = r""" *["']?\w+["']? *:\s*(?:#.*)?"""
_TOP_KEY = r"(?m)^( *)(?![ #%-])[^\n]*?:(?=[ \r]|$)"
_DOCUMENT_END = r"(?m)^\.\.\.(?=\s|\Z)"


def _describe_lines(first: int, last: int) -> str:
    return f"line {first}" if first == last else f"lines {first} to {last}"


def _begin(why: str) -> str:
    """Return the start of a sentence; `why` is a clause such as "to keep it", or a question that ends with "Then"."""
    return f"{why} " if why.endswith("Then") else f"{why}, "


def _locate(source: Source) -> str:
    return f"{source}:{source.column}"


def _join(sentence: str, lines: Sequence[str]) -> str:
    return "\n".join([f"{sentence}:", *lines])


def _find_lines(config: Config, source: Source | None) -> FileLines | None:
    """Return the lines of the file of a source; None if the configuration does not have its text."""
    if source is None or source.file not in config.texts:
        return None
    lines = split_lines(config.texts[source.file])
    return lines if source.line <= len(lines.starts) else None


def change_group(config: Config, entry: GroupEntry, changes: Mapping[str, Value | None], *, why: str) -> str:
    """Return the snippet that changes keys of an entry under `groups`; None removes a key.

    Everything else is copied from the file, including comments.
    """
    values: dict[str, Value | None] = {
        "name": entry.name,
        "id": entry.id,
        "previously": entry.previously or None,
        "description": entry.description or None,
    }
    return _change_entry(config, entry.source, {**values, **changes}, changes, why=why)


def change_removal(config: Config, removal: Removal, changes: Mapping[str, Value | None], *, why: str) -> str:
    """Return the snippet that changes keys of an entry under `removed`; None removes a key."""
    match removal:
        case RemovedId():
            values: dict[str, Value | None] = {"id": removal.id, "contacts_at_most": removal.contacts_at_most}
        case RemovedName():
            values = {"name": removal.name, "contacts_at_most": removal.contacts_at_most or None}
    values["reason"] = removal.reason or None
    return _change_entry(config, removal.source, {**values, **changes}, changes, why=why)


def _change_entry(
    config: Config,
    source: Source,
    values: Mapping[str, Value | None],
    changes: Mapping[str, Value | None],
    *,
    why: str,
) -> str:
    """Return the snippet of an entry; `values` are all its keys after the changes."""
    file, is_flow = quote_file(source.file), is_json(source.file)
    final = _sort_keys(values)
    lines = _find_lines(config, source)
    if _is_long(final):
        return _describe_change(source, changes, why=why)
    if lines and not is_flow and (block := find_block_entry(lines, source)):
        new = _rewrite_block(block, final, changes)
        return _join(_begin(why) + f"change {_describe_lines(block.first, block.last)} of {file} to", new)
    if lines and (is_flow or is_in_brackets(lines, source)):
        start, flow = lines.offset(source), write_flow(final, is_json=is_flow)
        end = find_flow_end(lines.text, start)
        if end is not None and (replaced := _change_part(lines, start, end, flow, file)):
            return _join(_begin(why) + f"{replaced[0]}", replaced[1])
        return _join(_begin(why) + f"change the entry at {_locate(source)} to", [flow])
    entry = [write_flow(final, is_json=True)] if is_flow else write_block(final, _INDENT)
    place = _locate(source) if lines else str(source)
    return _join(_begin(why) + f"change the entry at {place} to", entry)


def _is_long(values: Values) -> bool:
    """Return whether an entry is too long for a person to paste it; lines to paste are never cut."""
    return len(write_flow(values, is_json=True)) > _LONGEST_ENTRY


def _describe_change(source: Source, changes: Mapping[str, Value | None], *, why: str) -> str:
    """Describe only the changed keys of an entry: the other keys are too long to repeat."""
    new, place = {key: value for key, value in changes.items() if value is not None}, _locate(source)
    if _is_long(new):
        return f"{_begin(why)}change {', '.join(changes)} of the entry at {place} by hand: it is too long to print"
    return _join(f"{_begin(why)}change these keys of the entry at {place}", [write_key(*one) for one in new.items()])


def _sort_keys(values: Mapping[str, Value | None]) -> dict[str, Value]:
    """Return the keys that have a value: first the name, then the id, then the others."""
    there = {key: value for key, value in values.items() if value is not None}
    return dict(sorted(there.items(), key=lambda item: _rank_key(item[0])))


def _rank_key(key: str) -> int:
    return {"name": 0, "id": 1, "previously": 2}.get(key, 3)


def _change_part(lines: FileLines, start: int, end: int, new: str, file: str) -> tuple[str, list[str]] | None:
    """Return what to change, and the new lines with a part replaced; None if they cannot be printed unchanged."""
    first, last, whole = lines.replace(start, end, new)
    if max(map(len, whole)) > LONGEST_LINE or not _is_visible(whole):
        return None
    return f"change {_describe_lines(first, last)} of {file} to", whole


def _rewrite_block(block: BlockEntry, final: Values, changes: Mapping[str, Value | None]) -> list[str]:
    """Return the lines of the entry after the changes; a key that stays the same keeps its lines."""
    if block.keys is None:
        return write_block(final, block.indent, gap=block.gap)
    below_dash = f"{block.indent} {' ' * len(block.gap)}"
    keys = {key: old for key, old in block.keys.items() if key not in changes and _is_visible(old)}
    keys |= {key: [f"{below_dash}{write_key(key, value)}"] for key, value in final.items() if key not in keys}
    order = [key for key in block.keys if key in keys]
    for key in sorted(keys.keys() - set(order), key=_rank_key):
        place = sum(_rank_key(other) < _rank_key(key) for other in order)
        order.insert(place, key)
    new = [line for key in order for line in keys[key]]
    return [f"{block.indent}-{block.gap}{new[0][len(below_dash) :]}", *new[1:]]


def _is_visible(lines: Sequence[str]) -> bool:
    """Return whether lines of a file can be printed unchanged: an escape would be different text when pasted."""
    return all(make_visible(line) == line for line in lines)


def remove_entry(config: Config, source: Source) -> str:
    """Return how to remove an entry from its list, as the end of a sentence."""
    lines = _find_lines(config, source)
    block = find_block_entry(lines, source) if lines and not is_json(source.file) else None
    if not lines or not block:
        return f"take out the entry at {_locate(source)}"
    first = _find_key_of_only_entry(lines, block) or block.first
    return f"remove {_describe_lines(first, block.last)} of {quote_file(source.file)}"


def _find_key_of_only_entry(lines: FileLines, block: BlockEntry) -> int | None:
    """Return the line of the list's key if this is the only entry: then the key must be removed as well."""
    above = next((number for number in range(block.first - 1, 0, -1) if not _is_remark(lines.line(number))), None)
    if above is None or not re.fullmatch(_KEY_ALONE, lines.line(above)):
        return None
    below = (lines.line(number) for number in range(block.last + 1, len(lines.starts) + 1))
    following = next((line for line in below if not _is_remark(line)), "")
    return None if following.startswith(f"{block.indent}-") else above


def _is_remark(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def add_entries(config: Config, key: str, entries: Sequence[tuple[Values, str]], *, why: str) -> str:
    """Return the snippet that adds entries to the list under `groups` or `removed`, each with a comment.

    A file that is written in braces gets no comments.
    """
    short = [entry for entry in entries if not _is_long(entry[0])]
    if not short:
        return f"{_begin(why)}add it under {key} by hand: it is too long to print"
    entries = short
    present = config.groups if key == "groups" else config.removed
    known = (one.source for one in present if one.source.file in config.texts)
    last = heapq.nlargest(_MOST_TRIED, known)
    for source in last:
        lines = _find_lines(config, source)
        block = find_block_entry(lines, source) if lines and not is_json(source.file) else None
        if block:
            sentence = f"{_begin(why)}add below line {block.last} of {quote_file(source.file)}"
            return _join(sentence, _write_entries(entries, block.indent, block.gap))
        if lines and (is_json(source.file) or is_in_brackets(lines, source)):
            return _add_to_flow(lines, source, entries, why=why)
    return _add_list(config, key, entries, why=why, is_there=bool(present))


def _write_entries(entries: Sequence[tuple[Values, str]], indent: str, gap: str = " ") -> list[str]:
    return [line for values, remark in entries for line in write_block(values, indent, comment=remark, gap=gap)]


def _write_flow_entries(entries: Sequence[tuple[Values, str]], *, is_json: bool) -> str:
    return ", ".join(write_flow(values, is_json=is_json) for values, _ in entries)


def _add_to_flow(lines: FileLines, source: Source, entries: Sequence[tuple[Values, str]], *, why: str) -> str:
    """Return the snippet that adds entries before an entry of a list in brackets."""
    new = _write_flow_entries(entries, is_json=is_json(source.file)) + ", "
    start = lines.offset(source)
    if replaced := _change_part(lines, start, start, new, quote_file(source.file)):
        return _join(_begin(why) + f"{replaced[0]}", replaced[1])
    return _join(_begin(why) + f"insert before the entry at {_locate(source)}", [new.rstrip()])


def _add_list(config: Config, key: str, entries: Sequence[tuple[Values, str]], *, why: str, is_there: bool) -> str:
    """Return the snippet that adds entries to an empty or missing list."""
    if is_there or not config.texts:
        title = [] if is_there else [f"{key}:"]
        place = "add to the list under" if is_there else "add"
        sentence = f"{_begin(why)}{place} {key}" if is_there else f"{_begin(why)}add to the configuration"
        return _join(sentence, [*title, *_write_entries(entries, _INDENT)])
    for name, text in config.texts.items():
        is_braced = re.match(_BRACE_FIRST, text) is not None
        pattern = _EMPTY_LIST_IN_BRACES if is_braced else _EMPTY_LIST
        if found := re.search(pattern.format(key=key), text):
            lines, file = split_lines(text), quote_file(name)
            if is_braced:
                new = f"[{_write_flow_entries(entries, is_json=is_json(name))}]"
                first, last, whole = lines.replace(found.start(3), found.end(3), new)
                return _join(_begin(why) + f"change {_describe_lines(first, last)} of {file} to", whole)
            block = [f"{found[1]}{key}:", *_write_entries(entries, f"{found[1]}{_INDENT}")]
            first, last, _ = lines.replace(found.start(1), found.end(3), "")
            return _join(_begin(why) + f"change {_describe_lines(first, last)} of {file} to", block)
    flow = _write_flow_entries(entries, is_json=False), _write_flow_entries(entries, is_json=True)
    return _add_top_key(
        config, [f"{key}:", *_write_entries(entries, _INDENT)], f"{key}: [{flow[0]}]", f'"{key}": [{flow[1]}]', why=why
    )


def _add_top_key(config: Config, block: Sequence[str], flow: str, json_text: str, *, why: str) -> str:
    """Return the snippet that adds a top-level key to the first file: as lines, in braces, or as JSON."""
    name, text = next(iter(config.texts.items()))
    file = quote_file(name)
    if brace := re.match(_BRACE_FIRST, text):
        lines, new = split_lines(text), f"{json_text if is_json(name) else flow}, "
        if replaced := _change_part(lines, brace.end(), brace.end(), new, file):
            return _join(_begin(why) + f"{replaced[0]}", replaced[1])
        return _join(_begin(why) + f"insert after the first {{ of {file}", [new.rstrip()])
    place, indent = _find_top_place(name, text)
    return _join(_begin(why) + f"add {place}", [indent + line for line in block])


def find_top_place(config: Config) -> tuple[str, str] | None:
    """Return where to add a top-level key in the first file, as the end of a sentence, and its indentation.

    None if that file is written in braces.
    """
    name = config.files[0] if config.files else ""
    text = config.texts.get(name, "")
    if is_json(name) or re.match(_BRACE_FIRST, text):
        return None
    return _find_top_place(name, text) if name else ("to the configuration", "")


def _find_top_place(name: str, text: str) -> tuple[str, str]:
    top, file = re.search(_TOP_KEY, text), quote_file(name)
    if top and re.search(_DOCUMENT_END, text):
        return f"above line {split_lines(text).find_line(top.start())} of {file}", top[1]
    return f"at the end of {file}", top[1] if top else ""


def set_policy(config: Config, key: str, value: str, *, why: str) -> str:
    """Return the snippet that gives a key of the policy this value."""
    policy = config.policy
    source = policy.sources.get(key) or policy.source
    lines = _find_lines(config, source)
    if source is None and config.texts:
        return _add_top_key(
            config,
            ["policy:", f"{_INDENT}{key}: {value}"],
            f"policy: {{{key}: {value}}}",
            f'"policy": {{"{key}": {_write_json(value)}}}',
            why=why,
        )
    if source is None or lines is None:
        place = f"change {key} at {source} to" if key in policy.sources else "add to the configuration"
        return _join(_begin(why) + f"{place}", [f"policy: {{{key}: {value}}}"])
    if key in policy.sources:
        return _change_policy_value(lines, source, value, why=why)
    return _add_policy_key(lines, source, (key, value), why=why, is_empty=not policy.sources)


def _write_json(value: str) -> str:
    return value if value.isdecimal() else f'"{value}"'


def _change_policy_value(lines: FileLines, source: Source, value: str, *, why: str) -> str:
    start = lines.offset(source)
    found = re.compile(r"""(["']).*?\1|[^\s,}]+""").match(lines.text, start)
    end = found.end() if found else start
    new = _write_json(value) if is_json(source.file) else value
    file = quote_file(source.file)
    replaced = _change_part(lines, start, end, new, file) or (f"change the value at {_locate(source)} to", [new])
    return _join(_begin(why) + f"{replaced[0]}", replaced[1])


def _add_policy_key(lines: FileLines, source: Source, setting: tuple[str, str], *, why: str, is_empty: bool) -> str:
    key, value = setting
    start, file = lines.offset(source), quote_file(source.file)
    if not lines.text.startswith("{", start):
        return _join(
            _begin(why) + f"add above line {source.line} of {file}", [" " * (source.column - 1) + f"{key}: {value}"]
        )
    text = f'"{key}": {_write_json(value)}' if is_json(source.file) else f"{key}: {value}"
    new = text if is_empty else f"{text}, "
    replaced = _change_part(lines, start + 1, start + 1, new, file)
    sentence, whole = replaced or (f"insert after the {{ at {_locate(source)}", [new.rstrip()])
    return _join(_begin(why) + f"{sentence}", whole)
