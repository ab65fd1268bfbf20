"""Bundles: assets with their documents, cut loose from ids, addressed by path, ready to travel.

Here stand the values that cross the border of an archive, the limits its reader is given, and what a document says of
itself: the facts that planning needs, so that a document once read need never be read again.
"""

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from recipeyard.model import (
    assets,
    data_tables,
    documents,
    errors,
    paths,
    properties,
    references,
    stubs,
    tables,
    test_cases,
)

UUID_LENGTH = 100
"""A text that is longer is no uuid; one has 36 characters."""

NAME_LENGTH = 1000
NAME_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Limits:
    """What a package may ask of this server. Sizes in bytes; `ratio` is inflated size over deflated size."""

    archive_bytes: int = 100 * 1024 * 1024
    entries: int = 100_000
    entry_bytes: int = 32 * 1024 * 1024
    total_bytes: int = 2 * 1024 * 1024 * 1024
    ratio: int = 200
    ratio_from_bytes: int = 1024 * 1024
    path_bytes: int = paths.MOST_BYTES
    depth: int = 200

    def is_bomb(self, size: int, deflated_size: int) -> bool:
        """Whether an entry of these sizes is compressed more than documents are."""
        return size > self.ratio_from_bytes and size > self.ratio * max(deflated_size, 1)


@dataclass(frozen=True, slots=True)
class Packed:
    """A document as it is kept and as it travels: deflated once, described by what it inflates to.

    `digest` is the SHA-256 of the inflated bytes in hex, `size` and `crc32` belong to them too;
    `deflated` is a raw deflate stream (no zlib header).
    """

    digest: str
    size: int
    crc32: int
    deflated: bytes


