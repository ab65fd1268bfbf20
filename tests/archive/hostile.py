"""Zips made by hand, so that every field of theirs can lie."""

import struct
import zlib
from dataclasses import dataclass

LOCAL, CENTRAL, END, END_64 = "<4s5H3L2H", "<4s6H3L5H2L", "<4s4H2LH", "<4sQ2H2L4Q"


@dataclass
class File:
    """One entry. What is None is told truly."""

    name: bytes
    content: bytes = b"{}"
    method: int = 8
    flags: int = 0
    mode: int = 0o100644
    crc32: int | None = None
    size: int | None = None
    deflated: bytes | None = None
    deflated_size: int | None = None
    local_name: bytes | None = None
    offset: int | None = None


def archive(
    *files: File, cut: int = 0, before: bytes = b"", count: int | None = None, wide: bool = False, comment: bytes = b""
) -> bytes:
    """The bytes of a zip; `cut` bytes are missing at its end, which says `count` lines, in the wide form or not."""
    body, directory = before, b""
    for file in files:
        packed = file.deflated if file.deflated is not None else _packed(file)
        crc = zlib.crc32(file.content) if file.crc32 is None else file.crc32
        size = len(file.content) if file.size is None else file.size
        deflated_size = len(packed) if file.deflated_size is None else file.deflated_size
        name = file.name if file.local_name is None else file.local_name
        at = len(body) if file.offset is None else file.offset
        sizes = (crc, deflated_size, size)
        body += struct.pack(LOCAL, b"PK\3\4", 20, file.flags, file.method, 0, 33, *sizes, len(name), 0) + name + packed
        head = (b"PK\1\2", (3 << 8) | 20, 20, file.flags, file.method, 0, 33, *sizes, len(file.name), 0, 0, 0, 0)
        directory += struct.pack(CENTRAL, *head, file.mode << 16, at) + file.name
    lines = len(files) if count is None else count
    end = struct.pack(END, b"PK\5\6", 0, 0, lines, lines, len(directory), len(body), len(comment)) + comment
    if wide:
        rest = (44, 45, 45, 0, 0, lines, lines, len(directory), len(body))
        far = struct.pack(END_64, b"PK\6\6", *rest)
        end = far + struct.pack("<4sLQL", b"PK\6\7", 0, len(body) + len(directory), 1) + end
    whole = body + directory + end
    return whole[: len(whole) - cut]


def _packed(file: File) -> bytes:
    if file.method == 0:
        return file.content
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return squeezer.compress(file.content) + squeezer.flush()
