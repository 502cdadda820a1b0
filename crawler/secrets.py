"""Secrets named in the config, read only at the moment they are used."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from crawler.errors import SecretMissing


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A reference to a secret: an environment variable or a file, never its value.

    ``file`` is absolute (the loader resolves it against the config file).
    """

    env: str | None = None
    file: Path | None = None

    def __repr__(self) -> str:
        return f"<secret {self.name}>"

    __str__ = __repr__

    @property
    def name(self) -> str:
        """How the config names it, safe to print."""
        return f"env {self.env}" if self.env else f"file {self.file}"

    def read(self) -> str:
        """The secret's value, surrounding white space removed.

        Raises:
            SecretMissing: the variable is unset or empty, the file unreadable.
        """
        if self.env is not None:
            value = os.environ.get(self.env, "").strip()
            if not value:
                raise SecretMissing(f"environment variable {self.env} is not set")
            return value
        try:
            value = Path(self.file or "").read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SecretMissing(f"{self.name} cannot be read: {error}") from error
        if not value:
            raise SecretMissing(f"{self.name} is empty")
        return value


def reveal(value: str | Secret) -> str:
    """The text of a value that may be literal or a secret.

    Raises:
        SecretMissing: as ``Secret.read``.
    """
    return value.read() if isinstance(value, Secret) else value
