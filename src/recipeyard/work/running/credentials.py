"""Connections' credentials: opened for what runs, tested, and got again. They are kept sealed, and shown nowhere."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec
from cryptography import fernet

from recipeyard.runtime import interface, outbound
from recipeyard.sql import connections as rows
from recipeyard.sql import database
from recipeyard.work.running import guarding, hands

Transform = Callable[[bytes], bytes]
Renew = Callable[[interface.Object], interface.Object]
AT_ONCE = 16
"""How many connections one server renews at once: each takes two of the database's connections, which are not many."""

LONGEST_S = 60
"""How long a renewal may take, and how long one waits for somebody else's, in seconds."""


def spell(given: interface.Object) -> bytes:
    """A connection's fields as they are sealed."""
    return msgspec.json.encode(given)


def open_connection(tx: database.Tx, connection_id: int, unseal: Transform) -> interface.Object | None:
    """A connection's fields; None where it holds none.

    Raises `interface.Failure` where they were sealed under another secret.
    """
    held = rows.sealed(tx, connection_id)
    return opened(held[0], unseal) if held else None


def tested(
    connecting: interface.Connecting, given: interface.Object, outbound: outbound.Outbound, renew: Renew
) -> interface.Object:
    """The fields to keep, once they have been seen to work: those that `renew` gives where these are stale.

    Raises `interface.Failure` where they do not work.
    """
    try:
        guarding.guarded("Its test", lambda: connecting.test(given, outbound))
    except interface.Stale:
        after = renew(given)
        guarding.guarded("Its test", lambda: connecting.test(after, outbound))
        return after
    return given


def renewed(
    connecting: interface.Connecting, before: interface.Object, outbound: outbound.Outbound
) -> interface.Object:
    """Fields that nobody keeps yet, with credentials got again. Raises `interface.Failure`."""
    renew = connecting.renew
    if renew is None:
        raise interface.Failure("The connection's credentials are refused", "Unauthorized")
    return guarding.guarded("The renewal of its credentials", lambda: _as_kept(spell(renew(before, outbound))))


@dataclass(frozen=True, slots=True)
class Keeper:
    """Gets credentials again where a connector says that they are stale, and keeps them.

    Of all threads, and of all servers that share a database, one at a time does so for a connection: whoever gives a
    token that is good for one renewal gives none to the second, and may take back what the first was given.
    Neither a renewal nor the wait for another's takes longer than `longest_s` seconds.
    """

    db: database.Database
    seal: Transform
    unseal: Transform
    outbound: outbound.Outbound
    longest_s: float = LONGEST_S
    _hands: hands.Hands = field(default_factory=hands.Hands)
    _locks: dict[int, threading.Semaphore] = field(default_factory=dict)
    _room: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(AT_ONCE))

    def renew(
        self, connection_id: int, provider: str, connecting: interface.Connecting, before: interface.Object
    ) -> interface.Object:
        """Fields with credentials got again, and kept; where somebody else has got such meanwhile, those.

        For calls that raised `interface.Stale`: outside of any transaction, and then the call is made once more, as
        `renewed`. Raises `interface.Failure`, also where it takes too long.
        """
        with self._alone(connection_id, provider):
            with self.db.read() as tx:
                held = rows.sealed(tx, connection_id)
            if held is None:
                raise interface.Failure("The connection was disconnected", "Disconnected")
            sealed = held[0]
            now = opened(sealed, self.unseal)
            if now != before:
                return now

            def kept() -> interface.Object:
                """Kept by the hand itself: what comes after it was given up is the only token that is still good."""
                after = renewed(connecting, now, self.outbound)
                with self.db.write() as write:
                    rows.replace(write, connection_id, sealed, self.seal(spell(after)))
                return after

            return self._hands.within(self.longest_s, provider, kept)

    @contextmanager
    def _alone(self, connection_id: int, provider: str) -> Iterator[None]:
        """Nobody else renews this connection meanwhile. SQLite has no other server, and a lock that all need."""
        lock = self._locks.setdefault(connection_id, threading.Semaphore())
        with self._held(lock, provider), self._held(self._room, provider):
            if self.db.is_sqlite:
                yield
            else:
                with self.db.rehearse() as tx:  # it holds a lock, and writes nothing
                    if not rows.renew_alone(tx, connection_id, self.longest_s):
                        raise _too_long(provider)
                    yield

    @contextmanager
    def _held(self, lock: threading.Semaphore, provider: str) -> Iterator[None]:
        if not lock.acquire(timeout=self.longest_s):
            raise _too_long(provider)
        try:
            yield
        finally:
            lock.release()


def opened(sealed: bytes, unseal: Transform) -> interface.Object:
    """A connection's fields. Raises `interface.Failure` where they were sealed under another secret."""
    try:
        return _as_kept(unseal(sealed))
    except fernet.InvalidToken as e:
        what = "The connection's credentials were sealed under another secret of this server, and can't be read"
        raise interface.Failure(what, "Disconnected") from e


def _as_kept(spelled: bytes) -> interface.Object:
    fields: interface.Object = msgspec.json.decode(spelled, type=dict)
    return fields


def _too_long(provider: str) -> interface.Failure:
    return interface.Failure(f"A connection of {provider} is being renewed, and that takes too long", "Timeout")
