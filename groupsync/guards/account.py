"""The guard that keeps a configuration to the accounts that it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.model.review import GuardFinding

if TYPE_CHECKING:
    from groupsync.model.account import Target
    from groupsync.model.config import Config


def judge_account(config: Config, target: Target) -> GuardFinding | None:
    """Return what stands against using the configuration with this account, None when nothing does."""
    if not config.accounts or target.account in {pin.account for pin in config.accounts}:
        return None
    pinned = " or ".join(pin.account for pin in config.accounts)
    return GuardFinding(
        code="account",
        message=f"the configuration is for the account {pinned}, and the credentials are those of {target.account} "
        f"at {target.endpoint}",
        group_ids=(),
        source=config.accounts[0].source,
        remedy=(
            "check MESSENTE_API_USERNAME, GROUPSYNC_ENDPOINT and which configuration is read;",
            f"if it is for this account: account: {target.account}",
        ),
    )
