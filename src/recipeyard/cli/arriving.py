"""How a package is to arrive: the options that push, import and plan share, and what they mean to the client."""

from dataclasses import dataclass
from typing import Annotated

import typer

from recipeyard import client
from recipeyard.cli import checkout, session
from recipeyard.model import errors
from recipeyard.wire import received_plans

UNTOUCHED = "Nothing of the package happened. Mend what is named, and run it again."

BreakGlass = Annotated[
    str | None, typer.Option(metavar="REASON", help="Pass the gates; who did, and why, is recorded.")
]
Tags = Annotated[bool, typer.Option("--include-tags", help="Apply the tags that the files carry.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """What is decided where a package meets what it did not expect; what nobody said is the server's to decide."""

    on_conflict: Annotated[
        str | None, typer.Option(metavar="POLICY", help="Changed there: incoming, fail, target, merge.")
    ] = None
    on_restart_failure: Annotated[
        str | None, typer.Option(metavar="WHAT", help="rollback: all goes back; keep: it stays stopped.")
    ] = None

    def decided(self) -> client.RollbackOptions:
        """The same for the client; only what was said."""
        options = client.RollbackOptions()
        self.add_to(options)
        return options

    def add_to(self, options: client.ImportOptions | client.RollbackOptions) -> None:
        """Add what was said."""
        if self.on_conflict:
            options["on_conflict"] = self.on_conflict
        if self.on_restart_failure:
            options["on_restart_failure"] = self.on_restart_failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival(Decisions):
    """How a package is to arrive."""

    restart_recipes: Annotated[bool, typer.Option("--restart-recipes", help="Let running recipes run what is new.")] = (
        False
    )
    prune: Annotated[bool, typer.Option("--prune", help="Delete there what the files no longer have.")] = False
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="WHAT", help="A path, folder, type or asset's id; repeatable."),
    ] = None
    dependencies: Annotated[
        str | None, typer.Option(metavar="HOW", help="Of --only: include takes them, require not.")
    ] = None
    require_tests: Annotated[
        bool, typer.Option("--require-tests", help="Run the test cases of what changes first.")
    ] = False

    def options(self, *, include_tags: bool) -> client.ImportOptions:
        """The same for the client; only what was said."""
        options = client.ImportOptions(restart_recipes=self.restart_recipes, include_tags=include_tags)
        self.add_to(options)
        if self.prune:
            options["prune"] = True
        if self.only:
            options["only"] = self.only
        if self.dependencies:
            options["dependencies"] = self.dependencies
        if self.require_tests:
            options["require_tests"] = True
        return options


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Arrival):
    """How a package is to arrive that really does."""

    break_glass: BreakGlass = None

    def options(self, *, include_tags: bool) -> client.ImportOptions:
        """The same for the client; only what was said."""
        options = Arrival.options(self, include_tags=include_tags)
        if self.break_glass:
            options["break_glass"] = self.break_glass
        return options


USUAL = Arrival()
"""How packages arrive where nobody said anything."""

UNASKED = Entry()
"""The same of one that really does."""


def files(held: checkout.Checkout) -> dict[str, bytes]:
    """The files to send. Raises `session.Advised` where there are none."""
    found = held.files()
    if not found:
        raise session.Advised(f"there are no asset files in {held.root}", "Run `recipeyard pull PROJECT` first.")
    return found


def ready(
    asked: session.Session, yard: client.Client, plan: received_plans.Plan, *, passes_gates: bool
) -> received_plans.Plan:
    """A plan once it can be applied, as far as gates may be passed by who applies it.

    Raises `session.Advised` naming all that stands in its way.
    """
    plan = planned(asked, yard, plan)
    if plan.blockers and not passes_gates:
        raise session.Advised("\n".join(spelled(each) for each in plan.blockers), UNTOUCHED)
    return plan


def planned(asked: session.Session, yard: client.Client, plan: received_plans.Plan) -> received_plans.Plan:
    """A plan once it is made. Raises `session.Advised` where it can't be."""
    try:
        with asked.waiting("plan"):
            return yard.follow_plan(plan)
    except errors.Unprocessable as e:
        raise session.Advised(str(e), UNTOUCHED) from e


def later(plan_id: int) -> str:
    """What to do about a plan that waits for others, or for its time."""
    return f"`recipeyard apply {plan_id}` once that is so; `recipeyard gates` shows what must be."


def spelled(notice: received_plans.Notice) -> str:
    """A notice as one sentence."""
    return f"{notice.path}: {notice.message}" if notice.path else notice.message
