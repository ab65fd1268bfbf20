"""Stubs as the workspace uses them: bound to connections or providers, for which they answer from then on."""

from collections.abc import Iterator

from recipeyard.model import activities as model
from recipeyard.model import assets, bundles, errors, stubs
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database
from recipeyard.sql import documents as document_rows
from recipeyard.sql import stubs as stub_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import activities


def bind(tx: database.Tx, workspace_id: int, stub_id: int, wanted: stubs.Bound) -> None:
    """Let a stub answer for these connections, and (or not) for steps of its provider that have none.

    It answers for nothing else from then on. Raises `errors.Invalid` naming connections that are not here, or that are
    of another provider.
    """
    workspace_rows.lock(tx, workspace_id)
    stub = asset_rows.find(tx, workspace_id, stub_id, assets.STUB)
    if issues := list(_issues(tx, workspace_id, stub, wanted)):
        raise errors.Invalid.listing(issues)
    if stub_rows.bound(tx, [stub.id]).get(stub.id, stubs.Bound()) == wanted:
        return
    stub_rows.bind(tx, workspace_id, stub.id, wanted, stub.provider or "")
    resource = model.Resource(model.Kind.STUB, stub.id, stub.name)
    ids = list(wanted.connection_ids)
    activities.record(
        tx, workspace_id, "stub_bound", resource, connection_ids=ids, without_connection=wanted.without_connection
    )


def content(tx: database.Tx, stub: assets.Asset) -> stubs.Stub:
    """What a stub answers."""
    return stubs.parse(bundles.parse_text(bundles.inflate(document_rows.packed(tx, stub.content.digest)).decode()))


def _issues(tx: database.Tx, workspace_id: int, stub: assets.Asset, wanted: stubs.Bound) -> Iterator[errors.Issue]:
    found = asset_rows.by_ids(tx, workspace_id, wanted.connection_ids)
    for at, connection_id in enumerate(wanted.connection_ids):
        connection = found.get(connection_id)
        where = f"connection_ids[{at}]"
        if connection is None or connection.kind != assets.CONNECTION:
            yield errors.Issue(where, f"there is no connection {connection_id} here")
        elif connection.provider != stub.provider:
            what = f"connection {connection.name!r} is for {connection.provider!r}, the stub for {stub.provider!r}"
            yield errors.Issue(where, what)
