"""Six made-up news sites: how their pages look, and all that changes around a report.

Each wraps the same paragraphs in another house style: semantic tags, nested boxes,
JSON for search engines, tables of the nineties, a mobile page with links between the
paragraphs, a portal that breaks lines instead of opening paragraphs. ``visit`` seeds
what is not the report: navigation, lists of other articles, counters, comments,
adverts, appeals, stamps.
"""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

_TEASERS = {
    "en": (
        "Storm number {n} reaches the coast",
        "Floods kill {n} in Delmar, minister says",
        "“We will not pay {n} crowns,” say farmers",
        "Exports rise {n} percent in a year",
    ),
    "de": ("Sturm Nummer {n} erreicht die Küste", "Exporte steigen um {n} Prozent"),
    "fr": ("La tempête numéro {n} touche la côte", "Les exportations gagnent {n} %"),
    "it": ("Tempesta numero {n} sulla costa", "Le esportazioni salgono del {n} %"),
    "es": ("La tormenta {n} llega a la costa", "Las exportaciones suben un {n} %"),
    "pl": ("Burza numer {n} dotarła na wybrzeże", "Eksport wzrósł o {n} procent"),
    "ru": ("Шторм номер {n} дошёл до берега", "Экспорт вырос на {n} процентов"),
    "uk": ("Шторм номер {n} дійшов до берега", "Експорт зріс на {n} відсотків"),
    "ko": ("제{n}호 태풍 해안 도달", "수출 {n}% 증가, 장관 발표"),
    "ja": ("台風{n}号が海岸に到達", "輸出が{n}％増加"),
    "zh": ("第{n}号台风抵达海岸", "出口增长{n}％"),
}
_STAMPS = {
    "en": "Updated {n} minutes ago",
    "de": "Aktualisiert vor {n} Minuten",
    "fr": "Mis à jour il y a {n} minutes",
    "it": "Aggiornato {n} minuti fa",
    "es": "Actualizado hace {n} minutos",
    "pl": "Zaktualizowano {n} minut temu",
    "ru": "Обновлено {n} минут назад",
    "uk": "Оновлено {n} хвилин тому",
    "ko": "{n}분 전 업데이트",
    "ja": "{n}分前に更新",
    "zh": "{n}分钟前更新",
}
_APPEALS = {
    "en": "Join our {n} readers and subscribe to our newsletter today.",
    "de": "Schließen Sie sich unseren {n} Lesern an und abonnieren Sie den Newsletter.",
    "fr": "Rejoignez nos {n} lecteurs et abonnez-vous à notre newsletter.",
    "it": "Unisciti ai nostri {n} lettori e iscriviti alla newsletter.",
    "es": "Únase a nuestros {n} lectores y suscríbase a nuestro boletín.",
    "pl": "Dołącz do {n} czytelników i zapisz się na nasz newsletter.",
    "ru": "Подписывайтесь на наш канал, нас читают уже {n} человек.",
    "uk": "Підписуйтесь на наш канал, нас читають уже {n} людей.",
    "ko": "독자 {n}명이 함께합니다. 지금 뉴스레터를 구독하세요.",
    "ja": "読者{n}人が利用中。ニュースレターに登録してください。",
    "zh": "已有{n}位读者加入，欢迎订阅我们的新闻信。",
}
_REMARKS = {
    "en": "I said so {n} years ago and nobody listened to me.",
    "de": "Das habe ich schon vor {n} Jahren gesagt, und niemand hat zugehört.",
    "fr": "Je le disais déjà il y a {n} ans et personne ne m'écoutait.",
    "it": "Lo dicevo già {n} anni fa e nessuno mi ascoltava.",
    "es": "Yo lo dije hace {n} años y nadie me escuchó.",
    "pl": "Mówiłem to {n} lat temu i nikt mnie nie słuchał.",
    "ru": "Я говорил это {n} лет назад, и никто не слушал.",
    "uk": "Я казав це {n} років тому, і ніхто не слухав.",
    "ko": "저는 {n}년 전부터 그렇게 말했는데 아무도 듣지 않았습니다.",
    "ja": "{n}年前からそう言っているのに誰も聞いてくれません。",
    "zh": "我{n}年前就这么说，可是没有人听。",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the page is for."""

    language: str
    headline: str
    paragraphs: tuple[str, ...]


@dataclass(slots=True)
class Around:
    """All that is not the report, drawn anew at every visit."""

    language: str
    draw: random.Random

    def number(self, most: int = 5_000) -> str:
        """A counter."""
        return f"{self.draw.randint(3, most):,}"

    def teaser(self) -> str:
        """The headline of another article."""
        words = self.draw.choice(_TEASERS[self.language])
        return html.escape(words.format(n=self.draw.randint(3, 90)))

    def teasers(self, most: int) -> str:
        """A list of other articles."""
        return "".join(
            f'<li><a href="/n/{self.draw.randint(1, 10**6)}">{self.teaser()}</a></li>'
            for _ in range(self.draw.randint(3, most))
        )

    def stamp(self) -> str:
        """How long ago the page was renewed."""
        return _STAMPS[self.language].format(n=self.draw.randint(2, 59))

    def appeal(self) -> str:
        """What the site asks of its readers."""
        return _APPEALS[self.language].format(n=self.number(90_000))

    def remarks(self) -> str:
        """What readers wrote below."""
        return "".join(
            f'<div class="comment"><b>user{self.draw.randint(1, 999)}</b>'
            f"<p>{_REMARKS[self.language].format(n=self.draw.randint(2, 40))}</p></div>"
            for _ in range(self.draw.randint(0, 4))
        )

    def advert(self) -> str:
        """An advert with a price."""
        return (
            f'<div class="ad ad-{self.number()}"><a href="/buy?x={self.number()}">'
            f"Now only {self.draw.randint(9, 99)}.99</a></div>"
        )

    def date(self) -> str:
        """A stamp."""
        day, hour = self.draw.randint(1, 28), self.draw.randint(10, 23)
        return f"{day}.11.2026 {hour}:{self.draw.randint(10, 59)}"

    def nav(self) -> str:
        """The sections, in any order."""
        names = ["Home", "World", "Business", "Sport", "Culture", "Video"]
        self.draw.shuffle(names)
        return "".join(f'<li><a href="/{n.lower()}">{n}</a></li>' for n in names)


def _head(report: Report, around: Around, site: str, extra: str = "") -> str:
    title = html.escape(report.headline)
    return (
        f'<!DOCTYPE html><html lang="{report.language}"><head><meta charset="utf-8">'
        f"<title>{title} | {site}</title>"
        f'<meta property="og:title" content="{title} | {site}">'
        f'<meta property="og:site_name" content="{site}">'
        f'<meta name="csrf" content="{around.draw.random()}">'
        f"<script>var t={around.draw.random()};</script>{extra}</head>"
    )


def _paragraphs(report: Report) -> list[str]:
    return [html.escape(one, quote=False) for one in report.paragraphs]


def semantic(report: Report, around: Around) -> str:
    """HTML5 tags, an appeal amid the text, comments below."""
    body = [f"<p>{one}</p>" for one in _paragraphs(report)]
    body.insert(
        min(2, len(body)), f'<aside class="promo"><p>{around.appeal()}</p></aside>'
    )
    return (
        f"{_head(report, around, 'The Pier')}<body><header><nav><ul>{around.nav()}</ul>"
        f"</nav></header><main><article><header><h1>{html.escape(report.headline)}</h1>"
        f'<time datetime="2026-11-22T10:00:00Z">{around.stamp()}</time></header>'
        f"{''.join(body)}<footer><span>{around.number()} shares</span></footer>"
        f"</article>"
        f'<section class="comments"><h2>{around.number(90)} comments</h2>'
        f"{around.remarks()}</section></main><aside><h2>Most read</h2>"
        f"<ol>{around.teasers(7)}</ol></aside><footer><p>© {around.date()} The Pier</p>"
        "</footer></body></html>"
    )


def boxes(report: Report, around: Around) -> str:
    """Boxes in boxes, a column beside."""
    body = "".join(
        f'<div class="txt"><p>{one}</p></div>' for one in _paragraphs(report)
    )
    return (
        f"{_head(report, around, 'Morning Post')}<body><div id='top'><ul class='menu'>"
        f"{around.nav()}</ul>{around.advert()}</div><div class='wrap'>"
        f"<div class='col-8'>"
        f"<h1 class='hl'>{html.escape(report.headline)}</h1><div class='info'>"
        f"{around.date()} · {around.stamp()} · {around.draw.randint(2, 9)} min "
        f"read</div>"
        f"<div class='article-body'>{body}{around.advert()}</div><div class='sharebar'>"
        f"<span>{around.number()}</span><span>{around.number()}</span></div>"
        f"<div class='comments-list'>{around.remarks()}</div></div><div class='col-4'>"
        f"<div class='related'><h3>Related</h3><ul>{around.teasers(6)}</ul></div></div>"
        f"</div><div class='foot'>© 2026 · visits today {around.number()}</div>"
        f"</body></html>"
    )


def structured(report: Report, around: Around) -> str:
    """JSON for search engines, an appeal below."""
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": report.headline,
        "datePublished": "2026-11-22T10:00:00+00:00",
        "dateModified": f"2026-11-22T1{around.draw.randint(0, 9)}:00:00+00:00",
        "interactionCount": around.draw.randint(1, 9999),
    }
    script = json.dumps(data, ensure_ascii=False)
    script = f"<script type=application/ld+json>{script}</script>"
    body = [f"<p>{one}</p>" for one in _paragraphs(report)]
    body.append(f"<p><strong>{around.appeal()}</strong></p>")
    return (
        f"{_head(report, around, 'Tageblick', script)}"
        f"<body><nav><ul>{around.nav()}</ul></nav><div role='main'><h1>"
        f"{html.escape(report.headline)}</h1><p class='byline'>{around.stamp()}</p>"
        f"<div itemprop='articleBody'>{''.join(body)}</div></div><section><h2>Mehr</h2>"
        f"<ul>{around.teasers(8)}</ul></section></body></html>"
    )


def tables(report: Report, around: Around) -> str:
    """A table for the layout."""
    body = "".join(f"<p>{one}</p>" for one in _paragraphs(report))
    return (
        f"{_head(report, around, 'Kurier')}<body><table width='100%'><tr>"
        f"<td colspan='3'>"
        f"<b>Kurier</b> {around.date()}</td></tr><tr><td valign='top'><ul>"
        f"{around.nav()}"
        f"</ul></td><td valign='top' id='content'><h1>"
        f"{html.escape(report.headline)}</h1>"
        f"<font size='1'>{around.stamp()}</font>{body}<p>"
        f"[{around.number()} comments]</p>"
        f"</td><td valign='top'><b>News</b><ul>{around.teasers(9)}</ul>"
        f"{around.advert()}"
        "</td></tr></table></body></html>"
    )


def mobile(report: Report, around: Around) -> str:
    """Links to other articles between the paragraphs."""
    body: list[str] = []
    for number, one in enumerate(_paragraphs(report)):
        body.append(f"<p>{one}</p>")
        if number % 3 == 1:
            body.append(f'<p class="more"><a href="/x">{around.teaser()}</a></p>')
    body.append(f"<p>{around.stamp()}</p>")
    return (
        f"{_head(report, around, 'm.quay')}<body><div class='bar'>"
        f"{around.number()} online"
        f"</div><article class='story'><h1>{html.escape(report.headline)}</h1>"
        f"{''.join(body)}<ul class='also'>{around.teasers(4)}</ul></article>"
        f"<div class='stick'>{around.appeal()}</div></body></html>"
    )


def portal(report: Report, around: Around) -> str:
    """Line breaks for paragraphs, the mail of a reporter."""
    body = "<br><br>\n".join(_paragraphs(report))
    return (
        f"{_head(report, around, 'NewsHub')}<body><div id='gnb'><ul>{around.nav()}</ul>"
        f"</div><div id='ct'><h2 class='media_end_head_headline'>"
        f"{html.escape(report.headline)}</h2><div class='stamp'>{around.date()} "
        f"{around.stamp()}</div><div class='like'>{around.number()}</div>"
        f"<article id='dic_area'>{body}<br><br>"
        f"reporter{around.draw.randint(1, 9)}@hub.test"
        f"</article><div class='reply'>{around.remarks()}</div></div>"
        f"<div class='rank'><ul>{around.teasers(10)}</ul></div></body></html>"
    )


SITES: tuple[Callable[[Report, Around], str], ...] = (
    semantic,
    boxes,
    structured,
    tables,
    mobile,
    portal,
)

MARKS = {
    "en": ("“", "”"),
    "de": ("„", "“"),
    "fr": ("« ", " »"),
    "it": ("«", "»"),
    "es": ("«", "»"),
    "pl": ("„", "”"),
}


def quoted(language: str, words: str) -> str:
    """The words in the quotation marks of the language, where the text has none."""
    before, after = MARKS.get(language, ("", ""))
    return f"{before}{words}{after}"


def walls(report: Report, draw: random.Random) -> Sequence[str]:
    """Pages that stand before an article and are no version of it."""
    first = html.escape(report.paragraphs[0][:160])
    title = html.escape(report.headline)
    challenge = f"""<html><head><title>Just a moment...</title></head><body>
<h1>Checking your browser</h1><p>Ray ID {draw.randint(1, 10**9)}. Please wait.</p>
</body></html>"""
    paywall = f"""<html><head><title>{title}</title></head><body><article>
<h1>{title}</h1><p>{first}…</p><p>This article is for subscribers. Subscribe now to read
it to the end.</p></article></body></html>"""
    return challenge, paywall
