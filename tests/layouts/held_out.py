"""Layouts that were written when the extraction was finished, to see how it does on what it was not made for."""

from __future__ import annotations

import json

from tests.layouts import layout
from tests.layouts.texts import BRIDGE, HARBOUR, LIBRARY, TELESCOPE, VINEYARD
from tests.layouts.tongues import ARCHIVE, BEEKEEPER, FERRY, LANTERN, RAILWAY, WELL

LAYOUTS = (
    layout(
        "Drupal with regions and fields",
        HARBOUR,
        f"""<!doctype html><html lang="en" dir="ltr"><body class="path-node page-node-type-article"><div class="region
 region-header"><div class="block block-system-branding-block"><a>⟦Marlow Borough Herald⟧</a></div></div>
<div class="region region-content"><article class="node node--type-article node--view-mode-full"><h1 class="page-title">
<span class="field field--name-title">{HARBOUR.title}</span></h1><div class="node__submitted">⟦Submitted by editor on
 Thu, 12/11⟧</div><div class="node__content"><div class="field field--name-body field__item">{HARBOUR.html()}</div>
<div class="field field--name-field-tags"><div class="field__label">⟦Filed in the archive as⟧</div><div class="field__item"><a>
⟦Shipping labour⟧</a></div></div></div></article><div class="views-element-container block"><h2>⟦Elsewhere in the borough⟧</h2>
<div class="views-row"><h3><a>⟦Council bans kites after collision⟧</a></h3><p>⟦The kite flyers have promised to appeal to
 the county.⟧</p></div><div class="views-row"><h3><a>⟦Mayor's parrot returns⟧</a></h3><p>⟦The bird had spent eleven days on a
 weathervane.⟧</p></div></div></div><div class="region region-footer-top">⟦Powered by volunteers and tea⟧</div></body></html>""",
    ),
    layout(
        "blog engine with cards for members",
        TELESCOPE,
        f"""<html lang="en"><body class="post-template"><div class="gh-viewport"><header class="gh-head"><a>⟦Carrow Sky
 Journal⟧</a><a>⟦Sign in to your account⟧</a></header><main class="gh-main"><article class="gh-article post"><header
 class="gh-article-header"><h1 class="gh-article-title">{TELESCOPE.title}</h1><p class="gh-article-excerpt">{TELESCOPE.summary}</p>
</header><section class="gh-content">{TELESCOPE.html(last=3)}<div class="kg-card kg-signup-card"><h2>⟦Night sky, weekly⟧</h2><p>
⟦One letter each Friday about what you can see from your own roof.⟧</p></div>{TELESCOPE.html(first=3)}</section></article>
<div class="gh-readmore"><h4>⟦You might also enjoy these⟧</h4><a><h3>⟦How to clean a mirror with your breath⟧</h3></a></div></main>
</div></body></html>""",
    ),
    layout(
        "German portal with anchors for advertising and a teaser within",
        BRIDGE,
        f"""<html lang="de"><body><div id="superbanner"><div class="adtech">⟦- Anzeige -⟧</div></div><div class="c-page"><div
 class="c-artikel"><span class="c-artikel__dachzeile">⟦Verkehr im Kreis⟧</span><h1>{BRIDGE.title}</h1><div
 class="c-artikel__text">{BRIDGE.html(last=1)}<div class="c-inline-teaser"><a href="/t"><span>⟦Lesen Sie auch⟧</span><strong>
⟦Imker streiten mit dem Bürgermeister⟧</strong></a></div>{BRIDGE.html(first=1, last=3)}<p>⟦Anzeige⟧</p>{BRIDGE.html(first=3)}</div>
<div class="c-paywall-hint">⟦Jetzt einen Monat für einen Euro testen⟧</div><div class="c-artikel__fuss">⟦(dpa/kz)⟧</div></div>
<div class="c-buehne"><div class="c-buehne__titel">⟦Das könnte Sie auch interessieren⟧</div><a>⟦So schmeckt der Herbst⟧</a></div>
</div></body></html>""",
    ),
    layout(
        "Portuguese style: no class at all",
        LIBRARY,
        f"""<html><body><div><div><a href="/">⟦Página inicial⟧</a> <a href="/d">⟦Desporto e guerra⟧</a></div><div><div><h1>{LIBRARY.title}
</h1><div>{LIBRARY.html()}</div></div><div><div><a href="/1">⟦Ladrones huyen en una ambulancia⟧</a></div><div><a href="/2">⟦Un loro
 dirige el tráfico⟧</a></div></div></div><div>⟦Hecho en casa, 2026⟧</div></div></body></html>""",
    ),
    layout(
        "frames of a board of 1998 with centred fonts",
        VINEYARD,
        f"""<html><body background="wine.gif"><center><h2><font color="#800000">{VINEYARD.title}</font></h2></center><hr><font
 size="2">{VINEYARD.lines("<p>")}</font><hr><center><a href="index.html">⟦Sommaire du numéro⟧</a> | <a href="livre.html">⟦Livre
 d'or⟧</a><br><font size="1">⟦Optimisé pour Netscape en 800x600⟧</font></center></body></html>""",
    ),
    layout(
        "article in a list of stories that load below",
        HARBOUR,
        f"""<html lang="en"><body><div class="infinite"><div class="entry current"><h1>{HARBOUR.title}</h1><div
 class="entry-text">{HARBOUR.html()}</div></div><div class="entry upcoming" data-lazy="1"><h2>⟦Council bans kites after
 collision⟧</h2><p>⟦The kite flyers have promised to appeal to the county court within a fortnight.⟧</p></div></div>
<div class="gdpr-notice"><p>⟦We use cookies to make the kites fly better.⟧</p></div></body></html>""",
    ),
    layout(
        "authority with headings, contents and contact",
        TELESCOPE,
        f"""<html lang="en"><body><div class="phase-banner"><p>⟦This is a new service, your feedback will help us.⟧</p></div><main
 role="main"><div class="grid"><h1 class="heading-xl">{TELESCOPE.title}</h1><nav class="contents-list"><h2>⟦Contents of this
 release⟧</h2><ol><li><a>⟦Opening hours⟧</a></li></ol></nav><div class="govspeak">{TELESCOPE.html(last=2)}<h2>The mending</h2>
{TELESCOPE.html(first=2)}</div><div class="contact-block"><p>⟦Write to the press desk, 4 Hill Road, Carrow.⟧</p></div></div></main>
</body></html>""",
    ),
    layout(
        "Arabic portal with articleBody for machines beside furniture",
        WELL,
        f"""<html lang="ar" dir="rtl"><head><script type="application/ld+json">{
            json.dumps(
                {"@type": "NewsArticle", "headline": WELL.title, "articleBody": WELL.lines(" ")},
                ensure_ascii=False,
            )
        }</script></head><body><div class="x1"><a>⟦عاجل من العاصمة⟧</a></div><h1>{
            WELL.title
        }</h1><div class="x2">{WELL.html()}<p>⟦تابعوا
 صفحتنا على مواقع التواصل لمعرفة أخبار الحرب.⟧</p></div></body></html>""",
    ),
    layout(
        "Hebrew with nested tables",
        ARCHIVE,
        f"""<html dir="rtl"><body><table><tr><td><table><tr><td><a>⟦חדשות היום⟧</a></td></tr><tr><td><a>⟦מלחמה ושלום⟧</a></td></tr></table>
</td><td><table><tr><td><h1>{ARCHIVE.title}</h1></td></tr><tr><td>{ARCHIVE.lines("<br>")}</td></tr></table></td></tr></table></body>
</html>""",
    ),
    layout(
        "Chinese messenger page with author card",
        FERRY,
        f"""<html lang="zh"><body><div id="page-content"><h1 id="activity-name">{FERRY.title}</h1><div id="meta_content"><span>⟦青湾观察员⟧
</span></div><div id="js_content">{FERRY.html()}</div><div class="profile_card"><p>⟦点击上方蓝字关注我们，不错过任何战争新闻。⟧</p></div></div><div
 id="js_tags">⟦预览时标签不可点⟧</div></body></html>""",
    ),
    layout(
        "Japanese portal with page numbers and a copyright line",
        LANTERN,
        f"""<html lang="ja"><body><div class="gnav"><a>⟦速報一覧⟧</a></div><article><h1>{
            LANTERN.title
        }</h1><p>{
            LANTERN.lines("<br/>　")
        }</p><p class="credit">⟦（C）白根新報社⟧</p></article><ul class="pager_number"><li>⟦次のページへ⟧</li></ul></body></html>""",
    ),
    layout(
        "Ukrainian wire with an appeal for money",
        BEEKEEPER,
        f"""<html lang="uk"><body><div class="wrapper"><div class="post"><h1 class="post_title">{BEEKEEPER.title}</h1><div
 class="post_text">{BEEKEEPER.html()}<p><em>⟦Підтримайте нашу редакцію: ми пишемо про війну щодня завдяки вашим внескам.⟧</em></p>
</div><div class="post_share"><span>⟦Поширити у мережі⟧</span></div></div><div class="article_news_slider"><div class="slide"><a>
⟦Папуга керує рухом⟧</a></div></div></div></body></html>""",
    ),
    layout(
        "Russian news system with embedded cards of other news",
        RAILWAY,
        f"""<html lang="ru"><body><div class="layout"><div class="endless__item"><div class="article__header"><h1
 class="article__title">{RAILWAY.title}</h1></div><div class="article__body">{
            "".join(
                f'<div class="article__block" data-type="text"><div class="article__text">{RAILWAY.html(first=n, last=n + 1)}</div></div>'
                + (
                    '<div class="article__block" data-type="article"><div class="article__article"><a><span>⟦Попугай управляет'
                    " движением⟧</span></a><span>⟦Вчера, 14:02⟧</span></div></div>"
                    if n == 1
                    else ""
                )
                for n in range(4)
            )
        }</div></div><div class="lenta"><div class="lenta__item"><a>⟦Воры угнали скорую помощь⟧</a></div></div></div></body></html>""",
    ),
)
