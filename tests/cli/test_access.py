"""login, workspaces, open; and what is said where nobody answers."""

import stat

import awkward
import servers
import services
import terminals


def log_in(person: terminals.Terminal, client: servers.Client, *more: str) -> terminals.Ran:
    return person.run("login", client.server.address, *more, typed=f"{client.token}\n")


def test_login_keeps_the_token_for_its_owner_alone(stranger: terminals.Terminal, client: servers.Client) -> None:
    name = client.call("GET", "users/me")["name"]

    said = log_in(stranger, client, "--json").json

    kept = stranger.home / "recipeyard" / "profiles.json"
    assert {"url": client.server.address, "workspace": name} == {key: said[key] for key in ("url", "workspace")}
    assert 0o600 == stat.S_IMODE(kept.stat().st_mode)
    assert client.token not in str(said)
    assert [] == stranger.run("recipes", "list", "--json").json["recipes"]


def test_a_wrong_token_is_not_kept(stranger: terminals.Terminal, client: servers.Client) -> None:
    refused = stranger.run("login", client.server.address, typed="wrong\n", code=1)

    assert "recipeyard: Unauthorized" == refused.err.splitlines()[0]
    assert "recipeyard login URL" in refused.err
    assert "" == refused.out
    assert not (stranger.home / "recipeyard" / "profiles.json").exists()


def test_workspaces_shows_where_one_is_logged_in_and_use_chooses(
    stranger: terminals.Terminal, client: servers.Client
) -> None:
    log_in(stranger, client, "--profile", "first")
    log_in(stranger, client, "--profile", "second")

    stranger.run("workspaces", "use", "first")

    listed = stranger.run("workspaces", "--json").json["workspaces"]
    assert [("first", True), ("second", False)] == [(each["profile"], each["current"]) for each in listed]
    assert "*  first" in stranger.run("workspaces").out
    assert "there is no profile 'third'" in stranger.run("workspaces", "use", "third", code=1).err


def test_who_is_not_logged_in_is_told_how(stranger: terminals.Terminal) -> None:
    refused = stranger.run("recipes", "list", code=1)

    assert ["recipeyard: you are not logged in", "Run `recipeyard login URL`"] == [
        refused.err.splitlines()[0],
        refused.err.splitlines()[1].partition(",")[0],
    ]
    assert "You are not logged in" in stranger.run("workspaces").out


def test_half_an_environment_is_refused(stranger: terminals.Terminal) -> None:
    refused = stranger.run("recipes", "list", code=1, RECIPEYARD_URL="http://127.0.0.1:1")

    assert "RECIPEYARD_TOKEN is missing" in refused.err


def test_a_profile_asked_for_wins_over_the_environment(terminal: terminals.Terminal) -> None:
    refused = terminal.run("recipes", "list", "--profile", "nobody", code=1)

    assert "there is no profile 'nobody'" in refused.err


def test_an_unreachable_server_is_named(stranger: terminals.Terminal) -> None:
    address = f"http://127.0.0.1:{services.free_port()}"

    refused = stranger.run("recipes", "list", "--json", code=1, RECIPEYARD_URL=address, RECIPEYARD_TOKEN="t")

    assert f"recipeyard: {address} does not answer" in refused.err
    assert {"error", "advice"} == set(refused.json)


def test_what_is_no_server_of_ours_is_said_to_be_none(stranger: terminals.Terminal, client: servers.Client) -> None:
    refused = stranger.run("login", f"{client.server.address}/docs", typed="t\n", code=1)

    assert f"recipeyard: there is no API at {client.server.address}/docs" == refused.err.splitlines()[0]
    assert f"Try `recipeyard login {client.server.address}`." == refused.err.splitlines()[1]


def test_a_page_that_answers_anything_is_said_to_be_no_server_of_ours(stranger: terminals.Terminal) -> None:
    with awkward.server((200, b"<html>")) as (yard, _):
        refused = stranger.run("login", yard.url, typed="t\n", code=1).err

    assert [f"recipeyard: there is no API at {yard.url}", "Name the address of a server of it."] == refused.splitlines()


def test_an_empty_token_is_refused_before_anyone_is_asked(stranger: terminals.Terminal) -> None:
    refused = stranger.run("login", "http://127.0.0.1:1", typed="\n", code=1)

    assert "recipeyard: no token was given" == refused.err.splitlines()[0]
    assert "recipeyard login URL" in refused.err.splitlines()[1]


def test_open_prints_the_projects_address(terminal: terminals.Terminal, client: servers.Client) -> None:
    folder = client.folder("Orders")

    page = terminal.run("open", "Orders", "--print").out.strip()

    assert f"{client.server.address}/?fid={folder}#assets" == page
    assert client.http.get(page).is_success
    assert {"url": page} == terminal.run("open", str(folder), "--print", "--json").json


def test_profiles_that_are_damaged_are_named(stranger: terminals.Terminal) -> None:
    kept = stranger.home / "recipeyard" / "profiles.json"
    kept.parent.mkdir(parents=True)
    kept.write_text("{")

    assert f"{kept} does not hold profiles" in stranger.run("workspaces", code=1).err
