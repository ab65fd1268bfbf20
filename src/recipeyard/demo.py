"""`recipeyard demo`: a real promotion before your eyes, through the public API alone, on a server of its own."""

import io
import shutil
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from recipeyard import cut_over, demo_server

FOLDER = Path(".demo")
IMPORTS, KILLS, EVENTS_PER_S = 1000, 12, 20
PROJECT = "Order desk"
_PATIENCE_S = 60
_PROPERTIES = {
    "order_desk_tax_rate": "0.19",
    "order_desk_warehouse": "north",
    "order_desk_alarm_channel": "#order-alarms",
}
Stop = Annotated[bool, typer.Option("--stop", help="Stop the server that the last demo left running.")]
_out = Console(highlight=False)


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace as one holder of its token sees it."""

    name: str
    token: str
    http: httpx.Client

    def call(self, method: str, path: str, **more: Any) -> Any:
        """One call of the API; whatever it refuses ends the demo."""
        answer = self.http.request(method, f"/api/{path}", **more)
        answer.raise_for_status()
        return answer.json()


def demo(*, stop: Stop = False) -> None:
    """Carry a sample project from one workspace to another, and leave the server running."""
    if stop:
        _say("The demo's server is stopped." if demo_server.stop_last(FOLDER) else "No demo's server is running.")
        return
    demo_server.stop_last(FOLDER)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    server = demo_server.Server(FOLDER)
    server.start()
    address = server.address
    development, production = (_workspace(name, address) for name in ("Development", "Production"))
    project = _develop(development)
    _out.rule("[bold]2  Export by manifest")
    package = _export(development, project)
    target = production.call("POST", "folders", json={"name": PROJECT})["id"]
    _out.rule("[bold]3  Import into Production")
    _show_arrival(_import(production, target, package))
    _go_live(production, target)
    _promote_change((development, project), (production, target))
    _cut_over(server, _workspace("Proving ground", address))
    _say_goodbye(address, development, production)


def _say(line: str) -> None:
    """One line, never broken by us: what is long may be copied whole."""
    _out.print(line, soft_wrap=True)


def _workspace(name: str, address: str) -> Workspace:
    command = [sys.executable, "-m", "recipeyard.server", "workspace", "create", name, "--data", str(FOLDER)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    token = said.splitlines()[-1]
    headers = {"Authorization": f"Bearer {token}"}
    return Workspace(name, token, httpx.Client(base_url=address, headers=headers, timeout=_PATIENCE_S))


def _develop(workspace: Workspace) -> int:
    """Load the sample into a workspace and let it run there; returns its folder."""
    _out.rule("[bold]1  Development")
    folder = workspace.call("POST", "folders", json={"name": PROJECT})["id"]
    loaded = _import(workspace, folder, _sample())
    _say(f"The sample project [bold]{PROJECT}[/] is loaded: {len(loaded['assets'])} assets.")
    _go_live(workspace, folder)
    return int(folder)


def _sample() -> bytes:
    """The sample project that ships with the product, as a zip."""
    packed = io.BytesIO()
    with (
        resources.as_file(resources.files("recipeyard") / "sample" / "order_desk") as root,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for path in sorted(root.rglob("*.json")):
            archive.write(path, path.relative_to(root).as_posix())
    return packed.getvalue()


def _export(workspace: Workspace, folder: int) -> bytes:
    wanted = {"name": PROJECT, "folder_id": folder, "auto_generate_assets": True, "include_data": True}
    manifest = workspace.call("POST", "export_manifests", json={"export_manifest": wanted})["result"]
    package = _follow(workspace, workspace.call("POST", f"packages/export/{manifest['id']}"))
    content = workspace.http.get(f"/api/packages/{package['id']}/download", follow_redirects=True).content
    _say(f"Package {package['id']}: {len(package['assets'])} assets, {len(content):,} bytes.")
    return content


def _import(workspace: Workspace, folder: int, content: bytes, *, restart: bool = False) -> Any:
    package = workspace.call(
        "POST",
        f"packages/import/{folder}",
        params={"restart_recipes": restart},
        content=content,
        headers={"Content-Type": "application/octet-stream"},
    )
    return _follow(workspace, package)


def _follow(workspace: Workspace, package: Any) -> Any:
    """Ask until a package has ended, showing how far it is."""
    bar = Progress(TextColumn(f"  {package['operation_type']} {{task.description:10}}"), BarColumn(40), console=_out)
    with bar:
        task = bar.add_task(package["phase"], total=100, completed=package["percent"])
        while package["status"] == "in_progress":
            time.sleep(0.02)
            package = workspace.call("GET", f"packages/{package['id']}")
            bar.update(task, completed=package["percent"], description=package["phase"])
    return package


def _show_arrival(package: Any) -> None:
    for asset in package["assets"]:
        _say(f"  {asset['action']:10}{asset['type']:20}{asset['zip_name']}")


def _go_live(workspace: Workspace, folder: int) -> None:
    """Give a workspace what never travels, its credentials and values; then start every recipe."""
    workspace.call("POST", "properties", json={"properties": {"company_name": f"Oak & Brass ({workspace.name})"}})
    projects = workspace.call("GET", "projects")
    project = next(each["id"] for each in projects if each["folder_id"] == folder)
    workspace.call("POST", "properties", params={"project_id": project}, json={"properties": _PROPERTIES})
    connections = workspace.call("GET", "connections")
    for connection in connections:
        workspace.call("PUT", f"connections/{connection['id']}", json={"input": {"token": "not-a-real-secret"}})
    recipes = workspace.call("GET", "recipes")["items"]
    started = [workspace.call("PUT", f"recipes/{recipe['id']}/start")["success"] for recipe in recipes]
    _say(
        f"{workspace.name}: {len(connections)} connections authorized, properties set, "
        f"{sum(started)} of {len(recipes)} recipes started."
    )


def _promote_change(source: tuple[Workspace, int], target: tuple[Workspace, int]) -> None:
    """A second promotion: one recipe changed, planned, applied while it runs, and taken back."""
    _out.rule("[bold]4  Promote a change")
    development, folder = source
    production, place = target
    recipe = next(
        each for each in development.call("GET", "recipes")["items"] if each["name"] == "Nightly | Reconcile orders"
    )
    development.call("PUT", f"recipes/{recipe['id']}/stop")
    later = recipe["code"].replace('"trigger_at":"02:30"', '"trigger_at":"04:15"')
    development.call("PUT", f"recipes/{recipe['id']}", json={"recipe": {"code": later}})
    development.call("PUT", f"recipes/{recipe['id']}/start")
    package = _export(development, folder)
    refused = _import(production, place, package)
    _say(f"Without restart_recipes: [yellow]{refused['status']}[/], nothing changed. {refused['error']}")
    plan = _plan(production, place, package)
    for change in plan["changes"]:
        _show_change(change)
    done = _follow(production, production.call("POST", f"plans/{plan['id']}/apply"))
    _show_done(done)
    _out.rule("[bold]5  Take it back")
    _show_done(_follow(production, production.call("POST", f"packages/{done['id']}/rollback")))


def _plan(workspace: Workspace, folder: int, content: bytes) -> Any:
    """What an import would change, with its restarts allowed."""
    asked = {"folder_id": folder, "restart_recipes": True}
    plan = workspace.call("POST", "plans", params=asked, content=content)
    while plan["status"] == "in_progress":
        time.sleep(0.02)
        plan = workspace.call("GET", f"plans/{plan['id']}")
    summary = plan["summary"]
    _say(f"Plan {plan['id']}: {len(plan['changes'])} of {len(plan['changes']) + summary['unchanged']} assets change.")
    return plan


def _show_change(change: Any) -> None:
    _say(f"  {change['action']} {change['type']} {change['name']!r}{', and restart it' if change['restarts'] else ''}")
    for step in change["diff"]["steps"]:
        for field in step["fields"]:
            _say(f"    step {step['number']}, {field['path']}: {field['before']} → [green]{field['after']}[/]")


def _show_done(package: Any) -> None:
    """What a package did to what it changed."""
    results = {each["id"]: each["import_result"] for each in package["recipe_status"]}
    changed = [asset for asset in package["assets"] if asset["action"] != "unchanged"]
    for asset in changed:
        _say(
            f"{package['operation_type'].capitalize()} {package['id']}: [green]{package['status']}[/]. "
            f"{asset['name']!r} went from version {asset['version_before']} to {asset['version_after']} "
            f"and was {results[asset['id']]}; {len(package['assets']) - len(changed)} assets unchanged."
        )


def _cut_over(server: demo_server.Server, ground: Workspace) -> None:
    """Events flow into a running recipe while it is replaced a thousand times, and the server dies now and then."""
    _out.rule("[bold]6  A cut-over under fire")
    fire = cut_over.Fire(imports=IMPORTS, kills=KILLS, events_per_s=EVENTS_PER_S)
    _say(f"{EVENTS_PER_S} events a second, {IMPORTS} imports, {KILLS} kills of the server:")
    count = cut_over.under_fire(server, ground.token, fire, lambda line: _say(f"  {line}"))
    _say(
        f"{count.events} events, {count.imports} imports, {count.kills} kills: [green]{count.lost} lost, "
        f"{count.repeated} repeated, {count.mixed} run by a version that did not run when they arrived[/]; "
        f"the longest an event waited for its answer, restarts included: {count.longest_wait_s:.1f} s."
    )
    if not count.is_clean:
        raise SystemExit("The cut-over lost its promise.")


def _say_goodbye(address: str, development: Workspace, production: Workspace) -> None:
    _out.rule("[bold]The server is running")
    _say(f"  API, to browse:     {address}/docs")
    _say(f"  Its document:       {address}/api/openapi.json")
    for workspace in (development, production):
        _say(f"  {workspace.name + ' token:':19} {workspace.token}")
    _say(f"\n  curl -H 'Authorization: Bearer {production.token}' {address}/api/packages")
    _say("\nIts data is in .demo and lasts until the next `make demo`. `make demo-stop` stops it.")
