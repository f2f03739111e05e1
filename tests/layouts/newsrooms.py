"""Templates of news systems: what papers and broadcasters print around an article."""

from __future__ import annotations

from tests.layouts import layout
from tests.layouts.texts import BRIDGE, HARBOUR, LIBRARY, TELESCOPE, VINEYARD

_MENU = "".join(
    f'<li class="nav-item"><a href="/s{n}">⟦{name}⟧</a></li>'
    for n, name in enumerate(
        (
            "World invasion desk",
            "Politics and budget",
            "War with Spain live",
            "Opinion columns",
            "Weather radar",
            "Crosswords daily",
        )
    )
)
_RELATED = "".join(
    f'<li><a href="/r{n}"><h3>⟦{title}⟧</h3></a><p>⟦{teaser}⟧</p></li>'
    for n, (title, teaser) in enumerate(
        (
            (
                "Minister denies plan to invade the island",
                "The opposition says that war with Spain was discussed in secret for months.",
            ),
            (
                "Earthquake shakes the southern coast again",
                "Hundreds slept in their cars after the third tremor in a week, the governor said.",
            ),
            (
                "Bank robbers escape in a stolen ambulance",
                "Police have closed every road out of the city since the early morning.",
            ),
        )
    )
)

LAYOUTS = (
    layout(
        "broadsheet with mega menu and related list",
        HARBOUR,
        f"""<!doctype html><html lang="en"><head><title>{HARBOUR.title} | Marlow Courier</title>
<meta property="og:title" content="{HARBOUR.title}"></head><body>
<a class="skip" href="#main">⟦Skip to main content⟧</a>
<header><div class="masthead"><a href="/">⟦Marlow Courier since 1871⟧</a></div>
<nav class="mega-menu"><ul>{_MENU}</ul><div class="panel"><p>⟦In this section we bring you every ballot of the war
 council as it happens.⟧</p></div></nav></header>
<main id="main"><article class="story"><header><h1>{HARBOUR.title}</h1>
<div class="byline">⟦By Tom Rigby, maritime correspondent⟧</div></header>
<div class="story-body">{HARBOUR.html()}</div></article>
<aside class="related"><h2>⟦More from this section⟧</h2><ul>{_RELATED}</ul></aside></main>
<footer><p>⟦© Marlow Courier Ltd, registered at Quay Street 4.⟧</p><p>⟦Terms and conditions apply to all invasions of
 privacy.⟧</p></footer></body></html>""",
    ),
    layout(
        "advertisements between the paragraphs",
        TELESCOPE,
        f"""<!doctype html><html lang="en"><head><title>{TELESCOPE.title}</title></head><body>
<div class="site"><nav><ul>{_MENU}</ul></nav><div class="article"><h1>{TELESCOPE.title}</h1>
<div class="article__content">{TELESCOPE.html(last=1)}
<div class="ad-slot" id="ad-1"><span>⟦Advertisement⟧</span><p>⟦Sale starts now: every mattress half price until the
 bombs stop falling.⟧</p></div>{TELESCOPE.html(first=1, last=3)}
<div class="advert advert--mpu"><p>⟦Invest in gold today, experts fear a market crash and say that you should act before
 the weekend.⟧</p></div>{TELESCOPE.html(first=3, last=4)}
<aside class="sponsored"><p>⟦Sponsored: the ten cruises that doctors do not want you to know of.⟧</p></aside>
{TELESCOPE.html(first=4)}</div></div><footer>⟦All rights reserved by the publisher.⟧</footer></div></body></html>""",
    ),
    layout(
        "newsletter box and share bar within the body",
        HARBOUR,
        f"""<html lang="en"><head><title>{HARBOUR.title}</title></head><body><main><article>
<h1>{HARBOUR.title}</h1><ul class="share-bar"><li><a>⟦Share on Facebook⟧</a></li><li><a>⟦Send by email⟧</a></li></ul>
<section class="body">{HARBOUR.html(last=2)}
<div class="newsletter-signup"><h3>⟦Get our morning briefing⟧</h3><p>⟦Sign up and receive the most important strikes,
 wars and elections in your inbox each morning.⟧</p><form><input type="email"><button>⟦Subscribe me⟧</button></form>
<small>⟦You can unsubscribe at any time from our lists.⟧</small></div>
{HARBOUR.html(first=2)}</section></article></main></body></html>""",
    ),
    layout(
        "comments below the article",
        TELESCOPE,
        f"""<!doctype html><html lang="en"><body><div id="content"><div class="post-content"><h1>{TELESCOPE.title}</h1>
{TELESCOPE.html()}</div><section id="comments"><h2>⟦3 comments on this story⟧</h2>
<article class="comment"><p class="meta">⟦stargazer77 wrote on Wednesday⟧</p><p>⟦I have been telling everybody for
 years that the comet will hit us and that there will be an invasion.⟧</p></article>
<article class="comment"><p class="meta">⟦old_miller wrote⟧</p><p>⟦Nonsense, the only invasion here is that of coaches
 on the car park every Sunday.⟧</p></article>
<div class="respond"><h3>⟦Leave a reply to this⟧</h3><p>⟦Your email address will not be published.⟧</p></div></section>
</div></body></html>""",
    ),
    layout(
        "related links between the paragraphs",
        HARBOUR,
        f"""<html lang="en"><body><article><h1>{HARBOUR.title}</h1>{HARBOUR.html(last=1)}
<p><strong><a href="/x1">⟦READ MORE: Minister denies plan to invade the island⟧</a></strong></p>{HARBOUR.html(first=1, last=2)}
<div class="read-also"><span>⟦Read also⟧</span><a href="/x2">⟦Earthquake shakes the southern coast again⟧</a></div>
{HARBOUR.html(first=2, last=4)}<ul class="inline-related"><li><a href="/x3">⟦Bank robbers escape in a stolen ambulance⟧
</a></li><li><a href="/x4">⟦Why the war council met in a barn⟧</a></li></ul>{HARBOUR.html(first=4)}</article></body></html>""",
    ),
    layout(
        "cookie banner in the page",
        BRIDGE,
        f"""<!doctype html><html lang="de"><head><title>{BRIDGE.title}</title></head><body>
<div class="cookie-layer" role="dialog"><h2>⟦Wir schätzen Ihre Privatsphäre⟧</h2><p>⟦Wir und unsere 412 Partner
 verarbeiten personenbezogene Daten und verwenden Cookies, um Inhalte zu personalisieren und die Nutzung zu messen.⟧</p>
<p>⟦Sie können Ihre Einwilligung jederzeit in den Einstellungen widerrufen.⟧</p><button>⟦Alle akzeptieren⟧</button></div>
<nav><a href="/">⟦Startseite der Kreiszeitung⟧</a></nav><article><h1>{BRIDGE.title}</h1>{BRIDGE.html()}</article>
<footer>⟦Impressum und Datenschutz⟧</footer></body></html>""",
    ),
    layout(
        "most read list in the column beside",
        VINEYARD,
        f"""<html lang="fr"><head><title>{VINEYARD.title}</title></head><body><div class="row"><div class="col-8">
<h1>{VINEYARD.title}</h1><p class="chapo">{VINEYARD.summary}</p><div class="texte">{VINEYARD.html()}</div></div>
<div class="col-4"><div class="bloc les-plus-lus"><h4>⟦Les plus lus⟧</h4><ol><li><a>⟦Le ministre dément toute invasion de
 l'île⟧</a></li><li><a>⟦Un séisme secoue encore la côte sud⟧</a></li></ol></div><div class="bloc pub"><p>⟦Publicité : votre
 cuisine refaite en trois jours, devis gratuit dans toute la région.⟧</p></div></div></div></body></html>""",
    ),
    layout(
        "live blog with dated posts",
        HARBOUR,
        '<html lang="en"><head><title>Live</title></head><body><nav><ul>'
        + _MENU
        + f'</ul></nav><main><h1>{HARBOUR.title}</h1><div class="liveblog">'
        + "".join(
            f'<article class="liveblog-post" id="post-{n}"><header><time>{9 + n}:05</time></header>'
            f'<div class="liveblog-body">{HARBOUR.html(first=n, last=n + 1)}</div>'
            '<div class="share"><a>⟦Share this post⟧</a></div></article>'
            for n in range(6)
        )
        + f'</div><aside class="more"><ul>{_RELATED}</ul></aside></main></body></html>',
    ),
    layout(
        "gallery with captions before the text",
        TELESCOPE,
        f"""<html lang="en"><body><article><h1>{TELESCOPE.title}</h1><div class="gallery" data-slides="3">
<figure><img src="1.jpg"><figcaption>⟦Image 1 of 3: our photographer's picture, all rights with Carrow Press⟧</figcaption></figure>
<figure><img src="2.jpg"><figcaption>⟦Image 2 of 3: the rack railway in a snowstorm, Carrow Press⟧</figcaption></figure>
<button class="next">⟦Next slide⟧</button></div><div class="text">{TELESCOPE.html()}</div></article></body></html>""",
    ),
    layout(
        "classes without meaning, as a builder of pages makes them",
        HARBOUR,
        f"""<!doctype html><html lang="en"><body><div id="__next"><div class="css-1q2w3e"><div class="css-9z8y7x">
<ul class="css-aa1">{_MENU}</ul></div><div class="css-77uu"><h1 class="css-h1">{HARBOUR.title}</h1>
<div class="css-5t6y">{HARBOUR.html(last=3)}</div><div class="css-ad0"><div class="css-i9">⟦Advertisement⟧</div></div>
<div class="css-5t6y">{HARBOUR.html(first=3)}</div></div><div class="css-foo"><ul>{_RELATED}</ul></div></div></div>
<script id="__NEXT_DATA__" type="application/json">{{"props": "{"x" * 20000}"}}</script></body></html>""",
    ),
    layout(
        "body divided among many containers",
        LIBRARY,
        '<html lang="es"><head><title>'
        + LIBRARY.title
        + f"</title></head><body><main><h1>{LIBRARY.title}</h1>"
        + "".join(
            f'<div class="component component-text"><div class="wrap">{LIBRARY.html(first=n, last=n + 1)}</div></div>'
            '<div class="component component-ad"><span class="label">⟦Publicidad⟧</span></div>'
            for n in range(4)
        )
        + '<div class="component component-tags"><a>⟦Archivado en Bibliotecas⟧</a></div></main>'
        + "<footer>⟦Aviso legal y política de cookies⟧</footer></body></html>",
    ),
    layout(
        "drop cap and inline markup",
        TELESCOPE,
        '<html lang="en"><body><article><h1>'
        + TELESCOPE.title
        + "</h1>"
        + TELESCOPE.html()
        .replace("<p>The observatory", '<p><span class="dropcap">T</span>he observatory', 1)
        .replace("Anselm Okafor", '<a href="/people/okafor"><b>Anselm Okafor</b></a>')
        .replace("eleven degrees", "<em>eleven</em> degrees")
        + '<p class="tags">⟦Topics: astronomy, schools, brass⟧</p></article></body></html>',
    ),
    layout(
        "pull quotes that repeat the text, and a fact box",
        HARBOUR,
        f"""<html lang="en"><body><article><h1>{HARBOUR.title}</h1>{HARBOUR.html(last=3)}
<aside class="factbox"><h4>⟦At a glance: the port of Marlow⟧</h4><p>⟦Founded in the year of the great invasion, it
 handles nine million tonnes.⟧</p></aside>{HARBOUR.html(first=3)}</article></body></html>""",
    ),
    layout(
        "video player and its transcript controls above",
        VINEYARD,
        f"""<html lang="fr"><body><article><div class="video-player"><p>⟦Votre navigateur ne prend pas en charge cette
 vidéo.⟧</p><span class="duration">⟦Durée : 02:14⟧</span><button>⟦Lire la vidéo⟧</button></div><h1>{VINEYARD.title}</h1>
<div class="article-text">{VINEYARD.html()}</div><div class="most-watched"><h3>⟦Vidéos les plus vues⟧</h3><a>⟦Une baleine
 dans le port de Sète⟧</a></div></article></body></html>""",
    ),
)
