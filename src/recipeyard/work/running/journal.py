"""A run's journal while it is carried out: what its steps came to, and what of that is not written yet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from recipeyard.model import runs
from recipeyard.runtime import codec, interface, telling, values
from recipeyard.sql import database
from recipeyard.sql import runs as run_rows

FLUSHED_AT = 64
"""How many rows may wait to be written."""

FLUSHED_AT_BYTES = 1024 * 1024

_SETTLED = {runs.StepStatus.DONE, runs.StepStatus.FAILED}

Encode = Callable[[bytes], bytes]


@dataclass
class Journal:
    """The rows by position. `seal` and `unseal` hide what masked steps hold."""

    run_id: int
    rows: dict[int, runs.Step]
    seal: Encode
    unseal: Encode
    bounds: telling.Bounds
    _new: list[int] = field(default_factory=list)
    _changed: list[int] = field(default_factory=list)
    _size: int = 0

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

        Raises `interface.Failure` where its input is larger than a step's may be.
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
            self.rows[position] = replace(self.rows[position], entry=self._closed(encoded, masked=masked))
            self._size += len(encoded)
        given = said.input if isinstance(said, telling.Perform) else {}
        encoded = codec.encode(given, "its input", self.bounds.output_bytes)
        self.rows[position] = replace(self.rows[position], input=self._closed(encoded, masked=masked))
        self._size += len(encoded)

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
        encoded = codec.encode({name: value for name, value in entry.items() if value})
        error = {"message": failure.message, "kind": failure.kind}
        self._put(replace(row, error=error))
        self._settle(self.rows[position], runs.StepStatus.FAILED, now, encoded)

    def failure(self, row: runs.Step) -> interface.Failure:
        """What a failed row tells."""
        error, details = row.error or {}, self.entry(row).get("details")
        return interface.Failure(error["message"], error["kind"], details if isinstance(details, Mapping) else {})

    def flush(self, tx: database.Tx) -> None:
        """Write what waits."""
        new, changed = dict.fromkeys(self._new), dict.fromkeys(self._changed)
        again = [self.rows[at] for at in changed if at not in new]
        run_rows.write(tx, self.run_id, [self.rows[at] for at in new], again)
        for at in {*new, *changed}:
            if self.rows[at].status in _SETTLED:
                del self.rows[at]
        self._new, self._changed, self._size = [], [], 0

    def _settle(self, row: runs.Step, status: runs.StepStatus, now: datetime, encoded: bytes) -> None:
        self._put(replace(row, status=status, entry=self._closed(encoded, masked=row.masked), ended_at=now))

    def _put(self, row: runs.Step) -> None:
        is_new = row.position not in self.rows
        self.rows[row.position] = row
        (self._new if is_new else self._changed).append(row.position)
        self._size += len(row.input or b"") + len(row.entry or b"")

    def _closed(self, encoded: bytes, *, masked: bool) -> bytes:
        return self.seal(encoded) if masked else encoded

    def _opened(self, row: runs.Step) -> bytes:
        return self.unseal(row.entry or b"") if row.masked else row.entry or b""
