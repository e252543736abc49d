"""What is said about a file that is not YAML, whatever words libyaml has for it: versions differ in them."""

from __future__ import annotations

import pytest
import yaml

from groupsync.config.source.text import make_text_file
from groupsync.config.source.yaml_errors import make_yaml_error
from tests.unit.test_config_yaml import REFUSED

NOT_YAML = {
    "[" * 2_000: "nested more than 16 levels deep",
    "groups: [a, [b,": "this is not YAML: quote what is text",
    'groups: ["\\q"]': "check that the quote is closed",
    "groups: 'a": "check that the quote is closed",
    "a: *": "aliases (*name) are not supported",
    "a: &": "anchors (&name) are not supported",
    "a: !<x": "tags (!name) are not supported",
    "%FOO\n": "directives (%YAML, %TAG) are not supported",
    "groups:\n\t- a": "YAML does not allow tabs",
    "groups: a: b\n": 'a ":" cannot be here',
    "groups: @x": "this is not YAML: quote what is text",
}


def find_error(text: str) -> yaml.MarkedYAMLError | None:
    try:
        list(yaml.parse(text, Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as error:
        return error
    except yaml.YAMLError:
        return None  # a character that groupsync refuses before
    return None


def describe_in_other_words(text: str) -> str:
    """Return the problem that is made of an error of libyaml after all of its words have changed."""
    error = find_error(text)
    assert error is not None
    error.context = error.context and "sdrow rehto"
    error.problem = "sdrow rehto"
    problem = make_yaml_error(make_text_file("groups.yaml", 0, text), error, open_brackets=()).problem
    return problem.text


@pytest.mark.parametrize(("text", "sentence"), NOT_YAML.items())
def test_the_place_says_what_is_wrong_when_the_words_of_libyaml_are_unknown(text: str, sentence: str) -> None:
    assert sentence in describe_in_other_words(text)


@pytest.mark.parametrize("text", [text for text in REFUSED if find_error(text)])
def test_no_word_of_libyaml_is_ever_shown(text: str) -> None:
    problem = describe_in_other_words(text)

    assert problem.startswith("groups.yaml:")
    assert "sdrow" not in problem
