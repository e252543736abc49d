"""How a server may write a password that it echoes."""

from __future__ import annotations

import base64
import html
import json
import re
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Callable


def _in_latin_1(text: str) -> str:
    return quote(text.encode("latin-1", "replace"), safe="") if _is_latin_1(text) else quote(text, safe="")


def _is_latin_1(text: str) -> bool:
    return all(char <= "\xff" for char in text)


def _encode(text: str, *, before: str = "", after: str = "") -> str:
    return base64.b64encode(f"{before}{text}{after}".encode()).decode()


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


ESCAPES: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "JSON, ASCII": _in_json,
    "JSON, upper case": lambda text: re.sub("u[0-9a-f]{4}", lambda found: "u" + found[0][1:].upper(), _in_json(text)),
    "JSON": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON of PHP": lambda text: _in_json(text).replace("/", "\\/"),
    "JSON of Go": lambda text: _in_json(text).replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003E"),
    "path": partial(quote, safe=""),
    "path with slashes": quote,
    "query": quote_plus,
    "lower case": lambda text: re.sub("%..", lambda found: found[0].lower(), quote(text, safe="")),
    "every byte": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "Latin-1": _in_latin_1,
    "HTML": html.escape,
    "HTML without quotes": partial(html.escape, quote=False),
    "HTML, decimal": lambda text: "".join(f"&#0{ord(char)};" for char in text),
    "HTML, hexadecimal": lambda text: "".join(f"&#X{ord(char):X};" for char in text),
    "XML": lambda text: html.escape(text).replace("&#x27;", "&apos;"),
    "HTML, ASCII": lambda text: html.escape(text).encode("ascii", "xmlcharrefreplace").decode(),
    "HTML, named": lambda text: text.replace("&", "&amp;").replace("é", "&eacute;").replace("+", "&plus;"),
}
"""Ways to escape a text, of which a server may use several on top of each other."""

IN_BASE64: dict[str, Callable[[str], str]] = {
    "base64": _encode,
    "base64 without padding": lambda text: _encode(text).rstrip("="),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base64 after a name": partial(_encode, before="user:"),
    "base64 after two names": partial(_encode, before="realm:user:"),
    "base64 of a form": partial(_encode, before="p=", after="&next=1"),
    "base64 of JSON": lambda text: _encode(json.dumps({"password": text})),
    "base64 in lines": lambda text: base64.encodebytes(f"{'x' * 50}{text}".encode()).decode(),
}
"""Ways to write a text that contains a secret in base64."""
