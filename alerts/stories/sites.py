"""Which site a link leads to, and which site is whose."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

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
_SECOND = "ac co com edu gob go gouv gov gv mil ne net nhs or org re rep"
_SECOND_LEVEL = frozenset(_SECOND.split())


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
        if host[front.end() :] in _SECOND_LEVEL or _is_suffix(host[front.end() :]):
            break
        host = host[front.end() :]
    return host


def domain(host: str) -> str:
    """The part of a host that somebody registered: ``example.co.kr``, ``example.eu``.

    Told by the common second levels (co, go, com ...) under two-letter countries;
    no public suffix list, which is larger than all else here.
    """
    labels = host.split(".")
    if len(labels) <= 2:
        return host
    return ".".join(labels[-3:] if _is_suffix(".".join(labels[-2:])) else labels[-2:])


def shared(host: str) -> bool:
    """Whether a site, or the one it is a part of, is a place for everyone."""
    return host in SHARED or domain(host) in SHARED


def _is_suffix(host: str) -> bool:
    second, _, top = host.partition(".")
    return len(top) == 2 and second in _SECOND_LEVEL
