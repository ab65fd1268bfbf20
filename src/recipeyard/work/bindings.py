"""A workspace's bindings, as people set them: all at once, each checked against what is here."""

from collections.abc import Iterator

from recipeyard.model import activities as model
from recipeyard.model import assets, bindings, errors, references
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import bindings as binding_rows
from recipeyard.sql import database, folders
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import activities, binding


def replace(
    tx: database.Tx, workspace_id: int, wanted: bindings.Bindings, expected: int | None = None
) -> bindings.Version:
    """Let these bindings hold from now on; those that hold already make no new version.

    Raises `errors.Conflict` where another version than the expected one holds, and `errors.Invalid` listing every
    entry that can't hold.
    """
    workspace = workspace_rows.lock(tx, workspace_id)
    here = binding_rows.newest(tx, workspace_id)
    if expected not in {None, here.number}:
        raise errors.Conflict(f"The bindings are at version {here.number} by now, not at {expected}")
    issues = [*bindings.issues(wanted), *_absent(tx, workspace_id, wanted)]
    if issues:
        raise errors.Invalid.listing(issues)
    content = bindings.ordered(wanted)
    if content == here.bindings:
        return here
    resource = model.Resource(model.Kind.BINDINGS, None, workspace.name)
    activities.record(tx, workspace_id, "bindings_updated", resource, version=here.number + 1)
    return binding_rows.add(tx, workspace_id, here.number + 1, content)


def _absent(tx: database.Tx, workspace_id: int, wanted: bindings.Bindings) -> Iterator[errors.Issue]:
    """What is bound to assets and projects that are not here, or are not what they would stand for."""
    targets = asset_rows.by_ids(tx, workspace_id, [each.target_id for each in wanted.references])
    for at, entry in enumerate(wanted.references):
        target = targets.get(entry.target_id)
        problem = _problem(tx, entry, target) if target else _nowhere(entry)
        if problem:
            yield errors.Issue(f"references.{at}", f"target_id: {problem}")
    projects = {each.name for each in folders.projects(tx, workspace_id)}
    for at, scope in enumerate(wanted.properties):
        if scope.project is not None and scope.project not in projects:
            what = errors.NotFound.of("project", repr(scope.project)).message
            yield errors.Issue(f"properties.{at}", f"project: {what}")


def _nowhere(entry: bindings.Reference) -> str:
    return errors.NotFound.of(assets.spoken(entry.kind), entry.target_id).message


def _problem(tx: database.Tx, entry: bindings.Reference, target: assets.Asset) -> str | None:
    if target.kind != entry.kind:
        return f"{target.id} is the {assets.spoken(target.kind)} {target.name!r}, no {assets.spoken(entry.kind)}"
    if entry.provider not in {None, target.provider} and not binding.custom_connections(tx, [target]):
        return f"connection {target.name!r} is for {target.provider!r}, not for {entry.provider!r}"
    if entry.kind == assets.LOOKUP_TABLE and entry.name != target.name and not references.is_speakable(target.name):
        return f"the name {target.name!r} can't be written in a formula"
    return None
