"""A workspace with one or two of every noun in it, for tests that try every operation."""

import servers
import worlds


def ids(client: servers.Client) -> dict[str, list[int | str]]:
    """Ids of things that are there, by the names that path parameters have."""
    folder = client.folder("Fit")
    package = client.load(folder, worlds.zipped(worlds.project()))
    recipes = client.call("GET", "recipes")["items"]
    versions = [client.call("GET", f"recipes/{each['id']}/versions")["data"][0]["id"] for each in recipes]
    collection = client.call("POST", "api_collections", json={"name": "Fit"})["id"]
    endpoint = {"name": "Ask", "path": "ask", "recipe_id": recipes[0]["id"]}
    client.call("POST", f"api_collections/{collection}/api_endpoints", json=endpoint)
    return {
        "folder_id": [folder, client.folder("Empty")],
        "project_id": [each["id"] for each in client.call("GET", "projects")],
        "package_id": [package["id"], client.call("POST", f"packages/export/{client.manifest(folder)}")["id"]],
        "manifest_id": [client.manifest(folder), client.manifest(folder)],
        "recipe_id": [each["id"] for each in recipes],
        "version_id": versions,
        "connection_id": [each["id"] for each in client.call("GET", "connections")],
        "collection_id": [collection],
        "endpoint_id": [each["id"] for each in client.call("GET", "api_endpoints")],
        "handle": [client.call("POST", "tags", json={"title": "Fit", "color": "blue"})["handle"]],
    }
