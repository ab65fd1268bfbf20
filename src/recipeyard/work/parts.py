"""What every deed is given: the database, the blobs, the limits, and a way to put work into a queue."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from recipeyard import blobs
from recipeyard.model import bundles
from recipeyard.sql import database


class Queue(StrEnum):
    """Where work waits. What goes into one workspace runs one after another, exports side by side."""

    IMPORTS = "imports"
    EXPORTS = "exports"
    DEPLOYMENTS = "deployments"
    PLANS = "plans"
    ROLLBACKS = "rollbacks"
    TESTS = "tests"


Enqueue = Callable[[database.Tx, Queue, int, int], None]
"""Enqueue work in the transaction that accepts it: (tx, queue, id of the workspace it changes or reads, id).

The last id is the package's, or that of the deployment, plan or test run where the queue is theirs.
"""


@dataclass(frozen=True, slots=True)
class Parts:
    """Built once by `server`, handed to whoever works."""

    db: database.Database
    blobs: blobs.Blobs
    limits: bundles.Limits
    enqueue: Enqueue
