# ruff: noqa: E501 - markup reads better unbroken
"""List pages of our own writing, each with what should be found on it.

DEVELOPMENT pages shaped the heuristics; HELD_OUT ones were written after them and
are only measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from string import Template

EN = (
    "Ministers agree on a ferry line across the strait",
    "Grain ships leave the port after three weeks of talks",
    "Statement on the launch of two ballistic missiles",
    "Remarks by the High Representative after the council",
    "Seoul and Brussels sign an agreement on batteries",
    "Observers count fewer trains at the border bridge",
    "New sanctions list names eleven shipping companies",
    "Joint declaration of the foreign ministers in Tokyo",
    "Parliament votes on aid for the flooded provinces",
    "Court hears the case of the detained fishermen",
)
KO = (
    "외교부 장관 브뤼셀에서 유럽연합 대표와 회담",
    "국방부 북한 단거리 탄도미사일 발사 확인",
    "통일부 개성공단 재가동 검토한 바 없어",
    "한·EU 배터리 협정 서명식 서울서 열려",
    "국정원 러시아 파병 북한군 동향 보고",
    "접경 지역 주민 대피 시설 추가로 설치",
    "유엔 안보리 대북제재 이행 보고서 채택",
    "러시아 외무차관 다음 달 평양 방문 예정",
)
RU = (
    "Министры иностранных дел обсудили паромное сообщение",
    "Суда с зерном вышли из порта после переговоров",
    "Заявление о пуске двух баллистических ракет",
    "Наблюдатели насчитали меньше поездов на мосту",
    "Новый санкционный список включает судоходные компании",
    "Парламент проголосовал за помощь регионам",
    "Совместная декларация министров принята в Токио",
)
DE = (
    "Minister einigen sich auf Fährverbindung über die Meerenge",
    "Getreideschiffe verlassen nach Verhandlungen den Hafen",
    "Erklärung zum Start zweier ballistischer Raketen",
    "Beobachter zählen weniger Züge an der Grenzbrücke",
    "Neue Sanktionsliste nennt elf Reedereien beim Namen",
    "Gemeinsame Erklärung der Außenminister in Tokio",
)
JA = (
    "外相会談でフェリー航路の再開に合意",
    "穀物船が三週間の協議を経て出港",
    "弾道ミサイル二発の発射を確認と発表",
    "国境の橋を渡る列車の数が減少",
    "新たな制裁対象に海運会社十一社",
    "洪水被災地への支援を議会が可決",
)

LATEST = date(2026, 3, 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page, and what its list holds: links relative to ``url``, titles, days."""

    name: str
    url: str
    html: str
    links: tuple[str, ...]
    titles: tuple[str, ...]
    days: tuple[date, ...] = ()


def slug(title: str) -> str:
    return "-".join(title.lower().replace("·", " ").split())


def page(
    name: str,
    frame: str,
    row: str,
    titles: tuple[str, ...],
    *,
    href: str,
    day: str = "",
    url: str = "https://site.test/press/",
    between: str = "",
) -> Page:
    """Rows in a frame (``$rows``); a row and ``href`` may name n, id, slug, day."""
    rows, links, days = [], [], []
    for n, title in enumerate(titles):
        at = LATEST - timedelta(days=3 * n)
        values: dict[str, object] = {
            "n": n,
            "id": 884120 + 37 * n,
            "short": 40 + n,
            "slug": slug(title),
            "title": title,
            "ymd": at.strftime("%Y/%m/%d"),
            "iso": at.isoformat(),
            "day": at.strftime(day),
            "odd": "odd" if n % 2 else "even",
        }
        link = Template(href).substitute(values)
        values["href"] = link
        links.append(link)
        days.append(at)
        rows.append(Template(row).substitute(values))
    html = Template(frame).safe_substitute(rows=between.join(rows))
    return Page(
        name=name,
        url=url,
        html=html,
        links=tuple(links),
        titles=titles,
        days=tuple(days) if day else (),
    )


