"""Connections' credentials: opened for what runs, tested, and got again. They are kept sealed, and shown nowhere."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec
from cryptography import fernet

from recipeyard.runtime import interface, outbound
from recipeyard.sql import connections as rows
from recipeyard.sql import database

Transform = Callable[[bytes], bytes]
AT_ONCE = 16
"""How many connections one server renews at once: each takes two of the database's connections, which are not many."""

_THROWN = (ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError)
"""What a connector that is not ours may throw for a failure."""

_log = logging.getLogger(__name__)


def spell(given: interface.Object) -> bytes:
    """A connection's fields as they are sealed."""
    return msgspec.json.encode(given)


def open_connection(tx: database.Tx, connection_id: int, unseal: Transform) -> interface.Object | None:
    """A connection's fields; None where it holds none.

    Raises `interface.Failure` where they were sealed under another secret.
    """
    held = rows.sealed(tx, connection_id)
    return opened(held[0], unseal) if held else None


def tested(connecting: interface.Connecting, given: interface.Object, outbound: outbound.Outbound) -> interface.Object:
    """The fields to keep, once they have been seen to work. Raises `interface.Failure` where they do not."""
    try:
        try:
            connecting.test(given, outbound)
        except interface.Stale:
            given = _renewed(connecting, given, outbound)
            connecting.test(given, outbound)
    except _THROWN as e:
        _log.warning("the test of a connection threw %s", type(e).__name__)
        raise interface.Failure(f"Its test failed unexpectedly: {type(e).__name__}", "Connector") from e
    return given


@dataclass(frozen=True, slots=True)
class Keeper:
    """Gets credentials again where a connector says that they are stale, and keeps them.

    Of all threads, and of all servers that share a database, one at a time does so for a connection: whoever gives a
    token that is good for one renewal gives none to the second, and may take back what the first was given.
    """

    db: database.Database
    seal: Transform
    unseal: Transform
    outbound: outbound.Outbound
    _locks: dict[int, threading.Lock] = field(default_factory=dict)
    _room: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(AT_ONCE))

    def renew(self, connection_id: int, connecting: interface.Connecting, before: interface.Object) -> interface.Object:
        """Fields with credentials got again, and kept; where somebody else has got such meanwhile, those.

        For calls that raised `interface.Stale`: outside of any transaction, and then the call is made once more, as
        `renewed`. Raises `interface.Failure`.
        """
        with self._alone(connection_id):
            with self.db.read() as tx:
                held = rows.sealed(tx, connection_id)
            if held is None:
                raise interface.Failure("The connection was disconnected", "Disconnected")
            now = opened(held[0], self.unseal)
            if now != before:
                return now
            after = _renewed(connecting, now, self.outbound)
            with self.db.write() as write:
                rows.replace(write, connection_id, held[0], self.seal(spell(after)))
            return after

    @contextmanager
    def _alone(self, connection_id: int) -> Iterator[None]:
        """Nobody else renews this connection meanwhile. SQLite has no other server, and a lock that all need."""
        with self._locks.setdefault(connection_id, threading.Lock()), self._room:
            if self.db.is_sqlite:
                yield
            else:
                with self.db.rehearse() as tx:  # it holds a lock, and writes nothing
                    rows.renew_alone(tx, connection_id)
                    yield


def opened(sealed: bytes, unseal: Transform) -> interface.Object:
    """A connection's fields. Raises `interface.Failure` where they were sealed under another secret."""
    try:
        fields: interface.Object = msgspec.json.decode(unseal(sealed), type=dict)
    except fernet.InvalidToken as e:
        what = "The connection's credentials were sealed under another secret of this server, and can't be read"
        raise interface.Failure(what, "Disconnected") from e
    return fields


def _renewed(
    connecting: interface.Connecting, before: interface.Object, outbound: outbound.Outbound
) -> interface.Object:
    if connecting.renew is None:
        raise interface.Failure("The connection's credentials are refused", "Unauthorized")
    return connecting.renew(before, outbound)
