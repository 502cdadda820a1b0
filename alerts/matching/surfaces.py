"""Every string that is looked for on behalf of an entity, for people to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.matching.names import fuzzy_edits
from alerts.matching.spellings import joined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alerts.model import Alias, Entity


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """One string that is looked for on behalf of an entity.

    ``alias`` is the spelling it was made from, ``how`` exact, form or gated;
    ``prefix`` lets a short tail follow, ``fuzzy`` is the number of edits forgiven,
    ``when`` the query that must hold in the same item.
    """

    text: str
    alias: str
    lang: str | None
    how: str
    prefix: bool = False
    case: bool = False
    fuzzy: int = 0
    when: str | None = None


def surfaces(entity: Entity) -> tuple[Surface, ...]:
    """The surfaces of an entity, in the order of its aliases."""
    return tuple(s for alias in entity.aliases for s in _of(alias, entity))


def _of(alias: Alias, entity: Entity) -> Iterator[Surface]:
    from alerts.matching.forms import expand  # loads the Russian dictionary

    for form in expand(alias, entity):
        yield Surface(
            text=form.text,
            alias=alias.text,
            lang=alias.lang,
            how="gated" if alias.when else form.how,
            prefix=form.prefix,
            case=alias.case,
            fuzzy=fuzzy_edits(alias, entity) if form.text == alias.text else 0,
            when=alias.when,
        )
    if entity.kind == "person" and not alias.case:
        for text in joined(alias.text):
            yield Surface(
                text=text,
                alias=alias.text,
                lang=alias.lang,
                how="gated" if alias.when else "form",
                when=alias.when,
            )
