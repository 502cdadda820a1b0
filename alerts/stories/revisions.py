"""What a report says otherwise than before: its headline, a number, a quotation.

Pure. Two readings of one page differ nearly always: lists of other articles, counters,
adverts and stamps do not stand still. A number counts only inside prose that has a
counterpart in the old text: with every line taken for prose, 97 of the 200 made-up
pages of ``benchmarks/revisions.py`` raised a false alarm, with the rule none.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import TYPE_CHECKING

from alerts.model import Changed, Difference
from alerts.stories.amounts import Amount, amounts
from alerts.stories.pairing import Pairing, pair
from alerts.stories.quotations import Quotation, quotations, words_only
from alerts.stories.sentences import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from alerts.stories.sentences import Sentence

KEPT = 0.2
"""Less of the old prose than this, and it is another page: a wall, a front page."""

SAME_NEWS = 0.3
"""Likeness of headlines from which a text written anew is still the same report."""

MOSTLY = 0.5
"""Less of the old prose than this may be a teaser before a wall: what is missing
then is not taken out."""

REPEATED = 0.6
"""What the page must have of an entry's words before the two are compared at all."""

QUOTE_ALIKE = 0.4
MOST_LETTERS = 300
"""Of two texts that are compared letter by letter."""

MOST = 12
"""Differences told of one revision."""

