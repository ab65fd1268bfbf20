"""pull, push, export, import and follow: files here, assets there, and nobody's edits lost."""

import zipfile
from pathlib import Path

import servers
import terminals
import worlds

TABLE = "prices.lookup_table.json"


def project(client: servers.Client, name: str = "Orders") -> int:
    folder = client.folder(name)
    package = client.load(folder, worlds.zipped(worlds.project()))
    assert "completed" == package["status"], package
    return folder


def change(client: servers.Client, folder: int, rows: str) -> bytes:
    changed = worlds.lookup_table("Prices", rows)
    assert "completed" == client.load(folder, worlds.zipped({TABLE: changed}))["status"]
    return changed


def test_pull_writes_what_an_export_holds_and_a_second_pull_changes_nothing(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    folder = project(client)

    first = terminal.run("pull", "Orders", "--include-data", "--json").json

    assert worlds.unzipped(client.export(folder, include_data=True)) == terminal.files()
    assert sorted(terminal.files()) == first["written"]
    before = {path: (terminal.directory / path).stat().st_mtime_ns for path in terminal.files()}
    second = terminal.run("pull", "--json").json
    assert ([], []) == (second["written"], second["removed"])
    assert before == {path: (terminal.directory / path).stat().st_mtime_ns for path in terminal.files()}


def test_two_machines_pull_equal_bytes(terminal: terminals.Terminal, client: servers.Client, tmp_path: Path) -> None:
    project(client)
    other = terminals.terminal(tmp_path / "other", client)

    terminal.run("pull", "Orders")
    other.run("pull", "orders")

    assert terminal.files() == other.files()


def test_pull_takes_what_changed_on_the_server_and_removes_what_is_gone(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    folder = project(client)
    terminal.run("pull", "Orders", "--include-data")
    changed = change(client, folder, "c,3\n")
    recipe = client.recipe("Second")["id"]
    client.call("DELETE", f"recipes/{recipe}")

    done = terminal.run("pull", "--include-data", "--json").json

    gone = ["Sub/second.recipe.json", "chat.connection.json"]
    assert ([TABLE], gone) == (done["written"], done["removed"])
    assert changed == terminal.files()[TABLE]
    assert not (terminal.directory / "Sub").exists()


def test_what_was_edited_here_is_kept_until_it_is_forced(terminal: terminals.Terminal, client: servers.Client) -> None:
    folder = project(client)
    terminal.run("pull", "Orders", "--include-data")
    terminal.write({TABLE: b"{}", "new.recipe.json": b"{}"})

    kept = terminal.run("pull", "--include-data", "--json").json
    change(client, folder, "c,3\n")
    conflict = terminal.run("pull", "--include-data", "--json", code=2).json

    assert ([TABLE], [], []) == (kept["edited"], kept["conflicts"], kept["written"])
    assert ([], [TABLE], []) == (conflict["edited"], conflict["conflicts"], conflict["written"])
    assert b"{}" == terminal.files()[TABLE]
    forced = terminal.run("pull", "--force", "--include-data", "--json").json
    assert ([TABLE], [], []) == (forced["written"], forced["conflicts"], forced["removed"])
    assert b"{}" == terminal.files()["new.recipe.json"]


def test_what_the_server_removed_and_was_edited_here_is_kept(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    project(client)
    terminal.run("pull", "Orders")
    path = "Sub/second.recipe.json"
    terminal.write({path: b"{}"})
    client.call("DELETE", f"recipes/{client.recipe('Second')['id']}")

    refused = terminal.run("pull", code=2)

    assert f"conflict  {path}" in refused.out
    assert "recipeyard pull --force" in refused.err
    assert b"{}" == terminal.files()[path]
    assert [path] == terminal.run("pull", "--force", "--json").json["removed"]


def test_files_that_were_never_pulled_here_are_not_overwritten(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    project(client)
    terminal.write({TABLE: b"{}"})

    assert [TABLE] == terminal.run("pull", "Orders", "--json", code=2).json["conflicts"]
    assert b"{}" == terminal.files()[TABLE]


def test_an_empty_project_is_pulled_as_no_file(terminal: terminals.Terminal, client: servers.Client) -> None:
    client.folder("Empty")

    assert "Empty" in terminal.run("pull", "Empty").out
    assert {} == terminal.files()


def test_a_directory_holds_one_project(terminal: terminals.Terminal, client: servers.Client) -> None:
    project(client)
    client.folder("Other")
    terminal.run("pull", "Orders")

    assert "holds the project 'Orders' already" in terminal.run("pull", "Other", code=1).err


def test_an_unknown_project_is_answered_with_those_there_are(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    client.folder("Orders")

    assert "the projects here: Orders" in terminal.run("pull", "Ordres", code=1).err
    assert {} == terminal.files()


def test_push_makes_the_project_and_what_it_pushed_is_pulled_as_it_was(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    files = worlds.project()
    terminal.write(files | {"README.md": b"# Orders", ".github/ci.recipe.json": b"{}", "photo.recipe.png": b""})
    terminal.write({".hidden.recipe.json": b"{}"})
    (terminal.directory / "link.recipe.json").symlink_to(terminal.directory / "first.recipe.json")

    pushed = terminal.run("push", "--project", "Orders", "--include-data", "--json").json

    assert {"created"} == {each["action"] for each in pushed["assets"]}
    assert sorted(files) == sorted(each["zip_name"] for each in pushed["assets"])
    assert "nothing differs" in terminal.run("status", "--include-data").out
    elsewhere = terminal.at("elsewhere")
    elsewhere.run("pull", "Orders", "--include-data")
    assert files == elsewhere.files()


def test_push_tells_what_happened_to_each_asset(terminal: terminals.Terminal, client: servers.Client) -> None:
    project(client)
    terminal.run("pull", "Orders", "--include-data")
    terminal.write({TABLE: worlds.lookup_table("Prices", "c,3\n"), "new.recipe.json": worlds.Recipe("New").bytes})

    said = terminal.run("push", "--include-data").out

    assert [
        "created   new.recipe.json",
        f"updated   {TABLE}  version 1 → 2",
    ] == sorted(line for line in said.splitlines() if line.startswith(("created", "updated")))
    assert "1 created, 6 unchanged, 1 updated." in said
    assert "download_url" not in terminal.run("push", "--json").json


def test_a_push_that_is_refused_changes_nothing_and_says_why(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    project(client)
    terminal.run("pull", "Orders")
    terminal.write({"broken.recipe.json": b"{"})

    refused = terminal.run("push", code=1)

    assert refused.err.startswith("recipeyard: broken.recipe.json: not valid JSON")
    assert "Nothing of the package happened" in refused.err
    assert {"First", "Second"} == {each["name"] for each in client.call("GET", "recipes")["items"]}


def test_a_running_recipe_is_pushed_over_only_when_asked(terminal: terminals.Terminal, client: servers.Client) -> None:
    terminal.write({"alone.recipe.json": worlds.Recipe("Alone").bytes})
    terminal.run("push", "--project", "Orders")
    terminal.run("recipes", "start", "Alone")
    terminal.write({"alone.recipe.json": worlds.Recipe("Alone").step("logger", "log_message", {}).bytes})

    assert "running" in terminal.run("push", code=1).err
    assert "restarted Alone" in terminal.run("push", "--restart-recipes").out


def test_push_finds_the_project_by_name_in_another_workspace(
    terminal: terminals.Terminal, client: servers.Client, tmp_path: Path
) -> None:
    project(client)
    terminal.run("pull", "Orders")
    with client.server.workspace() as production:
        other = terminals.Terminal(
            tmp_path / "home", terminal.directory, terminals.terminal(tmp_path, production).environment
        )

        refused = other.run("push", code=1)
        assert "recipeyard push --project 'Orders'" in refused.err
        other.run("push", "--project", "Orders")
        assert "nothing differs" in other.run("status").out


def test_where_there_is_no_file_there_is_nothing_to_push(terminal: terminals.Terminal) -> None:
    assert "there are no asset files" in terminal.run("push", "--project", "Orders", code=1).err
    assert "this directory holds no project" in terminal.run("pull", code=1).err


def test_an_export_is_the_package_and_an_import_brings_it_elsewhere(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    folder = project(client)
    target = client.folder("Target")

    said = terminal.run("export", "Orders", "-o", "orders.zip", "--json").json

    file = terminal.directory / "orders.zip"
    assert client.export(folder, include_tags=True) == file.read_bytes()
    assert file.stat().st_size == said["bytes"]
    assert "created" in terminal.run("import", "orders.zip", "--into", "Target").out
    assert "7 unchanged" in terminal.run("import", "orders.zip", "--into", str(target)).out
    assert [] == client.call("GET", "export_manifests")["result"]["items"][1:]


def test_a_failed_import_ends_with_1_and_its_sentence(terminal: terminals.Terminal, client: servers.Client) -> None:
    client.folder("Target")
    terminal.directory.mkdir(parents=True)
    with zipfile.ZipFile(terminal.directory / "bad.zip", "w") as archive:
        archive.writestr("a.recipe.json", "[]")
    (terminal.directory / "none.zip").write_bytes(b"none")

    failed = terminal.run("import", "bad.zip", "--into", "Target", "--json", code=1)

    assert "a.recipe.json: must be a JSON object" == failed.json["error"]
    assert "Invalid package" in terminal.run("import", "none.zip", "--into", "Target", code=1).err
    assert "no project 'Nobody'" in terminal.run("import", "bad.zip", "--into", "Nobody", code=1).err


def test_a_package_can_be_followed_by_its_id(terminal: terminals.Terminal, client: servers.Client) -> None:
    package = client.load(client.folder(), worlds.zipped(worlds.project()))

    assert package["id"] == terminal.run("follow", str(package["id"]), "--json").json["id"]
    assert "recipeyard: Not found" in terminal.run("follow", "999999", code=1).err
