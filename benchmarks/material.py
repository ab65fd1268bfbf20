"""What is measured with: a generated workspace in the proportions of real ones, and packages of odd sizes."""

import json
import random
import zipfile
from pathlib import Path
from typing import Any

import worlds

WORDS = [f"{a}{b}" for a in ("order", "customer", "ship", "bill", "check", "sync") for b in ("_id", "_name", "ed", "s")]
KINDS = {"recipe": 480, "connection": 60, "lookup_table": 50, "api_endpoint": 30}
"""How many of each kind a workspace of 620 documents has."""


def workspace(times: int = 1) -> dict[str, bytes]:
    """620 documents of 62 MB together, so many times over; recipes hold nearly all of it, some of them very large."""
    chance = random.Random(7)
    files: dict[str, bytes] = {}
    for copy in range(times):
        folder = f"Project {copy}/"
        for at in range(KINDS["connection"]):
            files[f"{folder}c{at}.connection.json"] = worlds.connection(f"Connection {at}", f"app_{at}")
        for at in range(KINDS["lookup_table"]):
            rows = [(chance.choice(WORDS), str(chance.random())) for _ in range(chance.randrange(400))]
            files[f"t{copy}_{at}.lookup_table.json"] = worlds.lookup_table(f"Table {copy} {at}", worlds.spelled(rows))
        for at in range(KINDS["api_endpoint"]):
            value: dict[str, Any] = {
                "name": f"Endpoint {copy} {at}",
                "recipe_id": _recipe_reference(folder, at),
                "path": f"p/{at}",
            }
            files[f"e{copy}_{at}.api_endpoint.json"] = worlds.document(value)
        for at in range(KINDS["recipe"]):
            size = min(int(chance.lognormvariate(10.97, 1.05)), 2_000_000)
            files[f"{folder}r{at}.recipe.json"] = _recipe(folder, at, size, chance)
    return files


def with_one_changed(files: dict[str, bytes]) -> dict[str, bytes]:
    """The same files, one recipe with a description."""
    path = next(path for path in files if path.endswith("r7.recipe.json"))
    return files | {path: files[path].replace(b'"description": ""', b'"description": "Changed"', 1)}


def small(number: int) -> bytes:
    """A package of ten assets, new ones for each number."""
    files = {f"n{number}_{at}.recipe.json": worlds.Recipe(f"N{number} {at}").bytes for at in range(8)}
    files[f"n{number}.connection.json"] = worlds.connection(f"C{number}")
    files[f"n{number}.lookup_table.json"] = worlds.lookup_table(f"T{number}")
    return worlds.zipped(files)


def huge(path: Path, size_bytes: int) -> None:
    """A package of pages whose sidecars can't be squeezed."""
    chance = random.Random(11)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for at in range(size_bytes // 4_000_000):
            archive.writestr(f"p{at}.lcap_page.json", worlds.document({"name": f"Page {at}"}))
            archive.writestr(f"p{at}.lcap_page.zip", chance.randbytes(4_000_000))


def _recipe_reference(folder: str, at: int) -> dict[str, str]:
    return worlds.reference(f"{folder}r{at % KINDS['recipe']}.recipe.json", f"Recipe {at % KINDS['recipe']}")


def _recipe(folder: str, at: int, size: int, chance: random.Random) -> bytes:
    recipe = worlds.Recipe(f"Recipe {at}")
    recipe.step("workato_recipe_function", "call_recipe", {"flow_id": _recipe_reference(folder, at + 1)})
    connection = at % KINDS["connection"]
    recipe.uses(
        f"app_{connection}", worlds.reference(f"{folder}c{connection}.connection.json", f"Connection {connection}")
    )
    value = recipe.value
    schema = value["code"]["extended_output_schema"] = []
    length = len(json.dumps(value))
    while length < size:
        name = f"{chance.choice(WORDS)}_{chance.randrange(100_000)}"
        field = {"control_type": "text", "label": name.replace("_", " ").capitalize(), "name": name, "type": "string"}
        schema.append(field | {"optional": chance.random() < 0.5, "hint": f"#{{_dp('{name}')}} {chance.random()}"})
        length += 190
    return worlds.document(value)
