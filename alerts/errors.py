"""What can go wrong while thinking about alerts and sending them.

AlertError
+-- QueryError      a topic's query cannot be read or is refused; says where
+-- EntityError     an entity or alias is refused; says where
+-- ChannelError    a channel cannot be built from its options
"""

from __future__ import annotations


class AlertError(Exception):
    """Root of this floor's errors."""


class PlacedError(AlertError):
    """A mistake in the user's watch.

    ``path`` is the place in the config as keys and indices, for example
    ``("topics", "kursk", "any", 0, "query")``; the shell adds file and line.
    """

    def __init__(self, path: tuple[str | int, ...], message: str) -> None:
        super().__init__(f"{'.'.join(map(str, path))}: {message}")
        self.path = path
        self.message = message


class QueryError(PlacedError):
    """A query that cannot be parsed, or that DESIGN section 4 refuses."""


class EntityError(PlacedError):
    """An entity or alias that DESIGN section 4 refuses."""


class ChannelError(PlacedError):
    """Channel options that cannot work together."""
