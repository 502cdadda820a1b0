"""Bytes of any declared or undeclared encoding to clean UTF-8, before any parser.

Parsers disagree on charsets and lose text silently (feedparser reads a UTF-8 feed
with one bad byte as iso-8859-2, fastfeedparser cuts at the first CP949 letter), so
the decision is made once, here. Order: BOM, NUL pattern, valid UTF-8, slightly
damaged UTF-8, HTTP charset, the document's own declaration, chardet, windows-1252.
"""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: it starts with its BOM
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# How an ASCII first letter ("<" or "{") looks in the wide encodings without a BOM.
_WIDE = (
    (re.compile(rb"\x00\x00\x00[\t\n\r <{\[]"), "utf-32-be"),
    (re.compile(rb"[\t\n\r <{\[]\x00\x00\x00"), "utf-32-le"),
    (re.compile(rb"\x00[\t\n\r <{\[]\x00[^\x00]"), "utf-16-be"),
    (re.compile(rb"[\t\n\r <{\[]\x00[^\x00]\x00"), "utf-16-le"),
)
_EBCDIC_DECLARATION = b"\x4c\x6f\xa7\x94"  # "<?xm", XML 1.0 appendix F

_DAMAGE_WHATEVER_DECLARED = 0.05
# Legacy text read as UTF-8 is almost all damage (EUC-KR about 90 %), so a document
# that claims UTF-8, or nothing, is believed while most of its letters are sound.
_DAMAGE_WHERE_CLAIMED = 0.3

# WHATWG encoding labels (encoding.spec.whatwg.org, section 4.2) whose Python codec
# has another name or is too narrow: pages that say euc-kr hold CP949 letters.
_LABELS = {
    label: codec
    for codec, labels in {
        "cp1252": "iso-8859-1 iso8859-1 iso_8859-1 iso-8859-1:1987 iso88591 latin1"
        " latin-1 l1 us-ascii ascii ansi_x3.4-1968 cp819 ibm819 iso-ir-100 csisolatin1"
        " windows-1252 x-cp1252 cp1252",
        "cp949": "euc-kr euckr ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 korean"
        " csksc56011987 cseuckr iso-ir-149 windows-949 x-windows-949 cp949 uhc ms949",
        "gb18030": "gb2312 gbk chinese csgb2312 csiso58gb231280 gb_2312 gb_2312-80"
        " iso-ir-58 x-gbk gb18030 euc-cn cp936 windows-936",
        "cp932": "shift_jis shift-jis sjis ms_kanji x-sjis windows-31j csshiftjis"
        " ms932 cp932",
        "euc_jp": "euc-jp x-euc-jp cseucpkdfmtjapanese",
        "big5hkscs": "big5 big5-hkscs cn-big5 csbig5 x-x-big5 cp950",
        "cp1254": "iso-8859-9 iso8859-9 latin5 l5 windows-1254 x-cp1254",
        "cp874": "iso-8859-11 iso8859-11 tis-620 dos-874 windows-874",
        "cp1251": "windows-1251 x-cp1251 cp1251 win-1251 win1251",
        "cp1250": "windows-1250 x-cp1250 cp1250",
        "koi8-r": "koi8-r koi8r koi8 koi cskoi8r koi8_r",
        "koi8-u": "koi8-u koi8-ru koi8u",
        "mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
        "mac-roman": "macintosh mac x-mac-roman csmacintosh",
        "iso8859-8": "iso-8859-8-i logical",
        "utf-8": "utf-8 utf8 unicode-1-1-utf-8 x-unicode20utf8 unicode11utf8",
        "utf-16-le": "utf-16 utf16 utf-16le unicode ucs-2 csunicode unicodefeff"
        " iso-10646-ucs-2",
        "utf-16-be": "utf-16be unicodefffe",
        "utf-32-le": "utf-32 utf32 utf-32le",
        "utf-32-be": "utf-32be",
    }.items()
    for label in labels.split()
}
# Other text codecs of Python that may be named; never idna, unicode_escape, utf_7.
_OTHER = re.compile(
    r"(?:iso-?8859-\d+|windows-125\d|cp\d{3,4}|ibm\d+|euc_\w+|johab|hz(?:-gb-2312)?"
    r"|iso-2022-(?:jp|kr)(?:-\w+)?|tis-620|ptcp154|kz1048)"
)
_WIDE_CODECS = frozenset({"utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"})
_ESCAPED = re.compile(r"(?:iso-?2022|hz)")

