"""Text as YAML: it reads back exactly, whoever reads it."""

from __future__ import annotations

import unicodedata

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from groupsync.display import write_scalar

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
def test_text_is_quoted_only_where_it_would_be_read_otherwise(text: str, scalar: str) -> None:
    assert write_scalar(text) == scalar


@given(text=TEXTS | WORDLIKE)
def test_every_text_reads_back_exactly_wherever_it_stands(text: str) -> None:
    scalar = write_scalar(text)
    document = f"- {scalar}\n- name: {scalar}\n  previously: [{scalar}, {scalar}]  # a comment\n"

    assert yaml.safe_load(document) == [text, {"name": text, "previously": [text, text]}]
    assert "\n" not in scalar


@given(text=TEXTS)
def test_nothing_in_it_acts_on_a_terminal(text: str) -> None:
    assert [char for char in write_scalar(text) if unicodedata.category(char) in {"Cc", "Zl", "Zp"}] == []
