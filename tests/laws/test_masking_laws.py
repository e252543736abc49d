"""Whatever a password is, and however a server writes it in its answer: no message shows it."""

from __future__ import annotations

import base64
import html
import re
import time
from urllib.parse import unquote, unquote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from groupsync.api.masking import Secrets
from tests.wire.spellings import ESCAPES, IN_BASE64

CONTEXTS = (
    ("before ", " after"),
    ('{"password": "', '", "x": 1}'),
    ("", ""),
    ("https://x.invalid/?p=", "&next=/"),
    ("<td>", "</td>"),
    ("Basic ", "\n"),
    ("'", "'"),
)
HARD = """ab12%&;\\"'/ <>+=#?u0041xné\u0416\U0001f511"""
PASSWORDS = st.one_of(
    st.text(HARD, min_size=4, max_size=16),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=4, max_size=30),
    st.sampled_from(
        ["%2525%25", "&amp;amp;", "\\\\u0041", "ab12==", "[a-z]*(b|c)", "++++", "''''", "    ", "100%41\\"]
    ),
)


def hide(password: str) -> Secrets:
    token = base64.b64encode(f"user:{password}".encode())
    return Secrets(passwords=(password.encode(),), tokens=(token,))


def read(text: str) -> set[str]:
    """Return what a person with the usual decoders makes of a text, by up to two of them."""
    texts = {text}
    for _ in range(2):
        for each in [*texts]:
            texts |= {unquote(each), unquote_plus(each), unquote(each, "latin-1"), html.unescape(each)}
            texts.add(each.replace("\\/", "/").replace('\\"', '"').replace("\\\\", "\\"))
    return texts


def decode_parts(text: str) -> set[str]:
    """Return what each run of base64 in a text may stand for, wherever it begins."""
    parts = [part for each in read(text) for part in re.findall("[A-Za-z0-9+/_-]{4,}", each)]
    decoded = set()
    for part in parts:
        for start in range(4):
            run = part[start:].translate(str.maketrans("-_", "+/"))
            decoded.add(base64.b64decode(run[: len(run) // 4 * 4]).decode(errors="replace"))
    return decoded


def assert_hidden(password: str, text: str, spelled: str, context: tuple[str, str], *, kept: int = 0) -> None:
    masked = hide(password).mask(text)

    assert "***" in masked
    assert spelled not in masked
    assert len(masked) <= len(context[0] + context[1]) + len("***") + kept


@given(password=PASSWORDS, context=st.sampled_from(CONTEXTS), ways=st.lists(st.sampled_from([*ESCAPES]), max_size=2))
@example(password='{"a\\', context=CONTEXTS[1], ways=["JSON", "JSON"])
def test_an_escaped_password_is_hidden_as_a_whole(password: str, context: tuple[str, str], ways: list[str]) -> None:
    """Escaped once or twice, in any two ways: nothing but the context is left."""
    spelled = password
    for way in ways:
        spelled = ESCAPES[way](spelled)

    assert_hidden(password, f"{context[0]}{spelled}{context[1]}", spelled, context)


@given(password=PASSWORDS, way=st.sampled_from([*ESCAPES]))
def test_the_sent_credentials_are_hidden_however_they_are_escaped(password: str, way: str) -> None:
    token = base64.b64encode(f"user:{password}".encode()).decode()
    spelled = ESCAPES[way](token)

    assert_hidden(password, f"Basic {spelled} after", spelled, ("Basic ", " after"))


@given(password=PASSWORDS, way=st.sampled_from([*IN_BASE64]), escape=st.sampled_from([*ESCAPES]))
def test_nothing_of_a_password_is_left_in_base64(password: str, way: str, escape: str) -> None:
    """A part of the base64 that only depends on what is around the password may be left."""
    spelled = ESCAPES[escape](IN_BASE64[way](password))

    masked = hide(password).mask(f"x: {spelled}")

    assert "***" in masked
    assert not any(password in text for text in decode_parts(masked))


@given(password=PASSWORDS, way=st.sampled_from([*ESCAPES]), data=st.data())
def test_half_a_password_at_a_cut_is_hidden(password: str, way: str, data: st.DataObject) -> None:
    spelled = ESCAPES[way](password)
    cut = data.draw(st.integers(1, len(spelled)))

    masked = hide(password).mask(f"before {spelled[:cut]}".encode(), is_cut=True)

    assert masked.startswith("before")
    if cut >= len(ESCAPES[way](password[0])):
        assert masked.removeprefix("before").lstrip(" ") == "***"


@given(password=PASSWORDS)
def test_a_text_without_the_password_is_left_as_it_is(password: str) -> None:
    text = "HTTP 400: ~~~~ §§§§ {}()| 日本語"
    if any(char in text for char in password):
        return

    assert hide(password).mask(text) == text


@pytest.mark.parametrize("password", ["", "abc", "===", "a="])
def test_what_is_too_short_to_be_a_secret_is_shown(password: str) -> None:
    text = "abc = a= ==== b"

    assert Secrets(passwords=(password.encode(),)).mask(text) == text


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("password", ["plain-7f3a", "pässwörd-7é"])
def test_a_password_is_found_in_any_encoding(password: str, encoding: str) -> None:
    masked = hide(password).mask(f"before {password} after".encode(encoding))

    assert "***" in masked
    assert "7" not in masked


@pytest.mark.parametrize("form", ["é", "e\u0301"])
def test_a_password_is_found_in_any_normalization(form: str) -> None:
    assert hide("caf\u00e9-7f3a").mask(f"caf{form}-7f3a") == "***"


WORST = {
    "percent": "%25",
    "twice": "%2525",
    "HTML": "&amp;",
    "number": "&#38;",
    "digits": "0",
    "ampersands": "&",
    "JSON": "\\u005c",
    "backslashes": "\\",
    "mixed": "%5c&#92;\\u0026",
    "quotes": "'",
    "blanks": "+ ",
    "lines": "\n",
    "NUL": "\0",
}


@pytest.mark.parametrize(
    "password", ["abcd", 'pä"ss\u0416\U0001f511 x', "a" * 30, 'x"' * 5_000, "%2525" * 2_000, "&#" * 9]
)
def test_the_time_is_bounded_whatever_a_server_sends(password: str) -> None:
    secrets = hide(password)
    texts = {**WORST, "password": password}
    secrets.mask("x")

    for name, part in texts.items():
        text = "&#" + part * (2**16 // len(part))
        began = time.process_time()
        secrets.mask(text)
        assert time.process_time() - began < 1.0, name
