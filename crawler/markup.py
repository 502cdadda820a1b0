"""Bytes of an HTML page to a tree, whatever they claim to be encoded in.

Runs in the parser workers only. Nothing is fetched: the parser has no network and
follows no `<meta refresh>`, `<link>` or stylesheet (HARDENING A12).
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from lxml import etree
from lxml import html as lxml_html

from crawler.decode import to_utf8
from crawler.errors import ParseError
from crawler.reasons import FetchReason

if TYPE_CHECKING:
    from lxml.html import HtmlElement

DEPTH = 250
"""Deepest element kept. libxml2 stops at 256 without huge_tree; a tree this deep
makes every recursive reader slow (HARDENING A29)."""

ELEMENTS = 200_000
"""Most elements of a page; the longest of the 172 fundus pages has 19,000."""


def decode_html(body: bytes, content_type: str | None) -> str:
    """The page as text: what is valid UTF-8 is UTF-8, else what is declared.

    Publishers declare wrongly more often than text happens to be valid UTF-8.
    """
    if b"\0" not in body[:4]:  # UTF-16 may be valid UTF-8 by accident
        with contextlib.suppress(UnicodeDecodeError):
            return body.decode("utf-8-sig")
    return to_utf8(body, content_type).decode("utf-8")


def read_html(body: bytes, content_type: str | None) -> HtmlElement:
    """The tree of a page.

    Raises:
        ParseError: NOT_A_PAGE when there is no element in it, TOO_LARGE when there
            are more than 200,000.
    """
    text = decode_html(body, content_type).replace("\x00", "")
    parser = lxml_html.HTMLParser(
        encoding="utf-8",
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = lxml_html.document_fromstring(
            text.encode("utf-8", "replace"), parser=parser
        )
    except (etree.LxmlError, ValueError) as error:
        raise ParseError(FetchReason.NOT_A_PAGE, "no HTML in it") from error
    _prune(root)
    return root


def _prune(root: HtmlElement) -> None:
    """Cut what is too deep, refuse what is too much, without recursion."""
    depth = {root: 1}
    cut = []
    for count, element in enumerate(root.iter()):
        parent = element.getparent()
        level = depth[parent] + 1 if parent is not None and parent in depth else 1
        depth[element] = level
        if count >= ELEMENTS:
            raise ParseError(FetchReason.TOO_LARGE, f"over {ELEMENTS} elements")
        if level == DEPTH:
            cut.extend(element)
    for element in cut:
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
