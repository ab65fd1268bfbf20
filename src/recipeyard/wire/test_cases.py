"""Test cases and their runs as the API takes and shows them."""

from typing import Any

import msgspec

from recipeyard.model import assets, test_runs
from recipeyard.wire import answers


class TestCase(msgspec.Struct):
    """A recipe's test case. `asset_id` is the asset that it is, in packages and histories."""

    id: str
    name: str
    recipe_id: int
    asset_id: int
    version_no: int


class TestCaseList(msgspec.Struct):
    """A recipe's test cases."""

    data: list[TestCase] = []


class RunRequest(msgspec.Struct):
    """Which test cases are to run: those of one manifest, project, folder or recipe, or a list of them."""

    manifest_id: answers.Id | None = None
    project_id: answers.Id | None = None
    folder_id: answers.Id | None = None
    recipe_id: answers.Id | None = None
    test_case_ids: list[str] | None = None


class TestDifference(msgspec.Struct):
    """One thing that is not as expected. `step` is the step's number, null where it is the run's as a whole."""

    step: int | None
    path: str
    expected: Any
    found: Any
    message: str


class TestResult(msgspec.Struct):
    """What one case came to. `status` is succeeded where nothing differs, else failed."""

    test_case_id: str
    name: str
    recipe_id: int | None
    recipe_name: str
    status: str
    differences: list[TestDifference]


class Asker(msgspec.Struct):
    """Who asked for a run; the id of an API client, null for tokens that the operator made."""

    id: int | None
    name: str


class TestRun(msgspec.Struct):
    """A run of test cases. `status` is in_progress, completed or failed; `error` says why it could not be made."""

    id: str
    status: str
    user: Asker
    results: list[TestResult]
    error: str | None
    created_at: str
    updated_at: str


class TestCoverage(msgspec.Struct):
    """Which of a recipe's actions the run's cases did. `missed_steps` are the numbers of the others."""

    recipe_id: int
    recipe_name: str
    steps: int
    covered: int
    missed_steps: list[int]


class CoveredTestRun(TestRun):
    """A run, and what it covered."""

    coverage: list[TestCoverage]


class TestRunAnswer(msgspec.Struct):
    """A run that was asked for."""

    data: TestRun


class CoveredTestRunAnswer(msgspec.Struct):
    """A run as it is now."""

    data: CoveredTestRun


def test_case(asset: assets.Asset, recipe_id: int) -> TestCase:
    """A test case's answer."""
    return TestCase(f"{test_runs.CASE_PREFIX}{asset.id}", asset.name, recipe_id, asset.id, asset.version_no)


def run(shown: test_runs.Run) -> TestRun:
    """A run's answer."""
    return TestRun(
        id=f"{test_runs.PREFIX}{shown.id}",
        status=shown.status,
        user=Asker(shown.asked_by.id, shown.asked_by.name),
        results=[_result(each) for each in shown.results],
        error=shown.error,
        created_at=answers.stamp(shown.created_at),
        updated_at=answers.stamp(shown.updated_at),
    )


def covered(shown: test_runs.Run) -> CoveredTestRun:
    """A run's answer, with what it covered."""
    found = [
        TestCoverage(
            each.recipe_id, each.recipe_name, len(each.steps), len(each.steps) - len(each.missed), [*each.missed]
        )
        for each in test_runs.coverage(shown.results)
    ]
    return CoveredTestRun(**msgspec.structs.asdict(run(shown)), coverage=found)


def _result(each: test_runs.Result) -> TestResult:
    return TestResult(
        test_case_id=f"{test_runs.CASE_PREFIX}{each.case_id}",
        name=each.name,
        recipe_id=each.recipe_id,
        recipe_name=each.recipe_name,
        status="failed" if each.findings else "succeeded",
        differences=[TestDifference(d.step, d.path, d.expected, d.found, d.message) for d in each.findings],
    )
