"""What pages say of themselves in many languages, casefolded."""

from __future__ import annotations

#: Lines that are a label and nothing else.
LABELS = frozenset(
    {"advertisement", "advertisements", "ad", "sponsored", "sponsored content", "advertising"}
    | {"promoted", "story continues below", "article continues below", "continue reading", "read more"}
    | {"related", "share", "related stories", "related articles", "more on this story", "most read"}
    | {"comments", "leave a comment", "anzeige", "werbung", "mehr zum thema", "weiterlesen"}
    | {"lesen sie auch", "publicité", "pub", "annonce", "lire aussi", "à lire aussi", "a lire aussi"}
    | {"sur le même sujet", "publicidad", "anuncio", "lea también", "lee también", "leer más"}
    | {"noticias relacionadas", "publicidade", "leia também", "leia mais", "pubblicità", "leggi anche"}
    | {"reklama", "czytaj też", "czytaj także", "zobacz też", "реклама", "читайте также"}
    | {"читать также", "по теме", "подробнее", "читайте також", "advertentie", "lees ook", "reklam"}
    | {"annons", "läs också", "les også", "læs også", "lue myös", "mainos", "إعلان", "اقرأ أيضا"}
    | {"اقرأ أيضاً", "إقرأ أيضاً", "פרסומת", "קראו גם", "广告", "廣告", "相关推荐", "相关阅读"}
    | {"相关新闻", "延伸阅读", "阅读原文", "広告", "関連記事", "続きを読む", "광고", "관련기사"}
    | {"관련 기사", "διαφήμιση", "διαβάστε επίσης", "reklám"}
)

#: How lines begin that lead to another article or ask for something.
LEADS = (
    *("read more:", "read also:", "also read:", "see also:", "related:", "more:", "don't miss:"),
    *("watch:", "recommended:", "subscribe to our", "sign up for our", "follow us on", "click here to"),
    *("lesen sie auch:", "mehr dazu:", "mehr zum thema:", "lire aussi", "à lire aussi", "a lire aussi"),
    *("voir aussi :", "lea también:", "lee también:", "leer también:", "le puede interesar:"),
    *("te puede interesar:", "leia também:", "leia mais:", "leggi anche:", "czytaj też:"),
    *("czytaj także:", "zobacz też:", "читайте также:", "читать также:", "смотрите также:"),
    *("подписывайтесь на", "читайте також:", "підписуйтеся на", "підписуйтесь на", "lees ook:"),
    *("läs också:", "les også:", "læs også:", "lue myös:", "اقرأ أيضا", "اقرأ أيضاً", "إقرأ أيضاً"),
    *("קראו גם:", "support our journalism", "support our newsroom", "unterstützen sie unsere"),
    *("soutenez notre", "apoya nuestro", "підтримайте наш", "підтримайте нас", "поддержите наш"),
    *("поддержите нас", "wesprzyj nas", "责任编辑", "责编", "編集：", "相关阅读", "延伸阅读"),
    *("関連記事：", "☞", "▶"),
)

#: What a page says where the rest is for those who pay or register.
WALLS = (
    *("to continue reading", "to keep reading", "to read the full article", "to read the full story"),
    *("to read this article", "to read the rest", "subscribe to read", "register to read"),
    *("subscribers only", "subscriber-only", "for subscribers only", "exclusive to subscribers"),
    *("is for subscribers", "this post is for members", "for paying subscribers", "for paid"),
    *("already a subscriber", "already a member?", "unlock this article", "unlock full access"),
    *("free articles left", "reached your limit of", "used all your free"),
    *("you have reached your article limit", "this is a premium", "weiterlesen mit"),
    *("um weiterzulesen", "jetzt weiterlesen", "nur für abonnenten", "exklusiv für abonnenten"),
    *("bereits abonnent", "sie haben noch kein abo", "mit plus-abo", "lesen sie weiter mit"),
    *("zugang freischalten", "réservé aux abonnés", "réservée aux abonnés", "pour lire la suite"),
    *("la suite est réservée", "déjà abonné", "il vous reste", "abonnez-vous pour lire"),
    *("contenido exclusivo para suscriptores", "para suscriptores", "para seguir leyendo"),
    *("suscríbete para", "ya eres suscriptor", "exclusivo para assinantes", "para continuar lendo"),
    *("já é assinante", "riservato agli abbonati", "per continuare a leggere", "sei già abbonato"),
    *("alleen voor abonnees", "verder lezen", "lees verder met", "dla prenumeratorów"),
    *("aby czytać dalej", "treść dostępna dla", "доступно только подписчикам", "чтобы читать дальше"),
    *("для подписчиков", "оформите подписку", "щоб читати далі", "тільки для передплатників"),
    *("оформіть передплату", "læs videre med", "kun for abonnenter", "läs vidare med"),
    *("för prenumeranter", "vain tilaajille", "للمشتركين فقط", "لمتابعة القراءة", "למנויים בלבד"),
    *("להמשך קריאה", "付费阅读", "订阅后阅读", "仅限订阅用户", "会員限定", "有料会員"),
    *("続きを読むには", "유료 회원", "구독자 전용", "계속 읽으려면"),
)

