"""Three-way merges of orders: of the steps in a block, of the elements in a list."""

from collections.abc import Collection, Hashable, Sequence
from itertools import pairwise
from typing import Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)

REORDERED = "were put in another order on both sides"
SAME_PLACE = "were put at the same place on both sides"
TWICE = "were put at different places on both sides"


class Clash(Exception):
    """Both sides changed the order in ways that do not go together. Its text says how; who merges says of what."""


class _Side(Generic[Item]):
    """One side's order: the items that all sides share, and what stands in the gaps between two of these."""

    def __init__(self, order: Sequence[Item], shared: Collection[Item], wanted: Collection[Item]) -> None:
        self.shared = [item for item in order if item in shared]
        self.gaps: dict[tuple[Item | None, Item | None], list[Item]] = {}
        before: Item | None = None
        waiting: list[Item] = []
        for item in order:
            if item in shared:
                self.gaps[before, item] = waiting
                before, waiting = item, []
            elif item in wanted:
                waiting.append(item)
        self.gaps[before, None] = waiting


def merge(base: Sequence[Item], here: Sequence[Item], incoming: Sequence[Item], wanted: Collection[Item]) -> list[Item]:
    """The `wanted` items in the order that both sides gave them. Raises `Clash` where there is none.

    Items are unique, and never None. What was put between two neighbours must find them neighbours still.
    """
    shared = set(base) & set(here) & set(incoming) & set(wanted)
    sides = [_Side(order, shared, wanted) for order in (base, here, incoming)]
    before, left, right = (side.shared for side in sides)
    if left != before and right not in (before, left):
        raise Clash(REORDERED)
    order = left if left != before else right
    merged: list[Item] = []
    for gap in pairwise([None, *order, None]):
        found, arrived = sides[1].gaps.pop(gap, []), sides[2].gaps.pop(gap, [])
        if found and arrived and found != arrived:
            raise Clash(SAME_PLACE)
        merged += found or arrived
        merged += [] if gap[1] is None else [gap[1]]
    if any(sides[1].gaps.values()) or any(sides[2].gaps.values()):
        raise Clash(REORDERED)
    if len(merged) != len(wanted) or set(merged) != set(wanted):
        raise Clash(TWICE)
    return merged
