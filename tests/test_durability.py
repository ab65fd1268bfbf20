"""Whatever moment the process dies at: what was acknowledged ends once, and nothing is half done."""

import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import servers
import services
import worlds
from recipeyard.model import deployments
from recipeyard.sql import environments, tables

KILLS = 12
DEPLOYMENT_KILLS = 4


@pytest.fixture(params=services.BACKENDS)
def mortal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[servers.Server]:
    """A server to be killed."""
    with servers.serving(services.backend(request.param, tmp_path, request)) as server:
        yield server


def generation(number: int) -> bytes:
    """A package of forty recipes that all bear one generation's number."""
    files = {
        f"r{at}.recipe.json": worlds.Recipe(f"R{at}").step("logger", "log_message", {"message": str(number)}).bytes
        for at in range(40)
    }
    return worlds.zipped(files)


def test_every_acknowledged_package_ends_once_and_none_is_half_applied(mortal: servers.Server) -> None:
    chance = random.Random(20261124)
    with mortal.workspace() as client:
        folder = client.folder()
        client.load(folder, generation(0))
        manifest = client.manifest(folder)
        acknowledged: list[int] = []

        for number in range(1, KILLS + 1):
            for path in (f"import/{folder}", f"export/{manifest}", f"import/{folder}"):
                content = generation(number) if path.startswith("import") else b""
                acknowledged.append(client.call("POST", f"packages/{path}", content=content)["id"])
            time.sleep(chance.uniform(0, 0.15))
            mortal.stop(signal.SIGKILL)
            mortal.start()
            assert 1 == len(generations(client)), "half of a package was applied"

        ended = [client.follow(client.call("GET", f"packages/{package}")) for package in acknowledged]
        assert {"completed"} == {package["status"] for package in ended}
        assert {str(KILLS)} == generations(client)
        assert_applied_once(mortal)
        assert worlds.unzipped(generation(KILLS)) == worlds.unzipped(client.export(folder))


def generations(client: servers.Client) -> set[str]:
    """Which generations the recipes of a workspace are of."""
    return {
        each["code"].partition('"message":"')[2].partition('"')[0] for each in client.call("GET", "recipes")["items"]
    }


def assert_applied_once(server: servers.Server) -> None:
    """Each import has made at most one version of each asset, and reported each asset once."""
    for table in (tables.versions, tables.package_assets):
        twice = sa.select(table.c.package_id, table.c.asset_id).group_by(table.c.package_id, table.c.asset_id)
        with server.db.read() as tx:
            assert [] == tx.all(twice.having(sa.func.count() > 1))


def test_imports_into_one_workspace_queue_and_those_into_others_go_on(server: servers.Server) -> None:
    with server.workspace() as first, server.workspace() as second:
        folders = {client.token: client.folder() for client in (first, second)}
        asked = [
            (client, client.call("POST", f"packages/import/{folders[client.token]}", content=generation(number)))
            for number in range(6)
            for client in (first, second)
        ]

        ended = [client.follow(package) for client, package in asked]

        assert {"completed"} == {package["status"] for package in ended}
        assert {"5"} == generations(first) == generations(second)


def test_a_packages_content_and_record_outlive_the_process(mortal: servers.Server) -> None:
    with mortal.workspace() as client:
        folder = client.folder()
        package = client.load(folder, generation(1))
        content = client.export(folder)

        mortal.stop()
        mortal.start()

        shown = client.call("GET", f"packages/{package['id']}")
        link = shown.pop("download_url"), package.pop("download_url")
        assert all(link)
        assert package == shown
        assert content == client.http.get(f"/api/packages/{package['id'] + 1}/download", follow_redirects=True).content


def test_an_upload_that_was_cut_by_a_kill_is_swept_at_the_next_start(tmp_path: Path) -> None:
    with servers.serving(services.Backend("embedded", "", "")) as server, server.workspace() as client:
        kept = client.load(client.folder(), generation(1))
        server.stop(signal.SIGKILL)
        for name in ("uploads/orphan/data.zip", "uploads/cut/.partial-x"):
            path = server.data / "blobs" / name
            path.parent.mkdir()
            path.write_bytes(b"PK")

        server.start()

        left = [path for path in (server.data / "blobs" / "uploads").rglob("*") if path.is_file()]
        assert 1 == len(left)
        assert client.http.get(f"/api/packages/{kept['id']}/download", follow_redirects=True).content == generation(1)


def test_a_full_disk_refuses_in_words_and_the_server_goes_on(tmp_path: Path) -> None:
    """The largest file that the process may write stands in for the disk's end."""
    with servers.serving(services.Backend("embedded", "", "")) as server, server.workspace() as client:
        folder = client.folder()
        noise = worlds.zipped(
            {"a.recipe.json": worlds.Recipe("A").bytes, "b.bin": random.Random(1).randbytes(3_000_000)}
        )
        servers.limit_files(server, 2_000_000)

        answer = client.call("POST", f"packages/import/{folder}", 500, content=noise)

        assert "Server error: the disk is full" == answer["message"]
        assert [] == client.call("GET", "packages")["items"]
        assert [] == [path for path in (server.data / "blobs" / "uploads").rglob("*") if path.is_file()]
        servers.limit_files(server, -1)
        assert "completed" == client.load(folder, noise)["status"]


def test_a_deployment_that_is_killed_on_its_way_arrives_once(mortal: servers.Server) -> None:
    chance = random.Random(20261125)
    with mortal.workspace() as source, mortal.workspace() as target:
        ids = [client.call("GET", "users/me")["id"] for client in (source, target)]
        with mortal.db.write() as tx:
            environments.bind(tx, ids[0], deployments.Environment.PROD, ids[1])
        folder = source.folder("Orders")
        acknowledged: list[int] = []

        for number in range(1, DEPLOYMENT_KILLS + 1):
            source.load(folder, generation(number))
            path = f"projects/f{folder}/deploy?environment_type=prod"
            acknowledged += [source.call("POST", path)["id"] for _ in range(2)]
            time.sleep(chance.uniform(0, 0.3))
            mortal.stop(signal.SIGKILL)
            mortal.start()

        ended = [settled(source, deployment) for deployment in acknowledged]
        arrived = [package["id"] for package in target.call("GET", "packages")["items"]]
        assert {"success"} == {deployment["state"] for deployment in ended}
        assert [deployment["package_id"] for deployment in ended] == arrived[::-1]
        assert {str(DEPLOYMENT_KILLS)} == generations(target)
        assert_applied_once(mortal)


def settled(client: servers.Client, deployment_id: int) -> Any:
    """A deployment as it ended."""
    for _ in range(servers.PATIENCE_S * 20):
        deployment = client.call("GET", f"deployments/{deployment_id}")
        if deployment["state"] != "pending":
            return deployment
        time.sleep(0.05)
    raise TimeoutError(deployment)
