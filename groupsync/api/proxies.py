"""The proxy in front of the server, as the environment names it."""

from __future__ import annotations

import base64
import os
import sys
from urllib.parse import urlsplit

from groupsync.errors import SettingsError
from groupsync.model.account import is_loopback

_SYSTEMS_WITH_PROXIES = ("darwin", "win32")
"""Where the settings of the system can name a proxy too."""


def find_proxy(endpoint: str) -> str:
    """Return host and port of the proxy in front of the endpoint, empty if there is none."""
    return urlsplit(choose_proxy(endpoint)).netloc.rpartition("@")[2]


def choose_proxy(endpoint: str) -> str:
    """Return the URL of the proxy that the environment names for the endpoint, empty if it names none.

    The variables are HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY. This machine itself is reached without a proxy.
    A URL that is not one of a proxy raises SettingsError.
    """
    if is_loopback(urlsplit(endpoint).hostname or ""):
        return ""
    proxy = _find_proxy_setting(endpoint)
    if not proxy:
        return ""
    url = proxy if "://" in proxy else f"http://{proxy}"
    if url.lower().startswith("socks"):
        raise _make_socks_error(endpoint, _find_proxy_variable(endpoint, proxy))
    if not _is_proxy(url):
        raise SettingsError(
            "HTTPS_PROXY or ALL_PROXY is not a valid proxy URL",
            remedy="write it as http://host:port or http://user:password@host:port, "
            "with / ? # @ [ ] : % percent-encoded in the password",
        )
    return url


def _find_proxy_setting(endpoint: str) -> str:
    """Return the proxy as the environment writes it, empty if it names none.

    requests knows the rules. Its import takes longer than the rest of a small run, so it waits for a variable.
    """
    has_variable = any(name.lower().endswith("_proxy") for name in os.environ)
    if not has_variable and sys.platform not in _SYSTEMS_WITH_PROXIES:
        return ""
    from requests.utils import get_environ_proxies, select_proxy  # noqa: PLC0415 - see above

    return select_proxy(endpoint, get_environ_proxies(endpoint)) or ""


def split_credentials(proxy: str) -> tuple[str, str]:
    """Return the username and the password of a proxy URL, both empty if it has none."""
    from requests.utils import get_auth_from_url  # noqa: PLC0415 - only with a proxy

    return get_auth_from_url(proxy)


def _find_proxy_variable(endpoint: str, proxy: str) -> str:
    """Return the name of the variable that sets this proxy, in any case; lower case takes precedence."""
    by_scheme = f"{urlsplit(endpoint).scheme}_proxy"
    for name in (by_scheme, "all_proxy"):
        for variable in sorted(os.environ, reverse=True):
            if variable.lower() == name and os.environ[variable] == proxy:
                return variable
    return "the system settings"  # of macOS and Windows


def _make_socks_error(endpoint: str, variable: str) -> SettingsError:
    parts = urlsplit(endpoint)
    better = _find_spelling(f"{parts.scheme}_proxy")
    change = "set it" if variable.lower() == better.lower() else f"set {better}, which takes precedence,"
    return SettingsError(
        f"{variable} names a SOCKS proxy, and SOCKS proxies are not supported",
        remedy=f"{change} to an HTTP proxy such as http://host:port; "
        f"or, if none is needed, add {parts.hostname} to {_find_spelling('no_proxy')}",
    )


def _find_spelling(variable: str) -> str:
    """Return the variable's name in lower case if that is set, because it takes precedence; else in upper case."""
    return variable if variable in os.environ else variable.upper()


def find_proxy_secrets(proxy: str) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Return a proxy URL's password, and its credentials in base64 as they are sent; empty without a username."""
    username, password = split_credentials(proxy) if proxy else ("", "")
    if not username:
        return (), ()
    token = base64.b64encode(f"{username}:{password}".encode("latin-1", errors="replace"))  # as `make_headers` does
    return (password.encode(errors="replace"),), (token,)


def _is_proxy(url: str) -> bool:
    """Return whether a URL is scheme, credentials, host and port only: a later error would quote anything else."""
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0 and parts.netloc.count("@") <= 1
    except ValueError:
        return False
    has_more = bool(parts.path.strip("/")) or not set(url).isdisjoint("?# ")
    return has_host and parts.scheme in {"http", "https"} and url.isprintable() and not has_more
