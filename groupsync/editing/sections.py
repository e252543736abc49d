"""What new entries, new keys of the policy and new sections replace in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from groupsync.display import write_scalar
from groupsync.editing.document import Child, CollectionNode, ScalarNode
from groupsync.editing.edits import EntryList, UneditableError, rank_top_key
from groupsync.editing.replacements import (
    ENTRY,
    TOP_KEY,
    Replacement,
    insert,
    insert_in_brackets,
    insert_in_empty,
    insert_instead,
    insert_lines,
    join_lines,
)
from groupsync.editing.writing import write_quoted, write_setting
from groupsync.snippets.values import write_block, write_flow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from groupsync.editing.document import Node, YamlDocument
    from groupsync.editing.edits import AddEntry

_INDENT = "  "
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))


class BlockStyle(Struct, frozen=True, kw_only=True):
    """How a list is written as lines: what is before its dashes, and between dash and content."""

    indent: str = _INDENT
    gap: str = " "
    is_braced: bool = False


def add_to_list(
    document: YamlDocument, entries: CollectionNode, added: Sequence[AddEntry], *, is_emptied: bool
) -> Iterator[Replacement]:
    """Yield what adds entries after the last one of a list; `is_emptied` is whether all present ones are removed."""
    last = len(entries.children) - 1
    if entries.is_flow:
        texts = _write_flow_entries(added, has_quotes=is_quoted(document.root))
        if is_emptied:
            yield insert_instead(document, entries, texts, rank=ENTRY)
        else:
            yield from insert_in_brackets(document, entries, last, texts, rank=ENTRY)
        return
    child = entries.children[-1]
    style = _find_style(document, child, is_braced=is_braced(entries))
    lines = _write_block_entries(added, style)
    yield insert_lines(document, child.end, document.column(child.mark), lines, rank=ENTRY)


def add_list(document: YamlDocument, section: Child, added: Sequence[AddEntry]) -> Iterator[Replacement]:
    """Yield what adds entries to a list that is empty or left out."""
    root, value = document.root, section.value
    is_null = isinstance(value, ScalarNode) and not value.style and value.text in _NULLS
    is_empty = isinstance(value, CollectionNode) and not value.is_mapping and not value.children
    if not is_null and not is_empty:
        raise UneditableError("this is not a list", section.start)
    is_in_lines = isinstance(root, CollectionNode) and not root.is_flow and section.mark >= 0
    is_on_line = document.line(section.start) == document.line(max(value.end - 1, section.start))
    if is_in_lines and is_on_line and not document.has_comment(section.start, value.end):
        if value.end > section.mark + 1:
            yield Replacement(start=section.mark + 1, end=value.end, new="")
        lines = _write_block_entries(added, _fit_comments(document, section, find_list_style(document)))
        new = join_lines(lines, document.line_end_of(section.mark))
        yield insert(document.next_line(section.mark), new, ENTRY)
        return
    joined = ", ".join(_write_flow_entries(added, has_quotes=is_quoted(root)))
    if isinstance(value, CollectionNode):
        yield insert_in_empty(document, value, joined, rank=ENTRY)
    elif section.mark >= 0:
        yield Replacement(start=section.mark + 1, end=max(value.end, section.mark + 1), new=f" [{joined}]", rank=ENTRY)
    else:
        yield insert(section.end, f": [{joined}]", ENTRY)


def find_list_style(document: YamlDocument) -> BlockStyle:
    """Return how another list of the file is written as lines; the usual way if there is none."""
    root = document.root
    children = root.children if isinstance(root, CollectionNode) and not root.is_flow else []
    base = " " * document.column(children[0].start) if children else ""
    for child in sorted(children, key=_is_edited):
        value = child.value
        if isinstance(value, CollectionNode) and not value.is_mapping and not value.is_flow and value.children:
            return _find_style(document, value.children[-1], is_braced=False)
    return BlockStyle(indent=base + _INDENT)


def _is_edited(child: Child) -> bool:
    """Return whether edits can give a list its first entry: others come first, so that no edit changes the style."""
    return child.key is not None and child.key.text in {one.value for one in EntryList}


def set_policy(document: YamlDocument, policy: Child, settings: Mapping[str, str | int]) -> Iterator[Replacement]:
    """Yield what sets keys of a policy that is there."""
    value = policy.value
    if not isinstance(value, CollectionNode) or not value.is_mapping:
        raise UneditableError("this is not a mapping", policy.start)
    new: dict[str, str | int] = {}
    for key, setting in settings.items():
        child = value.find(key)
        if child is None:
            new[key] = setting
        elif isinstance(child.value, ScalarNode) and not child.value.is_left_out:
            if isinstance(setting, str) and child.value.style in {"'", '"'}:
                text = f"{child.value.style}{setting}{child.value.style}"
            else:
                text = write_setting(setting)
            yield Replacement(start=child.value.start, end=child.value.end, new=text)
        else:
            raise UneditableError(f"the value of {key} is not one value", child.start)
    if new:
        yield from _add_settings(document, value, new)


def _add_settings(
    document: YamlDocument, policy: CollectionNode, new: Mapping[str, str | int]
) -> Iterator[Replacement]:
    pairs = _write_settings(new, has_quotes=is_quoted(policy))
    if not policy.children:
        yield insert_in_empty(document, policy, ", ".join(pairs), rank=0)
    elif policy.is_flow:
        yield from insert_in_brackets(document, policy, len(policy.children) - 1, pairs)
    else:
        column = document.column(policy.start)
        lines = [f"{' ' * column}{pair}" for pair in pairs]
        yield insert_lines(document, policy.children[-1].end, column, lines)


def _write_settings(settings: Mapping[str, str | int], *, has_quotes: bool) -> list[str]:
    if has_quotes:
        return [f'"{key}": {write_quoted(value)}' for key, value in settings.items()]
    return [f"{key}: {write_setting(value)}" for key, value in settings.items()]


def add_top_keys(
    document: YamlDocument, added: Mapping[EntryList, Sequence[AddEntry]], settings: Mapping[str, str | int]
) -> Iterator[Replacement]:
    """Yield what adds the sections that the file lacks, each after the last one that usually comes before it."""
    root = document.root
    if root is None or (isinstance(root, ScalarNode) and root.is_left_out):
        yield _write_whole_file(document, added, settings)
        return
    if not isinstance(root, CollectionNode) or not root.is_mapping or not root.children:
        raise UneditableError("the file is not a mapping with keys", root.start)
    keys = sorted([*(section.value for section in added), *(["policy"] if settings else [])], key=rank_top_key)
    by_anchor: dict[int, list[str]] = {}
    for key in keys:
        by_anchor.setdefault(_find_anchor(root, key), []).append(key)
    for anchor, several in by_anchor.items():
        if root.is_flow:
            texts = [_write_flow_section(root, key, added, settings) for key in several]
            yield from insert_in_brackets(document, root, anchor, texts, rank=TOP_KEY)
            continue
        column = document.column(root.start)
        for key in several:
            lines = _write_section(document, key, added, settings)
            base = " " * column
            lines = [f"{base}{lines[0]}", *lines[1:]]
            place = root.children[anchor].end
            yield insert_lines(document, place, column, lines, rank=TOP_KEY + rank_top_key(key))


def _find_anchor(root: CollectionNode, key: str) -> int:
    lower = [
        number
        for number, child in enumerate(root.children)
        if child.key and rank_top_key(child.key.text) < rank_top_key(key)
    ]
    return lower[-1] if lower else len(root.children) - 1


def _write_section(
    document: YamlDocument, key: str, added: Mapping[EntryList, Sequence[AddEntry]], settings: Mapping[str, str | int]
) -> list[str]:
    """Return the lines of a section; the first one without indentation."""
    if key == "policy":
        root = document.root
        base = " " * document.column(root.start) if root else ""
        return ["policy:", *(f"{base}{_INDENT}{line}" for line in _write_settings(settings, has_quotes=False))]
    return [f"{key}:", *_write_block_entries(added[EntryList(key)], find_list_style(document))]


def _write_flow_section(
    root: CollectionNode, key: str, added: Mapping[EntryList, Sequence[AddEntry]], settings: Mapping[str, str | int]
) -> str:
    has_quotes = is_quoted(root)
    name = f'"{key}"' if has_quotes else key
    if key == "policy":
        return f"{name}: {{{', '.join(_write_settings(settings, has_quotes=has_quotes))}}}"
    return f"{name}: [{', '.join(_write_flow_entries(added[EntryList(key)], has_quotes=has_quotes))}]"


def _write_whole_file(
    document: YamlDocument, added: Mapping[EntryList, Sequence[AddEntry]], settings: Mapping[str, str | int]
) -> Replacement:
    """Return what adds everything to a file without a value, after its comments."""
    if document.end_mark >= 0:
        raise UneditableError("the file ends with a mark before it has a value")
    text = document.text
    lines = ["version: 1"]
    if settings:
        lines += _write_section(document, "policy", {}, settings)
    for section in EntryList:
        if section in added:
            lines += _write_section(document, section.value, added, {})
    is_after_comment = document.comments and not text[document.comments[-1].end :].strip("\r\n")
    start = document.line_end if is_after_comment and len(text) == document.next_line(document.comments[-1].end) else ""
    return insert(len(text), start + join_lines(lines, document.line_end), TOP_KEY)


def _find_style(document: YamlDocument, child: Child, *, is_braced: bool) -> BlockStyle:
    """Return how an item of a list is written."""
    indent = document.text[document.line_start(child.mark) : child.mark]
    if indent.strip(" "):
        raise UneditableError("something else is on the line before this value", child.mark)
    gap = document.text[child.mark + 1 : child.value.start]
    return BlockStyle(indent=indent, gap=gap if gap and not gap.strip(" ") else " ", is_braced=is_braced)


def _fit_comments(document: YamlDocument, section: Child, style: BlockStyle) -> BlockStyle:
    """Return the style for an empty list with comments below it: its dashes are indented at least as much as they are.

    Otherwise the comments would belong to an entry. Raise UneditableError if they are indented more than usual.
    """
    start = document.next_line(section.mark)
    end = document.end_of_lines(section.mark + 1, document.column(section.start))
    column = max((document.column(comment.start) for comment in document.list_comments(start, end)), default=0)
    if column > max(len(style.indent), document.column(section.start) + len(_INDENT)):
        raise UneditableError("a comment below this list would belong to its first entry", start)
    return replace(style, indent=" " * max(len(style.indent), column))


def is_braced(entries: CollectionNode) -> bool:
    """Return whether the mappings of a list that is written as lines are in braces."""
    mappings = [child.value for child in entries.children if isinstance(child.value, CollectionNode)]
    return bool(mappings) and all(value.is_flow for value in mappings)


def _write_block_entries(added: Sequence[AddEntry], style: BlockStyle) -> list[str]:
    lines: list[str] = []
    for edit in added:
        if _is_name_alone(edit) or style.is_braced:
            lines.append(f"{style.indent}-{style.gap}{_write_flow_entry(edit, has_quotes=False)}")
        else:
            lines += write_block(dict(edit.values), style.indent, gap=style.gap)
    return lines


def _write_flow_entries(added: Sequence[AddEntry], *, has_quotes: bool) -> list[str]:
    return [_write_flow_entry(edit, has_quotes=has_quotes) for edit in added]


def _write_flow_entry(edit: AddEntry, *, has_quotes: bool) -> str:
    if _is_name_alone(edit):
        name = edit.values[0][1]
        return write_quoted(name) if has_quotes else write_scalar(str(name))
    if has_quotes:
        return f"{{{', '.join(f'{write_quoted(key)}: {write_quoted(value)}' for key, value in edit.values)}}}"
    return write_flow(dict(edit.values), is_json=False)


def _is_name_alone(edit: AddEntry) -> bool:
    return edit.entries is EntryList.GROUPS and [key for key, _ in edit.values] == ["name"]


def is_quoted(value: Node | None) -> bool:
    """Return whether a mapping in braces is written as in JSON, with its keys in double quotes."""
    if not isinstance(value, CollectionNode) or not value.is_flow:
        return False
    first = value.children[0].key if value.children else None
    return first is not None and first.style == '"'
