"""The durable engine: takes accepted work from its queues, survives any death of the process, ends each thing once.

The library keeps its queues in our own database, so that a request's rows and its work commit together. A deed that
dies half way is taken up again; deeds settle what they work on in the transaction that does the work, so doing one
twice is safe.
"""

import functools
import logging
import threading
import time
import uuid
from collections.abc import Callable, Set
from dataclasses import dataclass

import sqlalchemy as sa
from dbos import DBOS, DBOSClient
from dbos._queue import queue_worker_thread
from dbos._recovery import recover_pending_workflows

from recipeyard.model import errors
from recipeyard.sql import database
from recipeyard.work import (
    bell,
    deploy_project,
    export_package,
    import_package,
    parts,
    plan_import,
    roll_back,
    test_cases,
    watch,
)

RELEASE = "1"
"""The version that work is enqueued for. It changes only when work enqueued before can't be understood any more."""

REST_S = 0.5
"""How long work that another process put in may wait; what this one puts in is rung for."""

RETRY_S = 5
TRIES = 5
"""How often work is done that gives way to others, before it fails."""

AT_ONCE = {parts.Queue.EXPORTS: 4, parts.Queue.PLANS: 2, parts.Queue.TESTS: 2}
FORGOTTEN_AT_ONCE = 1000
_UNDER_WAY = "PENDING"
_ENDED = ["SUCCESS", "ERROR", "CANCELLED"]

ONE_BY_ONE = {parts.Queue.IMPORTS, parts.Queue.DEPLOYMENTS, parts.Queue.ROLLBACKS}
"""Queues whose work goes into a workspace: for each of those in the order of acceptance."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done with the work of one queue, by id; and how it ends where it can't be done."""

    run: Callable[[parts.Parts, int], None]
    fail: Callable[[parts.Parts, int, errors.Failure], None]


_DEEDS = {
    parts.Queue.IMPORTS: Deed(import_package.run, import_package.fail),
    parts.Queue.EXPORTS: Deed(export_package.run, import_package.fail),
    parts.Queue.DEPLOYMENTS: Deed(deploy_project.run, deploy_project.fail),
    parts.Queue.PLANS: Deed(plan_import.run, plan_import.fail),
    parts.Queue.ROLLBACKS: Deed(roll_back.run, roll_back.fail),
    parts.Queue.TESTS: Deed(test_cases.run, test_cases.fail),
}
_log = logging.getLogger(__name__)


