"""Send a directory's files to a workspace, and nobody's edits lost: push.

Where this directory knows what the server had, the push is planned first, the plan compared with what others did, and
then applied: the server refuses a plan as soon as somebody changed what it rests on, so nothing slips in between.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Annotated

import typer

from recipeyard import client
from recipeyard.cli import arriving, checkout, fetching, following, places, rows, session
from recipeyard.model import assets, errors
from recipeyard.wire import received, received_plans

Over = Annotated[bool, typer.Option("--force", help="Overwrite what others changed on the server.")]
_ADVICE = "`recipeyard pull` fetches what they did; `recipeyard push --force` overwrites it."


def push(
    asked: session.Session,
    *,
    project: Annotated[
        str | None, typer.Option("--project", metavar="NAME", help="The project; made where it is not there.")
    ] = None,
    force: Over = False,
    arrival: arriving.Entry = arriving.UNASKED,
    include_data: places.Rows = False,
) -> None:
    """Send the directory's asset files to its project.

    It happens whole or not at all. Without --prune nothing is deleted.
    Ends with 2 where others changed one of these files there.
    Hidden files, and files that are no assets, stay behind.
    """
    held = places.checkout_here(with_rows=include_data)
    files = arriving.files(held)
    place = places.made(asked, project) if project else places.of(asked, held)
    options = arrival.options(include_tags=True)
    if force or not held.pulled(place.source).bare:
        asked.say(f"Pushing {len(files)} files to {place}.")
        started = place.yard.import_(place.folder_id, client.pack(files), **options)
    else:
        started = _planned(asked, held, place, files, options)
    package = following.followed(asked, place.yard, started)
    earlier = held.pulled(place.source)
    sent = checkout.see(files.items(), with_rows=include_data)
    if arrival.only:
        sent = sent.sparing(files.keys() - {each.zip_name for each in package.assets or ()}, earlier)
    held.remember(place.source, sent.over(earlier))
    places.mark(held, place)
    following.show(asked, package)


def _planned(
    asked: session.Session,
    held: checkout.Checkout,
    place: places.Place,
    files: Mapping[str, bytes],
    options: client.ImportOptions,
) -> received.Package:
    """The push as a plan that was made before others' changes were looked for, and that holds only without more."""
    content = client.pack(files)
    plan = _plan(place, content, options)
    changed = _changed_by_others(asked, held, place, files)
    if changed:
        _forget(place, plan)
        error = f"nothing was pushed: others changed {len(changed)} of these files in {place}"
        raise _stopped(asked, error, changed)
    asked.say(f"Pushing {len(files)} files to {place}.")
    if plan is None:
        return place.yard.import_(place.folder_id, content, **options)
    reason = options.get("break_glass")
    arriving.ready(asked, place.yard, plan, passes_gates=bool(reason))
    try:
        return place.yard.apply_plan(plan.id, break_glass=reason)
    except errors.Unprocessable as e:
        raise session.Advised(str(e), arriving.later(plan.id)) from e
    except errors.Conflict as e:
        raise _stopped(asked, f"nothing was pushed: somebody was quicker in {place}\n{e}", []) from e


def _plan(place: places.Place, content: bytes, options: client.ImportOptions) -> received_plans.Plan | None:
    """The plan of a push, once it has been started; None where a server has no plans, or none for this token."""
    with suppress(errors.NotFound, errors.Forbidden):
        return place.yard.plan_import(place.folder_id, content, **options)
    return None


def _forget(place: places.Place, plan: received_plans.Plan | None) -> None:
    """Leave no plan behind that nobody will apply."""
    if plan:
        with suppress(errors.Failure):
            place.yard.follow_plan(plan)
        with suppress(errors.Failure):
            place.yard.delete_plan(plan.id)


def _changed_by_others(
    asked: session.Session, held: checkout.Checkout, place: places.Place, files: Mapping[str, bytes]
) -> list[checkout.Difference]:
    """Of these files, those that the server no longer has as they were last pulled or pushed here.

    Who never pulled nor pushed here sends what stands in git, say: there is nothing to compare with.
    """
    base = held.pulled(place.source)
    mine = checkout.see(files.items(), with_rows=held.with_rows).digests
    with fetching.fetched(asked, place, leaves_package=False, with_rows=held.with_rows) as there:
        differences = checkout.compare(mine, there.digests, base.digests)
    changed = [each for each in differences if each.path in files and each.side != checkout.HERE]
    return [each for each in changed if each.change != "removed" or not _may_be_apart(each.path, files[each.path])]


def _stopped(asked: session.Session, error: str, changed: list[checkout.Difference]) -> typer.Exit:
    """How a push ends where others were there."""
    for each in changed:
        asked.say(f"{'conflict' if each.side == checkout.BOTH else each.change:10}{each.path}", "bold red")
    asked.answer({"error": error, "advice": _ADVICE, "changes": [asdict(each) for each in changed]})
    asked.warn(error)
    asked.warn(_ADVICE)
    return typer.Exit(session.DIFFERS)


def _may_be_apart(path: str, content: bytes) -> bool:
    """Whether an asset is the whole workspace's, which an export holds only while a recipe of the project uses it."""
    named = assets.parse_file(assets.split(path)[1])
    is_root = rows.says(content).get("root_folder") is True
    return named is not None and assets.stands_at_root(named.kind, root_folder=is_root)
