"""The way out: what leaves this server for the network goes through here, bounded and only to where it may."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Send:
    """A request that goes out. `cert` is a client certificate and its key, in PEM."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""
    seconds: float = 60
    cert: tuple[str, str] | None = None
    ca: str | None = None


class Outbound(Protocol):
    """Raises `interface.Failure` naming the limit or the reason: an address that is refused, a time, a size."""

    def request(self, send: Send) -> Answer:
        """One HTTP request; redirects are the caller's to follow."""

    def mail(self, message: EmailMessage) -> None:
        """Hand a mail to the mail server of the settings."""
