"""What a report says otherwise than before, in the languages of the axis."""

from __future__ import annotations

import pytest

from alerts.model import Changed
from alerts.stories.amounts import amounts
from alerts.stories.revisions import bare_headline, compare, compare_entry
from alerts.stories.sentences import sentences

EN = """\
A ferry with 240 passengers ran aground on Monday, the harbour master said. At least \
twelve people were hurt.
“We saw the rocks far too late to turn away,” the first officer said on the quay.
The sea was calm, according to the coast guard. The ship was built in 1987.
The company has not spoken yet. Its office was closed all day."""


def found(
    old: str, new: str, language: str = "en", titles: tuple[str, str] = ("A", "A")
) -> list[tuple[str, str, str]]:
    compared = compare((titles[0], old), (titles[1], new), language)
    return [(one.what.value, one.old, one.new) for one in compared.differences]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("240 passengers", "310 passengers", ("number", "240", "310")),
        ("twelve people", "thirty-one people", ("number", "twelve", "thirty-one")),
        ("twelve people", "12 people", None),
        ("twelve people", "a dozen of people", ("number", "twelve", "dozen")),
        ("The sea", "The cold sea", None),
        ("built in 1987", "built in 1978", ("number", "1987", "1978")),
        (
            "far too late to turn away",
            "but nobody was at the wheel",
            (
                "quote",
                "We saw the rocks far too late to turn away,",
                "We saw the rocks but nobody was at the wheel,",
            ),
        ),
        ("“We saw", "«We saw", None),
        ("turn away,”", "turn away», »", None),
    ],
)
def test_a_number_or_a_quote_is_told_and_a_rewording_is_not(
    old: str, new: str, told: tuple[str, str, str] | None
) -> None:
    assert old in EN
    assert found(EN, EN.replace(old, new)) == ([told] if told else [])


@pytest.mark.parametrize(
    ("language", "old", "new", "told"),
    [
        (
            "ko",
            "해경은 승객 240명을 구조했다고 밝혔다. 배는 부두로 옮겨졌다.",
            "해경은 승객 310명을 구조했다고 밝혔다. 배는 부두로 옮겨졌다.",
            ("240", "310"),
        ),
        (
            "ko",
            "회담은 사흘 동안 수도에서 이어진다. 외무부가 이렇게 밝혔다.",
            "회담은 닷새 동안 수도에서 이어진다. 외무부가 이렇게 밝혔다.",
            ("사흘", "닷새"),
        ),
        (
            "ru",
            "В порту загорелся склад, пострадали двенадцать человек. Пожар потушен.",
            "В порту загорелся склад, пострадали двадцать человек. Пожар потушен.",
            ("двенадцать", "двадцать"),
        ),
        (
            "de",
            "Bei dem Brand wurden 14 Menschen verletzt. Das Feuer brach am Abend aus.",
            "Bei dem Brand wurden 41 Menschen verletzt. Das Feuer brach am Abend aus.",
            ("14", "41"),
        ),
        (
            "fr",
            "Près de 1 200 emplois en dépendent, selon le port. La grève continue.",
            "Près de 2 200 emplois en dépendent, selon le port. La grève continue.",
            ("1 200", "2 200"),
        ),
        (
            "ja",
            "この事故で三人が重傷を負ったと発表された。海は穏やかだったという。",
            "この事故で七人が重傷を負ったと発表された。海は穏やかだったという。",
            ("三", "七"),
        ),
    ],
)
def test_numbers_are_read_in_every_language_of_the_axis(
    language: str, old: str, new: str, told: tuple[str, str]
) -> None:
    assert found(old, new, language) == [("number", *told)]


def test_a_number_that_came_in_or_went_is_told() -> None:
    vague = EN.replace("At least twelve people", "Several people")
    assert found(vague, EN) == [("number", "", "twelve")]
    assert found(EN, vague) == [("number", "twelve", "")]


