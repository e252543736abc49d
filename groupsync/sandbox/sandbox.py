"""The sandbox as a whole: start it, use its URL, tell it things, look into it, stop it."""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from groupsync.sandbox.app import make_app
from groupsync.sandbox.behaviour import Behaviour
from groupsync.sandbox.contacts import Contacts, make_phones
from groupsync.sandbox.controls import Controls
from groupsync.sandbox.database import Database
from groupsync.sandbox.errors import SandboxError
from groupsync.sandbox.groups import Group, Groups
from groupsync.sandbox.seed import load_seed, plant
from groupsync.sandbox.server import HOST, Server
from groupsync.sandbox.state import State

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self


class Sandbox(Controls):
    """A local Phonebook, between `start` and `stop` or inside `with`; a free port is chosen for port 0.

    Its data is in memory, or in the file `data`, which outlives it; an empty Phonebook gets what the file `seed` says.
    `unique_names`, `latency`, `rate_limit` and `late_lists` are those of Behaviour, times in seconds.
    """

    def __init__(  # noqa: PLR0913 - each is one option of the sandbox
        self,
        *,
        data: Path | None = None,
        seed: Path | None = None,
        port: int = 0,
        username: str = "sandbox",
        password: str = "let-me-in",  # noqa: S107 - the account of a Phonebook that only this machine sees
        unique_names: bool = False,
        latency: float = 0.0,
        rate_limit: float = 0.0,
        late_lists: float = 0.0,
    ) -> None:
        super().__init__(
            Behaviour(unique_names=unique_names, latency=latency, rate_limit=rate_limit, late_lists=late_lists)
        )
        self.username = username
        self.password = password
        self._data = data
        self._seed = seed
        self._port = port
        self._running = ExitStack()
        self._state: State | None = None

    def start(self) -> Self:
        """Serve; SandboxError if the data, the seed or the port cannot be used."""
        if self._state is not None:
            raise SandboxError("the sandbox serves already")
        self.stopping.clear()
        with ExitStack() as stack:
            state = self._open(stack.enter_context(closing(Database(self._data))))
            server = Server(self._port, make_app(state))
            stack.callback(server.stop)
            stack.callback(self.stopping.set)
            self._running = stack.pop_all()
        self._state = state
        self.url = f"http://{HOST}:{server.server_port}/v1"
        return self

    def _open(self, database: Database) -> State:
        groups, contacts = Groups(database), Contacts(database)
        if self._seed is not None:
            plant(load_seed(self._seed), groups, contacts)
        return State(
            database=database,
            groups=groups,
            contacts=contacts,
            controls=self,
            username=self.username,
            password=self.password,
        )

    def stop(self) -> None:
        """Serve no longer; no thread and no socket is left. What is not in a file is forgotten."""
        self._state = None
        self._running.close()

    def __enter__(self) -> Self:
        return self if self._state else self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _phonebook(self) -> State:
        if self._state is None:
            raise SandboxError("the sandbox does not serve")
        return self._state

    # Looking and changing behind the program's back: no request, no log, no unique names.

    def groups(self) -> tuple[Group, ...]:
        """Every group, the oldest first."""
        return self._phonebook.groups.all()

    def names(self) -> list[str]:
        """The name of every group, sorted."""
        return sorted(group.name for group in self.groups())

    def members(self, group_id: str) -> list[str]:
        """The phone numbers in this group, sorted; none if there is no such group."""
        return [contact.phone for contact in self._phonebook.contacts.in_groups([group_id])]

    def phones(self) -> list[str]:
        """The phone number of every contact, in a group or not, sorted."""
        return [contact.phone for contact in self._phonebook.contacts.all()]

    def add_group(
        self,
        name: str,
        id: str | None = None,  # noqa: A002 - as the API calls it
        contacts: int | Iterable[str] = 0,
    ) -> str:
        """The id of the new group, which holds these phone numbers, or so many made-up ones."""
        group_id = self._phonebook.groups.create(name, group_id=id).id
        phones = make_phones(contacts) if isinstance(contacts, int) else contacts
        if phones:
            self._phonebook.contacts.fill(group_id, phones)
        return group_id

    def rename_group(self, group_id: str, name: str) -> None:
        """Give the group another name; PhonebookError without it."""
        self._phonebook.groups.rename(group_id, name)

    def delete_group(self, group_id: str) -> None:
        """Delete the group, not its contacts; PhonebookError without it."""
        self._phonebook.groups.delete(group_id)
