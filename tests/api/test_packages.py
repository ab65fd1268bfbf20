"""The four calls at the heart, over HTTP."""

import hashlib
import hmac
import re

import httpx
import pytest

import servers
import worlds


def test_a_project_goes_from_one_workspace_to_another(server: servers.Server) -> None:
    with server.workspace() as development, server.workspace() as production:
        source, target = development.folder("Orders"), production.folder("Orders")
        development.load(source, worlds.zipped(worlds.project()))

        package = production.load(target, development.export(source, include_data=True))

        assert package["status"] == "completed"
        assert {"created"} == {asset["action"] for asset in package["assets"]}
        assert worlds.project() == worlds.unzipped(production.export(target, include_data=True))


def test_a_second_import_changes_nothing(client: servers.Client) -> None:
    folder = client.folder()
    content = worlds.zipped(worlds.project())
    client.load(folder, content)

    package = client.load(folder, content)

    assert {"unchanged"} == {asset["action"] for asset in package["assets"]}
    assert {"no_update_or_updated_without_restart"} == {each["import_result"] for each in package["recipe_status"]}


def test_an_accepted_export_says_in_progress_and_has_no_content_yet(client: servers.Client) -> None:
    folder = client.folder()
    client.load(folder, worlds.zipped(worlds.project()))
    manifest = client.manifest(folder)

    package = client.call("POST", f"packages/export/{manifest}", headers={"Content-Type": "application/json"})

    assert ("export", "in_progress", manifest, None) == (
        package["operation_type"],
        package["status"],
        package["export_manifest_id"],
        package["download_url"],
    )
    assert "recipe_status" not in package
    assert client.http.get(f"/api/packages/{client.follow(package)['id']}/download").status_code == 302


def test_a_failed_import_gives_no_content(client: servers.Client) -> None:
    package = client.load(client.folder(), worlds.zipped({"a.recipe.json": b"{}"}))

    assert ("failed", None) == (package["status"], package["download_url"])
    assert client.http.get(f"/api/packages/{package['id']}/download").status_code == 404


def test_an_accepted_import_shows_where_its_content_is(client: servers.Client) -> None:
    content = worlds.zipped(worlds.project())

    package = client.call("POST", f"packages/import/{client.folder()}", content=content)

    assert package["operation_type"] == "import"
    assert "export_manifest_id" not in package
    assert content == httpx.get(package["download_url"]).content


def test_a_download_redirects_to_an_absolute_link_that_needs_no_token(client: servers.Client) -> None:
    package = client.load(client.folder(), worlds.zipped(worlds.project()))

    answer = client.http.get(f"/api/packages/{package['id']}/download")
    content = httpx.get(answer.headers["location"])

    assert answer.status_code == 302
    assert answer.headers["location"].startswith("http://")
    assert answer.headers["location"].partition("?")[0].endswith(".zip")
    assert content.headers["content-type"] == "application/zip"
    assert content.headers["content-disposition"] == 'attachment; filename="data.zip"'


def test_the_link_of_an_export_is_named_after_its_manifest(started: dict[str, servers.Server]) -> None:
    with started["embedded"].workspace() as client:
        folder = client.folder()
        client.load(folder, worlds.zipped(worlds.project()))
        manifest = client.manifest(folder, name="Orders & more")

        package = client.follow(client.call("POST", f"packages/export/{manifest}"))

        path, _, query = package["download_url"].partition("?")
        assert re.fullmatch(r".*/packages/zip_files/\d{3}/\d{3}/\d{3}/original/orders-more\.zip", path)
        assert not set("/\\.") & set(query)


def test_a_forged_or_expired_link_is_refused_in_json(started: dict[str, servers.Server]) -> None:
    with started["embedded"].workspace() as client:
        package = client.load(client.folder(), worlds.zipped(worlds.project()))
        path, _, token = package["download_url"].partition("?token=")
        expired = "00000001" + hmac.new(b"", f"{package['id']}:00000001".encode(), hashlib.sha256).hexdigest()

        refused = [httpx.get(path, params={"token": each}) for each in (token[:-1] + "x", expired, "", "zz")]

        assert [answer.status_code for answer in refused] == [403] * 4
        assert refused[0].json()["message"] == "The download link is not valid"


