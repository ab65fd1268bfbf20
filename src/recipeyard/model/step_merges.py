"""Three-way merges of step trees: which steps stay, where they stand, and what each of them says.

Steps are known by `uuid` and `as`, and by their likes only where they have neither: a step that was replaced by one of
its kind has been deleted. A step deleted on one side must be untouched on the other, in meaning. What both sides put in
is the same step where it bears the same name.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from recipeyard.model import documents, field_diffs, sequences, step_trees, value_merges

Name = int
"""What a step goes by in all three trees."""

ROOT: Name = 0
NOWHERE: Name = -1


@dataclass(frozen=True, slots=True)
class _Side:
    """One tree by the names of its steps: their nodes, the steps they stand in, and the steps that stand in them."""

    nodes: Mapping[Name, step_trees.Node]
    parents: Mapping[Name, Name]
    blocks: Mapping[Name, Sequence[Name]]

    def step(self, name: Name) -> step_trees.Object:
        """A step's own fields, none where the tree does not have it."""
        return step_trees.own(self.nodes[name].step) if name in self.nodes else {}


@dataclass(slots=True)
class _Merge:
    """Three trees, and what was found not to go together."""

    base: _Side
    here: _Side
    incoming: _Side
    conflicts: list[str] = field(default_factory=list)

    def node(self, name: Name) -> step_trees.Node:
        """A step as people find it: here, else in what arrives, else as it was."""
        return next(side.nodes[name] for side in (self.here, self.incoming, self.base) if name in side.nodes)

    def clash(self, name: Name, what: str) -> None:
        self.conflicts.append(f"{label(self.node(name))} {what}")


def merge(
    base: step_trees.Object, here: step_trees.Object, incoming: step_trees.Object
) -> tuple[dict[str, documents.Value], list[str]]:
    """Both sides' changes of a step tree in one, and what does not go together, in sentences.

    The tree is whole only where everything goes together. Its numbers are not set anew.
    """
    trees = [step_trees.tree(each) for each in (base, here, incoming)]
    sides = [_side(tree, names) for tree, names in zip(trees, _names(*trees), strict=True)]
    merge = _Merge(sides[0], sides[1], sides[2])
    parents = _parents(merge)
    _refuse_lost(merge, parents)
    blocks = _blocks(merge, parents)
    steps = {name: _step(merge, name) for name in parents}
    if not merge.conflicts:
        _refuse_loops(merge, blocks)
    if not merge.conflicts:
        for name, block in blocks.items():
            if block:
                steps[name]["block"] = [steps[each] for each in block]
    return steps[ROOT], merge.conflicts


def label(node: step_trees.Node) -> str:
    """A step in a sentence: its number, its keyword, and what it does."""
    does = "/".join(text for text in (node.text("provider"), node.text("name")) if text)
    said = " ".join(text for text in (node.text("keyword"), does) if text)
    return f"step {node.number} ({said})" if said else f"step {node.number}"


def _names(base: step_trees.Tree, here: step_trees.Tree, incoming: step_trees.Tree) -> list[list[Name]]:
    """What each step of each tree goes by: its number in the base, else one of its own, the same on both sides."""
    found, arrived = (step_trees.pair(base, tree, by_likeness=False) for tree in (here, incoming))
    both = step_trees.pair(here, incoming, by_likeness=False)
    new_here, new_incoming = len(base), len(base) + len(here)
    mine = [found.get(at, new_here + at) for at in range(len(here))]
    put_in = {at: mine[both[at]] for at in both if both[at] not in found}
    theirs = [arrived.get(at, put_in.get(at, new_incoming + at)) for at in range(len(incoming))]
    return [list(range(len(base))), mine, theirs]


def _side(tree: step_trees.Tree, names: Sequence[Name]) -> _Side:
    return _Side(
        {names[node.number]: node for node in tree},
        {names[node.number]: names[node.parent] if node.parent >= 0 else NOWHERE for node in tree},
        {names[node.number]: [names[child] for child in node.children] for node in tree},
    )


def _parents(merge: _Merge) -> dict[Name, Name]:
    """The steps that stay, and the step that each of them stands in."""
    parents: dict[Name, Name] = {}
    for name in dict.fromkeys([*merge.here.nodes, *merge.incoming.nodes]):
        if name in merge.base.nodes and name not in merge.here.nodes:
            if _is_touched(merge.base, merge.incoming, name):
                merge.clash(name, "was deleted here, and changed in what arrives")
        elif name in merge.base.nodes and name not in merge.incoming.nodes:
            if _is_touched(merge.base, merge.here, name):
                merge.clash(name, "was changed here, and deleted in what arrives")
        else:
            parents[name] = _parent(merge, name)
    return parents


def _parent(merge: _Merge, name: Name) -> Name:
    base, here, incoming = (side.parents.get(name) for side in (merge.base, merge.here, merge.incoming))
    if here not in (base, incoming) and incoming != base:
        merge.clash(name, "was put into another block on both sides, not the same")
    parent = here if incoming in (here, base) else incoming
    return NOWHERE if parent is None else parent


def _is_touched(base: _Side, side: _Side, name: Name) -> bool:
    """Whether a step was moved there, or changed in meaning, or its block was put in another order."""
    if base.parents[name] != side.parents[name]:
        return True
    stay = set(base.blocks[name]) & set(side.blocks[name])
    if [each for each in base.blocks[name] if each in stay] != [each for each in side.blocks[name] if each in stay]:
        return True
    fields = field_diffs.between(base.step(name), side.step(name), step_trees.cosmetic(side.nodes[name].step))
    return not all(each.cosmetic for each in fields)


def _refuse_lost(merge: _Merge, parents: Mapping[Name, Name]) -> None:
    """Steps that stay in a block that does not."""
    for name, parent in parents.items():
        if parent != NOWHERE and parent not in parents:
            where = "here" if parent not in merge.here.nodes else "in what arrives"
            merge.clash(name, f"stands in {label(merge.node(parent))}, which was deleted {where}")


def _blocks(merge: _Merge, parents: Mapping[Name, Name]) -> dict[Name, Sequence[Name]]:
    """The steps in each step, in their order."""
    wanted: dict[Name, list[Name]] = defaultdict(list)
    for name, parent in parents.items():
        wanted[parent].append(name)
    blocks: dict[Name, Sequence[Name]] = {}
    for name in parents:
        was, here, incoming = (side.blocks.get(name, ()) for side in (merge.base, merge.here, merge.incoming))
        try:
            blocks[name] = sequences.merge(was, here, incoming, wanted[name])
        except sequences.Clash as clash:
            merge.clash(name, f"holds steps that {clash}")
    return blocks


def _step(merge: _Merge, name: Name) -> dict[str, documents.Value]:
    """A step's own fields; all of them where it stands on one side alone."""
    sides = [side for side in (merge.here, merge.incoming) if name in side.nodes]
    if len(sides) == 1:
        return dict(sides[0].step(name))

    def clash(path: step_trees.Path, what: str) -> None:
        merge.clash(name, f"can't have both: {field_diffs.spell(path)} {what}")

    rules = value_merges.Rules(step_trees.cosmetic(merge.incoming.nodes[name].step), clash)
    return value_merges.objects(merge.base.step(name), merge.here.step(name), merge.incoming.step(name), rules)


def _refuse_loops(merge: _Merge, blocks: Mapping[Name, Sequence[Name]]) -> None:
    """Steps that were put into one another."""
    reached: set[Name] = set()
    waiting = [ROOT]
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting += blocks[name]
    for name in blocks:
        if name not in reached:
            merge.clash(name, "was put into a step on one side that was put into it on the other")
