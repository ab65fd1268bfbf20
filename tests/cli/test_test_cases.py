"""`recipeyard test`: the test cases of files, without a server."""

from typing import Any

import terminals
import worlds

CALLED = ("workato_recipe_function", "execute")


def case(name: str, amount: int) -> bytes:
    expected = {"steps": {"s1": {"input": {"amount": amount}}}}
    told: dict[str, Any] = {"s1": {"output": {}}}
    about = worlds.reference("charge.recipe.json", "Charge")
    return worlds.document({"name": name, "recipe": about, "stubs": told, "expected": expected})


def project(**cases: int) -> dict[str, bytes]:
    recipe = worlds.Recipe("Charge", trigger=CALLED).step("shop", "charge", {"amount": 8})
    stop: dict[str, Any] = {"number": 2, "keyword": "stop", "as": "e", "input": {"stop_with_error": "false"}}
    recipe.steps.append(stop)
    recipe.step("shop", "refund", {})
    return {"charge.recipe.json": recipe.bytes} | {
        f"tests/{name}.test_case.json": case(name, amount) for name, amount in cases.items()
    }


def test_cases_that_pass_end_with_0_and_tell_what_they_covered(stranger: terminals.Terminal) -> None:
    stranger.directory.mkdir(parents=True)
    stranger.write(project(right=8))

    told = stranger.run("test").out.splitlines()

    assert [
        "  ok      right  (tests/right.test_case.json)",
        "charge.recipe.json: 1 of 2 actions ran; never steps 3",
        "1 test case passed.",
    ] == told


def test_a_case_that_fails_says_what_differs_and_ends_with_1(stranger: terminals.Terminal) -> None:
    there = stranger.at("elsewhere")
    there.directory.mkdir(parents=True)
    there.write(project(right=8, wrong=9))

    told = stranger.run("test", str(there.directory), code=1).out.splitlines()

    assert [
        "  ok      right  (tests/right.test_case.json)",
        "  FAILED  wrong  (tests/wrong.test_case.json)",
        "          step 1 (s1): input.amount is 8; expected: 9",
    ] == told[:3]
    assert "1 of 2 test cases failed." == told[-1]


def test_machines_are_told_as_one_object(stranger: terminals.Terminal) -> None:
    stranger.directory.mkdir(parents=True)
    stranger.write(project(wrong=9))

    told = stranger.run("test", "--json", code=1).json

    assert told["passed"] is False
    difference = {"step": 1, "path": "input.amount", "expected": 9, "found": 8}
    assert difference.items() <= told["results"][0]["differences"][0].items()
    assert [{"recipe": "charge.recipe.json", "steps": 2, "covered": 1, "missed_steps": [3]}] == told["coverage"]


def test_files_that_can_not_be_read_fail_their_case_alone(stranger: terminals.Terminal) -> None:
    stranger.directory.mkdir(parents=True)
    stranger.write(project(right=8))
    stranger.write({"odd.test_case.json": b"{", "shapeless.test_case.json": worlds.document({"name": "Shapeless"})})

    told = stranger.run("test", code=1).out

    assert "odd.test_case.json: is not JSON" in told
    assert "shapeless.test_case.json: recipe is missing" in told
    assert "2 of 3 test cases failed." in told


def test_a_directory_without_test_cases_says_so(stranger: terminals.Terminal) -> None:
    stranger.directory.mkdir(parents=True)
    stranger.write(project())

    assert "there are no test cases in " in stranger.run("test", code=1).err


def test_what_is_pulled_can_be_tested(terminal: terminals.Terminal) -> None:
    terminal.directory.mkdir(parents=True)
    terminal.write(project(right=8))
    terminal.run("push", "--project", "Shop", "--require-tests")
    other = terminal.at("other")

    other.run("pull", "Shop")

    assert terminal.files() == other.files()
    assert "1 test case passed." in other.run("test").out
