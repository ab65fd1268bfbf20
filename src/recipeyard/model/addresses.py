"""Addresses of the network: which are of the internet at large. Names are not judged here, only what they stand for."""

import ipaddress
from typing import TypeAlias

_Any: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_UNICAST = ipaddress.IPv6Network("2000::/3")
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
_OF_CLOUDS = frozenset({ipaddress.IPv4Address("168.63.129.16")})
"""Where a cloud answers its own machines, though the address looks like any other of the internet."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet at large.

    Private, shared, link-local and multicast ones are not, nor those of this machine and of a cloud's own services; nor
    what leads to such a one under another spelling (mapped, 6to4, translated).
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    plain = _inner(found) or found
    if isinstance(plain, ipaddress.IPv6Address) and plain not in _UNICAST:
        return False
    return plain.is_global and not plain.is_multicast and plain not in _OF_CLOUDS


def _inner(address: _Any) -> ipaddress.IPv4Address | None:
    """The address of version 4 that one of version 6 stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