#: What pages say that ask for consent before they show anything.
CONSENT = (
    *("cookie", "consent", "privacy", "our partners", "personal data", "your choices"),
    *("legitimate interest", "accept all", "reject all", "einwilligung", "datenschutz"),
    *("partner verarbeiten", "zustimmen", "vie privée", "consentement", "nos partenaires"),
    *("données personnelles", "consentimiento", "nuestros socios", "privacidad", "consenso"),
    *("i nostri partner", "toestemming", "zgoda", "zgodę", "prywatności", "samtycke", "согласие"),
    *("персональных данных", "файлы cookie", "згоду", "персональних даних", "ملفات تعريف الارتباط"),
    *("הסכמה", "隐私", "同意", "プライバシー", "개인정보", "쿠키"),
)

#: How pages are headed that are not there.
MISSING = (
    *("404", "page not found", "not found", "page cannot be found", "page can't be found"),
    *("no longer available", "page doesn't exist", "page does not exist", "page no longer exists"),
    *("nothing was found", "error 410", "nicht gefunden", "existiert nicht", "nicht mehr verfügbar"),
    *("page introuvable", "n'existe pas", "n'est plus disponible", "página no encontrada"),
    *("no se ha encontrado", "no existe", "não encontrada", "não existe", "pagina non trovata"),
    *("non esiste", "niet gevonden", "bestaat niet", "nie znaleziono", "nie istnieje"),
    *("страница не найдена", "не найдена", "не существует", "сторінку не знайдено", "не знайдено"),
    *("не існує", "hittades inte", "ikke funnet", "ikke fundet", "ei löydy", "bulunamadı"),
    *("الصفحة غير موجودة", "הדף לא נמצא", "לא נמצא", "页面不存在", "找不到页面", "找不到網頁"),
    *("見つかりません", "찾을 수 없습니다", "nenalezena", "nem található", "δεν βρέθηκε"),
)

#: What pages say that want to know whether a reader is a person.
CHALLENGES = (
    *("checking your browser", "verify you are human", "verify that you are human"),
    *("verifying you are human", "are you a robot", "not a robot", "not a bot", "unusual traffic"),
    *("enable javascript and cookies to continue", "just a moment", "attention required"),
    *("pardon our interruption", "security check to access", "captcha"),
    *("performing security verification", "needs to review the security"),
    *("request unsuccessful. incapsula", "access to this page has been denied"),
    *("you have been blocked", "press & hold to confirm", "ddos protection by"),
    *("ihr browser wird überprüft", "dass sie ein mensch sind", "kein roboter"),
    *("vérification de votre navigateur", "que vous êtes humain", "n'êtes pas un robot"),
    *("comprobando su navegador", "eres humano", "no eres un robot", "não é um robô"),
    *("non sei un robot", "nie jesteś robotem", "проверка браузера", "что вы не робот"),
    *("що ви не робот", "перевірка браузера", "أنك لست روبوت", "אינך רובוט", "人机验证", "安全验证"),
    *("请完成验证", "ロボットではありません", "로봇이 아닙니다"),
)

#: What only such pages have in their HTML.
CHALLENGE_MARKS = (
    *("_cf_chl_opt", "captcha-delivery.com", "px-captcha", "_incapsula_resource"),
    "awswafcaptcha",
)
