"""Manifests: a stored selection of assets; closed over references, and laid out as the paths of an archive."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from recipeyard.model import assets, errors, paths, references


@dataclass(frozen=True, slots=True)
class Selected:
    """One line of an explicit manifest. `version` None is the latest; an empty `zip_name` asks for the default."""

    id: int
    kind: str
    checked: bool = True
    version: int | None = None
    zip_name: str = ""


@dataclass(frozen=True, slots=True)
class Options:
    """What to put in besides the assets themselves; `auto` selects all of the manifest's folder at each export."""

    auto: bool = False
    include_data: bool = False
    include_tags: bool = False
    include_test_cases: bool = False


@dataclass(frozen=True, slots=True)
class Manifest:
    """A stored selection below one folder."""

    id: int
    workspace_id: int
    folder_id: int
    name: str
    options: Options
    selected: tuple[Selected, ...]
    last_exported_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Chosen:
    """An asset that goes into an archive, at a path of its own."""

    asset: assets.Asset
    path: str


def default_zip_name(index: int, kind: str) -> str:
    """The path of a line that names none."""
    return f"asset_{index}.{kind}.{assets.JSON}"


def close(
    chosen: Iterable[int], points_at: Mapping[int, Iterable[int]], within_reach: frozenset[int]
) -> tuple[set[int], set[int]]:
    """A selection with all it depends on, through any number of steps and cycles.

    `points_at` tells what each asset depends on, `within_reach` what may be added. Returns the closed selection, and
    what it depends on that stays outside.
    """
    closed = set(chosen)
    outside: set[int] = set()
    open_ends = list(closed)
    while open_ends:
        for target in points_at.get(open_ends.pop(), ()):
            if target in closed:
                continue
            if target in within_reach:
                closed.add(target)
                open_ends.append(target)
            else:
                outside.add(target)
    return closed, outside


def lay_out(chosen: Sequence[assets.Asset], folders: Mapping[int, str], given: Mapping[int, str]) -> tuple[Chosen, ...]:
    """A path for each asset, in the order in which archives list them.

    `folders` are the paths of the folders below the manifest's, `given` the paths that the manifest itself names.
    Assets may wish for one path, but for case or not, and for one where others need a folder: the one of the lower name
    keeps it, and where names are equal too the one whose document has the lower digest.
    """
    wishes: dict[str, list[Chosen]] = defaultdict(list)
    for asset in chosen:
        path = given.get(asset.id) or _path(asset, folders)
        wishes[path.casefold()].append(Chosen(asset, path))
    taken = {folder for wish in wishes for folder in paths.above(wish)}
    laid: list[Chosen] = []
    for wish in sorted(wishes):
        for each in sorted(wishes[wish], key=lambda one: (one.asset.name, one.asset.content.digest, one.path)):
            laid.append(Chosen(each.asset, _free_path(each, taken, wishes)))
            taken.add(laid[-1].path.casefold())
    return tuple(sorted(laid, key=lambda each: assets.rank(each.asset.kind, each.path)))


def mention(
    reference: references.Reference, target: assets.Asset, paths: Mapping[int, str], outside: Mapping[int, str]
) -> references.Reference:
    """How a document in the archive must name its target: by its path there, or, outside it, by its full path.

    A reference that names the target already is returned as it is.
    """
    path = paths.get(target.id)
    if path is not None:
        same = reference.zip_name == path and reference.full_path is None
        return reference if same else references.inside(path, target.name)
    filename = assets.file_name(target.kind, target.stem)
    external = references.outside(outside[target.folder_id], filename, target.name)
    same_place = (reference.full_path, reference.zip_name) == (external.full_path, external.zip_name)
    return reference if same_place and reference.name == external.name else external


def check_paths(selected: Sequence[Selected]) -> None:
    """Raises `errors.Invalid` for paths that no archive may hold, that name another kind, or that two lines share."""
    issues: list[errors.Issue] = []
    seen: dict[str, int] = {}
    for index, line in enumerate(selected):
        path = line.zip_name or default_zip_name(index, line.kind)
        where = f"assets[{index}].zip_name"
        issues += [errors.Issue(where, f"{path!r}: {what}") for what in _wrong(path, line.kind)]
        if path.casefold() in seen:
            issues.append(errors.Issue(where, f"{path!r} is taken by assets[{seen[path.casefold()]}]"))
        seen.setdefault(path.casefold(), index)
    for path, index in seen.items():
        for other in [seen[folder] for folder in paths.above(path) if folder in seen]:
            what = f"{path!r} needs a folder where assets[{other}] has its file"
            issues.append(errors.Issue(f"assets[{index}].zip_name", what))
    if issues:
        raise errors.Invalid.listing(issues)


def _wrong(path: str, kind: str) -> Iterator[str]:
    file = assets.parse_file(assets.split(path)[1])
    yield from paths.issues(path)
    if paths.is_litter(path):
        yield "is a name that archives pass over"
    if file is None or (file.kind, file.suffix) != (kind, assets.JSON):
        yield f"does not name a {kind}: it has to end in .{kind}.{assets.JSON}"


def _path(asset: assets.Asset, folders: Mapping[int, str]) -> str:
    """An asset whose place is not below the manifest's folder has its path at the root."""
    return assets.join(folders.get(asset.place_id, ""), assets.file_name(asset.kind, asset.stem))


def _free_path(wish: Chosen, taken: Container[str], wishes: Container[str]) -> str:
    """The path itself, or with the first number that makes it one that nobody has or wishes for."""
    if wish.asset.kind == assets.PROJECT:
        return wish.path
    folder, _ = assets.split(wish.path)
    free, number = wish.path, 0
    while free.casefold() in taken or (number and free.casefold() in wishes):
        number += 1
        free = assets.join(folder, assets.file_name(wish.asset.kind, paths.numbered(wish.asset.stem, number)))
    return free
