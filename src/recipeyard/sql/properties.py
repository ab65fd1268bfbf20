"""Properties: a workspace's own (kept with its root folder) and each project's (kept with the project's folder)."""

from collections.abc import Iterable, Mapping

import msgspec
import sqlalchemy as sa

from recipeyard.model import bundles
from recipeyard.sql import database, tables

_properties = tables.properties


def of_folder(tx: database.Tx, folder_id: int, prefix: str = "") -> dict[str, str | None]:
    """The properties kept with a folder, by name; None where a name has no value yet."""
    query = sa.select(_properties).where(_properties.c.folder_id == folder_id)
    rows = tx.all(query.where(_properties.c.name.startswith(prefix, autoescape=True)).order_by(_properties.c.name))
    return {row.name: row.value for row in rows}


def digest(values: Mapping[str, str | None]) -> str:
    """What tells some properties with their values from the same with others."""
    return bundles.digest(msgspec.json.encode(sorted(values.items())))


def declare(tx: database.Tx, folder_id: int, names: Iterable[str]) -> None:
    """Add names that are missing; what has a value keeps it."""
    fixed = {"folder_id": folder_id, "value": None, "updated_at": tx.now}
    tx.insert_new(_properties, [fixed | {"name": name} for name in names])


def upsert(tx: database.Tx, folder_id: int, values: Mapping[str, str]) -> None:
    """Set values, adding the names that are missing."""
    declare(tx, folder_id, values)
    for name, value in values.items():
        mine = (_properties.c.folder_id == folder_id, _properties.c.name == name)
        tx.run(sa.update(_properties).where(*mine).values(value=value, updated_at=tx.now))
