"""Read archives with suspicion: limits arrive as a value, everything wrong is reported, no path leads outside.

Opening reads the directory alone. A document is inflated only as far as the directory says it goes.
"""

import struct
import threading
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

from recipeyard.archive import ends, writer
from recipeyard.model import bundles, errors, paths

MAGIC = (b"PK\3\4", b"PK\5\6")
MOST_ISSUES = 100
_LOCAL = struct.Struct("<4s5H3L2H")
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _UTF_8 = 0x1, 0x800
_KIND_MASK, _REGULAR, _FOLDER = 0o170000, 0o100000, 0o040000


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of an archive, as the directory tells it. Sizes in bytes."""

    path: str
    size: int
    crc32: int
    deflated_size: int
    method: int
    offset: int
    raw_name: bytes

    @property
    def is_deflated(self) -> bool:
        """Whether its bytes in the archive are a deflate stream."""
        return self.method == _DEFLATED


class Archive:
    """An opened archive: its files in their order, what was passed over, and each file's bytes when asked for.

    Several threads may ask at once.
    """

    def __init__(self, file: BinaryIO, entries: Sequence[Entry], notes: Sequence[errors.Issue]) -> None:
        self.file = file
        self.entries = tuple(entries)
        self.notes = tuple(notes)
        self._turn = threading.Lock()

    def inflate(self, entry: Entry) -> bytes:
        """A whole document. Raises `errors.Invalid` where it is not what the directory says."""
        raw = self.raw(entry)
        content = raw if entry.method == _STORED else _inflated(entry, raw)
        if len(content) != entry.size:
            raise _bad(entry.path, f"is {len(content)} bytes where the directory says {entry.size}")
        if zlib.crc32(content) != entry.crc32:
            raise _bad(entry.path, "has a wrong CRC: the archive is damaged")
        return content

    def pack(self, entry: Entry, digest: str) -> bundles.Packed:
        """A document that has been inflated once, as it is kept: what came deflated is copied as it came."""
        if entry.method == _STORED:
            return writer.deflate(self.inflate(entry))
        return bundles.Packed(digest, entry.size, entry.crc32, self.raw(entry))

    def raw(self, entry: Entry) -> bytes:
        """A document's bytes as the archive holds them, deflated or not. Raises `errors.Invalid` where they are not."""
        with self._turn:
            return self._read(entry)

    def _read(self, entry: Entry) -> bytes:
        self.file.seek(entry.offset)
        head = self.file.read(_LOCAL.size + len(entry.raw_name))
        if len(head) < _LOCAL.size or head[:4] != MAGIC[0]:
            raise _bad(entry.path, "is not where the directory says: the archive is damaged")
        *_, name_size, extra_size = _LOCAL.unpack_from(head)
        if head[_LOCAL.size :] != entry.raw_name or name_size != len(entry.raw_name):
            raise _bad(entry.path, "has another name in its own header than in the directory")
        self.file.seek(entry.offset + _LOCAL.size + name_size + extra_size)
        raw = self.file.read(entry.deflated_size)
        if len(raw) < entry.deflated_size:
            raise _bad(entry.path, "is cut short: the archive is truncated")
        return raw


def looks_like_zip(head: bytes) -> bool:
    """Whether bytes begin as a zip does."""
    return head[:4] in MAGIC


def open_archive(file: BinaryIO, limits: bundles.Limits) -> Archive:
    """Read an archive's directory. Raises `errors.Invalid` listing everything wrong with it."""
    infos = _directory(file, limits)
    issues: list[errors.Issue] = []
    entries: list[Entry] = []
    for info in infos:
        path, wrong = _path(info, limits)
        wrong += _claims(info, limits)
        issues += [errors.Issue(_show(path), what) for what in wrong]
        if not info.is_dir():
            entries.append(_entry(info, path))
    issues += [*_clashes([entry.path for entry in entries]), *_overlaps(entries)]
    if sum(entry.size for entry in entries) > limits.total_bytes:
        issues.append(errors.Issue("", f"the archive inflates to more than {limits.total_bytes} bytes"))
    entries, notes = _tidied(entries)
    if not entries and not issues:
        issues.append(errors.Issue("", "the archive holds no file"))
    if issues:
        more = [errors.Issue("", f"and {len(issues) - MOST_ISSUES} more")] if len(issues) > MOST_ISSUES else []
        raise errors.Invalid.listing(issues[:MOST_ISSUES] + more)
    return Archive(file, entries, notes)


def _directory(file: BinaryIO, limits: bundles.Limits) -> list[zipfile.ZipInfo]:
    file.seek(0)
    if not looks_like_zip(file.read(4)):
        raise errors.Invalid("Invalid package: not a zip archive")
    ends.refuse_crowded(file, limits.entries)
    try:
        with zipfile.ZipFile(file) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OverflowError, OSError) as e:
        raise errors.Invalid(f"Invalid package: not a whole zip archive ({e})") from e


