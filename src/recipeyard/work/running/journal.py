"""A run's journal while it is carried out: what its steps came to, and what of that is not written yet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from recipeyard.model import runs
from recipeyard.runtime import codec, interface, values
from recipeyard.runtime.stepping import faults, telling
from recipeyard.sql import database
from recipeyard.sql import runs as run_rows

FLUSHED_AT = 64
"""How many rows may wait to be written."""

FLUSHED_AT_BYTES = 1024 * 1024

_SETTLED = {runs.StepStatus.DONE, runs.StepStatus.FAILED}

Encode = Callable[[bytes], bytes]


class Full(Exception):
    """With this step the journal would hold more than a run's may; it holds the step as it was before."""


@dataclass
class Journal:
    """The rows by position. `seal` and `unseal` hide what masked steps hold.

    It keeps count of what it holds, the rows of before included: a run that is taken up again has as much left.
    """

    run_id: int
    rows: dict[int, runs.Step]
    seal: Encode
    unseal: Encode
    bounds: telling.Bounds
    _new: dict[int, None] = field(default_factory=dict)
    _changed: dict[int, None] = field(default_factory=dict)
    _size: int = 0
    _held: int = field(init=False)

    def __post_init__(self) -> None:
        self._held = sum(map(_weight, self.rows.values()))

    @property
    def is_full(self) -> bool:
        """Whether what waits to be written is enough for a transaction of its own."""
        return len(self._new) + len(self._changed) >= FLUSHED_AT or self._size >= FLUSHED_AT_BYTES

    def entry(self, row: runs.Step) -> Mapping[str, Any]:
        """What a row holds: output, updates, state, until, observed."""
        found = codec.decode(self._opened(row)) if row.entry else {}
        return found if isinstance(found, Mapping) else {}

    def begin(self, position: int, said: telling.Next, now: datetime, observed: values.Value) -> None:
        """A step begins: its row is there from now on, under way; one that was is tried once more.

        Raises `interface.Failure` where its input is larger than a step's may be, and `Full`, as all that writes does.
        """
        if before := self.rows.get(position):
            attempt = before.attempt + (before.status is runs.StepStatus.UNDER_WAY)
            self._put(replace(before, attempt=attempt, status=runs.StepStatus.UNDER_WAY))
            return
        masked = said.place.masked
        self._put(
            runs.Step(
                position=position,
                number=said.place.number,
                path=said.path,
                status=runs.StepStatus.UNDER_WAY,
                attempt=1,
                masked=masked,
                input=None,
                entry=None,
                error=None,
                started_at=now,
                ended_at=None,
            )
        )
        if observed:
            encoded = codec.encode({"observed": observed}, "what it looked up", self.bounds.output_bytes)
            self._put(replace(self.rows[position], entry=self._closed(encoded, masked=masked)))
        given = said.input if isinstance(said, telling.Perform) else {}
        encoded = codec.encode(given, "its input", self.bounds.output_bytes)
        self._put(replace(self.rows[position], input=self._closed(encoded, masked=masked)))

    def done(self, position: int, now: datetime, entry: Mapping[str, values.Value]) -> None:
        """A step has come to something. Raises `interface.Failure` where that is larger than a step's may be."""
        row = self.rows[position]
        observed = self.entry(row).get("observed")
        whole = {**entry, "observed": observed} if observed else entry
        encoded = codec.encode(whole, "its output", self.bounds.output_bytes)
        self._settle(row, runs.StepStatus.DONE, now, encoded)

    def waits(self, position: int, entry: Mapping[str, values.Value]) -> None:
        """A step waits; it goes on with what the entry holds."""
        row = self.rows[position]
        observed = self.entry(row).get("observed")
        encoded = codec.encode({**entry, "observed": observed} if observed else entry)
        self._put(replace(row, status=runs.StepStatus.WAITING, entry=self._closed(encoded, masked=row.masked)))

    def failed(self, position: int, now: datetime, failure: interface.Failure) -> None:
        """A step could not be done."""
        row = self.rows[position]
        entry = {"observed": self.entry(row).get("observed"), "details": failure.details}
        entry |= {"message": failure.message} if row.masked else {}
        encoded = codec.encode({name: value for name, value in entry.items() if value})
        error = {"message": faults.HIDDEN if row.masked else failure.message, "kind": failure.kind}
        self._put(replace(row, error=error))
        self._settle(self.rows[position], runs.StepStatus.FAILED, now, encoded)

    def give_up(self, position: int, now: datetime, why: Full) -> None:
        """The step with which the journal is full has failed for that."""
        row = self.rows[position]
        failed = replace(row, status=runs.StepStatus.FAILED, error={"message": str(why), "kind": faults.LIMIT})
        self._keep(replace(failed, ended_at=now))

    def failure(self, row: runs.Step) -> interface.Failure:
        """What a failed row tells."""
        error, entry = row.error or {}, self.entry(row)
        details, message = entry.get("details"), str(entry.get("message") or error["message"])
        return interface.Failure(message, error["kind"], details if isinstance(details, Mapping) else {})

    def flush(self, tx: database.Tx) -> bool:
        """Write what waits; whether any step has come to something with that."""
        new, changed = ([self.rows[at] for at in which] for which in (self._new, self._changed))
        run_rows.write(tx, self.run_id, new, changed)
        settled = [row.position for row in (*new, *changed) if row.status in _SETTLED]
        for position in settled:
            del self.rows[position]
        self._new, self._changed, self._size = {}, {}, 0
        return bool(settled)

    def _settle(self, row: runs.Step, status: runs.StepStatus, now: datetime, encoded: bytes) -> None:
        self._put(replace(row, status=status, entry=self._closed(encoded, masked=row.masked), ended_at=now))

    def _put(self, row: runs.Step) -> None:
        before = self.rows.get(row.position)
        grown = _weight(row) - (_weight(before) if before else 0)
        if grown > 0 and self._held + grown > (most := self.bounds.journal_bytes):
            raise Full(f"All that the run's steps were given and put out takes more than {most:,} bytes with this step")
        self._held += grown
        self._keep(row)

    def _keep(self, row: runs.Step) -> None:
        if row.position not in self._new:
            (self._changed if row.position in self.rows else self._new)[row.position] = None
        self.rows[row.position] = row
        self._size += _weight(row)

    def _closed(self, encoded: bytes, *, masked: bool) -> bytes:
        return self.seal(encoded) if masked else encoded

    def _opened(self, row: runs.Step) -> bytes:
        return self.unseal(row.entry or b"") if row.masked else row.entry or b""


def _weight(row: runs.Step) -> int:
    """How many bytes a row holds, what is the same in all rows aside."""
    return len(row.input or b"") + len(row.entry or b"") + sum(map(len, (row.error or {}).values()))
