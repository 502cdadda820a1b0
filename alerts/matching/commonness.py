"""Which declared spellings stand in ordinary sentences and so would alert all day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.matching.normal import key
from alerts.matching.sample import SAMPLE
from alerts.model import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from alerts.matching.naming import Naming
    from alerts.matching.surfaces import Surface
    from alerts.model import Entity

SHARE = 0.05
"""Of the sentences of one language; more is too common (MATCHING pitfall 14)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """A spelling that stands in ``hits`` of ``sentences`` ordinary ones.

    ``index`` counts the entity's aliases from 0.
    """

    entity: str
    index: int
    alias: str
    language: str
    hits: int
    sentences: int


def too_common(
    entities: Mapping[str, Entity],
    named: Callable[[Document], tuple[Naming, ...]],
    surfaces: Callable[[str], tuple[Surface, ...]],
) -> Iterator[Common]:
    """Every spelling above the share, worst language first of each; few are."""
    worst: dict[tuple[str, str], tuple[int, str, int]] = {}
    for language, text in SAMPLE.items():
        sentences = text.splitlines()
        seen: Counter[tuple[str, str]] = Counter()
        for sentence in sentences:
            found = named(Document(title="", text=sentence, language=language))
            seen.update({(e.entity, key(e.surface)) for e in found if not e.needs})
        by_alias: Counter[tuple[str, str]] = Counter()
        for (entity, normal), hits in seen.items():
            by_alias[entity, _alias_of(normal, surfaces(entity))] += hits
        for place, hits in by_alias.items():
            if hits > SHARE * len(sentences):
                worst[place] = max(
                    worst.get(place, (0, "", 0)), (hits, language, len(sentences))
                )
    for (entity, text), (hits, language, total) in worst.items():
        texts = [alias.text for alias in entities[entity].aliases]
        yield Common(
            entity=entity,
            index=texts.index(text) if text in texts else 0,
            alias=text,
            language=language,
            hits=hits,
            sentences=total,
        )


def _alias_of(normal: str, surfaces: tuple[Surface, ...]) -> str:
    """The declared spelling that a surface comes from."""
    for surface in surfaces:
        form = key(surface.text)
        if normal == form or (surface.prefix and normal.startswith(form)):
            return surface.alias
    return normal
