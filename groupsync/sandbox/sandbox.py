"""The sandbox as a whole: start it, use its URL, control it, read and change its data, stop it."""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from groupsync.sandbox.app import make_app
from groupsync.sandbox.calls import SandboxState
from groupsync.sandbox.controls import Behaviour, Controls
from groupsync.sandbox.database import Database
from groupsync.sandbox.errors import SandboxError
from groupsync.sandbox.phonebook import Contacts, Groups, make_phones
from groupsync.sandbox.seed import fill_phonebook, load_seed
from groupsync.sandbox.server import HOST, Server

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

    from groupsync.sandbox.phonebook import StoredGroup


class Sandbox(Controls):
    """A local Phonebook that runs between `start` and `stop`, or inside a `with` block.

    While it runs, `url` is its endpoint. Port 0 chooses a free port. The data is in memory, or in the file `data`,
    which is kept after the end. An empty Phonebook is filled from the file `seed`. Behaviour describes the other
    arguments; times are in seconds.
    """

    def __init__(  # noqa: PLR0913 - each is one option of the sandbox
        self,
        *,
        data: Path | None = None,
        seed: Path | None = None,
        port: int = 0,
        username: str = "sandbox",
        password: str = "let-me-in",  # noqa: S107 - the account of a Phonebook that only this machine reaches
        unique_names: bool = False,
        latency: float = 0.0,
        rate_limit: float = 0.0,
        late_lists: float = 0.0,
        counts: str = "right",
        stored_names: str = "as sent",
    ) -> None:
        behaviour = Behaviour(
            unique_names=unique_names,
            latency=latency,
            rate_limit=rate_limit,
            late_lists=late_lists,
            counts=counts,
            stored_names=stored_names,
        )
        super().__init__(behaviour)
        self.username = username
        self.password = password
        self._data = data
        self._seed = seed
        self._port = port
        self._running = ExitStack()
        self._state: SandboxState | None = None

    def start(self) -> Self:
        """Start serving; raise SandboxError if the data, the seed or the port cannot be used."""
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

    def _open(self, database: Database) -> SandboxState:
        groups = Groups(database)
        contacts = Contacts(database)
        if self._seed is not None:
            fill_phonebook(load_seed(self._seed), groups, contacts)
        return SandboxState(
            database=database,
            groups=groups,
            contacts=contacts,
            controls=self,
            username=self.username,
            password=self.password,
        )

    def stop(self) -> None:
        """Stop serving and close all threads and sockets. Data that is not in a file is lost."""
        self._state = None
        self._running.close()

    def __enter__(self) -> Self:
        return self if self._state else self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _phonebook(self) -> SandboxState:
        if self._state is None:
            raise SandboxError("the sandbox does not serve")
        return self._state

    # These methods read and change the data directly. They send no request, leave no trace in the log, and may
    # repeat a name even with `unique_names`.

    def groups(self) -> tuple[StoredGroup, ...]:
        """Return every group, the oldest first."""
        return self._phonebook.groups.list_all()

    def names(self) -> list[str]:
        """Return the name of every group, sorted."""
        return sorted(group.name for group in self.groups())

    def members(self, group_id: str) -> list[str]:
        """Return the phone numbers in this group, sorted; none if there is no such group."""
        return [contact.phone for contact in self._phonebook.contacts.list_in_groups([group_id])]

    def phones(self) -> list[str]:
        """Return the phone number of every contact, in a group or not, sorted."""
        return [contact.phone for contact in self._phonebook.contacts.list_all()]

    def add_group(
        self,
        name: str,
        id: str | None = None,  # noqa: A002 - as the API calls it
        contacts: int | Iterable[str] = 0,
    ) -> str:
        """Create a group and return its id; `contacts` are its phone numbers, or how many to make up."""
        group_id = self._phonebook.groups.create(name, group_id=id).id
        phones = make_phones(contacts) if isinstance(contacts, int) else contacts
        if phones:
            self._phonebook.contacts.fill_group(group_id, phones)
        return group_id

    def rename_group(self, group_id: str, name: str) -> None:
        """Rename the group; raise PhonebookError if there is none."""
        self._phonebook.groups.rename(group_id, name)

    def delete_group(self, group_id: str) -> None:
        """Delete the group, not its contacts; raise PhonebookError if there is none."""
        self._phonebook.groups.delete(group_id)
