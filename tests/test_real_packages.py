"""Real packages of other makers: each root of the corpus that may lie beside this repository.

What is expected is computed here from the files alone, by decoding them; the server never decodes what it carries.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import worlds
from recipeyard.model import packages
from recipeyard.sql import folders

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
TOPS = ("dewy-resort", "dewy-resort-pulled/projects", "dewy-resort-pulled/workato", "workato-dev-kit")
OF_THE_WORKSPACE = {
    "api_endpoint", "api_group", "custom_adapter", "decision_engine_model", "lookup_table", "properties", "topic",
    "workato_schema", "workato_template",
}  # fmt: skip
Files = dict[str, bytes]


def package_roots() -> list[Path]:
    """The folders of the corpus that were exported each as a package."""
    tops = [CORPUS / top for top in TOPS]
    return sorted(path for top in tops if top.exists() for path in top.iterdir() if path.is_dir())


def read(root: Path) -> Files:
    """A package's files by path."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def kind_of(path: str) -> str:
    return path.rpartition("/")[2].split(".")[-2]


def documents_of(files: Files) -> dict[str, Any]:
    return {path: json.loads(content) for path, content in files.items() if path.endswith(".json")}


def mentions(value: Any) -> Iterator[dict[str, str]]:
    """Every object with a `zip_name`, wherever it stands."""
    if isinstance(value, dict):
        if "zip_name" in value:
            yield value
        value = list(value.values())
    for each in value if isinstance(value, list) else ():
        yield from mentions(each)


def unresolved(files: Files) -> set[str]:
    """What an import into an empty workspace must report as missing, one line for each document and target."""
    found = documents_of(files)
    connections = Counter(value.get("provider") for path, value in found.items() if kind_of(path) == "connection"
                          if isinstance(value.get("provider"), str))  # fmt: skip
    named = {(kind_of(path), value.get("name") or value.get("title")) for path, value in found.items()}
    lines = set()
    for path, value in found.items():
        accounts = {
            entry["account_id"]["zip_name"]: entry["provider"]
            for entry in value.get("config", ())
            if kind_of(path) == "recipe" and "zip_name" in (entry.get("account_id") or ())
        }
        for mention in mentions(value):
            target, full_path = mention["zip_name"], mention.get("folder_full_path")
            here = full_path is None and target in files
            by_name = kind_of(target) in OF_THE_WORKSPACE and (kind_of(target), mention["name"]) in named
            by_app = connections[accounts.get(target, "")] == 1
            if not (here or by_name or by_app):
                spelled = f"{full_path}/{mention['name']}" if full_path else target
                lines.add(f"{path}: {spelled} is neither in the package nor here")
    return lines


def kinds_of(results: Mapping[str, packages.Result]) -> Counter[str]:
    return Counter(result.kind for result in results.values())


pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
each_root = pytest.mark.parametrize("root", package_roots(), ids=lambda path: f"{path.parent.name}-{path.name}")


@each_root
def test_a_real_package_arrives_asset_by_asset_and_says_what_it_misses(embedded: worlds.World, root: Path) -> None:
    files, place = read(root), embedded.workspace()

    package = place.load(files)

    assert (packages.Status.COMPLETED, ()) == (package.status, package.error_parts)
    assert dict.fromkeys(documents_of(files), "created") == place.actions(package)
    assert Counter(kind_of(path) for path in documents_of(files)) == kinds_of(place.results(package))
    assert unresolved(files) == set(package.warnings)
    assert len(package.warnings) == len(set(package.warnings))


@each_root
def test_a_real_package_leaves_byte_for_byte_and_changes_nothing_when_it_comes_again(
    embedded: worlds.World, root: Path
) -> None:
    files = read(root)
    first, second, third = (embedded.workspace() for _ in range(3))

    first.load(files)
    again = first.load(files)
    once = first.export_archive()
    second.load_archive(once)
    twice = second.export_archive()
    third.load_archive(twice)

    assert {"unchanged"} == set(first.actions(again).values())
    assert files == worlds.unzipped(once)
    assert once == twice == third.export_archive()


def test_a_whole_workspace_arrives_in_the_root_and_its_projects_meet_one_another(embedded: worlds.World) -> None:
    files = read(CORPUS / "dewy-resort")
    place = embedded.workspace()
    root = place.workspace.root_folder_id

    package = place.load(files, root)

    inside = {f"Home/{path.rpartition('/')[0]}" for path in files}
    missing = {line for line in unresolved(files) if line.split(": ")[1].rpartition("/")[0] not in inside}
    ignored = "LICENSE.txt: not an asset; ignored"
    assert packages.Status.COMPLETED is package.status
    assert missing | {ignored} == set(package.warnings)
    assert Counter(kind_of(path) for path in documents_of(files)) == kinds_of(place.results(package))


@pytest.mark.parametrize("order", [1, -1], ids=["the user first", "the used first"])
def test_projects_that_arrive_one_by_one_meet_one_another_at_last(embedded: worlds.World, order: int) -> None:
    place = embedded.workspace()
    names = ["Workspace Connections", "atomic-salesforce-recipes", "atomic-stripe-recipes", "orchestrator-recipes"]
    projects = {name: read(CORPUS / "dewy-resort" / name) for name in names[::-order]}
    for name, files in projects.items():
        place.load({f"{name}/{path}": content for path, content in files.items()}, place.workspace.root_folder_id)

    with embedded.db.read() as tx:
        tops = {name: folders.descend(tx, place.workspace.root_folder_id, name) for name in names}

    last = {name: place.load(projects[name], tops[name]) for name in names}

    assert () == last["orchestrator-recipes"].warnings
    assert all({"unchanged"} == set(place.actions(package).values()) for package in last.values())
