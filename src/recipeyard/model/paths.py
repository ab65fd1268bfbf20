"""Paths inside archives: the one rule for what is read, for what folders may be called, and for what manifests ask.

A path is plain text, "/"-separated, relative to an archive's root. Any folder may be the root of an export, so that
every part has to be sound wherever it stands.
"""

import functools
import re
from collections.abc import Iterator

MOST_BYTES = 1024
PART_BYTES = 255
FOLDER_BYTES = MOST_BYTES - PART_BYTES - 1
"""What the path of a folder may have, counted from its workspace's root: a file in it then fits."""

STEM_BYTES = 200
"""What a stem that is made here may have: kind, suffix and number then fit into a part."""

PROJECT_FILE = "project.json"

REMEMBERED = 8192
"""How many paths are remembered with what they say: those of a package come up many times."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DRIVE = re.compile(r"[A-Za-z]:")
_LITTER = frozenset({"__MACOSX", ".DS_Store", "Thumbs.db"})
_LITTER_PREFIX = "._"


@functools.lru_cache(REMEMBERED)
def issues(path: str, most_bytes: int = MOST_BYTES) -> tuple[str, ...]:
    """What is wrong with a path; one "/" at its end says that it is a folder's."""
    parts = path.removesuffix("/").removeprefix("/").split("/")
    too_long = len(path.encode()) > most_bytes or any(len(part.encode()) > PART_BYTES for part in parts)
    checks = {
        "absolute paths are not allowed": path.startswith("/") or _DRIVE.match(path),
        "a part of the path begins like a drive letter": any(_DRIVE.match(part) for part in parts[1:]),
        "backslashes are not allowed in paths": "\\" in path,
        "control characters are not allowed in paths": _CONTROL.search(path),
        "the path leads outside the archive": {"..", "."} & {*parts},
        "the path has an empty part": "" in parts,
        f"a folder can't be called {PROJECT_FILE}": any(_is_project(part) for part in _folders(path, parts)),
        f"the path is too long (at most {most_bytes} bytes, {PART_BYTES} for each part)": too_long,
    }
    return tuple(what for what, wrong in checks.items() if wrong)


def name_issues(name: str) -> Iterator[str]:
    """What is wrong with a folder's name: what no archive could hold, or what would not arrive."""
    if not name.strip():
        yield "can't be blank"
    elif "/" in name or "\\" in name or _CONTROL.search(name):
        yield "can't contain slashes or control characters"
    elif name in {".", ".."}:
        yield "can't be a path"
    elif _DRIVE.match(name):
        yield "can't begin like a drive letter"
    elif is_litter(name) or _is_project(name):
        yield "is a name that means something else inside archives"
    elif len(name.encode()) > PART_BYTES:
        yield f"is longer than {PART_BYTES} bytes"


def is_litter(path: str) -> bool:
    """Whether desktop systems have added it: nobody's content."""
    return any(part in _LITTER or part.startswith(_LITTER_PREFIX) for part in path.split("/"))


def above(path: str) -> Iterator[str]:
    """The folders that a path leads through, the nearest first."""
    folder = path.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]


def numbered(stem: str, number: int) -> str:
    """A stem with a number behind it; a long one gives up its end for that."""
    tail = f".{number}"
    return beginning(stem, STEM_BYTES - len(tail)) + tail


def beginning(text: str, most_bytes: int) -> str:
    """As much of a text as so many bytes hold."""
    return text.encode()[:most_bytes].decode(errors="ignore")


def _folders(path: str, parts: list[str]) -> list[str]:
    return parts if path.endswith("/") else parts[:-1]


def _is_project(name: str) -> bool:
    return name.casefold() == PROJECT_FILE
