"""Likeness: which asset of a folder an arriving one was under another name, or in another place.

Evidence is asked for from the strongest down, and counts only where it speaks of one asset on either side.
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from recipeyard.model import assets, bundles, documents, step_trees

T = TypeVar("T")

COMPARED = 64
"""So many pairs of recipes that began as one are looked at, each with each; of more, none is told from another."""

Steps = frozenset[str]
"""The uuids of a recipe's steps."""


@dataclass(slots=True)
class Matching:
    """What arrives and met nothing, by path, and what is here and nothing met, by id; who is who, and who may be."""

    arriving: dict[str, bundles.Incoming]
    here: dict[int, assets.Asset]
    pairs: dict[str, assets.Asset] = field(default_factory=dict)
    unsure: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def by(self, arriving: Mapping[str, Hashable], here: Mapping[int, Hashable]) -> None:
        """Pair by keys: those that one alone bears on either side. Where more do, what arrives is unsure for now."""
        lefts, rights = gathered(arriving), gathered(here)
        for key, paths in lefts.items():
            ids = rights.get(key, [])
            if len(paths) == len(ids) == 1:
                self._pair(paths[0], ids[0])
            elif ids:
                self.unsure |= dict.fromkeys(paths, tuple(ids))

    def by_steps(self, arriving: Mapping[str, Steps], here: Mapping[int, Steps]) -> None:
        """Pair recipes that began as one and share most of their steps, where each shares them with no other."""
        if len(arriving) * len(here) > COMPARED:
            self.unsure |= dict.fromkeys(arriving, tuple(here))
            return
        alike = [(path, key) for path, left in arriving.items() for key, right in here.items() if share(left, right)]
        lefts: dict[str, list[int]] = defaultdict(list)
        rights: dict[int, list[str]] = defaultdict(list)
        for path, key in alike:
            lefts[path].append(key)
            rights[key].append(path)
        for path, ids in lefts.items():
            if len(ids) == len(rights[ids[0]]) == 1:
                self._pair(path, ids[0])
            else:
                self.unsure[path] = tuple(ids)

    def _pair(self, path: str, asset_id: int) -> None:
        self.pairs[path] = self.here.pop(asset_id)
        self.arriving.pop(path)
        self.unsure.pop(path, None)


def share(one: Steps, other: Steps) -> bool:
    """Whether two recipes share more than half of the steps of the larger one."""
    return 2 * len(one & other) > max(len(one), len(other))


def steps(value: documents.Value) -> Steps:
    """The uuids of the steps of a recipe's decoded code."""
    return frozenset(uuid for node in step_trees.tree(value) if (uuid := node.text("uuid")))


def nameless(kind: str, text: str) -> str:
    """The digest of a document without its name."""
    key = "title" if kind == assets.CUSTOM_ADAPTER else "name"
    return bundles.digest(documents.without_member(text, key).encode())


def gathered(keys: Mapping[T, Hashable]) -> dict[Hashable, list[T]]:
    """Those that have the same key, by that key."""
    found: dict[Hashable, list[T]] = defaultdict(list)
    for each, key in keys.items():
        found[key].append(each)
    return found
