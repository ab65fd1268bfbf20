"""What a client can do about a promotion: follow it, see it before, apply exactly that, take it back.

`recipeyard.client.Client` is made of this; nothing here is meant to be used alone.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict, TypeVar, Unpack

import msgspec

from recipeyard import calling
from recipeyard.model import errors
from recipeyard.wire import received, received_bindings, received_gates, received_histories, received_plans

Watch = Callable[[received.Package], None]
T = TypeVar("T", received.Package, received_plans.Plan)

_SPELLED = {"only": "only[]"}
_FIRST_PAUSE_S, _LAST_PAUSE_S = 0.05, 2.0
_SILENCE_S = 60.0


class RollbackOptions(TypedDict, total=False):
    """How a package is to be taken back; `docs/api.md` says what each means."""

    on_conflict: str
    on_restart_failure: str


class ImportOptions(RollbackOptions, total=False):
    """How a package is to arrive; `docs/api.md` says what each means."""

    restart_recipes: bool
    include_tags: bool
    folder_id_for_home_assets: int
    prune: bool
    only: Sequence[str]
    dependencies: str
    break_glass: str
    require_tests: bool


class NotCompleted(errors.Failure):
    """A package failed. `package` is how it ended, `is_untouched` says that nothing of it happened."""

    def __init__(self, package: received.Package) -> None:
        super().__init__(package.error or f"package {package.id} ended as {package.status!r}")
        self.package = package

    @property
    def is_untouched(self) -> bool:
        """Whether the package changed nothing; one that may keep what can't restart has changed what it lists."""
        return not self.package.assets


