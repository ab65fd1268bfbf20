"""Workspaces to test in: the real parts, with the work done as soon as it is accepted."""

import functools
import io
import itertools
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from recipeyard import blobs
from recipeyard.model import assets, bindings, bundles, documents, manifests, packages, proposals, stubs, workspaces
from recipeyard.model import tables as tables_model
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import connections, database, folders, links, schema, tables
from recipeyard.sql import documents as document_rows
from recipeyard.sql import manifests as manifest_rows
from recipeyard.sql import packages as package_rows
from recipeyard.sql import plans as plan_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import bindings as binding_deeds
from recipeyard.work import export_package, import_package, parts, plan_import, roll_back, starting, writing
from recipeyard.work import stubs as stub_deeds

Files = Mapping[str, bytes]
SQLITE = "sqlite:///"
RECORDS = {"packages", "package_assets", "manifests", "activities", "plans", "snapshots", "held_documents"}
"""The tables that record transfers themselves."""

_numbers = itertools.count(1)


@dataclass
class World:
    """One database and one blob store, and the deeds done on them without the engine."""

    deed: parts.Parts

    @property
    def db(self) -> database.Database:
        return self.deed.db

    def workspace(self, name: str = "") -> "Place":
        """A new workspace with a project in it."""
        with self.db.write() as tx:
            made = workspace_rows.create(tx, name or f"workspace {next(_numbers)}")
            root = folders.find(tx, made.id, made.root_folder_id)
            project = folders.create(tx, root, "Project")
        return Place(self, made, project)

    def counts(self) -> dict[str, int]:
        """How many rows each table has, but those that record the transfers themselves."""
        with self.db.read() as tx:
            return {
                name: tx.connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                for name, table in tables.metadata.tables.items()
                if name not in RECORDS
            }


