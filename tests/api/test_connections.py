"""Connections and properties over HTTP."""

import pytest

import outside
import servers
import services
import worlds


def test_a_shell_becomes_authorized_by_its_input(client: servers.Client) -> None:
    shell = client.call("POST", "connections", json={"name": "CRM", "provider": "rest", "shell_connection": True})

    given = client.call("PUT", f"connections/{shell['id']}", json={"input": {"token": "very-secret"}})

    assert (None, None) == (shell["authorization_status"], shell["authorized_at"])
    assert "success" == given["authorization_status"]
    assert given == client.call("GET", f"connections/{shell['id']}")


def test_a_secret_is_nowhere_to_be_read(client: servers.Client) -> None:
    folder = client.folder()
    wanted = {"name": "CRM", "provider": "rest", "folder_id": folder, "input": {"token": "very-secret"}}

    made = client.http.post("/api/connections", json=wanted)

    listed = client.http.get("/api/connections")
    assert "very-secret" not in made.text + listed.text
    assert b"very-secret" not in b"".join(worlds.unzipped(client.export(folder)).values())
    assert "very-secret" not in client.server.log
    if client.server.backend.name == "embedded":
        kept = [path.read_bytes() for path in client.server.data.rglob("*") if path.is_file()]
        assert not [content for content in kept if b"very-secret" in content]


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_connection_is_renamed_moved_and_annotated(client: servers.Client, method: str) -> None:
    folder = client.folder()
    made = client.call("POST", "connections", json={"name": "CRM", "provider": "rest"})

    changed = client.call(
        method,
        f"connections/{made['id']}",
        json={"name": "New", "folder_id": str(folder), "external_id": "x-1", "parent_id": made["id"]},
    )

    assert ("New", folder, "x-1", made["id"]) == (
        changed["name"],
        changed["folder_id"],
        changed["external_id"],
        changed["parent_id"],
    )


def test_lists_are_whole_and_narrow_by_what_is_asked(client: servers.Client) -> None:
    folder = client.folder()
    project = client.call("GET", f"folders/{folder}")["project_id"]
    crm = client.call("POST", "connections", json={"name": "CRM", "provider": "rest", "folder_id": folder})["id"]
    wanted = {"name": "Chat", "provider": "slack", "external_id": "x", "parent_id": crm}
    chat = client.call("POST", "connections", json=wanted)["id"]

    def ids(**params: object) -> list[int]:
        return [each["id"] for each in client.call("GET", "connections", params=params)]

    assert [chat, crm] == ids() == ids(include_runtime_connections="false")
    assert [crm] == ids(folder_id=folder) == ids(project_id=project) == ids(provider="rest")
    assert [chat] == ids(external_id="x") == ids(parent_id=crm) == ids(per_page=1)
    assert [crm] == ids(per_page=1, page=2)


def test_a_connection_in_use_is_not_disconnected_unless_forced(client: servers.Client) -> None:
    client.load(client.folder(), worlds.zipped(worlds.project()))
    crm = next(each["id"] for each in client.call("GET", "connections") if each["name"] == "CRM")
    client.call("PUT", f"connections/{crm}", json={"input": {"a": "b"}})
    client.call("PUT", f"recipes/{client.recipe('First')['id']}/start")

    refused = client.call("POST", f"connections/{crm}/disconnect", 400)
    deleted = client.call("DELETE", f"connections/{crm}", 400)
    forced = client.call("POST", f"connections/{crm}/disconnect", params={"force": "1"})

    assert refused["message"] == deleted["message"] == "connection 'CRM' is in use by running recipes: 'First'"
    assert {"success": True} == forced
    assert client.call("GET", f"connections/{crm}")["authorized_at"] is None


def test_a_connected_connection_is_disconnected_before_it_is_deleted(client: servers.Client) -> None:
    made = client.call("POST", "connections", json={"name": "CRM", "provider": "rest", "input": {"a": "b"}})["id"]

    client.call("DELETE", f"connections/{made}", 400)
    client.call("POST", f"connections/{made}/disconnect", headers={"Content-Type": "application/json"})
    client.call("DELETE", f"connections/{made}")

    client.call("GET", f"connections/{made}", 404)


