"""The document fits the server: schemathesis sends what it allows and what it forbids, and reads every answer.

On one backend, the one that is harder to please: thousands of requests take a minute.
"""

import re
from collections import defaultdict
from typing import Any
from urllib import parse

import pytest
import schemathesis
from schemathesis import engine
from schemathesis.core import failures
from schemathesis.engine import events, recorder
from schemathesis.openapi import checks

import seeds
import servers

SETTINGS: dict[str, Any] = {
    "seed": 20260101,
    "continue-on-failure": True,
    "cache": {"enabled": False},
    "generation": {"max-examples": 3, "no-shrink": True, "database": "none"},
    "phases": {"stateful": {"max-steps": 3}},
}
"""One seed, so that a run can be had again. All checks and phases are on: this is schemathesis' own default."""
SHOWN = 3


@pytest.mark.timeout(900)
@pytest.mark.parametrize("server", ["shared"], indirect=True)
def test_the_document_fits_the_server(client: servers.Client, subtests: pytest.Subtests) -> None:
    found, operations = unfit(client)

    assert operations
    for operation in sorted(operations | found.keys()):
        with subtests.test(operation):
            assert not found[operation], "\n\n".join(found[operation][:SHOWN])


def unfit(client: servers.Client) -> tuple[dict[str, list[str]], set[str]]:
    """What does not fit, by operation, and the operations that were tried."""
    known = seeds.ids(client)
    settings = SETTINGS | {
        "headers": {"Authorization": f"Bearer {client.token}"},
        "dictionaries": {name: {"values": values} for name, values in known.items()},
        "parameters": {f"path.{name}": {"dictionary": name, "probability": 0.5} for name in known},
    }
    config = schemathesis.Config.from_dict(settings)
    schema = schemathesis.openapi.from_url(f"{client.server.address}/api/openapi.json", config=config)
    found: dict[str, list[str]] = defaultdict(list)
    tried = set()
    for event in engine.from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            tried |= {case.value.operation.label for case in event.recorder.cases.values()}
            for operation, what in _failures(event.recorder):
                found[operation].append(what)
        if isinstance(event, events.NonFatalError | events.FatalError):
            found["schemathesis"].append(str(event))
    return found, tried


def _failures(scenario: recorder.ScenarioRecorder) -> list[tuple[str, str]]:
    found = []
    for case_id, nodes in scenario.checks.items():
        for failed in (node.failure_info for node in nodes if node.failure_info):
            interaction = scenario.interactions[case_id]
            case = scenario.cases[case_id].value
            if not _is_promised(failed.failure, interaction):
                told = f"{failed.failure}\n{_spelled(interaction)}\n{failed.code_sample}"
                found.append((case.operation.label, told))
    return found


def _is_promised(failure: failures.Failure, interaction: recorder.Interaction) -> bool:
    """What a check holds to be wrong, and the wire promises."""
    if interaction.response is None:
        return False
    answer = _spelled(interaction)
    if isinstance(failure, checks.UnsupportedMethodResponse):
        # Clients know a path's unknown methods as they know unknown paths: 404, never 405.
        return interaction.response.status_code == 404 and '"API not found"' in answer
    if isinstance(failure, checks.RejectedPositiveData):
        # A schema can't say what the workspace holds. What it can say is what the server calls malformed.
        return interaction.response.status_code in {400, 422} and '"malformed"' not in answer
    return isinstance(failure, failures.AcceptedNegativeData) and _is_spelled_alike(failure, interaction.request)


def _is_spelled_alike(failure: failures.Failure, request: recorder.Request) -> bool:
    """In a query one value is spelled as a list of one is, and an empty list as nothing: no server sees the wrong."""
    named = re.search(r"Invalid component: parameters? (.*) in query", failure.message)
    sent = parse.parse_qs(parse.urlsplit(request.uri).query, keep_blank_values=True)
    wrong = re.findall(r"`([^`]+)`", named[1]) if named else []
    return bool(wrong) and all(name.endswith("[]") or name not in sent for name in wrong)


def _spelled(interaction: recorder.Interaction) -> str:
    return interaction.response.content.decode(errors="replace") if interaction.response else "(no answer)"
