"""Articles read lately, by URL: a page that two sources name is asked for once.

In memory and bounded; what was stored in an earlier run is known by its item.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from crawler.items import Article

MOST_PAGES = 512
MOST_CHARS = 4_000_000
"""Of all texts kept: some 15 MB in the worst script."""


class PagesRead:
    """Remembers what reading a page gave, also that it gave nothing."""

    def __init__(
        self, *, most_pages: int = MOST_PAGES, most_chars: int = MOST_CHARS
    ) -> None:
        self._most_pages = most_pages
        self._most_chars = most_chars
        self._known: OrderedDict[str, Article | None] = OrderedDict()
        self._chars = 0
        self._reading: dict[str, asyncio.Lock] = {}

    async def get(
        self, url: str, read: Callable[[], Awaitable[Article | None]]
    ) -> Article | None:
        """The article at a URL; ``read`` is called unless it was read lately.

        Whoever asks while another reads waits for it. A read that is cancelled or
        raises leaves nothing behind.
        """
        lock = self._reading.setdefault(url, asyncio.Lock())
        try:
            async with lock:
                if url not in self._known:
                    self._keep(url, await read())
                self._known.move_to_end(url)
                return self._known[url]
        finally:
            if not lock.locked() and self._reading.get(url) is lock:
                del self._reading[url]

    def _keep(self, url: str, article: Article | None) -> None:
        self._known[url] = article
        self._chars += len(article.text) if article else 0
        while len(self._known) > 1 and (
            len(self._known) > self._most_pages or self._chars > self._most_chars
        ):
            _, oldest = self._known.popitem(last=False)
            self._chars -= len(oldest.text) if oldest else 0
