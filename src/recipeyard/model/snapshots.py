"""Snapshots: what an asset was before a transfer changed it, and what the transfer left, so that it can be taken back.

A state names documents by digest and other assets by id. Version numbers, times and authors are no part of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Wire:
    """What one reference of an asset's document means: an asset's id, None where it means nothing."""

    target_id: int | None
    assumed: bool
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Running:
    """A recipe's run state: the version that runs and its document, None where none does."""

    version_id: int | None = None
    digest: str | None = None
    stopped_at: datetime | None = None
    stop_cause: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """An asset as it stands: its current document, where it is, what it keeps beside it.

    `releases` are the versions of a custom connector that were released, `released` says whether the current one was.
    `rows` is the digest of a held document that lists a table's rows, None where they were not written down.
    """

    kind: str
    name: str
    stem: str
    folder_id: int
    place_id: int
    digest: str
    arrived_digest: str
    sidecars: tuple[tuple[str, str], ...] = ()
    provider: str | None = None
    rows_digest: str | None = None
    base_id: int | None = None
    wires: tuple[Wire, ...] = ()
    running: Running | None = None
    tag_ids: tuple[int, ...] = ()
    active: bool | None = None
    rows: str | None = None
    releases: tuple[int, ...] = ()
    released: bool = False

    @property
    def documents(self) -> set[str]:
        """Every document that the state needs, to be had again."""
        beside = {digest for _, digest in self.sidecars}
        return {self.digest, self.arrived_digest} | beside | ({self.rows} if self.rows else set())

    @property
    def runs(self) -> bool:
        """Whether it is a recipe that runs."""
        return self.running is not None and self.running.version_id is not None


Rows = Mapping[str, Sequence[Mapping[str, object]]]
"""Rows of tables as they are kept, by table: an asset as a whole, versions and all."""


@dataclass(frozen=True, slots=True)
class Whole:
    """An asset that was deleted, as rows of every table; `inbound` are the (version id, position) that meant it.

    `folder` is its folder's path from the workspace's root; `beside` are other assets of its kind and name that
    stood at the same place. `schema` is the migration whose tables the rows were in.
    """

    rows: Rows
    inbound: tuple[tuple[int, int], ...]
    folder: str
    beside: tuple[int, ...]
    schema: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One asset's part of a transfer: how it was before, None where it was not; how it was left, None where it went.

    `whole` is there for an asset that went.
    """

    asset_id: int
    before: State | None
    after: State | None
    whole: Whole | None = None


def stands(left: State, now: State) -> bool:
    """Whether an asset is still as a transfer left it: what it says, where it is, and its rows. It may run or not."""
    return _own(left) == _own(now)


def _own(state: State) -> tuple[object, ...]:
    rows = state.rows_digest or state.rows
    return (state.digest, state.sidecars, state.name, state.folder_id, rows)
