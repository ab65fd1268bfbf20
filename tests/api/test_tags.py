"""Tags over HTTP: made, changed, put on recipes and connections, and shown where they are asked for."""

from typing import Any

import pytest

import servers
import worlds


def create(client: servers.Client, title: str, **more: Any) -> str:
    """A new tag's handle."""
    return str(client.call("POST", "tags", json={"title": title} | more)["handle"])


def listed(client: servers.Client, **params: Any) -> list[str]:
    """The titles of a list of tags."""
    return [each["title"] for each in client.call("GET", "tags", params=params)["data"]["tags"]]


def assign(client: servers.Client, **wanted: Any) -> None:
    """Put tags on assets; the answer must be an empty 200."""
    answer = client.http.post("/api/tags_assignments", json=wanted)

    assert (200, b"") == (answer.status_code, answer.content)


@pytest.fixture
def ids(client: servers.Client) -> dict[str, int]:
    """A recipe and a connection."""
    client.load(client.folder(), worlds.zipped(worlds.project()))
    crm = next(each["id"] for each in client.call("GET", "connections") if each["name"] == "CRM")
    return {"recipe": client.recipe("First")["id"], "connection": crm}


def shown(client: servers.Client, ids: dict[str, int]) -> list[Any]:
    """The tags of the recipe, alone and in the list, and of the connection, where they are asked for."""
    asked = {"includes[]": "tags"}
    recipes = client.call("GET", "recipes", params=asked)["items"]
    connections = client.call("GET", "connections", params=asked)
    return [
        client.call("GET", f"recipes/{ids['recipe']}", params=asked)["tags"],
        next(each["tags"] for each in recipes if each["id"] == ids["recipe"]),
        next(each["tags"] for each in connections if each["id"] == ids["connection"]),
    ]


def test_a_tag_is_made_changed_and_deleted(client: servers.Client) -> None:
    made = client.call("POST", "tags", json={"title": "QA", "description": "Tested", "color": "#00ff00"})
    changed = client.call("PUT", f"tags/{made['handle']}", json={"title": "Tested"})

    assert made["handle"].startswith("tag-")
    assert {"handle": made["handle"], "title": "QA", "description": "Tested", "color": "#00ff00"} == made
    assert made | {"title": "Tested"} == changed
    assert {"success": True} == client.call("DELETE", f"tags/{made['handle']}")
    client.call("DELETE", f"tags/{made['handle']}", 404)
    client.call("PUT", f"tags/{made['handle']}", 404, json={"title": "x"})


def test_tags_are_listed_by_title_and_searched_in_any_case(client: servers.Client) -> None:
    for title in ("beta", "QA % done", "Alpha qa"):
        create(client, title)

    assert {"Alpha qa", "QA % done", "beta"} == set(listed(client))
    assert {"Alpha qa", "QA % done"} == set(listed(client, q="Qa"))
    assert ["QA % done"] == listed(client, q="%")
    assert 1 == len(listed(client, page=3, per_page=1))


@pytest.mark.parametrize("title", [None, " ", "x" * 256, "taken", "a\0b"])
def test_a_title_that_cant_be_or_is_taken_is_refused(client: servers.Client, title: str | None) -> None:
    create(client, "taken")
    other = create(client, "other")

    assert "title" in client.call("POST", "tags", 400, json={"title": title})["errors"]
    if title:
        client.call("PUT", f"tags/{other}", 400, json={"title": title})
    assert ["other", "taken"] == sorted(listed(client))


def test_tags_are_put_on_assets_and_taken_from_them(client: servers.Client, ids: dict[str, int]) -> None:
    qa, live = create(client, "QA"), create(client, "live")
    where = {"recipe_ids": [str(ids["recipe"])], "connection_ids": [ids["connection"]]}

    assign(client, add_tags=[qa, live], **where)
    assign(client, add_tags=[qa], **where)
    both = shown(client, ids)
    assign(client, remove_tags=[qa], **where)

    assert [{qa, live}] * 3 == [set(each) for each in both]
    assert [[live]] * 3 == shown(client, ids)


def test_a_deleted_tag_is_taken_from_what_bore_it(client: servers.Client, ids: dict[str, int]) -> None:
    assign(client, add_tags=[create(client, "QA")], recipe_ids=[ids["recipe"]])

    client.call("DELETE", f"tags/{shown(client, ids)[0][0]}")

    assert [[], [], []] == shown(client, ids)


def test_tags_are_shown_to_those_who_ask_alone(client: servers.Client, ids: dict[str, int]) -> None:
    assign(client, add_tags=[create(client, "QA")], recipe_ids=[ids["recipe"]])

    assert client.call("GET", f"recipes/{ids['recipe']}")["tags"] is None
    assert {None} == {each["tags"] for each in client.call("GET", "connections")}


def test_what_an_assignment_names_must_be_there(client: servers.Client, ids: dict[str, int]) -> None:
    qa = create(client, "QA")
    wrong = [
        {"add_tags": ["tag-none"], "recipe_ids": [ids["recipe"]]},
        {"remove_tags": ["tag-none"], "recipe_ids": [ids["recipe"]]},
        {"add_tags": [qa], "recipe_ids": [ids["recipe"], ids["connection"]]},
        {"add_tags": [qa], "recipe_ids": [ids["recipe"]], "connection_ids": [99999]},
    ]

    said = [client.call("POST", "tags_assignments", 404, json=each)["message"] for each in wrong]

    assert "Not found: there is no tag tag-none" == said[0] == said[1]
    assert f"Not found: there is no recipe {ids['connection']}" == said[2]
    assert [[], [], []] == shown(client, ids)


def test_another_workspaces_tags_are_not_found(server: servers.Server) -> None:
    with server.workspace() as mine, server.workspace() as other:
        tag = create(other, "QA")

        mine.call("PUT", f"tags/{tag}", 404, json={"title": "x"})
        mine.call("DELETE", f"tags/{tag}", 404)
        mine.call("POST", "tags_assignments", 404, json={"add_tags": [tag]})
        assert [] == listed(mine)
        assert create(mine, "QA") != tag
