"""The account to work on: its endpoint and its credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.environment.credentials import Login, load_login
from groupsync.environment.endpoint import load_endpoint
from groupsync.model.account import Credentials, Target, make_target

if TYPE_CHECKING:
    from collections.abc import Mapping


class Settings(Struct, frozen=True, kw_only=True):
    """The account to work on and the credentials for it."""

    target: Target
    login: Login

    @property
    def credentials(self) -> Credentials:
        """The credentials. The first access runs the program of MESSENTE_API_PASSWORD_COMMAND, if it is set.

        Raises SettingsError if the program fails. Call it right before the first request.
        """
        login = self.login
        return Credentials(
            username=login.username,
            password=login.read_password(),
            username_variable=login.username_variable,
            password_variable=login.password_variable,
        )


def load_settings(environ: Mapping[str, str], *, endpoint: str | None = None) -> Settings:
    """Return account and credentials; an endpoint given here takes precedence over GROUPSYNC_ENDPOINT.

    Raises SettingsError, which never repeats a password. No program runs.
    """
    base_url = load_endpoint(environ, endpoint)
    login = load_login(environ)
    return Settings(target=make_target(base_url, login.username), login=login)
