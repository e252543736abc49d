"""Hostile names of groups: one corpus for the encoders of a terminal, of Markdown and of HTML, and for a browser."""

# ruff: noqa: E501, RUF001 - the names are what they are

from __future__ import annotations

import random

NAMES = (
    "<script>window.hacked = true; alert(1)</script>",
    "</script><script>window.hacked = true</script>",
    "</style></title></textarea></pre><script>window.hacked = true</script>",
    "<img src=x onerror='window.hacked = true'>",
    '"><img src="http://127.0.0.1:9/x.png" onerror="window.hacked = true">',
    "' onmouseover='window.hacked = true",
    '" style="position:fixed;inset:0" onclick="window.hacked = true',
    "<svg onload=window.hacked=true><animate onbegin=window.hacked=true>",
    "<iframe srcdoc='<script>parent.hacked=true</script>'></iframe>",
    "<link rel=stylesheet href=http://127.0.0.1:9/x.css>",
    "<style>@import 'http://127.0.0.1:9/x.css'; body { display: none }</style>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>",
    "<base href=http://127.0.0.1:9/><form action=//127.0.0.1:9><input autofocus onfocus=window.hacked=true>",
    "<!--", "-->", "<![CDATA[", "]]>", "<?php", "<!doctype html>", "</bdi></li></ul></main></body></html>",
    "</details><details open><summary>", "<template>", "<plaintext>", "<xmp>", "<noscript>", "<math><mtext>",
    "&lt;b&gt;", "&#60;script&#62;", "&amp", "&", "&nbsp;", "\u003cscript\u003e", "\\u003cscript\\u003e", "＜script＞",
    "javascript:alert(1)", "data:text/html,<script>alert(1)</script>",
    "{{ 7 * 7 }}", "{{ config.__class__.__mro__ }}", "{% raw %}", "{% endblock %}", "{# comment #}", "${7*7}", "#{7*7}",
    "<%= 7 * 7 %>", "%s %(x)s {0} {name!r}",
    "\u202eevil\u202c", "a\u202eb", "\u2066isolate", "\u2067\u2068x", "\u2069\u2069\u2069", "\u200f\u200e", "\u061c",
    "שלום עולם", "مرحبا بالعالم 123", "abc אבג 123 <b>",
    "zero\u200bwidth", "\u200d\u200c\ufeff", "\u00ad", "\u2060", "\u180e", "\u3164", "\u115f", "\u2800", "\U000e0041\U000e007f",
    "V\u0130P", "V\u200bIP", "VIP", "VIP ", " VIP", "V I P", "V  I  P", "", " ", "\t", "\n", "\r\n", "\u2028", "\x85", "\x00", "\x1b[2J\x1b]0;x\x07",
    "\x1b]8;;http://127.0.0.1:9/\x1b\\link\x1b]8;;\x1b\\", "a\rb", "\x7f", "\x9b31m",
    "`code`", "``` fence", "**bold** _x_ ~~y~~", "[link](http://127.0.0.1:9/)", "![image](http://127.0.0.1:9/x.png)",
    "| cell | cell |", "# heading", "> [!CAUTION]", "- [ ] task", "@everyone", "#1 GH-1", "http://127.0.0.1:9/", "<http://127.0.0.1:9/>",
    "::error::x", "##[group]x", "##vso[task.complete]x", "$(touch /tmp/x)", "'; rm -rf /; '",
    "日本語の名前", "グループ", "中文群組", "👩‍👩‍👧‍👦 family", "🏳️‍🌈", "é" * 5, "e" + "\u0301" * 300, "Z" + "\u0338\u0489\u20dd" * 100,
    "\ufdfd" * 50, "\U0001f1ea" * 101, "W" * 10_000, "x " * 5_000, "\u202e" * 10_000, "<b>" * 3_333, '"' * 10_000, "\\" * 999, "אב" * 5_000,
    "日" * 10_000, "a-" * 5_000, "\u00a0" * 1_000, "i" * 1_001,
    "not in the configuration (policy.unlisted: delete)", "12 contacts lose this group", "Refused", "Copy",
)  # fmt: skip
"""Names that are hostile each in a way of its own."""


def make_names(seed: int, number: int) -> list[str]:
    """Return names made of parts of the corpus and of other characters."""
    chosen = random.Random(seed)  # noqa: S311 - the same names in every run
    parts = [name[:80] for name in NAMES] + list("<>\"'&`={}%\\/ \u202e\u2066\u200b\u0301\x00\n")
    names = []
    for _ in range(number):
        name = "".join(chosen.choice(parts) for _ in range(chosen.randint(1, 6)))
        if chosen.random() < 0.3:
            name += chr(chosen.choice([chosen.randrange(0xD800), chosen.randrange(0xE000, 0x110000)]))
        names.append(name)
    return names
