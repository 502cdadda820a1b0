"""Links: resolved for reading, canonical for recognising the same page twice."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, unquote_to_bytes, urljoin, urlsplit

_LONGEST = 8192
_DEFAULT_PORTS = {"http": 80, "https": 443}

# Query parameters that say how the reader came, never what he reads. Names end with
# "*" where a family shares the prefix.
_TRACKING = """
utm_* at_* pk_* mtm_* hsa_* _hs* mc_* ga_* itm_* vero_* oly_* wt_* fb_* stm_*
fbclid gclid gclsrc dclid wbraid gbraid yclid ysclid ymclid msclkid twclid
ttclid igshid igsh mkt_tok _ga _gl _openstat from_rss ocid ito cmpid ncid
ns_campaign ns_mchannel ns_source ns_linkname ns_fee icid cid_source ref_src
ref_url guccounter guce_referrer guce_referrer_sig s_cid smid xtor sr_share
__twitter_impression feature_rss spref trk partner_rss outputtype amp
"""
_TRACKING_NAMES = frozenset(name for name in _TRACKING.split() if name[-1] != "*")
_TRACKING_PREFIXES = tuple(name[:-1] for name in _TRACKING.split() if name[-1] == "*")

_SAME_SITE = re.compile(r"^(?:www\d?|m|mobile|amp)\.(?=[^.]+\.)")
_UNRESERVED = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
)
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_IGNORED = re.compile(r"[\t\r\n]")
_EDGES = "".join(map(chr, range(0x21))) + "\x7f\xa0\u3000\ufeff\u200b"
# Absolute links that joining and checking leave as they are; most links are such.
_ORDINARY = re.compile(
    r"https?://[a-z0-9][a-z0-9.-]*+(?::[1-9]\d{0,3})?"
    r"(?:/[\w/.~%+,=:@!-]*+)?(?:\?[\w/.~%+,=:@!&-]++)?(?:#[\w/.~%+,=:@!&-]++)?",
    re.ASCII,
)
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\x9f\"<>\\^`{|}\ud800-\udfff]")
_BAD_HOST = re.compile(r"[\x00-\x20\x7f-\xa0\"#%/:<>?@\\^`{|}\u2028\u2029]")


def resolve_link(base: str | None, link: str) -> str | None:
    """The absolute http(s) link as a browser would follow it, or None.

    None for other schemes (``javascript:`` with or without a tab inside), a missing
    host, userinfo (``https://good@evil``), a backslash before the host, a bad port.
    Nothing is made canonical: fragment, case and parameters stay; only characters
    that may not stand in a URL are percent-encoded.
    """
    link = _IGNORED.sub("", link).strip(_EDGES)
    if not link or len(link) > _LONGEST:
        return None
    return link if _ORDINARY.fullmatch(link) else _joined(base, link)


def _joined(base: str | None, link: str) -> str | None:
    try:
        named = urlsplit(link)
        if (
            named.scheme and not named.netloc
        ):  # urljoin lends "https:///x" the base's host
            return None
        absolute = urljoin(base, link) if base else link
        parts = urlsplit(absolute)
        if _refused(parts):
            return None
    except ValueError:  # unbalanced brackets, a port that is no number
        return None
    return _FORBIDDEN.sub(lambda bad: quote(bad.group(), errors="replace"), absolute)


def _refused(parts: SplitResult) -> bool:
    """Whether the parts name no plain web page; raises ValueError for a bad port."""
    host = parts.hostname or ""
    return (
        parts.scheme not in _DEFAULT_PORTS
        or "@" in parts.netloc
        or "\\" in parts.netloc
        or not host.strip(".")
        or parts.port == 0
        or (not parts.netloc.startswith("[") and _BAD_HOST.search(host) is not None)
    )


def canonical_url(url: str) -> str:
    """The key under which two links to one page are the same; never fetched.

    Made equal: http and https, letter case of scheme and host, IDN and punycode,
    default ports, ``www.``/``m.``/``mobile.``/``amp.`` hosts, dot segments, a
    trailing slash or ``/amp``, percent-encoding, tracking parameters, the order of
    parameters (sorted by name; repeated ones keep theirs) and fragments, except
    ``#!`` and ``#/``, which are pages. Kept: path case, ``index.html``, any other
    parameter. Applying it twice changes nothing. What is no http(s) URL comes back
    stripped.
    """
    stripped = url.strip()
    try:
        parts = urlsplit(stripped)
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            return stripped
        host = _host(parts)
    except ValueError:
        return stripped
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    query = _query(parts.query)
    return "".join(
        (
            "https://",
            host,
            _path(parts.path),
            f"?{query}" if query else "",
            f"#{_encode(fragment)}" if fragment else "",
        )
    )


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    port = parts.port
    if ":" in host:
        host = f"[{host}]"
    else:
        host = _punycode(host)
        while _SAME_SITE.match(host) and not host.replace(".", "").isdigit():
            host = _SAME_SITE.sub("", host)
    if port is None or port == _DEFAULT_PORTS[parts.scheme]:
        return host
    return f"{host}:{port}"


def _punycode(host: str) -> str:
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return quote(host)


def _path(path: str) -> str:
    kept: list[str] = []
    segments = _encode(path).split("/")
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment not in {"", "."}:
            kept.append(segment)
    while len(kept) > 1 and kept[-1] == "amp":
        kept.pop()
    return "/" + "/".join(kept)


def _query(query: str) -> str:
    pairs = [pair for pair in query.split("&") if pair and not _is_tracking(pair)]
    encoded = [_encode(pair) for pair in pairs]
    return "&".join(sorted(encoded, key=lambda pair: pair.partition("=")[0]))


def _is_tracking(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    return name in _TRACKING_NAMES or name.startswith(_TRACKING_PREFIXES)


def _encode(part: str) -> str:
    """Percent-encoding in one spelling: unreserved plain, the rest upper-case hex."""
    part = _ESCAPE.sub(_plain_if_unreserved, part)
    return quote(part, safe="/%:@!$&'()*+,;=?~-._", errors="replace")


def _plain_if_unreserved(escape: re.Match[str]) -> str:
    byte = unquote_to_bytes(escape.group())
    return byte.decode() if byte[0] in _UNRESERVED else escape.group().upper()
