"""The variables of groupsync: which ones exist, and what is said about those that do not."""

from __future__ import annotations

import contextlib
import re
import subprocess
import time
from pathlib import Path

import pytest

from groupsync.display import quote
from groupsync.errors import SettingsError
from groupsync.variables import (
    LIMITS,
    OWN_PREFIX,
    VARIABLES,
    find_limit,
    find_unknown_variables,
    require_known_variables,
    require_no_misspelled_limit,
    warn_of_unknown_variables,
)

REPOSITORY = Path(__file__).parents[2]
SECRET = "s3cret"
OWN = f"unset it, or make its name begin with {OWN_PREFIX} if it is your own"

KUBERNETES = {
    f"{service}_{end}": value
    for service in ("GROUPSYNC", "GROUPSYNC_API", "GROUPSYNC_X", "GROUPSYNC_MAX_DELETES")
    for end, value in {
        "SERVICE_HOST": "10.0.0.11",
        "SERVICE_PORT": "8080",
        "SERVICE_PORT_HTTP": "8080",
        "PORT": "tcp://10.0.0.11:8080",
        "PORT_8080_TCP": "tcp://10.0.0.11:8080",
        "PORT_8080_TCP_PROTO": "tcp",
        "PORT_8080_TCP_PORT": "8080",
        "PORT_8080_TCP_ADDR": "10.0.0.11",
        "PORT_53_UDP": "udp://10.0.0.11:53",
    }.items()
}
"""What the kubelet sets for a service named groupsync, and for three whose names begin so."""

MEANT = {
    "GROUPSYNC_CONFG": "GROUPSYNC_CONFIG",
    "GROUPSYNC_CONFIGS": "GROUPSYNC_CONFIG",
    "GROUPSYNC_CONFIG_PATH": "GROUPSYNC_CONFIG",
    "GROUPSYNC_Config": "GROUPSYNC_CONFIG",
    "groupsync_config": "GROUPSYNC_CONFIG",
    " GROUPSYNC_CONFIG": "GROUPSYNC_CONFIG",
    "\ufeffGROUPSYNC_CONFIG": "GROUPSYNC_CONFIG",
    "GROUPSYNC-CONFIG": "GROUPSYNC_CONFIG",
    "GROUPSYNC_BACKUP": "GROUPSYNC_BACKUP_DIR",
    "GROUPSYNC_BACKUP_FOLDER": "GROUPSYNC_BACKUP_DIR",
    "GROUPSYNC_LOCKDIR": "GROUPSYNC_LOCK_DIR",
    "GROUPSYNC_ENDPOINT_URL": "GROUPSYNC_ENDPOINT",
    "GROUPSYNC_COMMIT_SHA": "GROUPSYNC_COMMIT",
    "GROUPSYNC_MAX_LOSS": "GROUPSYNC_MAX_CONTACTS_LOST",
    "GROUPSYNC_PASSWORD": "MESSENTE_API_PASSWORD",
    "GROUPSYNC_PASSWORD_FILE": "MESSENTE_API_PASSWORD_FILE",
    "GROUPSYNC_API_USERNAME": "MESSENTE_API_USERNAME",
}
LIKE_A_LIMIT = {
    "GROUPSYNC_PROTECT": "GROUPSYNC_PROTECTED",
    "GROUPSYNC_PORTECTED": "GROUPSYNC_PROTECTED",  # and not one of GROUPSYNC_PORT*
    "GROUPSYNC_PROTECTED_GROUPS": "GROUPSYNC_PROTECTED",
    "GROUPSYNC_protected": "GROUPSYNC_PROTECTED",
    "groupsync_protected": "GROUPSYNC_PROTECTED",
    "GROUP_SYNC_PROTECTED": "GROUPSYNC_PROTECTED",
    "GROUPSYNC_MAX_DELETE": "GROUPSYNC_MAX_DELETES",
    "GROUPSYNC_MAX_DELETIONS": "GROUPSYNC_MAX_DELETES",
    "GROUPSYNC_MAXDELETES": "GROUPSYNC_MAX_DELETES",
    "GROUPSYNC-MAX-DELETES": "GROUPSYNC_MAX_DELETES",
    "GROUPSYNC_MAX-DELETES": "GROUPSYNC_MAX_DELETES",
    "GROUPSYNC_MAX_DELETES ": "GROUPSYNC_MAX_DELETES",
    "Groupsync_Max_Deletes": "GROUPSYNC_MAX_DELETES",
    "GROUPSINC_MAX_DELETES": "GROUPSYNC_MAX_DELETES",
    "GROUPSSYNC_MAX_DELETES": "GROUPSYNC_MAX_DELETES",
    "GROUPSYN_MAX_DELETES": "GROUPSYNC_MAX_DELETES",
    "GROUPSYNC_MAX_LOST_CONTACTS": "GROUPSYNC_MAX_CONTACTS_LOST",
    "GROUPSYNC_MAX_CONTACTS": "GROUPSYNC_MAX_CONTACTS_LOST",
}
NOT_OURS = (
    "GROUPSYNC",
    "MY_GROUPSYNC_PROTECT",
    "_GROUPSYNC_COMPLETE",
    "_GROUPSYNC_CONFIG",
    "LDAPGROUPSYNC_PROTECTED",
    "USERGROUPSYNC_MAX_DELETES",
    "GROUPSYNC2_MAX_DELETES",
    "GROUPSYNCER_PROTECTED",
    "groupsync_x_protected",
    "GROUPSINC_CONFIG",
    "groupsync_home",
    "TF_VAR_groupsync_config",
    "GROUPS",
    "PATH",
    "",
)


