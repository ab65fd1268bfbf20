"""What lookup tables and data tables have in common: how they are found, named, filled up and held on to."""

from collections.abc import Mapping, Sequence

from recipeyard.model import assets, bundles, documents, errors, tables
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, folders, rows
from recipeyard.sql import documents as document_rows
from recipeyard.sql import recipes as recipe_rows

Value = Mapping[str, documents.Value]
"""A document, decoded."""


def shown(tx: database.Tx, found: Sequence[assets.Asset]) -> list[tables.Table]:
    """Tables with their documents, in the order given."""
    times = asset_rows.times(tx, [asset.id for asset in found])
    projects = folders.project_ids(tx, [asset.folder_id for asset in found])
    made: list[tables.Table] = []
    for piece in database.in_pieces(found):
        packed = document_rows.all_packed(tx, {asset.content.digest for asset in piece})
        for asset in piece:
            value = bundles.parse_text(bundles.inflate(packed[asset.content.digest]).decode())
            made.append(tables.Table(asset, value, projects[asset.folder_id], *times[asset.id]))
    return made


def named(name: str) -> str:
    """A name that an asset may have. Raises `errors.Invalid` for any other."""
    if issues := [errors.Issue("name", what) for what in bundles.name_issues("name", name)]:
        raise errors.Invalid.listing(issues)
    return name


def refuse_full(tx: database.Tx, table: assets.Asset, limit: int) -> None:
    """Raises `errors.Invalid` where a table can take no more rows."""
    if rows.count(tx, table.id) >= limit:
        raise tables.full(table.name, limit)


def refuse_in_use(tx: database.Tx, workspace_id: int, found: Sequence[assets.Asset]) -> None:
    """Raises `errors.Invalid` naming the running recipes that use any of these tables, be it in a formula."""
    running = recipe_rows.running_digests(tx, workspace_id)
    facts = document_rows.facts(tx, [digest for _, digest in running])
    looks_up = [(name, facts[digest, assets.RECIPE].lookups) for name, digest in running]
    lines: list[str] = []
    for table in found:
        names = set(recipe_rows.running_with(tx, table.id))
        if table.kind == assets.LOOKUP_TABLE:
            names |= {name for name, lookups in looks_up if table.name in lookups}
        if names:
            listed = ", ".join(repr(name) for name in sorted(names))
            lines.append(f"table {table.name!r} is in use by running recipes: {listed}")
    if lines:
        raise errors.Invalid("\n".join(lines))
