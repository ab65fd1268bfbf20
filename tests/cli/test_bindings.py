"""bind: what names in packages mean in a workspace, said once."""

import pytest

import servers
import terminals
import worlds


def crm(client: servers.Client) -> int:
    """A connection of this workspace."""
    client.load(client.folder("Orders"), worlds.zipped(worlds.project()))
    return int(next(each["id"] for each in client.call("GET", "connections") if each["name"] == "CRM"))


def test_a_connection_is_bound_by_name_or_id_and_a_plan_shows_it(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    here = crm(client)

    said = terminal.run("bind", "connection", "Salesforce Dev", "--to", "CRM").out
    by_id = terminal.run("bind", "connection", "Salesforce Test", "--to", str(here), "--json").json

    assert f"connection 'Salesforce Dev' → id {here}\n" == said
    assert 2 == by_id["version"]
    assert by_id == client.call("GET", "bindings")
    terminal.write({"dev.connection.json": worlds.connection("Salesforce Dev")})
    reference = worlds.reference("dev.connection.json", "Salesforce Dev")
    terminal.write({"new.recipe.json": worlds.Recipe("New").uses("rest", reference).bytes})
    client.folder("Target")
    plan = terminal.run("push", "--project", "Target", "--json").json
    planned = terminal.run("plan", "--package", str(plan["id"]), "--project", "Target").out
    assert f"  connection 'Salesforce Dev' → CRM (id {here})\n" in planned


def test_a_plan_tells_that_a_property_gets_a_value_and_does_not_show_it(terminal: terminals.Terminal) -> None:
    named = worlds.document({"data": {"tax": None}})
    terminal.write({"properties.project_properties.json": named, "a.recipe.json": worlds.Recipe("A").bytes})
    terminal.run("push", "--project", "Orders")
    terminal.run("bind", "property", "tax", "0.19", "--project", "Orders")

    said = terminal.run("plan", code=2).out

    assert "values.tax: a value that is not shown\n" in said
    assert "  property 'tax' → a value of its own" in said
    assert "0.19" not in said


def test_a_binding_is_taken_away_and_what_is_not_bound_is_said(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    crm(client)
    terminal.run("bind", "connection", "Dev", "--to", "CRM")

    gone = terminal.run("bind", "connection", "Dev", "--remove").out

    assert gone.startswith("Nothing is bound.")
    assert gone == terminal.run("bind").out
    assert [] == client.call("GET", "bindings")["references"]


def test_properties_rows_and_other_assets_are_bound_beside_each_other(
    terminal: terminals.Terminal, client: servers.Client
) -> None:
    crm(client)
    table = client.call("GET", "lookup_tables")[0]["id"]

    terminal.run("bind", "property", "company", "Oak")
    terminal.run("bind", "property", "tax", "0.19", "--project", "Orders")
    terminal.run("bind", "rows", "Prices", "--key", "Key", "--policy", "update")
    terminal.run("bind", "asset", "lookup_table", "Other prices", "--to", str(table))
    terminal.run("bind", "property", "company", "Elm")

    assert [
        f"lookup table 'Other prices' → id {table}",
        "property 'company' = Elm",
        "property 'tax' of 'Orders' = 0.19",
        "rows of lookup table 'Prices': update, by Key",
    ] == terminal.run("bind").out.splitlines()
    terminal.run("bind", "rows", "Prices")
    terminal.run("bind", "property", "company", "--remove")
    assert 2 == len(terminal.run("bind").out.splitlines())


def test_all_bindings_are_written_and_read_as_a_file(terminal: terminals.Terminal, client: servers.Client) -> None:
    crm(client)
    before = terminal.run("bind", "property", "company", "Oak", "--json").out
    terminal.write({"bindings.json": before.encode(), "none.json": b"[1]"})

    again = terminal.run("bind", "--file", "bindings.json", "--json").json

    assert ["Oak"] == [each["values"]["company"] for each in again["properties"]]
    terminal.run("bind", "property", "company", "Elm")
    assert "version" in terminal.run("bind", "--file", "bindings.json", code=1).err
    assert "property 'company' = Elm\n" == terminal.run("bind").out
    assert "none.json holds no JSON object" in terminal.run("bind", "--file", "none.json", code=1).err


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (("connection", "Dev"), "to which connection?"),
        (("connection", "Dev", "--to", "Nobody"), "0 connections are 'Nobody'"),
        (("asset", "topic", "T"), "to which one?"),
        (("asset", "spoon", "T", "--to", "1"), "can't be bound"),
        (("property", "company"), "which value?"),
        (("rows", "Prices", "--policy", "update"), "needs the columns"),
        (("rows", "Prices", "--policy", "maybe"), "policy"),
    ],
)
def test_what_cannot_be_bound_is_refused_and_nothing_changes(
    terminal: terminals.Terminal, client: servers.Client, line: tuple[str, ...], sentence: str
) -> None:
    refused = terminal.run("bind", *line, code=1).err

    assert sentence in refused
    assert 0 == client.call("GET", "bindings")["version"]
