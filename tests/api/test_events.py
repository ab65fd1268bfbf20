"""A package is followed as it goes: how far it is, what became of each asset, and its end."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

import servers
import services
import worlds
from recipeyard.model import errors, packages
from recipeyard.sql import packages as package_rows

FILES = {f"r{at}.recipe.json": worlds.Recipe(f"R{at}").bytes for at in range(4)}


@contextmanager
def following(client: servers.Client, package_id: int, last: str = "") -> Iterator[Iterator[Any]]:
    """The events of a package, as they come."""
    headers = {"Last-Event-ID": last} if last else {}
    with client.http.stream("GET", f"/api/packages/{package_id}/events", headers=headers) as answer:
        assert (200, "text/event-stream") == (answer.status_code, answer.headers["content-type"].partition(";")[0])
        yield events(answer)


def events(answer: httpx.Response) -> Iterator[Any]:
    told: dict[str, str] = {}
    for line in answer.iter_lines():
        name, _, value = line.partition(": ")
        if line and name:
            told[name] = value
        elif told:
            yield told["event"], told["id"], json.loads(told["data"])
            told = {}


def heard(client: servers.Client, package_id: int, last: str = "") -> list[Any]:
    with following(client, package_id, last) as told:
        return list(told)


def waiting(client: servers.Client) -> int:
    """The id of an import that waits, and that no queue knows of."""
    workspace = client.call("GET", "users/me")
    values = {
        "workspace_id": workspace["id"],
        "operation": packages.Operation.IMPORT,
        "folder_id": workspace["root_folder_id"],
        "options": packages.Options(),
        "file_name": "data.zip",
    }
    with client.server.db.write() as tx:
        return package_rows.insert(tx, values).id


def test_one_that_has_ended_is_told_at_once_asset_by_asset(client: servers.Client) -> None:
    package = client.load(client.folder(), worlds.zipped(FILES))

    told = heard(client, package["id"])

    shown = client.call("GET", f"packages/{package['id']}")
    assert ("progress", "done-100", {"phase": "done", "percent": 100}) == told[0]
    assert [
        ("asset", f"asset-{at}", {
            "path": each["zip_name"], "type": "recipe", "name": each["name"], "action": "created", "id": each["id"],
            "message": None,
        })
        for at, each in enumerate(package["assets"], 1)
    ] == told[1:-1]  # fmt: skip
    assert ("end", "end", without_link(shown)) == (*told[-1][:2], without_link(told[-1][2]))


def without_link(package: Any) -> Any:
    """A package but for its link, which is another every second."""
    return {name: value for name, value in package.items() if name != "download_url"}


def test_whoever_comes_again_hears_what_came_after(client: servers.Client) -> None:
    package = client.load(client.folder(), worlds.zipped(FILES))
    all_of_it = heard(client, package["id"])

    assert ["asset-3", "asset-4", "end"] == [each[1] for each in heard(client, package["id"], "asset-2")]
    assert all_of_it[1:-1] == heard(client, package["id"], "done-100")[:-1]
    assert [] == heard(client, package["id"], "end")
    assert len(all_of_it) == len(heard(client, package["id"], "asset-x"))


def test_each_asset_at_fault_is_told(client: servers.Client) -> None:
    package = client.load(client.folder(), worlds.zipped(FILES | {"b.connection.json": b"{"}))

    told = heard(client, package["id"])

    at_fault = [each[2] for each in told if each[0] == "asset"]
    assert [("b.connection.json", "connection", "failed")] == [
        (each["path"], each["type"], each["action"]) for each in at_fault
    ]
    assert package["error"] == f"b.connection.json: {at_fault[0]['message']}"


def test_one_under_way_is_told_as_it_goes(client: servers.Client) -> None:
    package_id = waiting(client)
    db = client.server.db

    with following(client, package_id) as told:
        first = next(told)
        with db.write() as tx:
            package_rows.report(tx, package_id, packages.Phase.READING, 35)
        second = next(told)
        with db.write() as tx:
            package_rows.settle(tx, package_id, packages.failed(errors.Failure("enough")))
        rest = list(told)

    assert ["queued-0", "reading-35", "done-100", "end"] == [each[1] for each in (first, second, *rest)]
    assert ("failed", "enough") == (rest[-1][2]["status"], rest[-1][2]["error"])


def test_the_end_of_one_that_is_deleted_is_not_told(client: servers.Client) -> None:
    package_id = waiting(client)

    with following(client, package_id) as told:
        next(told)
        with client.server.db.write() as tx:
            package = package_rows.by_id(tx, package_id)
            assert package
            package_rows.delete(tx, package)

        assert [] == list(told)


def test_what_is_not_here_is_not_followed(client: servers.Client) -> None:
    package_id = waiting(client)

    client.call("GET", "packages/999999999/events", 404)
    with client.server.workspace() as other:
        other.call("GET", f"packages/{package_id}/events", 404)


def test_listeners_hold_nobody_up() -> None:
    with servers.serving(services.Backend("embedded", "", "")) as server, server.workspace() as client:
        package_id = waiting(client)
        with following(client, package_id) as gone:
            next(gone)
        held = [following(client, package_id) for _ in range(60)]
        told = [each.__enter__() for each in held]
        firsts = [next(each)[0] for each in told]
        client.call("GET", "users/me")

        asked_at = time.monotonic()
        server.stop()
        rests = [list(each) for each in told]

        assert ["progress"] * 60 == firsts
        assert [[]] * 60 == rests
        assert time.monotonic() - asked_at < 8
        assert "Traceback" not in server.log
