"""The way out: what leaves this server for the network goes through here, bounded and only to where it may."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Header names are in lower case; the body is inflated, and empty where it was not wanted."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Certificates:
    """What a request shows and trusts, in PEM: a client's certificate and its key, and a CA beside the system's."""

    client: tuple[str, str] | None = None
    ca: str | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """A request that goes out. `seconds` bounds all of it, from the look-up of the name to the answer's last byte."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 60
    certificates: Certificates = Certificates()
    wants_body: bool = True


class Outbound(Protocol):
    """Raises `interface.Failure` naming the limit or the reason: an address that is refused, a time, a size.

    A failure names the host alone: addresses, headers and bodies may hold secrets.
    """

    def request(self, send: Send) -> Answer:
        """One HTTP request; redirects are the caller's to follow."""

    def mail(self, message: EmailMessage) -> None:
        """Hand a mail to the mail server of the settings: to all of its recipients, or to none."""
