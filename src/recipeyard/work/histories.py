"""Tell what happened to one asset: who made which version of it, when, by which package, and what changed."""

from dataclasses import dataclass, replace

from recipeyard.model import assets, errors, histories, packages
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database
from recipeyard.sql import documents as document_rows
from recipeyard.sql import histories as history_rows
from recipeyard.sql import packages as package_rows
from recipeyard.sql import recipes as recipe_rows
from recipeyard.work import drifting


@dataclass(frozen=True, slots=True)
class History:
    """What happened to an asset, newest first. `here` is the asset, None where it is here no more."""

    asset_id: int
    kind: str
    name: str
    here: assets.Asset | None
    events: tuple[histories.Event, ...]


def of_asset(tx: database.Tx, workspace_id: int, asset_id: int, *, offset: int, limit: int) -> History:
    """A page of an asset's history. One that is here no more has what packages did to it.

    Raises `errors.NotFound` for an id that never was one of this workspace's, or that no package knew.
    """
    here = asset_rows.by_ids(tx, workspace_id, [asset_id]).get(asset_id)
    results = history_rows.results(tx, workspace_id, asset_id)
    if here is None and not results:
        raise errors.NotFound.of("asset", asset_id)
    versions = history_rows.of_asset(tx, asset_id) if here else []
    kind, name = (here.kind, here.name) if here else next((r.kind, r.name) for r in reversed(results.values()))
    known = package_rows.by_ids(tx, sorted({*results, *(each.package_id for each in versions if each.package_id)}))
    events = [_made(each, results, known) for each in versions]
    told = {each.package_id for each in versions}
    events += [_done(results[each], known[each]) for each in results if each not in told]
    events.sort(key=lambda event: (event.at, event.version.version_no if event.version else 0), reverse=True)
    page = _described(tx, kind, events[offset : offset + limit], versions)
    return History(asset_id, kind, name, here, tuple(_marked(tx, here, page) if here else page))


def _made(
    version: histories.Version, results: dict[int, packages.Result], known: dict[int, packages.Package]
) -> histories.Event:
    package = known.get(version.package_id or 0)
    result = results.get(version.package_id or 0)
    first = packages.Action.CREATED if version.version_no == 1 else packages.Action.UPDATED
    return histories.Event(
        at=version.created_at,
        by=package.asked_by.name if package else version.author,
        name="",
        action=result.action if result else first,
        version=version,
        package=package,
        path=result.path if result else None,
    )


def _done(result: packages.Result, package: packages.Package) -> histories.Event:
    return histories.Event(
        at=package.updated_at,
        by=package.asked_by.name,
        name=result.name,
        action=result.action,
        package=package,
        path=result.path,
    )


def _described(
    tx: database.Tx, kind: str, page: list[histories.Event], versions: list[histories.Version]
) -> list[histories.Event]:
    """Versions with what they were called, and what differs from those before them."""
    before = {each.version_no + 1: each for each in versions}
    facts = document_rows.facts(tx, [event.version.content.digest for event in page if event.version])
    found: list[histories.Event] = []
    for event in page:
        version = event.version
        if version:
            known = facts.get((version.content.digest, kind))
            older = before.get(version.version_no)
            diff = drifting.differences(tx, kind, older, version) if older else None
            event = replace(event, name=known.name if known else event.name, diff=diff)
        found.append(event)
    return found


def _marked(tx: database.Tx, here: assets.Asset, page: list[histories.Event]) -> list[histories.Event]:
    running = recipe_rows.running_numbers(tx, [here.id]).get(here.id)
    return [
        replace(
            event,
            current=event.version is not None and event.version.version_no == here.version_no,
            running=event.version is not None and event.version.version_no == running,
        )
        for event in page
    ]
