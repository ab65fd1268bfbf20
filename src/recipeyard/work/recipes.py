"""Recipes one at a time, as the API handles them: shown with ids, made, changed, moved, copied, connected, deleted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from recipeyard.model import assets, bundles, documents, errors, recipes, references, runs
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, folders, links, listeners, stubs
from recipeyard.sql import documents as document_rows
from recipeyard.sql import jobs as job_rows
from recipeyard.sql import recipes as recipe_rows
from recipeyard.sql import runs as run_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import activities, hooks, wiring, writing
from recipeyard.work.running import unended


@dataclass(frozen=True, slots=True)
class Edit:
    """A recipe as it is to be: members of its document as they were sent, with ids; and its folder.

    `read_at` is the version that whoever edits has read, None where they do not say.
    """

    members: Mapping[str, documents.Value] = field(default_factory=dict)
    folder_id: int | None = None
    read_at: int | None = None


@dataclass(frozen=True, slots=True)
class Connect:
    """An app, and the connection that a recipe is to reach it through; `read_at` as in an edit."""

    adapter_name: str
    connection_id: int
    read_at: int | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A recipe with its state, its document with ids, the number of the version that runs, and what its runs came to.

    `hook` is the last part of the address that its events are sent to, None where they come otherwise; `held` counts
    events that were kept while it was stopped.
    """

    asset: assets.Asset
    state: recipes.State
    value: Mapping[str, documents.Value]
    running_version_no: int | None
    tally: runs.Tally
    held: int
    hook: str | None


def show(tx: database.Tx, workspace_id: int, ids: Sequence[int], *, with_code: bool = True) -> list[Shown]:
    """Recipes by id, in that order; what is no recipe of the workspace is passed over."""
    found = asset_rows.by_ids(tx, workspace_id, ids)
    wanted = [found[each] for each in ids if each in found and found[each].kind == assets.RECIPE]
    states = recipe_rows.states(tx, [asset.id for asset in wanted])
    numbers = recipe_rows.running_numbers(tx, [asset.id for asset in wanted if asset.running])
    tallies, held = run_rows.tallies(tx, list(states)), job_rows.held(tx, list(states))
    spell, answering = _spelling(tx, wanted), stubs.answering(tx, workspace_id)
    shown: list[Shown] = []
    for asset in wanted:
        value = spell(asset)
        hook = hooks.suffix(value, answering)
        if not with_code:
            value.pop("code", None)
        tally = tallies.get(asset.id, runs.Tally())
        number = numbers.get(asset.id)
        shown.append(Shown(asset, states[asset.id], value, number, tally, held.get(asset.id, 0), hook))
    return shown


def create(tx: database.Tx, workspace_id: int, edit: Edit) -> int:
    """A new recipe, stopped; returns its id. Raises `errors.Invalid` for a document of the wrong shape."""
    desk = writing.Desk(tx, workspace_rows.lock(tx, workspace_id))
    folder_id = folders.find(tx, workspace_id, edit.folder_id or desk.workspace.root_folder_id).id
    fixed: dict[str, documents.Value] = {"name": "", "description": "", "version": 1, "private": False}
    fixed |= {"concurrency": 1, "code": None, "config": []}
    value = recipes.with_references(fixed | dict(edit.members), _references(desk, folder_id))
    made = writing.create(desk, assets.RECIPE, documents.spell(value), folder_id)
    facts = writing.facts_of(desk, made)
    recipe_rows.add(tx, {made.id: (facts.trigger, facts.applications)})
    activities.record(tx, workspace_id, "recipe_created", activities.of_asset(made))
    return made.id


def change(tx: database.Tx, workspace_id: int, recipe_id: int, edit: Edit) -> None:
    """Change a stopped recipe; what is sent as it stands makes no version.

    Raises `errors.Refused` for one that runs, and for an edit of a version that is not the current one any more.
    """
    desk = writing.Desk(tx, workspace_rows.lock(tx, workspace_id))
    recipe = asset_rows.find(tx, workspace_id, recipe_id, assets.RECIPE)
    if recipe.running:
        raise errors.Refused("running", f"can't modify running recipe {recipe.name!r}; stop it first")
    _refuse_outdated(recipe, edit.read_at)
    changed = []
    if edit.folder_id is not None and edit.folder_id != recipe.folder_id:
        recipe = writing.move(desk, recipe, edit.folder_id)
        changed.append("folder_id")
    changed += _revise(desk, recipe, edit.members)
    if changed:
        activities.record(tx, workspace_id, "recipe_updated", activities.of_asset(recipe), changed=changed)


