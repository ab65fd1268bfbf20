"""Forget plans that were not applied, with their archives, and jobs that ended long ago."""

import logging
import threading
from datetime import timedelta

import sqlalchemy as sa

from recipeyard import blobs
from recipeyard.model import errors
from recipeyard.sql import plans as plan_rows
from recipeyard.sql import runs as run_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import activities, parts

EVERY = timedelta(days=1)
AT_ONCE = 5000
"""How many jobs and steps are forgotten in one transaction."""

_log = logging.getLogger(__name__)


def delete(deed: parts.Parts, workspace_id: int, plan_id: int) -> None:
    """Forget one plan.

    Raises `errors.NotFound`, `errors.Invalid` for a plan that was applied, and `errors.Conflict` for one that was
    meanwhile.
    """
    with deed.db.write() as tx:
        workspace_rows.lock(tx, workspace_id)
        plan = plan_rows.find(tx, workspace_id, plan_id)
        if plan.applied_id is not None:
            raise errors.Invalid(f"The plan was applied by package {plan.applied_id}, and stays with it")
        if not plan_rows.delete(tx, plan):
            raise errors.Conflict(f"The plan {plan.id} has been applied meanwhile")
        activities.record(tx, workspace_id, "plan_deleted", activities.of_plan(plan))
    if plan.blob_key:
        deed.blobs.delete(plan.blob_key)


def forget(deed: parts.Parts, kept: timedelta) -> None:
    """Forget the plans that ended longer ago and were not applied since."""
    with deed.db.write() as tx:
        keys = plan_rows.forget_unapplied(tx, tx.now - kept)
    for key in keys:
        deed.blobs.delete(key)


def forget_jobs(deed: parts.Parts, kept: timedelta, stopped: threading.Event) -> None:
    """Forget the jobs that ended longer ago, a few at a time, so that nobody waits for it; until it is stopped."""
    forgotten = 1
    while forgotten and not stopped.is_set():
        with deed.db.write() as tx:
            forgotten = run_rows.forget_ended(tx, tx.now - kept, AT_ONCE)


class Forgetter:
    """Forgets at once and then once a day, until it is stopped. What it can't do, it tries again on the next day."""

    def __init__(self, deed: parts.Parts, plans_kept: timedelta, jobs_kept: timedelta) -> None:
        self._deed = deed
        self._plans_kept = plans_kept
        self._jobs_kept = jobs_kept
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="forgetting", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Forget no more; what is under way ends before this returns."""
        self._stopped.set()
        self._thread.join()

    def _go_on(self) -> None:
        while not self._stopped.is_set():
            try:
                forget(self._deed, self._plans_kept)
                forget_jobs(self._deed, self._jobs_kept, self._stopped)
            except (sa.exc.SQLAlchemyError, *blobs.FAILURES):
                _log.exception("plans or jobs can't be forgotten; trying again on the next day")
            self._stopped.wait(EVERY.total_seconds())