_HTTP_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]{0,400}?\?>\s*", re.IGNORECASE)
_XML_ENCODING = re.compile(
    rb"^[\s\xef\xbb\xbf]*<\?xml\b[^>]{0,300}?encoding\s*=\s*[\"']\s*([\w.:+-]+)",
    re.IGNORECASE,
)
_META_CHARSET = re.compile(
    rb"<meta\b[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE
)
_META_WINDOW = 4096  # browsers look at 1,024 bytes; miniflux's fixtures go beyond
_CONTROLS = bytes({*range(0x20)} - {0x09, 0x0A, 0x0D})
"""What XML 1.0 allows nowhere, with U+FFFE, U+FFFF and surrogates."""


def to_utf8(body: bytes, content_type: str | None) -> bytes:
    """The same document as UTF-8: no BOM, no XML declaration, no C0 controls.

    Never fails: what cannot be decoded becomes U+FFFD. A ``<meta charset>`` is left
    in place, so an HTML parser must be told that it reads UTF-8.

    Args:
        body: the decoded (not compressed) response body.
        content_type: the Content-Type header, or None.
    """
    text = _decode(body, content_type)
    text = _XML_DECLARATION.sub("", text, count=1)
    data = text.encode("utf-8", "ignore").translate(None, _CONTROLS)
    return data.replace(b"\xef\xbf\xbe", b"").replace(b"\xef\xbf\xbf", b"")


def codec_for(label: str | None) -> str | None:
    """The Python codec for a charset label as browsers read it; None = unknown."""
    if not label:
        return None
    name = label.strip().strip("\"'").lower()
    if name in _LABELS:
        return _LABELS[name]
    if not _OTHER.fullmatch(name):
        return None
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def _decode(body: bytes, content_type: str | None) -> str:
    for bom, codec in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(codec, "replace")
    wide = next((codec for shape, codec in _WIDE if shape.match(body)), None)
    if wide:
        return body.decode(wide, "replace")
    if body.startswith(_EBCDIC_DECLARATION):
        return body.decode("cp037", "replace")
    declared = _declared(body, content_type)
    if body.isascii():
        # Whatever is declared (utf-16 too), unless the codec writes in escapes.
        escaped = [codec for codec in declared if _ESCAPED.match(codec)]
        return body.decode(escaped[0] if escaped else "ascii", "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_not_utf8(body, declared)


def _decode_not_utf8(body: bytes, declared: tuple[str, ...]) -> str:
    text = body.decode("utf-8", "replace")
    claimed = not declared or declared[0] == "utf-8"
    allowed = _DAMAGE_WHERE_CLAIMED if claimed else _DAMAGE_WHATEVER_DECLARED
    if _damage(body, text) <= allowed:
        return text
    for codec in declared:
        if codec == "utf-8" or codec in _WIDE_CODECS:
            continue
        if codec == "cp1252":  # decodes anything, as in browsers
            return body.decode(codec, "replace")
        try:
            return body.decode(codec)
        except UnicodeDecodeError:
            damaged = body.decode(codec, "replace")
            if damaged.count("\ufffd") <= _DAMAGE_WHATEVER_DECLARED * _letters(damaged):
                return damaged
    return _guess(body)


def _damage(body: bytes, text: str) -> float:
    """The share of the letters beyond ASCII that were not valid UTF-8."""
    broken = text.count("\ufffd") - body.count(b"\xef\xbf\xbd")
    return broken / max(1, _letters(text))


def _letters(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def _declared(body: bytes, content_type: str | None) -> tuple[str, ...]:
    """Known codecs named by the header and the document, the more credible first.

    RFC 7303 lets the header win; a Latin-1 header is the exception, since servers
    add it to everything, and any bytes at all decode as Latin-1.
    """
    found = _HTTP_CHARSET.search(content_type or "")
    header = codec_for(found.group(1)) if found else None
    inside = _XML_ENCODING.match(body[:1024]) or _META_CHARSET.search(
        body[:_META_WINDOW]
    )
    document = codec_for(inside.group(1).decode("ascii")) if inside else None
    order = (document, header) if header == "cp1252" else (header, document)
    return tuple(dict.fromkeys(codec for codec in order if codec))


def _guess(body: bytes) -> str:
    """Undeclared or wrongly declared: ask chardet, else read as browsers do."""
    import chardet

    found = chardet.detect(body, prefer_superset=True, compat_names=False)
    codec = codec_for(found["encoding"]) or found["encoding"] or "cp1252"
    try:
        return body.decode(codec, "replace")
    except LookupError:
        return body.decode("cp1252", "replace")
