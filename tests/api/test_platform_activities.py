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
