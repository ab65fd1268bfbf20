"""Floors: the least that anybody would have to do, done by hand with the standard library and the same parts."""

import hashlib
import io
import sqlite3
import zipfile
import zlib
from pathlib import Path

import msgspec


def inflate_and_hash(content: bytes) -> int:
    """Every document of an archive inflated and hashed; how many there were."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return len([hashlib.sha256(archive.read(info)).digest() for info in archive.infolist()])


def insert(content: bytes, path: Path) -> None:
    """Every document inflated, hashed, decoded and inserted deflated into a table, in one transaction on disk."""
    database = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        database.execute(f"PRAGMA {pragma}")
    database.execute("CREATE TABLE documents (digest TEXT PRIMARY KEY, name TEXT, deflated BLOB)")
    decoder = msgspec.json.Decoder()
    database.execute("BEGIN IMMEDIATE")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for info in archive.infolist():
            text = archive.read(info)
            name = decoder.decode(text)["name"]
            squeezed = zlib.compress(text, 6) if info.compress_type == zipfile.ZIP_STORED else _raw(content, info)
            database.execute(
                "INSERT OR IGNORE INTO documents VALUES (?, ?, ?)", (hashlib.sha256(text).hexdigest(), name, squeezed)
            )
    database.execute("COMMIT")
    database.close()


def deflate(files: dict[str, bytes]) -> bytes:
    """The same documents packed by `zipfile`."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def copy(content: bytes, path: Path) -> None:
    """The same bytes written to disk and read again."""
    with path.open("wb") as file:
        file.write(content)
    path.read_bytes()


def _raw(content: bytes, info: zipfile.ZipInfo) -> bytes:
    start = info.header_offset + 30 + len(info.filename.encode()) + content[info.header_offset + 28]
    return content[start : start + info.compress_size]