def _path(info: zipfile.ZipInfo, limits: bundles.Limits) -> tuple[str, list[str]]:
    """An entry's path, and everything wrong with it as a path."""
    raw = info.orig_filename.encode("utf-8" if info.flag_bits & _UTF_8 else "cp437")
    try:
        path = raw.decode()
    except UnicodeDecodeError:
        return info.orig_filename, ["its name is not UTF-8"]
    return path, list(paths.issues(path, limits.path_bytes))


def _claims(info: zipfile.ZipInfo, limits: bundles.Limits) -> Iterator[str]:
    """What is wrong with an entry by what the directory says of it."""
    if info.flag_bits & _ENCRYPTED:
        yield "encrypted entries are not supported"
    if info.compress_type not in {_STORED, _DEFLATED}:
        yield f"compression method {info.compress_type} is not supported"
    if info.create_system == 3 and info.external_attr >> 16 & _KIND_MASK not in {0, _REGULAR, _FOLDER}:
        yield "symbolic links and special files are not allowed"
    if info.file_size > limits.entry_bytes:
        yield f"inflates to {info.file_size} bytes; at most {limits.entry_bytes} are allowed"
    elif limits.is_bomb(info.file_size, info.compress_size):
        yield f"is compressed more than {limits.ratio} times; that is not a document"
    if info.header_offset < 0:
        yield "is not where the directory says: the archive is damaged"
    if info.compress_type == _STORED and info.file_size != info.compress_size:
        yield "is stored, but its two sizes differ"


def _entry(info: zipfile.ZipInfo, path: str) -> Entry:
    raw_name = info.orig_filename.encode("utf-8" if info.flag_bits & _UTF_8 else "cp437")
    place = (info.compress_type, info.header_offset, raw_name)
    return Entry(path, info.file_size, info.CRC, info.compress_size, *place)


def _clashes(found: Sequence[str]) -> Iterator[errors.Issue]:
    """Paths that two files share, but for case or not, and files where a folder must be."""
    seen: dict[str, str] = {}
    for path in found:
        other = seen.setdefault(path.casefold(), path)
        if other is not path:
            same = "appears twice" if other == path else f"differs from {_show(other)} in case alone"
            yield errors.Issue(_show(path), same)
    for path in found:
        for folder in paths.above(path):
            if folder.casefold() in seen:
                yield errors.Issue(_show(path), f"needs a folder where {_show(seen[folder.casefold()])} is a file")


def _overlaps(entries: Sequence[Entry]) -> Iterator[errors.Issue]:
    """Entries whose bytes are also another's: a small archive that inflates to a huge one is built so."""
    for first, second in pairwise(sorted(entries, key=lambda entry: entry.offset)):
        if first.offset + _LOCAL.size + len(first.raw_name) + first.deflated_size > second.offset:
            yield errors.Issue(_show(second.path), f"overlaps {_show(first.path)}")


def _tidied(entries: Sequence[Entry]) -> tuple[list[Entry], list[errors.Issue]]:
    """Leave out what desktop systems add; where one repacked a folder, take the folder's content as the package."""
    litter = [entry for entry in entries if paths.is_litter(entry.path)]
    kept = [entry for entry in entries if not paths.is_litter(entry.path)]
    notes = [errors.Issue(_show(entry.path), "added by an operating system; ignored") for entry in litter]
    tops = {entry.path.partition("/")[0] for entry in kept if "/" in entry.path}
    repacked = any(entry.path.startswith("__MACOSX/") for entry in entries)
    if repacked and len(tops) == 1 and all("/" in entry.path for entry in kept):
        top = tops.pop()
        notes.append(errors.Issue(_show(f"{top}/"), "extra top folder of a repacked archive; its content was read"))
        kept = [_moved(entry, entry.path.removeprefix(f"{top}/")) for entry in kept]
    return kept, notes


def _moved(entry: Entry, path: str) -> Entry:
    place = (entry.method, entry.offset, entry.raw_name)
    return Entry(path, entry.size, entry.crc32, entry.deflated_size, *place)


def _inflated(entry: Entry, raw: bytes) -> bytes:
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = engine.decompress(raw, entry.size + 1)
    except zlib.error as e:
        raise _bad(entry.path, f"can't be inflated: the archive is damaged ({e})") from e
    if len(content) > entry.size:
        raise _bad(entry.path, f"inflates to more than the {entry.size} bytes that the directory says")
    if not engine.eof and not engine.decompress(engine.unconsumed_tail, 1) and not engine.eof:
        raise _bad(entry.path, "is cut short: its deflated data does not end")
    if engine.unused_data:
        raise _bad(entry.path, "has bytes behind the end of its deflated data")
    return content


def _bad(path: str, what: str) -> errors.Invalid:
    return errors.Invalid.listing([errors.Issue(_show(path), what)])


def _show(path: str) -> str:
    """A path as it may stand in a message: printable, and not without end."""
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in path)
    return shown if len(shown) <= 200 else shown[:199] + "…"
