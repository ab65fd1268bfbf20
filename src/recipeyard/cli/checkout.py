"""A project in a directory: one file for each asset at its path, a marker, and what was pulled last.

The marker, `.recipeyard.toml`, says which project this is and belongs in git. `.recipeyard/` remembers the digests of
what was pulled from or pushed to each workspace, so that edits made here can be told from changes made there; it keeps
itself out of git. Of tables it remembers two digests, with and without rows, since either may be asked for.
"""

import contextlib
import os
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from recipeyard.cli import rows, session
from recipeyard.model import assets, bundles, errors

MARKER = ".recipeyard.toml"
STATE = ".recipeyard"
HERE, THERE, BOTH = "here", "there", "both"
Digests = Mapping[str, str]
_ROWS = "#rows"


@dataclass(frozen=True, slots=True)
class Marker:
    """Which project a directory holds: its name, its folder's id, and the profile it came by (empty: none)."""

    project: str
    folder_id: int
    profile: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A path at which here and there differ: added, changed or removed, and on which side that happened.

    `BOTH` says that both sides changed, or that nobody knows, because it was never pulled here.
    """

    path: str
    change: str
    side: str


@dataclass(frozen=True, slots=True)
class Seen:
    """Digests by path: those of files `bare` of rows, and of tables' files with their rows where those were seen."""

    bare: dict[str, str]
    rows: dict[str, str]

    @property
    def digests(self) -> dict[str, str]:
        """With rows where they were seen."""
        return self.bare | self.rows

    def over(self, earlier: "Seen") -> "Seen":
        """What was seen now, and earlier of what was not seen now."""
        return Seen(earlier.bare | self.bare, earlier.rows | self.rows)

    def sparing(self, paths: Collection[str], earlier: "Seen") -> "Seen":
        """The same, but of these paths what was seen earlier."""
        return Seen(_sparing(self.bare, paths, earlier.bare), _sparing(self.rows, paths, earlier.rows))


def see(files: Iterable[tuple[str, bytes]], *, with_rows: bool) -> Seen:
    """The digests of files."""
    seen = Seen({}, {})
    for path, content in files:
        seen.bare[path] = bundles.digest(rows.without(path, content))
        if with_rows and rows.is_table(path):
            seen.rows[path] = bundles.digest(content)
    return seen


