"""Bindings over HTTP: shown, set whole, refused by entry, kept by version."""

from typing import Any

import pytest

import servers
import worlds

EMPTY = {"version": 0, "references": [], "properties": [], "rows": [], "set_by": None, "created_at": None}


@pytest.fixture
def crm(client: servers.Client) -> int:
    """A connection's id."""
    return int(client.call("POST", "connections", json={"name": "CRM Live", "provider": "rest"})["id"])


def whole(crm: int) -> dict[str, Any]:
    """Bindings of each sort."""
    return {
        "references": [
            {"kind": "connection", "name": "CRM", "target_id": crm, "provider": "rest", "folder": None},
        ],
        "properties": [{"project": None, "values": {"url": "https://live"}, "names": {"rate": "live rate"}}],
        "rows": [{"kind": "lookup_table", "name": "Codes", "policy": "update", "key": ["Code"]}],
    }


def refused(client: servers.Client, **sent: Any) -> Any:
    """What is wrong with bindings, by entry."""
    return client.call("PUT", "bindings", 400, json=sent)["errors"]


def test_there_are_none_at_first(client: servers.Client) -> None:
    assert EMPTY == client.call("GET", "bindings")
    assert {"data": []} == client.call("GET", "bindings/versions")


def test_bindings_are_set_whole_and_shown(client: servers.Client, crm: int) -> None:
    answer = client.call("PUT", "bindings", json=whole(crm))

    assert whole(crm) == {key: answer[key] for key in ("references", "properties", "rows")}
    assert (1, {"id": None, "name": "API client"}) == (answer["version"], answer["set_by"])
    assert answer == client.call("GET", "bindings")


def test_versions_tell_who_set_what_when(client: servers.Client, crm: int) -> None:
    first = client.call("PUT", "bindings", json=whole(crm))

    second = client.call("PUT", "bindings", json={})

    told = client.call("GET", "bindings/versions")["data"]
    assert [second, first | {"properties": told[1]["properties"]}] == told
    assert EMPTY | {key: second[key] for key in ("version", "set_by", "created_at")} == second


def test_versions_name_properties_without_the_values_that_they_had(client: servers.Client, crm: int) -> None:
    client.call("PUT", "bindings", json=whole(crm))
    client.call("PUT", "bindings", json={"properties": [{"values": {"url": "https://next"}}]})

    listed = client.call("GET", "bindings/versions")["data"]

    assert [
        [{"project": None, "values": {"url": None}, "names": {}}],
        [{"project": None, "values": {"url": None}, "names": {"rate": "live rate"}}],
    ] == [each["properties"] for each in listed]
    assert {"url": "https://next"} == client.call("GET", "bindings")["properties"][0]["values"]


def test_what_holds_already_makes_no_version_in_whatever_order_it_comes(client: servers.Client, crm: int) -> None:
    sent = whole(crm) | {"references": [{"kind": "connection", "name": name, "target_id": crm} for name in "AB"]}
    first = client.call("PUT", "bindings", json=sent)

    again = client.call("PUT", "bindings", json=sent | {"references": sent["references"][::-1]})

    assert first == again
    assert 1 == len(client.call("GET", "bindings/versions")["data"])


@pytest.mark.parametrize("spell", ["body", '"{}"', "{}"])
def test_bindings_that_follow_another_version_are_refused(client: servers.Client, crm: int, spell: str) -> None:
    client.call("PUT", "bindings", json=whole(crm))

    def put(version: int, status: int) -> Any:
        if spell == "body":
            return client.call("PUT", "bindings", status, json={"version": version})
        return client.call("PUT", "bindings", status, json={}, headers={"If-Match": spell.format(version)})

    assert "at version 1 by now, not at 0" in put(0, 409)["message"]
    assert 2 == put(1, 200)["version"]


def test_any_version_may_be_followed(client: servers.Client, crm: int) -> None:
    client.call("PUT", "bindings", json=whole(crm))

    assert 2 == client.call("PUT", "bindings", json={}, headers={"If-Match": "*"})["version"]
    assert "If-Match" in client.call("PUT", "bindings", 400, json={}, headers={"If-Match": "soon"})["errors"]


