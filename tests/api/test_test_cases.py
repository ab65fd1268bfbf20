"""Test cases: well-formed and empty, or refused in words."""

import json
from typing import Any

import pytest

import servers
import worlds


@pytest.fixture
def recipe(client: servers.Client) -> int:
    """A recipe that can start."""
    wanted = {"name": "A", "code": json.dumps(worlds.Recipe("A").value["code"])}
    return int(client.call("POST", "recipes", json=wanted)["id"])


def test_there_are_no_test_cases(client: servers.Client, recipe: int) -> None:
    assert {"data": []} == client.call("GET", f"recipes/{recipe}/test_cases")
    said = client.call("GET", "test_cases/run_requests/cirr-1", 404)["message"]
    assert "Not found: there is no test run 'cirr-1'; this server does not execute recipes" == said


def test_a_test_run_is_refused_once_what_it_names_is_found(client: servers.Client, recipe: int) -> None:
    folder = client.folder()
    manifest = client.manifest(folder)
    project = client.call("GET", f"folders/{folder}")["project_id"]
    named = {"manifest_id": manifest, "project_id": project, "folder_id": folder, "recipe_id": str(recipe)}

    for name, value in named.items():
        said = client.call("POST", "test_cases/run_requests", 422, json={name: value})["message"]
        assert "There are no test cases to run; this server does not execute recipes" == said


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 400),
        ({"recipe_id": 1, "folder_id": 1}, 400),
        ({"recipe_id": 99999}, 404),
        ({"manifest_id": 99999}, 404),
        ({"project_id": 99999}, 404),
        ({"folder_id": 99999}, 404),
        ({"test_case_ids": ["citc-1"]}, 404),
    ],
)
def test_a_test_run_names_one_thing_that_is_here(client: servers.Client, asked: dict[str, Any], status: int) -> None:
    client.call("POST", "test_cases/run_requests", status, json=asked)
