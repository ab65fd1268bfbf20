"""Archive bytes: in a folder, or in S3, GCS or Azure by URL. A blob exists whole or not at all.

Keys are short and our own, never a user's text. Nothing here knows what an archive is.
"""

import asyncio
import os
import re
import tempfile
import urllib.request
from collections.abc import AsyncIterator, Container, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import obstore
from obstore import exceptions as obstore_exceptions
from obstore import store as obstore_store

from recipeyard.model import errors

CHUNK_BYTES = 1024 * 1024
_KEY = re.compile(r"[a-z0-9_-]+(/[a-z0-9_-]+)*\.[a-z0-9]+")
PREFIXES = ("uploads", "packages")
"""The first part of every key."""

_PARTIAL = ".partial-"
_OWNER = "owner.txt"
_SCHEMES = {"s3", "gs", "az"}


FAILURES = (OSError, obstore_exceptions.BaseError)
"""What a store may raise where it can't be reached, or can't do what it is asked."""


class Blobs(Protocol):
    """What a store promises. Unknown keys raise `errors.NotFound`; deleting one is no error."""

    async def receive(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        """Keep what arrives; returns its size. An exception from `chunks` leaves nothing behind."""
        ...

    def put(self, key: str, chunks: Iterable[bytes]) -> int:
        """Keep what an iterable gives; returns its size. An exception from it leaves nothing behind."""
        ...

    def size(self, key: str) -> int:
        """A blob's size in bytes."""
        ...

    def stream(self, key: str) -> Iterator[bytes]:
        """A blob's bytes, in chunks of at most 1 MiB."""
        ...

    def local(self, key: str) -> AbstractContextManager[BinaryIO]:
        """A blob as a seekable file."""
        ...

    def delete(self, key: str) -> None:
        """Forget a blob."""
        ...

    def link(self, key: str, expires_s: int) -> str | None:
        """An address that gives the blob without credentials, where the store can make one."""
        ...

    def claim(self, owner: str) -> None:
        """Mark the store as an installation's own. Raises `errors.Invalid` where another has marked it."""
        ...

    def sweep(self, held: Container[str], before: datetime) -> None:
        """Remove what interrupted writes have left, and blobs that nobody holds; only what was written `before`."""
        ...


class Folder:
    """Blobs as files. A blob is written beside its place, flushed to disk, then renamed into it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def receive(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        """Write chunks as they arrive; the flush to disk leaves the event loop free."""
        with self._writing(key) as file:
            async for chunk in chunks:
                file.write(chunk)
            size = file.tell()
            await asyncio.to_thread(_flush, file)
        return size

    def put(self, key: str, chunks: Iterable[bytes]) -> int:
        """Write chunks."""
        with self._writing(key) as file:
            for chunk in chunks:
                file.write(chunk)
            size = file.tell()
            _flush(file)
        return size

    def size(self, key: str) -> int:
        """The file's size."""
        with _missing_is_not_found():
            return self._path(key).stat().st_size

    def stream(self, key: str) -> Iterator[bytes]:
        """The file's bytes."""
        with self.local(key) as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    @contextmanager
    def local(self, key: str) -> Iterator[BinaryIO]:
        """The file itself."""
        with _missing_is_not_found():
            file = self._path(key).open("rb")
        with file:
            yield file

    def delete(self, key: str) -> None:
        """Remove the file, and its folder where that was the last."""
        path = self._path(key)
        path.unlink(missing_ok=True)
        with suppress(OSError):
            path.parent.rmdir()

    def link(self, key: str, expires_s: int) -> str | None:  # noqa: ARG002
        """A folder has no address of its own."""
        return None

    def claim(self, owner: str) -> None:
        """Keep the mark in a file."""
        file = self.root / _OWNER
        if not file.exists():
            self.put(_OWNER, [owner.encode()])
        _check_owner(file.read_text(), owner, str(self.root))

    def sweep(self, held: Container[str], before: datetime) -> None:
        """Remove files; their folders too where they were the last in them."""
        for path in [path for prefix in PREFIXES for path in self.root.glob(f"{prefix}/*/*")]:
            key = path.relative_to(self.root).as_posix()
            ours = _is_ours(key) or path.name.startswith(_PARTIAL)
            if ours and path.is_file() and key not in held and path.stat().st_mtime < before.timestamp():
                path.unlink(missing_ok=True)
                with suppress(OSError):
                    path.parent.rmdir()

    def _path(self, key: str) -> Path:
        return self.root / _checked(key)

    @contextmanager
    def _writing(self, key: str) -> Iterator[BinaryIO]:
        path = self._path(key)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=_PARTIAL, dir=path.parent)
        partial = Path(name)
        try:
            with os.fdopen(handle, "r+b") as file:
                yield file
            partial.replace(path)
            _flush_folder(path.parent)
            _flush_folder(path.parent.parent)
        except BaseException:
            partial.unlink(missing_ok=True)
            with suppress(OSError):
                path.parent.rmdir()
            raise


