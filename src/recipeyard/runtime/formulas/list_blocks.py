"""Methods of lists that may take a block; objects and ranges share them, an object as its pairs."""

import functools
from collections.abc import Callable, Iterator
from typing import Any

from recipeyard.runtime.formulas import frames, kinds, lists, operators, spelling

Items = list[Any]
Maybe = kinds.Block | None


def _map(frame: frames.Frame, items: Items, *, block: kinds.Block) -> Any:
    return kinds.weigh(frame, [block(each) for each in items])


def _flat_map(frame: frames.Frame, items: Items, *, block: kinds.Block) -> Any:
    return kinds.weigh(frame, lists.flat(frame, [block(each) for each in items], 1))


def _filter_map(frame: frames.Frame, items: Items, *, block: kinds.Block) -> Any:
    return kinds.weigh(frame, [found for each in items if kinds.truthy(found := block(each))])


def _select(_: frames.Frame, items: Items, *, block: kinds.Block) -> Items:
    return [each for each in items if kinds.truthy(block(each))]


def _reject(_: frames.Frame, items: Items, *, block: kinds.Block) -> Items:
    return [each for each in items if not kinds.truthy(block(each))]


def _partition(_: frames.Frame, items: Items, *, block: kinds.Block) -> Items:
    parts: tuple[Items, Items] = ([], [])
    for each in items:
        parts[0 if kinds.truthy(block(each)) else 1].append(each)
    return list(parts)


def _find(_: frames.Frame, items: Items, *, block: kinds.Block) -> Any:
    return next((each for each in items if kinds.truthy(block(each))), None)


def _each(_: frames.Frame, items: Items, *, block: Maybe = None) -> Items:
    if block is not None:
        for each in items:
            block(each)
    return items


def _each_with_index(frame: frames.Frame, items: Items, *, block: Maybe = None) -> Any:
    if block is None:
        return kinds.weigh(frame, [[each, at] for at, each in enumerate(items)])
    for at, each in enumerate(items):
        block(each, at)
    return items


def _each_slice(frame: frames.Frame, items: Items, size: Any, *, block: Maybe = None) -> Any:
    rows = lists.slices(frame, items, size)
    return rows if block is None else _each(frame, rows, block=block)


def _tests(items: Items, given: tuple[Any, ...], block: Maybe, frame: frames.Frame) -> Iterator[bool]:
    """For each item, whether it is what is asked for: a pattern or value given, what a block says, or true at all."""
    frame.spend(len(items))
    if given:
        return (operators.case_equal(frame, given[0], each) for each in items)
    return (kinds.truthy(block(each) if block else each) for each in items)


def _any(frame: frames.Frame, items: Items, *given: Any, block: Maybe = None) -> bool:
    return any(_tests(items, given, block, frame))


def _all(frame: frames.Frame, items: Items, *given: Any, block: Maybe = None) -> bool:
    return all(_tests(items, given, block, frame))


def _none(frame: frames.Frame, items: Items, *given: Any, block: Maybe = None) -> bool:
    return not any(_tests(items, given, block, frame))


def _one(frame: frames.Frame, items: Items, *given: Any, block: Maybe = None) -> bool:
    return sum(_tests(items, given, block, frame)) == 1


def _count(frame: frames.Frame, items: Items, *given: Any, block: Maybe = None) -> int:
    return sum(_tests(items, given, block, frame)) if given or block else len(items)


def _index(_: frames.Frame, items: Items, *given: Any, block: Maybe = None) -> int | None:
    if given:
        return next((at for at, each in enumerate(items) if kinds.same(each, given[0])), None)
    if block is None:
        raise frames.Refusal("it takes an item or a block")
    return next((at for at, each in enumerate(items) if kinds.truthy(block(each))), None)


def _sum(frame: frames.Frame, items: Items, start: Any = 0, *, block: Maybe = None) -> Any:
    return lists.total(frame, [block(each) for each in items] if block else items, start)


def _keyed(items: Items, block: kinds.Block) -> list[tuple[Any, Any]]:
    return [(block(each), each) for each in items]


def _sort_by(frame: frames.Frame, items: Items, *, block: kinds.Block) -> Items:
    order = lists.order(frame)
    return [each for _, each in sorted(_keyed(items, block), key=lambda pair: order(pair[0]))]


def _sort(frame: frames.Frame, items: Items, *, block: Maybe = None) -> Items:
    if block is None:
        return lists.arranged(frame, items)
    return sorted(items, key=functools.cmp_to_key(lambda left, right: kinds.whole(block(left, right))))


def _max_by(frame: frames.Frame, items: Items, *, block: kinds.Block) -> Any:
    order = lists.order(frame)
    return max(_keyed(items, block), key=lambda pair: order(pair[0]))[1] if items else None


