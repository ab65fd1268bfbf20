"""What is done to collections, connectors, clients and keys stands in the activity log; tokens and code do not."""

import servers


def events(client: servers.Client) -> list[str]:
    """The types of what is logged, oldest first."""
    return [each["event_type"] for each in reversed(client.call("GET", "activity_logs")["data"])]


def test_what_is_done_to_collections_is_logged(client: servers.Client) -> None:
    made = client.call("POST", "api_collections", json={"name": "A"})["id"]
    wanted = {"name": "E", "path": "e"}
    endpoint = client.call("POST", f"api_collections/{made}/api_endpoints", json=wanted)["id"]
    client.call("PUT", f"api_endpoints/{endpoint}/enable", 400)
    client.call("PUT", f"api_endpoints/{endpoint}/disable")
    client.call("DELETE", f"api_collections/{made}")

    assert ["api_collection_created", "api_endpoint_created", "api_collection_deleted"] == events(client)


def test_what_is_done_to_custom_connectors_is_logged(client: servers.Client) -> None:
    made = client.call("POST", "custom_connectors", json={"title": "A", "code": "secret code"})["id"]
    client.call("PUT", f"custom_connectors/{made}", json={"code": "other"})
    client.call("PUT", f"custom_connectors/{made}", json={"code": "other"})
    client.call("POST", f"custom_connectors/{made}/release")
    client.call("POST", f"custom_connectors/{made}/release", 400)

    assert ["custom_adapter_created", "custom_adapter_updated", "custom_adapter_released"] == events(client)
    assert "secret code" not in client.http.get("/api/activity_logs").text


def test_what_is_done_to_lookup_tables_is_logged_without_what_they_hold(client: servers.Client) -> None:
    wanted = {"name": "Prices", "schema": [{"label": "Article"}]}
    table = client.call("POST", "lookup_tables", json={"lookup_table": wanted})["id"]
    one = f"lookup_tables/{table}"
    client.call("PUT", one, json={"name": "Costs"})
    client.call("PUT", one, json={"name": "Costs"})
    row = client.call("POST", f"{one}/rows", json={"data": {"Article": "private"}})["id"]
    client.call("PUT", f"{one}/rows/{row}", json={"data": {"Article": "secret"}})
    client.call("DELETE", f"{one}/rows/{row}")
    client.call("DELETE", one)

    of_rows = [f"lookup_table_row_{what}" for what in ("created", "updated", "deleted")]
    expected = ["lookup_table_created", "lookup_table_updated", *of_rows, "lookup_table_deleted"]
    assert expected == events(client)
    logged = client.http.get("/api/activity_logs", params={"include_resource_types[]": "LookupTable"})
    assert [("Costs", row, 1)] == [
        (each["resource"]["name"], each["details"]["row_id"], each["details"]["fields"])
        for each in logged.json()["data"]
        if each["event_type"] == "lookup_table_row_updated"
    ]
    assert not [held for held in ("private", "secret") if held in logged.text]


def test_what_is_done_to_data_tables_is_logged_without_what_they_hold(client: servers.Client) -> None:
    schema = [{"name": "Name", "type": "string"}]
    wanted = {"name": "Orders", "folder_id": client.folder(), "schema": schema}
    table = client.call("POST", "data_tables", json=wanted)["data"]["id"]
    one, held = f"data_tables/{table}", f"v1/tables/{table}/records"
    client.call("PUT", one, json={"name": "Sales"})
    record = client.call("POST", held, json={"Name": "private"})["record_id"]
    client.call("PUT", f"{held}/{record}", json={"Name": "secret"})
    client.call("DELETE", f"{held}/{record}")
    client.call("POST", held, json={"Name": "private"})
    client.call("POST", f"{one}/truncate")
    client.call("DELETE", one)

    of_records = [f"data_table_record_{what}" for what in ("created", "updated", "deleted", "created")]
    expected = ["data_table_created", "data_table_updated", *of_records, "data_table_truncated", "data_table_deleted"]
    assert ["project_created", *expected] == events(client)
    logged = client.http.get("/api/activity_logs", params={"include_resource_types[]": "DataTable"})
    assert [1] == [each["details"]["records"] for each in logged.json()["data"] if "records" in each["details"]]
    assert not [text for text in ("private", "secret") if text in logged.text]


def test_a_comment_on_a_version_is_logged(client: servers.Client) -> None:
    code = {"number": 0, "provider": "clock", "name": "scheduled_event", "keyword": "trigger", "input": {}}
    recipe = client.call("POST", "recipes", json={"name": "A", "code": code})["id"]
    version = client.call("GET", f"recipes/{recipe}/versions")["data"][0]["id"]

    client.call("PATCH", f"recipes/{recipe}/versions/{version}", json={"comment": "first"})

    logged = client.call("GET", "activity_logs")["data"][0]
    assert ("recipe_version_commented", "A", {"version_no": 1}) == (
        logged["event_type"],
        logged["resource"]["name"],
        logged["details"],
    )


def test_what_is_done_to_clients_and_keys_is_logged_without_tokens(client: servers.Client) -> None:
    made = client.call("POST", "v2/api_clients", json={"name": "A"})["data"]["id"]
    one = f"v2/api_clients/{made}"
    client.call("PUT", one, json={"name": "B"})
    key = client.call("POST", f"{one}/api_keys", json={"name": "K"})["data"]
    client.call("PUT", f"{one}/api_keys/{key['id']}", json={"active": False})
    fresh = client.call("PUT", f"{one}/api_keys/{key['id']}/refresh_secret")["data"]
    client.call("DELETE", f"{one}/api_keys/{key['id']}")
    client.call("DELETE", one)

    of_client, of_key = ["api_client_created", "api_client_updated"], ["api_key_created", "api_key_updated"]
    expected = [*of_client, *of_key, "api_key_refreshed", "api_key_deleted", "api_client_deleted"]
    assert expected == events(client)
    text = client.http.get("/api/activity_logs").text
    assert key["auth_token"] not in text
    assert fresh["auth_token"] not in text