def connect(tx: database.Tx, workspace_id: int, recipe_id: int, wanted: Connect) -> None:
    """Let a stopped recipe reach an app through another connection. Refuses a version that was read too early."""
    adapter_name = wanted.adapter_name
    desk = writing.Desk(tx, workspace_rows.lock(tx, workspace_id))
    recipe = asset_rows.find(tx, workspace_id, recipe_id, assets.RECIPE)
    connection = asset_rows.find(tx, workspace_id, wanted.connection_id, assets.CONNECTION)
    if recipe.running:
        raise errors.Invalid(f"recipe {recipe.name!r} is running; stop it first")
    _refuse_outdated(recipe, wanted.read_at)
    config = bundles.parse_text(desk.text(recipe)).get("config")
    entries = [dict(each) for each in config if isinstance(each, Mapping)] if isinstance(config, list) else []
    mine = [entry for entry in entries if entry.get("provider") == adapter_name]
    if not mine:
        raise errors.Invalid(f"adapter_name: the recipe does not use {adapter_name!r}")
    if connection.provider != adapter_name:
        what = f"connection_id: {connection.name!r} is a connection of {connection.provider!r}, not of {adapter_name!r}"
        raise errors.Invalid(what)
    for entry in mine:
        entry["account_id"] = connection.id
    _revise(desk, recipe, {"config": entries})
    details = {"adapter_name": adapter_name, "connection_id": connection.id}
    activities.record(tx, workspace_id, "recipe_connected", activities.of_asset(recipe), **details)


def copy(tx: database.Tx, workspace_id: int, recipe_id: int, folder_id: int | None) -> int:
    """A copy of a recipe, stopped, beside it or in another folder; returns the copy's id."""
    desk = writing.Desk(tx, workspace_rows.lock(tx, workspace_id))
    recipe = asset_rows.find(tx, workspace_id, recipe_id, assets.RECIPE)
    value = show(tx, workspace_id, [recipe.id])[0].value
    copied = Edit(dict(value) | {"name": f"{recipe.name} (copy)", "version": 1}, folder_id or recipe.folder_id)
    recipe_rows.count_copy(tx, recipe.id)
    made = create(desk.tx, workspace_id, copied)
    activities.record(tx, workspace_id, "recipe_copied", activities.of_asset(recipe), copy_id=made)
    return made


def delete(tx: database.Tx, workspace_id: int, recipe_id: int) -> None:
    """Delete a stopped recipe with all its versions."""
    workspace_rows.lock(tx, workspace_id)
    recipe = asset_rows.find(tx, workspace_id, recipe_id, assets.RECIPE)
    if recipe.running:
        what = f"Can't change the recipe state: invalid state running; stop {recipe.name!r} first"
        raise errors.Refused("running", what)
    unended.refuse(tx, recipe.id, recipe.name)
    asset_rows.delete(tx, [recipe.id])
    activities.record(tx, workspace_id, "recipe_deleted", activities.of_asset(recipe))


def poll_now(tx: database.Tx, workspace_id: int, recipe_id: int) -> None:
    """Let a running recipe look for events at once. Raises `errors.Invalid` for one that does not look for them."""
    recipe = asset_rows.find(tx, workspace_id, recipe_id, assets.RECIPE)
    if not recipe.running:
        raise errors.Invalid(f"Recipe {recipe.name!r} does not run, so its trigger looks for nothing; start it first")
    if not listeners.hasten(tx, recipe.id):
        raise errors.Invalid(f"The trigger of recipe {recipe.name!r} does not look for events: they come to it")
    tx.afterwards.append(tx.noticed)
    activities.record(tx, workspace_id, "recipe_polled", activities.of_asset(recipe))


