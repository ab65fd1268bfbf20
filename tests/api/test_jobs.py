"""Jobs, health and test cases: well-formed and empty, or refused in words; recipes are not executed here."""

import json

import pytest

import servers
import worlds


@pytest.fixture
def recipe(client: servers.Client) -> int:
    """A recipe that can start."""
    wanted = {"name": "A", "code": json.dumps(worlds.Recipe("A").value["code"])}
    return int(client.call("POST", "recipes", json=wanted)["id"])


def test_jobs_are_an_empty_well_formed_list_whatever_is_asked(client: servers.Client, recipe: int) -> None:
    asked = {"status": "failed", "rerun_only": "True", "offset_job_id": "j-1", "prev": "1", "per_page": 5}

    jobs = client.call("GET", f"recipes/{recipe}/jobs", params=asked | {"offset_run_id": "1", "failed": "true"})

    counts = {"job_succeeded_count": 0, "job_failed_count": 0, "job_count": 0}
    assert counts | {"job_scope_count": 0, "items": []} == jobs
    assert counts == client.call("GET", "recipes/job_counts")
    client.call("GET", f"recipes/{recipe}/jobs", 400, params={"status": "odd"})


def test_a_job_is_not_found_in_words(client: servers.Client, recipe: int) -> None:
    said = client.call("GET", f"recipes/{recipe}/jobs/j-abc", 404)["message"]

    assert "Not found: there is no job 'j-abc'; this server does not execute recipes" == said


def test_repeated_jobs_fail_one_by_one(client: servers.Client, recipe: int) -> None:
    answer = client.call("POST", f"recipes/{recipe}/repeat_jobs", json={"job_ids": ["j-1", 2]})

    assert [("j-1", "failed"), ("2", "failed")] == [(each["job_id"], each["status"]) for each in answer["results"]]
    assert "there is no such job; this server does not execute recipes" == answer["results"][0]["error"]


@pytest.mark.parametrize("count", [0, 26])
def test_one_to_25_jobs_are_repeated_at_once(client: servers.Client, recipe: int, count: int) -> None:
    answer = client.call("POST", f"recipes/{recipe}/repeat_jobs", 400, json={"job_ids": ["j-1"] * count})

    assert {"job_ids": ["must be 1 to 25 jobs"]} == answer["errors"]


def test_no_job_waits_to_be_resumed(client: servers.Client) -> None:
    said = client.call("POST", "job/resume", 400, json={"token": "t", "data": {"a": 1}})["message"]

    assert "No job waits for this token; this server does not execute recipes" == said


def test_health_says_what_keeps_a_recipe_from_starting(client: servers.Client, recipe: int) -> None:
    client.load(client.folder(), worlds.zipped(worlds.project()))
    broken = client.recipe("First")["id"]

    well = client.call("GET", f"recipes/{recipe}/health")["data"]
    ill = client.call("POST", f"recipes/{broken}/health")["data"]
    refused = client.call("PUT", f"recipes/{broken}/start")

    assert ("healthy", recipe, 1, [], []) == (
        well["status"],
        well["recipe_id"],
        well["version_no"],
        well["code_errors"],
        well["config_errors"],
    )
    assert ("unhealthy", refused["config_errors"]) == (ill["status"], ill["config_errors"])


def test_another_workspaces_recipe_has_no_jobs_here(server: servers.Server) -> None:
    with server.workspace() as mine, server.workspace() as other:
        code = json.dumps(worlds.Recipe("A").value["code"])
        recipe = other.call("POST", "recipes", json={"name": "A", "code": code})["id"]

        for path in ("jobs", "jobs/j-1", "health", "test_cases"):
            mine.call("GET", f"recipes/{recipe}/{path}", 404)
        mine.call("POST", f"recipes/{recipe}/repeat_jobs", 404, json={"job_ids": ["j-1"]})