MENU = """<nav><ul><li><a href="/">Home</a></li><li><a href="/press/">Press</a></li>
<li><a href="/about-us-and-our-history">About us and our long history</a></li>
<li><a href="/policies/foreign-and-security-policy">Foreign and security policy</a>
</li><li><a href="/jobs/open-positions-and-traineeships">Open positions</a></li>
<li><a href="/contact">Contact</a></li></ul></nav>"""
FOOT = """<footer><div><a href="/legal/privacy-statement-and-cookies">Privacy statement
and cookie policy of this site</a> <a href="/legal/accessibility-of-this-website">
Accessibility statement of this website</a> <a href="/legal/terms-and-conditions-of-use"
>Terms and conditions of its use</a> <a href="/sitemap-of-all-our-pages">Sitemap of all
the pages that we have</a> <a href="/rss-feeds-and-newsletters-overview">Feeds and
newsletters at one glance</a></div></footer>"""


def framed(content: str, *, head: str = "", lang: str = "en") -> str:
    return (
        f'<!doctype html><html lang="{lang}"><head><title>News</title>{head}</head>'
        f"<body>{MENU}{content}{FOOT}</body></html>"
    )


DEVELOPMENT = (
    page(
        "cards with a time",
        framed('<main><h1>Press</h1><div class="grid">$rows</div></main>'),
        '<article class="card"><img alt=""><h3><a href="$href">$title</a></h3>'
        '<time datetime="$iso">$day</time><a class="more" href="$href">Read</a>'
        "</article>",
        EN,
        href="/eeas/${slug}_en",
        day="%d %B %Y",
    ),
    page(
        "a plain list with dotted dates",
        framed('<div id="content"><ul class="news-list">$rows</ul></div>', lang="de"),
        '<li><span class="date">$day</span> <a href="$href">$title</a></li>',
        DE,
        href="/aktuell/$slug-$id.html",
        day="%d.%m.%Y",
    ),
    page(
        "a Korean board in a table",
        framed(
            '<div class="board"><table><thead><tr><th>번호</th><th>제목</th><th>날짜'
            "</th></tr></thead><tbody>$rows</tbody></table>"
            '<div class="paging"><a href="?p=2">2</a><a href="?p=3">3</a></div></div>',
            lang="ko",
        ),
        '<tr><td>$short</td><td class="tit"><a href="$href">$title</a></td>'
        "<td>담당자</td><td>$day</td></tr>",
        KO,
        href="view.do?seq=$id&page=1",
        day="%Y.%m.%d",
    ),
    page(
        "links that are the items",
        framed('<section class="latest">$rows</section>', lang="ru"),
        '<a class="latest__item" href="$href"><span class="latest__time">$day</span>'
        '<span class="latest__title">$title</span></a>',
        RU,
        href="/news/$ymd/$id",
        day="%d.%m.%Y",
    ),
    page(
        "image link before the headline",
        framed('<main><div class="posts">$rows</div></main>'),
        '<div class="post $odd"><a class="thumb" href="$href"><img src="t.jpg"></a>'
        '<a class="cat" href="/category/world">World</a><h2 class="post-title">'
        '<a href="$href">$title</a></h2><p>A summary that goes on for a while, with '
        'words and <a href="/topics/strait">a link</a>.</p><span class="when">$day'
        "</span></div>",
        EN,
        href="/$ymd/$slug/",
        day="%B %d, %Y",
    ),
    page(
        "no classes at all",
        framed("<h1>News</h1><ul>$rows</ul>"),
        '<li><a href="$href">$title</a> ($day)</li>',
        EN,
        href="press-release-$id",
        day="%d/%m/%Y",
    ),
    page(
        "generated class names",
        framed('<div class="css-1x2y3z"><div class="css-998877">$rows</div></div>'),
        '<div class="css-a1b2c3"><a class="sc-bdVaJa-$n" href="$href"><h3 class='
        '"css-77aa88">$title</h3><p>Two lines of a summary that nobody reads.</p></a>'
        "</div>",
        EN,
        href="/story/$slug",
    ),
    page(
        "a sidebar with the same markup",
        framed(
            '<main id="list"><ul class="items">$rows</ul></main><aside class="popular">'
            '<h4>Most read</h4><ul class="items">'
            + "".join(
                f'<li class="item"><a href="/articles/{slug(t)}-old-{n}99999">{t} of '
                "yesterday and before</a></li>"
                for n, t in enumerate(EN[:6])
            )
            + "</ul></aside>"
        ),
        '<li class="item"><a href="$href">$title</a><time datetime="$iso">$day</time>'
        "</li>",
        EN,
        href="/articles/$slug-$id",
        day="%d %b %Y",
    ),
    page(
        "short slugs",
        framed('<div class="newsroom"><div class="rows">$rows</div></div>'),
        '<div class="row-item"><div class="row-item__meta"><time>$day</time></div>'
        '<div class="row-item__head"><a href="$href">$title</a></div></div>',
        EN,
        href="/newsroom/item-$short",
        day="%Y-%m-%d",
    ),
    page(
        "a Japanese definition list",
        framed('<div class="contents"><dl class="topics">$rows</dl></div>', lang="ja"),
        '<div><dt>$day</dt><dd><a href="$href">$title</a></dd></div>',
        JA,
        href="/press/release/press4_$id.html",
        day="%Y年%m月%d日",
    ),
    page(
        "whole cards in a link",
        framed('<div class="teasers">$rows</div>', lang="ru"),
        '<div class="teaser"><a href="$href"><picture><img></picture><h4>$title</h4>'
        '<div class="teaser-lead">Подробности дела, о котором идёт речь, читайте в '
        'нашем материале.</div><div class="teaser-date">$day</div></a></div>',
        RU,
        href="/doc/$id",
        day="%d.%m.%Y",
    ),
    page(
        "sections and stories in one list",
        framed(
            '<div class="wrap"><div class="box"><ul>'
            + "".join(
                f'<li><a href="/section/{n}">Section {n}</a></li>' for n in range(9)
            )
            + '</ul></div><div class="box"><ul>$rows</ul></div></div>'
        ),
        '<li><a href="$href">$title</a></li>',
        EN,
        href="/world/$slug",
    ),
)

