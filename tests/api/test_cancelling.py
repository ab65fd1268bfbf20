"""Packages that somebody calls off, and what a failed one says of each asset at fault."""

import threading
import uuid
from concurrent import futures
from typing import Any

import sqlalchemy as sa

import servers
import worlds
from recipeyard.model import errors, packages
from recipeyard.sql import packages as package_rows
from recipeyard.sql import tables
from recipeyard.work import export_package, import_package, settling

FILES = {f"r{at}.recipe.json": worlds.Recipe(f"R{at}").bytes for at in range(5)}


def waiting(client: servers.Client, **more: Any) -> int:
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
        package = package_rows.insert(tx, values)
        tx.run(
            sa.update(tables.packages).where(tables.packages.c.id == package.id).values(**more)
            if more
            else sa.select(1)
        )
    return package.id


def test_a_package_that_waits_can_be_cancelled_and_says_by_whom(client: servers.Client) -> None:
    package_id = waiting(client)

    cancelled = client.call("POST", f"packages/{package_id}/cancel")

    assert ("failed", "cancelled by API client") == (cancelled["status"], cancelled["error"])
    assert cancelled == client.call("GET", f"packages/{package_id}")
    assert "package_cancelled" == client.call("GET", "activity_logs")["data"][0]["event_type"]


def test_a_package_that_is_being_applied_is_not_cancelled(client: servers.Client) -> None:
    package_id = waiting(client, phase=packages.Phase.APPLYING)

    refused = client.call("POST", f"packages/{package_id}/cancel", 409)

    assert "conflict" == refused["error_type"]
    assert "in_progress" == client.call("GET", f"packages/{package_id}")["status"]


def test_a_package_that_has_ended_is_not_cancelled(client: servers.Client) -> None:
    package = client.load(client.folder(), worlds.zipped(FILES))

    assert (
        "The package has ended: it is completed"
        == client.call("POST", f"packages/{package['id']}/cancel", 409)["message"]
    )
    assert package["status"] == client.call("GET", f"packages/{package['id']}")["status"]


def test_another_workspaces_package_is_not_there_to_be_cancelled(client: servers.Client) -> None:
    package_id = waiting(client)

    with client.server.workspace() as other:
        other.call("POST", f"packages/{package_id}/cancel", 404)

    assert "in_progress" == client.call("GET", f"packages/{package_id}")["status"]


def test_nothing_comes_of_a_cancelled_import(place: worlds.Place) -> None:
    deed = place.world.deed
    package = asked(place)
    before = place.world.counts()

    settling.cancel(deed, place.workspace.id, package.id)
    import_package.run(deed, package.id)

    assert packages.Status.FAILED is place.package(package.id).status
    assert before == place.world.counts()


def test_nothing_comes_of_a_cancelled_export(place: worlds.Place) -> None:
    place.load(FILES)
    deed = place.world.deed
    package = export_package.request(deed, place.workspace.id, place.manifest().id)

    settling.cancel(deed, place.workspace.id, package.id)
    export_package.run(deed, package.id)

    assert (packages.Status.FAILED, None) == (place.package(package.id).status, place.package(package.id).blob_key)


def test_whoever_is_first_wins_an_import_or_who_cancels_it(place: worlds.Place) -> None:
    for at in range(12):
        package, gate = asked(place, {f"{at}.recipe.json": worlds.Recipe(f"Race {at}").bytes}), threading.Barrier(2)
        with futures.ThreadPoolExecutor(2) as threads:
            done = [threads.submit(each, place, package, gate) for each in (do, call_off)]
        was_cancelled = done[1].result()

        status = place.package(package.id).status
        made = place.world.counts()["assets"]
        assert (status is packages.Status.FAILED) == was_cancelled
        assert (status is packages.Status.COMPLETED) == bool(place.results(place.package(package.id)))
        assert made == sum(
            place.package(each).status is packages.Status.COMPLETED for each in range(package.id - at, package.id + 1)
        )


def test_a_failed_import_names_each_asset_at_fault(client: servers.Client) -> None:
    spoilt = {"a.recipe.json": b"{", "Sub/b.connection.json": b"[]", "c.recipe.json": worlds.Recipe("C").bytes}

    package = client.load(client.folder(), worlds.zipped(spoilt))

    told = package["asset_errors"]
    assert [("Sub/b.connection.json", "connection"), ("a.recipe.json", "recipe")] == sorted(
        (each["path"], each["type"]) for each in told
    )
    assert sorted(package["error_parts"]) == sorted(f"{each['path']}: {each['message']}" for each in told)


def test_a_failure_that_lies_in_no_asset_names_none(client: servers.Client) -> None:
    package = client.follow(client.call("POST", f"packages/export/{client.manifest(client.folder())}"))

    assert (["the manifest selects no asset"], []) == (package["error_parts"], package["asset_errors"])


def asked(place: worlds.Place, files: worlds.Files = FILES) -> packages.Package:
    """An import that was accepted, and not done yet."""
    deed = place.world.deed
    key = f"uploads/{uuid.uuid4().hex}/data.zip"
    deed.blobs.put(key, [worlds.zipped(files)])
    return import_package.request(deed, (place.workspace.id, place.project.id), packages.Options(), key, "data.zip")


def do(place: worlds.Place, package: packages.Package, gate: threading.Barrier) -> None:
    gate.wait()
    import_package.run(place.world.deed, package.id)


def call_off(place: worlds.Place, package: packages.Package, gate: threading.Barrier) -> bool:
    """Whether the package could be cancelled."""
    gate.wait()
    try:
        settling.cancel(place.world.deed, place.workspace.id, package.id)
    except errors.Conflict:
        return False
    return True
