"""Why a poll ended as it did, an entry was dropped, an item may alert."""

from __future__ import annotations

from enum import StrEnum


class FetchReason(StrEnum):
    """Why a request, or a whole poll, ended as it did."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"
    UNCHANGED = "unchanged"
    BAD_URL = "bad_url"
    BAD_SCHEME = "bad_scheme"
    BAD_PORT = "bad_port"
    ADDRESS_REFUSED = "address_refused"
    NAME_NOT_FOUND = "name_not_found"
    CONNECT_FAILED = "connect_failed"
    TLS_FAILED = "tls_failed"
    TIMEOUT = "timeout"
    PROTOCOL_ERROR = "protocol_error"
    TOO_LARGE = "too_large"
    BAD_ENCODING = "bad_encoding"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    BAD_REDIRECT = "bad_redirect"
    ROBOTS_DISALLOW = "robots_disallow"
    HOST_BLOCKED = "host_blocked"
    RATE_LIMITED = "rate_limited"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    GONE = "gone"
    CLIENT_ERROR = "client_error"
    SERVER_ERROR = "server_error"
    CHALLENGED = "challenged"
    NOT_A_FEED = "not_a_feed"
    NOT_A_SITEMAP = "not_a_sitemap"
    NOT_A_PAGE = "not_a_page"
    NOT_JSON = "not_json"
    TOO_FEW_ITEMS = "too_few_items"
    PARSE_FAILED = "parse_failed"
    PARSE_TIMEOUT = "parse_timeout"
    PARSE_CRASHED = "parse_crashed"
    SECRET_MISSING = "secret_missing"  # noqa: S105 - a reason, not a secret
    INTERNAL = "internal"


class DropReason(StrEnum):
    """Why an entry did not become an item (counted: fetched = new + ... + rejected)."""

    NO_LINK_NO_TITLE = "no_link_no_title"
    BAD_LINK = "bad_link"
    NOT_ALLOWED = "not_allowed"
    TOO_MANY = "too_many"
    REPEATED = "repeated"


class Freshness(StrEnum):
    """Whether an item may open an alert (DESIGN section 6, the cold-start rule)."""

    FRESH = "fresh"
    OLD = "old"
    UNDATED_FIRST_POLL = "undated_first_poll"
