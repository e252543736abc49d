"""The text of a file with edits made."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from msgspec import Struct, field

from groupsync.display import list_line_starts
from groupsync.editing.comments import list_owned_comments, owners_below
from groupsync.editing.document import CollectionNode, ScalarNode
from groupsync.editing.edits import AddEntry, EntryList, Refusal, SetPolicy, UneditableError
from groupsync.editing.entries import EntryChanges, change_entry
from groupsync.editing.removals import remove_entries
from groupsync.editing.replacements import splice
from groupsync.editing.scan import scan_document
from groupsync.editing.sections import add_list, add_to_list, add_top_keys, is_braced, set_policy
from groupsync.model.groups import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.editing.document import Child, Node, Path, YamlDocument
    from groupsync.editing.edits import Edit
    from groupsync.editing.replacements import Replacement

_BYTE_ORDER_MARK = "\ufeff"


class EditedText(Struct, frozen=True, kw_only=True):
    """The text of a file after edits, and what was replaced.

    The offsets of the replacements are of the old text, counted without a byte order mark.
    """

    text: str
    replacements: tuple[Replacement, ...]


def edit_text(name: str, text: str, edits: Sequence[Edit]) -> EditedText | Refusal:
    """Return the text of the file `name` with all edits made, or why one of them cannot be made.

    Every source is of the old text. Changes and additions come before removals; apart from that, edits of different
    entries can come in any order. A byte order mark, and a missing line end at the end, stay as they are. Nothing is
    proved here: `prove_edits` does that.
    """
    content = text.removeprefix(_BYTE_ORDER_MARK)
    try:
        document = scan_document(content)
        replacements = tuple(_FileEdit(document, edits).list_replacements())
        _require_comments_kept(document, replacements)
        is_open = content != document.text
        _require_line_end(document, replacements, is_open=is_open)
        new = splice(document.text, replacements)
    except UneditableError as error:
        return make_refusal(name, content, error)
    if is_open:
        new = new.removesuffix(document.line_end)
    return EditedText(text=text[: len(text) - len(content)] + new, replacements=replacements)


def _require_comments_kept(document: YamlDocument, replacements: Sequence[Replacement]) -> None:
    for one in replacements:
        if one.end > one.start and document.has_comment(one.start, one.end):
            raise UneditableError("a comment is in what would be replaced or removed here", one.start)


def _require_line_end(document: YamlDocument, replacements: Sequence[Replacement], *, is_open: bool) -> None:
    """Refuse new lines below a block text without a line end: the line end between them would be a part of it."""
    if not is_open or all(one.start < len(document.text) for one in replacements):
        return
    node: Node | None = document.root
    while isinstance(node, CollectionNode) and not node.is_flow and node.children:
        node = node.children[-1].value
    if isinstance(node, ScalarNode) and node.style in {"|", ">"}:
        raise UneditableError("the file ends in this text without a line end: add one", node.start)


def make_refusal(name: str, text: str, error: UneditableError) -> Refusal:
    """Return the refusal with the line and column of an error in the text of a file."""
    if error.offset is None:
        return Refusal(reason=error.reason, source=Source(file=name, line=1))
    starts = list_line_starts(text)
    line = bisect_right(starts, error.offset)
    return Refusal(reason=error.reason, source=Source(file=name, line=line, column=error.offset - starts[line - 1] + 1))


class _SectionEdit(Struct):
    """The edits of one list: what is added, which entries change, and which of them go."""

    child: Child | None
    added: list[AddEntry] = field(default_factory=list)
    changes: dict[int, EntryChanges] = field(default_factory=dict)
    is_braced: bool = False

    @property
    def removed(self) -> frozenset[int]:
        return frozenset(number for number, change in self.changes.items() if change.is_removed)


class _FileEdit:
    """Sorts edits by what they concern, and lists what they replace."""

    def __init__(self, document: YamlDocument, edits: Sequence[Edit]) -> None:
        self._document = document
        root = document.root
        top = root if isinstance(root, CollectionNode) and root.is_mapping else None
        self._sections = {section: _SectionEdit(top.find(section.value) if top else None) for section in EntryList}
        self._policy = top.find("policy") if top else None
        self._settings: dict[str, str | int] = {}
        self._places = dict(self._list_entries())
        self._owners: frozenset[Path] | None = None
        for edit in edits:
            self._take(edit)

    def list_replacements(self) -> Iterator[Replacement]:
        missing = {}
        for section, edit in self._sections.items():
            if edit.child is None:
                if edit.added:
                    missing[section] = edit.added
            else:
                yield from self._edit_section(edit, edit.child)
        if self._policy and self._settings:
            yield from set_policy(self._document, self._policy, self._settings)
        settings = {} if self._policy else self._settings
        if missing or settings:
            yield from add_top_keys(self._document, missing, settings)

    def _list_entries(self) -> Iterator[tuple[int, tuple[EntryList, int]]]:
        for section, edit in self._sections.items():
            value = edit.child.value if edit.child else None
            if isinstance(value, CollectionNode) and not value.is_mapping:
                edit.is_braced = not value.is_flow and is_braced(value)
                for number, child in enumerate(value.children):
                    yield child.value.start, (section, number)

    def _take(self, edit: Edit) -> None:
        match edit:
            case AddEntry():
                self._sections[edit.entries].added.append(edit)
            case SetPolicy():
                if self._settings.setdefault(edit.key, edit.value) != edit.value:
                    raise UneditableError(f"two edits set policy.{edit.key}")
            case _:
                self._find_changes(edit.source).take(edit)

    def _find_changes(self, source: Source) -> EntryChanges:
        starts = self._document.starts
        offset = starts[source.line - 1] + source.column - 1 if 1 <= source.line <= len(starts) else -1
        if offset not in self._places:
            raise UneditableError(f"no entry begins in line {source.line}, column {source.column}")
        section, number = self._places[offset]
        edit = self._sections[section]
        if number not in edit.changes:
            assert edit.child is not None  # noqa: S101 - only its entries are in `places`
            assert isinstance(edit.child.value, CollectionNode)  # noqa: S101
            entries = edit.child.value
            edit.changes[number] = EntryChanges(
                path=(section.value, number), child=entries.children[number], is_braced=edit.is_braced
            )
        return edit.changes[number]

    def _edit_section(self, edit: _SectionEdit, child: Child) -> Iterator[Replacement]:
        removed, value = edit.removed, child.value
        for number, changes in edit.changes.items():
            if number not in removed:
                yield from change_entry(self._document, changes, self._find_owners())
            elif changes.path in self._find_owners():
                raise UneditableError("this entry has a comment, so groupsync does not remove it", changes.child.start)
        if isinstance(value, CollectionNode) and not value.is_mapping and value.children:
            if edit.added:
                is_emptied = len(removed) == len(value.children)
                yield from add_to_list(self._document, value, edit.added, is_emptied=is_emptied)
            if removed:
                yield from remove_entries(self._document, child, value, removed, is_refilled=bool(edit.added))
        elif edit.added:
            yield from add_list(self._document, child, edit.added)

    def _find_owners(self) -> frozenset[Path]:
        """Return the paths of the values that have comments; found once, and only if an edit needs them."""
        if self._owners is None:
            self._owners = owners_below(list_owned_comments(self._document))
        return self._owners
