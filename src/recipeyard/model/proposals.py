"""Proposals: plans as they are kept and shown. What a transfer would change, and what stands in its way."""

from collections.abc import Set
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from recipeyard.model import activities, diffs, errors, packages


class Status(StrEnum):
    """Where a plan stands. A plan that is ready may have blockers: it was made, and can't be applied."""

    IN_PROGRESS = "in_progress"
    READY = "ready"
    FAILED = "failed"


class Action(StrEnum):
    """What would happen to one asset. A conflict is an update of what has been changed here as well."""

    CREATE = "create"
    UPDATE = "update"
    RENAME = "rename"
    DELETE = "delete"
    CONFLICT = "conflict"


class Code(StrEnum):
    """What a notice is about."""

    INVALID = "invalid"
    RUNNING = "running_recipe"
    REWIRED = "rewired_recipe"
    CANNOT_RUN = "cannot_run"
    CONFLICT = "conflict"
    DRIFT = "drift"
    UNRESOLVED = "unresolved_reference"
    UNSET_PROPERTY = "unset_property"
    MISSING_CONNECTOR = "missing_connector"
    UNAUTHORIZED = "unauthorized_connection"
    NAME_CLASH = "name_clash"
    RENAME = "possible_rename"
    PULLED_IN = "pulled_in"
    IN_USE = "in_use"
    KEPT = "kept"
    BINDING = "binding"
    GATE = "gate"
    LINT = "lint"
    TESTS = "tests"
    ARCHIVE = "archive"


GATES = frozenset({Code.GATE, Code.LINT, Code.TESTS})
"""What the workspace's gates say. They count as they are when a plan is applied, whatever they were before."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that stands in the way, or that people should know: what about, where in the package, a sentence."""

    code: Code
    path: str
    message: str

    def __str__(self) -> str:
        return str(self.issue)

    @property
    def issue(self) -> errors.Issue:
        """The same as one thing that is wrong with a request."""
        return errors.Issue(self.path, self.message)


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs in one asset: its document; files beside it, as (suffix, digest before, digest after); its tags.

    `references` spell those that would mean another asset than before.
    """

    document: diffs.Diff | None = None
    files: tuple[tuple[str, str | None, str | None], ...] = ()
    references: tuple[str, ...] = ()
    tags_added: tuple[str, ...] = ()
    tags_removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One change. `asset_id` is None for what has yet to be made, and is the asset's for all else.

    `digest_before` and `digest_after` name documents, None where there is none on that side; `diff` is what differs,
    None for what is made or deleted whole. `resolution` is the policy that decides a conflict; `drifted` says that the
    asset was changed here since a package deployed it. `used_by` names what refers to an asset that would go.
    `previous_name` and `previous_path` are those of what is renamed or moved. `state` is a digest of everything that
    would be overwritten and that the rest of the line does not name whole: rows, references, values of properties. It
    is nobody's to see.
    """

    action: Action
    kind: str
    name: str
    path: str
    asset_id: int | None = None
    digest_before: str | None = None
    digest_after: str | None = None
    diff: Difference | None = None
    previous_name: str | None = None
    previous_path: str | None = None
    restarts: bool = False
    drifted: bool = False
    resolution: packages.Policy | None = None
    used_by: tuple[str, ...] = ()
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """A binding that a plan used: what bears this name in the package is that asset here, or has that value."""

    path: str
    kind: str
    name: str
    target_id: int | None
    target: str


@dataclass(frozen=True, slots=True)
class Rest:
    """One thing that a plan rests on: the asset that a path met, at which version and whether it ran; None for none."""

    path: str
    kind: str
    name: str
    asset_id: int | None = None
    version_no: int | None = None
    running: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """What a plan says. `unchanged` counts what would stay; `restarts` are recipes by id and name.

    `bindings_version` is the version of the bindings that held, 0 where there were none.
    """

    changes: tuple[Line, ...] = ()
    unchanged: int = 0
    restarts: tuple[tuple[int, str], ...] = ()
    blockers: tuple[Notice, ...] = ()
    warnings: tuple[Notice, ...] = ()
    bindings: tuple[Bound, ...] = ()
    bindings_version: int = 0
    rests_on: tuple[Rest, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan's record. `package_id` is the package that it would import or take back, `applied_id` the one that did."""

    id: int
    workspace_id: int
    operation: packages.Operation
    status: Status
    folder_id: int
    package_id: int | None
    applied_id: int | None
    options: packages.Options
    asked_by: activities.Actor
    file_name: str
    blob_key: str | None
    fingerprint: str | None
    content: Content | None
    error_parts: tuple[str, ...]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Turned:
    """A property of a folder that was declared, set or taken away: whether it was there, its value before and after."""

    folder_id: int
    name: str
    was_there: bool
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Removed:
    """A folder that was taken away because nothing was left in it."""

    folder_id: int
    parent_id: int
    name: str
    project_id: int | None
    is_project: bool
    description: str


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a transfer changed beside assets, so that it can be taken back.

    `folders` were made, parents first; `removed` taken away, children first. `descriptions` are those of projects
    before and after, with the project's id first.
    """

    folders: tuple[int, ...] = ()
    removed: tuple[Removed, ...] = ()
    properties: tuple[Turned, ...] = ()
    descriptions: tuple[tuple[int, str, str], ...] = ()


def binding_part(content: Content) -> Content:
    """What a plan says and is held to: neither what the gates say of it, nor what people should know, nor sentences."""
    standing = dict.fromkeys(replace(each, message="") for each in content.blockers if each.code not in GATES)
    return replace(content, blockers=tuple(standing), warnings=())


def moved(planned: Content, found: Content) -> list[str]:
    """A sentence for each thing that is another one than a plan said; what gates say aside, and warnings."""
    before = {line.path: line for line in planned.changes}
    after = {line.path: line for line in found.changes}
    lines = [
        f"{path}: {_how(before.get(path), after.get(path))}"
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    ]
    told = {(each.code, each.path) for each in planned.blockers}
    lines += [str(each) for each in found.blockers if each.code not in GATES and (each.code, each.path) not in told]
    restarts = sorted(set(planned.restarts) ^ set(found.restarts))
    lines += [
        f"recipe {each[1]!r} would {'be' if each in found.restarts else 'not be'} restarted by now" for each in restarts
    ]
    bound = sorted({each.path: None for each in set(planned.bindings) ^ set(found.bindings)})
    lines += [f"{path}: what its names are bound to has changed" for path in bound]
    if planned.bindings_version != found.bindings_version and not bound:
        lines.append("the bindings are others by now")
    lines += _other_rests(planned, found, before.keys() | after.keys())
    return lines or ["what the plan rests on has changed"]


def _how(planned: Line | None, found: Line | None) -> str:
    if planned is None or found is None or planned.action is not found.action:
        return f"the plan would {_spoken(planned)} it, now it would be to {_spoken(found)}"
    if replace(planned, state=found.state) == found:
        return "what would be overwritten has been changed since"
    return f"the plan would {_spoken(planned)} it otherwise than it would be now"


def _spoken(line: Line | None) -> str:
    return str(line.action) if line else "keep"


def _other_rests(planned: Content, found: Content, told: Set[str]) -> list[str]:
    """What stays and is not as it was, at paths of which nothing was told yet."""
    paths = {each.path for each in set(planned.rests_on) ^ set(found.rests_on)} - told
    return [f"{path}: what is here has changed" for path in sorted(paths)]
