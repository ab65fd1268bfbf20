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
IMPORTS, EVENTS_PER_S = 1000, 20
_IMPORTS_A_KILL = 80
PROJECT = "Order desk"
_PATIENCE_S = 60
_ORDERS = "/api-endpoints/order-desk-api-v1/orders"
_ORDER = '{"customer": "C-1001", "sku": "desk-oak", "quantity": "2"}'
_PROPERTIES = {
    "order_desk_tax_rate": "0.19",
    "order_desk_warehouse": "north",
    "order_desk_alarm_channel": "#order-alarms",
}
Stop = Annotated[bool, typer.Option("--stop", help="Stop the server that the last demo left running.")]
Imports = Annotated[int, typer.Option("--imports", min=1, help="How often a recipe is replaced while events flow.")]
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


def demo(*, imports: Imports = IMPORTS, stop: Stop = False) -> None:
    """Carry a sample project from one workspace to another, run it, and leave the server running."""
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
    _place_order(production)
    _cut_over(server, _workspace("Proving ground", address), imports)
    _say_goodbye(address, development, production)


def _say(line: str) -> None:
    """One line, never broken by us: what is long may be copied whole."""
    _out.print(line, soft_wrap=True)


def _workspace(name: str, address: str) -> Workspace:
    command = [sys.executable, "-m", "recipeyard", "workspace", "create", name, "--data", str(FOLDER)]
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
    """Give a workspace what never travels: values, and who answers for its apps. Then start every recipe."""
    workspace.call("POST", "properties", json={"properties": {"company_name": f"Oak & Brass ({workspace.name})"}})
    projects = workspace.call("GET", "projects")
    project = next(each["id"] for each in projects if each["folder_id"] == folder)
    workspace.call("POST", "properties", params={"project_id": project}, json={"properties": _PROPERTIES})
    connections = {each["name"]: each["id"] for each in workspace.call("GET", "connections")}
    stubs = workspace.call("GET", "stubs")["items"]
    for stub in stubs:
        mine = [connections[stub["name"]]] if stub["name"] in connections else []
        bound = {"connection_ids": mine, "without_connection": not mine}
        workspace.call("PUT", f"stubs/{stub['id']}/bindings", json=bound)
    recipes = workspace.call("GET", "recipes")["items"]
    started = [workspace.call("PUT", f"recipes/{recipe['id']}/start")["success"] for recipe in recipes]
    _say(
        f"{workspace.name}: properties set, {len(stubs)} stubs answer for the CRM, the chat and the mail, "
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


def _place_order(workspace: Workspace) -> None:
    """One order, from the call of an endpoint to the record, and what each step came to."""
    _out.rule("[bold]6  An order goes through")
    key = _open_desk(workspace)
    headers = {"API-TOKEN": key, "Content-Type": "application/json"}
    answer = workspace.http.post(_ORDERS, content=_ORDER, headers=headers)
    _say(f"POST {_ORDERS} {_ORDER} → [green]{answer.status_code}[/] {answer.text}")
    recipes = {str(each["id"]): each for each in workspace.call("GET", "recipes")["items"]}
    named = {each["name"]: each["id"] for each in recipes.values()}
    job = _ended(workspace, named["API | Place order"], answer.headers["X-Job-Id"])
    _say(f"Job {job['id']} of 'API | Place order' {job['status']}:")
    for line in job["lines"][1:]:
        called = recipes.get(str(line["input"].get("flow_id")), {}).get("name", "")
        came = line["output"].get("result", line["output"].get("response"))
        _say(f"  step {line['recipe_line_number']}  {line['adapter_operation']:16}{called:18}{came}")
    record = answer.json()["order"]
    table = next(each["id"] for each in workspace.call("GET", "data_tables")["data"] if each["name"] == "Orders")
    saved = workspace.call("GET", f"v1/tables/{table}/records/{record}")["document"]
    _say(f"In the table Orders: [green]{saved}[/]")
    mail = named["Order placed | Confirm by mail"]
    sent = _ended(workspace, mail, workspace.call("GET", f"recipes/{mail}/jobs")["items"][0]["id"])["lines"][-1]
    told = f"its mail to {sent['input']['to']} is [green]{sent['status']}[/], by the stub"
    _say(f"The topic woke 'Order placed | Confirm by mail': {told}.")


def _open_desk(workspace: Workspace) -> str:
    """Enable the project's endpoints; the key of somebody who may call them."""
    for endpoint in workspace.call("GET", "api_endpoints"):
        workspace.call("PUT", f"api_endpoints/{endpoint['id']}/enable")
    collections = [each["id"] for each in workspace.call("GET", "api_collections")]
    wanted = {"name": "Web shop", "api_collection_ids": collections}
    client = workspace.call("POST", "v2/api_clients", json=wanted)["data"]["id"]
    return str(workspace.call("POST", f"v2/api_clients/{client}/api_keys", json={"name": "main"})["data"]["auth_token"])


def _ended(workspace: Workspace, recipe: int, job_id: str) -> Any:
    """A job, once it has ended."""
    while not (job := workspace.call("GET", f"recipes/{recipe}/jobs/{job_id}"))["completed_at"]:
        time.sleep(0.02)
    return job


def _cut_over(server: demo_server.Server, ground: Workspace, imports: int) -> None:
    """Events flow into a running recipe while it is replaced again and again, and the server dies now and then."""
    _out.rule("[bold]7  A cut-over under fire")
    fire = cut_over.Fire(imports, kills=1 + (imports - 1) // _IMPORTS_A_KILL, events_per_s=EVENTS_PER_S)
    _say(f"{EVENTS_PER_S} events a second, {fire.imports} imports, {fire.kills} kills of the server:")
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