@dataclass(frozen=True, slots=True)
class Checkout:
    """A directory that holds a project; `with_rows` says whether the rows in its files are looked at."""

    root: Path
    with_rows: bool = False

    @property
    def marker(self) -> Marker | None:
        """Which project this is; None where no marker stands yet. Raises `errors.Invalid` for a damaged one."""
        file = self.root / MARKER
        if not file.exists():
            return None
        try:
            written = tomllib.loads(file.read_text("utf-8"))
            return Marker(str(written["project"]), int(written["folder_id"]), str(written.get("profile", "")))
        except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as e:
            raise errors.Invalid(f"{file} is no marker of a project ({e})") from e

    def mark(self, marker: Marker) -> None:
        """Let the directory hold that project."""
        lines = {"project": marker.project, "folder_id": marker.folder_id}
        lines |= {"profile": marker.profile} if marker.profile else {}
        text = "".join(f"{name} = {msgspec.json.encode(value).decode()}\n" for name, value in lines.items())
        if not (self.root / MARKER).exists() or (self.root / MARKER).read_text("utf-8") != text:
            (self.root / MARKER).write_text(text, "utf-8")

    def files(self) -> dict[str, bytes]:
        """The assets' files by path. What is hidden, a symbolic link, or no asset's file is passed over.

        Raises `session.Advised` for a name that no package can hold.
        """
        named = [(path, assets.parse_file(assets.split(path)[1])) for path in sorted(self._paths())]
        parts = {path: (assets.split(path)[0], at.stem, at.kind) for path, at in named if at}
        documents = {parts[path] for path, at in named if at and at.suffix == assets.JSON}
        chosen = [path for path, part in parts.items() if part in documents]
        for path in chosen:
            if not _is_text(path):
                raise session.Advised(f"the name of the file {path!r} is not UTF-8", "Rename it.")
        return {path: self._looked_at(path, (self.root / path).read_bytes()) for path in chosen}

    def digests(self, also: Iterable[str]) -> dict[str, str]:
        """The digests of the assets' files, and of whatever stands at these paths."""
        files = self.files()
        others = {path: self.read(path) for path in also if path not in files}
        files |= {path: content for path, content in others.items() if content is not None}
        return {path: bundles.digest(content) for path, content in files.items()}

    def read(self, path: str) -> bytes | None:
        """A file's bytes; None where there is none. Raises `errors.Invalid` for a path that leads elsewhere."""
        file = self._at(path)
        return self._looked_at(path, file.read_bytes()) if file.is_file() else None

    def write(self, path: str, content: bytes) -> None:
        """Keep a file, whole or not at all; rows that are not looked at stay in it.

        Raises `session.Advised` where something stands in its way.
        """
        file = self._at(path)
        unfinished = file.with_name(f".{file.name}.part")
        try:
            if not self.with_rows:
                content = rows.carried(path, content, file.read_bytes() if file.is_file() else None)
            file.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(content)
            unfinished.replace(file)
        except (IsADirectoryError, NotADirectoryError, FileExistsError) as e:
            with contextlib.suppress(NotADirectoryError):
                unfinished.unlink(missing_ok=True)
            message = f"{path!r} can't be written: a directory stands at its place, or a file at its folder's"
            raise session.Advised(message, "Move that away, and run it again.") from e

    def remove(self, path: str) -> None:
        """Remove a file, and the folders that this leaves empty."""
        file = self._at(path)
        file.unlink(missing_ok=True)
        for folder in file.parents:
            if folder == self.root or any(folder.iterdir()):
                return
            folder.rmdir()

    @property
    def sources(self) -> set[str]:
        """From where files were pulled to here, and where they were pushed."""
        return {name for name in self._state() if not name.endswith(_ROWS)}

    def pulled(self, source: str) -> Seen:
        """What `source` had when it was last pulled or pushed; nothing at first."""
        state = self._state()
        return Seen(state.get(source, {}), state.get(source + _ROWS, {}) if self.with_rows else {})

    def remember(self, source: str, seen: Seen) -> None:
        """Keep what `source` has now; of rows that were not looked at, what was known."""
        state = self._state() | {source: dict(sorted(seen.bare.items()))}
        if self.with_rows:
            state[source + _ROWS] = dict(sorted(seen.rows.items()))
        folder = self.root / STATE
        folder.mkdir(exist_ok=True)
        (folder / ".gitignore").write_text("*\n", "utf-8")
        (folder / "pulled.json").write_bytes(msgspec.json.format(msgspec.json.encode(state), indent=2))

    def _looked_at(self, path: str, content: bytes) -> bytes:
        return content if self.with_rows else rows.without(path, content)

    def _state(self) -> dict[str, dict[str, str]]:
        file = self.root / STATE / "pulled.json"
        try:
            return msgspec.json.decode(file.read_bytes(), type=dict[str, dict[str, str]])
        except FileNotFoundError:
            return {}
        except msgspec.MsgspecError as e:
            raise errors.Invalid(f"{file} is damaged ({e}); remove it, and pull again") from e

    def _paths(self) -> Iterator[str]:
        for folder, below, names in os.walk(self.root):
            below[:] = [name for name in below if not name.startswith(".")]
            for name in names:
                file = Path(folder) / name
                if not name.startswith(".") and not file.is_symlink():
                    yield file.relative_to(self.root).as_posix()

    def _at(self, path: str) -> Path:
        """Where a path of an archive stands. No archive names what is hidden, or leads out by a symbolic link."""
        file = self.root / path
        if any(part.startswith(".") for part in path.split("/")) or file.resolve() != self.root.resolve() / path:
            raise errors.Invalid(f"{path!r} can't be kept here: it is hidden or leads out of {self.root}")
        return file


def find(start: Path, *, with_rows: bool = False) -> Checkout | None:
    """The checkout that a directory belongs to: its own, or that of the nearest directory above it."""
    for folder in [start, *start.parents]:
        if (folder / MARKER).is_file():
            return Checkout(folder, with_rows)
    return None


def compare(here: Digests, there: Digests, pulled: Digests) -> list[Difference]:
    """Every path at which here and there differ, by path."""
    paths = sorted(here.keys() | there.keys())
    found = [(path, here.get(path), there.get(path), pulled.get(path)) for path in paths]
    return [Difference(path, *_change(mine, theirs, base)) for path, mine, theirs, base in found if mine != theirs]


def kept(differences: Iterable[Difference], here: Digests, *, force: bool) -> list[Difference]:
    """What a pull leaves as it is here, because taking the server's side would lose an edit.

    With `force` that is only what was added here and never pulled.
    """
    ours = [each for each in differences if each.path in here and each.side != THERE]
    return [each for each in ours if not force or (each.side, each.change) == (HERE, "added")]


def _change(mine: str | None, theirs: str | None, base: str | None) -> tuple[str, str]:
    if theirs is None:
        if base is None:
            return "added", HERE
        return "removed", THERE if base == mine else BOTH
    if mine is None:
        if base is None:
            return "added", THERE
        return "removed", HERE if base == theirs else BOTH
    return "changed", {theirs: HERE, mine: THERE}.get(base or "", BOTH)


def _sparing(now: Digests, paths: Collection[str], earlier: Digests) -> dict[str, str]:
    kept = {path: earlier[path] for path in paths if path in earlier}
    return {path: digest for path, digest in now.items() if path not in paths} | kept


def _is_text(path: str) -> bool:
    """Whether a name is UTF-8; the system hands others over with surrogates in them."""
    try:
        return bool(path.encode())
    except UnicodeEncodeError:
        return False
