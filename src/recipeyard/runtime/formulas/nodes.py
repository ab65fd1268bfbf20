"""Compiled pieces of a formula: closures over a Frame. Parsing makes them; evaluating calls them and walks no tree."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from recipeyard.runtime import values
from recipeyard.runtime.formulas import frames, kinds, methods, operators, spelling
from recipeyard.runtime.stepping import pills

Run: TypeAlias = Callable[[frames.Frame], Any]


@dataclass(slots=True)
class Node:
    """A piece: what runs it, where it stands, and how deep it nests."""

    run: Run
    at: int = 0
    depth: int = 1
    literal: Any = None
    kind: str = ""
    parts: tuple[Any, ...] = ()
    free: tuple["Name", ...] = ()
    """Names that a block around it must bind."""


@dataclass(slots=True, eq=False)
class Name:
    """A block's parameter where it is used, and, once its block is known, the place its value has in the frame."""

    spelled: str
    at: int
    place: int = 0


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a call is given: nodes in order, labelled ones by name, and perhaps a block."""

    nodes: tuple[Node, ...] = ()
    labelled: tuple[tuple[Node, Node], ...] = ()
    block: Node | None = None


def node(run: Run, at: int, *inner: Node, kind: str = "", parts: tuple[Any, ...] = ()) -> Node:
    """A piece made of others, if they do not nest too deep."""
    depth = 1 + max((each.depth for each in inner), default=0)
    if depth > frames.DEFAULT.nesting:
        raise frames.ExpressionError(f"it nests deeper than {frames.DEFAULT.nesting} levels", at)
    free = tuple(name for each in inner for name in each.free)
    return Node(run, at, depth, kind=kind, parts=parts, free=free)


def literal(value: Any, at: int) -> Node:
    """A value that stands in the text."""
    return Node(lambda _: value, at, literal=value, kind="literal")


def pill(asked: pills.Pill, at: int) -> Node:
    """What the run has for a pill."""
    known = kinds.NAMES

    def run(frame: frames.Frame) -> Any:
        value = frame.scope.pill(asked)
        return value if type(value) in known else kinds.plain(value)

    return Node(run, at, kind="pill")


def name(spelled: str, at: int) -> Node:
    """A block's parameter."""
    known = Name(spelled, at)
    return Node(lambda frame: frame.names[known.place], at, free=(known,))


def conditional(cases: Sequence[tuple[Node, Node]], otherwise: Node, at: int) -> Node:
    """`?:` and `if`: the first whose condition is true. One that ends in another becomes one with it."""
    inner = [each for case in cases for each in case]
    if otherwise.kind == "conditional":
        pairs, last = otherwise.parts
        pairs += [(condition.run, then.run) for condition, then in reversed(cases)]
        return _grown(otherwise, inner)
    pairs, last = [(condition.run, then.run) for condition, then in reversed(cases)], otherwise.run

    def run(frame: frames.Frame) -> Any:
        for condition, then in reversed(pairs):
            value = condition(frame)
            if value is not None and value is not False:
                return then(frame)
        return last(frame)

    return node(run, at, *inner, otherwise, kind="conditional", parts=(pairs, last))


def _grown(whole: Node, inner: Sequence[Node]) -> Node:
    """A piece that took in others at its own level: a row of them, however long, nests no deeper."""
    more = node(whole.run, whole.at, *inner)
    whole.depth, whole.free = max(whole.depth, more.depth), (*whole.free, *more.free)
    return whole


def both(left: Node, right: Node) -> Node:
    """`&&`."""
    one, other = left.run, right.run

    def run(frame: frames.Frame) -> Any:
        value = one(frame)
        return other(frame) if value is not None and value is not False else value

    return node(run, left.at, left, right)


def either(left: Node, right: Node) -> Node:
    """`||`."""
    one, other = left.run, right.run

    def run(frame: frames.Frame) -> Any:
        value = one(frame)
        return value if value is not None and value is not False else other(frame)

    return node(run, left.at, left, right)


def denial(inner: Node) -> Node:
    """`!`."""
    one = inner.run
    return node(lambda frame: not kinds.truthy(one(frame)), inner.at, inner)


def binary(left: Node, operator: str, right: Node, at: int) -> Node:
    """An operator between two values. A row of additions and subtractions becomes one piece, however long it is."""
    operate = operators.BINARY[operator]
    if operator not in ("+", "-"):
        return node(_operation(left.run, operate, right.run, at), at, left, right)
    if left.kind == "sum":
        left.parts[0].append((right.run, operate, at))
        return _grown(left, [right])
    terms = [(right.run, operate, at)]
    return node(_sum(left.run, terms), at, left, right, kind="sum", parts=(terms,))


