"""robots.txt as RFC 9309 has it."""

from __future__ import annotations

import time

import pytest

from pipeline.core.robots import MOST_BYTES, read

SITE = "https://www.example.com"


def allows(text: str, path: str, robot: str = "Tocsin") -> bool:
    """Whether the file lets the robot ask for the path."""
    return read(text, robot).allows(SITE + path)


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("", "/a", True),
        ("Disallow: /", "/a", False),
        ("Disallow:", "/a", True),
        ("Disallow: /a", "/a/b", False),
        ("Disallow: /a", "/b", True),
        ("Disallow: /a", "/A", True),
        ("Disallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("Allow: /a/b\nDisallow: /a", "/a/c", False),
        ("Disallow: /page\nAllow: /page", "/page", True),
        ("Disallow: /*.pdf$", "/x/y.pdf", False),
        ("Disallow: /*.pdf$", "/x/y.pdf?z", True),
        ("Disallow: /*.pdf", "/x/y.pdf?z", False),
        ("Disallow: /x$", "/x", False),
        ("Disallow: /x$", "/xy", True),
        ("Disallow: /a*b*c", "/a1b2c3", False),
        ("Disallow: /a*b*c$", "/a1b2c3", True),
        ("Disallow: /*?utm", "/a?utm=1", False),
        ("Disallow: *", "/a", False),
        ("Disallow: /a**b", "/a1b", False),
        ("Disallow: /caf%C3%A9", "/café", False),
        ("Disallow: /café", "/caf%c3%a9/x", False),
        ("Disallow: /%7Ebob", "/~bob", False),
        ("Disallow: /a%2Fb", "/a/b", True),
        ("Disallow: /x # not this", "/x", False),
        ("Disallow: /", "/robots.txt", True),
        ("Allow: /$\nDisallow: /", "/", True),
        ("Allow: /$\nDisallow: /", "/a", False),
    ],
)
def test_the_longest_rule_that_matches_decides(rules: str, path: str, allowed: bool) -> None:
    """Of equal ones, that which allows."""
    assert allows(f"User-agent: *\n{rules}\n", path) is allowed


GROUPS = """\ufeff
Disallow: /before-any-group
user-agent: other
User-Agent: TOCSIN/2.1
Disallow: /ours

Sitemap: https://www.example.com/map.xml
User-agent: *
Disallow: /all

User-agent: tocsin
Disallow: /more
Crawl-delay: 7.5
User-agent: tocsinbot
Disallow: /
"""


def test_groups_of_one_robot_are_one_and_shut_out_the_common_one() -> None:
    """A robot is named without regard to case and version, and by its whole name."""
    assert [path for path in ("/ours", "/more", "/all", "/before-any-group") if not allows(GROUPS, path)] == [
        "/ours",
        "/more",
    ]
    assert not allows(GROUPS, "/all", "Unnamed")
    assert allows(GROUPS, "/ours", "Unnamed")
    assert allows("User-agent: tocsin\nDisallow:\nUser-agent: *\nDisallow: /\n", "/a")
    assert allows("User-agent: toc\nDisallow: /\n", "/a")


def test_a_delay_is_read_and_what_is_none_is_not() -> None:
    """The longest of a group."""
    assert read(GROUPS, "Tocsin").delay_s == 7.5
    for wrong in ("-1", "soon", "1e9", "nan", ""):
        assert read(f"User-agent: *\nCrawl-delay: {wrong}\n", "Tocsin").delay_s == 0


def test_what_is_kept_of_a_file_says_the_same() -> None:
    """The lines of our group make the same rules again."""
    rules = read(GROUPS, "Tocsin")
    assert read("\n".join(["user-agent: *", *rules.lines]), "Tocsin") == rules


@pytest.mark.parametrize(
    "junk", ["<html><body>404</body></html>", "\x00\x01\x02", ":::", "Disallow: /", "a" * 9000]
)
def test_what_is_no_robots_file_forbids_nothing(junk: str) -> None:
    """Many servers answer any address with a page."""
    assert allows(junk, "/a")


def test_a_hostile_file_costs_no_more_than_its_size() -> None:
    """Thousands of robots with thousands of rules, one rule of nothing but wildcards, or one of blanks."""
    half = MOST_BYTES // 2
    many = "".join(f"User-agent: b{n}\n" for n in range(half // 17))
    many += "User-agent: *\n" + "".join(f"Disallow: /{n}\n" for n in range(half // 16))
    wild = "User-agent: *\nDisallow: /" + "*a" * half
    blank = "User-agent: *\nDisallow: /a" + " " * half + "b"
    started = time.process_time()
    for text in (many, wild, blank):
        rules = read(text, "Tocsin")
        for n in range(20):
            rules.allows(f"{SITE}/{'a' * 1000}{n}")
    assert time.process_time() - started < 3