class Promoter(calling.Caller):
    """Packages and plans of a workspace."""

    def package(self, package_id: int) -> received.Package:
        """A package as it is now."""
        return self._ask(received.Package, "GET", f"packages/{package_id}")

    def follow(self, package: received.Package, watch: Watch | None = None) -> received.Package:
        """Ask until a package has ended: soon at first, then every two seconds. `watch` sees each answer.

        A server that falls silent is waited for, a minute. Raises `NotCompleted` where the package failed.
        """
        package = _followed(package, self.package, watch)
        if not package.is_completed:
            raise NotCompleted(package)
        return package

    def cancel(self, package_id: int) -> received.Package:
        """End a package before anything comes of it. Raises `errors.Conflict` where it is too late."""
        return self._ask(received.Package, "POST", f"packages/{package_id}/cancel")

    def plan_import(
        self, folder_id: int, source: bytes | Path | int, **options: Unpack[ImportOptions]
    ) -> received_plans.Plan:
        """Start a plan of an import; `follow_plan` waits for it. The source is a zip, its file, or a package's id.

        Glass is broken when a plan is applied, not before.
        """
        asked = spelled(options) | {"folder_id": folder_id}
        if isinstance(source, int):
            return self._ask(received_plans.Plan, "POST", "plans", params=asked | {"package_id": source})
        return self._send(received_plans.Plan, "plans", source, asked)

    def plan(self, plan_id: int) -> received_plans.Plan:
        """A plan as it is now."""
        return self._ask(received_plans.Plan, "GET", f"plans/{plan_id}")

    def follow_plan(self, plan: received_plans.Plan) -> received_plans.Plan:
        """Ask until a plan is ready. Raises `errors.Unprocessable` where none can be made."""
        plan = _followed(plan, self.plan)
        if plan.status != "ready":
            raise errors.Unprocessable(plan.error or f"plan {plan.id} ended as {plan.status!r}")
        return plan

    def apply_plan(self, plan_id: int, *, break_glass: str | None = None) -> received.Package:
        """Start what a plan says; `follow` waits for its end. `break_glass` is the reason for passing the gates.

        Raises `errors.Conflict` naming what has moved since, and `errors.Unprocessable` where something stands in its
        way.
        """
        params = {} if break_glass is None else {"break_glass": break_glass}
        return self._ask(received.Package, "POST", f"plans/{plan_id}/apply", params=params)

    def approve_plan(self, plan_id: int, comment: str | None = None) -> received_gates.Approvals:
        """Say that somebody else's plan may be applied."""
        path = f"plans/{plan_id}/approvals"
        return self._ask(received_gates.Approvals, "POST", path, json={"comment": comment})

    def withdraw_approval(self, plan_id: int) -> received_gates.Approvals:
        """Take one's own approval back. Raises `errors.NotFound` where there is none."""
        return self._ask(received_gates.Approvals, "DELETE", f"plans/{plan_id}/approvals")

    def delete_plan(self, plan_id: int) -> None:
        """Forget a plan that was not applied."""
        self._ask(received.Success, "DELETE", f"plans/{plan_id}")

    def plan_rollback(self, package_id: int, **options: Unpack[RollbackOptions]) -> received_plans.Plan:
        """What a rollback of a package would change. Raises `errors.Unprocessable` where it changed nothing."""
        asked = spelled(options) | {"plan_only": True}
        return self.follow_plan(self._ask(received_plans.Plan, "POST", f"packages/{package_id}/rollback", params=asked))

    def roll_back(self, package_id: int, **options: Unpack[RollbackOptions]) -> received.Package:
        """Start to take back what a package changed; `follow` waits for its end."""
        return self._ask(received.Package, "POST", f"packages/{package_id}/rollback", params=spelled(options))

    def folder_history(self, folder_id: int, last: int = calling.PAGE) -> received_histories.FolderHistory:
        """What was done to a folder and below it, the last of it first."""
        path = f"folders/{folder_id}/history"
        return self._ask(received_histories.FolderHistory, "GET", path, params={"per_page": last})

    def asset_history(self, asset_id: int, last: int = calling.PAGE) -> received_histories.AssetHistory:
        """What happened to an asset, the last of it first."""
        path = f"assets/{asset_id}/history"
        return self._ask(received_histories.AssetHistory, "GET", path, params={"per_page": last})

    def drift(self, folder_id: int) -> received_histories.Drift:
        """What of a folder is not what packages left."""
        return self._ask(received_histories.Drift, "GET", f"folders/{folder_id}/drift")

    def gates(self) -> received_gates.Gates:
        """What must be true before packages and plans may change the workspace."""
        return self._ask(received_gates.Gates, "GET", "gates")

    def set_gates(self, gates: Mapping[str, Any]) -> received_gates.Gates:
        """Set all gates; those that are not given are open. Raises `errors.Conflict` where `version` is an old one."""
        return self._ask(received_gates.Gates, "PUT", "gates", json=dict(gates))

    def bindings(self) -> received_bindings.Bindings:
        """The workspace's answers to what packages name."""
        return self._ask(received_bindings.Bindings, "GET", "bindings")

    def set_bindings(self, bindings: received_bindings.Bindings | Mapping[str, Any]) -> received_bindings.Bindings:
        """Set all bindings at once. Raises `errors.Conflict` where their version is an old one."""
        sent = msgspec.to_builtins(bindings) if isinstance(bindings, msgspec.Struct) else dict(bindings)
        return self._ask(received_bindings.Bindings, "PUT", "bindings", json=sent)


def spelled(options: ImportOptions | RollbackOptions) -> dict[str, Any]:
    """Options as parameters of a request."""
    return {_SPELLED.get(name, name): value for name, value in options.items()}


def _followed(asked: T, ask: Callable[[int], T], watch: Callable[[T], None] | None = None) -> T:
    """What was asked for, once it is in progress no more."""
    pause_s, silent_s = _FIRST_PAUSE_S, 0.0
    while not asked.has_ended:
        time.sleep(pause_s)
        silent_s, pause_s = silent_s + pause_s, min(pause_s * 1.5, _LAST_PAUSE_S)
        try:
            asked, silent_s = ask(asked.id), 0.0
        except calling.Unreachable:
            if silent_s > _SILENCE_S:
                raise
        if watch:
            watch(asked)
    return asked
