"""Text for a terminal and for YAML: nothing in it is hidden, and YAML reads it back exactly."""

from __future__ import annotations

import unicodedata

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from groupsync.display import make_visible, quote, write_scalar

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
WORDLIKE = st.from_regex(r"[A-Za-z0-9~.<=:#&*!|>'%@`?,\[\]{} \"_+-]{1,12}", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "scalar"),
    [
        ("Newsletter", "Newsletter"),
        ("VIP customers", "VIP customers"),
        ("Müük & tugi (B2B)", "Müük & tugi (B2B)"),
        ("日本", "日本"),
        ("it's", "it's"),
        ("A/B-test_1.0+", "A/B-test_1.0+"),
        ("NO", '"NO"'),
        ("y", '"y"'),
        ("Null", '"Null"'),
        ("007", '"007"'),
        ("12:30", '"12:30"'),
        ("2024 leads", '"2024 leads"'),
        ("name: VIP", '"name: VIP"'),
        ("VIP #1", '"VIP #1"'),
        ("a, b", '"a, b"'),
        ("[x]", '"[x]"'),
        ('5" pipes', '"5\\" pipes"'),
        ("back\\slash", '"back\\\\slash"'),
        ("two  blanks", '"two  blanks"'),
        (" VIP", '" VIP"'),
        ("VIP ", '"VIP "'),
        ("", '""'),
        ("tab\there", '"tab\\u0009here"'),
        ("VIP\u200b", '"VIP\\u200b"'),
        ("🎉 party", '"🎉 party"'),
        ("---", '"---"'),
    ],
)
def test_a_scalar_is_quoted_only_if_yaml_would_read_it_as_something_else(text: str, scalar: str) -> None:
    assert write_scalar(text) == scalar


@given(text=TEXTS | WORDLIKE)
def test_a_scalar_reads_back_exactly_in_every_position(text: str) -> None:
    scalar = write_scalar(text)
    document = f"- {scalar}\n- name: {scalar}\n  previously: [{scalar}, {scalar}]  # a comment\n"

    assert yaml.safe_load(document) == [text, {"name": text, "previously": [text, text]}]
    assert "\n" not in scalar


@given(text=TEXTS)
def test_nothing_in_a_scalar_acts_on_a_terminal(text: str) -> None:
    assert [char for char in write_scalar(text) if unicodedata.category(char) in {"Cc", "Zl", "Zp"}] == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("VIP", '"VIP"'),
        ('a"b\\c', r'"a\"b\\c"'),
        ("a\nb\x1b[2K", r'"a\u000ab\u001b[2K"'),
        ("\u202eabc", r'"\u202eabc"'),
        ("VIP\u200c", r'"VIP\u200c"'),
        ("VIP\u200d", r'"VIP\u200d"'),
        ("VIP\ufe0f", r'"VIP\ufe0f"'),
        ("VIP\U000e0041", r'"VIP\U000e0041"'),
        ("VIP\U000e0041\U000e0042", r'"VIP\U000e0041\U000e0042"'),
        ("VIP\ufe0f\U000e0041\ufe0f", r'"VIP\ufe0f\U000e0041\ufe0f"'),
        ("VIP\U0001d159\U000e0041", r'"VIP\U0001d159\U000e0041"'),
        ("V\u034fI\u180bP\u180f\U00016fe4", r'"V\u034fI\u180bP\u180f\U00016fe4"'),
        ("V\u2065I\ufff0P\U000e0fff", r'"V\u2065I\ufff0P\U000e0fff"'),
        ("🏴\U000e0067\U000e007f", '"🏴\U000e0067\U000e007f"'),
        ("VIP\u2800", r'"VIP\u2800"'),
        ("a\u00a0b", r'"a\u00a0b"'),
        ("👩‍👧 ❤\ufe0f", '"👩‍👧 ❤\ufe0f"'),
        ("日本 Pärnu", '"日本 Pärnu"'),
    ],
)
def test_a_quoted_name_shows_invisible_characters(name: str, shown: str) -> None:
    assert quote(name) == shown


@given(st.text())
def test_a_quoted_name_is_one_line_with_two_quotes(name: str) -> None:
    shown = quote(name)

    assert len(shown.splitlines()) == 1
    assert "\x1b" not in shown
    assert shown[1:-1].replace('\\"', "").replace("\\\\", "").count('"') == 0


@given(st.text(), st.text())
def test_different_names_are_quoted_differently(one: str, other: str) -> None:
    assert (quote(one) == quote(other)) == (one == other)


@given(st.text(alphabet=st.characters(codec="ascii", categories=["L", "N", "P", "Zs"])))
def test_plain_text_is_shown_as_it_is(text: str) -> None:
    assert make_visible(text) == text
