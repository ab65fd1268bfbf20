"""Methods of bytes."""

from collections.abc import Callable
from typing import Any

from recipeyard.runtime.formulas import digests, frames, kinds, text_patterns


def _as_string(_: frames.Frame, value: bytes, encoding: Any = "UTF-8") -> str:
    return digests.decoded(value, kinds.text(encoding, "the encoding"))


def _slice(_: frames.Frame, value: bytes, start: Any, length: Any = 1) -> Any:
    return text_patterns.stretch(value, kinds.whole(start), kinds.whole(length))


def _bytes(frame: frames.Frame, value: bytes) -> list[int]:
    frame.items(len(value))
    return list(value)


BINARY: dict[str, Callable[..., Any]] = {
    "as_string": _as_string,
    "as_utf8": lambda _, value: value.decode("utf-8", "replace"),
    "force_encoding": _as_string,
    "length": lambda _, value: len(value),
    "size": lambda _, value: len(value),
    "bytesize": lambda _, value: len(value),
    "bytes": _bytes,
    "byteslice": _slice,
    "slice": _slice,
    "empty?": lambda _, value: not value,
    "binary?": lambda _, __: True,
}
