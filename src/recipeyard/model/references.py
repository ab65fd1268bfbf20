"""References: how one document names another asset, found in the text and changed in the text.

Any object with a `zip_name` key is a reference, wherever it stands. Changing one touches only its own values: the rest
of the document leaves as it came in, byte for byte.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from recipeyard.model import assets

HOME = "Home"

_KEY = '"zip_name"'
_DECODER = json.JSONDecoder()
_MEMBERS = ("zip_name", "name", "folder", "folder_full_path")
_NEAREST_BRACES = 256
_SPAN = 65536
_STRING = r'"(?:[^"\\]|\\.)*"'
_LOOKUP = re.compile(r'\blookup\(\s*(?:\\"(?P<double>(?:[^"\\]|\\[^"])*)\\"|\'(?P<single>[^\'"]*)\')')
_NEW_PROPERTY = re.compile(
    r'\\"pill_type\\":\s*\\"(account|project)_property\\",\s*\\"property_name\\":\s*\\"([^"\\]+)\\"'
)
_OLD_PROPERTY = re.compile(r"_\('data\.workato\.job_context\.(account|project)_properties\.([^'\\]+)'")


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """One document naming another asset. `full_path` is set where the target lies outside the package."""

    zip_name: str
    name: str
    folder: str
    full_path: str | None = None

    @property
    def kind(self) -> str | None:
        """The target's kind, read from its file name; None where that names no asset."""
        parsed = assets.parse_file(assets.split(self.zip_name)[1])
        return parsed.kind if parsed else None

    @property
    def stem(self) -> str:
        """The target's stem, "" where its file name names no asset."""
        parsed = assets.parse_file(assets.split(self.zip_name)[1])
        return parsed.stem if parsed else ""

    def __str__(self) -> str:
        return f"{self.full_path}/{self.name}" if self.full_path else self.zip_name


def inside(path: str, name: str) -> Reference:
    """The reference to an asset that stands at `path` in the same package."""
    return Reference(path, name, assets.split(path)[0])


def outside(folder_path: str, filename: str, name: str) -> Reference:
    """The reference to an asset of another project: its leaf folder, and the whole path from the workspace's root."""
    leaf = assets.split(folder_path)[1]
    return Reference(assets.join(leaf, filename), name, leaf, f"{HOME}/{folder_path}" if folder_path else HOME)


def parse(value: Mapping[str, object]) -> Reference:
    """The reference that a decoded object with a `zip_name` key is; odd values are read as text."""
    texts = {key: str(value.get(key) or "").replace("\0", "") for key in _MEMBERS}
    full_path = texts["folder_full_path"] or None
    return Reference(texts["zip_name"], texts["name"], texts["folder"], full_path)


def find(text: str) -> tuple[Reference, ...]:
    """Every reference of a document, once each, in the order of first mention."""
    return tuple(dict.fromkeys(parse(value) for _, _, value in _spans(text)))


def lookups(text: str) -> tuple[str, ...]:
    """The names of the tables that formulas look up, once each, in the order of first mention."""
    if "lookup(" not in text:
        return ()
    names = (match["double"] if match["double"] is not None else match["single"] for match in _LOOKUP.finditer(text))
    return tuple(dict.fromkeys(_said(name) for name in names))


def is_speakable(name: str) -> bool:
    """Whether a name can stand in quotes in a formula, whichever quotes."""
    return name.isprintable() and not set("'\"\\") & set(name)


def properties(text: str) -> tuple[tuple[str, str], ...]:
    """The properties that pills name, as (`account` or `project`, name), once each."""
    if "_propert" not in text:
        return ()
    found = _NEW_PROPERTY.findall(text) + _OLD_PROPERTY.findall(text)
    return tuple(dict.fromkeys((scope, _said(name)) for scope, name in found))


def rewrite(text: str, change: Callable[[Reference], Reference]) -> str:
    """The text with every reference replaced by what `change` makes of it; a same reference leaves its text alone."""
    pieces: list[str] = []
    done = 0
    for start, end, value in _spans(text):
        old = parse(value)
        new = change(old)
        if new != old and start >= done:
            pieces += text[done:start], _replaced(text[start:end], new)
            done = end
    return "".join([*pieces, text[done:]])


