"""The watch: a process says that it lives, and notices which others do not, so that their work is taken up.

On SQLite the data folder is locked, so that every other process is dead, and one look at the start is enough. A process
that was too busy to say that it lives loses nothing: work done twice is settled once.
"""

import logging
import threading
from collections.abc import Callable, Set
from datetime import timedelta

import sqlalchemy as sa

from recipeyard.sql import database, installation

BEAT_S = 3
PATIENCE = timedelta(seconds=15)
_log = logging.getLogger(__name__)


class Watch:
    """One node's watch. `take_over` is told at each look who lives, and takes up what nobody of those works on."""

    def __init__(self, db: database.Database, node: str, take_over: Callable[[Set[str]], None]) -> None:
        self._db = db
        self._node = node
        self._take_over = take_over
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="watch", daemon=True)

    def begin(self, predecessor: str | None) -> None:
        """Say that this node lives, and its predecessor on the same data folder does not; look at once."""
        if predecessor:
            with self._db.write() as tx:
                installation.forget(tx, predecessor)
        self.look()
        if not self._db.is_sqlite:
            self._thread.start()

    def look(self) -> None:
        """Say that this node lives, and let the work of the dead be taken up."""
        with self._db.write() as tx:
            living = installation.beat(tx, self._node, PATIENCE)
        self._take_over({self._node} if self._db.is_sqlite else living)

    def end(self) -> None:
        """Say that this node lives no more; what it leaves is taken up by others."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        with self._db.write() as tx:
            installation.forget(tx, self._node)

    def _go_on(self) -> None:
        while not self._stopped.wait(BEAT_S):
            try:
                self.look()
            except sa.exc.SQLAlchemyError:
                _log.exception("the database can't be told that this node lives; trying again")
