"""Documents: every text and image that assets consist of, kept deflated, once for each digest; and their facts.

A deflated stream that was verified once is known by a digest of its own: equal streams inflate to equal documents.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import msgspec
import sqlalchemy as sa

from recipeyard.model import assets, bundles
from recipeyard.sql import database, promotion_tables, tables

_documents = tables.documents
_facts = tables.facts
_DECODER = msgspec.msgpack.Decoder(bundles.Facts)


def known(tx: database.Tx, digests: Sequence[str]) -> set[str]:
    """Which of these documents are here; they stay until the transaction ends, whoever gives them up meanwhile."""
    query = sa.select(_documents.c.digest).order_by(_documents.c.digest).with_for_update(read=True, key_share=True)
    pieces = database.in_pieces(sorted(set(digests)))
    return {row.digest for piece in pieces for row in tx.all(query.where(_documents.c.digest.in_(piece)))}


def met(tx: database.Tx, streams: Sequence[str]) -> dict[str, tuple[str, int, int]]:
    """The documents whose deflated bytes have these digests: stream's digest → document's digest, size and CRC-32."""
    query = sa.select(_documents.c.stream, _documents.c.digest, _documents.c.size, _documents.c.crc32)
    pieces = database.in_pieces(sorted(set(streams)))
    rows = [row for piece in pieces for row in tx.all(query.where(_documents.c.stream.in_(piece)))]
    return {row.stream: (row.digest, row.size, row.crc32) for row in rows}


def facts(tx: database.Tx, digests: Sequence[str]) -> dict[tuple[str, str], bundles.Facts]:
    """What is known of documents, by digest and kind; a document never described is absent.

    What older releases described lacks the recipe's origin, which the schema's upgrade told beside.
    """
    found: dict[tuple[str, str], bundles.Facts] = {}
    for piece in database.in_pieces(sorted(set(digests))):
        for row in tx.all(sa.select(_facts).where(_facts.c.digest.in_(piece))):
            known = _DECODER.decode(row.facts)
            is_older = row.origin and not known.origin
            found[row.digest, row.kind] = replace(known, origin=row.origin) if is_older else known
    return found


def begun_as(tx: database.Tx, origins: Iterable[str]) -> set[str]:
    """The digests of the recipes whose triggers bear one of these uuids."""
    query = sa.select(_facts.c.digest).where(_facts.c.kind == assets.RECIPE)
    pieces = database.in_pieces(sorted(set(origins)))
    return {row.digest for piece in pieces for row in tx.all(query.where(_facts.c.origin.in_(piece)))}


def said_in(tx: database.Tx, workspace_id: int) -> Iterator[tuple[assets.Named, bundles.Facts]]:
    """Every asset of a workspace with what its current document says; a recipe with what the one that runs says, too.

    This reads the whole workspace.
    """
    here, versions, recipes = tables.assets, tables.versions, tables.recipes
    counts = sa.or_(here.c.version_id == versions.c.id, recipes.c.running_version_id == versions.c.id)
    joined = here.join(versions, versions.c.asset_id == here.c.id)
    joined = joined.outerjoin(recipes, recipes.c.asset_id == here.c.id)
    joined = joined.join(_facts, sa.and_(_facts.c.digest == versions.c.digest, _facts.c.kind == here.c.kind))
    query = sa.select(here.c.kind, here.c.name, here.c.id, _facts.c.facts).select_from(joined)
    for row in tx.connection.execute(query.where(here.c.workspace_id == workspace_id, counts)):
        yield assets.Named(row.kind, row.name, row.id), _DECODER.decode(row.facts)


def packed(tx: database.Tx, digest: str) -> bundles.Packed:
    """One document as it is kept."""
    row = tx.connection.execute(sa.select(_documents).where(_documents.c.digest == digest)).one()
    return bundles.Packed(row.digest, row.size, row.crc32, row.deflated)


def sizes(tx: database.Tx, digests: Iterable[str]) -> dict[str, int]:
    """How many bytes long each of these documents is, by digest."""
    query = sa.select(_documents.c.digest, _documents.c.size)
    pieces = database.in_pieces(sorted(set(digests)))
    return {row.digest: row.size for piece in pieces for row in tx.all(query.where(_documents.c.digest.in_(piece)))}


def weights(tx: database.Tx, digests: set[str]) -> dict[str, int]:
    """How many bytes each of these documents is kept in, by digest."""
    query = sa.select(_documents.c.digest, sa.func.length(_documents.c.deflated).label("weight"))
    return {row.digest: row.weight for row in tx.all(query.where(_documents.c.digest.in_(digests)))}


def all_packed(tx: database.Tx, digests: set[str]) -> dict[str, bundles.Packed]:
    """Documents by digest, all in memory: for a few at a time."""
    rows = tx.all(sa.select(_documents).where(_documents.c.digest.in_(digests)))
    return {row.digest: bundles.Packed(row.digest, row.size, row.crc32, row.deflated) for row in rows}


def add(tx: database.Tx, packed: Iterable[bundles.Packed], batch_bytes: int = 4 * 1024 * 1024) -> None:
    """Keep documents. Adding one that is here already is no error: equal digest, equal document; and it stays."""
    batch: list[dict[str, object]] = []
    size = 0
    for each in packed:
        stream = bundles.digest(each.deflated)
        row = {"digest": each.digest, "size": each.size, "crc32": each.crc32, "deflated": each.deflated}
        batch.append(row | {"stream": stream})
        size += len(each.deflated)
        if size >= batch_bytes:
            tx.insert_or_hold(_documents, batch)
            batch, size = [], 0
    tx.insert_or_hold(_documents, batch)


def describe(tx: database.Tx, described: Iterable[tuple[str, str, bundles.Facts]]) -> None:
    """Keep what is known of documents, as (digest, kind, facts)."""
    encode = msgspec.msgpack.encode
    rows = [(digest, kind, encode(what), what.origin or None) for digest, kind, what in described]
    names = ("digest", "kind", "facts", "origin")
    tx.insert_new(_facts, [dict(zip(names, row, strict=True)) for row in rows])


def forget_unused(tx: database.Tx, digests: Iterable[str]) -> None:
    """Delete those of these documents that no version holds any more, nor a package that can be taken back.

    One that another transaction has laid its hand on is about to be held again, and is passed over: deleting waits for
    nobody.
    """
    versions, sidecars, held = tables.versions, tables.sidecars, promotion_tables.held_documents
    holders = (
        sa.select(versions.c.id).where(versions.c.digest == _documents.c.digest),
        sa.select(versions.c.id).where(versions.c.arrived_digest == _documents.c.digest),
        sa.select(sidecars.c.version_id).where(sidecars.c.digest == _documents.c.digest),
        sa.select(held.c.package_id).where(held.c.digest == _documents.c.digest),
    )
    unused = [~holder.exists() for holder in holders]
    free = sa.select(_documents.c.digest).with_for_update(skip_locked=True)
    for piece in database.in_pieces(sorted(set(digests))):
        mine = [row.digest for row in tx.all(free.where(_documents.c.digest.in_(piece)))]
        tx.run(sa.delete(_documents).where(_documents.c.digest.in_(mine), *unused))
