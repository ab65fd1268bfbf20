"""Triggers that look for events, where a stub answers for what they would ask."""

import time

import running
import worlds
from recipeyard.model import assets, stubs
from recipeyard.sql import listeners
from recipeyard.work import stubs as stub_deeds

NOWHERE = "http://127.0.0.1:9/"


def polling() -> worlds.Recipe:
    """A recipe that looks for events where nobody answers."""
    recipe = worlds.Recipe("A", trigger=("rest", "new_poll_event"))
    recipe.config.append({"provider": "rest", "account_id": worlds.reference("crm.connection.json", "CRM")})
    return recipe


def looked(runner: running.Runner, recipe_id: int) -> listeners.Listener:
    """How the recipe listens once it has looked."""
    until = time.monotonic() + running.PATIENCE_S
    while time.monotonic() < until:
        with runner.world.db.read() as tx:
            found = listeners.find(tx, recipe_id)
        if found and (found.cursor or found.error):
            return found
        time.sleep(0.02)
    raise AssertionError(found)


def test_a_trigger_that_a_stub_answers_for_asks_nobody(embedded: worlds.World) -> None:
    value = polling().value
    value["code"]["input"] = {"request": {"url": NOWHERE}}
    place = embedded.workspace()
    place.load({"a.recipe.json": worlds.document(value), "crm.connection.json": worlds.connection("CRM")})
    stub = place.make(assets.STUB, worlds.document({"name": "S", "provider": "rest", "answers": []}), "rest")
    with embedded.db.write() as tx:
        bound = stubs.Bound((place.asset(assets.CONNECTION, "CRM").id,))
        stub_deeds.bind(tx, place.workspace.id, stub, bound)

    with running.running(embedded) as runner:
        assert not place.start("A").all
        listener = looked(runner, place.asset(assets.RECIPE, "A").id)

    assert (None, 0) == (listener.error, listener.failures)
