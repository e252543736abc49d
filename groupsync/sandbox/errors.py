"""What can go wrong: with the sandbox itself, and with what a client asks of the Phonebook."""

from __future__ import annotations

from typing import ClassVar


class SandboxError(Exception):
    """The sandbox cannot do what it was told; the message is one sentence."""


class SeedError(SandboxError):
    """The seed cannot be used; the message names the file and the place in it."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}")


class PhonebookError(Exception):
    """A request that the Phonebook answers with an error."""

    status: ClassVar[int]


class InvalidError(PhonebookError):
    """The request's body, query or phone number is not valid."""

    status = 400


class UnauthorizedError(PhonebookError):
    """The request does not carry the credentials of the sandbox's account."""

    status = 401


class MissingError(PhonebookError):
    """There is no such group, contact, membership or path."""

    status = 404


class ConflictError(PhonebookError):
    """There is such a contact, membership or (with unique names) group already."""

    status = 409
