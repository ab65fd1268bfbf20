"""The API from the outside: a client for scripts, notebooks and our own commands.

    from recipeyard.client import Client

    yard = Client("http://127.0.0.1:8765", token)
    yard.export_folder(yard.project("Orders").folder_id, Path("orders.zip"))

It speaks to Recipeyard and, for the calls that both have, to Workato's own hosts. Whatever is refused is raised as one
of `model.errors`, or as one of the four failures below. A GET that meets 429 or 5xx is tried again; nothing else is.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
import msgspec

import recipeyard
from recipeyard.archive import reader, writer
from recipeyard.model import assets, bundles, errors, recipes
from recipeyard.wire import received

T = TypeVar("T")
Watch = Callable[[received.Package], None]

PAGE = 100
_PAUSES_S = (0.5, 1.0, 2.0)
_LONGEST_WAIT_S = 60
_FIRST_PAUSE_S, _LAST_PAUSE_S = 0.05, 2.0
_SILENCE_S = 60.0
_STATUS: dict[int, type[errors.Failure]] = {
    400: errors.Invalid,
    401: errors.Unauthenticated,
    403: errors.Forbidden,
    404: errors.NotFound,
    409: errors.Conflict,
    413: errors.TooLarge,
    422: errors.Unprocessable,
}


class Unreachable(errors.Failure):
    """No answer came, so what was asked for may have been done or not."""


class Foreign(errors.Failure):
    """What answered is none of this API's."""


class NotStarted(errors.Failure):
    """A recipe cannot start; `problems` say why, by step."""

    def __init__(self, problems: tuple[recipes.Problem, ...]) -> None:
        lines = [f"step {each.step}: {each.label}: {each.message}" for each in problems]
        super().__init__("\n".join(lines) or "the recipe can't start")
        self.problems = problems


class NotCompleted(errors.Failure):
    """A package failed; nothing of it happened. `package` is how it ended."""

    def __init__(self, package: received.Package) -> None:
        super().__init__(package.error or f"package {package.id} ended as {package.status!r}")
        self.package = package


