"""Jobs: listed, shown step by step, counted and repeated."""

import json
from typing import Any

import pytest

import errands
import servers
import worlds

NOTHING = {"message": errands.pill("workato_webhooks", "t", "payload", "order")}


@pytest.fixture
def recipe(client: servers.Client) -> int:
    """A recipe that logs the orders that it is sent."""
    return errands.started(client, errands.hooked())


def failing() -> dict[str, Any]:
    """A recipe that fails where an order has no amount that is a number."""
    amount = errands.pill("workato_webhooks", "t", "payload", "amount")
    given = {"http_status_code": amount}
    return errands.hooked(errands.step(1, "workato_api_platform", "return_response", given))


def test_a_recipe_that_has_not_run_has_an_empty_list_whatever_is_asked(client: servers.Client, recipe: int) -> None:
    asked = {"status": "failed", "rerun_only": "True", "offset_job_id": "j-1", "prev": "1", "per_page": 5}

    jobs = client.call("GET", f"recipes/{recipe}/jobs", params=asked | {"offset_run_id": "1", "failed": "true"})

    counts = {"job_succeeded_count": 0, "job_failed_count": 0, "job_count": 0}
    assert counts | {"job_scope_count": 0, "items": []} == jobs
    assert counts == client.call("GET", "recipes/job_counts")
    client.call("GET", f"recipes/{recipe}/jobs", 400, params={"status": "odd"})


@pytest.mark.parametrize("name", ["offset_job_id", "offset_run_id"])
def test_an_offset_that_is_no_jobs_id_is_refused_by_name(client: servers.Client, recipe: int, name: str) -> None:
    refused = client.call("GET", f"recipes/{recipe}/jobs", 400, params={name: "j-x"})

    assert {name: ["'j-x' is no job's id"]} == refused["errors"]


def test_a_job_shows_its_event_and_what_each_step_was_given_and_came_to(client: servers.Client, recipe: int) -> None:
    job = errands.ended(client, recipe, errands.sent(client, recipe, {"order": "A-7"}))

    assert ("succeeded", "succeeded", False, None) == (job["status"], job["state"], job["is_error"], job["error"])
    assert (recipe, 1, 2) == (job["recipe_id"], job["version_no"], job["lines_count"])
    assert (job["id"], False, None, None) == (job["handle"], job["is_repeat"], job["calling_job_id"], job["title"])
    trigger, step = job["lines"]
    assert (0, "workato_webhooks", "new_event") == (
        trigger["recipe_line_number"],
        trigger["adapter_name"],
        trigger["adapter_operation"],
    )
    assert {"order": "A-7"} == trigger["output"]["payload"]
    assert (1, "logger", "log_message", "done", 1) == (
        step["recipe_line_number"],
        step["adapter_name"],
        step["adapter_operation"],
        step["status"],
        step["attempt"],
    )
    assert "A-7" == step["input"]["message"]
    assert step["line_stat"]["completed_at"]
    assert {"message": "A-7"} == step["output"]


def test_a_job_that_fails_says_at_which_step_and_why(client: servers.Client) -> None:
    recipe = errands.started(client, failing())

    job = errands.ended(client, recipe, errands.sent(client, recipe, {"amount": "many"}))

    assert ("failed", True) == (job["status"], job["is_error"])
    assert "Step 1: 'many' is no status of an HTTP answer" == job["error"]
    assert ("failed", "'many' is no status of an HTTP answer") == (
        job["lines"][1]["status"],
        job["lines"][1]["error"],
    )


def test_steps_that_hide_their_data_show_none(client: servers.Client) -> None:
    hidden = errands.step(1, "logger", "log_message", NOTHING, mask_data=True)
    recipe = errands.started(client, errands.hooked(hidden, mask_data=True))

    job = errands.ended(client, recipe, errands.sent(client, recipe, {"order": "secret"}))

    assert [(True, None, None)] * 2 == [(line["masked"], line["input"], line["output"]) for line in job["lines"]]
    assert "secret" not in json.dumps(job["lines"])


