"""recipes list, start and stop."""

import servers
import terminals
import worlds


def test_recipes_start_and_stop_by_name_and_by_id(terminal: terminals.Terminal, client: servers.Client) -> None:
    client.load(client.folder("Orders"), worlds.zipped({"a.recipe.json": worlds.Recipe("Alone").bytes}))
    recipe = client.recipe("Alone")["id"]

    started = terminal.run("recipes", "start", "alone", "--json").json

    assert [{"id": recipe, "name": "Alone", "result": "started"}] == started["recipes"]
    assert [True] == [each["running"] for each in terminal.run("recipes", "list", "--json").json["recipes"]]
    assert "running" in terminal.run("recipes", "list", "--project", "Orders").out
    assert "stopped   Alone" in terminal.run("recipes", "stop", str(recipe)).out


def test_a_refused_start_prints_the_problems_by_step(terminal: terminals.Terminal, client: servers.Client) -> None:
    client.load(client.folder("Orders"), worlds.zipped(worlds.project()))

    refused = terminal.run("recipes", "start", "First", code=1).out

    assert "refused   First" == refused.splitlines()[0]
    assert "step 2: account_id: connection 'CRM' is not authorized" in refused
    machine = terminal.run("recipes", "start", "First", "--json", code=1).json["recipes"][0]
    assert ("refused", 2) == (machine["result"], machine["problems"][0]["step"])


def test_all_means_a_projects_recipes(terminal: terminals.Terminal, client: servers.Client) -> None:
    client.load(client.folder("Orders"), worlds.zipped({"a.recipe.json": worlds.Recipe("In").bytes}))
    client.load(client.folder("Other"), worlds.zipped({"b.recipe.json": worlds.Recipe("Out").bytes}))

    assert "--all of which project?" in terminal.run("recipes", "start", "--all", code=1).err
    assert "started   In\n" == terminal.run("recipes", "start", "--all", "--project", "Orders").out
    terminal.run("pull", "Other")
    assert "started   Out\n" == terminal.run("recipes", "start", "--all").out


def test_what_is_meant_must_be_one_recipe(terminal: terminals.Terminal, client: servers.Client) -> None:
    folder = client.folder("Orders")
    sub = client.folder("Sub", folder)
    for place in (folder, sub):
        client.load(place, worlds.zipped({"a.recipe.json": worlds.Recipe("Twin").bytes}))

    assert "2 recipes are named 'Twin'" in terminal.run("recipes", "stop", "Twin", code=1).err
    assert "there is no recipe 'Nobody'" in terminal.run("recipes", "stop", "Nobody", code=1).err
    assert "name recipes, or say --all" in terminal.run("recipes", "stop", code=1).err


def test_every_page_of_recipes_is_listed(terminal: terminals.Terminal, client: servers.Client) -> None:
    files = {f"r{at}.recipe.json": worlds.Recipe(f"R {at}").bytes for at in range(101)}
    client.load(client.folder("Orders"), worlds.zipped(files))

    assert 101 == len(terminal.run("recipes", "list", "--json").json["recipes"])
