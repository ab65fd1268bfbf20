"""The steps of a recipe as a tree, which step of one tree is which step of another, and which fields are for the eye.

A step keeps its `uuid` and its `as` for life, because data pills and variables name them. So steps are known by these,
and only those that have neither in common by where they stand and what they do.

Cosmetic is what the editor writes for itself or for people to read, and no execution looks at:

- `number` repeats where the step stands; `title`, `description` and `comment` are read by people.
- `dynamicPickListSelection` caches labels, and they go stale; the value that counts stands in `input`.
- The `uuid` of a condition: nothing names it, and editors give it anew.
- A block without steps is as good as none.
- `toggleCfg`, `visible_config_fields`, `hidden_config_fields`, `collapsed_conditions` and `wizardFinished` are the
  state of the editor's form.
- Of `extended_input_schema` and `extended_output_schema` the labels, hints and controls, and the order of the fields.
  The rest of them counts: an input field that no schema covers is not sent, and `type`, `parse_output` and
  `render_input` convert values on their way.

Everything else has a meaning, what nobody knows included: `mask_data` hides data, `unfinished` may keep a recipe from
starting, `uuid` and `as` are what other steps hold on to. Of the recipe itself `description`, `version` (the counter of
the workspace it came from) and `version_comment` are cosmetic.
"""

from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from recipeyard.model import documents

Object = Mapping[str, documents.Value]

Path = tuple[str, ...]
"""The way to a field: keys, and elements of lists in brackets."""

COSMETIC = frozenset(
    "number title description comment dynamicPickListSelection toggleCfg visible_config_fields hidden_config_fields"
    " collapsed_conditions wizardFinished".split()
)
COSMETIC_OF_RECIPES = frozenset("description version version_comment".split())
CONDITIONAL = frozenset({"if", "elsif", "while_condition"})
SCHEMAS = frozenset({"extended_input_schema", "extended_output_schema"})
COSMETIC_IN_SCHEMAS = frozenset(
    "label hint sticky control_type toggle_hint toggle_field pick_list pick_list_params ngIf change_on_blur"
    " extends_schema placeholder support_pills".split()
)


@dataclass(frozen=True, slots=True)
class Node:
    """A step in its tree. Nodes are named by their place in pre-order; the trigger's `parent` is -1."""

    number: int
    parent: int
    children: Sequence[int]
    step: Object

    def text(self, key: str) -> str | None:
        """The step's value under that key, None where it is no text or an empty one."""
        value = self.step.get(key)
        return value if isinstance(value, str) and not isinstance(value, documents.Number) and value else None


Tree = Sequence[Node]


def tree(code: documents.Value) -> Tree:
    """Every step in pre-order; none where there is no step tree."""
    nodes: list[Node] = []
    children: list[list[int]] = []
    stack: list[tuple[Object, int]] = [(code, -1)] if isinstance(code, Mapping) else []
    while stack:
        step, parent = stack.pop()
        number = len(nodes)
        children.append([])
        nodes.append(Node(number, parent, children[number], step))
        if parent >= 0:
            children[parent].append(number)
        stack += [(child, number) for child in reversed(block(step))]
    return nodes


