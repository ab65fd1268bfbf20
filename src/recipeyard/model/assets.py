"""Assets: what a workspace holds and a package can carry, and how each kind is named and placed in an archive.

A kind is the token in a file name: `sync_orders.recipe.json` is a `recipe`. Unknown tokens are kinds too; they are
carried as they are. Nothing here reads a file: paths are plain text, "/"-separated, relative to an archive's root.
"""

import functools
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from recipeyard.model import paths

RECIPE = "recipe"
CONNECTION = "connection"
LOOKUP_TABLE = "lookup_table"
DATA_TABLE = "workato_db_table"
CUSTOM_ADAPTER = "custom_adapter"
ACCOUNT_PROPERTIES = "properties"
PROJECT_PROPERTIES = "project_properties"
PROJECT = "project"
API_GROUP = "api_group"
API_ENDPOINT = "api_endpoint"
STUB = "stub"
TEST_CASE = "test_case"

TABLES = frozenset({LOOKUP_TABLE, DATA_TABLE})
PROPERTIES = frozenset({ACCOUNT_PROPERTIES, PROJECT_PROPERTIES})

ORDER = (
    CUSTOM_ADAPTER,
    CONNECTION,
    LOOKUP_TABLE,
    DATA_TABLE,
    ACCOUNT_PROPERTIES,
    PROJECT_PROPERTIES,
    "workato_template",
    "workato_schema",
    "topic",
    "data_pipeline",
    "decision_engine_model",
    "agentic_knowledge_base",
    API_GROUP,
    API_ENDPOINT,
    "lcap_app",
    "lcap_page",
    "insights_query",
    STUB,
    RECIPE,
    "agentic_skill",
    "agentic_genie",
    "mcp_server",
    TEST_CASE,
)
"""Every known kind, in the order in which archives list them. Unknown kinds follow, `project.json` is last."""

AT_ROOT = frozenset(
    {
        CUSTOM_ADAPTER,
        LOOKUP_TABLE,
        ACCOUNT_PROPERTIES,
        "workato_template",
        "workato_schema",
        "topic",
        "decision_engine_model",
        API_GROUP,
        API_ENDPOINT,
    }
)
"""Kinds that stand at the root of an archive whatever folder uses them; their names are the workspace's."""

OWN = frozenset({STUB, TEST_CASE})
"""Kinds that only this product has. Clients are told of them where they ask for test cases, else passed by."""

_UNLISTED = PROPERTIES | OWN | {"insights_query"}
WIRE_TYPES = {kind: kind for kind in ORDER if kind not in _UNLISTED} | {
    ACCOUNT_PROPERTIES: "account_property",
    PROJECT_PROPERTIES: "project_property",
}
"""The asset types that clients know, by kind. Strict clients refuse any other, so other kinds are not listed."""

PROJECT_FILE = paths.PROJECT_FILE
JSON = "json"

_SPOKEN = {
    DATA_TABLE: "data table",
    CUSTOM_ADAPTER: "custom connector",
    ACCOUNT_PROPERTIES: "account properties",
    API_GROUP: "API collection",
    API_ENDPOINT: "API endpoint",
}
_FILE = re.compile(r"(?P<stem>.+)\.(?P<kind>[a-z][a-z0-9_]*)\.(?P<suffix>[A-Za-z0-9]+)", re.DOTALL)
_FIXED_STEMS = {ACCOUNT_PROPERTIES: "account_properties", PROJECT_PROPERTIES: "properties", PROJECT: "project"}
_RANK = {kind: rank for rank, kind in enumerate(ORDER)}


def spoken(kind: str) -> str:
    """A kind in people's words."""
    return _SPOKEN.get(kind, kind.replace("_", " "))


@dataclass(frozen=True, slots=True)
class FileName:
    """The last part of a path, read from the right: `<stem>.<kind>.<suffix>`; the stem may hold dots."""

    stem: str
    kind: str
    suffix: str


@dataclass(frozen=True, slots=True)
class Content:
    """What one version of an asset consists of: its document's digest and those of its sidecars, by suffix."""

    digest: str
    sidecars: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Asset:
    """One asset of a workspace, at its current version.

    `place_id` is the folder its path counts from: the workspace's root for kinds that stand at an archive's root,
    else `folder_id`. `arrived` is what a package brought when that differs from `content`, because something had to
    change on the way in.
    """

    id: int
    kind: str
    name: str
    stem: str
    folder_id: int
    place_id: int
    version_no: int
    content: Content
    arrived: Content
    provider: str | None = None
    rows_digest: str | None = None
    running: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Named:
    """An asset as people are told of it."""

    kind: str
    name: str
    id: int

    def __str__(self) -> str:
        return f"{spoken(self.kind)} {self.name!r}"


@dataclass(frozen=True, slots=True)
class Draft:
    """An asset about to be written, before it has an id."""

    kind: str
    name: str
    stem: str
    folder_id: int
    place_id: int
    content: Content
    arrived: Content
    provider: str | None = None
    rows_digest: str | None = None


def slug(name: str) -> str:
    """The stem that a name gives: lower-case letters and digits, every other run one underscore.

    A name without any such character gives a stem made from its digest, and one that is too long for a file name gives
    its beginning and its digest: so stems are stable, never empty, and never cut alike.
    """
    stem = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    if len(stem) > paths.STEM_BYTES:
        return f"{stem[: paths.STEM_BYTES - len(mark) - 1]}_{mark}"
    return stem or f"asset_{mark}"


def handle(name: str) -> str:
    """A name as it may stand in an address: no slash, no dot, no space."""
    return slug(name).replace("_", "-")


def free_stem(wanted: str, taken: Iterable[str]) -> str:
    """`wanted`, or with the first of `.1`, `.2` … that nobody has taken; case makes no difference."""
    used = taken if isinstance(taken, set) else {stem.casefold() for stem in taken}
    stem, number = wanted, 0
    while stem.casefold() in used:
        number += 1
        stem = paths.numbered(wanted, number)
    return stem


def stem_for(kind: str, name: str) -> str:
    """The stem a new asset of that kind and name asks for."""
    return _FIXED_STEMS.get(kind) or slug(name)


@functools.lru_cache(paths.REMEMBERED)
def parse_file(filename: str) -> FileName | None:
    """What a file name says, or None where it names no asset."""
    if filename == PROJECT_FILE:
        return FileName(PROJECT, PROJECT, JSON)
    match = _FILE.fullmatch(filename)
    return FileName(match["stem"], match["kind"], match["suffix"]) if match else None


def file_name(kind: str, stem: str, suffix: str = JSON) -> str:
    """The file name of an asset's document, or of its sidecar with that suffix."""
    return PROJECT_FILE if kind == PROJECT else f"{stem}.{kind}.{suffix}"


def split(path: str) -> tuple[str, str]:
    """A path's folder ("" at the root) and file name."""
    folder, _, filename = path.rpartition("/")
    return folder, filename


def join(folder: str, filename: str) -> str:
    """The path of a file in a folder."""
    return f"{folder}/{filename}" if folder else filename


def rank(kind: str, path: str) -> tuple[int, str, str]:
    """The sort key that gives an archive its order."""
    position = _RANK.get(kind, len(ORDER) + (kind == PROJECT))
    return position, kind, path


def stands_at_root(kind: str, *, root_folder: bool) -> bool:
    """Whether such an asset has its path at an archive's root; `root_folder` is a connection's own flag."""
    return kind in AT_ROOT or (kind == CONNECTION and root_folder)
