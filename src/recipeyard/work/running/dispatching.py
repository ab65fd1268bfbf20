"""Which runs go on now: as many of a recipe at once as it says, the oldest first, for as many as there are threads.

At rest nothing turns: whoever accepts an event rings the bell, and what is due is waited for to the moment. Where
several servers share a database, what another one has accepted is looked for now and then.
"""

import functools
import logging
import threading
import uuid
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from recipeyard.model import errors
from recipeyard.runtime import programs
from recipeyard.sql import database, listeners
from recipeyard.sql import runs as run_rows
from recipeyard.work.running import carrying, ending, hands, listening, loading, shell, ticking

THREADS = 8
"""How many runs are carried out at once."""

SHARED_REST_S = 0.5
RETRY_S = 5
_log = logging.getLogger(__name__)


class Bell:
    """Rung when there may be something to do; whoever waits on it looks once for any number of rings."""

    def __init__(self) -> None:
        self._rung = threading.Event()

    def ring(self) -> None:
        """There may be something to do."""
        self._rung.set()

    def wait(self, seconds: float | None) -> None:
        """Rest until it rings, or for so long."""
        self._rung.wait(seconds)
        self._rung.clear()


class Dispatcher:
    """Carries out runs and lets schedules and polls fire, from `start` until `stop`."""

    def __init__(self, means: shell.Shell, bell: Bell, threads: int = THREADS) -> None:
        self._means = means
        self._bell = bell
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="run")
        self._hands = hands.Hands()
        self._busy = 0
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._loop = threading.Thread(target=self._go_on, name="dispatcher", daemon=True)

    def start(self) -> None:
        """Take up what a death has left, then whatever comes."""
        with self._means.db.write() as tx:
            listening.listen(tx, listeners.unheard(tx))
        self._loop.start()

    def take_over(self, living: Collection[str]) -> None:
        """What nodes that live no more were carrying out goes on."""
        with self._means.db.write() as tx:
            if run_rows.give_back(tx, living):
                tx.afterwards.append(self._bell.ring)

    def stop(self) -> None:
        """Take no more; what is under way goes on to its next step, and from there at the next start."""
        self._stopped.set()
        self._hands.leave()
        self._bell.ring()
        self._loop.join()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _go_on(self) -> None:
        while not self._stopped.is_set():
            try:
                rest = self._turn()
            except sa.exc.SQLAlchemyError:
                _log.exception("runs can't be looked for; trying again")
                rest = RETRY_S
            self._bell.wait(rest)

    def _turn(self) -> float | None:
        """Begin what can be begun; gives how long nothing else will be to do, None where that is for ever."""
        for listener in ticking.fire_due(self._means.db):
            self._begin(functools.partial(ticking.look, self._means, self._hands, listener))
        with self._lock:
            room = self._threads - self._busy
        for run_id in self._claimed(room) if room > 0 else ():
            self._begin(functools.partial(self._carry, run_id))
        return self._rest()

    def _begin(self, work: Callable[[], object]) -> None:
        with self._lock:
            self._busy += 1
        self._pool.submit(self._work, work)

    def _work(self, work: Callable[[], object]) -> None:
        try:
            work()
        finally:
            with self._lock:
                self._busy -= 1
            self._bell.ring()

    def _claimed(self, room: int) -> list[int]:
        """Runs that are this node's from now on, and their turn."""
        with self._means.db.read() as tx:
            if not run_rows.due(tx, 1) and not run_rows.oldest_pending(tx, (), 1):
                return []
        with self._means.db.write() as tx:
            run_rows.claim_alone(tx)
            wanted = run_rows.due(tx, room)
            wanted += _pending(tx, room - len(wanted))
            return run_rows.claim(tx, wanted, self._means.node)

    def _rest(self) -> float | None:
        with self._lock:
            if self._busy >= self._threads:
                return None
        with self._means.db.read() as tx:
            moments = [each for each in (run_rows.next_due(tx), listeners.next_due(tx)) if each]
            rest = (min(moments) - tx.now).total_seconds() if moments else None
        if self._means.db.is_sqlite:
            return None if rest is None else max(rest, 0.0)
        return SHARED_REST_S if rest is None else min(max(rest, 0.0), SHARED_REST_S)

    def _carry(self, run_id: int) -> None:
        """Carry a run out. Whatever goes wrong, it ends, or it is taken up again."""
        try:
            carrying.carry(self._means, self._hands, run_id, self._carry)
        except carrying.Lost:
            _log.warning("run %s is carried out elsewhere", run_id)
        except hands.Left:
            self._give_back(run_id)
        except sa.exc.SQLAlchemyError:
            _log.exception("run %s: the database can't be reached; trying again", run_id)
            self._stopped.wait(RETRY_S)
            self._give_back(run_id)
        except Exception as e:  # noqa: BLE001 - the worker loop: a run may fail in any way, and has to end
            self._fail(run_id, e)

    def _give_back(self, run_id: int) -> None:
        with self._means.db.write() as tx:
            run_rows.give_back_one(tx, run_id, self._means.node)

    def _fail(self, run_id: int, failure: Exception) -> None:
        incident = str(uuid.uuid4())
        _log.error("run %s failed (incident %s)", run_id, incident, exc_info=failure)
        said = failure.message if isinstance(failure, errors.Failure) else f"the log tells more: {incident}"
        with self._means.db.write() as tx:
            run = run_rows.by_id(tx, run_id)
            if run and run_rows.hold(tx, run_id, self._means.node):
                ending.fail(tx, run, f"Server error: {said}")


def _pending(tx: database.Tx, room: int) -> list[int]:
    """Pending runs whose turn it is: of each recipe as many as its version lets run at once, the oldest first."""
    running = run_rows.running_counts(tx)
    full: set[int] = set()
    found: list[int] = []
    while len(found) < room:
        oldest = run_rows.oldest_pending(tx, full, room - len(found))
        if not oldest:
            break
        for recipe_id, version_id, _ in oldest:
            full.add(recipe_id)
            most = min(_at_once(tx, version_id) - running.get(recipe_id, 0), room - len(found))
            found += run_rows.pending_of(tx, recipe_id, most) if most > 0 else []
    return found


def _at_once(tx: database.Tx, version_id: int) -> int:
    try:
        return loading.program(tx, version_id).concurrency
    except (errors.Failure, programs.Refused):
        return 1
