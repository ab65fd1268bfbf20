"""The end of a zip: where its directory is, and whether it has more lines than are allowed, before any is taken in.

The end may lie. So the lines are counted where they stand, and no further than the limit.
"""

import struct
from typing import BinaryIO

from recipeyard.model import errors

_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_LINE = struct.Struct("<4s6H3L5H2L")
_LONGEST_COMMENT = 1 << 16


def refuse_crowded(file: BinaryIO, most: int) -> None:
    """Raises `errors.Invalid` where the directory has more lines than `most`, or says that it has.

    An archive without an end, or with lines that are none, is left to whoever reads the lines.
    """
    at = _find(file)
    if at is None:
        return
    said, size, before = _read(file, at)
    if said > most:
        raise errors.Invalid(f"the archive has {said} entries; at most {most} are allowed")
    if _more_lines(file, before - size, before, most):
        raise errors.Invalid(f"the archive has more entries than it says; at most {most} are allowed")


def _find(file: BinaryIO) -> int | None:
    """Where the end's record begins: right at the end, or before the archive's comment."""
    whole = file.seek(0, 2)
    start = max(whole - _END.size - _LONGEST_COMMENT, 0)
    file.seek(start)
    tail = file.read()
    plain = len(tail) - _END.size
    if plain >= 0 and tail[plain : plain + 4] == b"PK\5\6" and tail.endswith(b"\0\0"):
        return start + plain
    found = tail.rfind(b"PK\5\6")
    return start + found if 0 <= found <= plain else None


def _read(file: BinaryIO, at: int) -> tuple[int, int, int]:
    """How many lines the end speaks of, how many bytes they have, and where they stop."""
    file.seek(at)
    *_, count, size, _, _ = _END.unpack(file.read(_END.size))
    wide_at = at - _LOCATOR_64.size - _END_64.size
    if wide_at >= 0:
        file.seek(wide_at)
        wide = _END_64.unpack(file.read(_END_64.size))
        if wide[0] == b"PK\6\6" and file.read(4) == b"PK\6\7":
            return wide[7], wide[8], wide_at
    return count, size, at


def _more_lines(file: BinaryIO, start: int, stop: int, most: int) -> bool:
    """Whether more lines than `most` stand between two places."""
    if start < 0:
        return False
    file.seek(start)
    count, at = 0, start
    while at < stop and count <= most:
        head = file.read(_LINE.size)
        if len(head) < _LINE.size or head[:4] != b"PK\1\2":
            return False
        beside = sum(_LINE.unpack(head)[10:13])
        file.seek(beside, 1)
        at += _LINE.size + beside
        count += 1
    return count > most
