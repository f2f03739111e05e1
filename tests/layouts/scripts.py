"""Articles in other scripts, in the layouts of their countries."""

from __future__ import annotations

from tests.layouts import layout
from tests.layouts.tongues import ARCHIVE, BEEKEEPER, FERRY, KOREAN, LANTERN, RAILWAY, WELL

LAYOUTS = (
    layout(
        "Arabic from right to left",
        WELL,
        f"""<!doctype html><html lang="ar" dir="rtl"><head><title>{WELL.title}</title></head><body><nav><ul><li><a>⟦الصفحة
 الرئيسية⟧</a></li><li><a>⟦أخبار الحرب⟧</a></li></ul></nav><article><h1>{WELL.title}</h1><div class="article-body">{WELL.html(last=2)}
<div class="ad">⟦إعلان⟧</div>{WELL.html(first=2)}</div></article><aside><h3>⟦اقرأ أيضاً⟧</h3><p>⟦الوزير ينفي خطة لغزو الجزيرة
 الصغيرة.⟧</p></aside><footer>⟦جميع الحقوق محفوظة للجريدة⟧</footer></body></html>""",
    ),
    layout(
        "Hebrew from right to left, in divs",
        ARCHIVE,
        f"""<html lang="he" dir="rtl"><body><div class="header"><a>⟦דף הבית של העיתון⟧</a></div><div class="main"><h1>{ARCHIVE.title}</h1>
<div class="article_text">{ARCHIVE.html()}</div><div class="talkbacks"><h4>⟦תגובות הגולשים⟧</h4><p>⟦אני מכיר את הנמל טוב יותר מכולם
 שם.⟧</p></div></div></body></html>""",
    ),
    layout(
        "Chinese without spaces",
        FERRY,
        f"""<!doctype html><html lang="zh-CN"><head><title>{FERRY.title}_新闻_青湾网</title></head><body><div class="nav"><a>⟦新闻首页⟧</a><a>
⟦军事战争频道⟧</a><a>⟦娱乐八卦⟧</a></div><div class="main"><h1>{FERRY.title}</h1><div class="article" id="artibody">{FERRY.html()}<p
 class="editor">⟦责任编辑：王小明⟧</p></div><div class="recommend"><h3>⟦相关推荐⟧</h3><ul><li>⟦部长否认入侵岛屿的计划⟧</li></ul></div></div>
<div class="footer">⟦未经授权不得转载本网内容⟧</div></body></html>""",
    ),
    layout(
        "Japanese, with a ranking beside",
        LANTERN,
        f"""<html lang="ja"><body><header><a>⟦新聞社のトップページ⟧</a></header><main><article><h1>{LANTERN.title}</h1><div
 class="article-body">{LANTERN.html()}</div></article><div class="ranking"><h2>⟦アクセスランキング⟧</h2><ol><li><a>⟦大臣、島への侵攻計画を
否定⟧</a></li></ol></div></main><footer>⟦無断転載を禁じます⟧</footer></body></html>""",
    ),
    layout(
        "Korean, divided by breaks",
        KOREAN,
        f"""<html lang="ko"><body><div id="gnb"><a>⟦홈으로 가기⟧</a><a>⟦전쟁 속보⟧</a></div><h2 class="tit">{KOREAN.title}</h2><div
 id="articleBody">{KOREAN.lines()}</div><div class="copyright">⟦무단 전재 및 재배포 금지⟧</div></body></html>""",
    ),
    layout(
        "Ukrainian with telegram boxes in the text",
        BEEKEEPER,
        f"""<html lang="uk"><body><main><h1>{BEEKEEPER.title}</h1><div class="post-text">{BEEKEEPER.html(last=2)}<div
 class="telegram-subscribe"><p>⟦Підписуйтеся на наш телеграм-канал про війну та погоду!⟧</p></div>{BEEKEEPER.html(first=2)}
<p class="read-too"><b>⟦Читайте також:⟧</b> <a>⟦Міністр заперечив план вторгнення на острів⟧</a></p></div></main></body></html>""",
    ),
    layout(
        "Russian with a ticker of headlines and a source line",
        RAILWAY,
        f"""<html lang="ru"><body><div class="ticker"><span>⟦Срочно: министр опроверг план вторжения на остров⟧</span></div><div
 class="article__body"><h1>{RAILWAY.title}</h1><div class="article__text">{RAILWAY.html()}</div><div class="article__incut"><a>
⟦Банда ограбила банк на скорой помощи⟧</a></div></div><div class="feed-next"><p>⟦Следующая новость загрузится ниже⟧</p></div>
</body></html>""",
    ),
    layout(
        "Chinese with spans for lines and a code to scan",
        FERRY,
        f"""<html lang="zh"><body><section class="content"><h1>{FERRY.title}</h1>{FERRY.html("section")}<section><img src="qr.png"><span>
⟦长按二维码关注我们的公众号⟧</span></section></section><div class="read-more">⟦阅读原文⟧</div></body></html>""",
    ),
)