@dataclass
class Place:
    """A project of a workspace: where packages arrive and come from."""

    world: World
    workspace: workspaces.Workspace
    project: workspaces.Folder

    def load(self, files: Files, folder_id: int | None = None, **options: Any) -> packages.Package:
        """Import files as a package into the project; gives the package as it ended."""
        return self.load_archive(zipped(files), folder_id, **options)

    def load_archive(self, content: bytes, folder_id: int | None = None, **options: Any) -> packages.Package:
        """Import an archive."""
        deed = self.world.deed
        key = f"uploads/{next(_numbers)}/data.zip"
        deed.blobs.put(key, [content])
        place = (self.workspace.id, folder_id or self.project.id)
        package = import_package.request(deed, place, packages.Options(**options), key, "data.zip")
        import_package.run(deed, package.id)
        return self.package(package.id)

    def plan(self, files: Files, folder_id: int | None = None, **options: Any) -> proposals.Plan:
        """Plan an import of files into the project; gives the plan as it ended."""
        deed = self.world.deed
        key = f"uploads/{next(_numbers)}/data.zip"
        deed.blobs.put(key, [zipped(files)])
        place = (self.workspace.id, folder_id or self.project.id)
        plan = plan_import.request(deed, place, packages.Options(**options), key, "data.zip")
        plan_import.run(deed, plan.id)
        return self.planned(plan.id)

    def planned(self, plan_id: int) -> proposals.Plan:
        """A plan as it is now."""
        with self.world.db.read() as tx:
            return plan_rows.find(tx, self.workspace.id, plan_id)

    def plan_of(self, package: packages.Package) -> proposals.Content:
        """What the plan says that a package was."""
        with self.world.db.read() as tx:
            plan = plan_rows.applied_by(tx, package.id)
        assert plan
        assert plan.content
        return plan.content

    def roll_back(
        self, package: packages.Package, on_conflict: packages.Policy = packages.Policy.FAIL
    ) -> packages.Package:
        """Take a package back; gives the rollback's package as it ended."""
        wanted = packages.Options(restart_recipes=True, on_conflict=on_conflict)
        made = roll_back.request(self.world.deed, self.workspace.id, package.id, wanted)
        roll_back.run(self.world.deed, made.id)
        return self.package(made.id)

    def apply(self, plan: proposals.Plan) -> packages.Package:
        """Apply a plan; gives the package as it ended."""
        package = plan_import.apply(self.world.deed, self.workspace.id, plan.id)
        deed = roll_back if package.rolls_back_id else import_package
        deed.run(self.world.deed, package.id)
        return self.package(package.id)

    def export(self, folder_id: int | None = None, **options: Any) -> dict[str, bytes]:
        """Export the project; gives the archive's files by path."""
        return unzipped(self.export_archive(folder_id, **options))

    def export_archive(self, folder_id: int | None = None, **options: Any) -> bytes:
        """Export the project; gives the archive's bytes."""
        manifest = self.manifest(folder_id, manifests.Options(auto=True, **options))
        package = self.exported(manifest)
        assert package.status is packages.Status.COMPLETED, package.error_parts
        return self.content(package)

    def manifest(
        self,
        folder_id: int | None = None,
        options: manifests.Options | None = None,
        selected: tuple[manifests.Selected, ...] = (),
        name: str = "Everything",
    ) -> manifests.Manifest:
        """A stored manifest of the project."""
        place = (self.workspace.id, folder_id or self.project.id)
        with self.world.db.write() as tx:
            return manifest_rows.insert(tx, place, name, options or manifests.Options(), selected)

    def exported(self, manifest: manifests.Manifest) -> packages.Package:
        """The export of a manifest, as it ended."""
        package = export_package.request(self.world.deed, self.workspace.id, manifest.id)
        export_package.run(self.world.deed, package.id)
        return self.package(package.id)

    def content(self, package: packages.Package) -> bytes:
        """A package's archive."""
        assert package.blob_key
        with self.world.deed.blobs.local(package.blob_key) as file:
            return file.read()

    def package(self, package_id: int) -> packages.Package:
        """A package as it is now."""
        with self.world.db.read() as tx:
            return package_rows.find(tx, self.workspace.id, package_id)

    def results(self, package: packages.Package) -> dict[str, packages.Result]:
        """What a package did, by path."""
        with self.world.db.read() as tx:
            return {result.path: result for result in package_rows.results(tx, package.id)}

    def actions(self, package: packages.Package) -> dict[str, str]:
        """What a package did, in one word by path."""
        return {path: str(result.action) for path, result in self.results(package).items()}

    def asset(self, kind: str, name: str) -> assets.Asset:
        """The asset of that kind and name."""
        with self.world.db.read() as tx:
            return asset_rows.named(tx, self.workspace.id, kind, [name])[0]

    def start(self, name: str) -> starting.Refusal:
        """Start a recipe by its name."""
        recipe = self.asset(assets.RECIPE, name)
        with self.world.db.write() as tx:
            return starting.start(tx, self.workspace.id, recipe.id)

    def bind(self, *entries: bindings.Reference | bindings.Scope | bindings.Rule) -> None:
        """Let these bindings hold, and no others."""
        wanted = bindings.Bindings(
            tuple(each for each in entries if isinstance(each, bindings.Reference)),
            tuple(each for each in entries if isinstance(each, bindings.Scope)),
            tuple(each for each in entries if isinstance(each, bindings.Rule)),
        )
        with self.world.db.write() as tx:
            binding_deeds.replace(tx, self.workspace.id, wanted)

    def make(self, kind: str, document: bytes, provider: str | None = None) -> int:
        """The id of an asset of this workspace's own, made by hand at its root."""
        with self.world.db.write() as tx:
            desk = writing.Desk(tx, workspace_rows.lock(tx, self.workspace.id))
            made = writing.create(desk, kind, document.decode(), self.workspace.root_folder_id, provider)
            connections.add(tx, [made.id] if kind == assets.CONNECTION else [])
        return made.id

    def meant(self, name: str) -> set[int]:
        """The ids of the assets that a recipe's references mean."""
        recipe = self.asset(assets.RECIPE, name)
        with self.world.db.read() as tx:
            version_id = asset_rows.version_ids(tx, [recipe.id])[recipe.id]
            return set(links.targets(tx, [version_id]).get(version_id, {}).values())

    def meant_in_order(self, name: str) -> list[int]:
        """The ids of the assets that a recipe's references mean, in their order."""
        recipe = self.asset(assets.RECIPE, name)
        with self.world.db.read() as tx:
            version_id = asset_rows.version_ids(tx, [recipe.id])[recipe.id]
            return [target for _, target in sorted(links.targets(tx, [version_id]).get(version_id, {}).items())]

    def text(self, kind: str, name: str) -> str:
        """The document of the asset of that kind and name."""
        with self.world.db.read() as tx:
            packed = document_rows.packed(tx, self.asset(kind, name).content.digest)
        return bundles.inflate(packed).decode()

    def authorize(self, name: str) -> None:
        """Give a connection credentials."""
        connection = self.asset(assets.CONNECTION, name)
        with self.world.db.write() as tx:
            connections.authorize(tx, connection.id, b"sealed")

    def bind_to_stub(self, name: str) -> None:
        """Let a stub without answers stand in for a connection."""
        connection = self.asset(assets.CONNECTION, name)
        stub: dict[str, Any] = {"name": f"{name} stub", "provider": connection.provider, "answers": []}
        made = self.make(assets.STUB, document(stub), connection.provider)
        with self.world.db.write() as tx:
            stub_deeds.bind(tx, self.workspace.id, made, stubs.Bound((connection.id,)))

    def folder(self, path: str) -> int:
        """The id of the folder at a path below the project."""
        with self.world.db.read() as tx:
            found = folders.descend(tx, self.project.id, path)
        assert found, path
        return found


@functools.cache
def _migrated_file() -> bytes:
    """A SQLite database of which all migrations have been run."""
    with tempfile.TemporaryDirectory() as folder:
        db = database.connect(f"{SQLITE}{folder}/recipeyard.db", lambda: datetime.now(UTC))
        schema.migrate(db)
        db.engine.dispose()
        return Path(folder, "recipeyard.db").read_bytes()