def test_a_quote_that_was_taken_out_is_told_but_not_one_that_was_added() -> None:
    without = "\n".join(line for line in EN.splitlines() if "“" not in line)
    quote = "We saw the rocks far too late to turn away,"
    assert found(EN, without) == [("quote", quote, "")]
    assert found(without, EN) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Share 123", "Share 4,567"),
        ("Updated 5 minutes ago.", "Updated 3 hours ago."),
        ("Published: 22 November 2026, 14:05.", "Published: 23 November 2026, 09:10."),
        ("Floods kill 12 in Delmar", "Storm kills 47 in Varnia"),
        ("Join our 12,345 readers today.", "Join our 12,399 readers today."),
        ("“We will not pay 40 crowns,” farmers say", "“All is well,” say 12 bakers"),
        ("17 comments", "31 comments"),
        (
            "독자 31,340명이 함께합니다. 뉴스레터를 구독하세요.",
            "독자 9명. 뉴스레터를 구독하세요.",
        ),
    ],
)
@pytest.mark.parametrize("place", [0, 2, 4])
def test_what_surrounds_the_report_is_silent(
    before: str, after: str, place: int
) -> None:
    lines = EN.splitlines()
    old, new = [*lines], [*lines]
    old.insert(place, before)
    new.insert(place, after)
    assert found("\n".join(old), "\n".join(new)) == []


def test_prose_that_has_no_counterpart_tells_nothing() -> None:
    ticker = "\nThe index of the exchange closed at {n} points on Monday evening."
    assert found(EN, EN + ticker.format(n=2_512)) == []
    assert found(EN + ticker.format(n=2_512), EN) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Ferry aground", "UPDATE 2: Ferry aground"),
        ("[속보] 여객선 좌초", "여객선 좌초"),
        ("Ferry aground", "Ferry Aground | The Pier"),
        ("Ferry aground (updated 14:05)", "Ferry aground"),
        ("“Ferry” aground", "'Ferry' aground"),
    ],
)
def test_a_label_is_no_new_headline(old: str, new: str) -> None:
    assert found(EN, EN, titles=(old, new)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Ferry aground, 12 hurt", "Ferry aground, 31 hurt"),
        ("Envoy arrives for talks", "Envoy leaves without a deal"),
        ("여객선 좌초", "여객선 좌초, 선장 체포"),
        ("Watch your step: 12 fall", "Watch your step: 13 fall"),
    ],
)
def test_a_changed_headline_is_told(old: str, new: str) -> None:
    assert found(EN, EN, titles=(old, new)) == [("headline", old, new)]


def test_a_wall_is_another_page_and_a_report_written_anew_is_not() -> None:
    wall = "Please wait while we check your browser. It takes some seconds."
    assert not compare(("A ferry", EN), ("Just a moment", wall), "en").same_page
    assert not compare(("A ferry", EN), ("A ferry", wall), "en").same_page
    anew = (
        "Police spoke to the captain of a ferry on Tuesday.\nHe slept, they believe.\n"
        "His lawyer would not say a word about the night. The yard expects the ship."
    )
    compared = compare(
        ("Ferry aground off Marlow", EN), ("Ferry off Marlow", anew), "en"
    )
    assert compared.same_page
    assert [one.what for one in compared.differences] == [Changed.HEADLINE]


def test_a_feeds_own_headline_is_no_revision_but_its_number_is() -> None:
    teaser = (
        "A ferry with 240 passengers ran aground on Monday, the harbour master said."
    )
    own = compare_entry(("Ship on rocks", teaser), ("Ferry aground", EN), "en")
    assert own.differences == ()
    titles = ("Ferry aground, 12 are hurt", "Ferry aground, 31 are hurt")
    told = compare_entry((titles[0], teaser), (titles[1], EN), "en").differences
    assert [(one.old, one.new) for one in told] == [titles]
    other = EN.replace("240", "310")
    told = compare_entry(("A", teaser), ("B", other), "en").differences
    assert [(one.old, one.new) for one in told] == [("240", "310")]


def test_news_about_comments_and_articles_is_prose() -> None:
    for text in (
        "The minister made the comments in parliament on Monday.",
        "The report was published on 12 March 2026 by the ministry.",
        "Министр заявил об этом в комментарии агентству в понедельник.",
        "長官は記者団に対してコメントした上で登録制度を説明した。",
        "국회는 수정안을 12일 처리하기로 했다고 의장이 말했다.",
    ):
        assert all(one.is_prose for one in sentences(text)), text


def test_values_do_not_depend_on_how_they_are_written() -> None:
    for text, language in (
        ("1,200", "en"),
        ("1.200", "de"),
        ("1 200", "ru"),
        ("1\u202f200", "fr"),
    ):
        assert [one.value for one in amounts(text, language)] == ["1200"]
    assert amounts("five months ago, 5 minutes ago", None)[0].shown == "five"


def test_a_bare_headline_is_never_empty() -> None:
    assert bare_headline("[Live]") == "[Live]"
