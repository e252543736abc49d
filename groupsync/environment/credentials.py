"""The username and the password: from variables, from files, or from a program."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.environment.reading import decode
from groupsync.errors import FileError, SettingsError
from groupsync.fields import hide, ignore
from groupsync.files import read_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

USERNAME = "MESSENTE_API_USERNAME"
_USERNAME_FILE = f"{USERNAME}_FILE"
PASSWORD = "MESSENTE_API_PASSWORD"  # noqa: S105 - the name of the variable
_PASSWORD_FILE = f"{PASSWORD}_FILE"
_PASSWORD_COMMAND = f"{PASSWORD}_COMMAND"
_CREDENTIALS_REMEDY = (
    f"set {USERNAME} and {PASSWORD} (or {_USERNAME_FILE} and {_PASSWORD_FILE}) to the API credentials "
    f"of the account, or {_PASSWORD_COMMAND} to a program that prints the password; in CI, a pull request from a fork "
    "gets no secrets"
)
_LARGEST_SECRET = 2**20
_LONGEST_SECRET = 4_096  # characters; servers refuse longer headers, and every answer is searched for it
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@ignore("read_password")
@hide("read_password")
class Login(Struct, frozen=True, kw_only=True):
    """A username, how to get its password (from the environment, or once from a program), and their variables."""

    username: str
    read_password: Callable[[], str]
    username_variable: str
    password_variable: str


def load_login(environ: Mapping[str, str]) -> Login:
    """Return username and password; raise SettingsError, which never repeats a password. No program runs."""
    usernames = [variable for variable in (USERNAME, _USERNAME_FILE) if variable in environ]
    passwords = [variable for variable in (PASSWORD, _PASSWORD_FILE, _PASSWORD_COMMAND) if variable in environ]
    missing = [variable for variable, found in ((USERNAME, usernames), (PASSWORD, passwords)) if not found]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise SettingsError(f"{' and '.join(missing)} {verb} not set", remedy=_CREDENTIALS_REMEDY)
    username_variable = _find_only(usernames)
    username = _load_secret(environ, username_variable)
    if ":" in username:
        remedy = "use only the username; HTTP allows no colon in it"
        raise SettingsError(f"{USERNAME} contains a colon", remedy=remedy)
    password_variable = _find_only(passwords)
    return Login(
        username=username,
        read_password=_make_password_reader(environ, password_variable),
        username_variable=username_variable,
        password_variable=password_variable,
    )


def _find_only(variables: Sequence[str]) -> str:
    """Return the variable that is set; raise SettingsError if several are."""
    if len(variables) == 1:
        return variables[0]
    *first, last = variables
    sentence = f"{', '.join(first)} and {last} are set"
    if len(first) == 1:
        raise SettingsError(f"both {sentence}", remedy="unset one of the two")
    raise SettingsError(sentence, remedy="unset two of the three")


def _make_password_reader(environ: Mapping[str, str], variable: str) -> Callable[[], str]:
    """Return a function that returns the password; it runs the program of MESSENTE_API_PASSWORD_COMMAND once."""
    if variable != _PASSWORD_COMMAND:
        secret = _load_secret(environ, variable)
        return lambda: secret
    from groupsync.environment.password_command import (  # noqa: PLC0415 - few runs start a program
        RUN_IT_YOURSELF,
        run_password_command,
        split_command,
    )

    words = split_command(_PASSWORD_COMMAND, decode(environ[_PASSWORD_COMMAND]))

    @functools.lru_cache(maxsize=1)
    def read_password() -> str:
        output = run_password_command(_PASSWORD_COMMAND, words, environ)
        if not output.strip():
            raise SettingsError(f"{_PASSWORD_COMMAND} printed nothing", remedy=RUN_IT_YOURSELF)
        source = f"the output of {_PASSWORD_COMMAND}"
        return _check_secret(source, _decode_secret(source, output))

    return read_password


def _load_secret(environ: Mapping[str, str], source: str) -> str:
    """Return the value of a variable, or the content of the file that it names if its name ends with _FILE."""
    is_file = source in {_USERNAME_FILE, _PASSWORD_FILE}
    return _check_secret(source, _read_secret_file(source, environ[source]) if is_file else decode(environ[source]))


def _check_secret(source: str, secret: str) -> str:
    """Return the secret; raise SettingsError if it cannot be one."""
    if not secret.strip():
        raise SettingsError(f"{source} is empty", remedy=_CREDENTIALS_REMEDY)
    if len(secret) > _LONGEST_SECRET:
        remedy = "write only the secret into it"
        raise SettingsError(f"{source} has more than {_LONGEST_SECRET:,} characters", remedy=remedy)
    if _CONTROL.search(secret):  # https://www.rfc-editor.org/rfc/rfc7617#section-2
        remedy = "use only the secret, in UTF-8 and on one line"
        raise SettingsError(f"{source} contains a line break or another control character", remedy=remedy)
    return secret


def _read_secret_file(variable: str, path: str) -> str:
    if not path:
        raise SettingsError(f"{variable} is empty", remedy="set it to the path of a file")
    try:
        content = read_file(Path(path), limit=_LARGEST_SECRET)
    except FileError as error:
        problem = str(error).removeprefix(f"{path}: ")  # by mistake the path could be the secret itself
        raise SettingsError(f"{variable}: {problem}", remedy="name a file that this user can read") from None
    return _decode_secret(variable, content)


def _decode_secret(variable: str, content: bytes) -> str:
    """Return the content of a file, or the output of a program, without the line break at its end."""
    try:
        return re.sub(r"\r?\n\Z", "", content.decode())
    except UnicodeDecodeError:
        raise SettingsError(f"{variable}: is not UTF-8 text", remedy="write the secret as UTF-8") from None


def find_credential_variables(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the variables that are set for the credentials."""
    variables = (USERNAME, _USERNAME_FILE, PASSWORD, _PASSWORD_FILE, _PASSWORD_COMMAND)
    return tuple(variable for variable in variables if variable in environ)


def list_secret_files(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the files that the environment names for the credentials."""
    paths = (environ.get(_USERNAME_FILE), environ.get(_PASSWORD_FILE))
    return tuple(Path(path) for path in paths if path)
