"""What connectors may see and change of the workspace that a recipe runs in, all in one transaction.

Assets are named by id, in digits, as a step's input has them once references are resolved; tables by name too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from recipeyard.runtime import values

Row = Mapping[str, values.Value]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. `name` is what inputs and outputs spell (`col1`, a column's uuid), `label` its title."""

    name: str
    label: str
    type: str = "string"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a lookup table, or a record of a data table: its id, and its fields by column name."""

    id: int
    fields: Row
    created_at: datetime | None = None
    updated_at: datetime | None = None


class Table(Protocol):
    """A lookup table or a data table. Values are checked and converted as its columns want; `Failure` says why not."""

    @property
    def columns(self) -> Sequence[Column]:
        """Its columns, in their order."""

    def entries(self, equal: Row, limit: int | None = None, offset: int = 0) -> Sequence[Entry]:
        """Rows whose columns, by name or label, have these values; in the order of the table."""

    def entry(self, entry_id: int) -> Entry | None:
        """One row by id."""

    def add(self, rows: Sequence[Row]) -> Sequence[Entry]:
        """New rows at the end: all of them, or `Failure`."""

    def change(self, entry_id: int, fields: Row) -> Entry:
        """Other values in one row; columns that are not named stay, those whose value is null are emptied."""

    def remove(self, entry_ids: Sequence[int]) -> int:
        """Rows go; how many did."""

    def truncate(self) -> int:
        """All rows go; how many did."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a record must meet. `operator` is one of `OPERATORS`; the value of `in` is a list."""

    column: str
    operator: str
    value: values.Value = None


OPERATORS = ("eq", "ne", "gt", "gte", "lt", "lte", "in", "starts_with", "isnull", "isnotnull", "istrue", "isfalse")
"""How a condition compares. A record without a value meets none but `ne`, `isnull` and `eq` to null."""


@dataclass(frozen=True, slots=True)
class After:
    """The last record that was seen, be it gone by now: its row's id, and its value in the column that orders."""

    entry_id: int
    value: values.Value = None


@dataclass(frozen=True, slots=True)
class Query:
    """Which records are asked for: those that meet all conditions, behind the one that was seen last, at most `limit`.

    Ordered by a column where one is named, those without a value there last; else in the order of the table.
    """

    conditions: Sequence[Condition] = ()
    order_by: str | None = None
    descending: bool = False
    limit: int | None = None
    after: After | None = None


class DataTable(Table, Protocol):
    """A data table. Its columns have names and labels of their own for a record's id and its two times."""

    def select(self, query: Query) -> Sequence[Entry]:
        """The records that are asked for. `Failure` for what can't be asked."""

    def record(self, record_id: str) -> Entry | None:
        """One record by its own id."""

    def upsert(self, column: str, fields: Row) -> tuple[Entry, bool]:
        """The first record with that value in a column is changed, or a new one made; whether it is new."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of the workspace's storage. `path` begins with a slash."""

    path: str
    size: int
    created_at: datetime
    updated_at: datetime

    @property
    def told(self) -> dict[str, values.Value]:
        """A file as events and outputs have it, without its content."""
        return {
            "name": self.path.rpartition("/")[2],
            "path": self.path,
            "size": self.size,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        }


class Files(Protocol):
    """The workspace's file storage: folders and files by path. `Failure` for a path that can't be."""

    def search(self, folder: str, *, recursive: bool) -> Sequence[File]:
        """The files below a folder, by path."""

    def find(self, path: str) -> File:
        """A file. `Failure` where there is none."""

    def read(self, path: str) -> bytes:
        """A file's content. `Failure` where there is none."""

    def store(self, path: str, content: bytes, *, overwrite: bool) -> File:
        """A new file, or another content."""

    def append(self, path: str, content: bytes) -> File:
        """Content at the end of a file, which is made where it is not there."""

    def delete(self, path: str) -> bool:
        """A file goes; whether there was one."""

    def make_folder(self, path: str) -> bool:
        """A folder is there; whether it is new."""

    def delete_folder(self, path: str) -> int:
        """A folder goes with all that is below it; how many files went."""


@dataclass(frozen=True, slots=True)
class Run:
    """How another run stands: `reply` is what it answered, `error` why it failed."""

    id: str
    ended: bool
    reply: Row | None
    error: str | None


class Recipes(Protocol):
    """The recipes of the workspace and their runs."""

    def call(self, recipe_id: str, parameters: Row, *, waited_for: bool) -> str:
        """Begin a run of a running recipe; its id. Each call of one step's attempt is the same run: it is begun once.

        The callee's trigger makes the event's output of the parameters.
        `Failure` where the recipe does not run, or calls nest too deep.
        """

    def run(self, run_id: str) -> Run:
        """How a run stands that this run has begun."""

    def show(self, recipe_id: str) -> Row:
        """A recipe, as the API shows it."""

    def start(self, recipe_id: str) -> None:
        """A recipe starts. `Failure` says everything that keeps it from that."""

    def stop(self, recipe_id: str) -> None:
        """A recipe takes no more events."""

    def jobs(self, recipe_id: str, *, status: str | None, limit: int) -> Sequence[Row]:
        """A recipe's latest jobs, newest first, as the API shows them."""

    def rerun(self, job_ids: Sequence[str]) -> Sequence[str]:
        """Jobs run again; the ids of the new ones."""

    def connections(self) -> Sequence[Row]:
        """The workspace's connections, as the API shows them."""

    def summary(self) -> Row:
        """The workspace, as the API shows it: how many recipes it has, and how many of them run."""


class Workspace(Protocol):
    """The workspace."""

    def lookup_table(self, table: str) -> Table:
        """A lookup table by id or name. `Failure` where there is none."""

    def data_table(self, table: str) -> DataTable:
        """A data table by id or name. `Failure` where there is none."""

    @property
    def files(self) -> Files:
        """The file storage."""

    @property
    def recipes(self) -> Recipes:
        """The recipes."""

    def document(self, kind: str, asset_id: str) -> Row:
        """The document of another asset: a template, a topic, a schema. `Failure` where there is none."""

    def publish(self, subject: str, payload: Row) -> int:
        """Tell every running recipe that listens to a subject; how many do. With the transaction, or not at all."""

    def log(self, message: str, level: str) -> None:
        """A line in the job's log."""
