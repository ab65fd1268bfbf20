"""What every deed is given: the database, the blobs, the limits, and a way to put work into a queue."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from recipeyard import blobs
from recipeyard.model import bundles
from recipeyard.sql import database


class Queue(StrEnum):
    """Where work waits. Imports of one workspace run one after another, exports side by side."""

    IMPORTS = "imports"
    EXPORTS = "exports"


Enqueue = Callable[[database.Tx, Queue, int, int], None]
"""Enqueue the work of a package in the transaction that accepts it: (tx, queue, workspace id, package id)."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Built once by `server`, handed to whoever works."""

    db: database.Database
    blobs: blobs.Blobs
    limits: bundles.Limits
    enqueue: Enqueue
