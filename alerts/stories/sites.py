"""Which site a link leads to, and which site is whose."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from crawler.hosts import SECOND_LEVEL, domain, is_suffix

_SHARED = """
feedburner.com feedburner.google.com news.google.com google.com bing.com
news.yahoo.com msn.com flipboard.com smartnews.com ground.news
t.me telegram.org telegram.me rsshub.app rss.app feedly.com inoreader.com
wordpress.com blogspot.com blogger.com medium.com substack.com tumblr.com
ghost.io github.io twitter.com x.com facebook.com vk.com youtube.com
instagram.com reddit.com bsky.app mastodon.social mstdn.social
ya.ru dzen.ru naver.com daum.net
"""
SHARED = frozenset(_SHARED.split())
"""Sites where anyone publishes or everyone is quoted: they name no owner."""

SEARCHES = frozenset({"news.google.com", "bing.com", "news.yahoo.com", "dzen.ru"})
"""Sites whose feeds are searches: what they find is somebody else's."""

_FRONT = re.compile(
    r"^(?:www\d?|m|mobile|amp|rss|feeds?|rssexport|xml|export|news|en|ru|ko|kr|jp|de|fr"
    r"|it|uk|ua|english|russian|korean)\.(?=[^.]+\.)"
)


def site(url: str | None) -> str:
    """The host of a link in lower case, without ``www.``, ``rss.`` and their like.

    Empty for no link. ``news.google.com`` stays whole, ``rss.dw.com`` is ``dw.com``.
    """
    if not url:
        return ""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
    while host not in SHARED and (front := _FRONT.match(host)):
        if host[front.end() :] in SECOND_LEVEL or is_suffix(host[front.end() :]):
            break
        host = host[front.end() :]
    return host


def shared(host: str) -> bool:
    """Whether a site, or the one it is a part of, is a place for everyone."""
    return host in SHARED or domain(host) in SHARED
