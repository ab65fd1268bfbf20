"""`make bench`: the figures of docs/performance.md, over HTTP against a real server, floors in the same run."""

import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import servers
import services
from benchmarks import floors, formulas, material, runs
from recipeyard.sql import tables

GIB = 1024**3
ROUNDS = 3
SETTINGS = {
    "max_archive_bytes": str(2 * GIB),
    "max_total_bytes": str(4 * GIB),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    what: str
    measured: str
    floor: str
    ratio: float
    promised: str


def main() -> None:
    """Measure, print each line when it is known, then the table."""
    lines: list[Line] = []
    with (
        tempfile.TemporaryDirectory() as scratch,
        servers.serving(services.Backend("embedded", "", ""), **SETTINGS) as server,
    ):
        for measure in (latency, transfers, ten_times, large_workspace, huge_archive, carrying_out, formula_ratios):
            for line in measure(server, Path(scratch)):
                print(line, file=sys.stderr, flush=True)
                lines.append(line)
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores {platform.machine()}, Python {platform.python_version()}"
    )
    print()
    print("| what | measured | against | ratio | promised |")
    print("|---|---|---|---|---|")
    for line in lines:
        print(f"| {line.what} | {line.measured} | {line.floor} | {line.ratio:.2f} | {line.promised} |")


def latency(server: servers.Server, _: Path) -> list[Line]:
    """From the request to `completed`, for a package of ten new assets."""
    with server.workspace() as client:
        took_s = statistics.median(small_imports(client, client.folder(), 0, 30))
    return [Line("ten assets, request to completed", f"{took_s * 1000:.0f} ms median", "100 ms", took_s / 0.1, "≤ 1")]


def large_workspace(server: servers.Server, _: Path) -> list[Line]:
    """A small import into a workspace of 100,000 assets against one into an empty workspace."""
    with server.workspace() as empty, server.workspace() as full:
        folder = full.folder()
        for batch in range(20):
            files = {f"b{batch}/x{at}.connection.json": one(batch, at) for at in range(5000)}
            assert full.load(folder, floors.deflate(files))["status"] == "completed"
        places = (empty, empty.folder()), (full, folder)
        took_s: list[list[float]] = [[], []]
        for number in range(10):
            for at, (client, target) in enumerate(places):
                took_s[at] += small_imports(client, target, 1000 + number * 3, 3)
    small_s, large_s = (statistics.median(each) for each in took_s)
    what = "ten assets into a workspace of 100,000"
    return [
        Line(
            what, f"{large_s * 1000:.0f} ms", f"{small_s * 1000:.0f} ms, into an empty one", large_s / small_s, "≤ 1.5"
        )
    ]


def one(batch: int, at: int) -> bytes:
    """One of very many small assets."""
    return b'{\n  "name": "X %d %d",\n  "provider": "rest",\n  "root_folder": false\n}' % (batch, at)


def transfers(server: servers.Server, scratch: Path) -> list[Line]:
    """620 documents of 62 MB: imported, imported again, planned with one recipe changed, exported."""
    files = material.workspace()
    content = floors.deflate(files)
    size = f"{len(files)} documents, {sum(map(len, files.values())) / 1e6:.0f} MB, {len(content) / 1e6:.0f} MB packed"
    print(size, file=sys.stderr)
    first, first_floor, again, hash_floor, plan, export, deflate_floor, copy_floor = ([] for _ in range(8))
    for number in range(ROUNDS):
        own = {path: text.replace(b'"version": 1', b'"version": %d' % (number + 2)) for path, text in files.items()}
        fresh, changed = floors.deflate(own), floors.deflate(material.with_one_changed(own))
        with server.workspace() as client:
            folder = client.folder()
            first.append(timed(lambda: client.load(folder, fresh)))  # noqa: B023
            first_floor.append(timed(lambda: floors.insert(fresh, scratch / f"floor{number}.db")))  # noqa: B023
            before = versions(server)
            again.append(timed(lambda: client.load(folder, fresh)))  # noqa: B023
            assert versions(server) == before
            plan.append(timed(lambda: planned(client, folder, changed)))  # noqa: B023
            hash_floor.append(timed(lambda: floors.inflate_and_hash(fresh)))  # noqa: B023
            export.append(timed(lambda: client.export(folder, include_data=True)))  # noqa: B023
            deflate_floor.append(timed(lambda: floors.deflate(files)))
            copy_floor.append(timed(lambda: floors.copy(fresh, scratch / "copy.zip")))  # noqa: B023
    return [
        line("first import", first, first_floor, "inflate, hash, decode, insert", "≤ 3"),
        line("unchanged import, no asset written", again, hash_floor, "inflate, hash", "≤ 2"),
        line("plan, one recipe of 620 documents changed", plan, hash_floor, "inflate, hash", "≤ 1.3"),
        line("export and download", export, deflate_floor, "`zipfile` deflating the same", "≤ 0.2"),
        line("export and download", export, copy_floor, "writing and reading the same bytes", ""),
    ]


