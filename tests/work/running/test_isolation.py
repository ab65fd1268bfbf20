"""What belongs to another workspace is out of a recipe's reach, however its document names it."""

import json
from typing import Any

import pytest

import running
import worlds
from recipeyard.model import assets
from recipeyard.runtime import interface
from recipeyard.runtime.stepping import programs
from recipeyard.sql import connections
from recipeyard.work.running import acting


@pytest.fixture
def theirs(embedded: worlds.World) -> int:
    """The id of a connection of another workspace, which holds a secret."""
    document = worlds.document({"name": "Theirs", "provider": "rest"})
    made = embedded.workspace().make(assets.CONNECTION, document, provider="rest")
    with embedded.db.write() as tx:
        connections.authorize(tx, made, b"sealed:" + json.dumps({"password": "hush"}).encode())
    return made


def polling(connection_id: int) -> dict[str, Any]:
    """A recipe that looks for its events through a connection that it names by id."""
    value = worlds.Recipe("A", trigger=("rest", "new_poll_event")).value
    value["config"][0]["account_id"] = connection_id
    return value


def test_a_trigger_that_says_it_is_skipped_needs_its_connection_all_the_same(
    embedded: worlds.World, theirs: int
) -> None:
    value = polling(theirs)
    value["code"]["skip"] = True
    place = embedded.workspace()
    place.load({"a.recipe.json": worlds.document(value)})

    assert ["connection can't be found"] == [each.message for each in place.start("A").config]


def test_a_run_opens_no_connection_of_another_workspace(embedded: worlds.World, theirs: int) -> None:
    program = programs.compile_document(polling(theirs))
    mine = embedded.workspace().workspace.id
    with running.running(embedded) as runner, pytest.raises(interface.Failure, match="not here"):
        acting.open_for(runner.means, mine, program, "rest")
