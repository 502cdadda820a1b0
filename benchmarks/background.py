"""Makes what ships in ``alerts/stories/lexicon``: rarities of terms, country names.

``background.bin``: from the word frequencies of wordfreq 3.1 (Robyn Speer; the data
is CC BY-SA 4.0), cut to the terms by which stories are told. ``countries.txt``: the
names of countries in Unicode's CLDR, as babel carries them.

Run: ``pip install wordfreq`` once, then ``python benchmarks/background.py``.
"""

from __future__ import annotations

import math
import re
import struct
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from babel import Locale  # noqa: E402

from alerts.stories import lexicon  # noqa: E402
from alerts.stories.background import (  # noqa: E402
    CONCEPTS,
    RAREST,
    STEP,
    WORDS,
    digest,
)
from alerts.stories.tokens import terms, tokens  # noqa: E402

FOLDER = ROOT / "alerts" / "stories" / "lexicon"
LANGUAGES = (  # noqa: SIM905 - read as a list of codes
    "ar bg ca cs da de el en es fi fr he hu id it ja ko lt lv mk nb nl pl pt ro ru"
    " sh sk sl sv tr uk zh"
).split()
CLDR = "en ru uk ko fr de it es pl ja zh cs ro nl".split()  # noqa: SIM905
NO_COUNTRY = {"EU", "UN", "EZ", "QO", "ZZ", "XA", "XB", "AQ"}
LEAST = 1e-6
"""Frequency under which a term is left out: it is as rare as a name."""

CONCEPT_WORDS = 100


def chance(frequency: float, words: int) -> float:
    """-log of the chance to meet it in that many words."""
    return min(RAREST, -math.log(1 - math.exp(-words * frequency)))


def frequencies(language: str) -> Counter[str]:
    """Frequency of every term of a language."""
    from wordfreq import get_frequency_dict

    found: Counter[str] = Counter()
    for word, frequency in get_frequency_dict(language, "small").items():
        for token in tokens(word, 99):
            for term in terms(token, language):
                found[term] += frequency
    return found


def concept_rarities() -> dict[str, float]:
    """Mean over the spaced languages of the rarity of a concept's words together."""
    from wordfreq import get_frequency_dict

    sums: dict[str, list[float]] = {}
    for language in CLDR:
        if language in lexicon.SPACELESS:
            continue
        said: Counter[str] = Counter()
        for word, frequency in get_frequency_dict(language, "small").items():
            for anchor in lexicon.in_word(word, language):
                said[anchor] += frequency
        for name in lexicon.names():
            often = max(said[lexicon.CONCEPT + name], LEAST)
            sums.setdefault(name, []).append(chance(often, CONCEPT_WORDS))
    return {name: sum(all_) / len(all_) for name, all_ in sums.items()}


def background() -> bytes:
    """The whole file: a count, then per language its name, its size, its rows."""
    tables = {
        language: {
            digest(term): chance(often, WORDS)
            for term, often in frequencies(language).items()
            if often >= LEAST
        }
        for language in LANGUAGES
    }
    rare = concept_rarities()
    tables[CONCEPTS] = {digest(name): much for name, much in rare.items()}
    parts = [struct.pack("<I", len(tables))]
    for language, rows in tables.items():
        ordered = sorted(rows.items())
        parts.append(struct.pack("<8sI", language.encode(), len(ordered)))
        parts.append(struct.pack(f"<{len(ordered)}I", *(key for key, _ in ordered)))
        parts.append(bytes(min(255, round(much * STEP)) for _, much in ordered))
    return b"".join(parts)


def country_names(language: str, code: str) -> set[str]:
    """The name of a country as entries: beginnings of words, joined by ``_``."""
    locales = {"zh": ("zh_Hans", "zh_Hant", "zh_Hant_HK")}.get(language, (language,))
    found = set()
    for locale in locales:
        name = Locale.parse(locale).territories.get(code, "")
        name = re.split(r"[（(]|\s[-–]\s", name)[0].strip().lower()
        if language in lexicon.SPACELESS:
            found.add(name.replace(" ", ""))
            continue
        words = re.findall(r"[^\W\d_]+", name)
        found.add("_".join(w if len(w) < 5 else w[: max(4, len(w) - 2)] for w in words))
    return {name for name in found if len(name) > 1}


def countries() -> str:
    """The table of country names."""
    known = map(str, Locale.parse("en").territories)
    codes = sorted(
        code
        for code in known
        if re.fullmatch("[A-Z]{2}", code) and code not in NO_COUNTRY
    )
    lines = ["|".join(["country", *CLDR])]
    for code in codes:
        columns = (" ".join(sorted(country_names(one, code))) for one in CLDR)
        lines.append("|".join([code, *columns]))
    return "\n".join(lines) + "\n"


def main() -> None:
    (FOLDER / "countries.txt").write_text(countries(), "utf-8")
    (FOLDER / "background.bin").write_bytes(background())


if __name__ == "__main__":
    main()
