"""Methods of lists and ranges that take no block. No method changes its receiver: each gives a new list."""

import functools
import math
from collections.abc import Callable
from typing import Any

from recipeyard.runtime.formulas import anything, frames, kinds, operators, spelling, text_patterns

Items = list[Any]


def order(frame: frames.Frame) -> Callable[[Any], Any]:
    """A key that sorts values as `<=>` orders them; Refusal where it orders them not."""

    def compare(left: Any, right: Any) -> int:
        frame.left -= 1
        if frame.left < 0:
            frame.spend(0)
        return operators.ordered(frame, left, right)

    return functools.cmp_to_key(compare)


def arranged(frame: frames.Frame, items: Items) -> Items:
    """The items in order."""
    kinds_here = {type(each) for each in items}
    if kinds_here <= {int} or kinds_here <= {str}:
        frame.spend(len(items))
        return sorted(items)
    return sorted(items, key=order(frame))


def _first(_: frames.Frame, items: Items, count: Any = None) -> Any:
    if count is None:
        return items[0] if items else None
    return items[: _count(count)]


def _last(_: frames.Frame, items: Items, count: Any = None) -> Any:
    if count is None:
        return items[-1] if items else None
    size = _count(count)
    return items[-size:] if size else []


def _count(value: Any) -> int:
    count = kinds.whole(value, "the count")
    if count < 0:
        raise frames.Refusal("the count must not be negative")
    return count


def _nth(place: int) -> Callable[..., Any]:
    return lambda _, items: items[place] if -len(items) <= place < len(items) else None


def at(_: frames.Frame, items: Items, where: Any, length: Any = None) -> Any:
    """`list[…]`: an item, or a stretch."""
    if isinstance(where, kinds.Range):
        bounds = text_patterns.extent(where, len(items))
        return None if bounds is None else items[bounds[0] : bounds[1]]
    if isinstance(where, str):
        raise frames.Refusal(f"a list has places, not keys: {where[:50]!r}; .pluck takes a key of every item")
    place = kinds.whole(where, "the index")
    if length is None:
        return items[place] if -len(items) <= place < len(items) else None
    return text_patterns.stretch(items, place, kinds.whole(length, "the length"))


def join(frame: frames.Frame, items: Items, separator: Any = "") -> str:
    """The items' texts with something between them; lists in the list are joined in place."""
    joint = "" if separator is None else kinds.text(separator, "the separator")
    texts = [join(frame, each, joint) if type(each) is list else spelling.text(each, frame) for each in items]
    frame.room(sum(map(len, texts)) + len(joint) * len(texts))
    return joint.join(texts)


def _smart_join(frame: frames.Frame, items: Items, separator: Any) -> str:
    stripped = [each.strip() if isinstance(each, str) else each for each in items]
    return join(frame, [each for each in stripped if not kinds.blank(each)], separator)


def flat(frame: frames.Frame, items: Items, depth: int = -1) -> Items:
    """The items of the lists in the list, so many levels deep."""
    found: Items = []
    for each in items:
        if type(each) is list and depth:
            found += flat(frame, each, depth - 1)
        else:
            found.append(each)
    return found


def _flatten(frame: frames.Frame, items: Items, depth: Any = -1) -> Items:
    kinds.weigh(frame, items)
    return flat(frame, items, kinds.whole(-1 if depth is None else depth))


def total(frame: frames.Frame, items: Items, start: Any = 0) -> Any:
    """The sum of the items."""
    frame.spend(len(items))
    numbers = [each for each in (start, *items) if type(each) in (int, float)]
    if len(numbers) == len(items) + 1:
        exact = all(type(each) is int for each in numbers)
        return frame.integer(sum(numbers)) if exact else _real_sum(numbers)
    if items and type(items[0]) is not int and start == 0 and isinstance(items[0], (str, list, kinds.Duration)):
        return functools.reduce(functools.partial(operators.plus, frame), items)
    return functools.reduce(functools.partial(operators.plus, frame), items, start)


def _real_sum(numbers: list[Any]) -> float:
    return math.fsum(numbers) if all(map(math.isfinite, numbers)) else float(sum(numbers))


