"""The client's commands, in the order in which help lists them."""

from collections.abc import Callable

import typer

from recipeyard.cli import (
    access,
    bindings,
    comparing,
    gates,
    histories,
    jobs,
    overview,
    plans,
    pushing,
    recipes,
    session,
    stubs,
    test_cases,
    transfers,
)

_COMMANDS: dict[str, Callable[..., None]] = {
    "login": access.login,
    "pull": transfers.pull,
    "push": pushing.push,
    "status": comparing.status,
    "diff": comparing.diff,
    "plan": plans.plan,
    "apply": plans.apply,
    "rollback": plans.rollback,
    "test": test_cases.run,
    "history": histories.history,
    "drift": histories.drift,
    "export": transfers.export,
    "import": transfers.import_,
    "follow": transfers.follow,
    "cancel": transfers.cancel,
    "approve": gates.approve,
    "open": access.open_,
}
_GROUPS = {
    "bind": bindings.app,
    "gates": gates.app,
    "recipes": recipes.app,
    "stubs": stubs.app,
    "jobs": jobs.app,
    "workspaces": access.workspaces_app,
}
NAMES = frozenset(_COMMANDS | _GROUPS)


def join(app: typer.Typer) -> None:
    """Add the commands to an application."""
    for name, deed in _COMMANDS.items():
        session.command(app, name, rich_help_panel=overview.CLIENT_PANEL)(deed)
    for name, group in _GROUPS.items():
        app.add_typer(group, name=name, rich_help_panel=overview.CLIENT_PANEL)


app = typer.Typer(name="recipeyard", cls=overview.Overview)
join(app)
