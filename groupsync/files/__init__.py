"""Read and write whole files: of limited size, atomically, never through a link, and without waiting forever."""

from groupsync.files.leftovers import remove_leftovers
from groupsync.files.reading import read_beginning, read_ends, read_file
from groupsync.files.replacing import replace_file, require_replaceable
from groupsync.files.writing import (
    is_there,
    make_folder,
    remove_file,
    require_regular_file,
    require_writable,
    write_file,
)

__all__ = [
    "is_there",
    "make_folder",
    "read_beginning",
    "read_ends",
    "read_file",
    "remove_file",
    "remove_leftovers",
    "replace_file",
    "require_regular_file",
    "require_replaceable",
    "require_writable",
    "write_file",
]
