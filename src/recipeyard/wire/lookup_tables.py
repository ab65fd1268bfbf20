"""Lookup tables and their rows as the API takes and shows them."""

from typing import Any

import msgspec

from recipeyard.model import errors, tables
from recipeyard.wire import answers

_COLUMNS = msgspec.json.Encoder()


class LookupTable(msgspec.Struct):
    """A lookup table. `schema` is a text of JSON: the columns in use; `project_id` is a text of digits."""

    id: int
    name: str
    schema: str
    project_id: str | None
    created_at: str
    updated_at: str


class LookupColumn(msgspec.Struct):
    """A column. `name` (`col1` and so on) says which one of the table is meant, where it is to get another label."""

    label: str
    name: str | None = None


class LookupTableFields(msgspec.Struct):
    """What a lookup table is made of. `schema` lists its columns, as JSON or as a text of JSON."""

    name: str | None = None
    project_id: answers.Id | None = None
    schema: list[LookupColumn] | str | None = None

    @property
    def columns(self) -> list[tables.Wanted] | None:
        """The columns that were sent. Raises `errors.Invalid` for a text that lists none."""
        listed = self.schema
        if isinstance(listed, str):
            try:
                listed = msgspec.json.decode(listed, type=list[LookupColumn])
            except msgspec.MsgspecError as e:
                raise errors.Invalid.listing([errors.Issue("schema", f"is no list of columns ({e})")]) from e
        return None if listed is None else [tables.Wanted(each.label, each.name) for each in listed]


class LookupTableRequest(LookupTableFields):
    """The fields themselves, or wrapped in `lookup_table`."""

    lookup_table: LookupTableFields | None = None

    @property
    def fields(self) -> LookupTableFields:
        """The fields, whichever way they came."""
        return self.lookup_table or self


class LookupTableIds(msgspec.Struct):
    """Which lookup tables are meant."""

    ids: list[answers.Id] = []


class LookupRow(msgspec.Struct):
    """A row of a lookup table: its fields by the labels of their columns."""

    id: int
    data: dict[str, str]
    created_at: str
    updated_at: str


class LookupRowFields(msgspec.Struct):
    """Fields by the labels of their columns, or by `col1` and so on."""

    data: dict[str, Any] | None = None


class LookupRowRequest(LookupRowFields):
    """The fields themselves, or wrapped in `row`."""

    row: LookupRowFields | None = None

    @property
    def values(self) -> dict[str, Any]:
        """The fields, whichever way they came. Raises `errors.Invalid` where none came."""
        data = (self.row or self).data
        if data is None:
            raise errors.Invalid.listing([errors.Issue("data", "must be an object of fields")])
        return data


def table(shown: tables.Table) -> LookupTable:
    """A lookup table's answer."""
    listed = shown.value.get("schema")
    used = [each for each in listed if each.get("sticky") is not False] if isinstance(listed, list) else []
    return LookupTable(
        id=shown.asset.id,
        name=shown.asset.name,
        schema=_COLUMNS.encode(used).decode(),
        project_id=None if shown.project_id is None else str(shown.project_id),
        created_at=answers.stamp(shown.created_at),
        updated_at=answers.stamp(shown.updated_at),
    )


def row(of: tables.Table, shown: tables.Row) -> LookupRow:
    """A row's answer."""
    return LookupRow(
        id=shown.id,
        data=tables.by_label(tables.columns(of.value), shown.fields),
        created_at=answers.stamp(shown.created_at or of.updated_at),
        updated_at=answers.stamp(shown.updated_at or of.updated_at),
    )
