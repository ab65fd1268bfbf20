"""Every recipe of the corpus starts and runs, with stubs for the apps that nobody has here; what does not is named.

Events, and what apps answer, are made of the schemas that the recipes themselves have. Whatever fails then must fail by
the recipe's own logic; the lists below say where, and why.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import made_up
import running
import worlds
import yards
from recipeyard.model import runs

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
HEADER = ("recipes", "built in", "started", "mended", "with stubs", "full", "empty")

TOLD = {
    "dewy-resort": (43, 9, 9, 0, 43, (43, 0, 0), (41, 2, 0)),
    "dewy-resort-pulled/projects": (46, 7, 7, 14, 46, (46, 0, 0), (44, 2, 0)),
    "dewy-resort-pulled/workato": (18, 1, 0, 1, 16, (16, 0, 0), (16, 0, 0)),
    "workato-dev-kit": (40, 3, 3, 0, 40, (38, 1, 1), (37, 2, 1)),
}
"""Recipes; those that only use what is built in; of these, those that start; those mended by hand, as they name what
they use without saying where it is, or it was not exported; those that start with stubs; what becomes of a full event,
and of an empty one: succeeded, failed, none of the recipe's business.
"""

CALLS_NOBODY = {
    "check_in_guest": {"Upsert case can't be found"},
    "compensate_checkout_failure": {
        "Retrieve Stripe payment status can't be found",
        "Search booking by contact and date can't be found",
        "Search contact by email can't be found",
        "Update opportunity stage can't be found",
        "Update room status can't be found",
    },
}
"""The recipes that do not start: what they call was not exported with them."""

FAIL = {
    "create_booking_orchestrator": "+ cannot work with nil (String + nil)",
    "create_opportunity": "+ cannot work with nil (String + nil)",
    "fnc_001_get_line_manager": "nil has no method '[]'",
    "submit_pc_loan_request_via_mcp": "column 'PC type' is required and has no value",
}
"""The recipes whose runs fail: they take for granted what the event, or an app's answer, does not have."""

OURS = {"Connector", "NotInstalled", "NoAnswer", "Server"}
"""The kinds of failures that would be this product's fault, or the test's."""

CATCH = {
    "add_labels": "splits a list",
    "check_in_guest": "adds to a text what a booking does not have",
    "create_booking_orchestrator": "the same",
    "remove_attachments": "asks what the event does not have whether it includes something",
    "remove_labels": "splits a list",
    "search_messages": "takes a made-up text for a time",
    "search_threads": "the same",
    "submit_guest_service_request": "adds to a text what the event does not have",
    "submit_maintenance_request": "cuts a text that the event does not have",
}
"""The recipes that catch what went wrong in them, and why that is their own doing."""

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")


@pytest.fixture
def runner(embedded: worlds.World) -> Iterator[running.Runner]:
    """Carries out what runs."""
    with running.running(embedded) as made:
        yield made


@pytest.mark.parametrize("top", TOLD)
def test_every_recipe_of_the_corpus_starts_and_runs(
    runner: running.Runner, top: str, capsys: pytest.CaptureFixture[str]
) -> None:
    yard = yards.Yard(runner, runner.world.workspace())
    yard.load(CORPUS / top)
    yard.mend()
    built_in = yard.built_in()
    alone = len(built_in) - len(yard.start(built_in))
    yard.stub()
    refused = yard.start(yard.documents)
    full, empty = yard.run(made_up.output), yard.run(lambda _: {})

    found = (len(yard.documents), len(built_in), alone, len(yard.chosen), len(yard.documents) - len(refused))
    row = (*found, _ends(full), _ends(empty))
    with capsys.disabled():
        sys.stdout.write(f"\n{top}: {', '.join(f'{name} {each}' for name, each in zip(HEADER, row, strict=True))}\n")
    assert TOLD[top] == row
    assert all(CALLS_NOBODY.get(_stem(path)) == set(why) for path, why in refused.items()), refused
    failed = [(path, run.error.message) for path, run in [*full.items(), *empty.items()] if run.error]
    assert [] == [each for each in failed if FAIL.get(_stem(each[0]), "?") not in each[1]]
    troubles = list(yard.troubles())
    assert [] == [each for each in troubles if _stem(each.path) not in CATCH | FAIL or each.kind in OURS]


def _ends(found: Mapping[str, runs.Run]) -> tuple[int, int, int]:
    """How many runs succeeded, failed, and were none of their recipe's business."""
    ended = Counter(run.status for run in found.values())
    return ended[runs.Status.SUCCEEDED], ended[runs.Status.FAILED], ended[runs.Status.FILTERED]


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".recipe.json")