def refusal(*names: str) -> tuple[str, str]:
    """Return sentence and remedy for these variables, and make sure that no value is in them."""
    with pytest.raises(SettingsError) as caught:
        require_known_variables(dict.fromkeys(names, SECRET))
    assert SECRET not in str(caught.value) + caught.value.remedy
    return str(caught.value), caught.value.remedy


def test_the_variables_that_exist_are_known() -> None:
    require_known_variables(dict.fromkeys(VARIABLES, "1"))


def test_the_readme_explains_every_variable_and_no_other() -> None:
    rows = re.findall(
        r"^\| (`.*?`) \|", (REPOSITORY / "docs" / "reference.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    explained = [name for row in rows for name in re.findall(r"`(GROUPSYNC_\w+)`", row)]

    assert sorted(explained) == sorted(VARIABLES)


def test_code_workflows_scripts_and_pages_name_only_variables_that_exist() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=False).stdout
    paths = [path for path in listed.splitlines() if not path.startswith("tests/") and path != "groupsync/variables.py"]
    if not paths:
        pytest.skip("this is no clone of the repository")
    mistakes = {"GROUPSYNC_CONFG", "GROUPSYNC_DRY_RUN", "GROUPSYNC_MAX_DELETE"}
    beginnings = {"GROUPSYNC_", "GROUPSYNC_X_", "GROUPSYNC_PORT", "GROUPSYNC_SERVICE_"}
    named = {
        name
        for path in paths
        for name in re.findall(
            r"(?<![A-Z_])GROUPSYNC_[A-Z_]*", (REPOSITORY / path).read_bytes().decode(errors="replace")
        )
    }

    assert named - mistakes - beginnings == set(VARIABLES)


@pytest.mark.parametrize(("name", "meant"), {**MEANT, **LIKE_A_LIMIT}.items())
def test_a_variable_that_resembles_another_is_refused_with_it(name: str, meant: str) -> None:
    shown = name if re.fullmatch(r"[A-Za-z_-]+", name) else quote(name)

    assert refusal(name) == (f"{shown} is not a groupsync variable", f"did you mean {meant}? Or unset it")


@pytest.mark.parametrize(
    "name",
    ["GROUPSYNC_DRY_RUN", "GROUPSYNC_VERSION", "GROUPSYNC_API_URL", "GROUPSYNC_TIMEOUT", "GROUPSYNC_X", "GROUPSYNC_"],
)
def test_a_variable_that_resembles_none_is_refused(name: str) -> None:
    assert refusal(name) == (f"{name} is not a groupsync variable", OWN)


def test_several_are_named_at_once() -> None:
    assert refusal("GROUPSYNC_DRY_RUN", "GROUPSYNC_CONFG") == (
        "GROUPSYNC_CONFG (did you mean GROUPSYNC_CONFIG?) and GROUPSYNC_DRY_RUN are not groupsync variables",
        "correct or unset them; your own variables may begin with GROUPSYNC_X_",
    )
    sentence, _remedy = refusal(*(f"GROUPSYNC_{number}" for number in range(2_000)))
    assert sentence.endswith(", GROUPSYNC_1005 and 1,990 more are not groupsync variables")


def test_names_are_shown_cut_and_without_what_a_terminal_acts_on() -> None:
    assert refusal("GROUPSYNC_\x1b[2J")[0] == '"GROUPSYNC_\\u001b[2J" is not a groupsync variable'
    assert refusal("GROUPSYNC_\udcff")[0] == '"GROUPSYNC_\\udcff" is not a groupsync variable'
    assert len(refusal("GROUPSYNC_" + "A" * 100_000)[0]) < 100


@pytest.mark.parametrize("name", ["GROUPSYNC_{:05x}MAXDEL", "groupsync_{:05x}_max_deletes", "GROUPSYN{:05x}_PROTECTED"])
def test_as_many_as_a_system_allows_are_judged_in_time(name: str) -> None:
    """Linux allows some 90,000 variables with names of this length."""
    environ = dict.fromkeys(map(name.format, range(90_000)), "")
    begin = time.process_time()

    with contextlib.suppress(SettingsError):
        warn_of_unknown_variables(environ, lambda _text: None)
    with contextlib.suppress(SettingsError):
        require_known_variables(environ)

    assert time.process_time() - begin < 3


@pytest.mark.parametrize("name", NOT_OURS)
def test_other_variables_are_ignored(name: str) -> None:
    require_known_variables({name: "x"})


@pytest.mark.parametrize(
    "name", ["GROUPSYNC_X_PROTECTED", "GROUPSYNC_X_", "GROUPSYNC_X_MAX_DELETES", "GROUPSYNC_X_CONFG"]
)
def test_variables_of_the_user_are_ignored(name: str) -> None:
    require_known_variables({name: "x"})


def test_variables_that_kubernetes_sets_are_ignored() -> None:
    require_known_variables(KUBERNETES)
    for name in KUBERNETES:
        if name.startswith(("GROUPSYNC_PORT", "GROUPSYNC_SERVICE_")):
            require_known_variables({name: "x"})


@pytest.mark.parametrize(
    "name", ["GROUPSYNC_API_CONFIG", "GROUPSYNC_API_PORTS", "GROUPSYNC_PROXY_PORT", "GROUPSYNC_SERVICE"]
)
def test_a_service_of_kubernetes_makes_no_other_variable_known(name: str) -> None:
    assert find_unknown_variables({**KUBERNETES, name: "x"}) == (name,)


@pytest.mark.parametrize("name", LIKE_A_LIMIT)
def test_a_misspelled_limit_is_an_error_even_where_others_are_warnings(name: str) -> None:
    warnings: list[str] = []

    assert find_limit(name) in LIMITS
    with pytest.raises(SettingsError):
        require_no_misspelled_limit({name: "0"})
    with pytest.raises(SettingsError, match="is not a groupsync variable"):
        warn_of_unknown_variables({name: "0", "GROUPSYNC_DRY_RUN": "1"}, warnings.append)
    assert warnings == []


def test_other_unknown_variables_are_warnings_where_nothing_is_written() -> None:
    warnings: list[str] = []

    for name in ("GROUPSYNC_CONFG", "GROUPSYNC_DRY_RUN", "PATH"):
        warn_of_unknown_variables({name: SECRET}, warnings.append)

    assert warnings == [
        "GROUPSYNC_CONFG is not a groupsync variable: did you mean GROUPSYNC_CONFIG? Or unset it",
        f"GROUPSYNC_DRY_RUN is not a groupsync variable: {OWN}",
    ]
