"""Lint: what a recipe's steps tell of themselves that is most likely a mistake, found without running anything.

A rule says only what it can decide: of formulas, of what apps answer and of conditions over data it says nothing. Steps
that are disabled (`skip`), and all inside them, are passed over: they don't run.

- `unreachable_steps`: steps behind one that always ends the job, and branches whose condition can never hold, or that
  stand behind one that always or just the same holds.
- `dangling_pills`: data pills that name a step that is not there, stands further down, or is a loop or an error handler
  that the pill stands outside of.
- `missing_error_handling`: actions of apps that no `try` surrounds. What handles an error stands inside its `try`, too.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from recipeyard.model import catalogue, documents, step_trees


class Rule(StrEnum):
    """What is looked for."""

    UNREACHABLE = "unreachable_steps"
    DANGLING = "dangling_pills"
    UNHANDLED = "missing_error_handling"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What a rule says of a step, which is counted from 0 in reading order."""

    step: int
    rule: Rule
    message: str


def findings(code: documents.Value, rules: Collection[Rule]) -> list[Finding]:
    """What these rules say of a recipe's steps, in the order of the steps."""
    tree = step_trees.tree(code)
    return sorted(each for rule in rules for each in _RULES[rule](tree, _disabled(tree)))


def _disabled(tree: step_trees.Tree) -> set[int]:
    found: set[int] = set()
    for node in tree:
        if node.step.get("skip") is True or node.parent in found:
            found.add(node.number)
    return found


_BRANCHES = frozenset({"elsif", "else"})
_TAILS = _BRANCHES | {"catch", "while_condition"}
"""What stands at the end of another step's block without being the next thing done."""


def _unreachable(tree: step_trees.Tree, disabled: set[int]) -> Iterator[Finding]:
    ends = _ends(tree, disabled)
    dead: set[int] = set()
    for node in tree:
        if node.number in dead or node.number in disabled:
            dead |= set(node.children)
            continue
        told = [*_never_taken(tree, node, disabled), *_behind(tree, node, ends, disabled)]
        for number, why in dict(reversed(told)).items():
            dead.add(number)
            yield Finding(number, Rule.UNREACHABLE, f"can't be reached: {why}")


def _ends(tree: step_trees.Tree, disabled: set[int]) -> set[int]:
    """The steps that always end the job. A loop may have nothing to do, a `try` may go on in its `catch`."""
    found: set[int] = set()
    for node in reversed(tree):
        keyword = node.text("keyword")
        if node.number in disabled or keyword in {"foreach", "try"}:
            continue
        body = any(child in found for child in _body(tree, node))
        branches = [child for child in node.children if tree[child].text("keyword") in _BRANCHES]
        if keyword == "if":
            has_else = any(tree[child].text("keyword") == "else" for child in branches)
            body = body and has_else and all(child in found for child in branches)
        if body or keyword == "stop":
            found.add(node.number)
    return found


def _body(tree: step_trees.Tree, node: step_trees.Node) -> list[int]:
    return [child for child in node.children if tree[child].text("keyword") not in _TAILS]


def _behind(
    tree: step_trees.Tree, node: step_trees.Node, ends: set[int], disabled: set[int]
) -> Iterator[tuple[int, str]]:
    """What stands in a step's block behind a step that always ends the job."""
    body = [child for child in _body(tree, node) if child not in disabled]
    last = next((at for at, child in enumerate(body) if child in ends), len(body))
    for child in body[last + 1 :]:
        yield child, f"step {body[last]} always ends the job"


def _never_taken(tree: step_trees.Tree, node: step_trees.Node, disabled: set[int]) -> Iterator[tuple[int, str]]:
    """The branches of an `if` that nothing can lead to: its own body by its steps, `elsif` and `else` whole."""
    if node.text("keyword") != "if":
        return
    before: dict[str | None, int] = {}
    always: int | None = None
    for branch in [node, *(tree[each] for each in node.children if tree[each].text("keyword") in _BRANCHES)]:
        if branch.number in disabled:
            continue
        group = branch.step.get("input")
        why = _never(branch, before) if always is None else f"the condition of step {always} always holds"
        if why:
            yield from ((each, why) for each in (_body(tree, node) if branch is node else [branch.number]))
        elif _holds(group):
            always = branch.number
        before.setdefault(_spelled(group), branch.number)


def _never(branch: step_trees.Node, before: Mapping[str | None, int]) -> str | None:
    """Why a branch is never taken, as far as its own condition tells; `before` has those of the branches above it."""
    group = branch.step.get("input")
    spelled = _spelled(group)
    if branch.text("keyword") == "else":
        return None
    if _holds(group) is False:
        return f"the condition of step {branch.number} never holds"
    if spelled is not None and spelled in before:
        return f"step {before[spelled]} has the same condition"
    return None


def _spelled(group: documents.Value) -> str | None:
    """A condition as text, the same for the same condition; None where a formula may come out otherwise each time."""
    conditions = group.get("conditions") if isinstance(group, Mapping) else None
    told = [each for each in conditions if isinstance(each, Mapping)] if isinstance(conditions, list) else []
    sides = [[each.get(key) for key in ("operand", "lhs", "rhs")] for each in told]
    if not isinstance(group, Mapping) or not sides or any(str(side).startswith("=") for each in sides for side in each):
        return None
    return json.dumps([group.get("operand"), sides], sort_keys=True)