def rename_providers(text: str, names: Mapping[str, str]) -> str:
    """The text with custom connectors called by other internal names, all at once: names may change places.

    They stand as the `provider` of steps, of connections and of pills (in JSON that stands in text too), and second in
    the path of an old pill; everywhere else the same word is somebody's text.
    """
    old = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    found = rf"""(\\*"provider\\*"\s*:\s*\\*")({old})(?=\\*")|(_\('data\.)({old})(?=\.)"""
    return re.sub(found, lambda m: f"{m[1]}{names[m[2]]}" if m[1] else f"{m[3]}{names[m[4]]}", text)


def rename_named(text: str, tables: Mapping[str, str], properties: Mapping[tuple[str, str], str]) -> str:
    """The text with tables that formulas look up, and properties by scope and name that pills show, called otherwise.

    The new names must be speakable.
    """

    def table(match: re.Match[str]) -> str:
        group = "single" if match["double"] is None else "double"
        return _put(match, group, tables.get(_said(match[group])))

    def shown(match: re.Match[str]) -> str:
        return _put(match, 2, properties.get((match[1], _said(match[2]))))

    for pattern, change in ((_LOOKUP, table), (_NEW_PROPERTY, shown), (_OLD_PROPERTY, shown)):
        text = pattern.sub(change, text)
    return text


def _said(name: str) -> str:
    """The name that stands in a text of JSON."""
    return str(json.loads(f'"{name}"'))


def _put(match: re.Match[str], group: int | str, name: str | None) -> str:
    if name is None:
        return match[0]
    start, end = match.start(group) - match.start(), match.end(group) - match.start()
    return f"{match[0][:start]}{name}{match[0][end:]}"


def _spans(text: str) -> Iterator[tuple[int, int, dict[str, object]]]:
    done = 0
    key_at = text.find(_KEY)
    while key_at >= 0:
        found = _enclosing(text, key_at)
        if found:
            done = found[1]
            yield found
        key_at = text.find(_KEY, max(done, key_at + 1))


def _enclosing(text: str, key_at: int) -> tuple[int, int, dict[str, object]] | None:
    """The object around a key: the nearest brace before it from which a whole object with that key can be read.

    References are small. The search is bounded, so that a document made to be slow is not.
    """
    brace = key_at
    for _ in range(_NEAREST_BRACES):
        brace = text.rfind("{", max(0, key_at - _SPAN), brace)
        if brace < 0:
            return None
        try:
            value, end = _DECODER.raw_decode(text, brace)
        except json.JSONDecodeError:
            continue
        if end > key_at and "zip_name" in value:
            return brace, end, value
    return None


def _replaced(text: str, new: Reference) -> str:
    for key, value in (("zip_name", new.zip_name), ("name", new.name), ("folder", new.folder)):
        text = _set_member(text, key, value)
    if new.full_path is None:
        return re.sub(rf',\s*"folder_full_path"\s*:\s*{_STRING}', "", text, count=1)
    if '"folder_full_path"' in text:
        return _set_member(text, "folder_full_path", new.full_path)
    added = f'"folder_full_path": {json.dumps(new.full_path, ensure_ascii=False)}'
    return re.sub(rf'(\s*)("folder"\s*:\s*{_STRING})', lambda m: f"{m[1]}{m[2]},{m[1]}{added}", text, count=1)


def _set_member(text: str, key: str, value: str) -> str:
    spelled = json.dumps(value, ensure_ascii=False)
    return re.sub(rf'("{key}"\s*:\s*)(?:{_STRING}|null)', lambda match: match[1] + spelled, text, count=1)


def meets(refers_to: Sequence[Reference], linked: Mapping[int, int]) -> dict[Reference, int]:
    """Links by reference instead of by position: the id of the asset that each reference meets."""
    return {refers_to[position]: target for position, target in linked.items() if position < len(refers_to)}
