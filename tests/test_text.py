"""Text of strangers made plain, clean and bounded."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.text import clean, fit, line, plain, tidy, truncate, utf16

BASE = "https://wire.test/a/"


def test_tidy_text_has_no_controls_and_single_spaces() -> None:
    """Accents are composed, empty lines go, lines stay."""
    assert tidy("  a\x00\x1b[31m \u00a0 b\r\n\n\n c\u0301 ") == "a[31m b\n\u0107"
    assert line("Subject\r\nBcc: x@y.test") == "Subject Bcc: x@y.test"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a<br>b", "a\nb"),
        ("un<em>believ</em>able", "unbelievable"),
        ("<p>a</p><p>b</p>", "a\nb"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("x &lt;b&gt; y &amp;amp;", "x <b> y &amp;"),
        ("a<script>alert(1)</script><style>p{}</style>b", "ab"),
        ("1 < 2", "1 < 2"),
    ],
)
def test_plain_is_what_a_reader_sees(html: str, text: str) -> None:
    """Blocks divide, inline markup does not, scripts say nothing."""
    assert plain(html) == text


def test_clean_html_keeps_structure_and_loses_what_runs_or_tells() -> None:
    """Links are resolved and made harmless; images, scripts and handlers go."""
    html = '<p onclick="x()">a <a href="../b" target=_top>b</a><img src=x onerror=y><script>z</script></p>'
    cleaned = clean(html, BASE)
    assert cleaned == '<p>a <a href="https://wire.test/b" rel="noopener noreferrer nofollow">b</a></p>'
    assert "javascript" not in clean('<a href="javascript:x">b</a>', BASE)


def test_html_nested_without_end_is_text() -> None:
    """Ten thousand elements in one another cost no stack, in either function."""
    deep = "<div>" * 10_000 + "x"
    assert "<div>" not in clean(deep, BASE)
    assert "x" in plain(deep)


@pytest.mark.parametrize("one", ["x{n} ", 'x{n}=">" ', "x{n}< ", "x{n}='<' ", "x{n}/"])
@pytest.mark.parametrize("tag", ["a", "/a"])
def test_a_tag_of_attributes_costs_what_its_length_does(tag: str, one: str) -> None:
    """Parsers compare each with each; what stands behind the tag is read all the same."""
    html = f"<p>before</p><{tag} {''.join(one.format(n=n) for n in range(50_000))}>the text"
    started = time.process_time()
    for text in (plain(html), clean(html, BASE)):
        assert text.endswith("text")
    assert time.process_time() - started < 1


def test_a_long_attribute_is_one() -> None:
    """A picture in the address of a picture is nothing odd."""
    picture = "data:image/png;base64," + "Ab+/= " * 5_000
    assert plain(f'<p>one<img src="{picture}"> two</p>') == "one\ntwo"


@given(st.text(max_size=200), st.integers(min_value=1, max_value=100))
def test_truncated_text_is_never_longer(text: str, limit: int) -> None:
    """Cut at a space where one is near, with an ellipsis."""
    cut = truncate(text, limit)
    assert len(cut) <= limit
    assert (cut == text) is (len(text) <= limit)


@given(st.text(alphabet="<>/=\"'&;! abpscriptonerhf\x00\u202e", max_size=80))
def test_no_html_gets_a_script_through(html: str) -> None:
    """Whatever the markup, only the tags of the list are left, and plain text has no controls."""
    assert not re.search(r"<\s*script|<[^>]*\son\w+=", clean(html, BASE))
    assert "\x00" not in plain(html)


def test_what_does_not_fit_gives_way_to_the_rest() -> None:
    """Whole lines, as many as leave room for where the rest is; no line break is left hanging."""
    lines = ["one", "", "two", "", "three"]
    assert fit(lines, 15, "…") == "one\n\ntwo\n\nthree"
    assert fit(lines, 14, "… more") == "one\n… more"
    assert fit(lines, 14, "… the rest: x") == "… the rest: x"
    assert fit(["ж" * 5, "x"], 11, "…", size=lambda text: len(text.encode())) == "…"
    for limit in range(6, 20):
        assert utf16(fit(["😀😀", "", "b", "c" * 9], limit, "… more")) <= limit
