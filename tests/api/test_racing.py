"""Two clients change one recipe: the one who has read too early is told, and nothing of the other's is lost."""

import json
import threading
from concurrent import futures
from typing import Any

import pytest

import servers
import worlds

CODE = worlds.Recipe("x").step("logger", "log_message", {"message": "hello"}).value["code"]


@pytest.fixture
def recipe(client: servers.Client) -> int:
    """A recipe at its first version."""
    return int(client.call("POST", "recipes", json={"name": "A", "code": json.dumps(CODE)})["id"])


def test_of_two_who_race_one_wins_and_the_other_is_told(client: servers.Client, recipe: int) -> None:
    gate = threading.Barrier(2)

    def edit(word: str) -> Any:
        with client.server.client(client.token) as mine:
            read = mine.call("GET", f"recipes/{recipe}")
            changed = read | {"code": json.dumps(CODE | {"comment": word})}
            gate.wait()
            return mine.call("PUT", f"recipes/{recipe}", json=changed)

    with futures.ThreadPoolExecutor(2) as threads:
        answers = dict(zip(("one", "two"), threads.map(edit, ("one", "two")), strict=True))

    won = [word for word, answer in answers.items() if answer["success"]]
    lost = [answer for answer in answers.values() if not answer["success"]]
    shown = client.call("GET", f"recipes/{recipe}")
    what = "is 1, but the recipe is at version 2 by now: get it again, then change it"
    assert [{"success": False, "errors": {"version_no": [what]}}] == lost
    assert (2, won) == (shown["version_no"], [json.loads(shown["code"])["comment"]])


@pytest.mark.parametrize("fields", [{"version_no": 1}, {"version": 1}, {"version_no": 1, "version": 2}])
def test_an_edit_of_an_older_version_changes_nothing(
    client: servers.Client, recipe: int, fields: dict[str, int]
) -> None:
    folder = client.folder()
    client.call("PUT", f"recipes/{recipe}", json={"name": "B"})

    answer = client.call("PUT", f"recipes/{recipe}", json={"name": "C", "folder_id": folder} | fields)

    shown = client.call("GET", f"recipes/{recipe}")
    assert not answer["success"]
    assert ("B", 2) == (shown["name"], shown["version_no"])
    assert folder != shown["folder_id"]


def test_an_edit_that_names_no_version_or_the_current_one_is_made(client: servers.Client, recipe: int) -> None:
    client.call("PUT", f"recipes/{recipe}", json={"name": "B"})

    assert client.call("PUT", f"recipes/{recipe}", json={"recipe": {"name": "C"}})["success"]
    assert client.call("PUT", f"recipes/{recipe}", json={"recipe": {"name": "D", "version_no": "3"}})["success"]


def test_a_connection_is_not_changed_under_a_later_version(client: servers.Client) -> None:
    client.load(client.folder(), worlds.zipped(worlds.project()))
    recipe = client.recipe("First")
    other = client.call("POST", "connections", json={"name": "Other", "provider": "rest"})["id"]
    client.call("PUT", f"recipes/{recipe['id']}", json={"description": "Changed"})
    wanted = {"adapter_name": "rest", "connection_id": other}

    late = client.call("PUT", f"recipes/{recipe['id']}/connect", json=wanted | {"version_no": recipe["version_no"]})

    assert "version_no" in late["errors"]
    assert recipe["config"] == client.recipe("First")["config"]
    assert client.call("PUT", f"recipes/{recipe['id']}/connect", json=wanted | {"version_no": 2})["success"]


def test_a_version_that_is_gone_is_said_so(client: servers.Client, recipe: int) -> None:
    said = client.call("GET", f"recipes/{recipe}/versions/99999", 404)["message"]

    assert f"Not found: recipe {recipe} has no version 99999; it is gone, or never was" == said
