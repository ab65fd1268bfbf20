"""Webhooks: who is told when packages end, and how often it is tried. Signed as the Standard Webhooks say."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib import parse

from recipeyard.model import errors, packages

SECRET_BYTES = 32
LONGEST_URL = 2048
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
)
"""How long it is waited after each attempt that failed; after one more it is given up."""


class Event(StrEnum):
    """What webhooks are told of."""

    COMPLETED = "package.completed"
    FAILED = "package.failed"


class State(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Who is told of which events; none listed means all. One that is not active is told nothing."""

    id: int
    workspace_id: int
    url: str
    events: tuple[Event, ...]
    active: bool
    created_at: datetime
    updated_at: datetime

    @property
    def host(self) -> str:
        """Whose address it is, without what may be secret in it."""
        return parse.urlsplit(self.url).hostname or ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one webhook. `message_id` stays the same however often it is sent."""

    id: int
    webhook_id: int
    package_id: int
    message_id: str
    event: Event
    payload: dict[str, Any]
    status: State
    attempts: int
    answer_status: int | None
    error: str | None
    due_at: datetime
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Sending:
    """A delivery that somebody has taken upon himself to send, and where to."""

    delivery: Delivery
    url: str
    sealed_secret: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one attempt. `error` is None where it arrived."""

    status: int | None
    error: str | None


def event_of(status: packages.Status) -> Event:
    """What is told of a package that has ended so."""
    return Event.COMPLETED if status is packages.Status.COMPLETED else Event.FAILED


def check(url: str, events: list[str]) -> tuple[Event, ...]:
    """The events by name. Raises `errors.Invalid` listing what is wrong with them and the address."""
    known = {str(event) for event in Event}
    issues = [errors.Issue("url", what) for what in _wrong(url)]
    issues += [
        errors.Issue("events", f"{name!r} is none of {', '.join(Event)}") for name in events if name not in known
    ]
    if issues:
        raise errors.Invalid.listing(issues)
    return tuple(event for event in Event if event in events)


def _wrong(url: str) -> Iterator[str]:
    try:
        parts = parse.urlsplit(url)
        has_host, has_name = bool(parts.hostname) and parts.port != 0, parts.username is not None
    except ValueError:
        yield "is no address"
        return
    if parts.scheme not in {"http", "https"} or not has_host or not url.isprintable() or " " in url:
        yield "must be an address that begins with http:// or https://"
    if has_name:
        yield "can't hold a user or a password"
    if len(url) > LONGEST_URL:
        yield f"is longer than {LONGEST_URL} characters"


def answer(status: int) -> Answer:
    """What an answer of that status means: only those of success do."""
    told = "; redirects are not followed" if 300 <= status < 400 else ""
    return Answer(status, None if 200 <= status < 300 else f"answered {status}{told}")


def pause(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts, None where it is given up."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None


def is_spent(attempts: int) -> bool:
    """Whether this is one attempt too many: the ones before have ended without a trace."""
    return attempts > len(PAUSES) + 1


def spell(secret: bytes) -> str:
    """A secret as people get it."""
    return "whsec_" + base64.b64encode(secret).decode()


def sign(secret: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature that goes with a message sent at that second."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
