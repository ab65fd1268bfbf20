"""Test cases and their runs as the API takes and shows them."""

import msgspec

from recipeyard.wire import answers


class TestCase(msgspec.Struct):
    """A recipe's test case."""

    id: str
    name: str


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
