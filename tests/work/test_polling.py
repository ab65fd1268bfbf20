"""Triggers that look for events: told to look at once, and to forget where they were."""

from datetime import timedelta

import pytest

import worlds
from recipeyard.model import assets, errors
from recipeyard.sql import database, listeners
from recipeyard.work import recipes


def polling(place: worlds.Place) -> int:
    """A recipe that runs and looks in an hour."""
    place.load({"a.recipe.json": worlds.Recipe("Looks").bytes})
    assert not place.start("Looks").all
    with place.world.db.write() as tx:
        recipe_id = place.asset(assets.RECIPE, "Looks").id
        due_at = tx.now + timedelta(hours=1)
        listeners.put(tx, listeners.Listener(recipe_id, place.workspace.id, "poll", due_at=due_at, cursor=b"page 7"))
    return recipe_id


def listener(tx: database.Tx, recipe_id: int) -> listeners.Listener:
    found = listeners.find(tx, recipe_id)
    assert found
    return found


def test_a_poll_that_is_told_so_is_due_at_once(place: worlds.Place) -> None:
    recipe_id = polling(place)

    with place.world.db.write() as tx:
        recipes.poll_now(tx, place.workspace.id, recipe_id)
        due = listeners.due(tx, 10)

    assert [recipe_id] == [each.recipe_id for each in due]


def test_a_trigger_that_forgets_begins_anew(place: worlds.Place) -> None:
    recipe_id = polling(place)

    with place.world.db.write() as tx:
        recipes.reset_trigger(tx, place.workspace.id, recipe_id)
        assert listener(tx, recipe_id).cursor is None
        with pytest.raises(errors.Invalid, match="The trigger of recipe 'Looks' has read nothing to forget"):
            recipes.reset_trigger(tx, place.workspace.id, recipe_id)
