"""The outlet of an address: one name for all hosts and domains of one owner."""

# ruff: noqa: SIM905 - a list of words reads best as words

from __future__ import annotations

from functools import lru_cache

from pipeline.core import urls

# Owners that publish under several domains, the first of which names them.
_OWNERS = (
    "abc.net.au abcnews.net.au",
    "abcnews.com abcnews.go.com",
    "afp.com afpforum.com",
    "aljazeera.com aljazeera.net",
    "apnews.com ap.org",
    "bbc.co.uk bbc.com bbci.co.uk bbc.in bbcnews.com",
    "bloomberg.com bloomberg.co.jp bloombergquint.com",
    "cbc.ca cbc.radio-canada.ca radio-canada.ca",
    "cnn.com cnn.io cnn.it edition-cnn.com",
    "dailymail.co.uk mailonline.com thisismoney.co.uk",
    "dw.com dw-world.de dw.de",
    "economist.com econ.st",
    "euronews.com euronews.net",
    "faz.net faz.de",
    "france24.com f24.my",
    "ft.com ft-static.com on.ft.com",
    "interfax.ru interfax.com",
    "lemonde.fr lemde.fr",
    "nikkei.com nikkei.co.jp",
    "npr.org n.pr",
    "nytimes.com nyti.ms nytimes.net",
    "rbc.ru rbc.ua",
    "reuters.com reuters.co.uk reuters.tv reutersagency.com",
    "rferl.org svoboda.org radiosvoboda.org azattyq.org currenttime.tv",
    "ria.ru rian.ru sputniknews.com sputnikglobe.com",
    "rt.com rt-tv.ru russian.rt.com",
    "scmp.com scmp.hk",
    "sky.com skynews.com skynews.com.au",
    "spiegel.de spon.de",
    "tass.com tass.ru itar-tass.com",
    "telegraph.co.uk telegraph.com",
    "theguardian.com guardian.co.uk gu.com",
    "thetimes.com thetimes.co.uk timesonline.co.uk",
    "voanews.com voa.gov golosameriki.com",
    "washingtonpost.com wapo.st wpost.com",
    "welt.de welt-online.de",
    "wsj.com wsj.net",
    "xinhuanet.com news.cn xinhua.org",
    "yonhapnews.co.kr yna.co.kr",
    "zeit.de zeit-online.de",
)
_OWNER = {domain: names.split()[0] for names in _OWNERS for domain in names.split()}
# They list what others publish: the address of the article tells whose it is, and never theirs.
_AGGREGATORS = frozenset(
    "bing.com feedburner.com feedly.com feedproxy.google.com feedspot.com flipboard.com inoreader.com"
    " kill-the-newsletter.com news.google.com newsblur.com politepol.com rss.app rsshub.app".split()
)


def outlet_of(url: str, feed_url: str) -> str:
    """The outlet of an article at ``url`` that the feed at ``feed_url`` lists; "" when neither tells.

    It is that of the article's own address; the feed's only counts where the
    article has none, or one that leads through an aggregator.
    """
    own, listed = _outlet(urls.host(url)), _outlet(urls.host(feed_url))
    if own and own not in _AGGREGATORS:
        return own
    return listed if listed and listed not in _AGGREGATORS else own or listed


@lru_cache(maxsize=1 << 14)
def _outlet(host: str) -> str:
    host = host.rstrip(".").removeprefix("www.")
    if host in _AGGREGATORS or host in _OWNER:
        return _OWNER.get(host, host)
    domain = urls.site(host)
    return _OWNER.get(domain, domain)
