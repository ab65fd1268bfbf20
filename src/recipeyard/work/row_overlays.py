"""The rows of tables that arrive under a rule: what becomes of those that are here, decided first and written later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recipeyard.model import assets, bindings, bundles, documents, errors, overlays
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, rows
from recipeyard.sql import documents as document_rows

Value = Mapping[str, documents.Value]


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of one table's rows.

    `before` are those that are here, under the columns that arrive; `after` those that there will be. `rows_digest` is
    the document whose rows these are then, None where they are nobody's but the table's own.
    """

    policy: bindings.Policy
    key: overlays.Key
    before: Sequence[Any]
    after: Sequence[Any]
    overlay: overlays.Overlay
    rows_digest: str | None

    @property
    def replaces(self) -> bool:
        """Whether what arrives takes the place of what is here."""
        return self.policy is bindings.Policy.MIRROR


def settle(
    tx: database.Tx,
    rule: bindings.Rule,
    arriving: tuple[bundles.Incoming, Value, Sequence[Any]],
    here: assets.Asset | None,
) -> Settled:
    """What a rule makes of the rows that arrive, given with their table's document; `here` is the table, if it is.

    Raises `errors.Invalid` where the key's columns are not there, or do not tell arriving rows apart.
    """
    incoming, value, wanted = arriving
    key = overlays.columns(incoming.kind, value, rule.key)
    if here:
        asset_rows.hold(tx, here.id)
    held = rows.of_table(tx, here.id) if here else []
    if rule.policy is bindings.Policy.MIRROR:
        return Settled(rule.policy, key, held, wanted, overlays.Overlay(), incoming.arrived.digest)
    if rule.policy is not bindings.Policy.IGNORE and (what := overlays.shared(key, wanted)):
        raise errors.Invalid(what)
    before = _carried(tx, here, value, held) if here else held
    overlay = overlays.between(rule.policy, key, before, wanted)
    after = overlay.over(before)
    digest = here.rows_digest if here and after == held else incoming.arrived.digest if after == wanted else None
    return Settled(rule.policy, key, before, after, overlay, digest)


def _carried(tx: database.Tx, here: assets.Asset, value: Value, held: Sequence[Any]) -> list[Any]:
    before = bundles.parse_text(bundles.inflate(document_rows.packed(tx, here.content.digest)).decode())
    return [overlays.carried(here.kind, row, before, value) for row in held]


def write(tx: database.Tx, asset_id: int, settled: Settled) -> None:
    """Write what was decided, over rows that follow the columns that arrived."""
    ids = [row.id for row in rows.listed(tx, asset_id)]
    for at, fields in settled.overlay.changed.items():
        rows.change(tx, ids[at], fields)
    rows.append(tx, asset_id, settled.overlay.added)
