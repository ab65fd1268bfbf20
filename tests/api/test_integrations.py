"""The catalogue of connectors over HTTP."""

from typing import Any

import pytest

import servers
from recipeyard.model import catalogue, recipes

ASKED = {"applications": "salesforce,clock,nonsense"}


def test_the_whole_catalogue_is_read_page_by_page(client: servers.Client) -> None:
    found: list[Any] = []
    for page in range(1, 10):
        answer = client.call("GET", "integrations/all", params={"page": page})
        found += answer["items"]
        if len(answer["items"]) < answer["per_page"]:
            break

    assert list(catalogue.CONNECTORS) == [each["name"] for each in found]
    assert (len(found), page, 100) == (answer["count"], answer["page"], answer["per_page"])


@pytest.mark.parametrize("sent", [{"params": ASKED}, {"json": ASKED}], ids=["query", "body"])
def test_connectors_are_found_by_name_in_the__the_body(client: servers.Client, sent: dict[str, Any]) -> None:
    answer = client.call("GET", "integrations", **sent)

    assert ["salesforce", "clock"] == [each["name"] for each in answer["items"]]
    assert len(catalogue.CONNECTORS) == len(client.call("GET", "integrations")["items"])


def test_a_connector_tells_triggers_from_actions(client: servers.Client) -> None:
    clock = client.call("GET", "integrations", params={"applications": "clock"})["items"][0]

    assert "Scheduler" == clock["title"]
    assert ["scheduled_event", "timer", "daily_task"] == [each["name"] for each in clock["triggers"]]
    timer = {"name": "timer", "title": "Timer", "deprecated": False, "bulk": False, "batch": False}
    assert timer == clock["triggers"][1]
    assert {"name", "title", "deprecated", "bulk", "batch"} == clock["actions"][0].keys()


def test_a_body_that_is_not_json_is_refused(client: servers.Client) -> None:
    assert "The body is not JSON" == client.call("GET", "integrations", 400, content=b"{")["message"]


def test_marks_say_what_a_connector_is() -> None:
    known = catalogue.CONNECTORS

    assert known["salesforce_secondary"].secondary
    assert known["salesforce_secondary"].actions == known["salesforce"].actions
    assert (True, False) == (known["salesforce"].oauth, known["mysql"].oauth)
    marks = {each.name: (each.deprecated, each.bulk, each.batch) for each in known["rest"].actions}
    assert [(False, False, False), (True, False, False)] == [marks["make_request_v2"], marks["make_request"]]
    tables = {each.name: (each.bulk, each.batch) for each in known["google_sheets"].actions}
    assert (True, False) == tables["add_row_v4_bulk"]


def test_operations_of_apps_are_not_checked_and_the_platforms_own_are() -> None:
    wiring = recipes.Wiring(lambda _: True, lambda _: True, lambda *_: True, frozenset())

    def problems(provider: str) -> int:
        action: recipes.Object = {"keyword": "action", "provider": provider, "name": "of_my_own"}
        trigger: recipes.Object = {"keyword": "trigger", "provider": "clock", "name": "timer", "block": [action]}
        return len(recipes.code_problems(trigger, wiring, ()))

    assert (0, 1) == (problems("salesforce"), problems("logger"))
