"""The walks of other public clients, step by step as they were recorded: what each sends, and what it reads."""

from typing import Any

import httpx

import servers
import worlds

CONNECTOR = {
    "connector.custom_adapter.rb": b"{ title: 'My ERP' }",
    "connector.custom_adapter.json": b'{"title":"My ERP","description":"d","note":"n"}',
}


def test_a_connector_is_pushed_to_the_root_with_the_older_credentials(client: servers.Client) -> None:
    old = {"x-user-email": "a@example.com", "x-user-token": client.token}
    with httpx.Client(base_url=f"{client.server.address}/api", headers=old | {"Accept": "*/*"}) as gem:
        root = gem.get("/users/me").json()["root_folder_id"]
        sent: dict[str, Any] = {"content": worlds.zipped(CONNECTOR), "headers": {"Content-Type": "application/zip"}}
        package = gem.post(f"/packages/import/{root}", **sent).json()
        ended = client.follow(package)
        broken = gem.post(f"/packages/import/{root}", content=b"no zip").json()

        assert ("completed", []) == (ended["status"], ended["recipe_status"])
        assert "a zip" in broken["error"]
        assert ["My ERP"] == [each["title"] for each in client.call("GET", "custom_connectors")["result"]]
        assert 404 == gem.post("/packages/import/999999", **sent).status_code


def test_a_fetcher_infers_the_root_and_walks_recipes_by_id(client: servers.Client) -> None:
    root = client.call("GET", "users/me")["root_folder_id"]
    client.load(root, worlds.zipped({f"P/{path}": content for path, content in worlds.project().items()}))
    client.folder()
    fetched: list[int] = []
    seen: dict[int, int] = {}
    waiting = client.call("GET", "folders")
    while waiting:
        folder = waiting.pop()
        seen[folder["id"]] = folder["parent_id"]
        waiting += client.call("GET", "folders", params={"parent_id": folder["id"]})
    while page := client.call("GET", "recipes", params={"since_id": min(fetched)} if fetched else {})["items"]:
        fetched += [each["id"] for each in page]

    pushed = client.http.post(
        f"/api/packages/import/{root}?restart_recipes=true",
        content=worlds.zipped({"P/first.recipe.json": worlds.Recipe("First").bytes}),
        headers={"Content-Type": "application/octet-type"},
    )

    assert {root} == set(seen.values()) - seen.keys()
    assert 2 == len(fetched) == len(set(fetched))
    assert "completed" == client.follow(pushed.json())["status"]
    assert 2 == len(client.call("GET", "recipes")["items"])


def test_a_pipeline_reads_the_location_and_fetches_it_without_a_token(client: servers.Client) -> None:
    folder = client.folder()
    client.load(folder, worlds.zipped(worlds.project()))
    manifest = client.manifest(folder, name="orders")

    package = client.call("POST", f"packages/export/{manifest}", headers={"Content-Type": "application/json"})
    while package["status"] == "in_progress":
        package = client.call("GET", f"packages/{package['id']}")
    location = client.http.get(f"/api/packages/{package['id']}/download").headers["location"]
    by_location = httpx.get(location, headers={"Accept": "*/*"})
    by_url = httpx.get(package["download_url"])

    assert 200 == by_location.status_code
    assert by_location.content == by_url.content
    assert "orders" == package["download_url"].rpartition("/")[2].rpartition(".")[0]


def test_a_script_uploads_a_form_and_cleans_up_behind_it(client: servers.Client) -> None:
    folder = client.folder()
    content = worlds.zipped(worlds.project())

    package = client.call("POST", f"packages/import/{folder}", files={"file": content}, params={"restart_recipes": "1"})
    ended = client.follow(package)
    manifest = client.manifest(0, name="All")

    assert "completed" == ended["status"]
    assert client.call("DELETE", f"packages/{package['id']}")["success"]
    assert client.call("DELETE", f"export_manifests/{manifest}")["success"]
    client.call("GET", f"packages/{package['id']}", 404)


def test_a_client_that_pushes_what_changed_leaves_the_rest_alone(client: servers.Client) -> None:
    folder = client.folder()
    client.load(folder, worlds.zipped(worlds.project()))
    before = {each["name"]: each["version_no"] for each in client.call("GET", "recipes")["items"]}

    changed = worlds.zipped({"first.recipe.json": worlds.Recipe("First").bytes})
    package = client.load(folder, changed, restart_recipes="true")
    again = client.load(folder, changed, restart_recipes="true")

    assert {"updated"} == {each["action"] for each in package["assets"]}
    assert {"unchanged"} == {each["action"] for each in again["assets"]}
    after = {each["name"]: each["version_no"] for each in client.call("GET", "recipes")["items"]}
    assert before | {"First": before["First"] + 1} == after
    assert 2 == len(client.call("GET", "connections"))
