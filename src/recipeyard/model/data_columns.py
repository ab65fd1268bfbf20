"""The columns of a data table's document, made or changed as a request wants them.

A column that stays keeps its id, whatever it is called then: recipes and records know it by that.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recipeyard.model import data_tables, documents, errors, references, tables


@dataclass(frozen=True, slots=True)
class Wanted:
    """A column as a request wants it.

    Of a relation, `points_at` is the table as the request names it, `table` the reference to it, `related` the id of
    the column there.
    """

    name: str
    type: str
    optional: bool = True
    field_id: str | None = None
    hint: str | None = None
    default: Any = None
    metadata: Mapping[str, Any] | None = None
    multivalue: bool = False
    points_at: str | None = None
    table: references.Reference | None = None
    related: str | None = None


_SPELLED = {name: spelled for spelled, name in data_tables.TYPES.items() if spelled != "long-text"}


def schema(
    wanted: Sequence[Wanted], before: Mapping[str, documents.Value], new_id: Callable[[], str]
) -> list[documents.Value]:
    """The columns of a table's document: those that every table has, then those that are wanted, in their order.

    One that is here already, by its id or else its name, keeps its id and its other members. Raises `errors.Invalid`
    listing everything that a column can't be.
    """
    here = tables.entries(before)
    kept = {data_tables.column(entry).id: entry for entry in here if entry.get("id") not in data_tables.SYSTEM_IDS}
    ids = _ids(wanted, [data_tables.column(entry) for entry in kept.values()])
    if issues := _issues(wanted, ids):
        raise errors.Invalid.listing([errors.Issue("schema", what) for what in issues])
    system = [entry for entry in here if entry.get("id") in data_tables.SYSTEM_IDS]
    made = [_entry(each, kept.get(at or "", {"id": at or new_id()})) for each, at in zip(wanted, ids, strict=True)]
    return [*(system or _system()), *made]


def _ids(wanted: Sequence[Wanted], here: Sequence[data_tables.Column]) -> list[str | None]:
    """The id of each column: the one it names, else that of the column of its name, else none yet."""
    named = {column.name: column.id for column in here}
    sent = [each.field_id.lower() if each.field_id else None for each in wanted]
    found = [named.get(each.name) for each in wanted]
    return [mine or (theirs if theirs not in sent else None) for mine, theirs in zip(sent, found, strict=True)]


def _issues(wanted: Sequence[Wanted], ids: Sequence[str | None]) -> list[str]:
    issues = ["a table has at least one column"] if not wanted else []
    names = Counter(each.name.casefold() for each in wanted)
    issues += [f"two columns have the name {each.name!r}" for each in wanted if names[each.name.casefold()] > 1]
    taken = Counter(each for each in ids if each)
    issues += [f"two columns have the id {column_id!r}" for column_id, times in taken.items() if times > 1]
    issues += [
        f"{each!r} is the id of a column that every table has" for each in taken if each in data_tables.SYSTEM_IDS
    ]
    issues += [f"field_id: {each!r} is no uuid" for each in taken if not data_tables.is_uuid(each)]
    return issues + [what for each in wanted for what in _problems(each)]


def _problems(wanted: Wanted) -> list[str]:
    """What is wrong with one column by itself."""
    if not wanted.name.strip() or wanted.name.startswith("$"):
        return [f"{wanted.name!r} is no name of a column: it is blank or begins with $"]
    if wanted.type not in _SPELLED:
        return [f"column {wanted.name!r}: {wanted.type!r} is not one of {', '.join(_SPELLED)}"]
    issues = []
    if wanted.multivalue:
        issues.append(f"column {wanted.name!r}: this server makes no columns that hold lists of values")
    if (wanted.type == data_tables.RELATION) != (wanted.table is not None and wanted.related is not None):
        issues.append(f"column {wanted.name!r}: a relation names a table and one of its columns, and nothing else does")
    column = data_tables.Column("", wanted.name, wanted.type)
    if wanted.default is not None and (what := data_tables.problem(column, wanted.default)):
        issues.append(f"default_value: {what}")
    return issues


def _entry(wanted: Wanted, before: Mapping[str, documents.Value]) -> documents.Value:
    spelled = before.get("type")
    same = data_tables.TYPES.get(str(spelled)) == wanted.type
    made: dict[str, documents.Value] = {"id": before["id"], "title": wanted.name}
    made["type"] = spelled if same else _SPELLED[wanted.type]
    made |= {"read_only": False, "hidden": False} | {key: v for key, v in before.items() if key not in made}
    made["required"] = not wanted.optional
    if wanted.metadata is not None or "metadata" not in made:
        made["metadata"] = dict(wanted.metadata or {})
    made |= {key: v for key, v in (("hint", wanted.hint), ("default_value", wanted.default)) if v is not None}
    made.pop("relation", None)
    if wanted.table:
        table = {"zip_name": wanted.table.zip_name, "name": wanted.table.name, "folder": wanted.table.folder}
        path = {"folder_full_path": wanted.table.full_path} if wanted.table.full_path else {}
        made["relation"] = {"table_id": table | path, "field_id": wanted.related}
    return made


def _system() -> list[documents.Value]:
    return [
        {"id": column_id, "title": title, "type": spelled, "read_only": True, "hidden": True}
        for column_id, title, spelled in data_tables.SYSTEM_COLUMNS
    ]
