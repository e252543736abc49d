"""What is said about a file that is not JSON, whatever words Python has for it: versions differ in them."""

from __future__ import annotations

import json

import pytest

from groupsync.config.source.json_reader import make_json_error
from groupsync.config.source.text import make_text_file

NOT_JSON = {
    '{"groups": ["a]}': "this quote is never closed",
    '{"groups": ["a\tb"]}': "a line break, tab or control character cannot be in JSON text",
    '{"groups": ["\\q"]}': "JSON knows no such escape",
    '{"groups": ["\\u12"]}': "this is not JSON: check the commas",
    '{"groups": [1,]}': "this is not JSON: check the commas",
    '{"groups" 1}': "this is not JSON: check the commas",
    '{"groups": []} x': "this is not JSON: check the commas",
    "{": "this is not JSON: check the commas",
}


def describe(text: str, words: str | None) -> str:
    """Return the problem of a text, with these words of Python in place of its own."""
    with pytest.raises(json.JSONDecodeError) as caught:
        json.loads(text)
    error = caught.value
    error.msg = words or error.msg
    return make_json_error(make_text_file("groups.json", 0, text), error).problem.text


@pytest.mark.parametrize(("text", "sentence"), NOT_JSON.items())
def test_the_place_says_what_is_wrong_when_the_words_of_python_are_unknown(text: str, sentence: str) -> None:
    problem = describe(text, "sdrow rehto")

    assert problem.startswith("groups.json:1:")
    assert sentence in problem
    assert "sdrow" not in problem


@pytest.mark.parametrize("text", NOT_JSON)
def test_the_words_of_this_python_are_known(text: str) -> None:
    assert "this is not JSON" not in describe(text, None)
