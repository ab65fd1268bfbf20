"""Selections: which assets of a package are to arrive, and what they need of the rest of it."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from recipeyard.model import assets, bundles

_SCOPES = {"account": assets.ACCOUNT_PROPERTIES, "project": assets.PROJECT_PROPERTIES}


@dataclass(frozen=True, slots=True)
class Selection:
    """The paths that were asked for, and the words that ask for nothing.

    `pulled` are the paths that others need, each with the one that needs it.
    """

    paths: frozenset[str]
    unknown: tuple[str, ...] = ()
    pulled: Mapping[str, str] = field(default_factory=dict)

    @property
    def all(self) -> frozenset[str]:
        """Everything that arrives."""
        return self.paths | self.pulled.keys()


def select(incoming: Sequence[bundles.Incoming], only: Iterable[str], met: Mapping[str, assets.Asset]) -> Selection:
    """What a request asks for. `met` are the assets here that those of the package are, by path.

    A word is the path of an asset or of a file beside it; else that of a folder, which stands for everything below it;
    else a kind; else the id of an asset here.
    """
    by_path = {each.path: each for each in incoming}
    folders, kinds = _by_folder(by_path), _by_kind(incoming)
    ids = {str(asset.id): path for path, asset in met.items()}
    paths: set[str] = set()
    unknown: list[str] = []
    for word in only:
        found = _file(word, by_path) or folders.get(word.rstrip("/")) or kinds.get(word)
        found = found or ([ids[word]] if word in ids else [])
        paths.update(found)
        unknown += [] if found else [word]
    return Selection(frozenset(paths), tuple(unknown))


def close(incoming: Sequence[bundles.Incoming], selected: Selection) -> Selection:
    """The selection with all that it needs and the package has, through any number of steps."""
    needs = _Needs(incoming)
    pulled: dict[str, str] = {}
    waiting = deque(sorted(selected.paths))
    while waiting:
        path = waiting.popleft()
        for needed in needs.of(path):
            if needed not in selected.paths and needed not in pulled:
                pulled[needed] = path
                waiting.append(needed)
    return Selection(selected.paths, selected.unknown, pulled)


class _Needs:
    """What the assets of a package need of each other."""

    def __init__(self, incoming: Sequence[bundles.Incoming]) -> None:
        self.by_path = {each.path: each for each in incoming}
        self.tables: dict[str, list[str]] = defaultdict(list)
        self.files: dict[tuple[str, str], list[str]] = defaultdict(list)
        for each in incoming:
            if each.kind == assets.LOOKUP_TABLE:
                self.tables[each.facts.name].append(each.path)
            for name in each.facts.keys:
                self.files[each.kind, name].append(each.path)

    def of(self, path: str) -> Iterator[str]:
        """What stands at a reference's path; tables that formulas look up; files that declare properties."""
        facts = self.by_path[path].facts
        yield from (
            each.zip_name for each in facts.refers_to if each.full_path is None and each.zip_name in self.by_path
        )
        yield from (path for name in facts.lookups for path in self.tables.get(name, ()))
        yield from (path for scope, name in facts.properties for path in self.files.get((_SCOPES[scope], name), ()))


def _file(word: str, by_path: Mapping[str, bundles.Incoming]) -> list[str]:
    """The path that a word is, or that of the document which it stands beside."""
    folder, filename = assets.split(word)
    file = assets.parse_file(filename)
    document = assets.join(folder, assets.file_name(file.kind, file.stem)) if file else word
    return [document] if document in by_path else []


def _by_folder(paths: Iterable[str]) -> dict[str, list[str]]:
    """Everything below each folder; a file at the top is in none."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        folder, _ = assets.split(path)
        while folder:
            found[folder].append(path)
            folder, _ = assets.split(folder)
    return found


def _by_kind(incoming: Iterable[bundles.Incoming]) -> dict[str, list[str]]:
    """Everything of each kind, by the kind and by the type that clients call it."""
    found: dict[str, list[str]] = defaultdict(list)
    for each in incoming:
        for word in {each.kind, assets.WIRE_TYPES.get(each.kind, each.kind)}:
            found[word].append(each.path)
    return found
