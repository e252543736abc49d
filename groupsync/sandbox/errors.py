"""The errors of the sandbox itself, and the errors that the Phonebook answers."""

from __future__ import annotations

from typing import ClassVar


class SandboxError(Exception):
    """The sandbox cannot do what it was told; the message is one sentence."""


class SeedError(SandboxError):
    """The seed cannot be used; the message names the file and the part of it that is wrong."""

    def __init__(self, source: str, problem: str) -> None:
        super().__init__(f"{source}: {problem}")


class PhonebookError(Exception):
    """A request that the Phonebook refuses; `status` is the HTTP status of the answer."""

    status: ClassVar[int]


class InvalidRequestError(PhonebookError):
    """The body, the query or the phone number of the request is not valid."""

    status = 400


class WrongCredentialsError(PhonebookError):
    """The request does not have the username and password of the sandbox's account."""

    status = 401


class MissingResourceError(PhonebookError):
    """The group, the contact or the membership does not exist."""

    status = 404


class ConflictError(PhonebookError):
    """The contact, the membership or (with unique names) the group exists already."""

    status = 409
