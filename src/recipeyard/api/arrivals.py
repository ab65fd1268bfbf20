"""How a package is to arrive, and the bytes that it arrives in: what imports and plans are asked with."""

import functools
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

import anyio.to_thread
from litestar.params import Parameter

from recipeyard.api import context, uploads
from recipeyard.model import assets, errors, packages
from recipeyard.work import import_package

T = TypeVar("T")

_POLICIES = "`incoming`, `fail`, `target` or, for recipes, `merge`"


BreakGlass = Annotated[
    str | None,
    Parameter(
        min_length=1,
        max_length=1000,
        description="Why this may not wait for the workspace's gates: passes them, where they allow it, and is "
        "written down.",
    ),
]


def reason(break_glass: str | None) -> str | None:
    """Why gates are to be passed, None where nobody wants that. Raises `errors.Invalid` where it says nothing."""
    if break_glass is not None and not break_glass.replace("\0", "").strip():
        raise errors.Invalid.listing([errors.Issue("break_glass", "can't be blank: it says why")])
    return break_glass


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a package is to arrive."""

    restart_recipes: Annotated[
        bool,
        Parameter(description="Let running recipes that change run their new version; else they refuse the import."),
    ] = False
    include_tags: Annotated[bool, Parameter(description="Apply the tags that the package carries.")] = False
    folder_id_for_home_assets: Annotated[
        int | None, Parameter(ge=1, description="The folder for assets that were exported from the root.")
    ] = None
    on_conflict: Annotated[
        str,
        Parameter(
            description="What becomes of assets that were changed here since a package deployed them: "
            f"{_POLICIES}; per kind after a comma, as in `fail,recipe:merge,connection:target`."
        ),
    ] = packages.Policy.INCOMING.value
    on_restart_failure: Annotated[
        packages.RestartFailure,
        Parameter(
            description="Where a recipe that ran can't run any more: `rollback` changes nothing at all, `keep` leaves "
            "it stopped, and the package ends `failed` saying so."
        ),
    ] = packages.RestartFailure.ROLLBACK
    prune: Annotated[
        bool,
        Parameter(
            description="Delete what is in the folder and below it, and not in the package; else all of it stays. "
            "What somebody still refers to refuses the import, and so does a running recipe without restart_recipes."
        ),
    ] = False

    only: Annotated[
        list[str] | None,
        Parameter(
            query="only[]",
            description="Import these alone, each a path of the package, a folder of it, a type of asset, or the id of "
            "an asset here; may be repeated. Not with prune.",
        ),
    ] = None
    dependencies: Annotated[
        packages.Dependencies,
        Parameter(
            description="`include` takes along what of the package the selected assets refer to, `require` nothing: "
            "what they refer to must be here, or it refuses the import."
        ),
    ] = packages.Dependencies.INCLUDE
    require_tests: Annotated[
        bool,
        Parameter(
            description="Run the test cases that arrive, and those of recipes that change, before anything changes: "
            "one that fails refuses the import."
        ),
    ] = False

    def options(self) -> packages.Options:
        """The same for the deeds. Raises `errors.Invalid` naming the parameter at fault."""
        first, by_kind = policies(self.on_conflict)
        return packages.Options(
            restart_recipes=self.restart_recipes,
            include_tags=self.include_tags,
            folder_id_for_home_assets=self.folder_id_for_home_assets,
            on_conflict=first,
            by_kind=by_kind,
            on_restart_failure=self.on_restart_failure,
            prune=self.prune,
            only=tuple(dict.fromkeys(self.only or ())),
            dependencies=self.dependencies,
            require_tests=self.require_tests,
        )


@dataclass(frozen=True, slots=True)
class RollbackOptions:
    """How a package is to be taken back."""

    on_conflict: Annotated[
        str,
        Parameter(
            description=f"What becomes of assets that were changed after the package: {_POLICIES}, where `incoming` "
            "takes back all the same, `target` leaves them, `merge` keeps the later changes; per kind after a comma."
        ),
    ] = packages.Policy.FAIL.value
    on_restart_failure: Annotated[
        packages.RestartFailure,
        Parameter(
            description="Where a recipe that ran before can't run: `rollback` changes nothing at all, `keep` leaves it "
            "stopped, and the package ends `failed` saying so."
        ),
    ] = packages.RestartFailure.ROLLBACK
    plan_only: Annotated[
        bool, Parameter(description="Only say what it would change: the answer is a plan that can be applied.")
    ] = False

    def options(self) -> packages.Options:
        """The same for the deeds. Raises `errors.Invalid` naming the parameter at fault."""
        first, by_kind = policies(self.on_conflict, packages.Policy.FAIL)
        return packages.Options(
            restart_recipes=True, on_conflict=first, by_kind=by_kind, on_restart_failure=self.on_restart_failure
        )


def policies(
    asked: str, default: packages.Policy = packages.Policy.INCOMING
) -> tuple[packages.Policy, tuple[tuple[str, packages.Policy], ...]]:
    """The policy for every kind, and those of single kinds, by kind. Raises `errors.Invalid` for what is neither."""
    kinds = {wire: kind for kind, wire in assets.WIRE_TYPES.items()} | {kind: kind for kind in assets.ORDER}
    by_kind: dict[str, packages.Policy] = {}
    issues: list[errors.Issue] = []
    for part in filter(None, asked.split(",")):
        kind, separator, word = part.rpartition(":")
        if word not in set(packages.Policy):
            issues.append(errors.Issue("on_conflict", f"{word!r} is none of {', '.join(packages.Policy)}"))
        elif separator and kind not in kinds:
            issues.append(errors.Issue("on_conflict", f"{kind!r} is no kind of asset"))
        elif separator:
            by_kind[kinds[kind]] = packages.Policy(word)
        else:
            default = packages.Policy(word)
    if issues:
        raise errors.Invalid.listing(issues)
    return default, tuple(sorted(by_kind.items()))


async def receive(
    request: context.Asked,
    context: context.Context,
    place: tuple[int, int],
    options: packages.Options,
    accept: Callable[[str], T],
) -> T:
    """Keep the zip that a request carries, and let `accept` have its key; a refused one leaves nothing behind."""
    await anyio.to_thread.run_sync(_check_place, context, place, options)
    key = f"uploads/{uuid.uuid4().hex}/data.zip"
    content_type = request.headers.get("content-type", "")
    limit = context.deed.limits.archive_bytes
    uploads.check_announced(request.content_length, limit)
    await context.deed.blobs.receive(key, uploads.archive(content_type, request.stream(), limit))
    return await anyio.to_thread.run_sync(functools.partial(_accept, context, key, accept))


def _check_place(context: context.Context, place: tuple[int, int], options: packages.Options) -> None:
    with context.deed.db.read() as tx:
        import_package.check_place(tx, place, options)


def _accept(context: context.Context, key: str, accept: Callable[[str], T]) -> T:
    try:
        import_package.check_archive(context.deed, key)
        return accept(key)
    except BaseException:
        context.deed.blobs.delete(key)
        raise