def _extreme(frame: frames.Frame, items: Items, count: Any = None, *, most: bool) -> Any:
    ordered = arranged(frame, items)[:: -1 if most else 1]
    return (ordered[0] if ordered else None) if count is None else ordered[: _count(count)]


def _concat(frame: frames.Frame, items: Items, *others: Any) -> Items:
    for each in others:
        items = operators.plus(frame, items, each)
    return items


def _push(frame: frames.Frame, items: Items, *more: Any) -> Any:
    frame.items(len(items) + len(more))
    return kinds.weigh(frame, [*items, *more])


def _unshift(frame: frames.Frame, items: Items, *more: Any) -> Any:
    frame.items(len(items) + len(more))
    return kinds.weigh(frame, [*more, *items])


def _insert(frame: frames.Frame, items: Items, place: Any, *more: Any) -> Any:
    where = kinds.whole(place)
    where += len(items) + 1 if where < 0 else 0
    if not 0 <= where <= len(items):
        raise frames.Refusal(f"there is no place {place} in the list")
    return kinds.weigh(frame, [*items[:where], *more, *items[where:]])


def _values_at(_: frames.Frame, items: Items, *places: Any) -> Items:
    found = map(kinds.whole, places)
    return [items[each] if -len(items) <= each < len(items) else None for each in found]


def _zip(frame: frames.Frame, items: Items, *others: Any) -> Any:
    lists = [each if isinstance(each, list) else [] for each in others]
    frame.items(len(items) * (len(lists) + 1))
    rows = [[each, *(other[at] if at < len(other) else None for other in lists)] for at, each in enumerate(items)]
    return kinds.weigh(frame, rows)


def _transpose(frame: frames.Frame, items: Items) -> Any:
    if any(type(each) is not list or len(each) != len(items[0]) for each in items):
        raise frames.Refusal("it takes lists of one length")
    return kinds.weigh(frame, [list(each) for each in zip(*items, strict=True)])


def _rotate(_: frames.Frame, items: Items, count: Any = 1) -> Items:
    by = kinds.whole(count) % len(items) if items else 0
    return items[by:] + items[:by]


def slices(frame: frames.Frame, items: Items, size: Any) -> Any:
    """The items in lists of so many."""
    count = _size(size)
    return kinds.weigh(frame, [items[start : start + count] for start in range(0, len(items), count)])


def _groups(frame: frames.Frame, items: Items, size: Any, fill: Any = None) -> Any:
    count = _size(size)
    rows = slices(frame, items, size)
    if rows and fill is not False:
        rows[-1] = rows[-1] + [fill] * (min(count, frame.limits.items) - len(rows[-1]))
    return kinds.weigh(frame, rows)


def _size(value: Any) -> int:
    size = kinds.whole(value, "the size")
    if size < 1:
        raise frames.Refusal("the size must be 1 or more")
    return size


def _to_sentence(frame: frames.Frame, items: Items, options: Any = None) -> str:
    said = kinds.options(options) if options is not None else {}
    words = (
        said.get("words_connector", ", "),
        said.get("two_words_connector", " and "),
        said.get("last_word_connector", ", and "),
    )
    comma, two, last = map(kinds.text, words)
    texts = [spelling.text(each, frame) for each in items]
    if len(texts) == 2:
        return join(frame, texts, two)
    return join(frame, [join(frame, texts[:-1], comma), texts[-1]], last) if len(texts) > 2 else "".join(texts)


def _dig(frame: frames.Frame, items: Items, place: Any, *rest: Any) -> Any:
    return dug(frame, at(frame, items, place), rest)


def dug(frame: frames.Frame, value: Any, path: tuple[Any, ...]) -> Any:
    """What a path of keys and places leads to; nil where it leads nowhere."""
    for step in path:
        if value is None:
            return None
        if isinstance(value, dict):
            value = value.get(spelling.text(step))
        elif isinstance(value, list):
            value = at(frame, value, step)
        else:
            raise frames.Refusal(f"{kinds.name(value)} has nothing inside")
    return value


