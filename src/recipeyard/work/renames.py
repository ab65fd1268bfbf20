"""Recognise what was renamed or moved: an asset that arrives and met nothing, and one here that nothing met.

They are one asset where what arrives is what is here, with its name or without, or where two recipes have the same
steps. Connections are known by their names alone: their documents say too little else, and credentials hang on them.
Property files and project files have no names of their own.

Documents are read only where what is known of them does not rule out that they are alike.
"""

import json
from collections.abc import Callable, Collection, Container, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from recipeyard.model import assets, bundles, documents, likeness, proposals
from recipeyard.sql import database
from recipeyard.sql import documents as document_rows
from recipeyard.work import reading, trees

_BY_NAME_ALONE = assets.PROPERTIES | {assets.CONNECTION, assets.PROJECT}
_AT_ONCE = 50
_TOLD = 3
"""How many of those that something may have been are told by name."""


@dataclass(frozen=True, slots=True)
class Renamed:
    """What was renamed: the assets here by the paths that they arrive at, and where they stood; and what may have been.

    `unsure` are notices of what looks like more than one asset.
    """

    pairs: Mapping[str, assets.Asset]
    stood: Mapping[str, str]
    unsure: tuple[proposals.Notice, ...]


def recognise(tx: database.Tx, read: reading.Reading, met: Container[str], left: trees.Tree) -> Renamed:
    """Who is who of what arrives, but for the paths that have met somebody, and of what is left of the tree."""
    unmet = (each for each in read.incoming if each.path not in met)
    matching = likeness.Matching(
        arriving={each.path: each for each in unmet if each.kind not in _BY_NAME_ALONE},
        here={key: each for key, each in left.held.items() if each.kind not in _BY_NAME_ALONE},
    )
    _Comparison(tx, read, matching).compare()
    return Renamed(
        pairs=matching.pairs,
        stood={path: left.path(asset) for path, asset in matching.pairs.items()},
        unsure=tuple(
            proposals.Notice(proposals.Code.RENAME, path, _may_be([left.held[key] for key in ids[:_TOLD]], len(ids)))
            for path, ids in sorted(matching.unsure.items())
        ),
    )


def possible(renamed: Renamed, incoming: Collection[bundles.Incoming]) -> list[proposals.Notice]:
    """A notice for each pair, where the package does not tell whether the one here is still there in its source."""
    known = {each.path: each for each in incoming}
    return [
        proposals.Notice(
            proposals.Code.RENAME,
            path,
            f"looks like a rename of {assets.spoken(here.kind)} {here.name!r} ({renamed.stood[path]}), and is "
            f"{known[path].facts.name!r} beside it: the package does not say that the other one is gone",
        )
        for path, here in sorted(renamed.pairs.items())
    ]


class _Comparison:
    """Evidence, from the strongest down."""

    def __init__(self, tx: database.Tx, read: reading.Reading, matching: likeness.Matching) -> None:
        self.tx = tx
        self.read = read
        self.matching = matching

    def compare(self) -> None:
        """Pair what is the same; then what is but for its name; then recipes of the same steps."""
        for evidence in _SAMENESS:
            arriving, here = self.matching.arriving, self.matching.here
            left = {path: evidence(each) for path, each in arriving.items()}
            self.matching.by(left, {key: evidence(each) for key, each in here.items()})
        self._without_names()
        self._by_steps()

    def _without_names(self) -> None:
        """Documents that are the same but for their names are as long, but for their names."""
        arriving = {path: each for path, each in self.matching.arriving.items() if each.kind in assets.ORDER}
        kinds = {each.kind for each in arriving.values()}
        here = {key: each for key, each in self.matching.here.items() if each.kind in kinds}
        sizes = document_rows.sizes(self.tx, [each.arrived.digest for each in here.values()])
        left = {path: (each.kind, self._size(each) - _length(each.facts.name)) for path, each in arriving.items()}
        right = {key: (each.kind, sizes[each.arrived.digest] - _length(each.name)) for key, each in here.items()}
        lefts, rights = _shared(left, right)
        mine = {path: _nameless(arriving[path], text) for path, text in self._arriving_texts(lefts)}
        self.matching.by(mine, {key: _nameless(here[key], text) for key, text in self._texts(rights)})

    def _by_steps(self) -> None:
        """Recipes that began as one have the same trigger, by its uuid."""
        arriving = {path: each for path, each in self.matching.arriving.items() if each.kind == assets.RECIPE}
        here = {key: each for key, each in self.matching.here.items() if each.kind == assets.RECIPE and arriving}
        facts = document_rows.facts(self.tx, [each.arrived.digest for each in here.values()])
        left = {path: each.facts.origin for path, each in arriving.items()}
        right = {key: facts[each.arrived.digest, each.kind].origin for key, each in here.items()}
        lefts, rights = _shared(left, right)
        mine = {path: likeness.steps(_code(text)) for path, text in self._arriving_texts(lefts)}
        theirs = {key: likeness.steps(_code(text)) for key, text in self._texts(rights)}
        self.matching.by(mine, theirs)
        mine = {path: each for path, each in mine.items() if path in self.matching.arriving}
        groups = likeness.gathered({key: right[key] for key in theirs if key in self.matching.here})
        for origin, paths in likeness.gathered({path: left[path] for path in mine}).items():
            others = {key: theirs[key] for key in groups.get(origin, ())}
            self.matching.by_steps({path: mine[path] for path in paths}, others)

    def _size(self, incoming: bundles.Incoming) -> int:
        return self.read.sources[incoming.arrived.digest].entry.size

    def _arriving_texts(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        for path in paths:
            digest = self.matching.arriving[path].arrived.digest
            yield path, self.read.archive.inflate(self.read.sources[digest].entry).decode()

    def _texts(self, ids: Iterable[int]) -> Iterator[tuple[int, str]]:
        """The documents that arrived of assets here, a few at a time."""
        waiting = list(ids)
        for at in range(0, len(waiting), _AT_ONCE):
            digests = {key: self.matching.here[key].arrived.digest for key in waiting[at : at + _AT_ONCE]}
            packed = document_rows.all_packed(self.tx, set(digests.values()))
            yield from ((key, bundles.inflate(packed[digest]).decode()) for key, digest in digests.items())


def _shared(left: Mapping[str, Hashable], right: Mapping[int, Hashable]) -> tuple[list[str], list[int]]:
    """Those whose key is on the other side too; an empty one is none."""
    both = {key for key in set(left.values()) & set(right.values()) if key}
    return [each for each, key in left.items() if key in both], [each for each, key in right.items() if key in both]


def _code(text: str) -> documents.Value:
    return bundles.parse_text(text).get("code")


def _nameless(named: bundles.Incoming | assets.Asset, text: str) -> Hashable:
    return named.kind, likeness.nameless(named.kind, text), named.arrived.sidecars


def _length(name: str) -> int:
    """How long a name is in a document."""
    return len(json.dumps(name, ensure_ascii=False).encode())


def _may_be(told: list[assets.Asset], count: int) -> str:
    names = [str(assets.Named(each.kind, each.name, each.id)) for each in told]
    names += [f"one of {count - len(told)} more"] if count > len(told) else []
    return f"may have been {' or '.join(names)} under another name; as that can't be told, it is made anew"


_SAMENESS: tuple[Callable[[bundles.Incoming | assets.Asset], Hashable], ...] = (
    lambda each: (each.kind, each.arrived, each.stem),
    lambda each: (each.kind, each.arrived),
    lambda each: (each.kind, each.content, each.stem),
    lambda each: (each.kind, each.content),
)