HELD_OUT = (
    page(
        "a ministry's board of div rows",
        framed(
            '<div id="contents"><div class="list_wrap"><div class="list_body">$rows'
            '</div></div><div class="pagination"><a href="?pg=2">다음 페이지로 이동하기'
            "</a></div></div>",
            lang="ko",
        ),
        '<div class="list_row"><div class="num">$short</div><div class="subject">'
        '<a href="$href" title="새창">$title</a></div><div class="writer">대변인실</div>'
        '<div class="date">$day</div></div>',
        KO,
        href="/www/brd/m_4080/view.do?seq=$id",
        day="%Y-%m-%d",
    ),
    page(
        "articles with a header each",
        framed('<main class="site-main">$rows</main>'),
        '<article class="post-$id type-post hentry"><header class="entry-header"><h2 '
        'class="entry-title"><a href="$href" rel="bookmark">$title</a></h2><div class='
        '"entry-meta"><a href="$href"><time class="entry-date" datetime="${iso}T09:30:00'
        '+00:00">$day</time></a></div></header><div class="entry-summary"><p>Words of '
        "a summary.</p></div></article>",
        EN,
        href="https://site.test/$slug/",
        day="%B %d, %Y",
    ),
    page(
        "a front page of sections",
        framed(
            '<div class="front"><div class="hero"><h1><a href="/politics/the-one-big-'
            'story-of-the-day-886001">The one big story of this day</a></h1></div>'
            '<section class="block"><h2><a href="/world">World</a></h2>$rows</section>'
            "</div>"
        ),
        '<div class="block__story"><a class="block__link" href="$href">$title</a></div>',
        EN,
        href="/world/$slug-$id",
    ),
    page(
        "Russian news by the hour",
        framed('<div class="feed"><div class="feed-list">$rows</div></div>', lang="ru"),
        '<div class="feed-list__item"><div class="feed-list__date">$day, 14:05</div>'
        '<a href="$href" class="feed-list__link">$title</a><a href="/rubric/politics" '
        'class="feed-list__rubric">Политика</a></div>',
        RU,
        href="/politics/$id/",
        day="%d.%m.%Y",
    ),
    page(
        "a table of documents",
        framed(
            '<table class="views-table"><tr><th>Date</th><th>Title</th><th>Type</th>'
            "</tr>$rows</table>"
        ),
        '<tr class="$odd"><td class="views-field-date">$day</td><td><a href="$href">'
        '$title</a></td><td><a href="/type/press">Press release</a></td></tr>',
        EN,
        href="/documents/$iso/$slug.pdf.html",
        day="%d/%m/%Y",
    ),
    page(
        "tailwind",
        framed(
            '<div class="mx-auto max-w-7xl"><div class="grid gap-8">$rows</div></div>'
        ),
        '<div class="flex flex-col md:w-1/2"><a href="$href" class="block"><span class='
        '"text-lg font-bold">$title</span></a><span class="text-sm">$day</span></div>',
        EN,
        href="/news/$slug",
        day="%d %b %Y",
    ),
    page(
        "Japanese list with an image before",
        framed('<div id="main"><ul class="newslist">$rows</ul></div>', lang="ja"),
        '<li><a href="$href"><img alt="" src="$n.jpg"></a><p class="txt"><a href="$href">'
        '$title</a></p><p class="day">$day</p></li>',
        JA,
        href="/news/html/k1001$id.html",
        day="%Y年%m月%d日",
    ),
    page(
        "headings without any item around",
        framed('<div class="archive">$rows</div>', lang="de"),
        '<h3><a href="$href">$title</a></h3><p class="info">$day</p>',
        DE,
        href="/meldungen/$slug",
        day="%d.%m.%Y",
    ),
    page(
        "data tables of an old site",
        "<html><body bgcolor=white><table><tr><td><a href=/>Home</a><br><a href="
        "/news.htm>News</a></td><td><font size=2>$rows</font></td></tr></table></body>"
        "</html>",
        '<p><b>$day</b><br><a href="$href">$title</a></p>',
        EN,
        href="pr$id.htm",
        day="%B %d, %Y",
    ),
    page(
        "a list with a promoted card",
        framed(
            '<div class="listing"><div class="card card--promoted"><a href="/subscribe-to'
            '-our-weekly-letter-today">Subscribe to our weekly letter today</a></div>'
            "$rows</div>"
        ),
        '<div class="card"><a class="card__title" href="$href">$title</a>'
        '<p class="card__date">$day</p></div>',
        EN,
        href="/opinion/$ymd/$slug",
        day="%d %B %Y",
    ),
    page(
        "links behind parameters",
        framed('<div class="article_list"><ol>$rows</ol></div>', lang="ko"),
        '<li class="article"><strong class="tit"><a href="$href">$title</a></strong>'
        '<span class="lead">기사의 첫 문장이 여기에 길게 이어집니다.</span>'
        '<em class="info">$day 09:30</em></li>',
        KO,
        href="articleView.html?idxno=$id",
        day="%Y.%m.%d",
    ),
    page(
        "two columns of stories",
        framed(
            '<div class="cols"><div class="col-left"><div class="story-list">$rows</div>'
            '</div><div class="col-right"><div class="related"><h4>Related topics</h4>'
            '<ul><li><a href="/topics/black-sea-grain-and-food-security">Black Sea grain '
            'and food security</a></li><li><a href="/topics/missile-tests-of-the-north">'
            "Missile tests of the North</a></li></ul></div></div></div>"
        ),
        '<div class="story"><span class="kicker"><a href="/tag/diplomacy">Diplomacy</a>'
        '</span><h3 class="story-head"><a href="$href">$title</a></h3><p class="byline">'
        'By <a href="/authors/jane-doe-kim-and-john-smith">Jane Doe</a> | <span class='
        '"stamp">$day</span></p></div>',
        EN,
        href="/stories/$slug",
        day="%Y-%m-%d",
    ),
)