def test_steps_that_hide_their_data_show_none_while_the_job_goes_on(client: servers.Client) -> None:
    hidden = errands.step(1, "workato_recipe_function", "return_result", {"result": NOTHING}, mask_data=True)
    rest = errands.step(2, "clock", "wait_for_interval", {"interval": "60", "time_unit": "minutes"})
    recipe = errands.started(client, errands.hooked(hidden, rest))

    job = errands.in_state(client, recipe, errands.sent(client, recipe, {"order": "secret"}), "waiting")

    assert ("done", True, None, None) == tuple(
        job["lines"][1][name] for name in ("status", "masked", "input", "output")
    )
    assert ("waiting", False) == tuple(job["lines"][2][name] for name in ("status", "masked"))


def test_a_stop_says_how_many_jobs_are_under_way(client: servers.Client) -> None:
    rest = errands.step(1, "clock", "wait_for_interval", {"interval": "60", "time_unit": "minutes"})
    recipe = errands.started(client, errands.hooked(rest))
    errands.in_state(client, recipe, errands.sent(client, recipe, {}), "waiting")

    assert {"success": True, "jobs_under_way": 1} == client.call("PUT", f"recipes/{recipe}/stop")


def test_what_is_too_large_to_be_shown_is_left_out_and_said(client: servers.Client, recipe: int) -> None:
    job = errands.ended(client, recipe, errands.sent(client, recipe, {"order": "x" * 70_000}))

    assert [(True, None), (True, None)] == [(line["too_large"], line["input"]) for line in job["lines"]]


def test_jobs_are_listed_newest_first_and_paged_both_ways(client: servers.Client, recipe: int) -> None:
    ids = [errands.sent(client, recipe, {"order": each}) for each in range(4)]
    for each in ids:
        errands.ended(client, recipe, each)

    def page(**asked: Any) -> list[str]:
        listed = client.call("GET", f"recipes/{recipe}/jobs", params=asked)
        return [each["id"] for each in listed["items"]]

    assert ids[::-1] == page()
    assert [ids[3], ids[2]] == page(per_page=2)
    assert [ids[1], ids[0]] == page(per_page=2, offset_job_id=ids[2])
    assert [ids[2], ids[1]] == page(per_page=2, offset_job_id=ids[0], prev=True)
    assert [ids[0]] == page(offset_run_id=ids[1].removeprefix("j-"))


def test_jobs_are_narrowed_by_status_and_counted(client: servers.Client) -> None:
    recipe = errands.started(client, failing())
    good, bad = (errands.sent(client, recipe, {"amount": each}) for each in ("200", "many"))
    for each in (good, bad):
        errands.ended(client, recipe, each)

    failed = client.call("GET", f"recipes/{recipe}/jobs", params={"status": "failed"})

    assert [bad] == [each["id"] for each in failed["items"]]
    assert (1, 1, 2, 1) == (
        failed["job_succeeded_count"],
        failed["job_failed_count"],
        failed["job_count"],
        failed["job_scope_count"],
    )
    by_old = client.call("GET", f"recipes/{recipe}/jobs", params={"failed": "true"})["items"]
    assert [bad] == [each["id"] for each in by_old]
    shown = client.call("GET", f"recipes/{recipe}")
    assert (1, 1) == (shown["job_succeeded_count"], shown["job_failed_count"])
    assert shown["lifetime_task_count"] >= 1
    assert shown["last_run_at"]
    assert {"job_succeeded_count": 1, "job_failed_count": 1, "job_count": 2} == client.call("GET", "recipes/job_counts")


def test_a_repeated_job_is_a_new_one_on_the_version_that_runs_now(client: servers.Client, recipe: int) -> None:
    first = errands.ended(client, recipe, errands.sent(client, recipe, {"order": "A-7"}))
    client.call("PUT", f"recipes/{recipe}/stop")
    other = errands.hooked(errands.step(1, "logger", "log_message", {"message": "other"}))
    client.call("PUT", f"recipes/{recipe}", json={"code": json.dumps(other)})
    client.call("PUT", f"recipes/{recipe}/start")

    result = client.call("POST", f"recipes/{recipe}/repeat_jobs", json={"job_ids": [first["id"]]})["results"][0]

    assert (first["id"], "enqueued", None) == (result["job_id"], result["status"], result["error"])
    again = errands.ended(client, recipe, result["new_job_id"])
    assert (True, first["id"], 2) == (again["is_repeat"], again["master_job_id"], again["version_no"])
    assert {"order": "A-7"} == again["lines"][0]["output"]["payload"]
    assert "other" == again["lines"][1]["input"]["message"]
    repeats = client.call("GET", f"recipes/{recipe}/jobs", params={"rerun_only": "true"})["items"]
    assert [again["id"]] == [each["id"] for each in repeats]


