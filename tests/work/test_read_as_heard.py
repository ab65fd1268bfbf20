"""A call of an endpoint is read by the version that answers it, also where that is moved while it is read."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import worlds
from recipeyard.model import api_collections, assets, packages, platform_clients
from recipeyard.runtime import codec, interface
from recipeyard.sql import runs
from recipeyard.work import endpoints

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Headers(Mapping[str, str]):
    """Headers; while they are looked at for the first time, something happens."""

    def __init__(self, happens: Callable[[], Any]) -> None:
        self._happens = [happens]
        self._lines = {"x-one": "1", "x-two": "2"}

    def __getitem__(self, name: str) -> str:
        while self._happens:
            self._happens.pop()()
        return self._lines[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


def answering(header: str) -> bytes:
    """A recipe that answers an endpoint, and wants to be told one header."""
    value = worlds.Recipe("A", trigger=("workato_api_platform", "receive_request")).value
    value["code"]["input"] = {"request": {"content_type": "json", "headers": json.dumps([{"name": header}])}}
    return worlds.document(value)


def test_a_call_is_read_as_the_version_wants_it_that_answers(place: worlds.Place) -> None:
    place.load({"a.recipe.json": answering("X-One")})
    assert not place.start("A").all
    recipe = place.asset(assets.RECIPE, "A")
    endpoint = api_collections.Endpoint(
        recipe, None, recipe.id, "desk", "POST", "a", legacy=False, active=True, timeout_s=30,
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    client = platform_clients.Client(1, "Guests", "", None, None, (), 1, 1, NOW, NOW)
    key = platform_clients.Key(
        1, 1, "main", masked="", active=True, ip_allow_list=(), ip_deny_list=(), active_since=NOW, created_at=NOW,
        updated_at=NOW,
    )  # fmt: skip

    def moved() -> None:
        package = place.load({"a.recipe.json": answering("X-Two")}, restart_recipes=True)
        assert packages.Status.COMPLETED is package.status

    sent = interface.Request("POST", {}, Headers(moved), b"{}")
    route = endpoints.Route(endpoint, recipe.id, {})
    run_id = endpoints.begin(place.world.db, route, endpoints.Caller(place.workspace.id, client, key, ""), sent)

    with place.world.db.read() as tx:
        event: Any = codec.decode(runs.event(tx, run_id))
        assert {"X-Two": "2"} == event["headers"]
