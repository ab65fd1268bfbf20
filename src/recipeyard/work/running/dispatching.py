"""Which runs go on now: as many of a recipe at once as it says, the oldest first, for as many as there are threads.

At rest nothing turns: whoever accepts an event rings the bell, and what is due is waited for to the moment. Where
several servers share a database, what another one has accepted is looked for now and then.
"""

import functools
import logging
import threading
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import sqlalchemy as sa

from recipeyard.model import errors, runs
from recipeyard.runtime.stepping import programs
from recipeyard.sql import database, listeners
from recipeyard.sql import runs as run_rows
from recipeyard.work.running import carrying, ending, hands, listening, loading, shell, ticking

THREADS = 8
"""How many runs work at once."""

MOST_THREADS = 200
"""How many runs there may be at once when those are counted too that wait for somebody outside."""

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
        self._pool = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="run")
        self._hands = hands.Hands(self._away)
        self._busy = 0
        self._away_now = 0
        self._carried: set[int] = set()
        self._doubtful: set[int] = set()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._loop = threading.Thread(target=self._go_on, name="dispatcher", daemon=True)

    def start(self) -> None:
        """Take up what a death has left, then whatever comes."""
        with self._means.db.read() as tx:
            unheard = listeners.unheard(tx)
        for recipe_id in unheard:
            with _surviving(f"recipe {recipe_id} can't be listened to"), self._means.db.write() as tx:
                listening.listen(tx, [recipe_id])
        self._loop.start()

    def take_over(self, living: Collection[str]) -> None:
        """What nodes that live no more were carrying out goes on; but what many have died of ends."""
        with self._means.db.write() as tx:
            if run_rows.give_back(tx, living):
                tx.afterwards.append(self._bell.ring)
                for run in run_rows.deadly(tx, runs.MOST_DEATHS):
                    died = f"The server died {run.deaths} times while it carried this job out"
                    ending.fail(tx, run, f"{died}, and no step was done between")

    def stop(self) -> None:
        """Take no more; what is under way goes on to its next step, and from there at the next start."""
        self._stopped.set()
        self._hands.leave()
        self._bell.ring()
        self._loop.join()
        self._pool.shutdown(wait=True, cancel_futures=True)
        with _surviving("runs can't be given back; the next start takes them up"):
            self._give_back()

    def _go_on(self) -> None:
        while not self._stopped.is_set():
            rest: float | None = RETRY_S
            with _surviving("runs can't be looked for; trying again"):
                rest = self._turn()
            self._bell.wait(rest)

    def _turn(self) -> float | None:
        """Begin what can be begun; gives how long nothing else will be to do, None where that is for ever."""
        self._give_back()
        with _surviving("schedules and polls can't be looked for"):
            for listener in ticking.fire_due(self._means.db):
                self._begin(functools.partial(ticking.look, self._means, self._hands, listener))
        room = self._room()
        for run_id in self._claimed(room) if room > 0 else ():
            with self._lock:
                self._carried.add(run_id)
            self._begin(functools.partial(self._carry, run_id))
        return self._rest()

    def _room(self) -> int:
        """How many more runs may be begun."""
        with self._lock:
            return min(self._threads - self._busy, MOST_THREADS - self._busy - self._away_now)

    @contextmanager
    def _away(self) -> Iterator[None]:
        """A thread waits for somebody outside: others may work meanwhile."""
        self._count(busy=-1, away=1)
        self._bell.ring()
        try:
            yield
        finally:
            self._count(busy=1, away=-1)

    def _count(self, *, busy: int, away: int) -> None:
        with self._lock:
            self._busy += busy
            self._away_now += away

    def _begin(self, work: Callable[[], object]) -> None:
        with self._lock:
            self._busy += 1
        self._pool.submit(self._work, work)

    def _work(self, work: Callable[[], object]) -> None:
        try:
            with _surviving("something went wrong beside the runs"):
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
        wanted: list[int] = []
        try:
            with self._means.db.write() as tx:
                run_rows.claim_alone(tx)
                wanted += run_rows.due(tx, room)
                wanted += _pending(tx, room - len(wanted))
                return run_rows.claim(tx, wanted, self._means.node)
        except sa.exc.SQLAlchemyError:
            self._doubt(wanted)  # who knows whether it has committed
            raise

    def _rest(self) -> float | None:
        if self._room() <= 0:
            return None
        with self._means.db.read() as tx:
            moments = [each for each in (run_rows.next_due(tx), listeners.next_due(tx)) if each]
            rest = (min(moments) - tx.now).total_seconds() if moments else None
        if self._means.db.is_sqlite:
            return None if rest is None else max(rest, 0.0)
        return SHARED_REST_S if rest is None else min(max(rest, 0.0), SHARED_REST_S)

    def _carry(self, run_id: int) -> None:
        """Carry a run out. Whatever goes wrong, it ends, or it is taken up again."""
        with self._lock:
            self._carried.add(run_id)
        is_settled = False
        try:
            is_settled = self._carry_on(run_id)
        finally:
            with self._lock:
                self._carried.discard(run_id)
            if not is_settled:
                self._doubt([run_id])

    def _carry_on(self, run_id: int) -> bool:
        """Whether the run has ended, rests, or is somebody else's: anything but still this node's."""
        try:
            carrying.carry(self._means, self._hands, run_id, self._carry)
        except carrying.Lost:
            _log.warning("run %s is carried out elsewhere", run_id)
        except hands.Left:
            return False
        except Exception as e:  # noqa: BLE001 - the worker loop: a run may fail in any way, and has to end
            return self._end(run_id, e)
        return True

    def _end(self, run_id: int, failure: Exception) -> bool:
        """End a run that failed, unless that was the database's absence; whether it has ended."""
        with _surviving(f"run {run_id} can't be ended; trying again"):
            if not (isinstance(failure, sa.exc.SQLAlchemyError) and database.is_transient(failure)):
                self._fail(run_id, failure)
                return True
            _log.error("run %s: the database can't be reached; trying again", run_id, exc_info=failure)
        self._stopped.wait(RETRY_S)
        return False

    def _doubt(self, run_ids: Iterable[int]) -> None:
        """Nobody carries these runs out, though the database may say that this node does."""
        with self._lock:
            self._doubtful.update(run_ids)

    def _give_back(self) -> None:
        """Runs that are in doubt are pending again, so that somebody takes them up."""
        with self._lock:
            doubtful, carried = set(self._doubtful), set(self._carried)
        if not doubtful:
            return
        with self._means.db.write() as tx:
            run_rows.give_back_some(tx, doubtful - carried, self._means.node, carried)
        with self._lock:
            self._doubtful -= doubtful

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
    except (errors.Failure, programs.Refused):  # what is wrong with it, its run says
        return 1


@contextmanager
def _surviving(what: str) -> Iterator[None]:
    """The threads that everything depends on go on, whatever it is that goes wrong once."""
    try:
        yield
    except Exception:  # noqa: BLE001 - a thread that ends here would take everything with it
        _log.exception("%s", what)
