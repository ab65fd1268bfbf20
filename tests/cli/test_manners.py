"""How commands behave whatever they do: help on one screen, completion, exit codes, interruption, hostile packages."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import awkward
import servers
import terminals
import worlds
from recipeyard import settings
from recipeyard.cli import commands

COMMAND = [sys.executable, "-m", "recipeyard"]
IN_PROGRESS = {"id": 7, "operation_type": "import", "status": "in_progress"}
PAGES = [
    [],
    *([name] for name in sorted(commands.NAMES)),
    *(["recipes", name] for name in ("list", "start", "stop")),
    ["workspaces", "use"],
    *(["bind", name] for name in ("connection", "asset", "property", "rows")),
    ["gates", "set"],
    ["stubs", "bind"],
]


@pytest.mark.parametrize("page", PAGES, ids=" ".join)
def test_every_page_of_help_fits_a_screen(stranger: terminals.Terminal, page: list[str]) -> None:
    lines = stranger.run(*page, "--help").out.rstrip().splitlines()

    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80


def test_the_first_page_names_every_command_and_sets_the_operators_apart(stranger: terminals.Terminal) -> None:
    page = stranger.run().out

    client, operators = page.split("Run a server")
    shown = re.findall(r"^  (\w+)(?:, (\w+))?  ", client, re.MULTILINE)
    assert {name for names in shown for name in names if name} == commands.NAMES
    assert {"serve", "workspace", "migrate", "demo"} == set(re.findall(r"^  (\w+)", operators, re.MULTILINE))
    assert "..." not in page


@pytest.mark.parametrize("wrong", [["--bogus"], ["bogus"], ["pull", "--bogus"], ["follow", "seven"], ["import"]])
def test_wrong_usage_ends_with_1_since_2_says_that_things_differ(
    stranger: terminals.Terminal, wrong: list[str]
) -> None:
    assert "" == stranger.run(*wrong, code=1).out


@pytest.mark.parametrize(
    "wrong", [["pull", "--bogus"], ["follow", "abc"], ["import", "nofile.zip", "--into", "X"], ["recipes"], ["bogus"]]
)
def test_wrong_usage_is_told_to_machines_as_one_object(stranger: terminals.Terminal, wrong: list[str]) -> None:
    refused = stranger.run(*wrong, "--json", code=1)

    assert {"error", "advice"} == set(refused.json)
    assert "--help` shows how it is used." in refused.json["advice"]
    assert "Usage:" in refused.err


def test_help_is_written_as_the_fields_tools_write_it(stranger: terminals.Terminal) -> None:
    page = stranger.run("pull", "--help").out

    assert re.search(r"^Usage: .*pull \[OPTIONS\] \[PROJECT\]$", page, re.MULTILINE)
    assert re.search(r"^  PROJECT +A project's name", page, re.MULTILINE)
    assert re.search(r"^  --force +Overwrite", page, re.MULTILINE)
    assert re.search(r"^  --profile NAME +A stored login", page, re.MULTILINE)
    assert re.search(r"import \[OPTIONS\] FILE$", stranger.run("import", "--help").out, re.MULTILINE)


def test_a_name_that_is_no_text_is_named_before_anything_is_sent(terminal: terminals.Terminal) -> None:
    terminal.write({"a.recipe.json": worlds.Recipe("A").bytes})
    Path(os.fsdecode(os.fsencode(terminal.directory) + b"/\xff.recipe.json")).write_bytes(b"{}")

    refused = terminal.run("push", "--project", "Orders", code=1).err.splitlines()

    assert [r"recipeyard: the name of the file '\udcff.recipe.json' is not UTF-8", "Rename it."] == refused


@pytest.mark.parametrize("in_the_way", ["first.recipe.json/x", "Sub"])
def test_what_stands_in_a_files_way_is_named(
    terminal: terminals.Terminal, client: servers.Client, in_the_way: str
) -> None:
    client.load(client.folder("Orders"), worlds.zipped(worlds.project()))
    terminal.write({in_the_way: b""})

    refused = terminal.run("pull", "Orders", code=1).err

    assert "can't be written: a directory stands at its place, or a file at its folder's" in refused
    assert "Move that away, and run it again." in refused
    assert [] == list(terminal.directory.rglob("*.part"))


def test_an_export_into_a_directory_that_is_not_there_is_refused(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    client.folder("Orders")

    refused = terminal.run("export", "Orders", "-o", "/nonexistent/x.zip", code=1).err.splitlines()

    assert ["recipeyard: there is no directory '/nonexistent'", "Make it, or name another with -o."] == refused


def test_the_shell_completes_commands_and_profiles(stranger: terminals.Terminal, client: servers.Client) -> None:
    stranger.run("login", client.server.address, "--profile", "mine", typed=f"{client.token}\n")

    def completed(line: str) -> list[str]:
        words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
        asked = words | {"_RECIPEYARD_COMPLETE": "complete_bash", "XDG_CONFIG_HOME": str(stranger.home)}
        run = [sys.executable, "-c", "import recipeyard.__main__ as m, sys; sys.argv = ['recipeyard']; m.main()"]
        return subprocess.run(run, env=os.environ | asked, capture_output=True, text=True, check=False).stdout.split()

    assert ["pull", "push"] == completed("recipeyard pu")
    assert ["mine"] == completed("recipeyard workspaces use m")


def test_commands_of_people_do_not_load_the_server() -> None:
    asked = "import sys, recipeyard.__main__; print({'litestar', 'sqlalchemy'} & set(sys.modules))"

    assert "set()\n" == subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout


def test_the_operators_commands_pass_over_what_is_the_clients_own(tmp_path: Path) -> None:
    environment = {"RECIPEYARD_URL": "http://127.0.0.1:1", "RECIPEYARD_TOKEN": "t"}

    assert tmp_path == settings.read(environment, {"data": tmp_path}).data


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Processes that are started meanwhile can be interrupted, even where a shell started this one not to be."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupted_follow_says_how_to_take_it_up(tmp_path: Path, interruptible: None) -> None:
    with awkward.server((200, IN_PROGRESS)) as (yard, seen):
        own = {"RECIPEYARD_URL": yard.url, "RECIPEYARD_TOKEN": "t", "XDG_CONFIG_HOME": str(tmp_path)}
        command = [*COMMAND, "follow", "7", "--json"]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, env=os.environ | own, text=True, stdout=pipe, stderr=pipe) as running:
            deadline = time.monotonic() + servers.PATIENCE_S
            while len(seen) < 2 and time.monotonic() < deadline:
                time.sleep(0.01)
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=servers.PATIENCE_S)

    assert 1 == running.returncode
    assert "recipeyard: stopped following package 7; the server goes on with it" in err
    assert '"advice":"`recipeyard follow 7` takes it up again."' in out


def test_a_package_that_names_what_is_hidden_is_not_unpacked(stranger: terminals.Terminal) -> None:
    hostile = worlds.zipped({"a.recipe.json": b"{}", ".git/hooks/pre-commit": b"#!/bin/sh"})
    ended = {"id": 7, "operation_type": "export", "status": "completed"}
    said: list[awkward.Answer] = [
        (200, [{"id": 1, "name": "Orders", "folder_id": 2}]),
        (201, {"result": {"id": 3, "name": "N"}}),
        (200, ended),
        (200, {"success": True}),
        (200, hostile),
    ]
    with awkward.server(*said) as (yard, _):
        refused = stranger.run("pull", "Orders", code=1, RECIPEYARD_URL=yard.url, RECIPEYARD_TOKEN="t")

    assert "'.git/hooks/pre-commit' can't be kept here" in refused.err
    assert [] == list(stranger.directory.iterdir())


def test_nothing_is_written_through_a_symbolic_link(
    terminal: terminals.Terminal, client: servers.Client, tmp_path: Path
) -> None:
    client.load(client.folder("Orders"), worlds.zipped(worlds.project()))
    (tmp_path / "elsewhere").mkdir()
    terminal.directory.mkdir(parents=True)
    (terminal.directory / "Sub").symlink_to(tmp_path / "elsewhere")

    assert "can't be kept here" in terminal.run("pull", "Orders", code=1).err
    assert [] == list((tmp_path / "elsewhere").iterdir())


def test_a_folder_below_a_project_is_pulled_by_its_id(terminal: terminals.Terminal, client: servers.Client) -> None:
    folder = client.folder("Orders")
    below = client.folder("Below", folder)
    client.load(below, worlds.zipped({"a.recipe.json": worlds.Recipe("A").bytes}))

    terminal.run("pull", str(below))

    assert ["a.recipe.json"] == list(terminal.files())
    assert "nothing differs" in terminal.run("status").out


def test_a_project_that_was_renamed_is_found_by_its_id_where_one_is_logged_in(
    stranger: terminals.Terminal, client: servers.Client
) -> None:
    stranger.run("login", client.server.address, typed=f"{client.token}\n")
    folder = client.folder("Orders")
    client.load(folder, worlds.zipped({"a.recipe.json": worlds.Recipe("A").bytes}))
    stranger.run("pull", "Orders")

    client.call("PUT", f"folders/{folder}", json={"name": "Sales"})

    assert "Sales" in stranger.run("status").out


def test_a_marker_that_is_damaged_is_named(terminal: terminals.Terminal) -> None:
    terminal.write({".recipeyard.toml": b"project = 1"})

    assert ".recipeyard.toml is no marker of a project" in terminal.run("status", code=1).err