def _operation(one: Run, operate: operators.Operator, other: Run, at: int) -> Run:
    def run(frame: frames.Frame) -> Any:
        left, right = one(frame), other(frame)
        frame.left -= 1
        try:
            return operate(frame, left, right)
        except frames.Refusal as refusal:
            raise frames.ExpressionError(str(refusal), at) from None

    return run


def _sum(first: Run, rest: list[tuple[Run, operators.Operator, int]]) -> Run:
    def run(frame: frames.Frame) -> Any:
        value = first(frame)
        for term, operate, at in rest:
            other = term(frame)
            frame.left -= 1
            if type(value) is str and type(other) is str and operate is operators.plus and len(value) < _SMALL:
                value += other
                continue
            try:
                value = operate(frame, value, other)
            except frames.Refusal as refusal:
                raise frames.ExpressionError(str(refusal), at) from None
        return value

    return run


_SMALL = 1_024


def negation(inner: Node, at: int) -> Node:
    """A minus before a value."""
    one = inner.run

    def run(frame: frames.Frame) -> Any:
        try:
            return operators.negate(one(frame))
        except frames.Refusal as refusal:
            raise frames.ExpressionError(str(refusal), at) from None

    return node(run, at, inner)


def call(receiver: Node, method: str, arguments: Arguments, at: int, *, safe: bool) -> Node:
    """A method called on a value; with `&.`, nil where the value is nil."""
    known = methods.named(method)
    if safe:
        known = {**known, type(None): methods.NOTHING}
    if method == "[]" and len(arguments.nodes) == 1 and not arguments.labelled and not safe:
        return _index(receiver, arguments.nodes[0], known, at)
    simple = not arguments.nodes and not arguments.labelled and not arguments.block
    run = _simple(receiver.run, method, known, at) if simple else _full(receiver.run, method, known, arguments, at)
    inner = [receiver, *arguments.nodes, *(each for pair in arguments.labelled for each in pair)]
    return node(run, at, *inner, *([arguments.block] if arguments.block else ()))


def _index(receiver: Node, key: Node, known: methods.ByKind, at: int) -> Node:
    """`[…]` with one key: what most ask is an object's value by a text."""
    one, other = receiver.run, key.run

    def run(frame: frames.Frame) -> Any:
        value, asked = one(frame), other(frame)
        frame.left -= 1
        if type(value) is dict and type(asked) is str:
            return value.get(asked)
        try:
            method = known.get(type(value)) or methods.missing("[]", value)
            return method.called(frame, value, (asked,), {}, None)
        except frames.Refusal as refusal:
            raise frames.ExpressionError(methods.said("[]", refusal), at) from None
        except frames.SURPRISES as error:
            raise frames.ExpressionError(f"[]: it cannot do this: {error}", at) from error

    return node(run, at, receiver, key)


def _simple(receiver: Run, name: str, known: methods.ByKind, at: int) -> Run:
    def run(frame: frames.Frame) -> Any:
        value = receiver(frame)
        frame.left -= 1
        try:
            if frame.left < 0:
                frame.spend(0)
            method = known.get(type(value)) or methods.missing(name, value)
            return method.run(frame, value) if method.alone else method.called(frame, value, (), {}, None)
        except frames.Refusal as refusal:
            raise frames.ExpressionError(methods.said(name, refusal), at) from None
        except frames.SURPRISES as error:
            raise frames.ExpressionError(f"{name}: it cannot do this: {error}", at) from error

    return run


def _full(receiver: Run, name: str, known: methods.ByKind, arguments: Arguments, at: int) -> Run:
    given = tuple(each.run for each in arguments.nodes)
    labelled = tuple((key.run, item.run) for key, item in arguments.labelled)
    block = arguments.block.run if arguments.block else None
    plain, count = not labelled and not block, len(given)

    def run(frame: frames.Frame) -> Any:
        value = receiver(frame)
        positional = tuple([each(frame) for each in given])
        named = {key(frame): item(frame) for key, item in labelled} if labelled else {}
        frame.left -= 1
        try:
            if frame.left < 0:
                frame.spend(0)
            method = known.get(type(value)) or methods.missing(name, value)
            if plain and method.least <= count <= method.most and not method.needs_block:
                return method.run(frame, value, *positional)
            return method.called(frame, value, positional, named, block(frame) if block else None)
        except frames.Refusal as refusal:
            raise frames.ExpressionError(methods.said(name, refusal), at) from None
        except frames.SURPRISES as error:
            raise frames.ExpressionError(f"{name}: it cannot do this: {error}", at) from error

    return run


