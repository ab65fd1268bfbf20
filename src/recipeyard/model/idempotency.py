"""Idempotency keys: a request that is sent again under its key is answered again, and not done again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from recipeyard.model import errors

KEPT = timedelta(hours=24)
"""How long a key is known."""

PATIENCE = timedelta(seconds=60)
"""How long a request may be without an answer before another one under its key is let in its place.

The one before can't change anything from then on: whatever it wants to commit asks whether the key is still its own.
"""

LONGEST = 255
_ANOTHER = "The Idempotency-Key was sent with another request: with another method, address, parameter or body"


@dataclass(frozen=True, slots=True)
class Key:
    """Whose key it is, and how it is spelled."""

    workspace_id: int
    caller: str
    text: str


@dataclass(frozen=True, slots=True)
class Request:
    """What tells one request from another: digests of its address and of its body, and how long that is."""

    address: str
    body: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a key. `answer` is sealed: it may show a secret that is shown once."""

    request: Request
    attempt: str
    carried_out: bool
    status: int | None
    answer: bytes | None
    created_at: datetime

    def is_abandoned(self, now: datetime) -> bool:
        """Whether nothing has come of the request, and nothing is likely to."""
        return self.status is None and not self.carried_out and self.created_at < now - PATIENCE


def check(text: str) -> None:
    """Raises `errors.Invalid` for what is no key."""
    if not (0 < len(text) <= LONGEST and text.isascii() and text.isprintable() and " " not in text):
        what = f"must be 1 to {LONGEST} visible ASCII characters"
        raise errors.Invalid.listing([errors.Issue("Idempotency-Key", what)])


def refuse(record: Record, address: str) -> None:
    """Raises a `Failure` where a request to this address can't be answered out of the record."""
    if record.request.address != address:
        raise errors.Unprocessable(_ANOTHER)
    if record.status is None and record.carried_out:
        what = "The request with this Idempotency-Key was carried out, but its answer was lost: look for what it made"
        raise errors.Conflict(what)
    if record.status is None:
        raise errors.Conflict("The request with this Idempotency-Key is still in progress; try again")


def refuse_other(record: Record, request: Request) -> None:
    """Raises `errors.Unprocessable` unless this is the very request that the record is of."""
    if record.request != request:
        raise errors.Unprocessable(_ANOTHER)
