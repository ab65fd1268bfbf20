"""Custom connectors over HTTP."""

import base64
import json
from typing import Any

import pytest

import servers
import worlds

CODE = "{ title: 'Über', connection: {} }"
PNG = b"\x89PNG\r\n\x1a\n-picture"


def create(client: servers.Client, title: str = "My app", **more: Any) -> Any:
    """A new connector."""
    return client.call("POST", "custom_connectors", json={"title": title, "code": CODE} | more)


def arrive(client: servers.Client, code: bytes = CODE.encode(), note: str = "From afar") -> Any:
    """A connector that a package brings."""
    value: dict[str, Any] = {"title": "My app", "description": "", "version_no": 7, "note": note}
    files = {"my_app.custom_adapter.json": worlds.document(value), "my_app.custom_adapter.rb": code}
    assert "completed" == client.load(client.folder(), worlds.zipped(files))["status"]
    return client.call("GET", "custom_connectors")["result"][0]


def test_a_new_connector_is_not_released(client: servers.Client) -> None:
    made = create(client, description="Mine", note="First")

    assert ("my_app_connector", "My app", "Mine") == (made["name"], made["title"], made["description"])
    assert (1, "First", 0, []) == tuple(
        made[name] for name in ("latest_version", "latest_version_note", "latest_released_version", "released_versions")
    )
    assert made == client.call("GET", f"custom_connectors/{made['id']}")
    assert [made] == client.call("GET", "custom_connectors")["result"]


def test_code_comes_back_as_it_was_sent(client: servers.Client) -> None:
    made = create(client)["id"]

    assert {"data": {"code": CODE}} == client.call("GET", f"custom_connectors/{made}/code")


def test_a_change_makes_a_version_and_a_repetition_none(client: servers.Client) -> None:
    made = create(client)["id"]

    same = client.call("PUT", f"custom_connectors/{made}", json={"title": "My app", "code": CODE})
    coded = client.call("PUT", f"custom_connectors/{made}", json={"code": "{}"})
    renamed = client.call("PUT", f"custom_connectors/{made}", json={"title": "Our app", "note": "Renamed"})

    assert [1, 2, 3] == [each["latest_version"] for each in (same, coded, renamed)]
    assert ("Our app", "my_app_connector", "Renamed") == (
        renamed["title"],
        renamed["name"],
        renamed["latest_version_note"],
    )
    assert "{}" == client.call("GET", f"custom_connectors/{made}/code")["data"]["code"]


def test_a_version_is_released_once(client: servers.Client) -> None:
    made = create(client, note="First")["id"]

    first = client.call("POST", f"custom_connectors/{made}/release")
    again = client.call("POST", f"custom_connectors/{made}/release", 400)
    client.call("PUT", f"custom_connectors/{made}", json={"code": "{}", "note": "Second"})
    between = client.call("GET", f"custom_connectors/{made}")
    client.call("POST", f"custom_connectors/{made}/release")

    shown = client.call("GET", f"custom_connectors/{made}")
    assert "Connector released successfully" == first["message"]
    assert "version 1 of connector 'My app' is already released" == again["message"]
    assert (2, 1) == (between["latest_version"], between["latest_released_version"])
    assert (2, "Second") == (shown["latest_released_version"], shown["latest_released_version_note"])
    assert [(2, "Second"), (1, "First")] == [
        (each["version"], each["version_note"]) for each in shown["released_versions"]
    ]


def test_a_package_releases_the_connector_that_it_brings(client: servers.Client) -> None:
    first = arrive(client)
    same = arrive(client)
    changed = arrive(client, b"{}", "Better")

    assert [1, 1, 2] == [each["latest_released_version"] for each in (first, same, changed)]
    assert [(2, "Better"), (1, "From afar")] == [
        (each["version"], each["version_note"]) for each in changed["released_versions"]
    ]


def test_a_package_releases_what_is_here_and_not_released(client: servers.Client) -> None:
    made = create(client)["id"]
    files = worlds.unzipped(client.export(client.call("GET", "users/me")["root_folder_id"]))

    package = client.load(client.call("GET", "users/me")["root_folder_id"], worlds.zipped(files))

    assert ["unchanged"] == [each["action"] for each in package["assets"]]
    assert 1 == client.call("GET", f"custom_connectors/{made}")["latest_released_version"]