def test_a_package_without_content_has_no_download(client: servers.Client) -> None:
    manifest = client.manifest(client.folder())

    package = client.follow(client.call("POST", f"packages/export/{manifest}"))

    assert (package["status"], package["error"]) == ("failed", "the manifest selects no asset")
    client.call("GET", f"packages/{package['id']}/download", 404)


def test_packages_are_listed_newest_first_page_by_page(client: servers.Client) -> None:
    folder = client.folder()
    made = [client.load(folder, worlds.zipped(worlds.project()))["id"] for _ in range(3)]

    first = client.call("GET", "packages", params={"per_page": 2})["items"]
    second = client.call("GET", "packages", params={"per_page": 2, "page": 2})["items"]

    assert made[::-1] == [package["id"] for package in first + second]


def test_a_deleted_package_is_gone_with_its_content(client: servers.Client) -> None:
    package = client.load(client.folder(), worlds.zipped(worlds.project()))

    assert client.call("DELETE", f"packages/{package['id']}") == {"success": True}

    client.call("GET", f"packages/{package['id']}", 404)
    client.call("DELETE", f"packages/{package['id']}", 404)
    assert httpx.get(package["download_url"]).status_code in {403, 404}


@pytest.mark.parametrize("asked", ["True", "1", "true", "TRUE"])
def test_a_running_recipe_is_restarted_however_true_is_spelled(client: servers.Client, asked: str) -> None:
    folder = client.folder()
    client.load(folder, worlds.zipped({"a.recipe.json": worlds.Recipe("A").bytes}))
    recipe = client.recipe("A")
    client.call("PUT", f"recipes/{recipe['id']}/start")
    changed = worlds.zipped({"a.recipe.json": worlds.Recipe("A").step("logger", "log_message", {}).bytes})

    package = client.load(folder, changed, restart_recipes=asked)

    assert [{"id": recipe["id"], "import_result": "restarted"}] == package["recipe_status"]
    assert (client.recipe("A")["running"], client.recipe("A")["running_version_no"]) == (True, 2)


def test_an_import_that_would_change_a_running_recipe_is_refused_whole(client: servers.Client) -> None:
    folder = client.folder()
    client.load(folder, worlds.zipped({"a.recipe.json": worlds.Recipe("A").bytes}))
    client.call("PUT", f"recipes/{client.recipe('A')['id']}/start")
    changed = {
        "a.recipe.json": worlds.Recipe("A").step("logger", "log_message", {}).bytes,
        "b.recipe.json": worlds.Recipe("B").bytes,
    }

    package = client.load(folder, worlds.zipped(changed), restart_recipes="false")

    assert (
        package["status"],
        package["error"],
        package["recipe_status"],
    ) == ("failed", "a.recipe.json: recipe 'A' is running; set restart_recipes=true", [])
    assert [recipe["name"] for recipe in client.call("GET", "recipes")["items"]] == ["A"]


def test_home_assets_go_to_the_folder_named_for_them(client: servers.Client) -> None:
    folder, home = client.folder(), client.folder()
    content = worlds.zipped({"chat.connection.json": worlds.connection("Chat", "slack", root_folder=True)})

    client.load(folder, content, folder_id_for_home_assets=home)

    assert [("Chat", home)] == [(each["name"], each["folder_id"]) for each in client.call("GET", "connections")]


def test_home_assets_cant_go_to_the_root_or_nowhere(client: servers.Client) -> None:
    folder, root = client.folder(), client.call("GET", "users/me")["root_folder_id"]
    content = worlds.zipped(worlds.project())

    refused = [
        client.call("POST", f"packages/import/{folder}", 422, content=content, params={"folder_id_for_home_assets": at})
        for at in (root, 999_999)
    ]

    assert all(answer["message"].startswith("folder_id_for_home_assets: ") for answer in refused)


def test_a_package_may_arrive_in_the_root_folder(client: servers.Client) -> None:
    root = client.call("GET", "users/me")["root_folder_id"]

    package = client.load(root, worlds.zipped({"Orders/a.recipe.json": worlds.Recipe("A").bytes}))

    assert package["status"] == "completed"
    assert [project["name"] for project in client.call("GET", "projects")] == ["Orders"]
