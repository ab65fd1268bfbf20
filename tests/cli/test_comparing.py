"""status and diff: what differs, on which side it changed, and how a pipeline reads it."""

import servers
import terminals
import worlds

TABLE = "prices.lookup_table.json"


def test_the_side_on_which_something_changed_is_told(terminal: terminals.Terminal, client: servers.Client) -> None:
    terminal.write(worlds.project())
    terminal.run("push", "--project", "Orders", "--include-data")
    folder = client.call("GET", "projects")[0]["folder_id"]
    client.load(folder, worlds.zipped({TABLE: worlds.lookup_table("Prices", "c,3\n"), "t.topic.json": topic()}))
    terminal.write({"first.recipe.json": b"{}", "new.recipe.json": b"{}"})
    (terminal.directory / "chat.connection.json").unlink()

    answer = terminal.run("status", "--include-data", "--json", code=2).json

    assert not answer["same"]
    assert {
        ("chat.connection.json", "removed", "here"),
        ("first.recipe.json", "changed", "here"),
        ("new.recipe.json", "added", "here"),
        (TABLE, "changed", "there"),
    } == {(each["path"], each["change"], each["side"]) for each in answer["changes"] if "topic" not in each["path"]}


def topic() -> bytes:
    return worlds.document({"name": "T", "schema": []})


def test_status_ends_with_0_where_nothing_differs_and_leaves_no_trace(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    terminal.write(worlds.project())
    terminal.run("push", "--project", "Orders")
    before = client.call("GET", "packages")

    assert terminal.run("status", "--json").json["same"]
    assert "nothing differs" in terminal.run("diff").out
    assert [each["id"] for each in before["items"]] == [each["id"] for each in client.call("GET", "packages")["items"]]
    assert [] == client.call("GET", "export_manifests")["result"]["items"]


def test_diff_shows_lines_of_laid_out_json(terminal: terminals.Terminal, client: servers.Client) -> None:
    terminal.write({"chat.connection.json": b'{"name":"Chat","provider":"slack","root_folder":false}'})
    terminal.run("push", "--project", "Orders")
    terminal.write({"chat.connection.json": b'{"name":"Chat","provider":"teams","root_folder":false}'})

    said = terminal.run("diff", code=2).out

    assert [
        "--- server/chat.connection.json",
        "+++ here/chat.connection.json",
        "@@ -1,5 +1,5 @@",
        " {",
        '   "name": "Chat",',
        '-  "provider": "slack",',
        '+  "provider": "teams",',
        '   "root_folder": false',
        " }",
    ] == said.splitlines()
    assert '+  "provider": "teams",' in terminal.run("diff", "--json", code=2).json["changes"][0]["diff"]


def test_diff_tells_apart_what_is_only_laid_out_otherwise(terminal: terminals.Terminal, client: servers.Client) -> None:
    terminal.write({"chat.connection.json": b'{"name":"Chat","provider":"slack","root_folder":false}'})
    terminal.run("push", "--project", "Orders")
    terminal.write({"chat.connection.json": b'{"name": "Chat", "provider": "slack", "root_folder": false}'})

    assert "only the layout differs" in terminal.run("diff", code=2).out


def test_diff_shows_files_that_are_here_or_there_alone_and_those_that_are_no_text(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    terminal.write({"chat.connection.json": b'{"name":"Chat","provider":"slack","root_folder":false}'})
    terminal.run("push", "--project", "Orders")
    (terminal.directory / "chat.connection.json").unlink()
    terminal.write({"a.recipe.json": b"\xff"})

    said = terminal.run("diff", code=2).out

    assert "Binary files /dev/null and here/a.recipe.json differ" in said
    assert "+++ /dev/null" in said


def test_a_directory_without_a_project_has_no_status(terminal: terminals.Terminal) -> None:
    assert "this directory holds no project" in terminal.run("status", code=1).err
