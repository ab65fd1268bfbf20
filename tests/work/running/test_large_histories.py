"""What is looked for at every turn is found without going through all the jobs that are kept."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

import worlds
from recipeyard.sql import database, jobs
from recipeyard.sql import runs as run_rows

LOOKS: dict[str, Callable[[database.Tx], Any]] = {
    "running": run_rows.running_counts,
    "oldest": lambda tx: run_rows.oldest_pending(tx, (), 8),
    "oldest but some": lambda tx: run_rows.oldest_pending(tx, (1, 2), 8),
    "pending of a recipe": lambda tx: run_rows.pending_of(tx, 1, 8),
    "counted pending": lambda tx: run_rows.count_pending(tx, 1, 8),
    "many pending": lambda tx: run_rows.has_pending(tx, 1, 8),
    "unended": lambda tx: run_rows.count_unended(tx, [1]),
    "due": lambda tx: run_rows.due(tx, 8),
    "next due": run_rows.next_due,
    "deadly": lambda tx: run_rows.deadly(tx, 8),
    "of the dead": lambda tx: run_rows.give_back(tx, ["a node"]),
    "held": lambda tx: run_rows.release(tx, 1, 1),
    "counted held": lambda tx: jobs.held(tx, [1]),
    "of a workspace": lambda tx: jobs.unended(tx, 1),
}


@pytest.mark.parametrize("look", LOOKS)
def test_a_look_for_runs_goes_through_those_alone_that_have_not_ended(embedded: worlds.World, look: str) -> None:
    said: list[tuple[str, Any]] = []
    sa.event.listen(
        embedded.db.engine, "before_cursor_execute", lambda _, __, text, given, *___: said.append((text, given))
    )
    with embedded.db.write() as tx:
        LOOKS[look](tx)
        asked = [(text, given) for text, given in said if "runs" in text]
        plans = [
            row.detail
            for text, given in asked
            for row in tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", given)
        ]

    assert any("ix_runs_unended" in each for each in plans)
    assert [] == [each for each in plans if each.startswith("SCAN runs") and "ix_runs_unended" not in each]
