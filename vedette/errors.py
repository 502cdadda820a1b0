"""What can go wrong in the shell itself.

ShellError
+-- AddressTaken     the web address cannot be listened on
+-- ReloadRefused    no daemon took the new config, and why

The store's errors are drawn in vedette/store/errors.py.
"""

from __future__ import annotations


class ShellError(Exception):
    """Root of the shell's own errors."""


class AddressTaken(ShellError):  # noqa: N818 - reads as the fact it states
    """Another program listens on the web address, or it is not this machine's."""


class ReloadRefused(ShellError):  # noqa: N818 - reads as the fact it states
    """No daemon took the new config; the message says why."""
