"""The process that posts to chats: ``python -m alerts.channels.chatpost``.

Apprise blocks and cannot be interrupted, so it runs in a process of its own, which can
be killed at a deadline. A request is one line of JSON on standard input, its answer
one line on standard output; the process ends with its input. The address, which is a
password, comes by standard input and is on no command line.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import TYPE_CHECKING, Any

from alerts.channels.answers import refused
from alerts.channels.chatdoor import Journal, watched
from alerts.channels.chaturls import BadChat, chat_secrets, hardened
from alerts.channels.detail import shown
from alerts.model import Outcome, Receipt

if TYPE_CHECKING:
    from collections.abc import Sequence

_MEMORY = 1 << 30
"""Bytes of address space, of which it needs a tenth."""
_LET_IN = {401, 403, 404}
"""What services say to a token they do not know."""


def post(url: str, text: str, journal: Journal) -> Receipt:
    """One post of the text, or a knock at its door; never raises.

    Anything but the service's yes is no: Slack says no with status 200.
    """
    hidden = chat_secrets(url)
    try:
        service = _service(hardened(url))
    except BadChat as error:
        return Receipt(outcome=Outcome.PAUSED, detail=str(error))
    try:
        with watched(journal):
            accepted = bool(service.notify(body=text, title="", body_format="text"))
    except Exception as error:  # noqa: BLE001 - two hundred plugins, one answer each
        journal.failure = journal.failure or type(error).__name__
        accepted = False
    return _judge(journal, hidden, accepted=accepted)


def _service(url: str) -> Any:
    from apprise import Apprise, AppriseAsset

    asset = AppriseAsset(
        app_id="Vedette",
        app_desc="Vedette",
        async_mode=False,
        allow_templates=False,
        interpret_escapes=False,
        interpret_emojis=False,
        image_url_mask="",
        image_url_logo="",
        image_path_mask=False,
        secure_logging=True,
        storage_mode="memory",
    )
    service = Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if service is None:
        raise BadChat("Apprise cannot read this address")
    if len(service) > 1:
        raise BadChat("the address names several places: one channel for each")
    return service


def _judge(journal: Journal, hidden: Sequence[str], *, accepted: bool) -> Receipt:
    status, outcome = journal.status, Outcome.TEMPORARY
    said = f"HTTP {status} {journal.excerpt}".strip() if status else journal.failure
    if journal.knock and journal.reached:
        outcome, said = Outcome.DELIVERED, "connected"
    elif accepted:
        outcome = Outcome.DELIVERED
    elif journal.refused:
        return refused(journal.refused, hidden)
    elif status is None and journal.written:
        outcome = Outcome.AMBIGUOUS
    elif status == 410:
        outcome = Outcome.GONE
    elif status in _LET_IN:
        outcome = Outcome.PAUSED
    elif status and 300 <= status < 400:
        said = f"HTTP {status}: redirects are not followed"
    return Receipt(outcome=outcome, detail=shown(said or "refused", hidden))


def _answer(line: str) -> str:
    asked = json.loads(line)
    journal = Journal(allow=tuple(asked["allow"]), knock=asked["knock"])
    receipt = post(asked["url"], asked["text"], journal)
    answer = {"outcome": receipt.outcome.value, "detail": receipt.detail}
    return json.dumps({**answer, "retry_after": journal.retry_after})


def main() -> None:
    """Answer until the input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # a plugin that prints must not be taken for an answer
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        print(_answer(line), file=answers, flush=True)


if __name__ == "__main__":
    main()
