"""Methods of objects. Keys are texts, however they are asked for."""

from collections.abc import Callable
from typing import Any

from recipeyard.runtime.formulas import frames, kinds, list_blocks, lists, markup, patterns, spelling

Pairs = dict[str, Any]


def at(_: frames.Frame, pairs: Pairs, key: Any) -> Any:
    """`object[key]`; nil where there is no such key."""
    return pairs.get(key if type(key) is str else spelling.text(key))


def _fetch(_: frames.Frame, pairs: Pairs, key: Any, *other: Any) -> Any:
    text = spelling.text(key)
    if text not in pairs and not other:
        raise frames.Refusal(f"there is no key {text[:100]!r}")
    return pairs[text] if text in pairs else other[0]


def _names(given: tuple[Any, ...]) -> set[str]:
    flat = [each for item in given for each in (item if isinstance(item, list) else [item])]
    return set(map(spelling.text, flat))


def _except(_: frames.Frame, pairs: Pairs, *keys: Any) -> Pairs:
    gone = _names(keys)
    return {key: item for key, item in pairs.items() if key not in gone}


def _slice(_: frames.Frame, pairs: Pairs, *keys: Any) -> Pairs:
    kept = _names(keys)
    return {key: item for key, item in pairs.items() if key in kept}


def _merge(frame: frames.Frame, pairs: Pairs, *others: Any) -> Any:
    merged = dict(pairs)
    for each in others:
        merged.update(kinds.options(each))
    return kinds.weigh(frame, merged)


def _select(_: frames.Frame, pairs: Pairs, *, block: kinds.Block) -> Pairs:
    return {key: item for key, item in pairs.items() if kinds.truthy(block(key, item))}


def _reject(_: frames.Frame, pairs: Pairs, *, block: kinds.Block) -> Pairs:
    return {key: item for key, item in pairs.items() if not kinds.truthy(block(key, item))}


def _transform_values(frame: frames.Frame, pairs: Pairs, *, block: kinds.Block) -> Any:
    return kinds.weigh(frame, {key: block(item) for key, item in pairs.items()})


def _transform_keys(frame: frames.Frame, pairs: Pairs, *, block: kinds.Block) -> Any:
    return kinds.weigh(frame, {spelling.text(block(key)): item for key, item in pairs.items()})


def _invert(frame: frames.Frame, pairs: Pairs) -> Any:
    return {spelling.text(item, frame): key for key, item in pairs.items()}


def _has_value(frame: frames.Frame, pairs: Pairs, value: Any) -> bool:
    frame.spend(len(pairs))
    return any(kinds.same(value, each) for each in pairs.values())


def _key(frame: frames.Frame, pairs: Pairs, value: Any) -> str | None:
    frame.spend(len(pairs))
    return next((key for key, item in pairs.items() if kinds.same(value, item)), None)


def _to_a(_: frames.Frame, pairs: Pairs) -> list[Any]:
    return [[key, item] for key, item in pairs.items()]


def _to_h(frame: frames.Frame, pairs: Pairs, *, block: kinds.Block | None = None) -> Any:
    if block is None:
        return pairs
    return list_blocks.LIST["to_h"](frame, [block(key, item) for key, item in pairs.items()])


def _has(_: frames.Frame, pairs: Pairs, key: Any) -> bool:
    return spelling.text(key) in pairs


def _dig(frame: frames.Frame, pairs: Pairs, *path: Any) -> Any:
    return lists.dug(frame, pairs, path)


def _each(_: frames.Frame, pairs: Pairs, *, block: kinds.Block) -> Pairs:
    for key, item in pairs.items():
        block(key, item)
    return pairs


HASH: dict[str, Callable[..., Any]] = {
    **list_blocks.OBJECT,
    "[]": at,
    "fetch": _fetch,
    "dig": _dig,
    "keys": lambda _, pairs: list(pairs),
    "values": lambda _, pairs: list(pairs.values()),
    "values_at": lambda frame, pairs, *keys: [at(frame, pairs, key) for key in keys],
    "length": lambda _, pairs: len(pairs),
    "size": lambda _, pairs: len(pairs),
    "empty?": lambda _, pairs: not pairs,
    "key?": _has,
    "has_key?": _has,
    "include?": _has,
    "member?": _has,
    "exclude?": lambda frame, pairs, key: not _has(frame, pairs, key),
    "value?": _has_value,
    "has_value?": _has_value,
    "key": _key,
    "except": _except,
    "without": _except,
    "slice": _slice,
    "only": _slice,
    "merge": _merge,
    "compact": lambda _, pairs: {key: item for key, item in pairs.items() if item is not None},
    "compact_blank": lambda _, pairs: {key: item for key, item in pairs.items() if not kinds.blank(item)},
    "select": _select,
    "filter": _select,
    "reject": _reject,
    "each": _each,
    "each_pair": _each,
    "transform_values": _transform_values,
    "transform_keys": _transform_keys,
    "invert": _invert,
    "first": lambda frame, pairs, count=None: lists.LIST["first"](frame, _to_a(frame, pairs), count),
    "to_a": _to_a,
    "to_h": _to_h,
    "to_hash": lambda _, pairs: pairs,
    "to_xml": markup.to_xml,
    "encode_www_form": lambda frame, pairs: patterns.query(frame, pairs, None),
    "pluck": lambda frame, pairs, *keys: [at(frame, pairs, key) for key in keys],
}
