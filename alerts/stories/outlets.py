"""Whose an item is: what independent reports are counted by.

    the source's owner, else whose site the link leads to, else that site itself

Media that one state controls speak with one voice: TASS, RIA Novosti and the
Kremlin's own pages are ``state:RU`` together, however many of them carry a line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from alerts.stories.names import Names, derived
from alerts.stories.newsrooms import NEWSROOMS
from alerts.stories.sites import SEARCHES, shared, site
from crawler.hosts import domain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from alerts.stories.newsrooms import Newsroom
    from crawler.items import Item, Source

_PUBLISHER = re.compile(r"\s[-–—|]\s([^|–—]{2,60})$")
_ONE_SITE = re.compile(r"^[^?]*\?(?:[^#]*&)?q=[^&#]*\bsite:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Outlet:
    """Who publishes: ``owner`` is an id, never empty; ``country`` ISO or ``EU``.

    ``official`` is an institution that speaks for itself, ``agency`` a wire service.
    """

    owner: str
    country: str | None = None
    official: bool = False
    agency: bool = False


@dataclass(frozen=True, slots=True)
class Outlets:
    """Every outlet that the config and the table of newsrooms know."""

    names: Names
    _of_source: Mapping[str, Outlet] = field(repr=False)
    _of_site: Mapping[str, Outlet] = field(repr=False)
    _of_owner: Mapping[str, Outlet] = field(repr=False)
    _official: frozenset[str] = field(repr=False)
    _searches: frozenset[str] = field(repr=False)
    _divided: frozenset[str] = field(repr=False)

    @classmethod
    def of(cls, sources: Mapping[str, Source]) -> Outlets:
        """Compiled once per config; ``sources`` by name, dead ones speak too."""
        searches = frozenset(
            name for name, source in sources.items() if _is_search(source)
        )
        declared = {n: s for n, s in sources.items() if n not in searches}
        by_owner = _state_voices(declared.values())
        of_source = {
            name: _outlet(source, by_owner)
            for name, source in declared.items()
            if source.owner
        }
        of_site = _sites(declared, of_source)
        voices = [_voice(room, of_site) for room in NEWSROOMS]
        for room, outlet in zip(NEWSROOMS, voices, strict=True):
            for host in room.hosts:
                of_site.setdefault(host, outlet)
        known = [
            (name, outlet.owner, outlet.agency)
            for room, outlet in zip(NEWSROOMS, voices, strict=True)
            for name in room.names
        ]
        printed = [
            (derived(name), of_source[name].owner)
            for name, source in declared.items()
            if name in of_source and not source.official
        ]
        return cls(
            names=Names.of(known, printed),
            _of_source=of_source,
            _of_site=of_site,
            _of_owner={
                one.owner: replace(one, official=False)
                for one in (*of_source.values(), *voices)
            },
            _official=_official_sites(declared.values()),
            _searches=searches,
            _divided=_divided(of_site),
        )

    def of_item(self, item: Item) -> Outlet:
        """The outlet of an item; of a standing search, the outlet it found."""
        host = site(item.url or item.canonical_url)
        if item.source in self._searches:
            return self._found(item, host)
        outlet = self._of_source.get(item.source)
        if outlet is not None:
            return outlet
        if host and not shared(host):
            return self._of_host(host)
        return Outlet(owner=item.source or item.id)

    def _found(self, item: Item, host: str) -> Outlet:
        """What a search found: by its link, or by the publisher after the title."""
        if host and not shared(host):
            return self._of_host(host)
        tail = _PUBLISHER.search(item.title)
        if tail is None:
            return Outlet(owner=item.id)
        name = tail[1].strip()
        owner = self.names.owner(name)
        if owner is not None:
            known = self._of_owner[owner]
            return replace(known, agency=owner in self.names.agencies)
        return self._of_host(name.lower()) if "." in name else Outlet(name.lower())

    def _of_host(self, host: str) -> Outlet:
        known = self._of_site.get(host) or self._of_site.get(domain(host))
        if known is not None:
            return known
        whole = domain(host)
        official = host in self._official or whole in self._official
        return Outlet(
            owner=host if whole in self._divided else whole, official=official
        )


def state(country: str | None) -> str:
    """The one voice of the media and offices that a state controls."""
    return f"state:{country}" if country else "state"


def _is_search(source: Source) -> bool:
    """A feed of search results; one that asks for a single site is that site's."""
    if site(source.url) not in SEARCHES:
        return False
    return source.owner is None or not _ONE_SITE.search(unquote_plus(source.url))


def _state_voices(sources: Iterable[Source]) -> dict[str, str]:
    """Owners of state media; what one source says of an owner holds for all."""
    return {
        s.owner: state(s.country) for s in sources if s.owner and s.state_controlled
    }


def _outlet(source: Source, voices: Mapping[str, str]) -> Outlet:
    owner = source.owner or ""
    return Outlet(
        owner=voices.get(owner, owner),
        country=source.country,
        official=source.official,
        agency="agency" in source.tags,
    )


def _sites(
    sources: Mapping[str, Source], outlets: Mapping[str, Outlet]
) -> dict[str, Outlet]:
    """Sites and registered domains with one owner; a site of several names none."""
    found: dict[str, set[Outlet]] = {}
    for name, outlet in outlets.items():
        host = site(sources[name].url)
        if host and not shared(host):
            for place in {host, domain(host)}:
                found.setdefault(place, set()).add(outlet)
    return {
        place: _common(outlets)
        for place, outlets in found.items()
        if len({one.owner for one in outlets}) == 1
    }


def _common(outlets: set[Outlet]) -> Outlet:
    """What all sources of a site agree on."""
    owner = next(iter(outlets)).owner
    countries = {one.country for one in outlets}
    return Outlet(
        owner=owner,
        country=countries.pop() if len(countries) == 1 else None,
        official=all(one.official for one in outlets),
        agency=any(one.agency for one in outlets),
    )


def _official_sites(sources: Iterable[Source]) -> frozenset[str]:
    """Sites and domains on which every watched source is an institution's."""
    said: dict[str, bool] = {}
    for source in sources:
        host = site(source.url)
        if host and not shared(host):
            for place in {host, domain(host)}:
                said[place] = said.get(place, True) and source.official
    return frozenset(place for place, official in said.items() if official)


def _divided(of_site: Mapping[str, Outlet]) -> frozenset[str]:
    """Domains that are several owners' together, as ``europa.eu`` is."""
    return frozenset(domain(host) for host in of_site) - of_site.keys()


def _voice(room: Newsroom, of_site: Mapping[str, Outlet]) -> Outlet:
    """The newsroom as the config calls it, if one of its sites is watched."""
    for host in room.hosts:
        if host in of_site:
            known = of_site[host]
            return Outlet(known.owner, known.country, known.official, room.agency)
    owner = state(room.country) if room.state else room.owner
    return Outlet(owner=owner, country=room.country, agency=room.agency)