@pytest.mark.parametrize("fields", [{"name": "A"}, {"provider": "rest"}, {"name": " ", "provider": "rest"}])
def test_a_connection_needs_a_name_and_a_provider(client: servers.Client, fields: dict[str, str]) -> None:
    assert client.call("POST", "connections", 400, json=fields)["message"]


def test_a_connection_to_nothing_known_is_refused_by_name(client: servers.Client) -> None:
    answer = client.call("POST", "connections", 400, json={"name": "CRM", "provider": "sales_farce"})

    assert "'sales_farce' is neither" in answer["errors"]["provider"][0]
    assert [] == client.call("GET", "connections")


def test_a_package_may_bring_a_connection_to_nothing_known(client: servers.Client) -> None:
    package = client.load(client.folder(), worlds.zipped({"c.connection.json": worlds.connection("C", "sales_farce")}))

    assert "completed" == package["status"]
    assert ["sales_farce"] == [each["provider"] for each in client.call("GET", "connections")]


def test_what_only_the_app_could_tell_is_refused_in_words(client: servers.Client) -> None:
    made = client.call("POST", "connections", json={"name": "CRM", "provider": "rest"})["id"]
    of_users = "connections/runtime_user_connections"

    values = client.call("POST", f"connections/{made}/pick_list", 400, json={"pick_list_name": "sizes"})
    mine = client.call("POST", of_users, 400, json={"parent_id": made, "external_id": "me"})
    page = client.call("GET", f"{of_users}/{made}/get_oauth_url", 400)

    assert "no pick list 'sizes' of 'rest'" in values["message"]
    assert "the consent of 'me'" in mine["message"]
    assert "no consent page for connection 'CRM'" in page["message"]
    client.call("POST", "connections/999999/pick_list", 404, json={"pick_list_name": "sizes"})
    client.call("GET", f"{of_users}/999999/get_oauth_url", 404)


def test_a_connection_of_a_custom_connector_travels_as_a_reference(client: servers.Client) -> None:
    folder = client.folder()
    adapter = worlds.document({"title": "My app", "description": ""})
    files = {"my_app.custom_adapter.json": adapter, "my_app.custom_adapter.rb": b"{ title: 'My app' }"}
    client.load(folder, worlds.zipped(files))

    client.call("POST", "connections", json={"name": "Mine", "provider": "my_app_connector", "folder_id": folder})

    exported = worlds.unzipped(client.export(folder))
    assert b'"zip_name": "my_app.custom_adapter.json"' in exported["mine.connection.json"]


def test_credentials_that_do_not_work_are_kept_with_the_reason(client: servers.Client) -> None:
    secret = {"auth_type": "headers", "header_pair": "X-Key: s3cret", "base_url": "http://127.0.0.1:9"}
    wanted = {"name": "CRM", "provider": "rest", "input": secret | {"test_url": "/me"}}

    made = client.call("POST", "connections", json=wanted)
    again = client.call("POST", f"connections/{made['id']}/test")
    refused = client.call("DELETE", f"connections/{made['id']}", 400)

    why = "127.0.0.1 is not an address of the internet, and this server calls no other"
    assert ("failed", why, None) == (made["authorization_status"], made["authorization_error"], made["authorized_at"])
    assert made == again == client.call("GET", f"connections/{made['id']}")
    assert "disconnect it first" in refused["message"]


def test_new_credentials_take_the_place_of_those_that_failed(client: servers.Client) -> None:
    wanted = {"name": "CRM", "provider": "rest", "input": {"test_url": "http://127.0.0.1:9/"}}
    made = client.call("POST", "connections", json=wanted)

    given = client.call("PUT", f"connections/{made['id']}", json={"input": {"a": "b"}})
    client.call("POST", f"connections/{made['id']}/disconnect")

    gone = client.call("GET", f"connections/{made['id']}")
    assert ("success", None) == (given["authorization_status"], given["authorization_error"])
    assert (None, None) == (gone["authorization_status"], gone["authorization_error"])


def test_fields_at_fault_are_named_and_nothing_is_made(client: servers.Client) -> None:
    wrong = {"auth_type": "ntlm", "header_pair": {"a": "s3cret"}, "ssl_params": "s3cret", "unknown": 1}

    answer = client.call("POST", "connections", 400, json={"name": "CRM", "provider": "rest", "input": wrong})

    assert {"input.auth_type", "input.header_pair", "input.ssl_params"} == answer["errors"].keys()
    assert "s3cret" not in str(answer)
    assert [] == client.call("GET", "connections")


