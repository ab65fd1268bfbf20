"""The examples of the client's page and of the five minutes do what the pages say."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

import servers
import terminals
import worlds

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "src" / "recipeyard" / "sample" / "order_desk"
OF_A_JOB = (["jobs", "show"], ["jobs", "repeat"])
"""Commands that need a job; their own tests run some."""

BEYOND_A_TEST = {"open", "--install-completion", "workspace", "approve", "cancel"}
CASE: dict[str, Any] = {
    "name": "With tax",
    "recipe": worlds.reference("Recipes/Functions/fn_price_order.recipe.json", "FN | Price order"),
    "trigger": {"parameters": {"sku": "A-1", "quantity": "3"}},
    "lookups": {"Price list": [{"Article": "B-2", "Price": "7"}, {"Article": "A-1", "Price": "10"}]},
    "properties": {"order_desk_tax_rate": "0.19"},
    "expected": {"reply": {"result": {"total": 35.7}}},
}
CHANGED = "Recipes/nightly_reconcile_orders.recipe.json"


def examples(page: str) -> list[list[str]]:
    """The page's lines that run our command, without its name."""
    blocks = re.findall(r"```\w*\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    lines = [line.partition("recipeyard ")[2] for block in blocks for line in block.splitlines()]
    return [shlex.split(line, comments=True) for line in lines if re.match(r"[a-z-]+( |$)", line)]


@pytest.mark.parametrize("page", ["docs/cli.md", "README.md"])
def test_every_example_runs(stranger: terminals.Terminal, client: servers.Client, page: str) -> None:
    files = {path.relative_to(SAMPLE).as_posix(): path.read_bytes() for path in SAMPLE.rglob("*.json")}
    if page == "docs/cli.md":
        files["Recipes/Functions/with_tax.test_case.json"] = worlds.document(CASE)
        client.load(client.folder("Order desk"), worlds.zipped(files))
    else:
        stranger.write(files)
    with client.server.workspace() as production:
        for profile, workspace in [("prod", production), ("production", production), ("dev", client)]:
            login = ("login", client.server.address, "--profile", profile)
            stranger.run(*login, typed=f"{workspace.token}\n")
        for line in examples(page):
            run(stranger, line, production if {"prod", "production"} & set(line) else client)
        assert 12 == len(production.call("GET", "recipes")["items"])


def run(person: terminals.Terminal, line: list[str], client: servers.Client) -> None:
    """Run an example; where it logs in, as the workspace that it means."""
    if line[0] in BEYOND_A_TEST | {"login"} or line[:2] in (["workspaces", "use"], *OF_A_JOB):
        return
    if line[0] == "plan":
        person.write({CHANGED: person.files()[CHANGED].replace(b"02:30", b"04:15")})
    differs = line[0] == "plan" or line[-1] == "--plan"
    words, files = (line[: line.index(">")], line[line.index(">") + 1 :]) if ">" in line else (line, [])
    typed = [meant(word, line[0], client).replace("/tmp/", f"{person.home}/") for word in words]
    said = person.run(*typed, code=2 if differs else 0).out
    person.write({file: said.encode() for file in files})


def meant(word: str, command: str, client: servers.Client) -> str:
    """A word of an example; numbers are those of the newest plan, or of the newest package that can be meant."""
    if not word.isdigit() or command not in {"apply", "follow", "rollback"}:
        return word
    if command == "apply":
        return str(client.call("GET", "plans")["items"][0]["id"])
    ways = {"import"} if command == "rollback" else {"import", "export"}
    packages = client.call("GET", "packages")["items"]
    return str(next(each["id"] for each in packages if each["operation_type"] in ways))
