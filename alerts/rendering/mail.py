"""A letter as the bytes of one mail, headers safe and threads stable."""

from __future__ import annotations

import re
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING
from urllib.parse import quote

from alerts.model import MessageType
from alerts.rendering.clean import encodable, header
from alerts.rendering.mailhtml import page
from alerts.rendering.mailtext import plain
from alerts.rendering.wording import subject

if TYPE_CHECKING:
    from alerts.model import Letter

# At the default of 78 Python writes long References as =?utf-8?q?…, which breaks
# threading; 998 is the longest line RFC 5322 section 2.1.1 allows.
_ASCII = policy.SMTP.clone(max_line_length=998)
_UTF8 = policy.SMTPUTF8.clone(max_line_length=998)
_SUBJECT = 300
_JOINED = 5
"""Threads that a merger joins: a header line must stay below 998 octets."""
_HEADLINE = 80
"""Code points of a headline in a subject. Lists of mails show 40 to 80; the letter
itself has it whole."""


def mail(letter: Letter) -> bytes:
    """The letter as a complete MIME message with CRLF line ends, byte-stable.

    The bytes are parsed again before they are given out: a header that was not
    meant to be there costs the message its subject and its addresses their names,
    never the reader's safety.
    """
    message = _message(
        letter, header(subject(letter, headline=_HEADLINE), limit=_SUBJECT)
    )
    data = message.as_bytes()
    if header_names(data) != message.keys():
        bare = _message(letter, f"[vedette] message {letter.id}", named=False)
        return bare.as_bytes()
    return data


def header_names(data: bytes) -> list[str]:
    """The names of a message's own headers, in order, as a mail server reads them."""
    parser = BytesHeaderParser(policy=policy.compat32)
    return parser.parsebytes(data).keys()


def message_id(name: str, domain: str) -> str:
    """The Message-ID of a delivery, or the thread root of a story."""
    return f"<{re.sub(r'[^A-Za-z0-9.-]', '', name)}@{domain}>"


def mail_domain(sender: str | None) -> str:
    """The domain of the sender's address in ASCII, ``localhost`` without one."""
    return mail_address(sender or "").rpartition("@")[2] or "localhost"


def ascii_domain(domain: str) -> str:
    """The domain as DNS knows it; unchanged when IDNA refuses it."""
    if domain.isascii():
        return domain
    import idna  # its tables are large and most domains are ASCII

    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return domain


def mail_address(raw: str) -> str:
    """The bare address of ``Name <user@domain>``, its domain in ASCII.

    Empty when it is none: parseaddr of Python 3.11 reads a stranger's address out of
    a text with line breaks (CVE-2023-27043), so such a text has no address at all.
    """
    _, address = parseaddr(raw)
    user, at, domain = address.rpartition("@")
    if not user or not domain or not raw.isprintable() or " " in address:
        return ""
    return f"{user}{at}{ascii_domain(domain)}"


def _message(letter: Letter, title: str, *, named: bool = True) -> EmailMessage:
    channel = letter.channel
    sender, recipient = (
        mail_address(channel.sender or ""),
        mail_address(letter.recipient),
    )
    domain = mail_domain(channel.sender)
    rules = _ASCII if (sender + recipient).isascii() else _UTF8
    message = EmailMessage(policy=rules)
    message["From"] = _addressed(channel.sender or "", sender, named=named)
    message["To"] = _addressed(letter.recipient, recipient, named=named)
    message["Subject"] = title
    message["Date"] = format_datetime(letter.created)
    message["Message-ID"] = message_id(letter.id, domain)
    if letter.type in {MessageType.OPENED, MessageType.UPDATED} and letter.tellings:
        # The root is never sent; readers group under it all the same (JWZ), also
        # when the first mail of the story was lost.
        telling = letter.tellings[0]
        root = message_id(telling.story.id, domain)
        # Stories that turned out to be one join their threads, too.
        joined = [message_id(one.id, domain) for one in telling.merged[:_JOINED]]
        message["References"] = " ".join([*joined, root])
        message["In-Reply-To"] = root
    message["Auto-Submitted"] = "auto-generated"
    label = re.sub(r"[^A-Za-z0-9-]", "-", channel.name)
    message["List-Id"] = f"<{label}.vedette.{domain}>"
    if sender:
        wish = quote(f"unsubscribe {channel.name}")
        message["List-Unsubscribe"] = (
            f"<mailto:{quote(sender, safe='@+')}?subject={wish}>"
        )
    text = encodable(plain(letter))
    message.set_content(text, cte=_encoding(text))
    html = encodable(page(letter))
    message.add_alternative(html, subtype="html", cte=_encoding(html))
    # "=_" cannot stand in a base64 or quoted-printable body (RFC 2045 section 6.7).
    message.set_boundary(f"=_{letter.id}")
    return message


def _addressed(raw: str, address: str, *, named: bool) -> Address:
    user, _, domain = address.rpartition("@")
    name = header(parseaddr(raw)[0], limit=100) if named and raw.isprintable() else ""
    return Address(display_name=name, username=user, domain=domain)


def _encoding(text: str) -> str:
    """The shorter of the two encodings that any 7-bit hop carries unharmed.

    Both also keep a line of one dot, and a bare CR, from ever being on the wire.
    """
    strange = sum(1 for byte in text.encode() if byte > 0x7E)
    return "base64" if strange * 6 > len(text.encode()) else "quoted-printable"
