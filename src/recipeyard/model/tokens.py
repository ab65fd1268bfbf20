"""Tokens, of this API and of the API platform: what is kept of one, and from where it may be used."""

import hashlib
import ipaddress
from collections.abc import Sequence

from recipeyard.model import errors


def digest(token: str) -> str:
    """All that is kept of a token beside a mask. Tokens are long and random, so a plain hash can't be searched."""
    return hashlib.sha256(token.encode()).hexdigest()


def check_addresses(field: str, listed: Sequence[str]) -> None:
    """Raises `errors.Invalid` listing what is no IP address and no network, by its place in the field."""
    issues = []
    for at, each in enumerate(listed):
        try:
            ipaddress.ip_network(each, strict=False)
        except ValueError:
            issues.append(errors.Issue(f"{field}[{at}]", f"{each!r} is neither an address nor a network"))
    if issues:
        raise errors.Invalid.listing(issues)


def is_usable(address: str, listed: Sequence[str]) -> bool:
    """Whether an address is one of these or within one of these networks."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return any((mapped or found) in ipaddress.ip_network(each, strict=False) for each in listed)
