"""Address guards of the outgoing kinds, all over the crawler's one guard."""

from __future__ import annotations

import ipaddress

from crawler.address import AddressGuard, IPAddress


class Anywhere(AddressGuard):
    """Every address: the operator named the server and TLS proves who it is."""

    def permits(self, address: IPAddress) -> bool:  # noqa: ARG002 - that is the point
        """Always."""
        return True


class Inside(AddressGuard):
    """For clear text: ``network.allow``, with or without loopback, and no further."""

    def __init__(self, allow: tuple[str, ...], *, loopback: bool) -> None:
        super().__init__(allow)
        nets = (*allow, "127.0.0.0/8", "::1/128") if loopback else allow
        self._inside = tuple(ipaddress.ip_network(net, strict=False) for net in nets)

    def permits(self, address: IPAddress) -> bool:
        """Whether the address is in one of the networks."""
        return any(
            address.version == net.version and address in net for net in self._inside
        )
