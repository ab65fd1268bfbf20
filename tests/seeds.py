"""A workspace with one or two of every noun in it, for tests that try every operation."""

import servers
import worlds
from recipeyard.model import deployments
from recipeyard.sql import environments, workspaces


def ids(client: servers.Client) -> dict[str, list[int | str]]:
    """Ids of things that are there, by the names that path parameters have."""
    bind(client)
    folder = client.folder("Fit")
    webhook = client.call("POST", "webhooks", json={"url": "http://127.0.0.1:9/"})["id"]
    package = client.load(folder, worlds.zipped(worlds.project()))
    recipes = client.call("GET", "recipes")["items"]
    versions = [client.call("GET", f"recipes/{each['id']}/versions")["data"][0]["id"] for each in recipes]
    collection = client.call("POST", "api_collections", json={"name": "Fit"})["id"]
    endpoint = {"name": "Ask", "path": "ask", "recipe_id": recipes[0]["id"]}
    client.call("POST", f"api_collections/{collection}/api_endpoints", json=endpoint)
    lookup_table = client.call("GET", "lookup_tables")[0]["id"]
    columns = [{"name": "Name", "type": "string"}, {"name": "Count", "type": "integer"}]
    wanted = {"name": "Fit", "folder_id": folder, "schema": columns}
    data_table = client.call("POST", "data_tables", json=wanted)["data"]["id"]
    record = client.call("POST", f"v1/tables/{data_table}/records", json={"Name": "Fit"})["record_id"]
    project = next(each["id"] for each in client.call("GET", "projects") if each["folder_id"] == folder)
    caller = client.call("POST", "v2/api_clients", json={"name": "Fit"})["data"]["id"]
    role = client.call("POST", "developer_api_client_roles", json={"name": "Fit", "privileges": {"*": ["GET"]}})
    builder = {"name": "Fit", "api_privilege_group_id": role["result"]["id"], "all_folders": True}
    connector = {"title": "Fit", "code": "{ title: 'Fit' }"}
    plans = [client.plan(folder, worlds.zipped(worlds.project()))["id"] for _ in range(3)]
    return {
        "webhook_id": [webhook],
        "delivery_id": [each["id"] for each in client.call("GET", f"webhooks/{webhook}/deliveries")["items"]],
        "plan_id": plans,
        "asset_id": [each["id"] for each in package["assets"][:2]],
        "folder_id": [folder, client.folder("Empty")],
        "project_id": [each["id"] for each in client.call("GET", "projects")],
        "package_id": [package["id"], client.call("POST", f"packages/export/{client.manifest(folder)}")["id"]],
        "manifest_id": [client.manifest(folder), client.manifest(folder)],
        "recipe_id": [each["id"] for each in recipes],
        "version_id": versions,
        "connection_id": [each["id"] for each in client.call("GET", "connections")],
        "collection_id": [collection],
        "table_id": [lookup_table, data_table],
        "row_id": [each["id"] for each in client.call("GET", f"lookup_tables/{lookup_table}/rows")],
        "record_id": [record],
        "endpoint_id": [each["id"] for each in client.call("GET", "api_endpoints")],
        "client_id": [caller, client.call("POST", "developer_api_clients", json=builder)["result"]["id"]],
        "key_id": [client.call("POST", f"v2/api_clients/{caller}/api_keys", json={"name": "Fit"})["data"]["id"]],
        "role_id": [role["result"]["id"]],
        "connector_id": [client.call("POST", "custom_connectors", json=connector)["id"]],
        "project": [f"f{folder}", str(project)],
        "build_id": [client.call("POST", f"projects/{project}/build")["id"]],
        "deployment_id": [client.call("POST", f"projects/{project}/deploy?environment_type=test")["id"]],
        "handle": [client.call("POST", "tags", json={"title": "Fit", "color": "blue"})["handle"]],
    }


def bind(client: servers.Client) -> None:
    """Give a workspace a test to deploy to."""
    here = client.call("GET", "users/me")["id"]
    with client.server.db.write() as tx:
        test = workspaces.create(tx, f"test of {here}")
        environments.bind(tx, here, deployments.Environment.TEST, test.id)
