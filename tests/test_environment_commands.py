"""The operator binds workspaces to each other, and lets one manage another."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from recipeyard import server as operator

NAMES = ("Development", "Test", "Production")


def run(data: Path, *arguments: str) -> Result:
    """One of the operator's commands; what it says to people goes to standard error."""
    return CliRunner().invoke(operator.cli, ["workspace", *arguments, "--data", str(data)])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in NAMES:
        assert 0 == run(tmp_path, "create", name).exit_code
    return tmp_path


def test_bound_workspaces_are_shown_beside_the_one_that_deploys_to_them(data: Path) -> None:
    bound = run(data, "bind", "Development", "--test", "Test", "--prod", "Production")

    assert (0, "", "'Development' deploys to 'Test' and 'Production'.\n") == (
        bound.exit_code,
        bound.stdout,
        bound.stderr,
    )
    assert ["Development\ttest: Test, prod: Production", "Test", "Production"] == run(data, "list").stdout.splitlines()


def test_binding_again_changes_what_is_named_alone(data: Path) -> None:
    run(data, "create", "Second test")
    run(data, "bind", "Development", "--test", "Test", "--prod", "Production")

    run(data, "bind", "Development", "--test", "Second test")

    assert "Development\ttest: Second test, prod: Production" == run(data, "list").stdout.splitlines()[0]


def test_an_unbound_workspace_deploys_nowhere(data: Path) -> None:
    run(data, "bind", "Development", "--prod", "Production")

    unbound = run(data, "unbind", "Development")

    assert (0, "'Development' deploys nowhere now.\n") == (unbound.exit_code, unbound.stderr)
    assert [*NAMES] == run(data, "list").stdout.splitlines()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["bind", "Development"], "name a workspace with --test, with --prod, or with both"),
        (["bind", "Development", "--test", "Nobody"], "there is no workspace 'Nobody'"),
        (["bind", "Nobody", "--test", "Test"], "there is no workspace 'Nobody'"),
        (["bind", "Development", "--prod", "Development"], "'Development' can't deploy to itself"),
        (["bind", "Development", "--test", "Test", "--prod", "Test"], "'Test' is the test of 'Development' already"),
        (["unbind", "Development"], "'Development' deploys nowhere"),
    ],
)
def test_what_cant_be_bound_is_said_in_a_sentence_and_binds_nothing(
    data: Path, arguments: list[str], message: str
) -> None:
    refused = run(data, *arguments)

    assert (1, f"recipeyard: {message}\n") == (refused.exit_code, refused.stderr)
    assert [*NAMES] == run(data, "list").stdout.splitlines()


def test_a_managed_workspace_is_shown_with_its_manager(data: Path) -> None:
    managed = run(data, "manage", "Development", "Test", "--external-id", "7")
    again = run(data, "manage", "Development", "Test", "--external-id", "8")

    assert (0, "'Development' manages 'Test'.\n", 0) == (managed.exit_code, managed.stderr, again.exit_code)
    assert ["Development", "Test\tmanager: Development", "Production"] == run(data, "list").stdout.splitlines()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Development", "Development"], "'Development' can't manage itself"),
        (["Development", "Nobody"], "there is no workspace 'Nobody'"),
        (["Production", "Test"], "'Test' is managed by 'Development' already"),
        (["Test", "Production"], "'Test' is a customer itself, and can't manage others"),
        (["Production", "Development"], "'Development' manages others itself"),
        (["Development", "Production", "--external-id", "7"], "external_id: '7' has already been taken"),
        (
            ["Development", "Production", "--external-id", "a/b"],
            "external_id: can't contain slashes or control characters",
        ),
    ],
)
def test_what_cant_be_managed_is_said_in_a_sentence(data: Path, arguments: list[str], message: str) -> None:
    run(data, "manage", "Development", "Test", "--external-id", "7")

    refused = run(data, "manage", *arguments)

    assert (1, f"recipeyard: {message}\n") == (refused.exit_code, refused.stderr)
    assert "Production" == run(data, "list").stdout.splitlines()[-1]
