"""Article, update or duplicate: every entry has its fate."""

from __future__ import annotations

from pipeline.core.dedupe import Decision
from pipeline.core.model import Fate
from tests.documents import Memory, rss

WORDS = " ".join(f"word{n}" for n in range(40))


def item(number: int, *, title: str = "", text: str = "", link: str = "", guid: str = "") -> str:
    """One item; guid and link follow its number unless given."""
    return (
        f"<guid isPermaLink='false'>{guid or number}</guid><title>{title or f'Report {number}'}</title>"
        f"<link>{link or f'https://wire.test/{number}'}</link><description>{text}</description>"
    )


def fates(decisions: list[Decision]) -> list[Fate]:
    """What became of each entry."""
    return [one.fate for one in decisions]


def test_what_was_never_met_is_an_article() -> None:
    """Each founds a story of its own."""
    decisions = Memory().poll(rss(item(1), item(2)))
    assert fates(decisions) == [Fate.ARTICLE, Fate.ARTICLE]
    assert [(one.story_id, one.story_of) for one in decisions] == [(None, None)] * 2


def test_the_same_again_is_a_duplicate_and_other_words_are_an_update() -> None:
    """An update becomes the article's current text."""
    memory = Memory()
    memory.poll(rss(item(1)), seq=1)
    (same,) = memory.poll(rss(item(1) + "<category>new</category>"), seq=2)
    (changed,) = memory.poll(rss(item(1, title="Corrected")), seq=3)
    assert (same.fate, same.article_id) == (Fate.DUPLICATE, 1)
    assert (changed.fate, changed.article_id, changed.current) == (Fate.UPDATE, 1, True)


def test_an_older_poll_never_overwrites_a_newer() -> None:
    """Jobs may run in any order: the poll's number tells."""
    memory = Memory()
    memory.poll(rss(item(1, title="First")), seq=1)
    memory.poll(rss(item(1, title="Third")), seq=3)
    (late,) = memory.poll(rss(item(1, title="Second")), seq=2)
    assert (late.fate, late.current) == (Fate.DUPLICATE, False)


def test_one_address_is_one_article_over_all_feeds() -> None:
    """Also with another guid, and with tracking in its link."""
    memory = Memory()
    memory.poll(rss(item(1, text="Short.")), feed_id=1)
    link = "https://wire.test/1?utm_source=other"
    (copy,) = memory.poll(rss(item(8, title="Report 1", text="Short.", link=link)), feed_id=2)
    (other,) = memory.poll(rss(item(9, title="Report 1 of ours", text="Longer text.", link=link)), feed_id=3)
    assert (copy.fate, copy.article_id) == (Fate.DUPLICATE, 1)
    assert (other.fate, other.article_id) == (Fate.UPDATE, 1)


def test_equal_texts_under_other_addresses_are_one_story() -> None:
    """Each copy is an article; the story is the first one's, in one batch as over two."""
    memory = Memory()
    first, twin = memory.poll(
        rss(*(item(n, title="Same", text=WORDS, link=f"https://{n}.test/") for n in (1, 2)))
    )
    assert (first.story_of, twin.story_of) == (None, 0)
    (later,) = memory.poll(rss(item(3, title="Same", text=WORDS, link="https://3.test/")), feed_id=2)
    assert (later.fate, later.story_id) == (Fate.ARTICLE, 1)


def test_texts_that_differ_in_a_word_are_no_copies() -> None:
    """What is not the same text is never swallowed."""
    memory = Memory()
    memory.poll(rss(item(1, title="Same", text=WORDS)))
    (other,) = memory.poll(rss(item(2, title="Same", text=f"{WORDS} more")), feed_id=2)
    assert (other.fate, other.story_id, other.story_of) == (Fate.ARTICLE, None, None)


def test_repeats_within_a_batch_belong_to_its_first() -> None:
    """The second names the decision that makes its article."""
    decisions = Memory().poll(rss(item(1, text="a"), item(2, guid="other", text="a b", link="https://wire.test/1x"),
                                  item(3, guid="1", title="Report 1", text="a")))  # fmt: skip
    assert len(decisions) == 3
    assert all(
        one.copy_of is None or (decisions[one.copy_of].fate is Fate.ARTICLE and one.copy_of < index)
        for index, one in enumerate(decisions)
    )


def test_every_entry_gets_one_decision() -> None:
    """Nothing is dropped, whatever is known."""
    memory = Memory()
    for seq in range(1, 6):
        body = rss(*(item(n % 7, title=f"t{(n * seq) % 5}", text=f"x{n % 3}") for n in range(20)))
        memory.fingerprints.clear()
        decisions = memory.poll(body, seq=seq)
        assert len(decisions) == len({f"{n % 7} {(n * seq) % 5} {n % 3}" for n in range(20)})
        assert set(fates(decisions)) <= {Fate.ARTICLE, Fate.UPDATE, Fate.DUPLICATE}
