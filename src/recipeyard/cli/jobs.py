"""Look at what recipes have run, and run it again."""

from typing import Annotated

import msgspec
import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from recipeyard.cli import overview, recipes, session
from recipeyard.wire import received_jobs

app = typer.Typer(cls=overview.Group, help="List, show and repeat jobs.")

Recipe = Annotated[str, typer.Argument(help="A recipe, by id or name.", metavar="RECIPE")]
Job = Annotated[str, typer.Argument(help="A job, as `jobs list` shows it.", metavar="JOB")]
Jobs = Annotated[list[str], typer.Argument(help="Jobs, as `jobs list` shows them.", metavar="JOB")]
Status = Annotated[str | None, typer.Option(help="succeeded, failed or pending.")]
Count = Annotated[int, typer.Option("--count", "-n", min=1, max=500, help="How many, the newest first.")]
OfProject = recipes.OfProject

_STYLES = {"succeeded": "green", "failed": "red"}


@session.command(app, "list")
def list_(
    asked: session.Session, *, recipe: Recipe, status: Status = None, count: Count = 20, project: OfProject = None
) -> None:
    """List a recipe's jobs."""
    scope = recipes.scope_of(asked, project)
    found = scope.yard.jobs(recipes.one_of(scope, recipe).id, status, count)
    table = Table("job", "state", "began", "what", box=None, header_style="bold", pad_edge=False)
    for each in found.items:
        state = Text(each.state, _STYLES.get(each.state, ""))
        table.add_row(each.id, state, each.started_at, Text(each.error or ""))
    asked.show(table if found.items else Text("There are no jobs."))
    asked.answer(msgspec.to_builtins(found))


@session.command(app, "show")
def show(asked: session.Session, *, recipe: Recipe, job: Job, project: OfProject = None) -> None:
    """Show a job's steps: what each was given, and came to."""
    scope = recipes.scope_of(asked, project)
    found = scope.yard.job(recipes.one_of(scope, recipe).id, job)
    parts = [Text(f"{found.id}  {found.state}", _STYLES.get(found.state, "bold"))]
    if found.error:
        parts.append(Text(found.error))
    parts += [part for line in found.lines for part in _told(line)]
    asked.show(Group(*parts))
    asked.answer(msgspec.to_builtins(found))


@session.command(app, "repeat")
def repeat(asked: session.Session, *, recipe: Recipe, jobs: Jobs, project: OfProject = None) -> None:
    """Run jobs again, on the version that runs now; ends with 1 where one could not be."""
    scope = recipes.scope_of(asked, project)
    results = scope.yard.repeat_jobs(recipes.one_of(scope, recipe).id, jobs)
    for each in results:
        if each.error:
            asked.say(f"refused   {each.job_id}: {each.error}", "red")
        else:
            asked.say(f"repeated  {each.job_id} as {each.new_job_id}", "green")
    asked.answer({"results": msgspec.to_builtins(results)})
    if any(each.error for each in results):
        raise typer.Exit(session.FAILED)


def _told(line: received_jobs.Line) -> list[Text]:
    path = f" ({line.path})" if line.path else ""
    told = [Text(f"{line.recipe_line_number:>4}{path} {line.adapter_name}.{line.adapter_operation}  {line.status}")]
    if line.attempt > 1:
        told.append(Text(f"     attempt {line.attempt}: the step was under way when a server died"))
    if line.masked or line.too_large:
        told.append(Text("     hidden" if line.masked else "     too large to be shown", "dim"))
    for name, value in (("in ", line.input), ("out", line.output)):
        if value is not None:
            told.append(Text(f"     {name} {msgspec.json.encode(value).decode()}", "dim"))
    return [*told, Text(f"     {line.error}", "red")] if line.error else told