@dataclass(frozen=True, slots=True)
class Facts:
    """What one document says of itself; its name is empty where it says none.

    `refers_to` holds each reference once, in the order of first mention; `accounts` are a recipe's providers with the
    connections they use; `structure` is the digest of a table's document without its rows, where it has rows; `keys`
    are the names that a property file declares; `origin` is the uuid of a recipe's trigger, empty where it has none.
    """

    name: str
    refers_to: tuple[references.Reference, ...] = ()
    lookups: tuple[str, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()
    accounts: tuple[tuple[str, references.Reference], ...] = ()
    applications: tuple[str, ...] = ()
    trigger: str | None = None
    provider: str | None = None
    adapter: references.Reference | None = None
    root_folder: bool = False
    structure: str | None = None
    keys: tuple[str, ...] = ()
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One asset of a package on its way in: where it stands there, what arrived, and what will be kept of it.

    `anew` says that what arrived before, though it was the same, was kept for other bindings than those of now.
    """

    path: str
    folder: str
    kind: str
    stem: str
    facts: Facts
    arrived: assets.Content
    content: assets.Content
    anew: bool = False

    @property
    def at_root(self) -> bool:
        """Whether its place is the workspace's root: a kind that stands there, found where such kinds stand."""
        return not self.folder and assets.stands_at_root(self.kind, root_folder=self.facts.root_folder)


def family(kind: str, facts: Facts) -> str:
    """What tells assets of one kind and name apart: for endpoints, their collection's name; empty for all others."""
    if kind != assets.API_ENDPOINT:
        return ""
    return next((each.name for each in facts.refers_to if each.kind == assets.API_GROUP), "")


def digest(content: bytes) -> str:
    """The name of a document: SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def describe(kind: str, path: str, value: Mapping[str, documents.Value], text: str) -> Facts:
    """What a decoded document says of itself. Raises `errors.Invalid` where a known kind has the wrong shape."""
    _refuse(path, _shape(kind, value))
    adapter = value.get("provider")
    config = list(_config(value)) if kind == assets.RECIPE else []
    code = value.get("code")
    facts = Facts(
        name=_name(kind, value),
        refers_to=references.find(text),
        lookups=references.lookups(text),
        properties=references.properties(text),
        accounts=tuple((provider, account) for provider, account in config if account),
        applications=tuple(dict.fromkeys(provider for provider, _ in config)),
        trigger=str(code["provider"]) if isinstance(code, Mapping) and isinstance(code.get("provider"), str) else None,
        provider=adapter if isinstance(adapter, str) else None,
        adapter=references.parse(adapter) if isinstance(adapter, Mapping) else None,
        root_folder=value.get("root_folder") is True,
        structure=_structure(kind, value, text),
        keys=_keys(kind, value),
        origin=origin(code),
    )
    _refuse(path, _unspeakable(facts))
    return facts


def origin(code: documents.Value) -> str:
    """The uuid of the first step of a recipe's code; copies of a recipe may have it in common. No other text is one."""
    uuid = code.get("uuid") if isinstance(code, Mapping) else None
    return uuid if isinstance(uuid, str) and len(uuid) <= UUID_LENGTH and "\0" not in uuid else ""


def describe_text(kind: str, path: str, text: str) -> Facts:
    """`describe` for a text that has been decoded once already."""
    return describe(kind, path, parse_text(text), text)


def parse_text(text: str) -> dict[str, documents.Value]:
    """The object that a document is; for text that a strict decoder has accepted once."""
    value: dict[str, documents.Value] = json.loads(text)
    return value


def inflate(packed: Packed) -> bytes:
    """A document's own bytes."""
    return zlib.decompress(packed.deflated, -zlib.MAX_WBITS)


OPAQUE = Facts(name="")
"""All that is known of a document of an unknown kind that cannot be read: it is carried as it is."""


def named(facts: Facts, path: str) -> Facts:
    """What a document says of itself; one that says no name is called by its path."""
    return facts if facts.name else replace(facts, name=assets.split(path)[1].split(".")[0])


def _refuse(path: str, wrong: Iterable[str]) -> None:
    issues = [errors.Issue(path, what) for what in wrong]
    if issues:
        raise errors.Invalid.listing(issues)


def _unspeakable(facts: Facts) -> Iterator[str]:
    """What a document says that no workspace could look up: names with NUL characters, and what names no property."""
    said = {
        "the name of a table in lookup(…)": facts.lookups,
        "a provider": (*facts.applications, facts.trigger or "", facts.provider or ""),
    }
    yield from (f"{what} has a NUL character" for what, names in said.items() if any("\0" in name for name in names))
    for key in facts.keys:
        yield from (f"property {key[:NAME_SHOWN]!r}: {what}" for what in properties.name_issues(key))


def _name(kind: str, value: Mapping[str, documents.Value]) -> str:
    if kind in assets.PROPERTIES or kind == assets.PROJECT:
        return kind
    name = value.get("title" if kind == assets.CUSTOM_ADAPTER else "name")
    if isinstance(name, str) and name:
        return name.replace("\0", "")[:NAME_LENGTH]
    return ""


def _shape(kind: str, value: Mapping[str, documents.Value]) -> Iterator[str]:
    """What is wrong with a document of a known kind; unknown kinds have no shape to miss."""
    if kind in assets.ORDER and kind not in assets.PROPERTIES:
        key = "title" if kind == assets.CUSTOM_ADAPTER else "name"
        yield from name_issues(key, value.get(key))
    if kind == assets.CONNECTION and not _is_provider(value.get("provider")):
        yield "provider must be a text or a reference to a custom connector"
    if kind in _SHAPES:
        yield from _SHAPES[kind](value)
    if kind == assets.PROJECT_PROPERTIES and not isinstance(value.get("data"), Mapping):
        yield "data must be an object of property names"


def _data_table_shape(value: Mapping[str, documents.Value]) -> Iterator[str]:
    yield from list(tables.shape(value)) or data_tables.shape(value)


def name_issues(key: str, name: object) -> Iterator[str]:
    """What is wrong with the name of an asset."""
    if not isinstance(name, str) or not name.strip():
        yield f"{key} must be a text that is not blank"
    elif "\0" in name:
        yield f"{key} has a NUL character"
    elif len(name) > NAME_LENGTH:
        yield f"{key} is longer than {NAME_LENGTH} characters"


def _recipe_shape(value: Mapping[str, documents.Value]) -> Iterator[str]:
    code = value.get("code")
    if not isinstance(code, Mapping):
        yield "code must be an object: the trigger step"
    elif code.get("keyword") != "trigger":
        yield "the recipe has no trigger: its first step must have the keyword trigger"
    config = value.get("config", [])
    if not isinstance(config, list) or not all(isinstance(entry, Mapping) for entry in config):
        yield "config must be a list of objects"


def _is_provider(value: documents.Value) -> bool:
    return bool(value) if isinstance(value, str) else isinstance(value, Mapping) and "zip_name" in value


def _config(value: Mapping[str, documents.Value]) -> Iterator[tuple[str, references.Reference | None]]:
    config = value.get("config")
    for entry in config if isinstance(config, Sequence) and not isinstance(config, str) else ():
        if isinstance(entry, Mapping) and isinstance(entry.get("provider"), str):
            account = entry.get("account_id")
            refers = references.parse(account) if isinstance(account, Mapping) and "zip_name" in account else None
            yield str(entry["provider"]), refers


def _structure(kind: str, value: Mapping[str, documents.Value], text: str) -> str | None:
    if kind in assets.TABLES and isinstance(value.get("data"), str):
        return digest(documents.without_member(text, "data").encode())
    return None


def _keys(kind: str, value: Mapping[str, documents.Value]) -> tuple[str, ...]:
    if kind == assets.ACCOUNT_PROPERTIES:
        return tuple(value)
    data = value.get("data")
    return tuple(data) if kind == assets.PROJECT_PROPERTIES and isinstance(data, Mapping) else ()


_SHAPES: dict[str, Callable[[Mapping[str, documents.Value]], Iterable[str]]] = {
    assets.RECIPE: _recipe_shape,
    assets.LOOKUP_TABLE: tables.shape,
    assets.DATA_TABLE: _data_table_shape,
    assets.STUB: stubs.shape,
    assets.TEST_CASE: test_cases.shape,
}
"""What is wrong with documents of these kinds, beside their names."""