def test_jobs_that_cant_be_repeated_fail_one_by_one(client: servers.Client, recipe: int) -> None:
    job = errands.ended(client, recipe, errands.sent(client, recipe, {"order": "A-7"}))
    client.call("PUT", f"recipes/{recipe}/stop")

    answer = client.call("POST", f"recipes/{recipe}/repeat_jobs", json={"job_ids": ["j-1000000", 2000000, job["id"]]})

    assert [("j-1000000", "failed"), ("2000000", "failed"), (job["id"], "failed")] == [
        (each["job_id"], each["status"]) for each in answer["results"]
    ]
    assert "recipe 'Made' has no job 'j-1000000'; it is gone, or never was" == answer["results"][0]["error"]
    assert "The recipe does not run; start it first" == answer["results"][2]["error"]


@pytest.mark.parametrize("count", [0, 26])
def test_one_to_25_jobs_are_repeated_at_once(client: servers.Client, recipe: int, count: int) -> None:
    answer = client.call("POST", f"recipes/{recipe}/repeat_jobs", 400, json={"job_ids": ["j-1"] * count})

    assert {"job_ids": ["must be 1 to 25 jobs"]} == answer["errors"]


def test_a_called_recipes_job_names_who_called(client: servers.Client) -> None:
    given = {"result": {"double": errands.pill("workato_recipe_function", "t", "parameters", "n")}}
    callee = errands.started(
        client, errands.function(errands.step(1, "workato_recipe_function", "return_result", given)), "Callee"
    )
    calls = {"flow_id": str(callee), "parameters": {"n": errands.pill("workato_webhooks", "t", "payload", "n")}}
    recipe = errands.started(client, errands.hooked(errands.step(1, "workato_recipe_function", "call_recipe", calls)))

    job = errands.ended(client, recipe, errands.sent(client, recipe, {"n": "4"}))

    assert {"double": "4"} == job["lines"][1]["output"]["result"]
    called = client.call("GET", f"recipes/{callee}/jobs")["items"][0]
    assert job["lines"][1]["output"]["job_id"] == called["id"]
    assert (recipe, job["id"], recipe, job["id"]) == (
        called["calling_recipe_id"],
        called["calling_job_id"],
        called["root_recipe_id"],
        called["root_job_id"],
    )


def test_a_called_recipe_that_fails_fails_the_caller_with_its_error(client: servers.Client) -> None:
    broken = errands.step(1, "workato_api_platform", "return_response", {"http_status_code": "no"})
    callee = errands.started(client, errands.function(broken), "Callee")
    calls = errands.step(1, "workato_recipe_function", "call_recipe", {"flow_id": str(callee)})
    recipe = errands.started(client, errands.hooked(calls))

    job = errands.ended(client, recipe, errands.sent(client, recipe, {}))

    assert "failed" == job["status"]
    why = "Step 1: The called recipe failed: Step 1: 'no' is no status of an HTTP answer"
    assert why == job["error"]


def test_a_callable_recipe_of_before_is_called_with_a_request(client: servers.Client) -> None:
    reply = {"reply_type": "success", "reply": {"id": errands.pill("workato_service", "t", "request", "id")}}
    callee = errands.started(
        client,
        errands.recipe(
            "workato_service", "receive_request", {}, errands.step(1, "workato_service", "send_reply", reply)
        ),
        "Callee",
    )
    calls = {"flow_id": str(callee), "request": {"id": "7"}}
    recipe = errands.started(client, errands.hooked(errands.step(1, "workato_service", "call_service", calls)))

    job = errands.ended(client, recipe, errands.sent(client, recipe, {}))

    assert {"id": "7"} == job["lines"][1]["output"]["reply"]


