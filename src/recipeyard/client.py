"""The API from the outside: a client for scripts, notebooks and our own commands.

    from recipeyard.client import Client

    yard = Client("http://127.0.0.1:8765", token)
    yard.export_folder(yard.project("Orders").folder_id, Path("orders.zip"))

It speaks to Recipeyard and, for the calls that both have, to Workato's own hosts. Whatever is refused is raised as one
of `model.errors`, or as one of the four failures named below. A GET that meets 429 or 5xx is tried again; nothing else
is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Unpack

import httpx

from recipeyard import calling, promoting
from recipeyard.archive import reader, writer
from recipeyard.model import assets, bundles, errors
from recipeyard.wire import received, received_jobs

Watch = promoting.Watch
Unreachable = calling.Unreachable
Foreign = calling.Foreign
NotStarted = calling.NotStarted
NotCompleted = promoting.NotCompleted
ImportOptions = promoting.ImportOptions
RollbackOptions = promoting.RollbackOptions
PAGE = calling.PAGE


class Client(promoting.Promoter):
    """One workspace, as the holder of a token sees it. Usable from one thread at a time."""

    # The workspace, its folders and projects

    def me(self) -> received.User:
        """The workspace that the token opens."""
        return self._ask(received.User, "GET", "users/me")

    def folders(self, parent_id: int | None = None) -> list[received.Folder]:
        """The folders right below another; below the root without `parent_id`."""
        return list(self._pages(list[received.Folder], "folders", parent_id=parent_id))

    def folder(self, folder_id: int) -> received.Folder:
        """One folder. Raises `errors.NotFound`."""
        return self._ask(received.Folder, "GET", f"folders/{folder_id}")

    def create_folder(self, name: str, parent_id: int | None = None) -> received.Folder:
        """A new folder; without a parent it is a project's top."""
        body = {"name": name} if parent_id is None else {"name": name, "parent_id": str(parent_id)}
        return self._ask(received.Folder, "POST", "folders", json=body)

    def projects(self) -> list[received.Project]:
        """Every project."""
        return list(self._pages(list[received.Project], "projects"))

    def project(self, name: str) -> received.Project:
        """The project of that name; case matters only where names differ by it alone. Raises `errors.NotFound`."""
        known = self.projects()
        alike = [each for each in known if each.name.casefold() == name.casefold()]
        exact = [each for each in alike if each.name == name] or alike
        if len(exact) != 1:
            names = ", ".join(sorted(each.name for each in known)) or "none"
            raise errors.NotFound(f"there is no project {name!r}; the projects here: {names}")
        return exact[0]

    def page(self, folder_id: int) -> str:
        """The address of a folder's page, for a browser."""
        return f"{self.url.replace('//www.workato.com', '//app.workato.com')}/?fid={folder_id}#assets"

    # Packages

    def folder_assets(self, folder_id: int) -> tuple[received.FolderAsset, ...]:
        """What an export of the folder would hold: its assets, those below, and what they depend on."""
        params = {"folder_id": folder_id, "include_data": "true"}
        path = "export_manifests/folder_assets"
        return self._ask(received.FolderAssetsAnswer, "GET", path, params=params).result.assets

    def create_manifest(self, name: str, folder_id: int, *, include_data: bool = False) -> received.Manifest:
        """A manifest of all of a folder, with tags and test cases; with rows where `include_data` says so."""
        wanted = {"name": name, "folder_id": folder_id, "auto_generate_assets": True}
        wanted |= {"include_data": include_data, "include_tags": True, "include_test_cases": True}
        body = {"export_manifest": wanted}
        return self._ask(received.ManifestAnswer, "POST", "export_manifests", json=body).result

    def delete_manifest(self, manifest_id: int) -> None:
        """Forget a manifest; what was exported by it stays."""
        self._ask(received.Success, "DELETE", f"export_manifests/{manifest_id}")

    def export(self, manifest_id: int) -> received.Package:
        """Start an export of a manifest; `follow` waits for its end."""
        return self._ask(received.Package, "POST", f"packages/export/{manifest_id}")

    def import_(
        self, folder_id: int, content: bytes | Path, **options: Unpack[promoting.ImportOptions]
    ) -> received.Package:
        """Start an import of a zip (its bytes, or the file that holds it) into a folder; `follow` waits for its end."""
        return self._send(received.Package, f"packages/import/{folder_id}", content, promoting.spelled(options))

    def download(self, package_id: int, to: Path) -> int:
        """Keep a package's archive in a file, which is whole or not there; gives its size in bytes."""
        unfinished = to.with_name(f"{to.name}.part")
        try:
            with self._answered("GET", f"packages/{package_id}/download") as answer, unfinished.open("wb") as file:
                for chunk in answer.iter_bytes():
                    file.write(chunk)
            size = unfinished.stat().st_size
            unfinished.replace(to)
        except httpx.TransportError as e:
            raise Unreachable(f"the download from {self.url} broke off ({calling.reason(e)})") from e
        finally:
            unfinished.unlink(missing_ok=True)
        return size

    def delete_package(self, package_id: int) -> None:
        """Forget a package and its archive; what an import has changed stays."""
        self._ask(received.Success, "DELETE", f"packages/{package_id}")

    def export_folder(
        self, folder_id: int, to: Path, watch: Watch | None = None, *, include_data: bool = False
    ) -> received.Package:
        """Export all of a folder into a file, by a manifest that lasts as long as this takes.

        Tables come without their rows unless `include_data` says so; an import replaces rows by those it brings.
        """
        manifest = self.create_manifest(f"Folder {folder_id}", folder_id, include_data=include_data)
        try:
            package = self.follow(self.export(manifest.id), watch)
        finally:
            with suppress(errors.Failure):  # a token may be allowed to make one and not to remove it
                self.delete_manifest(manifest.id)
        self.download(package.id, to)
        return package

    # Recipes, connections, properties

    def recipes(self, folder_id: int | None = None) -> list[received.Recipe]:
        """Every recipe, or those of a folder and the folders below it; without `code`."""
        nested = None if folder_id is None else "true"
        asked = {"folder_id": folder_id, "with_subfolders": nested, "exclude_code": "true"}
        return list(self._pages(received.RecipeList, "recipes", **asked))

    def recipe(self, recipe_id: int) -> received.Recipe:
        """One recipe with its code."""
        return self._ask(received.Recipe, "GET", f"recipes/{recipe_id}")

    def start(self, recipe_id: int) -> None:
        """Let a recipe run its current version. Raises `NotStarted`."""
        self._ask(received.Success, "PUT", f"recipes/{recipe_id}/start")

    def stop(self, recipe_id: int) -> None:
        """Stop a recipe; one that is stopped stays so."""
        self._ask(received.Success, "PUT", f"recipes/{recipe_id}/stop")

    def jobs(self, recipe_id: int, status: str | None = None, count: int = 100) -> received_jobs.JobList:
        """A recipe's newest jobs."""
        asked = {"per_page": str(count)} | ({} if status is None else {"status": status})
        return self._ask(received_jobs.JobList, "GET", f"recipes/{recipe_id}/jobs", params=asked)

    def job(self, recipe_id: int, job_id: str) -> received_jobs.JobDetails:
        """One job with its steps."""
        return self._ask(received_jobs.JobDetails, "GET", f"recipes/{recipe_id}/jobs/{job_id}")

    def repeat_jobs(self, recipe_id: int, job_ids: Sequence[str]) -> Sequence[received_jobs.Repeated]:
        """Run jobs again, at most 25; what became of each."""
        asked = {"job_ids": list(job_ids)}
        return self._ask(received_jobs.RepeatAnswer, "POST", f"recipes/{recipe_id}/repeat_jobs", json=asked).results

    def connections(self, folder_id: int | None = None) -> list[received.Connection]:
        """Every connection, or those of a folder."""
        params = {} if folder_id is None else {"folder_id": folder_id}
        return self._ask(list[received.Connection], "GET", "connections", params=params)

    def properties(self, project_id: int | None = None, prefix: str = "") -> dict[str, str]:
        """Values by name: a project's, or the workspace's own."""
        return self._ask(dict[str, str], "GET", "properties", params=_scope(project_id) | {"prefix": prefix})

    def set_properties(self, values: Mapping[str, str], project_id: int | None = None) -> None:
        """Set values, and add the names that are missing."""
        self._ask(received.Success, "POST", "properties", params=_scope(project_id), json={"properties": dict(values)})


def pack(files: Mapping[str, bytes]) -> bytes:
    """A package of files by path: equal files, equal bytes, in the order that archives have."""
    return b"".join(writer.write((path, writer.deflate(files[path])) for path in sorted(files, key=_rank)))


def unpack(archive: Path, wanted: Callable[[str], bool] = lambda _: True) -> Iterator[tuple[str, bytes]]:
    """The files of a package, one at a time. Raises `errors.Invalid` for an archive that can't be trusted."""
    with archive.open("rb") as file:
        opened = reader.open_archive(file, bundles.Limits())
        for entry in opened.entries:
            if wanted(entry.path):
                yield entry.path, opened.inflate(entry)


def _rank(path: str) -> tuple[int, str, str]:
    named = assets.parse_file(assets.split(path)[1])
    return assets.rank(named.kind if named else "", path)


def _scope(project_id: int | None) -> dict[str, int]:
    return {} if project_id is None else {"project_id": project_id}
