"""Read a package on its way in: every document verified, hashed and described, and nothing written.

A document that this server has met before is not decoded again, nor inflated if its stream is the same: what is known
of its digest is enough.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from recipeyard.archive import reader
from recipeyard.model import assets, bundles, documents, errors, proposals, tags
from recipeyard.sql import database
from recipeyard.sql import documents as document_rows
from recipeyard.wire import documents as wire_documents
from recipeyard.work import inflating, progress

BATCH_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Source:
    """Where a document that arrived can be had again: its entry in the archive."""

    entry: reader.Entry
    kind: str


@dataclass(slots=True)
class Reading:
    """A package as it was read: its assets in the order of their paths, and where each document is.

    `tags` are titles by path, for those documents that list any; empty where nobody asked.
    """

    archive: reader.Archive
    incoming: list[bundles.Incoming] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    facts: dict[tuple[str, str], bundles.Facts] = field(default_factory=dict)
    tags: dict[str, tuple[str, ...]] = field(default_factory=dict)
    warnings: list[proposals.Notice] = field(default_factory=list)
    issues: list[errors.Issue] = field(default_factory=list)

    def narrowed(self, paths: Container[str]) -> "Reading":
        """The same package, of which some paths alone arrive."""
        incoming = [each for each in self.incoming if each.path in paths]
        return replace(self, incoming=incoming, tags={path: each for path, each in self.tags.items() if path in paths})


@dataclass(frozen=True, slots=True)
class _Read:
    entry: reader.Entry
    kind: str
    document: inflating.Document

    @property
    def digest(self) -> str:
        return self.document.digest


def read(
    archive: reader.Archive,
    db: database.Database,
    limits: bundles.Limits,
    *,
    with_tags: bool = False,
    add: progress.Count = progress.uncounted,
) -> Reading:
    """Read a whole archive; `add` is told of each entry's bytes. Raises `errors.Invalid` listing all that is wrong."""
    reading = Reading(archive, warnings=[_notice(note.where, note.what) for note in archive.notes])
    named = {entry.path: entry for entry in archive.entries}
    digests: dict[str, str] = {}
    for batch in _batches(progress.along(_each(reading, named, db), add, lambda each: each.entry.deflated_size)):
        digests |= {each.entry.path: each.digest for each in batch}
        _describe(reading, batch, db, limits)
        if with_tags:
            _read_tags(reading, batch)
    if reading.issues:
        raise errors.Invalid.listing(reading.issues)
    reading.incoming = _incoming(reading, digests)
    if not reading.incoming:
        raise errors.Invalid("the archive holds no asset")
    return reading


def _each(reading: Reading, named: dict[str, reader.Entry], db: database.Database) -> Iterator[_Read]:
    in_order = sorted(named.values(), key=lambda each: each.path)
    for entry, ahead in inflating.each(reading.archive, in_order, db):
        file = assets.parse_file(assets.split(entry.path)[1])
        try:
            document = ahead.result()
        except errors.Invalid as e:
            reading.issues += e.issues
            continue
        if file is None or not _belongs(entry.path, file, named):
            reading.warnings.append(_notice(entry.path, "not an asset; ignored"))
            continue
        kind = file.kind if file.suffix == assets.JSON else ""
        reading.sources.setdefault(document.digest, Source(entry, kind))
        yield _Read(entry, kind, document)


def _belongs(path: str, file: assets.FileName, named: dict[str, reader.Entry]) -> bool:
    """Whether a file is an asset's document, or stands beside one."""
    return file.suffix == assets.JSON or _document_of(path, file) in named


def _document_of(path: str, file: assets.FileName) -> str:
    return assets.join(assets.split(path)[0], assets.file_name(file.kind, file.stem))


def _batches(read: Iterable[_Read]) -> Iterator[list[_Read]]:
    batch: list[_Read] = []
    size = 0
    for each in read:
        batch.append(each)
        size += each.entry.size if each.document.content else 0
        if size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    yield batch


def _describe(reading: Reading, batch: Sequence[_Read], db: database.Database, limits: bundles.Limits) -> None:
    texts = [each for each in batch if each.kind]
    with db.read() as tx:
        known = document_rows.facts(tx, [each.digest for each in texts])
    for each in texts:
        key = (each.digest, each.kind)
        try:
            reading.facts[key] = known.get(key) or _facts(reading.archive, each, limits)
        except errors.Invalid as e:
            reading.issues += e.issues


def _read_tags(reading: Reading, batch: Sequence[_Read]) -> None:
    for each in batch:
        titles = wire_documents.tags(_content(reading.archive, each)) if each.kind in tags.KINDS else None
        if titles is not None:
            path = each.entry.path
            wrong = {title: what for title in titles for what in tags.title_issues(title)}
            reading.warnings += [_notice(path, f"tags: {title!r} {what}; passed over") for title, what in wrong.items()]
            reading.tags[path] = tuple(title for title in titles if title not in wrong)


def _facts(archive: reader.Archive, read: _Read, limits: bundles.Limits) -> bundles.Facts:
    path = read.entry.path
    content = _content(archive, read)
    try:
        value = wire_documents.decode(content, where=path, depth=limits.depth)
    except errors.Invalid:
        if read.kind in assets.ORDER or read.kind == assets.PROJECT:
            raise
        return bundles.OPAQUE
    return bundles.describe(read.kind, path, value, content.decode())


def _content(archive: reader.Archive, read: _Read) -> bytes:
    return archive.inflate(read.entry) if read.document.content is None else read.document.content


def _incoming(reading: Reading, digests: dict[str, str]) -> list[bundles.Incoming]:
    beside: dict[str, list[tuple[str, str]]] = {}
    for path, digest in digests.items():
        file = assets.parse_file(assets.split(path)[1])
        if file and file.suffix != assets.JSON:
            beside.setdefault(_document_of(path, file), []).append((file.suffix, digest))
    found: list[bundles.Incoming] = []
    for path, digest in digests.items():
        file = assets.parse_file(assets.split(path)[1])
        if file and file.suffix == assets.JSON:
            found.append(_one(path, file, reading.facts[digest, file.kind], digest, beside.get(path, [])))
    return found


def _one(
    path: str, file: assets.FileName, facts: bundles.Facts, digest: str, beside: list[tuple[str, str]]
) -> bundles.Incoming:
    sidecars = tuple(sorted(beside))
    return bundles.Incoming(
        path=path,
        folder=assets.split(path)[0],
        kind=file.kind,
        stem=file.stem,
        facts=bundles.named(facts, path),
        arrived=assets.Content(digest, sidecars),
        content=assets.Content(facts.structure or digest, sidecars),
    )


def _notice(path: str, what: str) -> proposals.Notice:
    return proposals.Notice(proposals.Code.ARCHIVE, path, what)


def structure(content: bytes) -> bytes:
    """A table's document without its rows."""
    return documents.without_member(content.decode(), "data").encode()