def reset_trigger(tx: database.Tx, workspace_id: int, recipe_id: int) -> None:
    """Let a recipe's trigger forget what it has read. Raises `errors.Invalid` for one that remembers nothing."""
    recipe = asset_rows.find(tx, workspace_id, recipe_id, assets.RECIPE)
    if not listeners.forget(tx, recipe.id):
        raise errors.Invalid(f"The trigger of recipe {recipe.name!r} has read nothing to forget")
    activities.record(tx, workspace_id, "recipe_trigger_reset", activities.of_asset(recipe))


def comment(tx: database.Tx, workspace_id: int, recipe_id: int, version: recipes.Version, said: str | None) -> None:
    """Set the comment of a recipe's version."""
    workspace_rows.lock(tx, workspace_id)
    recipe = asset_rows.find(tx, workspace_id, recipe_id, assets.RECIPE)
    recipe_rows.comment(tx, version, said)
    details = {"version_no": version.version_no}
    activities.record(tx, workspace_id, "recipe_version_commented", activities.of_asset(recipe), **details)


def _refuse_outdated(recipe: assets.Asset, read_at: int | None) -> None:
    """Two who read one version and change it each: the second is told, and nothing of the first is lost."""
    if read_at is not None and read_at < recipe.version_no:
        what = f"is {read_at}, but the recipe is at version {recipe.version_no} by now: get it again, then change it"
        raise errors.Refused("version_no", what)


def _revise(desk: writing.Desk, recipe: assets.Asset, members: Mapping[str, documents.Value]) -> list[str]:
    """The next version of a recipe, if there is anything to change; returns the members that were changed."""
    before = show(desk.tx, desk.workspace.id, [recipe.id])[0].value
    references_of = _references(desk, recipe.folder_id)
    text = desk.text(recipe)
    wanted = dict(members) | _config(before, members) | _description(before, members)
    changed = {name: value for name, value in wanted.items() if before.get(name) != value}
    for name, value in changed.items():
        text = documents.with_member(text, name, recipes.with_references(value, references_of))
    if not changed:
        return []
    if {"code", "config"} & changed.keys():
        told = before.get("version")
        text = documents.with_member(text, "version", max(told if isinstance(told, int) else 0, recipe.version_no) + 1)
    revised = writing.revise(desk, recipe, text)
    facts = writing.facts_of(desk, revised)
    recipe_rows.describe(desk.tx, {revised.id: (facts.trigger, facts.applications)})
    return sorted(changed)


def _config(before: Mapping[str, Any], members: Mapping[str, Any]) -> dict[str, Any]:
    old = [entry for entry in before.get("config") or () if isinstance(entry, Mapping)]
    sent = [entry for entry in members.get("config") or () if isinstance(entry, Mapping)]
    return {"config": recipes.with_config(old, sent)} if "config" in members else {}


def _description(before: Mapping[str, Any], members: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe without a description shows an empty one: sent back, it is still without."""
    empty = members.get("description") == "" and not before.get("description")
    return {"description": before["description"]} if empty and "description" in before else {}


def _references(desk: writing.Desk, folder_id: int) -> Callable[[str, int], references.Reference | None]:
    base_id = wiring.project_folder(desk.tx, desk.workspace, folder_id)

    def reference_of(kind: str, asset_id: int) -> references.Reference | None:
        target = asset_rows.by_ids(desk.tx, desk.workspace.id, [asset_id]).get(asset_id)
        return writing.reference_to(desk, target, base_id) if target and target.kind == kind else None

    return reference_of


def _spelling(tx: database.Tx, wanted: Sequence[assets.Asset]) -> Callable[[assets.Asset], dict[str, Any]]:
    """How recipes' documents are shown: with the ids of what their references meet."""
    facts = document_rows.facts(tx, [asset.content.digest for asset in wanted])
    version_ids = asset_rows.version_ids(tx, [asset.id for asset in wanted])
    linked = links.targets(tx, version_ids.values())

    def spell(asset: assets.Asset) -> dict[str, Any]:
        refers_to = facts[asset.content.digest, assets.RECIPE].refers_to
        targets = references.meets(refers_to, linked.get(version_ids[asset.id], {}))
        value = bundles.parse_text(bundles.inflate(document_rows.packed(tx, asset.content.digest)).decode())
        return {name: recipes.with_ids(member, targets.get) for name, member in value.items()}

    return spell
