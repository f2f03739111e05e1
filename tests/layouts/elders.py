"""Pages of other times and of plain makers: tables, breaks, fonts, broken HTML, agencies, authorities."""

from __future__ import annotations

from tests.layouts import layout
from tests.layouts.texts import BRIDGE, HARBOUR, LIBRARY, TELESCOPE, VINEYARD
from tests.layouts.tongues import RAILWAY

_PRE = "\n\n".join(" ".join(one) for one in TELESCOPE.paragraphs)

LAYOUTS = (
    layout(
        "table layout of the 2000s",
        HARBOUR,
        f"""<HTML><HEAD><TITLE>{HARBOUR.title}</TITLE></HEAD><BODY BGCOLOR="#ffffff"><TABLE WIDTH=780 BORDER=0><TR>
<TD COLSPAN=3><IMG SRC="logo.gif"> <FONT SIZE=1>⟦Last updated at 14:02 server time⟧</FONT></TD></TR><TR><TD WIDTH=120
 VALIGN=top><A HREF="a">⟦Front page⟧</A><BR><A HREF="b">⟦War archive⟧</A><BR><A HREF="c">⟦Guestbook entries⟧</A></TD>
<TD WIDTH=500><FONT FACE="Verdana"><B>{HARBOUR.title}</B><BR><BR>{HARBOUR.html()}</FONT></TD><TD WIDTH=160><TABLE><TR><TD>
⟦Poll of the day: do you fear an invasion?⟧</TD></TR></TABLE></TD></TR><TR><TD COLSPAN=3>⟦Webmaster: write to us⟧</TD></TR>
</TABLE></BODY></HTML>""",
    ),
    layout(
        "text in one table cell, divided by breaks",
        TELESCOPE,
        f"""<html><body><table width="100%"><tr><td class="menu"><a href="1">⟦Home of the Carrow Gazette⟧</a><br><a href="2">
⟦Small ads⟧</a></td><td class="content"><h2>{TELESCOPE.title}</h2>{TELESCOPE.lines()}</td></tr></table></body></html>""",
    ),
    layout(
        "no paragraphs, breaks only",
        BRIDGE,
        f"""<html lang="de"><body><div id="nav"><a>⟦Zur Übersicht⟧</a> <a>⟦Anzeigenmarkt⟧</a></div><div id="artikel"><h1>
{BRIDGE.title}</h1>{BRIDGE.lines("<br /><br />")}</div><div id="fuss">⟦Verlag und Druck: Kreiszeitung⟧</div></body></html>""",
    ),
    layout(
        "paragraphs as divs",
        LIBRARY,
        f"""<html lang="es"><body><div class="menu"><div><a>⟦Portada de hoy⟧</a></div></div><div class="noticia"><div
 class="titular">{LIBRARY.title}</div><div class="cuerpo">{LIBRARY.html("div")}</div></div><div class="pie"><div>⟦Contacto y
 publicidad⟧</div></div></body></html>""",
    ),
    layout(
        "broken HTML: nothing closed, wrong nesting",
        HARBOUR,
        f"""<html><head><title>{HARBOUR.title}</title><body><div class=nav><ul><li><a href=/>⟦Home and weather⟧<li><a href=/w>⟦War
 diary⟧</ul></div><div class=main><h1>{HARBOUR.title}</h2><p>{HARBOUR.lines("<p>")}</b></i><div class=foot><p>⟦Page made with
 a text editor⟧""",
    ),
    layout(
        "broken HTML: two bodies and a stray end of html",
        VINEYARD,
        f"""<html lang="fr"><body><div class="pub">⟦Bannière : les soldes commencent⟧</div></body></html><html><body><h1>
{VINEYARD.title}</h1><div class="article">{VINEYARD.html(last=2)}</body>{VINEYARD.html(first=2)}</div></html><div
 class="footer">⟦Mentions légales de la rédaction⟧</div>""",
    ),
    layout(
        "plain wire page in pre",
        TELESCOPE,
        f"""<html lang="en"><body><h1>{TELESCOPE.title}</h1><pre>{_PRE}</pre><hr><a href="/">⟦Back to the index⟧</a>
</body></html>""",
    ),
    layout(
        "wire page with dateline and slug lines",
        HARBOUR,
        f"""<html lang="en"><body><div class="wire-nav"><a>⟦Latest bulletins⟧</a></div><div class="wire-story"><p
 class="slug">⟦MARLOW-STRIKE 3RD LEAD⟧</p><h1>{HARBOUR.title}</h1>{HARBOUR.html()}<p class="end">⟦ENDS/ab/cd 1405⟧</p></div>
</body></html>""",
    ),
    layout(
        "press release with boilerplate about the company",
        TELESCOPE,
        f"""<html lang="en"><body><main><h1>{TELESCOPE.title}</h1><div class="release-body">{TELESCOPE.html()}</div>
<div class="boilerplate about-company"><h3>⟦About Carrow Optics⟧</h3><p>⟦Carrow Optics is a leading provider of lenses for
 invasion-proof binoculars.⟧</p></div><div class="media-contact"><h3>⟦Media contact⟧</h3><p>⟦Call the press office on
 weekdays between nine and five.⟧</p></div></main></body></html>""",
    ),
    layout(
        "page of an authority, with definition lists and a notice",
        BRIDGE,
        f"""<!doctype html><html lang="de"><body><div class="gov-banner"><p>⟦Dies ist eine offizielle Internetseite des
 Landes.⟧</p></div><nav aria-label="Breadcrumb"><ol><li>⟦Presse und Öffentlichkeit⟧</li></ol></nav><main><h1>{BRIDGE.title}</h1>
<dl class="meta"><dt>⟦Veröffentlicht am⟧</dt><dd>12. November</dd></dl><div class="govbody">{BRIDGE.html()}</div>
<div class="feedback"><h2>⟦War diese Seite hilfreich?⟧</h2><button>⟦Ja, war sie⟧</button></div></main>
<footer>⟦Barrierefreiheit erklären⟧</footer></body></html>""",
    ),
    layout(
        "first page of a paginated article",
        VINEYARD,
        f"""<html lang="fr"><body><article><h1>{VINEYARD.title}</h1>{VINEYARD.html()}<div class="pagination"><span>⟦Page 1 sur
 3⟧</span><a href="?p=2">⟦Page suivante⟧</a></div></article></body></html>""",
    ),
    layout(
        "Cyrillic in windows-1251, with a menu of one line",
        RAILWAY,
        f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset=windows-1251"></head><body><div
 class="top"><a>⟦Главная страница⟧</a> | <a>⟦Война и мир новостей⟧</a> | <a>⟦Погода на выходные⟧</a></div><h1>{RAILWAY.title}</h1>
<div class="news_text">{RAILWAY.html()}</div><div class="bottom">⟦Перепечатка только с разрешения редакции⟧</div></body></html>""",
        encoding="windows-1251",
        content_type="text/html",
    ),
)
