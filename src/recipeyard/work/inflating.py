"""Have the documents of an archive, each verified: inflated and hashed in threads, a little ahead of whoever asks.

A deflated stream that was verified when it first came is known by its own digest; it is not inflated again.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent import futures
from dataclasses import dataclass
from typing import Protocol

from recipeyard.archive import reader
from recipeyard.model import bundles, errors
from recipeyard.sql import database
from recipeyard.sql import documents as document_rows

AHEAD_BYTES = 16 * 1024 * 1024
"""How much may be inflated before it is asked for."""

WINDOW_BYTES = 8 * 1024 * 1024
AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Document:
    """What an entry of an archive holds; `content` is None where its stream was met before."""

    digest: str
    content: bytes | None


class Promise(Protocol):
    """A document to come."""

    def result(self) -> Document:
        """The document, once it is there. Raises `errors.Invalid` for one that is damaged."""
        ...


@dataclass(frozen=True, slots=True)
class _Met:
    """A document that is known already: nothing of it has to come."""

    document: Document

    def result(self) -> Document:
        return self.document


Ahead = tuple[reader.Entry, Promise]


def each(archive: reader.Archive, entries: Iterable[reader.Entry], db: database.Database) -> Iterator[Ahead]:
    """Each entry with its document to come; asking for one that is damaged raises `errors.Invalid`."""
    waiting: deque[Ahead] = deque()
    size = 0
    with futures.ThreadPoolExecutor(AT_ONCE, "inflating") as threads:
        for entry, digest in _recognized(archive, entries, db):
            if digest:
                waiting.append((entry, _Met(Document(digest, None))))
                continue
            waiting.append((entry, threads.submit(_inflated, archive, entry)))
            size += entry.size
            while size > AHEAD_BYTES and len(waiting) > 1:
                first = waiting.popleft()
                size -= 0 if isinstance(first[1], _Met) else first[0].size
                yield first
        yield from waiting


def _recognized(
    archive: reader.Archive, entries: Iterable[reader.Entry], db: database.Database
) -> Iterator[tuple[reader.Entry, str | None]]:
    """Each entry with its document's digest, where its stream was met before."""
    for window in _windows(entries):
        streams = dict(_streams(archive, window))
        with db.read() as tx:
            met = document_rows.met(tx, list(streams.values()))
        for entry in window:
            digest, *claims = met.get(streams.get(entry.path, ""), ("",))
            yield entry, digest if claims == [entry.size, entry.crc32] else None


def _windows(entries: Iterable[reader.Entry]) -> Iterator[list[reader.Entry]]:
    window: list[reader.Entry] = []
    size = 0
    for entry in entries:
        window.append(entry)
        size += entry.deflated_size
        if size >= WINDOW_BYTES:
            yield window
            window, size = [], 0
    yield window


def _streams(archive: reader.Archive, entries: Sequence[reader.Entry]) -> Iterator[tuple[str, str]]:
    for entry in entries:
        if entry.is_deflated:
            try:
                yield entry.path, bundles.digest(archive.raw(entry))
            except errors.Invalid:
                continue  # whoever asks for this document is told what is wrong with it


def _inflated(archive: reader.Archive, entry: reader.Entry) -> Document:
    content = archive.inflate(entry)
    return Document(bundles.digest(content), content)
