"""Work in a process of its own that is killed by `kill -9` before a statement or a commit, and when that may be."""

import os
import signal
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from recipeyard.sql import database

MOST = 1000
COMMITS = ("commit",)
BOTH = ("before_cursor_execute", "commit")


@dataclass(frozen=True)
class Moment:
    """Before the so-manieth of some events of the database."""

    events: tuple[str, ...]
    number: int

    def __str__(self) -> str:
        return f"{self.events[0]}-{self.number}"


def sampled(first: int, every: int) -> list[Iterator[Moment]]:
    """Every commit, and of all statements and commits a sample; each as long as there are such moments.

    RECIPEYARD_KILL_EVERY asks for another sample: with 1 it is all of them.
    """
    asked = int(os.environ.get("RECIPEYARD_KILL_EVERY", "0"))
    numbers = range(1, MOST, asked) if asked else range(first, MOST, every)
    return [
        (Moment(COMMITS, number) for number in range(1, MOST)),
        (Moment(BOTH, number) for number in numbers),
    ]


def kill_at(moment: Moment, db: database.Database, work: Callable[[database.Database], None]) -> bool:
    """Do work on a database in a process that is killed at a moment; false where that never came.

    Work that fails by itself is no sample of anything: it fails the test.
    """
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        _die_at(moment, db, work)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)

    assert code in (0, -signal.SIGKILL), f"{moment}: the work failed by itself ({code})"
    return code != 0


def _die_at(moment: Moment, parents: database.Database, work: Callable[[database.Database], None]) -> None:
    """In the child: never returns."""
    code = 1
    try:
        db = database.connect(parents.engine.url.render_as_string(hide_password=False), parents.clock)
        left = [moment.number]

        def count(*_: Any) -> None:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

        for event in moment.events:
            sa.event.listen(db.engine, event, count)
        work(db)
        code = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(code)