_LABEL = re.compile(
    r"^(?:[\[【(<][^\]】)>]{1,24}[\]】)>]\s*"
    r"|(?:update\w*|live|breaking|exclusive|watch|video|photos?|developing|just in"
    r"|corrected|eilmeldung|liveticker|direct|en direct|diretta|video|última hora"
    r"|pilne|na żywo|срочно|молния|обновлено|обновляется|терміново|оновлено"
    r"|속보|단독|종합"
    r"|速報|快讯|更新)\s*\d{0,2}\s*[:|–—-]\s*)+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:\s*[\[(【](?:update\w*|live|video|photos?|corrected|\d+\s+\w+"
    r"|[^\])】]*\d\d?[:.]\d\d"
    r"[^\])】]*|종합\d?보?|\d보|обновлено[^)]*|дополнено|фото|видео|оновлено[^)]*"
    r"|aktualisiert[^)]*|mise? à jour[^)]*|aggiornato[^)]*)[\])】]"
    r"|\s*[|｜]\s*[^|｜]{2,40})+$",
    re.IGNORECASE,
)
_DATELINE = re.compile(r"^[^\W\d_].{1,70}?[\s)]\s?[-–—=]{1,2}\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two readings of a page compared.

    ``same_page`` is false if the new one is no version of the old: a paywall, a
    challenge, a front page. Its differences then mean nothing and are left out.
    """

    differences: tuple[Difference, ...] = ()
    same_page: bool = True


def compare(
    old: tuple[str, str], new: tuple[str, str], language: str | None
) -> Comparison:
    """What changed between two readings (title, text) of the same page."""
    paired = pair(old[1], new[1])
    if not _is_same_page(old[0], new, paired):
        return Comparison(same_page=False)
    found = [
        *_headline(old[0], new[0]),
        *_numbers(paired, language),
        *_quotes(old[1], new[1], paired),
    ]
    return Comparison(differences=tuple(found[:MOST]))


def compare_entry(
    entry: tuple[str, str], page: tuple[str, str], language: str | None
) -> Comparison:
    """What a page says otherwise than the feed's entry (title, text) that led to it.

    For the first look at a page, when no reading of it was kept. Feeds have headlines
    and teasers of their own, so of the headline only other numbers in the same words
    count, and nothing else unless the page repeats the entry's text.
    """
    paired = pair(entry[1], page[1])
    found = [*_headline_numbers(entry[0], page[0], language)]
    if entry[1] and paired.kept >= REPEATED:
        found += [one for one in _numbers(paired, language) if one.old and one.new]
        quotes = _quotes(entry[1], page[1], paired)
        found += [one for one in quotes if one.new]
    return Comparison(differences=tuple(found[:MOST]))


def bare_headline(title: str) -> str:
    """A headline without labels ("UPDATE 2:", "[속보]") and the site's name."""
    shorter = _TAIL.sub("", _LABEL.sub("", title.strip())).strip()
    return shorter or title.strip()


def _is_same_page(old_title: str, new: tuple[str, str], paired: Pairing) -> bool:
    if not any(one.is_prose for one in paired.old):
        return True  # it had no text to know it by
    if paired.kept >= KEPT:
        return True
    if not any(one.is_prose for one in paired.new):
        return False
    # Written anew from end to end: known by a headline that is changed, but alike.
    before, after = words_only(old_title), words_only(new[0])
    rewritten = len(paired.new) * 2 >= len(paired.old)
    return before != after and rewritten and _like(before, after) >= SAME_NEWS


def _headline(old: str, new: str) -> Iterator[Difference]:
    before, after = bare_headline(old), bare_headline(new)
    if old and new and words_only(before) != words_only(after):
        yield Difference(what=Changed.HEADLINE, old=old, new=new)


def _headline_numbers(old: str, new: str, language: str | None) -> Iterator[Difference]:
    before, after = bare_headline(old), bare_headline(new)
    had, has = amounts(before, language), amounts(after, language)
    if not had or len(had) != len(has):
        return
    if [one.value for one in had] == [one.value for one in has]:
        return
    masked = [_masked(before, had), _masked(after, has)]
    if _like(*masked) >= 1 - QUOTE_ALIKE / 2:
        yield Difference(what=Changed.HEADLINE, old=old, new=new)


def _masked(text: str, found: Sequence[Amount]) -> str:
    for one in found:
        text = text.replace(one.shown, "0", 1)
    return words_only(text)


def _numbers(paired: Pairing, language: str | None) -> Iterator[Difference]:
    told: set[tuple[str, str]] = set()
    for old, new in paired.reworded:
        for before, after in _changed(_told_in(old, language), _told_in(new, language)):
            if (before, after) not in told:
                told.add((before, after))
                yield Difference(
                    what=Changed.NUMBER, old=before, new=after, context=new.text
                )


def _told_in(sentence: Sentence, language: str | None) -> list[Amount]:
    """The sentence's numbers, without the date of a dateline before it."""
    text = sentence.text
    found = amounts(text, language)
    head = _DATELINE.match(text) if sentence.number <= 2 else None
    if head is None:
        return list(found)
    opening = amounts(head.group(), language)
    return [one for one in opening if not one.dated] + list(found[len(opening) :])


def _changed(old: Sequence[Amount], new: Sequence[Amount]) -> Iterator[tuple[str, str]]:
    """Numbers as written, before and after, of those whose value is not in both."""
    lost = _without(old, new)
    come = _without(new, old)
    if not lost or not come:
        # A date that a sentence gained or lost is a stamp; a count is news.
        lost = [one for one in lost if not one.dated]
        come = [one for one in come if not one.dated]
    for before, after in zip_longest(lost, come):
        yield (before.shown if before else "", after.shown if after else "")


def _without(some: Sequence[Amount], others: Sequence[Amount]) -> list[Amount]:
    spare = Counter(one.value for one in others)
    left = []
    for one in some:
        if spare[one.value]:
            spare[one.value] -= 1
        else:
            left.append(one)
    return left


def _quotes(old_text: str, new_text: str, paired: Pairing) -> Iterator[Difference]:
    """Quotations that were reworded, or taken out of a text that is otherwise there.

    A quotation that was only added is an article that grew, and no news of its own.
    """
    had, has = words_only(old_text), words_only(new_text)
    prose = {one.paragraph for one in paired.old if one.is_prose}
    before = [one for one in quotations(old_text) if one.paragraph in prose]
    prose = {one.paragraph for one in paired.new if one.is_prose}
    after = [one for one in quotations(new_text) if one.paragraph in prose]
    come = [one for one in after if one.key not in had]
    kept = {one.key for one in after}
    longer = [one.key for one in come]
    lost = [
        one
        for one in before
        # Words that are quoted no more may still be there: a quotation set apart.
        if one.key not in has
        or (one.key not in kept and any(one.key in more for more in longer))
    ]
    told: set[str] = set()
    for quote in lost:
        if quote.key in told:
            continue
        told.add(quote.key)
        best = max(come, key=lambda one: _like(quote.key, one.key), default=None)
        if best is not None and _like(quote.key, best.key) >= QUOTE_ALIKE:
            come.remove(best)
            yield Difference(what=Changed.QUOTE, old=quote.words, new=best.words)
        elif _was_taken_out(quote, paired):
            yield Difference(what=Changed.QUOTE, old=quote.words, new="")


def _was_taken_out(quote: Quotation, paired: Pairing) -> bool:
    """Whether what stood around it is still there."""
    if paired.kept < MOSTLY:
        return False
    there = {one.key for one in paired.new}
    there |= {one.key for one, _ in paired.reworded}
    near = [
        one
        for one in paired.old
        if one.is_prose and abs(one.paragraph - quote.paragraph) <= 1
    ]
    return any(one.key in there for one in near)


def _like(a: str, b: str) -> float:
    """Likeness of two texts by their letters in order, in [0, 1]."""
    some, other = plain(a)[:MOST_LETTERS], plain(b)[:MOST_LETTERS]
    return SequenceMatcher(None, some, other, autojunk=False).ratio()