def _holds(group: documents.Value) -> bool | None:
    """Whether a condition always holds (or never), None where that depends on something."""
    conditions = group.get("conditions") if isinstance(group, Mapping) else None
    if not isinstance(group, Mapping) or not isinstance(conditions, list) or not conditions:
        return None
    each = [_decided(condition) for condition in conditions]
    if group.get("operand") == "or":
        return True if True in each else False if set(each) == {False} else None
    return False if False in each else True if set(each) == {True} else None


def _decided(condition: documents.Value) -> bool | None:
    if not isinstance(condition, Mapping):
        return None
    left, right = _literal(condition.get("lhs")), _literal(condition.get("rhs"))
    operand = str(condition.get("operand"))
    if left is None:
        return None
    if operand in {"present", "blank"}:
        return None if left and not left.strip() else bool(left) == (operand == "present")
    if operand in {"is_true", "is_not_true"}:
        return (left == "true") == (operand == "is_true") if left in {"true", "false"} else None
    if operand in {"equals_to", "not_equals_to"} and right is not None and not (_NUMBER(left) and _NUMBER(right)):
        return (left == right) == (operand == "equals_to")
    return None


_NUMBER = re.compile(r"\s*[-+]?[\d.,]+\s*").fullmatch


def _literal(value: documents.Value) -> str | None:
    """A text that stands for itself; None for what is computed."""
    if not isinstance(value, str):
        return None
    return None if value.startswith("=") or "#{" in value or "_dp(" in value or "_('" in value else value


@dataclass(frozen=True, slots=True)
class _Pill:
    """What a pill names: a step by its alias; the item of a loop, an error, or what the step answers."""

    provider: str
    alias: str


_PILL_FIELDS = ("input", "filter", "source")
_NEW_PILL = re.compile(r"_dp\('(?=\{)")
_OLD_PILL = re.compile(r"_\('data\.([^'.]+)\.([^'.]+)[.']")
_DECODER = json.JSONDecoder()
_INSIDE = {"foreach": frozenset({"foreach"}), "catch": frozenset({"catch"})}
"""What only has a value inside a block, by the provider that pills give it: the keywords that begin such a block."""


def _dangling(tree: step_trees.Tree, disabled: set[int]) -> Iterator[Finding]:
    named = {name: node for node in reversed(tree) if (name := node.text("as"))}
    for node in tree:
        if node.number in disabled:
            continue
        around = _ancestors(tree, node)
        for pill in dict.fromkeys(each for field in _PILL_FIELDS for each in _pills(node.step.get(field))):
            if why := _wrong(pill, node, named.get(pill.alias), around):
                yield Finding(node.number, Rule.DANGLING, f"a data pill names {why}")


def _wrong(pill: _Pill, node: step_trees.Node, meant: step_trees.Node | None, around: Collection[int]) -> str | None:
    if meant is None:
        return f"step {pill.alias!r}, which is not there"
    if meant.number > node.number:
        return f"step {pill.alias!r}, which stands further down, at {meant.number}"
    if meant.text("keyword") in _INSIDE.get(pill.provider, ()) and meant.number not in {*around, node.number}:
        return f"step {pill.alias!r} ({meant.text('keyword')}), outside of which it stands"
    return None


def _ancestors(tree: step_trees.Tree, node: step_trees.Node) -> list[int]:
    found: list[int] = []
    while node.parent >= 0:
        found.append(node.parent)
        node = tree[node.parent]
    return found


def _pills(value: documents.Value) -> Iterator[_Pill]:
    stack = [value]
    while stack:
        each = stack.pop()
        if isinstance(each, str):
            yield from _pills_of(each)
        elif isinstance(each, Mapping):
            stack += each.values()
        elif isinstance(each, Sequence):
            stack += each


def _pills_of(text: str) -> Iterator[_Pill]:
    for match in _NEW_PILL.finditer(text):
        try:
            value, _ = _DECODER.raw_decode(text, match.end())
        except json.JSONDecodeError:
            continue
        provider, alias = value.get("provider"), value.get("line")
        if isinstance(alias, str) and isinstance(provider, str):
            yield _Pill(provider, alias)
    yield from (_Pill(*match) for match in _OLD_PILL.findall(text) if match[0] != "workato")


def _unhandled(tree: step_trees.Tree, disabled: set[int]) -> Iterator[Finding]:
    safe: set[int] = set()
    for node in tree:
        if node.text("keyword") == "try" or node.parent in safe:
            safe.add(node.number)
        provider = node.text("provider")
        if (
            node.text("keyword") != "action"
            or node.number in disabled | safe
            or provider in {None, *catalogue.PLATFORM}
        ):
            continue
        what = f"action {node.text('name') or '?'} of {provider} stands outside any try"
        yield Finding(node.number, Rule.UNHANDLED, what)


_RULES = {Rule.UNREACHABLE: _unreachable, Rule.DANGLING: _dangling, Rule.UNHANDLED: _unhandled}