def function(method: methods.Method, name: str, arguments: Arguments, at: int) -> Node:
    """A function of the language: `lookup(…)`, `workato.uuid`."""
    run = _full(lambda _: None, name, {type(None): method}, arguments, at)
    return node(run, at, *arguments.nodes, *(each for pair in arguments.labelled for each in pair))


_PLACES = itertools.count(1)


def block(names: tuple[str, ...], body: Node) -> Node:
    """A block: what makes a Python function of it for one call. Its parameters have places that no other block has."""
    places = {each: next(_PLACES) for each in names}
    for each in body.free:
        each.place = places.get(each.spelled, 0)
    run = _block_of_one(next(iter(places.values())), body.run) if len(places) == 1 else _block(places, body.run)
    whole = node(run, body.at, body)
    whole.free = tuple(each for each in whole.free if each.spelled not in places)
    return whole


def _block_of_one(place: int, inside: Run) -> Run:
    def run(frame: frames.Frame) -> kinds.Block:
        names = frame.names

        def block(item: Any = None, *_: Any) -> Any:
            frame.left -= 1
            if frame.left < 0:
                frame.spend(0)
            names[place] = item
            return inside(frame)

        return block

    return run


def _block(places: dict[str, int], inside: Run) -> Run:
    """A block of several parameters, or none; one list is taken apart where there are several, as Ruby does."""
    order = tuple(places.values())

    def run(frame: frames.Frame) -> kinds.Block:
        def block(*items: Any) -> Any:
            frame.spend(1)
            if len(items) == 1 and isinstance(items[0], list):
                items = tuple(items[0])
            for at, place in enumerate(order):
                frame.names[place] = items[at] if at < len(items) else None
            return inside(frame)

        return block

    return run


def proc(method: str, at: int) -> Node:
    """`&:method`."""
    known = methods.named(method)

    def run(frame: frames.Frame) -> kinds.Block:
        def block(item: Any, *others: Any) -> Any:
            frame.spend(1)
            if operate := operators.BINARY.get(method):
                return operate(frame, item, *others)
            return (known.get(type(item)) or methods.missing(method, item)).called(frame, item, others, {}, None)

        return block

    return Node(run, at)


def list_of(items: tuple[Node, ...], at: int) -> Node:
    """`[…]`."""
    runs = tuple(each.run for each in items)

    def run(frame: frames.Frame) -> Any:
        return _weighed(frame, [each(frame) for each in runs], at)

    return node(run, at, *items)


def object_of(pairs: tuple[tuple[Node, Node], ...], at: int) -> Node:
    """`{…}`; keys become texts."""
    runs = tuple((key.run, item.run) for key, item in pairs)

    def run(frame: frames.Frame) -> Any:
        return _weighed(frame, {spelling.text(key(frame)): item(frame) for key, item in runs}, at)

    return node(run, at, *(each for pair in pairs for each in pair))


def _weighed(frame: frames.Frame, value: Any, at: int) -> Any:
    inner = value.values() if isinstance(value, dict) else value
    if any(type(each) is list or type(each) is dict for each in inner):
        try:
            return kinds.weigh(frame, value)
        except frames.Refusal as refusal:
            raise frames.ExpressionError(str(refusal), at) from None
    return value


def joined(parts: tuple[Node, ...], at: int) -> Node:
    """A string with `#{…}` in it."""
    runs = tuple(each.run for each in parts)

    def run(frame: frames.Frame) -> str:
        try:
            text = "".join([spelling.text(value, frame) for value in [each(frame) for each in runs]])
            frame.room(len(text))
        except frames.Refusal as refusal:
            raise frames.ExpressionError(str(refusal), at) from None
        return text

    return node(run, at, *parts)


def final(value: Any, frame: frames.Frame) -> values.Outcome:
    """What leaves the formula: durations as seconds, ranges as lists, no more than a result may be."""
    kind = type(value)
    if kind is list or kind is dict:
        odd = kinds.measured(frame, value)
    else:
        odd = kind in (kinds.Duration, kinds.Range, kinds.Pattern)
    return cast(values.Outcome, _settled(value, frame) if odd else value)


def _settled(value: Any, frame: frames.Frame) -> Any:
    if isinstance(value, list):
        return [_settled(each, frame) for each in value]
    if isinstance(value, dict):
        return {key: _settled(each, frame) for key, each in value.items()}
    if isinstance(value, kinds.Duration):
        return spelling.seconds(value)
    if isinstance(value, kinds.Range):
        return operators.listed(frame, value)
    return value.source if isinstance(value, kinds.Pattern) else value
