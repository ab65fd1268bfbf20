"""What each rule of the grammar becomes. The parser calls these bottom up, so that no tree is ever made."""

import types
from collections.abc import Callable
from typing import Any, NamedTuple

from lark import Token

from recipeyard.runtime.formulas import frames, kinds, methods, nodes, patterns, pill_calls, words

Node = nodes.Node


class Labelled(NamedTuple):
    """`key: value` or `key => value`."""

    key: Node
    value: Node


class Block(NamedTuple):
    """A block, or `&:method`."""

    node: Node


class Interpolation(NamedTuple):
    """`#{…}` in a string."""

    node: Node


class Branch(NamedTuple):
    """`elsif`, or `else` without a condition."""

    condition: Node | None
    body: Node


_DIGITS = 1_000


def _at(token: Token) -> int:
    return token.start_pos or 0


def _piece(part: Any) -> Node:
    return part.node if isinstance(part, Interpolation) else nodes.literal(str(part), _at(part))


def _start(inner: Node | None = None) -> Node:
    if inner and inner.free:
        raise frames.ExpressionError(f"there is no word {inner.free[0].spelled!r}", inner.free[0].at)
    return inner or nodes.literal(None, 0)


def _only_if(then: Node, condition: Node) -> Node:
    return nodes.conditional(((condition, then),), nodes.literal(None, then.at), then.at)


def _only_unless(then: Node, condition: Node) -> Node:
    return _only_if(then, nodes.denial(condition))


def _both(left: Node, right: Node) -> Node:
    return nodes.both(left, right)


def _either(left: Node, right: Node) -> Node:
    return nodes.either(left, right)


def _denial(*inner: Any) -> Node:
    return nodes.denial(inner[-1])


def _conditional(condition: Node, then: Node, otherwise: Node) -> Node:
    return nodes.conditional(((condition, then),), otherwise, condition.at)


def _between(first: Node, dots: Token, last: Node | None = None) -> Node:
    end = last or nodes.literal(None, first.at)
    one, other, exclusive = first.run, end.run, dots.type == "DOTS"
    return nodes.node(lambda frame: kinds.Range(one(frame), other(frame), exclusive), first.at, first, end)


def _until(dots: Token, last: Node) -> Node:
    other, exclusive = last.run, dots.type == "OPEN_DOTS"
    return nodes.node(lambda frame: kinds.Range(None, other(frame), exclusive), _at(dots), last)


def _binary(left: Node, operator: Token, right: Node) -> Node:
    return nodes.binary(left, str(operator), right, _at(operator))


def _negation(sign: Token, inner: Node) -> Node:
    return nodes.negation(inner, _at(sign))


def _word(name: Token) -> Node:
    found = words.WORDS.get(str(name))
    if name == "workato":
        return Node(lambda _: None, _at(name), kind="workato")
    if found:
        return Node(found, _at(name))
    if str(name) in methods.FUNCTIONS:
        return nodes.function(methods.FUNCTIONS[str(name)], str(name), nodes.Arguments(), _at(name))
    return nodes.name(str(name), _at(name))


def _function(name: Token, arguments: nodes.Arguments) -> Node:
    found = methods.FUNCTIONS.get(str(name))
    if not found:
        raise frames.ExpressionError(f"there is no function {str(name)!r}", _at(name))
    return nodes.function(found, str(name), arguments, _at(name))


def _call(receiver: Node, dot: Token, method: Token, *rest: Any) -> Node:
    arguments = next((each for each in rest if isinstance(each, nodes.Arguments)), nodes.Arguments())
    if rest and isinstance(rest[-1], Block):
        arguments = nodes.Arguments(arguments.nodes, arguments.labelled, rest[-1].node)
    if receiver.kind == "workato":
        return _namespaced(f"workato.{method}", arguments, _at(method))
    return nodes.call(receiver, str(method), arguments, _at(method), safe=dot.type == "SAFE")


def _namespaced(name: str, arguments: nodes.Arguments, at: int) -> Node:
    if name not in methods.FUNCTIONS:
        raise frames.ExpressionError(f"there is no function {name!r}", at)
    return nodes.function(methods.FUNCTIONS[name], name, arguments, at)


def _dot(dot: Token) -> Token:
    return dot


def _index(receiver: Node, bracket: Token, arguments: nodes.Arguments) -> Node:
    return nodes.call(receiver, "[]", arguments, _at(bracket), safe=False)


def _arguments(*given: Any) -> nodes.Arguments:
    labelled = tuple((each.key, each.value) for each in given if isinstance(each, Labelled))
    block = next((each.node for each in given if isinstance(each, Block)), None)
    return nodes.Arguments(tuple(each for each in given if isinstance(each, Node)), labelled, block)


def _labelled(label: Token, value: Node) -> Labelled:
    return Labelled(nodes.literal(str(label), _at(label)), value)


def _pair(key: Node, value: Node) -> Labelled:
    return Labelled(key, value)


def _proc(method: Token) -> Block:
    return Block(nodes.proc(str(method), _at(method)))


