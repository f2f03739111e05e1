"""Pages that say in a language for machines what they are: WordPress, AMP, JSON-LD, microdata."""

from __future__ import annotations

import json

from tests.layouts import layout
from tests.layouts.texts import BRIDGE, HARBOUR, LIBRARY, TELESCOPE, VINEYARD


def _data(**more: object) -> str:
    body = {"@context": "https://schema.org", "@type": "NewsArticle", **more}
    return f'<script type="application/ld+json">{json.dumps(body, ensure_ascii=False)}</script>'


LAYOUTS = (
    layout(
        "WordPress with block editor and widgets",
        TELESCOPE,
        f"""<!doctype html><html lang="en-GB"><head><title>{TELESCOPE.title} – Carrow Notes</title></head>
<body class="post-template-default single single-post"><header class="site-header"><p class="site-title">⟦Carrow Notes by
 hand⟧</p><nav class="main-navigation"><ul><li>⟦About the author⟧</li></ul></nav></header>
<main class="site-main"><article class="post type-post hentry"><header class="entry-header"><h1 class="entry-title">
{TELESCOPE.title}</h1><div class="entry-meta">⟦Posted on 12 November by admin⟧</div></header>
<div class="entry-content wp-block-post-content">{TELESCOPE.html().replace("<p>", '<p class="wp-block-paragraph">')}
<div class="sharedaddy sd-sharing-enabled"><h3>⟦Share this with friends:⟧</h3><ul><li>⟦Click to share on Mastodon⟧</li></ul>
</div><div id="jp-relatedposts"><h3>⟦Related⟧</h3><a>⟦My quarrel with the telescope committee⟧</a></div></div>
<footer class="entry-footer">⟦Filed under Uncategorized⟧</footer></article>
<nav class="post-navigation"><a>⟦Previous: how I nearly burnt the dome⟧</a></nav></main>
<aside class="widget-area"><section class="widget"><h2>⟦Recent comments⟧</h2><ul><li>⟦bob on War with Spain⟧</li></ul>
</section></aside></body></html>""",
    ),
    layout(
        "AMP page with amp-ad in the text",
        HARBOUR,
        f"""<!doctype html><html ⚡ lang="en"><head><link rel="canonical" href="https://www.example.com/harbour">
<style amp-boilerplate>body{{visibility:hidden}}</style></head><body><amp-sidebar id="s"><ul><li>⟦World at war section⟧
</li></ul></amp-sidebar><article><h1>{HARBOUR.title}</h1><amp-img src="a.jpg"></amp-img>{HARBOUR.html(last=2)}
<amp-ad width="300"><div placeholder>⟦Your advertisement loads here⟧</div></amp-ad>{HARBOUR.html(first=2)}
<amp-list src="/rel"><div fallback>⟦Related stories could not be loaded⟧</div></amp-list></article>
<amp-consent id="c"><div>⟦This page asks your consent to store cookies on the device.⟧</div></amp-consent></body></html>""",
    ),
    layout(
        "article text in JSON-LD only, drawn by a script",
        LIBRARY,
        '<!doctype html><html lang="es"><head>'
        + _data(headline=LIBRARY.title, articleBody=LIBRARY.lines("\n\n"))
        + '</head><body><div id="root">⟦Necesita activar JavaScript para ver esta página.⟧</div></body></html>',
    ),
    layout(
        "JSON-LD graph beside a page that shows all",
        BRIDGE,
        '<html lang="de"><head><script type="application/ld+json">'
        + json.dumps(
            {
                "@graph": [
                    {"@type": "Organization", "name": "Kreiszeitung"},
                    {"@type": ["Article", "NewsArticle"], "headline": BRIDGE.title},
                    {"@type": "BreadcrumbList", "itemListElement": []},
                ]
            }
        )
        + f"""</script></head><body><div class="breadcrumb">⟦Sie sind hier: Startseite › Lokales⟧</div>
<h1>{BRIDGE.title}</h1><div itemprop="articleBody">{BRIDGE.html()}</div>
<div class="teaserliste"><p>⟦Der Krieg der Imker erreicht den Kreistag.⟧</p></div></body></html>""",
    ),
    layout(
        "microdata, with the author's box inside the article",
        VINEYARD,
        f"""<html lang="fr"><body><article itemscope itemtype="https://schema.org/NewsArticle"><h1 itemprop="headline">
{VINEYARD.title}</h1><div itemprop="articleBody">{VINEYARD.html()}</div>
<div class="author-bio" itemprop="author"><p>⟦Paul Mercier couvre l'agriculture et les guerres commerciales depuis vingt
 ans.⟧</p></div><div class="tags"><a>⟦Mot-clé : gel tardif⟧</a></div></article></body></html>""",
    ),
    layout(
        "text in noscript beside an empty application",
        TELESCOPE,
        f"""<!doctype html><html lang="en"><head><title>{TELESCOPE.title}</title></head><body><div id="app"></div>
<noscript><article><h1>{TELESCOPE.title}</h1>{TELESCOPE.html()}</article></noscript>
<div class="loader">⟦Loading the application, one moment⟧</div></body></html>""",
    ),
    layout(
        "single post between a newsletter overlay and an outro",
        HARBOUR,
        f"""<html lang="en"><body><div class="modal subscribe-overlay"><div class="modal-body"><h2>⟦Wait, before you go⟧</h2>
<p>⟦Join ninety thousand readers who get our letter on war, money and power every day.⟧</p></div></div>
<div class="single-post post"><div class="available-content"><div class="body markup"><h3>{HARBOUR.title}</h3>
{HARBOUR.html()}<div class="subscription-widget-wrap"><p>⟦Thanks for reading the Quay Letter! Subscribe for free to receive
 new posts and support my work.⟧</p></div></div></div><div class="post-ufi"><a>⟦12 likes⟧</a></div></div></body></html>""",
    ),
    layout(
        "hidden text for machines and for later",
        BRIDGE,
        f"""<html lang="de"><body><article><h1>{BRIDGE.title}</h1>
<div style="display:none"><p>⟦Dieser Text ist für Suchmaschinen: Krieg, Invasion, Börsencrash, Promi-Scheidung.⟧</p></div>
<p hidden>⟦Sie haben Ihr Kontingent noch nicht aufgebraucht und können weiterlesen.⟧</p>{BRIDGE.html(last=2)}
<p aria-hidden="true" style="visibility: hidden">⟦Unsichtbarer Absatz über eine Invasion der Marsmenschen.⟧</p>
{BRIDGE.html(first=2)}<template><p>⟦Vorlage für die nächste Meldung⟧</p></template></article></body></html>""",
    ),
    layout(
        "print page",
        VINEYARD,
        f"""<html lang="fr"><head><title>Imprimer</title></head><body onload="window.print()"><div class="print-header">
<img src="logo.gif"></div><h1>{VINEYARD.title}</h1>{VINEYARD.html()}<hr><p class="print-url">⟦Imprimé depuis www.example.com
 le 12 novembre⟧</p></body></html>""",
    ),
    layout(
        "huge inline scripts and styles",
        HARBOUR,
        '<!doctype html><html lang="en"><head><style>'
        + ".a{color:red}" * 4000
        + "</style><script>"
        + "var war='⟦invasion⟧ imminent';".replace("⟦", "").replace("⟧", "") * 8000
        + f"</script></head><body><main><h1>{HARBOUR.title}</h1>{HARBOUR.html(last=3)}<script>"
        + "document.write('<p>x</p>');" * 2000
        + f"</script>{HARBOUR.html(first=3)}</main><footer>⟦Set in type by Marlow Courier⟧</footer></body></html>",
    ),
)