def block(step: Object) -> Sequence[Object]:
    """The steps inside a step; none where its block is anything but a list of them."""
    found = step.get("block")
    inside = [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []
    return inside if isinstance(found, list) and len(inside) == len(found) else []


def own(step: Object) -> dict[str, documents.Value]:
    """A step's own fields: of its block stays whether it has one, and whatever is no list of steps."""
    return {**step, "block": []} if block(step) else dict(step)


def pair(before: Tree, after: Tree, *, by_likeness: bool = True) -> dict[int, int]:
    """Which step of `before` each step of `after` is, by number: by `uuid`, else by `as`, else as its likes stand.

    Not `by_likeness`, steps that have a uuid or an `as` are never told by their likes.
    """
    pairs: dict[int, int] = {0: 0} if before and after else {}
    for key in ("uuid", "as"):
        taken = set(pairs.values())
        left = _unique((node for node in before if node.number not in taken), key)
        right = _unique((node for node in after if node.number not in pairs), key)
        pairs |= {node.number: left[name].number for name, node in right.items() if name in left}
    taken = set(pairs.values())
    for node in after:
        if node.number in pairs and len(pairs) < len(after):
            lefts = [before[each] for each in before[pairs[node.number]].children if each not in taken]
            rights = [after[each] for each in node.children if each not in pairs]
            if not by_likeness:
                lefts, rights = _nameless(lefts), _nameless(rights)
            found = _alike(lefts, rights)
            pairs |= found
            taken |= set(found.values())
    return pairs


def in_order(places: Sequence[int]) -> set[int]:
    """The longest run of places that only go up; what is not in it has moved among its siblings."""
    ends: list[int] = []
    best: list[int] = []
    came_from: list[int] = []
    for at, place in enumerate(places):
        length = bisect_left(ends, place)
        came_from.append(best[length - 1] if length else -1)
        ends[length : length + 1] = [place]
        best[length : length + 1] = [at]
    return _run(places, came_from, best[-1] if best else -1)


def cosmetic(step: Object) -> Callable[[Path, str], bool]:
    """Tells of a field of that step, by its path and its change, whether it is for the eye alone."""
    groups = {"filter", "input"} if step.get("keyword") in CONDITIONAL else {"filter"}

    def is_cosmetic(path: Path, change: str) -> bool:
        if path[0] in SCHEMAS:
            return change == "moved" or any(part in COSMETIC_IN_SCHEMAS for part in path[1:])
        if path == ("block",):
            return change in {"added", "removed"}
        is_condition = path[0] in groups and path[1:2] == ("conditions",)
        return path[0] in COSMETIC or (is_condition and path[3:] == ("uuid",))

    return is_cosmetic


def is_cosmetic_of_recipe(path: Path, _: str) -> bool:
    """The same, of a field of the recipe beside its steps."""
    return path[0] in COSMETIC_OF_RECIPES


def _unique(nodes: Iterable[Node], key: str) -> dict[str, Node]:
    named = [(name, node) for node in nodes if (name := node.text(key))]
    times = Counter(name for name, _ in named)
    return {name: node for name, node in named if times[name] == 1}


def _nameless(nodes: Iterable[Node]) -> list[Node]:
    return [node for node in nodes if not node.text("uuid") and not node.text("as")]


def _alike(before: Sequence[Node], after: Sequence[Node]) -> dict[int, int]:
    """Pairs of siblings: equal ones from the end, then each the next of the same keyword, provider and name."""
    lefts, rights = ([_bare(node.step) for node in reversed(nodes)] for nodes in (before, after))
    same = list(takewhile(lambda at: lefts[at] == rights[at], range(min(len(before), len(after)))))
    pairs = {after[-1 - at].number: before[-1 - at].number for at in same}
    waiting: dict[tuple[str | None, ...], deque[int]] = defaultdict(deque)
    for node in before[: len(before) - len(same)]:
        waiting[_likeness(node)].append(node.number)
    for node in after[: len(after) - len(same)]:
        if waiting[_likeness(node)]:
            pairs[node.number] = waiting[_likeness(node)].popleft()
    return pairs


def _bare(step: Object) -> Object:
    """A step without what its neighbours and its block change of it."""
    return {key: value for key, value in step.items() if key not in {"number", "block"}}


def _likeness(node: Node) -> tuple[str | None, ...]:
    return node.text("keyword"), node.text("provider"), node.text("name")


def _run(places: Sequence[int], came_from: Sequence[int], at: int) -> set[int]:
    run: set[int] = set()
    while at >= 0:
        run.add(places[at])
        at = came_from[at]
    return run
