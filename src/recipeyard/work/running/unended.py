"""Runs that have not ended: their events were acknowledged, so the recipes that they belong to can't go yet."""

from collections.abc import Collection

from recipeyard.model import errors
from recipeyard.sql import database
from recipeyard.sql import runs as run_rows


def told(tx: database.Tx, recipe_ids: Collection[int]) -> dict[int, str]:
    """What keeps recipes from going, by id: how many of their jobs have not ended. Those that may go are not there."""
    counts = run_rows.count_unended(tx, recipe_ids)
    return {
        each: f"has {count} {'job' if count == 1 else 'jobs'} that must end first" for each, count in counts.items()
    }


def refuse(tx: database.Tx, recipe_id: int, name: str) -> None:
    """Raises `errors.Refused` for a recipe that can't go yet."""
    if what := told(tx, [recipe_id]).get(recipe_id):
        raise errors.Refused("jobs", f"recipe {name!r} {what}")


def _jobs(count: int) -> str:
    return f"{count} {'job' if count == 1 else 'jobs'}"
