"""What can go wrong while collecting.

CrawlError
+-- ConfigError        the user's file is wrong; carries every problem found
+-- SecretMissing      an {env} or {file} secret cannot be read
+-- FetchError         a request was refused or failed; carries its FetchReason
+-- ParseError         bytes were read but are not what the source promised
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.items import FetchRecord
    from crawler.reasons import FetchReason


class CrawlError(Exception):
    """Root of this floor's errors.

    ``records`` are the request log rows of what was asked before it went wrong.
    """

    records: tuple[FetchRecord, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake in a config file: where it stands and how to mend it.

    ``path`` is the dotted place inside the document ("topics.kursk.query");
    ``line`` counts from 1, 0 when the place is not known.
    """

    file: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return (
            f"{place}: {self.path}: {self.message}"
            if self.path
            else (f"{place}: {self.message}")
        )


class ConfigError(CrawlError):
    """The configuration is wrong; ``problems`` holds all that were found, in order."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class SecretMissing(CrawlError):  # noqa: N818 - reads as the fact it states
    """A secret named in the config is not set; the message names the variable."""


class FetchError(CrawlError):
    """A request that brought nothing; ``reason`` says which door was shut.

    ``retry_at`` (aware UTC) is the publisher's wish for the whole host, from
    Retry-After.
    """

    def __init__(
        self,
        reason: FetchReason,
        detail: str,
        *,
        status: int | None = None,
        retry_at: datetime | None = None,
        records: tuple[FetchRecord, ...] = (),
    ) -> None:
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason
        self.detail = detail
        self.status = status
        self.retry_at = retry_at
        self.records = records


class ParseError(CrawlError):
    """The body is not what the source promised; ``reason`` as in the harvest."""

    def __init__(self, reason: FetchReason, detail: str) -> None:
        super().__init__(f"{reason.value}: {detail}")
        self.reason = reason
        self.detail = detail