@contextmanager
def world(database_url: str, blobs_url: str, options: Mapping[str, str], folder: Path) -> Iterator[World]:
    """Open the parts on a database that is new, or a copy of a migrated one."""
    if database_url.startswith(SQLITE):
        Path(database_url.removeprefix(SQLITE)).write_bytes(_migrated_file())
    db = database.connect(database_url, lambda: datetime.now(UTC))
    if not sa.inspect(db.engine).has_table("alembic_version"):
        schema.migrate(db)
    store = blobs.open_blobs(blobs_url, options, folder / "spool")
    try:
        yield World(parts.Parts(db, store, bundles.Limits(), lambda *_: None))
    finally:
        db.engine.dispose()


def zipped(files: Files) -> bytes:
    """A zip as common tools make it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def unzipped(content: bytes) -> dict[str, bytes]:
    """The files of a zip by path, read by the standard library."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}


def document(value: documents.Value) -> bytes:
    """A document as the field's exporters spell it."""
    return documents.spell(value).encode()


def reference(path: str, name: str) -> dict[str, str]:
    """A reference to what stands at a path of the same package."""
    return {"zip_name": path, "name": name, "folder": assets.split(path)[0]}


@dataclass
class Recipe:
    """A recipe's document in the making."""

    name: str
    steps: list[dict[str, Any]] = field(default_factory=list)
    config: list[dict[str, Any]] = field(default_factory=list)
    trigger: tuple[str, str] = ("clock", "scheduled_event")
    concurrency: int = 1

    def calls(self, path: str, name: str) -> "Recipe":
        """With a step that calls another recipe."""
        return self.step("workato_recipe_function", "call_recipe", {"flow_id": reference(path, name)})

    def uses(self, provider: str, connection: Any, action: str = "get") -> "Recipe":
        """With a step of an app, reached through a connection."""
        self.config.append(
            {"keyword": "application", "provider": provider, "skip_validation": False, "account_id": connection}
        )
        return self.step(provider, action, {})

    def step(self, provider: str, name: str, given: Any) -> "Recipe":
        """With one more action."""
        at = len(self.steps) + 1
        self.steps.append(
            {"number": at, "provider": provider, "name": name, "as": f"s{at}", "keyword": "action", "input": given}
        )
        return self

    @property
    def value(self) -> dict[str, Any]:
        """The whole document."""
        app, event = self.trigger
        code = {
            "number": 0, "provider": app, "name": event, "as": "t", "keyword": "trigger",
            "input": {}, "block": self.steps,
        }  # fmt: skip
        first = {"keyword": "application", "provider": app, "skip_validation": False, "account_id": None}
        return {
            "name": self.name, "description": "", "version": 1, "private": True, "concurrency": self.concurrency,
            "code": code, "config": [first, *self.config],
        }  # fmt: skip

    @property
    def bytes(self) -> bytes:
        """The whole document, spelled."""
        return document(self.value)


ANSWERS = ("workato_api_platform", "receive_request")
"""The trigger of a recipe that answers endpoints."""


def connection(name: str, provider: str = "rest", *, root_folder: bool = False) -> bytes:
    """A connection's document."""
    return document({"name": name, "provider": provider, "root_folder": root_folder})


def lookup_table(name: str, data: str | None = None) -> bytes:
    """A lookup table's document with two columns in use."""
    columns = [{"name": f"col{at}", "label": f"Column {at}", "sticky": at <= 2} for at in range(1, 11)]
    value: dict[str, Any] = {"name": name, "schema": columns, "max_allowed_entries_count": None}
    return document(value if data is None else value | {"data": data})


def spelled(rows: Sequence[Sequence[str]]) -> str:
    """Rows as the CSV that travels."""
    return tables_model.spell(rows)


def project() -> dict[str, bytes]:
    """A small project with recipes that call each other in a cycle, two connections and a table."""
    crm = reference("Connections/crm.connection.json", "CRM")
    chat = reference("chat.connection.json", "Chat")
    table = reference("prices.lookup_table.json", "Prices")
    first = Recipe("First").calls("Sub/second.recipe.json", "Second").uses("rest", crm)
    second = Recipe("Second").calls("first.recipe.json", "First").uses("slack", chat)
    second.step("lookup_table", "search_entries", {"lookup_table_id": table})
    return {
        "first.recipe.json": first.bytes,
        "Sub/second.recipe.json": second.bytes,
        "Connections/crm.connection.json": connection("CRM"),
        "chat.connection.json": connection("Chat", "slack", root_folder=True),
        "prices.lookup_table.json": lookup_table("Prices", "a,1\nb,2\n"),
        "account_properties.properties.json": document({"company": None}),
        "properties.project_properties.json": document({"data": {"rate": None}}),
    }


class Full:
    """While it is entered, no connection of an engine can make its SQLite file larger."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    def __enter__(self) -> None:
        self.engine.dispose()
        sa.event.listen(self.engine, "connect", self._limit)

    def __exit__(self, *_: object) -> None:
        sa.event.remove(self.engine, "connect", self._limit)
        self.engine.dispose()

    def _limit(self, connection: Any, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages + 20}")
