"""Recipes that run in tests, and their jobs."""

import json
import time
from typing import Any

import servers

PATIENCE_S = 60


def pill(provider: str, line: str, *path: str) -> str:
    """An expression that takes a value of a step before."""
    told = {"pill_type": "output", "provider": provider, "line": line, "path": list(path)}
    return f"#{{_dp('{json.dumps(told)}')}}"


def step(number: int, provider: str, name: str, given: Any, **more: Any) -> dict[str, Any]:
    """An action, known as `s` and its number."""
    own = {"number": number, "provider": provider, "name": name, "as": f"s{number}", "uuid": f"u{number}"}
    return own | {"keyword": "action", "input": given} | more


def recipe(provider: str, name: str, given: Any, *block: Any, **more: Any) -> dict[str, Any]:
    """A recipe's code: a trigger, known as `t`, and its steps."""
    own = {"number": 0, "provider": provider, "name": name, "as": "t", "uuid": "u0", "keyword": "trigger"}
    return own | {"input": given, "block": list(block)} | more


def hooked(*block: Any, **more: Any) -> dict[str, Any]:
    """A recipe that takes events in JSON; it logs each, unless it is told to do something else."""
    logged = step(1, "logger", "log_message", {"message": pill("workato_webhooks", "t", "payload", "order")})
    given = {"request": {"webhook_type": "json"}, "webhook_suffix": "New order"}
    return recipe("workato_webhooks", "new_event", given, *(block or (logged,)), **more)


def function(*block: Any) -> dict[str, Any]:
    """A recipe that is called by others."""
    return recipe("workato_recipe_function", "execute", {}, *block)


def made(client: servers.Client, code: dict[str, Any], name: str = "Made", **more: Any) -> int:
    """A new recipe's id."""
    wanted = {"name": name, "code": json.dumps(code)} | more
    return int(client.call("POST", "recipes", json=wanted)["id"])


def started(client: servers.Client, code: dict[str, Any], name: str = "Made", **more: Any) -> int:
    """The id of a new recipe that runs."""
    recipe_id = made(client, code, name, **more)
    answer = client.call("PUT", f"recipes/{recipe_id}/start")
    assert answer["success"], answer
    return recipe_id


def sent(client: servers.Client, recipe_id: int, event: Any, **headers: str) -> str:
    """Send an event to a recipe's address; the id of its job."""
    address = client.call("GET", f"recipes/{recipe_id}")["webhook_url"]
    answer = client.http.post(address, json=event, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["job_id"])


def ended(client: servers.Client, recipe_id: int, job_id: str) -> Any:
    """A job once it has ended."""
    return in_state(client, recipe_id, job_id, "succeeded", "failed")


def in_state(client: servers.Client, recipe_id: int, job_id: str, *states: str) -> Any:
    """A job once it stands like this."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        job = client.call("GET", f"recipes/{recipe_id}/jobs/{job_id}")
        if job["state"] in states:
            return job
        time.sleep(0.02)
    raise TimeoutError(job)
