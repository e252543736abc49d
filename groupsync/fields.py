"""Fields that a value does not show, or that do not make it another value."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from msgspec import Struct

    AnyStruct = TypeVar("AnyStruct", bound=type[Struct])


def hide(*names: str) -> Callable[[AnyStruct], AnyStruct]:
    """Leave the fields out of every text that shows a value of the class: secrets, and what is too long to read."""

    def decorate(cls: AnyStruct) -> AnyStruct:
        shown = [name for name in cls.__struct_fields__ if name not in names]

        def list_fields(self: Struct) -> list[tuple[str, Any]]:
            return [(name, getattr(self, name)) for name in shown]

        def represent(self: Struct) -> str:
            fields = ", ".join(f"{name}={value!r}" for name, value in list_fields(self))
            return f"{cls.__qualname__}({fields})"

        cls.__repr__ = represent  # type: ignore[method-assign,assignment]
        cls.__rich_repr__ = list_fields  # type: ignore[method-assign]
        return cls

    return decorate


def ignore(*names: str) -> Callable[[AnyStruct], AnyStruct]:
    """Compare values of the class without the fields."""

    def decorate(cls: AnyStruct) -> AnyStruct:
        compared = [name for name in cls.__struct_fields__ if name not in names]
        get = attrgetter(*compared)

        def is_equal(self: Struct, other: object) -> bool:
            return bool(get(self) == get(other)) if type(other) is cls else NotImplemented

        def compute_hash(self: Struct) -> int:
            return hash(get(self))

        cls.__eq__ = is_equal  # type: ignore[method-assign,assignment]
        cls.__hash__ = compute_hash  # type: ignore[method-assign,assignment]
        return cls

    return decorate
