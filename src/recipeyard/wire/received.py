"""Answers as a client reads them: the keys that every server of this API sends, and those it may send beside them.

A key without a default is required. A key with one may be absent: what only some servers say is never relied on. Keys
that stand here for our own server's answers must be among those it documents; a test compares them.
"""

import contextlib
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


class User(msgspec.Struct, frozen=True):
    """The workspace that a token opens."""

    id: int
    name: str
    root_folder_id: int
    email: str | None = None
    recipes_count: int = 0
    active_recipes_count: int = 0


class Folder(msgspec.Struct, frozen=True):
    """A folder; `is_project` where it is a project's top."""

    id: int
    name: str
    parent_id: int | None = None
    is_project: bool = False
    project_id: int | None = None


class Project(msgspec.Struct, frozen=True):
    """A project. `folder_id` is its top folder; the ids of projects and folders count apart."""

    id: int
    name: str
    folder_id: int
    description: str | None = None


class Manifest(msgspec.Struct, frozen=True):
    """A stored selection of assets."""

    id: int
    name: str
    status: str = ""


class ManifestAnswer(msgspec.Struct, frozen=True):
    """One manifest."""

    result: Manifest


class FolderAsset(msgspec.Struct, frozen=True):
    """An asset that an export of a folder would hold; `zip_name` is its path in the archive."""

    id: int
    name: str
    type: str
    zip_name: str
    folder: str | None = None
    version: int | None = None


class FolderAssets(msgspec.Struct, frozen=True):
    """The assets of a folder."""

    assets: tuple[FolderAsset, ...]


class FolderAssetsAnswer(msgspec.Struct, frozen=True):
    """The inventory of a folder."""

    result: FolderAssets


class RecipeStatus(msgspec.Struct, frozen=True):
    """What an import did to one recipe's run state."""

    id: int
    import_result: str


class PackageAsset(msgspec.Struct, frozen=True):
    """What a transfer did to one asset. `action`: created, updated, unchanged, renamed, deleted, restored, exported."""

    id: int
    type: str
    name: str
    zip_name: str
    action: str
    version_before: int | None = None
    version_after: int | None = None


class Package(msgspec.Struct, frozen=True):
    """One export, import or rollback. What has a default is said by some servers only."""

    id: int
    operation_type: str
    status: str
    download_url: str | None = None
    error: str | None = None
    recipe_status: tuple[RecipeStatus, ...] = ()
    phase: str | None = None
    percent: int | None = None
    warnings: tuple[str, ...] = ()
    plan_id: int | None = None
    rolls_back_id: int | None = None
    assets: tuple[PackageAsset, ...] | None = None

    @property
    def has_ended(self) -> bool:
        """Whether it is completed or failed for good."""
        return self.status not in {"in_progress", "processing"}

    @property
    def is_completed(self) -> bool:
        """Whether it has ended well."""
        return self.status in {"completed", "succeeded"}


class Recipe(msgspec.Struct, frozen=True):
    """A recipe; `code` is a text of JSON, empty in lists that were asked for without it."""

    id: int
    name: str
    running: bool
    folder_id: int | None = None
    project_id: int | None = None
    version_no: int | None = None
    description: str | None = None
    trigger_application: str | None = None
    applications: tuple[str, ...] = ()
    stop_cause: str | None = None
    updated_at: str | None = None
    code: str = ""


class RecipeList(msgspec.Struct, frozen=True):
    """A page of recipes."""

    items: tuple[Recipe, ...]


class Connection(msgspec.Struct, frozen=True):
    """A connection. `authorization_status` is success where it holds credentials that work."""

    id: int
    name: str
    application: str
    provider: str | None = None
    folder_id: int | None = None
    authorization_status: str | None = None


class Success(msgspec.Struct, frozen=True):
    """A change was made."""

    success: bool | str = True


class Error(msgspec.Struct, frozen=True):
    """What is wrong with a request, in any of the shapes that servers say it in."""

    message: Any = None
    error: Any = None
    errors: Any = None
    success: Any = None
    code_errors: Any = None
    config_errors: Any = None

    @property
    def sentence(self) -> str:
        """The message, empty where there is none."""
        return str(self.message or self.error or "")

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Each field at fault with what is wrong; the field is empty where none is named."""
        if isinstance(self.errors, dict):
            return [(str(name), _text(what)) for name, whats in self.errors.items() for what in _listed(whats)]
        return [("", _text(what)) for what in _listed(self.errors)]

    @property
    def problems(self) -> list[tuple[int, list[Any]]]:
        """What keeps a recipe from starting: each a step's number with label, value, sentence and path."""
        found: list[tuple[int, list[Any]]] = []
        for pair in [*_listed(self.code_errors), *_listed(self.config_errors)]:
            if isinstance(pair, list) and len(pair) == 2:
                found += [(int(pair[0]), [*_listed(detail), None, None, None][:4]) for detail in _listed(pair[1])]
        return found


def decode(content: bytes, kind: type[T]) -> T:
    """An answer of that kind. Raises `msgspec.ValidationError` or `msgspec.DecodeError` where it is another."""
    return msgspec.json.decode(content, type=kind)


def error(content: bytes) -> Error:
    """What an answer says is wrong; empty where it is no JSON object."""
    with contextlib.suppress(msgspec.MsgspecError):
        return msgspec.json.decode(content, type=Error)
    return Error()


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("title") or value.get("message") or value)
    return str(value)
