"""One corpus of hostile names for all encoders: whatever a name is, each output shows it as text and nothing else."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options

from groupsync.display import make_visible, quote_name
from groupsync.names import UNSEEN
from groupsync.render.escape import for_ci_log, for_terminal, in_code, in_html, in_text, join_lines, name_in_html
from tests.hostile.names import NAMES, make_names

CORPUS = (*NAMES, *make_names(seed=1, number=1_000))
ACTS = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069{UNSEEN}]")
"""What a terminal acts on, what ends a line, what reorders text, and what nobody sees."""


class Elements(HTMLParser):
    """The elements and the text of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: set[tuple[str, tuple[tuple[str, str | None], ...]]] = set()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add((tag, tuple(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.elements.add(("comment", ((data, None),)))

    def handle_decl(self, decl: str) -> None:
        self.elements.add(("declaration", ((decl, None),)))


def render_markdown(text: str) -> Elements:
    return Elements(cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE))


def test_the_corpus_is_large() -> None:
    assert len(set(CORPUS)) > 1_000


@pytest.mark.parametrize("start", range(0, len(CORPUS), 100))
def test_a_terminal_shows_each_name_on_one_line(start: int) -> None:
    for name in CORPUS[start : start + 100]:
        shown = join_lines([quote_name(name)])

        assert not ACTS.search(for_ci_log(shown).replace("\u200d", "")), ascii(name)
        assert "\n" not in shown
        assert not ACTS.search(for_terminal(name).replace("\n", "").replace("\u200d", "")), ascii(name)


@pytest.mark.parametrize("start", range(0, len(CORPUS), 100))
def test_markdown_shows_each_name_as_code(start: int) -> None:
    for name in CORPUS[start : start + 100]:
        found = render_markdown(f"- {in_code(quote_name(name))} is a name")

        assert {tag for tag, _ in found.elements} == {"ul", "li", "code"}, ascii(name)
        assert found.text.strip() == f"{for_ci_log(quote_name(name))} is a name"


@pytest.mark.parametrize("start", range(0, len(CORPUS), 100))
def test_markdown_shows_each_text_without_elements_of_its_own(start: int) -> None:
    for name in CORPUS[start : start + 100]:
        found = render_markdown(f"- text {in_text(name)}")

        assert {tag for tag, _ in found.elements} <= {"ul", "li", "code", "p"}, ascii(name)


@pytest.mark.parametrize("start", range(0, len(CORPUS), 100))
def test_html_shows_each_name_as_text(start: int) -> None:
    for name in CORPUS[start : start + 100]:
        found = Elements(f"<li>{name_in_html(name)}</li>")

        assert found.elements == {("li", ()), ("bdi", (("class", "name"),))}, ascii(name)
        assert found.text in {name, quote_name(name)}
        assert not ACTS.search(found.text.replace("\u200d", "")), ascii(name)


@pytest.mark.parametrize("start", range(0, len(CORPUS), 100))
def test_html_shows_each_sentence_as_text(start: int) -> None:
    for name in CORPUS[start : start + 100]:
        found = Elements(f"<p>{in_html(f'group {quote_name(name)} and {name}')}</p>")

        assert found.elements == {("p", ()), ("bdi", ())}, ascii(name)
        assert found.text == make_visible(f"group {quote_name(name)} and {name}")


@pytest.mark.parametrize(
    ("name", "html"),
    [
        ("VIP", '<bdi class="name">VIP</bdi>'),
        ("a  b", '<bdi class="name">a  b</bdi>'),
        ("VIP ", '<bdi class="name">&quot;VIP &quot;</bdi>'),
        ("", '<bdi class="name">&quot;&quot;</bdi>'),
        ('say "hi"', '<bdi class="name">&quot;say \\&quot;hi\\&quot;&quot;</bdi>'),
        ("a\u200bb", '<bdi class="name">&quot;a\\u200bb&quot;</bdi>'),
        ("a\\u200bb", '<bdi class="name">&quot;a\\\\u200bb&quot;</bdi>'),
        ("שלום", '<bdi class="name">שלום</bdi>'),
    ],
)
def test_a_name_in_html_is_quoted_only_if_it_would_look_different(name: str, html: str) -> None:
    assert name_in_html(name) == html