def _min_by(frame: frames.Frame, items: Items, *, block: kinds.Block) -> Any:
    order = lists.order(frame)
    return min(_keyed(items, block), key=lambda pair: order(pair[0]))[1] if items else None


def _max(frame: frames.Frame, items: Items, count: Any = None, *, block: Maybe = None) -> Any:
    return lists.largest(frame, _sort(frame, items, block=block) if block else items, count)


def _group_by(frame: frames.Frame, items: Items, *, block: kinds.Block) -> Any:
    groups: dict[str, Items] = {}
    for key, each in _keyed(items, block):
        groups.setdefault(spelling.text(key, frame), []).append(each)
    return kinds.weigh(frame, groups)


def _index_by(frame: frames.Frame, items: Items, *, block: kinds.Block) -> Any:
    return {spelling.text(key, frame): each for key, each in _keyed(items, block)}


def _index_with(frame: frames.Frame, items: Items, *, block: kinds.Block) -> Any:
    return kinds.weigh(frame, {spelling.text(each, frame): block(each) for each in items})


def _uniq(frame: frames.Frame, items: Items, *, block: Maybe = None) -> Items:
    frame.spend(len(items))
    if block is None:
        kinds.weigh(frame, items)
        return kinds.unique(items)
    found: dict[Any, Any] = {}
    for key, each in _keyed(items, block):
        found.setdefault(kinds.key(key), each)
    return list(found.values())


def _reduce(frame: frames.Frame, items: Items, *given: Any, block: Maybe = None) -> Any:
    if block is None and given and isinstance(given[-1], str) and given[-1] in operators.BINARY:
        operate = operators.BINARY[given[-1]]
        block, given = (lambda left, right: operate(frame, left, right)), given[:-1]
    if block is None:
        raise frames.Refusal("it takes a block or an operator")
    rest = [*given[:1], *items]
    for each in rest[1:]:
        rest[0] = block(rest[0], each)
    return rest[0] if rest else None


def _to_h(frame: frames.Frame, items: Items, *, block: Maybe = None) -> Any:
    pairs = [block(each) for each in items] if block else items
    if any(type(each) is not list or len(each) != 2 for each in pairs):
        raise frames.Refusal("it takes pairs")
    return kinds.weigh(frame, {spelling.text(key, frame): item for key, item in pairs})


def _while(_: frames.Frame, items: Items, *, block: kinds.Block) -> Items:
    return items[: next((at for at, each in enumerate(items) if not kinds.truthy(block(each))), len(items))]


def _after(_: frames.Frame, items: Items, *, block: kinds.Block) -> Items:
    return items[next((at for at, each in enumerate(items) if not kinds.truthy(block(each))), len(items)) :]


def _min(frame: frames.Frame, items: Items, count: Any = None) -> Any:
    return lists.smallest(frame, items, count)


LIST: dict[str, Callable[..., Any]] = {
    "map": _map,
    "collect": _map,
    "flat_map": _flat_map,
    "filter_map": _filter_map,
    "select": _select,
    "filter": _select,
    "reject": _reject,
    "partition": _partition,
    "find": _find,
    "detect": _find,
    "each": _each,
    "each_with_index": _each_with_index,
    "each_slice": _each_slice,
    "any?": _any,
    "all?": _all,
    "none?": _none,
    "one?": _one,
    "count": _count,
    "index": _index,
    "find_index": _index,
    "sum": _sum,
    "sort": _sort,
    "sort_by": _sort_by,
    "max": _max,
    "min": _min,
    "max_by": _max_by,
    "min_by": _min_by,
    "group_by": _group_by,
    "index_by": _index_by,
    "index_with": _index_with,
    "uniq": _uniq,
    "reduce": _reduce,
    "inject": _reduce,
    "to_h": _to_h,
    "take_while": _while,
    "drop_while": _after,
}
NOT_OF_OBJECTS = {"index", "uniq", "sort", "max", "min", "each_slice", "select", "filter", "reject", "to_h"}


def _of_range(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def run(frame: frames.Frame, bounds: kinds.Range, *given: Any, **labels: Any) -> Any:
        return method(frame, operators.listed(frame, bounds), *given, **labels)

    return run


RANGE: dict[str, Callable[..., Any]] = {name: _of_range(method) for name, method in LIST.items()}


def _of_object(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def run(frame: frames.Frame, pairs: dict[str, Any], *given: Any, **labels: Any) -> Any:
        return method(frame, [[key, item] for key, item in pairs.items()], *given, **labels)

    return run


OBJECT: dict[str, Callable[..., Any]] = {
    name: _of_object(method) for name, method in LIST.items() if name not in NOT_OF_OBJECTS
}