def test_what_is_bound_must_be_here_and_be_what_it_stands_for(client: servers.Client, crm: int) -> None:
    sent = [
        {"kind": "connection", "name": "A", "target_id": 10**9},
        {"kind": "topic", "name": "B", "target_id": crm},
        {"kind": "connection", "name": "C", "target_id": crm, "provider": "slack"},
        {"kind": "api_endpoint", "name": "D", "target_id": crm},
        {"kind": "lookup_table", "name": "E", "target_id": crm, "provider": "rest", "folder": "x"},
        {"kind": "connection", "name": " ", "target_id": crm},
    ]

    found = refused(client, references=sent)

    assert ["target_id: Not found: there is no connection 1000000000 here"] == found["references.0"]
    assert [f"target_id: {crm} is the connection 'CRM Live', no topic"] == found["references.1"]
    assert ["target_id: connection 'CRM Live' is for 'rest', not for 'slack'"] == found["references.2"]
    assert found["references.3"][0].startswith("kind: 'api_endpoint' can't be bound")
    assert ["provider", "folder", "target_id"] == [what.split(":")[0] for what in found["references.4"]]
    assert ["name must be a text that is not blank"] == found["references.5"]
    assert EMPTY == client.call("GET", "bindings")


def test_another_workspaces_assets_are_not_here(server: servers.Server, crm: int) -> None:
    with server.workspace() as other:
        found = refused(other, references=[{"kind": "connection", "name": "CRM", "target_id": crm}])

    assert [f"target_id: Not found: there is no connection {crm} here"] == found["references.0"]


def test_one_question_has_one_answer(client: servers.Client, crm: int) -> None:
    reference = {"kind": "connection", "name": "CRM", "target_id": crm}
    rule = {"kind": "lookup_table", "name": "Codes", "policy": "mirror"}

    found = refused(client, references=[reference] * 2, properties=[{"values": {"a": "1"}}] * 2, rows=[rule] * 2)

    again = ["answers what entry 0 answers already"]
    assert {"references.1": again, "properties.1": again, "rows.1": again} == found


@pytest.mark.parametrize(
    ("scope", "what"),
    [
        ({"project": "Nowhere"}, "project: Not found: there is no project 'Nowhere' here"),
        ({"values": {"": "x"}}, "values: '': names can't be blank"),
        ({"values": {"a": "x" * 1025}}, "values: 'a': values are at most 1024 characters long"),
        ({"names": {"a": "it's"}}, "can't be written in a formula"),
        ({"names": {"a": "b"}, "values": {"a": "1"}}, "'a' has a value and another name"),
    ],
)
def test_properties_are_checked(client: servers.Client, scope: Any, what: str) -> None:
    assert what in refused(client, properties=[scope])["properties.0"][0]


@pytest.mark.parametrize(
    ("rule", "what"),
    [
        ({"kind": "recipe", "policy": "mirror"}, "kind: 'recipe' has no rows"),
        ({"policy": "insert"}, "key: insert needs the columns"),
        ({"policy": "update", "key": ["a", "a"]}, "key: names columns, each once"),
    ],
)
def test_rules_for_rows_are_checked(client: servers.Client, rule: Any, what: str) -> None:
    found = refused(client, rows=[{"kind": "lookup_table", "name": "Codes"} | rule])

    assert what in found["rows.0"][0]


def test_a_bound_table_keeps_its_rows(client: servers.Client) -> None:
    table = client.call("POST", "lookup_tables", json={"lookup_table": {"name": "Live", "schema": [{"label": "A"}]}})
    name = {"kind": "lookup_table", "name": "Codes"}

    found = refused(client, references=[name | {"target_id": table["id"]}], rows=[name | {"policy": "ignore"}])

    assert "is bound to a table that keeps its rows" in found["rows.0"][0]


def test_setting_bindings_is_an_activity_without_their_content(client: servers.Client, crm: int) -> None:
    client.call("PUT", "bindings", json=whole(crm))

    logged = client.call("GET", "activity_logs", params={"include_resource_types[]": "Bindings"})["data"]

    assert [("bindings_updated", {"version": 1})] == [(each["event_type"], each["details"]) for each in logged]


def test_a_promotion_uses_what_is_bound_and_its_plan_says_so(client: servers.Client, crm: int) -> None:
    client.call("PUT", "bindings", json=whole(crm))
    package = client.load(client.folder(), worlds.zipped(worlds.project()))

    plan = client.call("GET", f"plans/{package['plan_id']}")

    shown = [each for each in plan["bindings"] if each["type"] == "connection"]
    path = "Connections/crm.connection.json"
    assert [{"path": path, "type": "connection", "name": "CRM", "target_id": crm, "target": "CRM Live"}] == shown
    assert ["CRM Live", "Chat"] == sorted(each["name"] for each in client.call("GET", "connections"))