def test_what_can_not_be_tested_is_refused_in_words(client: servers.Client) -> None:
    shell = client.call("POST", "connections", json={"name": "CRM", "provider": "rest"})["id"]
    chat = client.call("POST", "connections", json={"name": "Chat", "provider": "slack", "input": {"a": "b"}})

    nothing = client.call("POST", f"connections/{shell}/test", 400)["message"]
    nobody = client.call("POST", f"connections/{chat['id']}/test", 400)["message"]

    assert "connection 'CRM' holds no credentials that could be tested" == nothing
    assert "This server has no connector that could test connections for 'slack'" == nobody
    assert "success" == chat["authorization_status"]
    client.call("POST", "connections/999999/test", 404)


def test_a_connection_is_tried_and_its_new_token_kept() -> None:
    status, good = [200], ["t0ken"]

    def answer(heard: outside.Heard) -> outside.Reply:
        if heard.path == "/token":
            return outside.Reply(200, b'{"access_token": "%s"}' % good[0].encode())
        return outside.Reply(status[0] if heard.headers.get("authorization") == f"Bearer {good[0]}" else 401)

    backend = services.Backend("embedded", "", "")
    with (
        outside.site(answer) as site,
        servers.serving(backend, outbound_to_private="true") as server,
        server.workspace() as client,
    ):
        client_of = {
            "oauth2_client_id": "me",
            "oauth2_client_secret": "s3cret",
            "oauth2_token_url": f"{site.url}/token",
        }
        given = client_of | {"auth_type": "oauth2_client_credentials_grant", "test_url": f"{site.url}/me"}
        made = client.call("POST", "connections", json={"name": "CRM", "provider": "rest", "input": given})
        good[0] = "t0ken-two"
        again = client.call("POST", f"connections/{made['id']}/test")
        tried = client.call("POST", f"connections/{made['id']}/test")
        asked = [heard.path for heard in site.heard]
        status[0] = 403
        failed = client.call("POST", f"connections/{made['id']}/test")
        log = server.log

    assert (["success"] * 3, made["authorized_at"]) == (
        [each["authorization_status"] for each in (made, again, tried)],
        tried["authorized_at"],
    )
    assert ["/token", "/me", "/me", "/token", "/me", "/me"] == asked
    assert ("failed", "127.0.0.1 answered 403 Forbidden") == (
        failed["authorization_status"],
        failed["authorization_error"],
    )
    assert "s3cret" not in log + str(failed)


def test_properties_are_set_kept_apart_and_read_by_prefix(client: servers.Client) -> None:
    client.folder()
    project = client.call("GET", "projects")[0]["id"]

    client.call("POST", "properties", json={"properties": {"a_one": "1", "b_two": "2"}})
    client.call("POST", "properties", params={"project_id": project}, json={"properties": {"rate": "0.19"}})
    client.call("POST", "properties", json={"properties": {"a_one": "3"}})

    assert {"a_one": "3", "b_two": "2"} == client.call("GET", "properties", params={"prefix": ""})
    assert {"a_one": "3"} == client.call("GET", "properties", params={"prefix": "a_"})
    assert {"rate": "0.19"} == client.call("GET", "properties", params={"project_id": project})


def test_property_names_travel_and_values_stay(client: servers.Client) -> None:
    folder = client.folder()
    project = client.call("GET", "projects")[0]["id"]
    client.call("POST", "properties", params={"project_id": project}, json={"properties": {"rate": "0.19"}})
    client.call("POST", "properties", params={"project_id": project}, json={"properties": {"more": "x"}})

    files = worlds.unzipped(client.export(folder))

    expected = worlds.document({"data": {"rate": None, "more": None}})
    assert {"properties.project_properties.json": expected} == files


@pytest.mark.parametrize("properties", [{"": "x"}, {"n" * 101: "x"}, {"n": "v" * 1025}, {"n": 5}])
def test_properties_beyond_the_limits_are_refused(client: servers.Client, properties: dict[str, str]) -> None:
    client.call("POST", "properties", 400, json={"properties": properties})

    assert {} == client.call("GET", "properties")