def planned(client: servers.Client, folder: int, content: bytes) -> None:
    """A plan that finds the one recipe that changed. Asking more often than this would take time from the work."""
    plan = client.call("POST", "plans", params={"folder_id": folder}, content=content)
    while plan["status"] == "in_progress":
        time.sleep(0.02)
        plan = client.call("GET", f"plans/{plan['id']}")
    assert [change["action"] for change in plan["changes"]] == ["update"], plan


def ten_times(server: servers.Server, _: Path) -> list[Line]:
    """Ten times the documents."""
    once, tenfold = (floors.deflate(material.workspace(times)) for times in (1, 10))
    took: dict[str, list[float]] = {"import": [], "export": []}
    for content in (once, tenfold):
        with server.workspace() as client:
            folder = client.folder()
            took["import"].append(timed(lambda: client.load(folder, content)))  # noqa: B023
            took["export"].append(timed(lambda: client.export(folder, include_data=True)))  # noqa: B023
    return [
        Line(f"ten times the documents, {name}", f"{many:.2f} s", f"{few:.2f} s", many / few, "≤ 11")
        for name, (few, many) in took.items()
    ]


def huge_archive(server: servers.Server, scratch: Path) -> list[Line]:
    """The memory that an archive of 1 GB takes, over an idle server's."""
    server.stop()
    server.start()
    path = scratch / "huge.zip"
    material.huge(path, GIB)
    with server.workspace() as client, path.open("rb") as file:
        folder = client.folder()
        client.load(folder, material.small(1))
        idle = memory_mb(server, "VmRSS")
        package = client.follow(
            client.call("POST", f"packages/import/{folder}", content=iter(lambda: file.read(2**20), b""))
        )
        assert package["status"] == "completed", package
        peak = memory_mb(server, "VmHWM")
        exported = client.follow(client.call("POST", f"packages/export/{client.manifest(folder)}"))
        assert exported["status"] == "completed"
        after = memory_mb(server, "VmHWM")
    return [
        Line("1 GB archive, import", f"{peak - idle:.0f} MB over idle", "150 MB", (peak - idle) / 150, "≤ 1"),
        Line("1 GB archive, export", f"{after - idle:.0f} MB over idle", "150 MB", (after - idle) / 150, "≤ 1"),
    ]


def carrying_out(_: servers.Server, __: Path) -> list[Line]:
    """Runs against the engine's own empty workflows, and recipes that only listen."""
    lines: list[Line] = []
    for each in runs.figures():
        alone, together = each.latency_s, each.runs_per_s
        what, floor = f"a run of {runs.STEPS} steps, {each.name}", f"an empty workflow of {runs.STEPS} steps"
        ours_ms, floor_ms = alone.ours * 1000, alone.floor * 1000
        ratio = alone.ours / alone.floor
        lines.append(Line(f"{what}, alone", f"{ours_ms:.0f} ms", f"{floor_ms:.0f} ms: {floor}", ratio, "≤ 1.5"))
        ratio = together.floor / together.ours
        rate, most = f"{together.ours:.0f} a second", f"{together.floor:.0f} a second: {floor}"
        lines.append(Line(f"{what}, {runs.TOGETHER} waiting", rate, most, ratio, "≤ 1.5"))
    idle = runs.idle()
    listening, none = f"{idle.ours:.1%} of a core", f"{idle.floor:.1%}: none listens"
    lines.append(Line(f"{runs.LISTENING} recipes listening, at rest", listening, none, idle.ours / idle.floor, ""))
    return lines


def formula_ratios(_: servers.Server, __: Path) -> list[Line]:
    """What evaluating formulas costs over lambdas that say the same."""
    return [
        Line(f"formula `{each.formula}`".replace("|", r"\|"), f"{each.took_s * 1e6:.2f} µs",
             f"{each.lambda_s * 1e6:.2f} µs, a Python lambda", each.took_s / each.lambda_s, "")
        for each in formulas.ratios()
    ]  # fmt: skip


def small_imports(client: servers.Client, folder: int, start: int, count: int) -> list[float]:
    """How long each of so many small imports took, one after another."""
    return [timed(lambda: client.load(folder, material.small(start + at))) for at in range(count)]  # noqa: B023


def memory_mb(server: servers.Server, name: str) -> float:
    """A figure of the server's memory, as the kernel tells it."""
    assert server.process
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return next(int(row.split()[1]) / 1024 for row in status.splitlines() if row.startswith(name))


def versions(server: servers.Server) -> Any:
    """How many versions there are."""
    with server.db.read() as tx:
        return tx.connection.execute(sa.select(sa.func.count()).select_from(tables.versions)).scalar()


def timed(deed: Callable[[], object]) -> float:
    """How long a deed takes, in seconds."""
    start = time.perf_counter()
    deed()
    return time.perf_counter() - start


def line(what: str, measured: list[float], floor: list[float], name: str, promised: str) -> Line:
    """A line of medians."""
    took, least = statistics.median(measured), statistics.median(floor)
    return Line(what, f"{took:.2f} s", f"{least:.2f} s: {name}", took / least, promised)


main()