class Client:
    """One workspace, as the holder of a token sees it. Usable from one thread at a time."""

    def __init__(self, url: str, token: str, *, timeout_s: float = 60) -> None:
        self.url = url.strip().rstrip("/").removesuffix("/api")
        self.token = token.strip()
        if not (self.token.isprintable() and self.token.isascii() and self.token):
            raise errors.Invalid("that is no token: it is empty, or holds characters that none has")
        headers = {"Authorization": f"Bearer {self.token}", "User-Agent": f"recipeyard/{recipeyard.__version__}"}
        self._http = httpx.Client(base_url=f"{self.url}/api/", headers=headers, timeout=timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

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
        """A manifest of all of a folder, with tags; with the rows of tables where `include_data` says so."""
        wanted = {"name": name, "folder_id": folder_id, "auto_generate_assets": True}
        wanted |= {"include_data": include_data, "include_tags": True}
        body = {"export_manifest": wanted}
        return self._ask(received.ManifestAnswer, "POST", "export_manifests", json=body).result

    def delete_manifest(self, manifest_id: int) -> None:
        """Forget a manifest; what was exported by it stays."""
        self._ask(received.Success, "DELETE", f"export_manifests/{manifest_id}")

    def export(self, manifest_id: int) -> received.Package:
        """Start an export of a manifest; `follow` waits for its end."""
        return self._ask(received.Package, "POST", f"packages/export/{manifest_id}")

    def import_(
        self, folder_id: int, content: bytes | Path, *, restart_recipes: bool = False, include_tags: bool = False
    ) -> received.Package:
        """Start an import of a zip (its bytes, or the file that holds it) into a folder; `follow` waits for its end."""
        params = {"restart_recipes": restart_recipes, "include_tags": include_tags}
        asked = {"params": params, "headers": {"Content-Type": "application/octet-stream"}}
        path = f"packages/import/{folder_id}"
        if isinstance(content, bytes):
            return self._ask(received.Package, "POST", path, content=content, **asked)
        with content.open("rb") as file:
            return self._ask(received.Package, "POST", path, content=file, **asked)

    def package(self, package_id: int) -> received.Package:
        """A package as it is now."""
        return self._ask(received.Package, "GET", f"packages/{package_id}")

    def follow(self, package: received.Package, watch: Watch | None = None) -> received.Package:
        """Ask until a package has ended: soon at first, then every two seconds. `watch` sees each answer.

        A server that falls silent is waited for, a minute. Raises `NotCompleted` where the package failed.
        """
        pause_s, silent_s = _FIRST_PAUSE_S, 0.0
        while not package.has_ended:
            time.sleep(pause_s)
            silent_s, pause_s = silent_s + pause_s, min(pause_s * 1.5, _LAST_PAUSE_S)
            try:
                package, silent_s = self.package(package.id), 0.0
            except Unreachable:
                if silent_s > _SILENCE_S:
                    raise
            if watch:
                watch(package)
        if not package.is_completed:
            raise NotCompleted(package)
        return package

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
            raise Unreachable(f"the download from {self.url} broke off ({_reason(e)})") from e
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

    # The wire

    def _pages(self, kind: Any, path: str, **asked: Any) -> Iterator[Any]:
        """Everything a list holds, page after page, until one is not full."""
        wanted = {name: value for name, value in asked.items() if value is not None}
        page = 0
        while True:
            page += 1
            answer = self._ask(kind, "GET", path, params=wanted | {"page": page, "per_page": PAGE})
            found = answer.items if isinstance(answer, received.RecipeList) else answer
            yield from found
            if len(found) < PAGE:
                return

    def _ask(self, kind: type[T], method: str, path: str, **more: Any) -> T:
        with self._answered(method, path, **more) as answer:
            content = answer.read()
        refused = received.error(content)
        if refused.success is False:
            raise _refusal(refused)
        try:
            return received.decode(content, kind)
        except msgspec.MsgspecError as e:
            raise Foreign(f"{self.url} gave an answer that is none of this API's ({e})") from e

    @contextmanager
    def _answered(self, method: str, path: str, **more: Any) -> Iterator[httpx.Response]:
        """A good answer, its body still to be read. Raises what `model.errors` has for any other."""
        answer = self._tried(method, path, more)
        try:
            if not answer.is_success:
                raise _failure(answer)
            yield answer
        except httpx.TransportError as e:
            raise self._lost(e) from e
        finally:
            answer.close()

    def _tried(self, method: str, path: str, more: Mapping[str, Any]) -> httpx.Response:
        """The answer; a GET is tried again where the server says that it can't just now."""
        for pause_s in _PAUSES_S if method == "GET" else ():
            answer = self._sent(method, path, more)
            wait_s = _wait_s(answer, pause_s)
            if wait_s is None:
                return answer
            answer.close()
            time.sleep(wait_s)
        return self._sent(method, path, more)

    def _sent(self, method: str, path: str, more: Mapping[str, Any]) -> httpx.Response:
        try:
            request = self._http.build_request(method, path, **more)
            return self._http.send(request, stream=True, follow_redirects=method == "GET")
        except (httpx.TransportError, httpx.InvalidURL, httpx.TooManyRedirects) as e:
            raise self._lost(e) from e

    def _lost(self, e: Exception) -> Unreachable:
        return Unreachable(f"{self.url} does not answer ({_reason(e)})")


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


def _failure(answer: httpx.Response) -> errors.Failure:
    """What `model.errors` has for an answer that is no success."""
    if answer.has_redirect_location:
        return errors.Failure(f"this is not the server's address: it answers from {answer.headers['Location']}")
    said = received.error(answer.read())
    sentence = said.sentence or "\n".join(_joined(said.fields)) or f"{answer.status_code} {answer.reason_phrase}"
    if answer.status_code == 429:
        return errors.TooMany(sentence, _retry_after_s(answer) or 1)
    if answer.status_code == 400:
        return errors.Invalid(sentence, [errors.Issue(where, what) for where, what in said.fields])
    kind = _STATUS.get(answer.status_code, errors.Failure)
    return kind(sentence if kind is not errors.Failure else f"{sentence} (HTTP {answer.status_code})")


def _refusal(said: received.Error) -> errors.Failure:
    """What a 200 that says `success: false` means."""
    if said.problems:
        return NotStarted(tuple(_problem(step, detail) for step, detail in said.problems))
    for field, reason in said.fields:
        return errors.Refused(field, reason)
    return errors.Failure(said.sentence or "the server refused, and did not say why")


def _problem(step: int, detail: list[Any]) -> recipes.Problem:
    label, value, message, path = detail
    return recipes.Problem(step, str(label or ""), value, str(message or ""), path if isinstance(path, str) else "")


def _joined(fields: Iterable[tuple[str, str]]) -> list[str]:
    return [str(errors.Issue(where, what)) for where, what in fields]


def _wait_s(answer: httpx.Response, pause_s: float) -> float | None:
    """How long to wait before a GET is tried again; None where it should not be."""
    if answer.status_code != 429 and answer.status_code < 500:
        return None
    asked_s = _retry_after_s(answer)
    wait_s = pause_s if asked_s is None else asked_s
    return wait_s if wait_s <= _LONGEST_WAIT_S else None


def _retry_after_s(answer: httpx.Response) -> int | None:
    asked = answer.headers.get("Retry-After", "")
    return int(asked) if asked.isdigit() else None


def _reason(e: Exception) -> str:
    return str(e) or type(e).__name__


def _scope(project_id: int | None) -> dict[str, Any]:
    return {} if project_id is None else {"project_id": project_id}