def test_a_recipe_calls_others_side_by_side_and_waits_for_them(client: servers.Client) -> None:
    rest = errands.step(1, "clock", "wait_for_interval", {"interval": "1", "time_unit": "seconds"})
    told = errands.step(2, "workato_recipe_function", "return_result", {"result": {"by": "rested"}})
    rested = errands.started(client, errands.function(rest, told), "Rests")
    broken = errands.step(1, "workato_api_platform", "return_response", {"http_status_code": "no"})
    failing = errands.started(client, errands.function(broken), "Fails")
    calls = [
        errands.step(at, "workato_recipe_function", "call_recipe_async", {"flow_id": str(callee)})
        for at, callee in enumerate((rested, failing), 1)
    ]
    ids = [errands.pill("workato_recipe_function", f"s{at}", "job_id") for at in (1, 2)]
    asked = {"async_jobs": [{"job_id": each} for each in ids], "timeout": "5"}
    waits = errands.step(3, "workato_recipe_function", "wait_for_async_jobs", asked)
    recipe = errands.started(client, errands.hooked(*calls, waits))

    job = errands.ended(client, recipe, errands.sent(client, recipe, {}))

    assert ("succeeded", None) == (job["status"], job["error"])
    first, second = job["lines"][3]["output"]["results"]
    assert ("succeeded", {"by": "rested"}, None) == (first["status"], first["result"], first["error"])
    assert ("failed", "Step 1: 'no' is no status of an HTTP answer") == (second["status"], second["error"])


def test_a_recipe_looks_after_another_ones_jobs(client: servers.Client) -> None:
    broken = errands.started(client, failing(), "Broken")
    failed = errands.ended(client, broken, errands.sent(client, broken, {"amount": "many"}))
    listed = errands.step(1, "workato_app", "list_jobs", {"recipe_id": str(broken), "status": "failed"})
    again = errands.step(2, "workato_app", "rerun_jobs", {"jobs": errands.pill("workato_app", "s1", "jobs")})
    shown = errands.step(3, "workato_app", "get_recipe", {"recipe_id": str(broken)})
    stopped = errands.step(4, "workato_app", "stop_recipe", {"recipe_id": str(broken)})
    keeper = errands.started(client, errands.hooked(listed, again, shown, stopped), "Keeper")

    job = errands.ended(client, keeper, errands.sent(client, keeper, {}))

    assert ("succeeded", None) == (job["status"], job["error"])
    assert [failed["id"]] == [each["id"] for each in job["lines"][1]["output"]["jobs"]]
    repeated = job["lines"][2]["output"]["job_ids"][0]
    assert failed["id"] == client.call("GET", f"recipes/{broken}/jobs/{repeated}")["master_job_id"]
    assert ("Broken", 1) == (job["lines"][3]["output"]["name"], job["lines"][3]["output"]["job_failed_count"])
    assert not client.call("GET", f"recipes/{broken}")["running"]


def test_a_failure_is_told_to_a_recipe_that_listens_to_it(client: servers.Client) -> None:
    broken = errands.started(client, failing(), "Broken")
    told = {"message": errands.pill("workato_app", "t", "message")}
    watched = errands.recipe(
        "workato_app", "job_error", {"recipe_id": [str(broken)]}, errands.step(1, "logger", "log_message", told)
    )
    keeper = errands.started(client, watched, "Keeper")

    failed = errands.ended(client, broken, errands.sent(client, broken, {"amount": "many"}))

    heard = client.call("GET", f"recipes/{keeper}/jobs")["items"][0]["id"]
    job = errands.ended(client, keeper, heard)
    assert failed["id"] == job["lines"][0]["output"]["job_id"]
    assert "'many' is no status of an HTTP answer" == job["lines"][1]["output"]["message"]


def test_a_job_that_is_not_there_is_not_found_in_words(client: servers.Client, recipe: int) -> None:
    said = client.call("GET", f"recipes/{recipe}/jobs/j-abc", 404)["message"]

    assert "Not found: recipe 'Made' has no job 'j-abc'; it is gone, or never was" == said


def test_another_recipes_job_is_not_found(client: servers.Client, recipe: int) -> None:
    job = errands.sent(client, recipe, {"order": 1})
    other = errands.made(client, errands.function(), "Other")

    client.call("GET", f"recipes/{other}/jobs/{job}", 404)


def test_no_job_waits_to_be_resumed(client: servers.Client) -> None:
    said = client.call("POST", "job/resume", 400, json={"token": "t", "data": {"a": 1}})["message"]

    assert "No job waits for this token: no step here waits to be resumed from outside" == said


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
        recipe = errands.started(other, errands.hooked())
        job = errands.sent(other, recipe, {"order": 1})

        for path in ("jobs", f"jobs/{job}", "health", "test_cases"):
            mine.call("GET", f"recipes/{recipe}/{path}", 404)
        mine.call("POST", f"recipes/{recipe}/repeat_jobs", 404, json={"job_ids": [job]})
