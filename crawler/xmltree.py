"""Bytes of XML from strangers to a tree: no entities, no network, no endless tree.

One place for these switches (HARDENING A26-A29). lxml is loaded on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.errors import ParseError

if TYPE_CHECKING:
    from lxml.etree import _Element

    from crawler.reasons import FetchReason


def xml_tree(body: bytes, refusal: FetchReason) -> _Element | None:
    """The root, comments and processing instructions left out; repairs what it can.

    None if there is no element in it.

    Raises:
        ParseError: ``refusal``, it is no XML.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root: _Element | None = etree.fromstring(body.strip(), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise ParseError(refusal, "not XML") from error
    return root
