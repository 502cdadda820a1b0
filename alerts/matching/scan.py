"""From patterns in place to mentions: every condition an alias can set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.matching.automaton import (
    COMPOUND_TAIL,
    COMPOUNDING,
    TAIL,
    Found,
    Hit,
    followed_by,
    preceded_by,
)
from alerts.matching.boundary import left_holds, right_end
from alerts.matching.holding import Holding, same_language
from alerts.matching.normal import cased

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alerts.matching.automaton import Automaton, Spelling
    from alerts.matching.holding import Search
    from alerts.matching.names import Names
    from alerts.matching.reading import Reading

ACRONYM = 4
"""Letters up to which a case-sensitive alias is an acronym, bound to its language."""

_RANK = {"exact": 0, "form": 1, "gated": 2, "glued": 3}


def scan(reading: Reading, automaton: Automaton, names: Names, search: Search) -> None:
    """Fill ``reading.hits`` with every mention in it.

    Order matters: gates and ``not_near`` ask for the mentions that stand without
    them, and names are guessed last, beside what is spelled right.
    """
    later: list[Found] = []
    hits: list[Hit] = []
    tail = tail_for(reading.document.language)
    for found in automaton.find(reading.text, tail=tail):
        spelling = found.spelling
        if not found.glued and spelling.plain:
            hits.append(Hit(found.start, found.end, spelling.how, spelling.atom))
        elif (hit := mention(reading, found, tail)) is not None:
            if spelling.when is None and spelling.not_near is None:
                hits.append(hit)
            else:
                later.append(found)
    _keep(reading, hits)
    if later:
        allowed = list(_allowed(reading, later, Holding(reading, search)))
        _keep(reading, [*hits, *allowed])
    if not names.empty:
        _guess(reading, names, search)


def tail_for(language: str | None) -> int:
    """The longest tail of ``word*`` in letters; longer where nouns are compounded."""
    base = (language or "").casefold().replace("_", "-").split("-")[0]
    return COMPOUND_TAIL if base in COMPOUNDING else TAIL


def _keep(reading: Reading, hits: Iterable[Hit]) -> None:
    """Group mentions by atom, in text order, the longest of those that nest."""
    grouped: dict[str, list[Hit]] = {}
    for hit in hits:
        grouped.setdefault(hit.atom, []).append(hit)
    for atom, mentions in grouped.items():
        if len(mentions) > 1:
            mentions.sort(key=lambda hit: (hit.start, -hit.end, _RANK.get(hit.how, 9)))
            end = -1
            kept = []
            for hit in mentions:
                if hit.end > end:
                    kept.append(hit)
                    end = hit.end
            grouped[atom] = kept
    reading.hits = grouped


def mention(reading: Reading, found: Found, tail: int) -> Hit | None:
    """The mention a pattern makes, or None if a condition of its alias fails."""
    start, end, spelling, glued = found
    hit = Hit(start, end, "glued" if glued else spelling.how, spelling.atom)
    if spelling.hanja and not reading.has_hangul:
        return None
    if glued and not _is_glued(reading, hit, spelling, tail):
        return None
    if spelling.not_followed_by and followed_by(
        reading.text, end, spelling.not_followed_by
    ):
        return None
    if spelling.not_preceded_by and preceded_by(
        reading.text, start, spelling.not_preceded_by
    ):
        return None
    if spelling.cased and not _is_cased(reading, hit, spelling):
        return None
    return hit


def _is_glued(reading: Reading, hit: Hit, spelling: Spelling, tail: int) -> bool:
    """Lost spaces round a capitalised name: ``toKim Jong Unand`` (MATCHING 2.5)."""
    surface = reading.surface(hit)
    last_word = surface.replace("-", " ").split()[-1:]
    if not surface[:1].isupper() or not last_word or not last_word[0][0].isupper():
        return False
    text = reading.text
    left = left_holds(text, hit.start, spelling.left) or reading.before(hit).islower()
    right = (
        right_end(text, hit.end, spelling.right, tail) >= 0
        or reading.after(hit).islower()
    )
    return left and right


def _is_cased(reading: Reading, hit: Hit, spelling: Spelling) -> bool:
    """Whether the case is the alias's own, and not that of a text in capitals.

    In a headline all in capitals French "a eu lieu" holds an EU: there an acronym
    counts only in its alias's language.
    """
    surface = reading.surface(hit)
    if surface not in spelling.cased:
        if surface.isascii() and "&" not in surface and " " not in surface:
            return False
        surface = cased(surface)
        if surface not in spelling.cased:
            return False
    language = reading.document.language
    if len(surface) > ACRONYM or not spelling.lang or not language:
        return True
    if same_language(language, spelling.lang.split("-")[0]):
        return True
    return not _in_capitals(reading, hit)


def _in_capitals(reading: Reading, hit: Hit) -> bool:
    """Whether the words on both sides of a hit are written in capitals only."""
    field, start, end = reading.original(hit)
    raw = reading.document.title if field == "title" else reading.document.text
    before = raw[max(0, start - 30) : start].split()[-1:]
    after = raw[end : end + 30].split()[:1]
    words = [word for word in (*before, *after) if any(map(str.isalpha, word))]
    return bool(words) and all(word.isupper() for word in words)


def _allowed(
    reading: Reading, later: Iterable[Found], holding: Holding
) -> Iterable[Hit]:
    """Mentions whose gate is open and that nothing nearby cancels."""
    gates: dict[int, bool] = {}
    for start, end, spelling, glued in later:
        hit = Hit(start, end, "glued" if glued else spelling.how, spelling.atom)
        if spelling.when is not None:
            gate = id(spelling.when)
            if gate not in gates:
                gates[gate] = holding.mentions(spelling.when) is not None
            if not gates[gate]:
                continue
        if spelling.not_near is not None:
            query, words = spelling.not_near
            if _disturbed(reading, hit, holding.mentions(query) or [], words):
                continue
        yield hit


def _disturbed(reading: Reading, hit: Hit, others: list[Hit], words: int) -> bool:
    in_title = hit.start < reading.title_end
    for other in others:
        if (other.start < reading.title_end) != in_title:
            continue
        if other.start >= hit.end:
            gap = reading.words_between(hit.end, other.start)
        else:
            gap = reading.words_between(other.end, hit.start)
        if gap <= words:
            return True
    return False


def _guess(reading: Reading, names: Names, search: Search) -> None:
    """Add misspelled names beside what is spelled right.

    One that lies inside a right spelling is dropped, and so is one that a right
    spelling fills but for the letters that are wrong ("Yoon Suk Yeol A").
    """
    right = [
        hit for hits in reading.hits.values() for hit in hits if hit.atom[0] == "@"
    ]
    guesses = list(names.find(reading, anchored=bool(right)))
    if not names.typos.empty:
        guesses.extend(_counted(reading, names, search))
    guesses.sort(key=lambda hit: (_edits(hit), hit.start - hit.end, hit.start))
    added: dict[str, list[Hit]] = {}
    for hit in guesses:
        if any(other.start <= hit.start and hit.end <= other.end for other in right):
            continue
        same = added.setdefault(hit.atom, [])
        if any(hit.start < other.end and other.start < hit.end for other in same):
            continue
        if not any(_fills(reading, other, hit) for other in right):
            same.append(hit)
    for atom, hits in added.items():
        if hits:
            reading.hits[atom] = sorted([*reading.hits.get(atom, ()), *hits])


def _counted(reading: Reading, names: Names, search: Search) -> list[Hit]:
    """Spellings with a number of wrong letters whose conditions hold."""
    later: list[Found] = []
    hits: list[Hit] = []
    for found in names.typos.find(reading):
        hit = mention(reading, found, TAIL)
        if hit is None:
            continue
        if found.spelling.when is None and found.spelling.not_near is None:
            hits.append(hit)
        else:
            later.append(found)
    return [*hits, *_allowed(reading, later, Holding(reading, search))]


def _fills(reading: Reading, inner: Hit, hit: Hit) -> bool:
    if inner.atom != hit.atom or inner.start < hit.start or hit.end < inner.end:
        return False
    return _letters(reading, hit) - _letters(reading, inner) <= max(1, _edits(hit))


def _letters(reading: Reading, hit: Hit) -> int:
    return sum(map(str.isalnum, reading.text[hit.start : hit.end]))


def _edits(hit: Hit) -> int:
    return int(hit.how[8:-1]) if hit.how.startswith("fuzzy(d=") else 0
