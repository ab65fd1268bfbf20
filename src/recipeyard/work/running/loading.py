"""A recipe's version as a program: its document with every reference spelled as the id it meets, compiled once."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

import sqlalchemy as sa

from recipeyard.model import assets, bundles, errors, recipes, references
from recipeyard.runtime.stepping import programs
from recipeyard.sql import database, links, tables
from recipeyard.sql import documents as document_rows

PROGRAMS_KEPT = 500
"""How many compiled versions are kept in memory."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """The recipe that a version is of."""

    id: int
    name: str
    folder_id: int


class _Kept:
    """The programs used last. A program is what its document and the targets of its references make of it."""

    def __init__(self) -> None:
        self._programs: OrderedDict[tuple[str, frozenset[tuple[int, int]]], programs.Program] = OrderedDict()
        self._lock = threading.Lock()

    def load(self, tx: database.Tx, version_id: int) -> programs.Program:
        row = tx.first(sa.select(tables.versions.c.digest).where(tables.versions.c.id == version_id))
        if row is None:
            raise errors.NotFound(f"Not found: version {version_id} is gone")
        linked = links.targets(tx, [version_id]).get(version_id, {})
        key = (str(row.digest), frozenset(linked.items()))
        with self._lock:
            if found := self._programs.get(key):
                self._programs.move_to_end(key)
                return found
        program = programs.compile_document(_document(tx, row.digest, linked))
        with self._lock:
            self._programs[key] = program
            while len(self._programs) > PROGRAMS_KEPT:
                self._programs.popitem(last=False)
        return program


_kept = _Kept()


def program(tx: database.Tx, version_id: int) -> programs.Program:
    """The program of a version. Raises `errors.NotFound` where the version is gone."""
    return _kept.load(tx, version_id)


def recipe_of(tx: database.Tx, recipe_id: int) -> Recipe:
    """The recipe of that id. Raises `errors.NotFound`."""
    found = tables.assets.c
    row = tx.first(sa.select(found.id, found.name, found.folder_id).where(found.id == recipe_id))
    if row is None:
        raise errors.NotFound.of("recipe", recipe_id)
    return Recipe(row.id, row.name, row.folder_id)


def _document(tx: database.Tx, digest: str, linked: dict[int, int]) -> recipes.Object:
    value = bundles.parse_text(bundles.inflate(document_rows.packed(tx, digest)).decode())
    facts = document_rows.facts(tx, [digest])[digest, assets.RECIPE]
    met = references.meets(facts.refers_to, linked)
    spelled = recipes.with_ids(value, met.get)
    return spelled if isinstance(spelled, dict) else {}
