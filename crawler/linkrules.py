"""Which links of a list are wanted: the patterns `allow` and `deny`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.urls import canonical_url

if TYPE_CHECKING:
    from collections.abc import Sequence


def wanted(link: str, *, allow: Sequence[str], deny: Sequence[str]) -> bool:
    """Whether a pattern of ``allow`` (none: all) finds the link and none of ``deny``.

    A pattern is tried on the link as published and on its canonical form, so that
    ``_en$`` also finds ``…_en?utm_source=x`` and ``…_en/``.
    """
    forms = (link, canonical_url(link))

    def found(pattern: str) -> bool:
        return any(re.search(pattern, form) for form in forms)

    return (not allow or any(map(found, allow))) and not any(map(found, deny))