class Engine:
    """One process's share of the work: `start` before the first request is accepted, `stop` on the way out.

    `node` is the process's own name, `predecessor` that of the one before it on the same data folder. `beside` is told
    who lives, as often as this looks: other work of the dead is taken up there.
    """

    def __init__(
        self, db: database.Database, node: str, predecessor: str | None, beside: Callable[[Set[str]], None]
    ) -> None:
        self._engine = database.engine_for_work(db)
        url = self._engine.url.render_as_string(hide_password=False)
        self._dbos = DBOS(
            config={
                "name": "recipeyard",
                "system_database_engine": self._engine,
                "system_database_url": url,
                "application_version": RELEASE,
                "executor_id": node,
                "console_log_level": "ERROR",
                "enable_otlp": False,
            }
        )
        self._client = DBOSClient(system_database_engine=self._engine, system_database_url=url)
        self._bells = {queue: bell.Bell() for queue in _DEEDS}
        self._listeners: list[threading.Thread] = []
        self._predecessor = predecessor
        self._beside = beside
        self._watch = watch.Watch(db, node, self._take_over)

    def enqueue(self, tx: database.Tx, queue: parts.Queue, workspace_id: int, subject_id: int) -> None:
        """Put the work of a package or a deployment into its queue, in the caller's transaction.

        The queue's clock may be as coarse as a second, and it breaks ties by name: so names sort as their subjects do.
        """
        options = {
            "workflow_name": queue.value,
            "queue_name": queue.value,
            "workflow_id": f"{queue.value}-{subject_id:019}",
            "app_version": RELEASE,
        }
        if queue in ONE_BY_ONE:
            options["queue_partition_key"] = str(workspace_id)
        self._client.enqueue_in_transaction(tx.connection, options, subject_id)  # type: ignore[arg-type]
        tx.afterwards.append(self._bells[queue].put_in)

    def start(self, deed: parts.Parts) -> None:
        """Begin to work; what was under way when a process died goes on first."""
        for queue, work in _DEEDS.items():
            DBOS.workflow(name=queue.value, max_recovery_attempts=None)(_shell(deed, work, self._bells[queue]))
        DBOS.listen_queues([])
        DBOS.launch()
        for queue in sorted(ONE_BY_ONE):
            DBOS.register_queue(
                queue.value, partition_concurrency=1, polling_interval_sec=REST_S, on_conflict="always_update"
            )
        for queue, most in AT_ONCE.items():
            DBOS.register_queue(
                queue.value, worker_concurrency=most, polling_interval_sec=REST_S, on_conflict="always_update"
            )
        self._forget_ended()
        self._watch.begin(self._predecessor)
        for queue, listened in self._bells.items():
            self._listen(queue, listened)

    def _take_over(self, living: Set[str]) -> None:
        """Put the work of nodes that live no more back into its queues. Work that was put back before stays."""
        self._beside(living)
        pending = self._client.list_workflows(status=_UNDER_WAY, load_input=False, load_output=False)
        dead = {each.executor_id for each in pending if each.executor_id} - living
        if dead:
            recover_pending_workflows(self._dbos, sorted(dead))
            for listened in self._bells.values():
                listened.ring()

    def _forget_ended(self) -> None:
        """Remove the library's own record of work that has ended: packages and deployments tell how."""
        ended = functools.partial(self._client.list_workflows, status=_ENDED, load_input=False, load_output=False)
        while found := ended(limit=FORGOTTEN_AT_ONCE):
            self._client.delete_workflows([each.workflow_id for each in found])

    def _listen(self, queue: parts.Queue, listened: bell.Bell) -> None:
        """The library's own listener, waiting on a bell: on a bare clock it looks too late or too often."""
        arguments = (listened, self._dbos, DBOS.retrieve_queue(queue.value))
        listener = threading.Thread(target=queue_worker_thread, args=arguments, name=f"queue-{queue}", daemon=True)
        listener.start()
        self._listeners.append(listener)

    def stop(self) -> None:
        """Let the work under way end, and take no more. What does not end in time is for others to take up."""
        for listened in self._bells.values():
            listened.set()
        for listener in self._listeners:
            listener.join()
        DBOS.destroy(workflow_completion_timeout_sec=30)
        self._watch.end()
        self._client.destroy()


def _shell(deed: parts.Parts, work: Deed, listened: bell.Bell) -> Callable[[int], None]:
    """A deed as the engine runs it: whatever goes wrong, its subject ends, and what waited behind it begins."""

    def shell(subject_id: int) -> None:
        listened.begin()
        try:
            _do(deed, work, subject_id)
        except Exception as e:  # noqa: BLE001 - the worker loop: the one place where work may fail in any way
            incident = str(uuid.uuid4())
            _log.exception("%s of %s failed (incident %s)", work.run.__module__, subject_id, incident)
            why = "the disk is full" if database.is_disk_full(e) else f"the log tells more: {incident}"
            _fail(deed, work, subject_id, errors.Failure(f"Server error: {why}"))
        finally:
            listened.ring()

    return shell


def _do(deed: parts.Parts, work: Deed, subject_id: int) -> None:
    """A deed; once more where it has given way to another transaction, of which nothing stays."""
    for _ in range(TRIES - 1):
        try:
            return work.run(deed, subject_id)
        except sa.exc.OperationalError as e:
            if not database.has_given_way(e):
                raise
            _log.warning("%s of %s gave way, and is done once more", work.run.__module__, subject_id)
    return work.run(deed, subject_id)


def _fail(deed: parts.Parts, work: Deed, subject_id: int, failure: errors.Failure) -> None:
    """End what has failed, however long the database can't be written. A stop leaves it to the next start."""
    while True:
        try:
            return work.fail(deed, subject_id, failure)
        except sa.exc.SQLAlchemyError:
            _log.exception("%s of %s: the failure can't be written; trying again", work.run.__module__, subject_id)
            time.sleep(RETRY_S)
