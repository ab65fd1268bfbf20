"""Deployments without the engine: what is accepted, and what doing the work twice or too late ends in."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import sqlalchemy as sa

import worlds
from recipeyard import blobs
from recipeyard.model import deployments, errors, packages
from recipeyard.sql import deployments as deployment_rows
from recipeyard.sql import environments as environment_rows
from recipeyard.sql import packages as package_rows
from recipeyard.sql import tables
from recipeyard.work import deploy_project, environments, export_package, folders, import_package, parts


@dataclass
class Pair:
    """A project bound to a production."""

    source: worlds.Place
    target: worlds.Place

    @property
    def deed(self) -> parts.Parts:
        return self.source.world.deed

    def ask(self) -> deployments.Deployment:
        """Ask for a deployment of the project."""
        project = f"f{self.source.project.id}"
        return deploy_project.deploy_project(
            self.deed, self.source.workspace.id, project, "prod", deploy_project.Wish()
        )

    def now(self, deployment: deployments.Deployment) -> deployments.Deployment:
        """A deployment as it is now."""
        with self.source.world.db.read() as tx:
            return deployment_rows.find(tx, self.source.workspace.id, deployment.id)

    def export(self, deployment: deployments.Deployment) -> packages.Package:
        """The export that a deployment waits for."""
        with self.source.world.db.read() as tx:
            built = deployment_rows.find_build(tx, self.source.workspace.id, deployment.build_id)
        return self.source.package(built.package_id)

    def imports(self) -> list[packages.Package]:
        """The packages of the target."""
        with self.source.world.db.read() as tx:
            return package_rows.listed(tx, self.target.workspace.id, offset=0, limit=100)


@pytest.fixture
def pair(world: worlds.World) -> Pair:
    source, target = world.workspace(), world.workspace()
    with world.db.write() as tx:
        environment_rows.bind(tx, source.workspace.id, deployments.Environment.PROD, target.workspace.id)
    source.load(worlds.project())
    return Pair(source, target)


def test_work_that_is_done_twice_hands_over_once(pair: Pair) -> None:
    asked = pair.ask()

    for _ in range(2):
        deploy_project.run(pair.deed, asked.id)

    assert [pair.now(asked).package_id] == [package.id for package in pair.imports()]
    assert packages.Options(restart_recipes=True) == pair.imports()[0].options


def test_work_that_was_overtaken_leaves_nothing_behind(pair: Pair, tmp_path: Path) -> None:
    asked = pair.ask()
    store = Overtaken(tmp_path / "overtaken", "uploads", lambda: deploy_project.run(beside, asked.id))
    beside = replace(pair.deed, blobs=store)

    deploy_project.run(beside, asked.id)

    assert [pair.now(asked).package_id] == [package.id for package in pair.imports()]
    assert {pair.export(asked).blob_key, pair.imports()[0].blob_key} == store.keys()


def test_an_export_that_was_overtaken_leaves_the_others_archive(pair: Pair, tmp_path: Path) -> None:
    asked = pair.ask()
    package = pair.export(asked)
    store = Overtaken(tmp_path / "overtaken", "packages", lambda: export_package.run(beside, package.id))
    beside = replace(pair.deed, blobs=store)

    export_package.run(beside, package.id)

    assert {pair.export(asked).blob_key} == store.keys()


class Overtaken(blobs.Folder):
    """Blobs of which the first below a prefix is kept only after somebody else has done the same work."""

    def __init__(self, root: Path, prefix: str, other: Callable[[], None]) -> None:
        super().__init__(root)
        self.prefix = prefix
        self.other: Callable[[], None] | None = other

    def put(self, key: str, chunks: Iterable[bytes]) -> int:
        if key.startswith(self.prefix) and self.other:
            other, self.other = self.other, None
            other()
        return super().put(key, chunks)

    def keys(self) -> set[str]:
        return {path.relative_to(self.root).as_posix() for path in self.root.rglob("*") if path.is_file()}


def test_a_project_that_went_before_its_build_fails_in_words(pair: Pair) -> None:
    asked = pair.ask()
    with pair.source.world.db.write() as tx:
        folders.delete_project(tx, pair.source.workspace.id, asked.project_id)

    deploy_project.run(pair.deed, asked.id)

    assert "The build failed: the manifest is gone with its folder" == pair.now(asked).error
    assert [] == pair.imports()


def test_what_goes_wrong_in_a_way_nobody_foresaw_ends_the_deployment_and_its_build(pair: Pair) -> None:
    asked = pair.ask()

    for why in ("Server error: first", "Server error: second"):
        deploy_project.fail(pair.deed, asked.id, errors.Failure(why))

    assert "Server error: first" == pair.now(asked).error
    export = pair.export(asked)
    assert (packages.Status.FAILED, ("Server error: first",)) == (export.status, export.error_parts)


def test_a_deployment_that_has_arrived_fails_by_its_import_alone(pair: Pair) -> None:
    asked = pair.ask()
    deploy_project.run(pair.deed, asked.id)
    import_package.run(pair.deed, pair.imports()[0].id)

    deploy_project.fail(pair.deed, asked.id, errors.Failure("Server error: too late"))

    deployment = pair.now(asked)
    progress = deployments.progress(deployment, pair.imports()[0])
    assert (deployments.State.SUCCESS, None, None) == (progress.state, progress.error, deployment.error)


def test_a_refused_request_leaves_nothing_behind(pair: Pair) -> None:
    with pytest.raises(errors.Invalid):
        deploy_project.deploy_project(
            pair.deed, pair.source.workspace.id, f"f{pair.source.project.id}", "test", deploy_project.Wish()
        )

    with pair.source.world.db.read() as tx:
        kept = [tx.all(sa.select(table)) for table in (tables.builds, tables.deployments, tables.manifests)]
    assert [[], [], []] == kept


def test_bound_workspaces_form_no_chain_and_are_shared_with_nobody(pair: Pair) -> None:
    other = pair.source.world.workspace()
    source, target, third = (place.workspace.name for place in (pair.source, pair.target, other))
    test, prod = deployments.Environment.TEST, deployments.Environment.PROD

    with pair.source.world.db.write() as tx:
        for name, wanted, why in (
            (third, {test: third}, "can't deploy to itself"),
            (third, {test: source}, "deploys to others itself"),
            (target, {test: third}, f"is the production of {source!r}, and can't deploy further"),
            (third, {test: target}, f"is the production of {source!r} already"),
            (source, {test: target}, f"is the production of {source!r} already"),
            (third, {}, "name a workspace with --test"),
        ):
            with pytest.raises(errors.Invalid, match=why):
                environments.bind(tx, name, wanted)

        environments.bind(tx, source, {prod: target, test: third})
        assert {source: [("test", third), ("prod", target)]} == environment_rows.bound(tx)