def test_a_connector_travels_with_its_code_and_logo(client: servers.Client) -> None:
    made = create(client, logo=base64.b64encode(PNG).decode())["id"]
    client.call("PUT", f"custom_connectors/{made}", json={"note": "Still with its files"})
    folder = client.folder()
    wanted = {"name": "Mine", "provider": "my_app_connector", "folder_id": folder}
    client.call("POST", "connections", json=wanted)

    files = worlds.unzipped(client.export(folder))

    assert CODE.encode() == files["my_app.custom_adapter.rb"]
    assert PNG == files["my_app.custom_adapter.png"]
    value = json.loads(files["my_app.custom_adapter.json"])
    assert ("logo.png", "image/png", 2) == (value["logo_file_name"], value["logo_content_type"], value["version_no"])


def test_a_new_logo_takes_the_place_of_the_old_one(client: servers.Client) -> None:
    made = create(client, logo="data:image/png;base64," + base64.b64encode(PNG).decode())["id"]
    client.call("PUT", f"custom_connectors/{made}", json={"logo": base64.b64encode(b"GIF89a").decode()})

    files = worlds.unzipped(client.export(client.call("GET", "users/me")["root_folder_id"]))

    assert {"my_app.custom_adapter.json", "my_app.custom_adapter.rb", "my_app.custom_adapter.gif"} == set(files)


@pytest.mark.parametrize(
    ("logo", "what"), [("§", "is not base64"), ("aGVsbG8=", "is neither"), ("A" * 1_500_000, "is larger than")]
)
def test_what_is_no_logo_is_refused(client: servers.Client, logo: str, what: str) -> None:
    answer = client.call("POST", "custom_connectors", 400, json={"title": "A", "code": CODE, "logo": logo})

    assert what in answer["errors"]["logo"][0]
    assert [] == client.call("GET", "custom_connectors")["result"]


@pytest.mark.parametrize(
    ("fields", "names"),
    [({}, ["title", "code"]), ({"title": "A"}, ["code"]), ({"title": " ", "code": "x"}, ["title"])],
)
def test_a_connector_needs_a_title_and_code(client: servers.Client, fields: dict[str, str], names: list[str]) -> None:
    assert names == list(client.call("POST", "custom_connectors", 400, json=fields)["errors"])


def test_a_title_names_one_connector(client: servers.Client) -> None:
    create(client)
    other = create(client, "My App!")

    answer = client.call("POST", "custom_connectors", 400, json={"title": "My app", "code": CODE})
    renamed = client.call("PUT", f"custom_connectors/{other['id']}", 400, json={"title": "My app"})

    assert "title: 'My app' has already been taken" == answer["message"] == renamed["message"]
    assert "my_app_connector_2" == other["name"]


@pytest.mark.parametrize(
    "sent", [{"params": {"title": "My app"}}, {"json": {"title": "My app"}}], ids=["query", "body"]
)
def test_a_connector_is_found_by_its_whole_title(client: servers.Client, sent: dict[str, Any]) -> None:
    made = create(client)
    create(client, "My app too")

    assert [made] == client.call("GET", "custom_connectors/search", **sent)["data"]
    assert [] == client.call("GET", "custom_connectors/search", params={"title": "app"})["data"]
    client.call("GET", "custom_connectors/search", 400)


def test_what_other_servers_would_have_to_do_is_refused_in_words(client: servers.Client) -> None:
    made = create(client)["id"]

    shared = client.call("POST", f"custom_connectors/{made}/share", 400, json={"shared_accounts": ["1"]})
    profile = client.call("POST", "custom_oauth_profiles", 400, json={"name": "A"})

    assert "export connector 'My app' in a package" in shared["message"]
    assert "registered with no app" in profile["message"]
    assert {"result": []} == client.call("GET", "custom_oauth_profiles")
    for method in ("GET", "PUT", "DELETE"):
        assert "no profile 5" in client.call(method, "custom_oauth_profiles/5", 404)["message"]


def test_another_workspaces_connector_is_not_found(client: servers.Client) -> None:
    made = create(client)["id"]

    with client.server.workspace() as other:
        for method, path in [("GET", ""), ("GET", "/code"), ("PUT", ""), ("POST", "/release"), ("POST", "/share")]:
            other.call(method, f"custom_connectors/{made}{path}", 404, json={"title": "x"} if method == "PUT" else None)
