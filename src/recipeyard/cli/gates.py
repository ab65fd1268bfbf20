"""What must be true before a workspace is changed, and who says that it may be: gates, approve."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.text import Text

from recipeyard import client
from recipeyard.cli import overview, places, plan_pages, session, values
from recipeyard.model import errors
from recipeyard.wire import received_gates

app = typer.Typer(cls=overview.Group, help="Show the workspace's gates; `set` sets them.", invoke_without_command=True)


@app.callback()
@session.shared
def gates(asked: session.Session, *, context: typer.Context) -> None:
    """Show the workspace's gates; `set` sets them."""
    if not context.invoked_subcommand:
        yard = places.yard(asked)
        _show(asked, yard, yard.gates())


@session.command(app, "set")
def set_(
    asked: session.Session,
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The gates, as JSON.")],
) -> None:
    """Set all gates to those of a file; `recipeyard gates --json` writes one.

    Gates that are not in it are open. A `version` in it must be the newest.
    """
    wanted = read(file)
    yard = places.yard(asked)
    sent = {name: value for name, value in wanted.items() if name not in {"updated_by", "updated_at"}}
    _show(asked, yard, yard.set_gates(sent))


def approve(
    asked: session.Session,
    *,
    plan: Annotated[int, typer.Argument(metavar="PLAN_ID", help="Somebody else's plan.")],
    comment: Annotated[str | None, typer.Option("--comment", metavar="TEXT", help="What you have to say.")] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take your approval back.")] = False,
) -> None:
    """Say that somebody else's plan may be applied."""
    yard = places.yard(asked)
    beside = yard.withdraw_approval(plan) if withdraw else yard.approve_plan(plan, comment)
    asked.say(f"Plan {plan} has {len(beside.approvals)} of {values.counted(beside.approvals_required, 'approval')}.")
    for each in beside.approvals:
        asked.say(f"  {plan_pages.approval(each)}")
    asked.answer(msgspec.to_builtins(beside))


def read(file: Path) -> dict[str, Any]:
    """A file's JSON object. Raises `errors.Invalid` where it holds none."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
    except msgspec.MsgspecError as e:
        raise errors.Invalid(f"{file} holds no JSON object ({e})") from e


def _show(asked: session.Session, yard: client.Client, found: received_gates.Gates) -> None:
    lines = list(_lines(found))
    for line in lines or ["Every gate is open: whoever may import changes this workspace."]:
        asked.show(Text(values.plain(line)))
    if found.updated_by:
        asked.say(f"Version {found.version}, set by {found.updated_by}, {found.updated_at}.", "dim")
    asked.relay(yard, "gates")


def _lines(found: received_gates.Gates) -> Iterator[str]:
    needed = found.approvals
    if needed.required:
        of = "plans and rollbacks" if needed.rollbacks else "plans, but not rollbacks"
        people = "1 other person" if needed.required == 1 else f"{needed.required} other people"
        yield f"Approvals   {people} must approve; of {of}"
    for window in found.change_windows:
        yield f"Window      {', '.join(window.days)} from {window.start} to {window.end}, {window.time_zone}"
    for freeze in found.freezes:
        yield f"Freeze      from {freeze.start} to {freeze.end}: {freeze.reason}"
    if found.ran_in:
        yield f"Ran before  recipes must have run in {found.ran_in}, as they are"
    for rule, severity in found.lint.items():
        if severity != "off":
            yield f"Lint        {rule.replace('_', ' ')}: {severity}"
    told = {
        "Tests       the test cases of what changes must pass": found.require_tests,
        "Break glass nobody may pass the gates, whatever the reason": not found.break_glass,
    }
    yield from (line for line, holds in told.items() if holds)
