"""Values as people read them in a line: spelled, cut where they are long, and cut so that what differs is seen."""

from typing import Any

import msgspec
from rich import cells

NOTHING = "nothing"
_CUT = "…"
_LEAD = 12
"""How many characters are kept before the first that differs."""
_LARGE = {"digest", "size", "beginning"}


def plain(text: str) -> str:
    """A text on one line, without what would move a terminal's cursor or colour it."""
    return "".join(character if character.isprintable() else " " for character in text)


def cut(text: str, width: int) -> str:
    """A text on one line, at most that many columns wide; one that is cut ends in an ellipsis."""
    text = plain(text)
    return text if cells.cell_len(text) <= width else f"{cells.set_cell_size(text, max(width - 1, 0)).rstrip()}{_CUT}"


def spelled(value: Any) -> str:
    """A value on one line: a text in quotes, no value as nothing, one too large as its beginning and its length."""
    if value is None:
        return NOTHING
    if isinstance(value, dict) and value.keys() == _LARGE:
        return f'{_spelled(value["beginning"])[:-1]}{_CUT}" ({value["size"]:,} characters)'
    if isinstance(value, dict) and "zip_name" in value:
        return str(value["zip_name"])
    return _spelled(value)


def turn(before: Any, after: Any, width: int) -> tuple[str, str]:
    """What a value was and what it would be, each at most half as wide as this, both cut at the same place."""
    old, new = spelled(before), spelled(after)
    room = max((width - 3) // 2, 16)
    widths = cells.cell_len(old), cells.cell_len(new)
    if sum(widths) + 3 <= width:
        return old, new
    if min(widths) <= room:
        left = width - 3 - min(widths)
        return cut(old, max(left, room)), cut(new, max(left, room))
    start = _same(old, new) - _LEAD
    if start <= 0:
        return cut(old, room), cut(new, room)
    return cut(f"{_CUT}{old[start:]}", room), cut(f"{_CUT}{new[start:]}", room)


def row(value: Any) -> str:
    """A table's row: its texts in order, or by column."""
    if isinstance(value, dict):
        return ", ".join(f"{column}: {_text(text)}" for column, text in value.items())
    return " | ".join(_text(text) for text in value)


def moment(stamp: str | None) -> str:
    """A time to the minute, in UTC as the API tells it."""
    return (stamp or "")[:16].replace("T", " ")


def counted(count: int, word: str) -> str:
    """So many of these: `1 step`, `2 steps`."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _same(old: str, new: str) -> int:
    """How many characters both begin with."""
    differing = (at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other)
    return next(differing, min(len(old), len(new)))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else spelled(value)


def _spelled(value: Any) -> str:
    """A value as JSON has it; of texts only the quotes around them, which reads better."""
    if isinstance(value, str):
        return f'"{plain(value)}"'
    return plain(msgspec.json.encode(value).decode())
