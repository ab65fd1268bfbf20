"""API collections: endpoints under one handle, each answered by a recipe; and what an OpenAPI description asks for."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from recipeyard.model import assets, bundles, documents, errors

METHODS = frozenset("GET POST PUT PATCH DELETE".split())
MOST_ROUTES = 1000
FIRST_VERSION = "1.0"
TRIGGER = "workato_api_platform"
"""The connector whose trigger makes a recipe answer endpoints."""

_NOT_METHODS = frozenset("summary description servers parameters".split())
_PARAMETER = re.compile(r"\{([^{}/]+)\}")


TIMEOUT_S = 30
"""How long a call waits for its recipe's answer, where the endpoint does not say."""

LONGEST_TIMEOUT_S = 600


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection. `handle` begins the path of each of its endpoints."""

    asset: assets.Asset
    project_id: int | None
    handle: str
    version: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint of a collection; `recipe_id` is None where no recipe answers it yet."""

    asset: assets.Asset
    collection_id: int | None
    recipe_id: int | None
    handle: str
    method: str
    path: str
    legacy: bool
    active: bool
    timeout_s: int
    created_at: datetime
    updated_at: datetime

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names that its path leaves open."""
        return tuple(_PARAMETER.findall(self.path))

    def fits(self, path: Sequence[str]) -> dict[str, str] | None:
        """What a path, by its parts, fills in; None where it is another one's."""
        mine = self.path.split("/")
        found: dict[str, str] = {}
        for part, sent in zip(mine, path, strict=False):
            name = _PARAMETER.fullmatch(part)
            if name and sent:
                found[name[1]] = sent
            elif part != sent:
                return None
        return found if len(mine) == len(path) else None


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint that is wanted: its name, and the method and path it listens to."""

    name: str
    method: str
    path: str

    @classmethod
    def checked(cls, name: str, method: str, path: str) -> "Route":
        """A route that can be kept. Raises `errors.Invalid` naming the fields that can't."""
        issues = [errors.Issue("name", what) for what in bundles.name_issues("name", name)]
        if method.upper() not in METHODS:
            issues.append(errors.Issue("method", f"must be one of {', '.join(sorted(METHODS))}"))
        if not path.strip("/ ") or re.search(r"[\x00-\x20\x7f]", path):
            issues.append(errors.Issue("path", "can't be blank or hold spaces"))
        if issues:
            raise errors.Invalid.listing(issues)
        return cls(name, method.upper(), path.strip("/"))


def routes(spec: Mapping[str, documents.Value]) -> tuple[list[Route], list[str]]:
    """The endpoints that an OpenAPI description asks for, and a sentence for each that can't be.

    Raises `errors.Invalid` for what is no such description.
    """
    paths = spec.get("paths")
    if not isinstance(paths, Mapping):
        raise _refused("holds no `paths`: it is no OpenAPI description")
    made: dict[tuple[str, str], Route] = {}
    failed: list[str] = []
    for method, path, operation in _operations(paths):
        try:
            route = Route.checked(_name(method, path, operation), method, path)
        except errors.Invalid as e:
            failed.append(f"{method} {path}: {e.issues[0]}")
            continue
        if made.setdefault((route.method, route.path), route) is not route:
            failed.append(f"{method} {path}: is listed twice")
    if len(made) > MOST_ROUTES:
        raise _refused(f"asks for {len(made)} endpoints; a collection takes {MOST_ROUTES}")
    return list(made.values()), failed


def version_of(spec: Mapping[str, documents.Value]) -> str:
    """The version that an OpenAPI description gives itself, the first where it gives none."""
    info = spec.get("info")
    version = info.get("version") if isinstance(info, Mapping) else None
    return str(version).strip() or FIRST_VERSION if isinstance(version, str | int | float) else FIRST_VERSION


def timeout_s(said: documents.Value) -> int:
    """How long calls of an endpoint wait for their answer: what its document says, within reason."""
    number = int(said) if isinstance(said, int | str) and str(said).isascii() and str(said).isdigit() else TIMEOUT_S
    return min(max(number, 1), LONGEST_TIMEOUT_S)


def _operations(paths: Mapping[str, documents.Value]) -> Iterator[tuple[str, str, documents.Value]]:
    for path, item in paths.items():
        if str(path).startswith("x-"):
            continue
        operations: Mapping[str, documents.Value] = item if isinstance(item, Mapping) else {"?": None}
        for method, operation in operations.items():
            if method not in _NOT_METHODS and not str(method).startswith(("x-", "$")):
                yield str(method).upper(), str(path), operation


def _name(method: str, path: str, operation: documents.Value) -> str:
    given = [operation.get(key) for key in ("summary", "operationId")] if isinstance(operation, Mapping) else []
    return next((each.strip() for each in given if isinstance(each, str) and each.strip()), f"{method} {path}")


def _refused(what: str) -> errors.Invalid:
    return errors.Invalid.listing([errors.Issue("openapi_spec.content", what)])