def _block(*parts: Any) -> Block:
    names, body = parts if len(parts) > 1 else ((), parts[0])
    return Block(nodes.block(names, body))


def _parameters(*names: Token) -> tuple[str, ...]:
    return tuple(str(each) for each in names if each.type == "NAME")


def _body(inner: Node | None = None) -> Node:
    return inner or nodes.literal(None, 0)


def _branch(condition: Node, body: Node) -> Branch:
    return Branch(condition, body)


def _otherwise(body: Node | None = None) -> Branch:
    return Branch(None, body or nodes.literal(None, 0))


def _branches(condition: Node, body: Node, *more: Branch) -> Node:
    cases = [(condition, body), *((each.condition, each.body) for each in more if each.condition)]
    last = next((each.body for each in more if not each.condition), nodes.literal(None, condition.at))
    return nodes.conditional(cases, last, condition.at)


def _unless(condition: Node, body: Node, *more: Branch) -> Node:
    return _branches(nodes.denial(condition), body, *more)


def _string(text: Token) -> Node:
    return nodes.literal(str(text), _at(text))


def _pill(spelled: Token) -> Node:
    return nodes.pill(pill_calls.spelled(spelled, _at(spelled)), _at(spelled))


def _integer(digits: Token) -> Node:
    if len(digits) > _DIGITS:
        raise frames.ExpressionError(f"a number of more than {_DIGITS} digits is too large", _at(digits))
    return nodes.literal(int(digits, 16 if "x" in digits.lower() else 10), _at(digits))


def _decimal(digits: Token) -> Node:
    return nodes.literal(float(digits), _at(digits))


def _true(word: Token) -> Node:
    return nodes.literal(value=True, at=_at(word))


def _false(word: Token) -> Node:
    return nodes.literal(value=False, at=_at(word))


def _nil(word: Token) -> Node:
    return nodes.literal(None, _at(word))


def _word_list(inner: Token) -> Node:
    return nodes.list_of(tuple(nodes.literal(each, _at(inner)) for each in inner.split()), _at(inner))


def _whole_pattern(spelled: Token) -> Node:
    flags, _, source = spelled.partition("/")
    return _compiled(source, flags, _at(spelled))


def _interpolation(inner: Node | None = None) -> Interpolation:
    return Interpolation(inner or nodes.literal("", 0))


def _interpolated(*parts: Any) -> Node:
    pieces = tuple(map(_piece, parts))
    return nodes.joined(pieces, pieces[0].at if pieces else 0)


def _pattern(*parts: Any) -> Node:
    *inner, flags = parts
    pieces = tuple(map(_piece, inner))
    at = pieces[0].at if pieces else _at(flags)
    if any(isinstance(each, Interpolation) for each in inner):
        return nodes.node(patterns.made(nodes.joined(pieces, at).run, str(flags), at), at, *pieces)
    return _compiled("".join(each.literal for each in pieces), str(flags), at)


def _compiled(source: str, flags: str, at: int) -> Node:
    try:
        return nodes.literal(patterns.compiled(source, flags), at)
    except frames.Refusal as refusal:
        raise frames.ExpressionError(str(refusal), at) from None


def _listing(bracket: Token, given: nodes.Arguments) -> Node:
    items = given.nodes
    if given.labelled:
        items = (*items, nodes.object_of(given.labelled, _at(bracket)))
    return nodes.list_of(items, _at(bracket))


def _mapping(bracket: Token, given: nodes.Arguments) -> Node:
    if given.nodes or given.block:
        raise frames.ExpressionError("an object has keys with values", _at(bracket))
    return nodes.object_of(given.labelled, _at(bracket))


_RULES: dict[str, Callable[..., Any]] = {
    "start": _start,
    "only_if": _only_if,
    "only_unless": _only_unless,
    "both": _both,
    "either": _either,
    "denial": _denial,
    "conditional": _conditional,
    "between": _between,
    "until": _until,
    "whole_pattern": _whole_pattern,
    "binary": _binary,
    "negation": _negation,
    "word": _word,
    "function": _function,
    "call": _call,
    "dot": _dot,
    "index": _index,
    "arguments": _arguments,
    "labelled": _labelled,
    "pair": _pair,
    "proc": _proc,
    "block": _block,
    "parameters": _parameters,
    "body": _body,
    "branch": _branch,
    "otherwise": _otherwise,
    "branches": _branches,
    "unless": _unless,
    "string": _string,
    "pill": _pill,
    "integer": _integer,
    "decimal": _decimal,
    "true": _true,
    "false": _false,
    "nil": _nil,
    "word_list": _word_list,
    "interpolation": _interpolation,
    "interpolated": _interpolated,
    "pattern": _pattern,
    "listing": _listing,
    "mapping": _mapping,
}


def _inline(build: Callable[..., Any]) -> Callable[[list[Any]], Any]:
    return lambda children: build(*children)


CALLBACKS = types.SimpleNamespace(**{rule: _inline(build) for rule, build in _RULES.items()})
"""What the parser calls, by rule."""
