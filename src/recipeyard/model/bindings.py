"""Bindings: a workspace's own answers to what packages name. Set once, used by every import.

A reference says which asset here bears a package's name, a scope which values properties have here, a rule what becomes
of a table's rows. One question has one answer, so that nobody needs to know in which order answers are looked for.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from recipeyard.model import activities, assets, bundles, errors, properties, references

VALUE_LENGTH = 1024
"""How many characters a property's value has at most."""

KINDS = assets.WIRE_TYPES.keys() - assets.PROPERTIES - {assets.API_ENDPOINT}
"""The kinds that can be bound. Properties have answers of their own, and endpoints go with their collection."""


class Policy(StrEnum):
    """What rows that arrive do to those that are here.

    `insert` adds rows whose key is not here, and touches no other. `update` also gives rows of the same key what
    arrives. `mirror` makes the rows here those that arrive. `ignore` touches none.
    """

    INSERT = "insert"
    UPDATE = "update"
    MIRROR = "mirror"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Reference:
    """What bears this name in a package is the asset `target_id` here.

    `provider` is the app that a connection must be for in the package, `folder` the folder that it stands in there;
    None for any. Where both kinds of answer fit, the one that says the folder comes first.
    """

    kind: str
    name: str
    target_id: int
    provider: str | None = None
    folder: str | None = None

    @property
    def question(self) -> Hashable:
        """What it answers."""
        return self.kind, self.name, self.provider, self.folder

    def fits(self, asked: "Asked") -> bool:
        """Whether it is an answer to what a package names."""
        return (
            (self.kind, self.name) == (asked.kind, asked.name)
            and self.provider in {None, asked.provider}
            and (self.folder is None or self.folder in asked.folders)
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What a package names: a kind and a name, for a connection its app, and what its folder may be called."""

    kind: str
    name: str
    provider: str | None
    folders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """The properties of the workspace (`project` is None) or of the project of that name here.

    `values` are what they hold here, `names` what properties that packages name are called here.
    """

    project: str | None
    values: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """What becomes of the rows of the tables that bear this name in packages.

    `key` are the columns, by label or name, that tell a row from the others.
    """

    kind: str
    name: str
    policy: Policy
    key: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bindings:
    """All of a workspace's bindings."""

    references: tuple[Reference, ...] = ()
    properties: tuple[Scope, ...] = ()
    rows: tuple[Rule, ...] = ()

    def answer(self, asked: Asked) -> Reference | None:
        """The binding of what a package names: of those that fit, the one that says most."""
        fits = [each for each in self.references if each.fits(asked)]
        return max(fits, key=lambda each: (each.folder is not None, each.provider is not None), default=None)

    def scope(self, project: str | None) -> Scope:
        """The properties of the workspace, or of a project."""
        return next((each for each in self.properties if each.project == project), Scope(project))

    def rule(self, kind: str, name: str) -> Rule | None:
        """What becomes of the rows of a table, None where nobody said."""
        return next((each for each in self.rows if (each.kind, each.name) == (kind, name)), None)


@dataclass(frozen=True, slots=True)
class Version:
    """A workspace's bindings as somebody set them; number 0 is what holds before anybody did."""

    number: int = 0
    bindings: Bindings = Bindings()
    set_by: activities.Actor | None = None
    created_at: datetime | None = None


def ordered(sent: Bindings) -> Bindings:
    """The same bindings in the order in which they are kept and shown: equal bindings are equal texts."""
    return Bindings(
        tuple(sorted(sent.references, key=lambda each: (each.kind, each.name, each.folder or "", each.provider or ""))),
        tuple(
            Scope(each.project, dict(sorted(each.values.items())), dict(sorted(each.names.items())))
            for each in sorted(sent.properties, key=lambda each: (each.project is not None, each.project or ""))
            if each.values or each.names
        ),
        tuple(sorted(sent.rows, key=lambda each: (each.kind, each.name))),
    )


def issues(sent: Bindings) -> list[errors.Issue]:
    """What is wrong with bindings in themselves, by entry; whether what they name is here is not looked at."""
    found = [
        *_placed("references", [_of_reference(each) for each in sent.references]),
        *_placed("properties", [_of_scope(each) for each in sent.properties]),
        *_placed("rows", [_of_rule(each, sent) for each in sent.rows]),
        *_placed("references", _again([each.question for each in sent.references])),
        *_placed("properties", _again([each.project for each in sent.properties])),
        *_placed("rows", _again([(each.kind, each.name) for each in sent.rows])),
    ]
    return [errors.Issue(where, what) for where, what in found]


def _placed(part: str, wrong: Iterable[Iterable[str]]) -> Iterator[tuple[str, str]]:
    for at, each in enumerate(wrong):
        yield from ((f"{part}.{at}", what) for what in each)


def _again(questions: Iterable[Hashable]) -> Iterator[list[str]]:
    """For each question, what is wrong where it was asked before."""
    first: dict[Hashable, int] = {}
    for at, question in enumerate(questions):
        before = first.setdefault(question, at)
        yield [] if before == at else [f"answers what entry {before} answers already"]


def _of_reference(entry: Reference) -> Iterator[str]:
    yield from bundles.name_issues("name", entry.name)
    if entry.kind not in KINDS:
        yield f"kind: {entry.kind!r} can't be bound; kinds are {', '.join(sorted(KINDS))}"
    if entry.provider is not None and entry.kind != assets.CONNECTION:
        yield "provider: only connections have one"
    if entry.folder is not None and entry.kind in assets.AT_ROOT:
        yield f"folder: a {assets.spoken(entry.kind)} stands in no folder of a package"
    if any("\0" in text for text in (entry.provider or "", entry.folder or "")):
        yield "has a NUL character"


def _of_scope(entry: Scope) -> Iterator[str]:
    for name, value in entry.values.items():
        yield from (f"values: {name!r}: {what}" for what in _of_value(name, value))
    for name, here in entry.names.items():
        yield from (f"names: {name!r}: {what}" for what in _of_name(name, here))
    both = entry.values.keys() & entry.names.keys()
    yield from (f"{name!r} has a value and another name; the value belongs to that name" for name in sorted(both))


def _of_value(name: str, value: str) -> Iterator[str]:
    yield from properties.name_issues(name)
    if "\0" in value:
        yield "values can't hold NUL characters"
    if len(value) > VALUE_LENGTH:
        yield f"values are at most {VALUE_LENGTH} characters long"


def _of_name(name: str, here: str) -> Iterator[str]:
    yield from properties.name_issues(name)
    yield from properties.name_issues(here)
    if not references.is_speakable(here):
        yield f"{here!r} can't be written in a formula: it holds a quote, a backslash or a line break"


def _of_rule(entry: Rule, sent: Bindings) -> Iterator[str]:
    yield from bundles.name_issues("name", entry.name)
    if entry.kind not in assets.TABLES:
        yield f"kind: {entry.kind!r} has no rows; kinds are {', '.join(sorted(assets.TABLES))}"
    if entry.policy in {Policy.INSERT, Policy.UPDATE} and not entry.key:
        yield f"key: {entry.policy} needs the columns that tell a row from the others"
    if any(not column.strip() or "\0" in column for column in entry.key) or len(set(entry.key)) < len(entry.key):
        yield "key: names columns, each once"
    if any((each.kind, each.name) == (entry.kind, entry.name) for each in sent.references):
        yield f"{entry.name!r} is bound to a table that keeps its rows; it can't have a policy for them too"