class Bucket:
    """Blobs as objects of S3, GCS or Azure. `spool` is a folder for files that live only while they are used."""

    def __init__(self, url: str, options: Mapping[str, str], spool: Path) -> None:
        client: dict[str, Any] = {"allow_http": options.get("endpoint", "").startswith("http://")}
        self.store: Any = obstore_store.from_url(url, config=dict(options), client_options=client)  # type: ignore[call-overload]
        self.url = url
        self.options = options
        self.spool = spool
        spool.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def receive(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        """Upload chunks as they arrive, in parts; an exception aborts the upload."""
        size = 0

        async def counted() -> AsyncIterator[bytes]:
            nonlocal size
            async for chunk in chunks:
                size += len(chunk)
                if chunk:
                    yield chunk

        await obstore.put_async(self.store, _checked(key), counted(), attributes=_attributes(key))
        return size

    def put(self, key: str, chunks: Iterable[bytes]) -> int:
        """Spool chunks, then upload them: whoever makes them need not be ready for another thread."""
        with tempfile.TemporaryFile(dir=self.spool) as file:
            for chunk in chunks:
                file.write(chunk)
            size = file.tell()
            file.seek(0)
            obstore.put(self.store, _checked(key), file, attributes=_attributes(key))
        return size

    def size(self, key: str) -> int:
        """The object's size."""
        with _missing_is_not_found():
            return int(obstore.head(self.store, _checked(key))["size"])

    def stream(self, key: str) -> Iterator[bytes]:
        """The object's bytes."""
        with _missing_is_not_found():
            answer = obstore.get(self.store, _checked(key))
        for chunk in answer.stream(min_chunk_size=CHUNK_BYTES // 4):
            yield bytes(chunk)

    @contextmanager
    def local(self, key: str) -> Iterator[BinaryIO]:
        """The object, fetched into a file without a name."""
        with tempfile.TemporaryFile(dir=self.spool) as file:
            for chunk in self.stream(key):
                file.write(chunk)
            file.seek(0)
            yield file

    def delete(self, key: str) -> None:
        """Delete one object. S3 is asked by a plain signed request: its bulk call is answered variously."""
        if isinstance(self.store, obstore_store.S3Store):
            address = obstore.sign(self.store, "DELETE", _checked(key), timedelta(minutes=1))
            urllib.request.urlopen(urllib.request.Request(address, method="DELETE")).close()  # noqa: S310
            return
        with suppress(FileNotFoundError):
            obstore.delete(self.store, _checked(key))

    def link(self, key: str, expires_s: int) -> str | None:
        """The store's own presigned address."""
        return str(obstore.sign(self.store, "GET", _checked(key), timedelta(seconds=expires_s)))

    def claim(self, owner: str) -> None:
        """Keep the mark in an object."""
        with _said_of_bucket(self.options):
            try:
                here = obstore.get(self.store, _OWNER).bytes()
            except FileNotFoundError:
                obstore.put(self.store, _OWNER, owner.encode())
                here = obstore.get(self.store, _OWNER).bytes()
        _check_owner(bytes(here).decode(errors="replace"), owner, self.url)

    def sweep(self, held: Container[str], before: datetime) -> None:
        """Remove objects. Uploads in parts that were not ended are the store's own to expire."""
        for prefix in PREFIXES:
            for batch in obstore.list(self.store, prefix):
                for each in batch:
                    if _is_ours(each["path"]) and each["path"] not in held and each["last_modified"] < before:
                        self.delete(each["path"])


def open_blobs(url: str, options: Mapping[str, str], spool: Path) -> Blobs:
    """Open a store: a folder's path or `file://` URL, or an `s3://`, `gs://` or `az://` URL with its options.

    Raises `errors.Invalid` for what is none of these, and for options that the store does not know.
    """
    scheme, _, rest = url.rpartition("://")
    if scheme in {"", "file"}:
        try:
            return Folder(Path(rest))
        except OSError as e:
            raise errors.Invalid(f"blobs: {rest}: {e.strerror}") from e
    if scheme not in _SCHEMES:
        raise errors.Invalid("blobs: must be a folder, or a URL that begins with s3://, gs:// or az://")
    with _said_of_bucket(options):
        return Bucket(url, options, spool)


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} is not a blob's key")
    return key


def _check_owner(here: str, owner: str, where: str) -> None:
    if here != owner:
        what = f"belongs to another installation, as its {_OWNER} says; a store serves one database alone"
        raise errors.Invalid.listing([errors.Issue("blobs", f"{where} {what}")])


def _is_ours(key: str) -> bool:
    """Whether a key has the shape that this server gives: a prefix, what the blob belongs to, a file name."""
    return bool(_KEY.fullmatch(key)) and key.count("/") == 2 and key.partition("/")[0] in PREFIXES


def _attributes(key: str) -> dict[str, str]:
    return {
        "Content-Type": "application/zip",
        "Content-Disposition": f'attachment; filename="{key.rpartition("/")[2]}"',
    }


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _flush_folder(path: Path) -> None:
    """A rename is on disk once its folder is."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _said_of_bucket(options: Mapping[str, str]) -> Iterator[None]:
    """What a store says at the start is about its settings; of its options it says the names alone."""
    try:
        yield
    except (obstore_exceptions.BaseError, FileNotFoundError) as e:
        why = str(e).partition("\n")[0]
        for value in filter(None, options.values()):
            why = why.replace(value, "…")
        raise errors.Invalid(f"blobs or blob_options: {why}") from e


@contextmanager
def _missing_is_not_found() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as e:
        raise errors.NotFound("Not found: the archive is gone") from e