def _tally(frame: frames.Frame, items: Items) -> dict[str, int]:
    frame.spend(len(items))
    counts: dict[str, int] = {}
    for each in items:
        text = spelling.text(each, frame)
        counts[text] = counts.get(text, 0) + 1
    return counts


def _without(frame: frames.Frame, items: Items, *gone: Any) -> Any:
    return operators.minus(frame, items, list(gone))


LIST: dict[str, Callable[..., Any]] = {
    "[]": at,
    "at": at,
    "slice": at,
    "first": _first,
    "last": _last,
    "second": _nth(1),
    "third": _nth(2),
    "fourth": _nth(3),
    "fifth": _nth(4),
    "take": lambda frame, items, count: _first(frame, items, count),
    "drop": lambda _, items, count: items[_count(count) :],
    "from": lambda frame, items, place: at(frame, items, kinds.Range(place, -1)),
    "to": lambda frame, items, place: at(frame, items, kinds.Range(0, place)),
    "pop": lambda _, items: items[-1] if items else None,
    "shift": lambda _, items: items[0] if items else None,
    "length": lambda _, items: len(items),
    "size": lambda _, items: len(items),
    "empty?": lambda _, items: not items,
    "many?": lambda _, items: len(items) > 1,
    "include?": anything.contains,
    "member?": anything.contains,
    "exclude?": lambda frame, items, item: not anything.contains(frame, items, item),
    "join": join,
    "smart_join": _smart_join,
    "flatten": _flatten,
    "compact": lambda _, items: [each for each in items if each is not None],
    "compact_blank": lambda _, items: [each for each in items if not kinds.blank(each)],
    "reverse": lambda _, items: items[::-1],
    "rotate": _rotate,
    "sort": arranged,
    "concat": _concat,
    "push": _push,
    "append": _push,
    "unshift": _unshift,
    "prepend": _unshift,
    "insert": _insert,
    "values_at": _values_at,
    "zip": _zip,
    "transpose": _transpose,
    "in_groups_of": _groups,
    "union": lambda frame, items, other: operators.BINARY["|"](frame, items, other),
    "intersection": lambda frame, items, other: operators.BINARY["&"](frame, items, other),
    "intersect?": lambda frame, items, other: bool(operators.BINARY["&"](frame, items, other)),
    "difference": lambda frame, items, other: operators.minus(frame, items, other),
    "without": _without,
    "excluding": _without,
    "except": _without,
    "minmax": lambda frame, items: [_extreme(frame, items, most=False), _extreme(frame, items, most=True)],
    "to_a": lambda _, items: items,
    "to_ary": lambda _, items: items,
    "to_sentence": _to_sentence,
    "dig": _dig,
    "tally": _tally,
}


def largest(frame: frames.Frame, items: Items, count: Any = None) -> Any:
    """The largest item, or so many of them."""
    return _extreme(frame, items, count, most=True)


def smallest(frame: frames.Frame, items: Items, count: Any = None) -> Any:
    """The smallest item, or so many of them."""
    return _extreme(frame, items, count, most=False)


def _of_list(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def run(frame: frames.Frame, bounds: kinds.Range, *given: Any) -> Any:
        return method(frame, operators.listed(frame, bounds), *given)

    return run


def _step(frame: frames.Frame, bounds: kinds.Range, by: Any) -> Items:
    return operators.listed(frame, bounds)[:: _size(by)]


RANGE: dict[str, Callable[..., Any]] = {
    "to_a": operators.listed,
    "include?": operators.within,
    "member?": operators.within,
    "cover?": operators.within,
    "exclude?": lambda frame, bounds, value: not operators.within(frame, bounds, value),
    "first": lambda frame, bounds, count=None: (
        bounds.first if count is None else _first(frame, operators.listed(frame, bounds), count)
    ),
    "begin": lambda _, bounds: bounds.first,
    "end": lambda _, bounds: bounds.last,
    "last": lambda frame, bounds, count=None: (
        bounds.last if count is None else _last(frame, operators.listed(frame, bounds), count)
    ),
    "step": _step,
    **{name: _of_list(LIST[name]) for name in ("length", "size", "join", "reverse", "take", "drop", "in_groups_of")},
}
