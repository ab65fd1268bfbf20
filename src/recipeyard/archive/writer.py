"""Write archives: equal parts, equal bytes. No clock reading, no random name, nothing deflated twice.

The profile is that of the field's own exporter: made by Unix, deflated, a line for each folder that holds files.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from recipeyard.model import assets, bundles

LEVEL = 6
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_NEEDS = 20
_MADE_BY = (3 << 8) | 52
_UTF_8 = 0x800
_STORED, _DEFLATED = 0, 8
_LIMITS = bundles.Limits()
_MIDNIGHT_1980 = (0, (1 << 5) | 1)
_FILE_MODE = 0o100644 << 16
_FOLDER_MODE = 0o040755 << 16 | 0x10
_MOST_16 = 0xFFFF
_MOST_32 = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class _Line:
    name: bytes
    flags: int
    method: int
    crc32: int
    deflated_size: int
    size: int
    offset: int
    mode: int


def deflate(content: bytes) -> bundles.Packed:
    """Pack a document that did not come deflated."""
    squeezer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    deflated = squeezer.compress(content) + squeezer.flush()
    return bundles.Packed(bundles.digest(content), len(content), zlib.crc32(content), deflated)


def write(parts: Iterable[tuple[str, bundles.Packed]]) -> Iterator[bytes]:
    """A whole zip, in chunks. Parts stand in the order given; one at a time is in memory."""
    lines: list[_Line] = []
    folders: set[str] = set()
    offset = 0
    for path, packed in parts:
        folder = assets.split(path)[0]
        if folder and folder not in folders:
            folders.add(folder)
            lines.append(_line(f"{folder}/", None, offset))
            yield _local(lines[-1])
            offset += _LOCAL.size + len(lines[-1].name)
        body, method = _body(packed)
        lines.append(_line(path, (packed, method, len(body)), offset))
        yield _local(lines[-1])
        yield body
        offset += _LOCAL.size + len(lines[-1].name) + len(body)
    directory = b"".join(_central(line) for line in lines)
    yield directory
    yield _end(len(lines), len(directory), offset)


def _body(packed: bundles.Packed) -> tuple[bytes, int]:
    """A document's bytes in the archive, and their method: what readers would take for a bomb is stored."""
    if _LIMITS.is_bomb(packed.size, len(packed.deflated)):
        return bundles.inflate(packed), _STORED
    return packed.deflated, _DEFLATED


def _line(path: str, file: tuple[bundles.Packed, int, int] | None, offset: int) -> _Line:
    name = path.encode()
    flags = 0 if path.isascii() else _UTF_8
    if file is None:
        return _Line(name, flags, _STORED, 0, 0, 0, offset, _FOLDER_MODE)
    packed, method, size = file
    return _Line(name, flags, method, packed.crc32, size, packed.size, offset, _FILE_MODE)


def _local(line: _Line) -> bytes:
    head = (b"PK\3\4", _NEEDS, line.flags, line.method, *_MIDNIGHT_1980)
    return _LOCAL.pack(*head, line.crc32, line.deflated_size, line.size, len(line.name), 0) + line.name


def _central(line: _Line) -> bytes:
    extra = b"" if line.offset < _MOST_32 else struct.pack("<2HQ", 1, 8, line.offset)
    head = (b"PK\1\2", _MADE_BY, 45 if extra else _NEEDS, line.flags, line.method, *_MIDNIGHT_1980)
    sizes = (line.crc32, line.deflated_size, line.size, len(line.name), len(extra), 0, 0, 0)
    return _CENTRAL.pack(*head, *sizes, line.mode, min(line.offset, _MOST_32)) + line.name + extra


def _end(count: int, size: int, offset: int) -> bytes:
    wide = b""
    if count >= _MOST_16 or size >= _MOST_32 or offset >= _MOST_32:
        rest = (_END_64.size - 12, 45, 45, 0, 0, count, count, size, offset)
        wide = _END_64.pack(b"PK\6\6", *rest) + _LOCATOR_64.pack(b"PK\6\7", 0, offset + size, 1)
    counts = (min(count, _MOST_16), min(count, _MOST_16))
    return wide + _END.pack(b"PK\5\6", 0, 0, *counts, min(size, _MOST_32), min(offset, _MOST_32), 0)
