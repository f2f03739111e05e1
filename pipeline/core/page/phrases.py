"""What pages say of themselves in many languages, casefolded."""

from __future__ import annotations

#: Lines that are a label and nothing else.
LABELS = frozenset(
    {"advertisement", "advertisements", "ad", "sponsored", "sponsored content", "advertising"}
    | {"promoted", "story continues below", "article continues below", "continue reading"}
    | {"read more", "related", "share", "related stories", "related articles"}
    | {"more on this story", "most read", "comments", "leave a comment", "anzeige", "werbung"}
    | {"mehr zum thema", "weiterlesen", "lesen sie auch", "publicité", "pub", "annonce"}
    | {"lire aussi", "à lire aussi", "a lire aussi", "sur le même sujet", "publicidad"}
    | {"anuncio", "lea también", "lee también", "leer más", "noticias relacionadas"}
    | {"publicidade", "leia também", "leia mais", "pubblicità", "leggi anche", "reklama"}
    | {"czytaj też", "czytaj także", "zobacz też", "реклама", "читайте также", "читать также"}
    | {"по теме", "подробнее", "читайте також", "advertentie", "lees ook", "reklam", "annons"}
    | {"läs också", "les også", "læs også", "lue myös", "mainos", "إعلان", "اقرأ أيضا"}
    | {"اقرأ أيضاً", "إقرأ أيضاً", "פרסומת", "קראו גם", "广告", "廣告", "相关推荐", "相关阅读", "相关新闻"}
    | {"延伸阅读", "阅读原文", "広告", "関連記事", "続きを読む", "광고", "관련기사", "관련 기사", "διαφήμιση"}
    | {"διαβάστε επίσης", "reklám"}
)

#: How lines begin that lead to another article or ask for something.
LEADS = (
    *("read more:", "read also:", "also read:", "see also:", "related:", "more:", "don't miss:"),
    *("watch:", "recommended:", "subscribe to our", "sign up for our", "follow us on"),
    *("click here to", "lesen sie auch:", "mehr dazu:", "mehr zum thema:", "lire aussi"),
    *("à lire aussi", "a lire aussi", "voir aussi :", "lea también:", "lee también:"),
    *("leer también:", "le puede interesar:", "te puede interesar:", "leia também:"),
    *("leia mais:", "leggi anche:", "czytaj też:", "czytaj także:", "zobacz też:"),
    *("читайте также:", "читать также:", "смотрите также:", "подписывайтесь на"),
    *("читайте також:", "підписуйтеся на", "підписуйтесь на", "lees ook:", "läs också:"),
    *("les også:", "læs også:", "lue myös:", "اقرأ أيضا", "اقرأ أيضاً", "إقرأ أيضاً"),
    *("קראו גם:", "support our journalism", "support our newsroom", "unterstützen sie unsere"),
    *("soutenez notre", "apoya nuestro", "підтримайте наш", "підтримайте нас", "поддержите наш"),
    *(
        "поддержите нас",
        "wesprzyj nas",
        "责任编辑",
        "责编",
        "編集：",
        "相关阅读",
        "延伸阅读",
        "関連記事：",
        "☞",
        "▶",
    ),
)
