"""Know before, take back after: plan, apply, rollback."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from recipeyard import client
from recipeyard.cli import arriving, following, places, plan_pages, session, values
from recipeyard.model import errors
from recipeyard.wire import received_plans

_NO_PROJECT_YET = "A plan changes nothing, so it makes no project. `recipeyard push --project NAME` makes it."
PlanId = Annotated[int, typer.Argument(metavar="PLAN_ID", help="The plan's id.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is planned, and where to: the directory's files, a zip, or a package that the server has."""

    project: Annotated[
        str | None, typer.Option("--project", metavar="NAME", help="Where to: a project or a folder's id.")
    ] = None
    zip_file: Annotated[
        Path | None, typer.Option("--zip", metavar="FILE", exists=True, dir_okay=False, help="A package, as a zip.")
    ] = None
    package: Annotated[int | None, typer.Option("--package", metavar="ID", help="A package of the workspace.")] = None


DIRECTORY = Source()


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing(arriving.Decisions):
    """How a package is to be taken back."""

    only_plan: Annotated[bool, typer.Option("--plan", help="Only show what it would change.")] = False
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False
    break_glass: arriving.BreakGlass = None


USUAL = Undoing()


def plan(
    asked: session.Session,
    *,
    source: Source = DIRECTORY,
    arrival: arriving.Arrival = arriving.USUAL,
    include_tags: arriving.Tags = False,
    include_data: places.Rows = False,
) -> None:
    """Show what a push of this directory, or a package, would change.

    Nothing is changed; `recipeyard apply` does exactly what is shown.
    Ends with 0 where nothing would change, with 2 where something would,
    with 1 where something stands in its way.
    """
    if source.zip_file and source.package:
        raise session.Advised("--zip and --package can't both be meant", "Say one of them.")
    place, content = _asked_for(asked, source, with_rows=include_data)
    is_directory = not (source.zip_file or source.package)
    options = arrival.options(include_tags=include_tags or is_directory)
    started = place.yard.plan_import(place.folder_id, content, **options)
    made = arriving.planned(asked, place.yard, started)
    asked.say(f"Plan {made.id}: what would change in {place}\n", "bold")
    _end(asked, place.yard, made)


def apply(asked: session.Session, *, plan: PlanId, break_glass: arriving.BreakGlass = None) -> None:
    """Do exactly what a plan shows, whole or not at all.

    A plan does not hold any more once something it rests on has changed.
    """
    yard = places.yard(asked)
    _apply(asked, yard, (plan, break_glass), "Plan anew: `recipeyard plan`, or `recipeyard rollback --plan`.")


def rollback(
    asked: session.Session,
    *,
    package: Annotated[int, typer.Argument(metavar="PACKAGE_ID", help="The package to take back.")],
    how: Undoing = USUAL,
) -> None:
    """Take back everything that a package changed.

    It shows its plan, asks on a terminal, and does exactly that.
    What was changed since refuses, unless --on-conflict says otherwise.
    A rollback is a package, and can be rolled back itself.
    """
    yard = places.yard(asked)
    made = yard.plan_rollback(package, **how.decided())
    asked.say(f"Plan {made.id}: what taking package {package} back would change\n", "bold")
    if how.only_plan:
        _end(asked, yard, made)
        return
    _draw(asked, made)
    if made.blockers and not how.break_glass:
        raise session.Advised(_blocked(made), "Mend that, or say --on-conflict.")
    if made.unmet_gates and not how.break_glass:
        unmet = "\n".join(arriving.spelled(each) for each in made.unmet_gates)
        raise session.Advised(unmet, arriving.later(made.id))
    if not made.changes:
        asked.relay(yard, f"plans/{made.id}")
        return
    if not how.yes and not asked.asks("Take it back?"):
        yard.delete_plan(made.id)
        raise session.Advised("nothing was taken back", f"`recipeyard rollback {package}` asks again.")
    _apply(asked, yard, (made.id, how.break_glass), f"`recipeyard rollback {package}` plans it anew.")


def _asked_for(asked: session.Session, source: Source, *, with_rows: bool) -> tuple[places.Place, bytes | Path | int]:
    """Where to, and what."""
    held = places.checkout_here(with_rows=with_rows)
    content = source.package or source.zip_file or client.pack(arriving.files(held))
    try:
        return (places.named(asked, source.project) if source.project else places.of(asked, held)), content
    except session.Advised as e:
        raise session.Advised(str(e), _NO_PROJECT_YET if source.project else e.advice) from e


def _apply(asked: session.Session, yard: client.Client, plan: tuple[int, str | None], advice: str) -> None:
    """Apply the plan of that id, with the reason for passing the gates, and tell what it did."""
    plan_id, reason = plan
    try:
        package = yard.apply_plan(plan_id, break_glass=reason)
    except errors.Conflict as e:
        raise session.Advised(str(e), advice) from e
    except errors.Unprocessable as e:
        raise session.Advised(str(e), arriving.later(plan_id)) from e
    following.show(asked, following.followed(asked, yard, package))


def _draw(asked: session.Session, made: received_plans.Plan) -> None:
    for line in plan_pages.draw(made, plan_pages.width(asked.width)):
        asked.show(line)
    asked.say(plan_pages.summary(made), "bold")


def _end(asked: session.Session, yard: client.Client, made: received_plans.Plan) -> None:
    """Show a plan, say what comes next, and end as it says."""
    _draw(asked, made)
    asked.relay(yard, f"plans/{made.id}")
    if made.blockers:
        asked.err.print(f"recipeyard: {_blocked(made)}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(session.FAILED)
    if made.changes:
        profile = f" --profile {asked.profile}" if asked.profile else ""
        if len(made.approvals) < made.approvals_required:
            asked.say(f"Somebody else approves it: recipeyard approve {made.id}{profile}")
        asked.say(f"Do exactly this: recipeyard apply {made.id}{profile}")
        raise typer.Exit(session.DIFFERS)


def _blocked(made: received_plans.Plan) -> str:
    return f"plan {made.id} can't be applied: {values.counted(len(made.blockers), 'thing')} in the way"
