"""The operator's commands and settings."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from typer import testing

import servers
import services
import worlds
from recipeyard import server as operator
from recipeyard import settings
from recipeyard.model import errors

ROOT = Path(__file__).parents[1]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [*servers.COMMAND, *arguments]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)


def test_a_workspaces_token_is_the_last_line_and_opens_it(tmp_path: Path) -> None:
    created = run("workspace", "create", "Production", "--data", str(tmp_path))
    token = created.stdout.splitlines()[-1]

    assert (0, [token]) == (created.returncode, created.stdout.splitlines())
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert token.encode() not in kept


def test_a_workspace_is_made_while_the_server_runs(started: dict[str, servers.Server]) -> None:
    server = started["embedded"]
    token = server.run("workspace", "create", "Beside").stdout.splitlines()[-1]

    with server.client(token) as client:
        assert "Beside" == client.call("GET", "users/me")["name"]
        second = server.run("workspace", "token", "Beside").stdout.splitlines()[-1]
        with server.client(second) as other:
            assert "Beside" == other.call("GET", "users/me")["name"]
    assert "Beside" in server.run("workspace", "list").stdout.splitlines()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["workspace", "create", "Twice"], "name: there is a workspace 'Twice' already"),
        (["workspace", "create", " "], "name: can't be blank"),
        (["workspace", "token", "Nobody"], "there is no workspace 'Nobody'"),
        (["workspace", "revoke", "no-token"], "Unauthorized"),
    ],
)
def test_what_cant_be_done_is_said_in_a_sentence(tmp_path: Path, arguments: list[str], message: str) -> None:
    run("workspace", "create", "Twice", "--data", str(tmp_path))

    refused = run(*arguments, "--data", str(tmp_path))

    assert (1, f"recipeyard: {message}\n", "") == (refused.returncode, refused.stderr, refused.stdout)


def test_migrate_makes_the_database(tmp_path: Path) -> None:
    assert 0 == run("migrate", "--data", str(tmp_path / "new")).returncode
    assert (tmp_path / "new" / "recipeyard.db").exists()


def test_two_servers_do_not_share_a_data_folder(started: dict[str, servers.Server]) -> None:
    server = started["embedded"]

    second = server.run("serve", "--port", str(services.free_port()))

    assert (1, f"recipeyard: another server is using {server.data}") == (
        second.returncode,
        second.stderr.splitlines()[-1],
    )


def test_what_is_kept_is_for_its_owner_alone(tmp_path: Path) -> None:
    with servers.serving(services.Backend("embedded", "", "")) as server:
        assert (0o700, 0o600) == (
            server.data.stat().st_mode & 0o777,
            (server.data / "secret.key").stat().st_mode & 0o777,
        )


def test_the_command_line_goes_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "recipeyard.toml").write_text("port = 1\nlink_ttl_s = 60\nrate_limits = true\n")
    environment = {"RECIPEYARD_DATA": str(tmp_path), "RECIPEYARD_LINK_TTL_S": "70", "OTHER": "x"}

    chosen = settings.read(environment, {"port": 3, "host": None})

    assert (tmp_path, 3, 70, True, "127.0.0.1") == (
        chosen.data,
        chosen.port,
        chosen.link_ttl_s,
        chosen.rate_limits,
        chosen.host,
    )


def test_a_file_may_be_named_and_holds_tables(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('blobs = "s3://bucket"\n[blob_options]\nregion = "eu-central-1"\n')

    by_file = settings.read({"RECIPEYARD_CONFIG": str(file)}, {})
    by_name = settings.read({"RECIPEYARD_BLOB_OPTIONS": "region=x endpoint=http://a=b"}, {})

    assert ("s3://bucket", {"region": "eu-central-1"}) == (by_file.blobs, by_file.blob_options)
    assert {"region": "x", "endpoint": "http://a=b"} == by_name.blob_options


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"RECIPEYARD_PORT": "eighty"}, "port"),
        ({"RECIPEYARD_COLOUR": "red"}, "colour"),
        ({"RECIPEYARD_RATE_LIMITS": "perhaps"}, "rate_limits"),
        ({"RECIPEYARD_PORT": "99999"}, "port"),
        ({"RECIPEYARD_MAX_ENTRIES": "-5"}, "max_entries"),
        ({"RECIPEYARD_LINK_TTL_S": "0"}, "link_ttl_s"),
    ],
)
def test_a_setting_that_is_wrong_is_named(environment: dict[str, str], message: str) -> None:
    with pytest.raises(errors.Invalid, match=message):
        settings.read(environment, {})


DATABASE = "postgresql+psycopg://user:hunter2@127.0.0.1:1/name"
UNUSABLE: dict[str, tuple[dict[str, str], str]] = {
    "no database URL": ({"DATABASE": "hunter2"}, "database: must be sqlite:"),
    "an unknown database": ({"DATABASE": "mysql://user:hunter2@host/name"}, "database: must be sqlite:"),
    "a database on no port": ({"DATABASE": "postgresql+psycopg://u:hunter2@h:x/n"}, "database: must be sqlite:"),
    "a database that is down": ({"DATABASE": DATABASE}, "database: can't be opened: connection failed: "),
    "an odd database option": ({"DATABASE": f"{DATABASE}?hunter2=1"}, "database: can't be opened: the driver refuses"),
    "no database file": ({"DATABASE": "sqlite:////nowhere/x.db"}, "database: can't be opened: unable to open"),
    "data in a file": ({"DATA": __file__}, f"data: {__file__}: File exists"),
    "no such file": ({"CONFIG": "/nowhere.toml"}, "config: /nowhere.toml: No such file or directory"),
    "no mail server": ({"SMTP_URL": "http://u:hunter2@h"}, "smtp_url: must be smtp://"),
    "mail from nobody": ({"SMTP_URL": "smtp://u:hunter2@h"}, "mail_from: must be a mail address"),
    "no such host": ({"HOST": "nohost.invalid"}, "host and port: nohost.invalid:"),
}


@pytest.mark.parametrize(("settings", "message"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_setting_that_cant_be_used_is_said_in_a_sentence(
    tmp_path: Path, settings: dict[str, str], message: str
) -> None:
    environment = {"RECIPEYARD_DATA": str(tmp_path / "data"), "RECIPEYARD_PORT": str(services.free_port())}

    environment |= {f"RECIPEYARD_{name}": value for name, value in settings.items()}
    refused = testing.CliRunner().invoke(operator.cli, ["serve"], env=environment)

    assert refused.stderr.startswith(f"recipeyard: {message}")
    assert (1, 1, "") == (refused.exit_code, len(refused.stderr.splitlines()), refused.stdout)
    assert "hunter2" not in refused.stderr


@pytest.mark.parametrize("content", [b"port = \xff", b"port = '"], ids=["not UTF-8", "not TOML"])
def test_a_file_of_settings_that_cant_be_read_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "recipeyard.toml"
    file.write_bytes(content)

    with pytest.raises(errors.Invalid, match=f"config: {file}: "):
        settings.read({"RECIPEYARD_DATA": str(tmp_path)}, {})


def test_a_store_that_cant_be_used_ends_the_start_with_a_sentence(tmp_path: Path) -> None:
    arguments = ["serve", "--data", str(tmp_path), "--port", str(services.free_port())]

    refused = run(*arguments, RECIPEYARD_BLOBS="s3://b", RECIPEYARD_BLOB_OPTIONS="odd=hunter2")

    assert refused.stderr.startswith("recipeyard: blobs or blob_options: Configuration key: 'odd' is not valid")
    assert (1, 1) == (refused.returncode, len(refused.stderr.splitlines()))


def test_a_port_that_is_taken_is_said_and_nothing_is_promised(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = run("serve", "--data", str(tmp_path), "--port", str(taken.getsockname()[1]))

    assert refused.stderr.startswith("recipeyard: host and port: 127.0.0.1:")
    assert (1, 1) == (refused.returncode, len(refused.stderr.splitlines()))


def test_a_server_says_where_it_serves_once_it_does(tmp_path: Path) -> None:
    command = [*servers.COMMAND, "serve", "--data", str(tmp_path), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        address = re.findall(r"http://127\.0\.0\.1:[1-9]\d*", process.stderr.readline())[0]
        with socket.create_connection((address.rpartition("/")[2].partition(":")[0], int(address.rpartition(":")[2]))):
            process.terminate()


def test_every_setting_is_in_the_table_of_the_operators_page() -> None:
    page = (ROOT / "docs" / "operating.md").read_text()

    documented = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)

    assert {*settings.Settings.__struct_fields__, "config"} == set(documented)
    assert len(documented) == len(set(documented))


def test_the_page_of_the_api_names_every_route(started: dict[str, servers.Server]) -> None:
    page = (ROOT / "docs" / "api.md").read_text()
    document = httpx.get(f"{started['embedded'].address}/api/openapi.json").json()

    missing = [
        f"{method.upper()} {path}"
        for path, operations in document["paths"].items()
        for method in operations
        if f"`{method.upper()} {path}`" not in page
    ]

    assert [] == missing


def test_the_model_pulls_in_nothing_but_the_standard_library() -> None:
    modules = [path.stem for path in (ROOT / "src" / "recipeyard" / "model").glob("*.py") if path.stem != "__init__"]
    code = f"import sys\nfrom recipeyard.model import {', '.join(modules)}\n"
    code += "names = {name.partition('.')[0] for name in sys.modules}\n"
    code += "print(sorted(names - set(sys.stdlib_module_names) - {'recipeyard', '__main__'}))"

    bare = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r})\n{code}"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "[]" == bare.stdout.strip()


def test_the_demo_carries_a_promotion_and_leaves_its_server_running(tmp_path: Path) -> None:
    shown = subprocess.run(
        [*servers.COMMAND, "demo", "--imports", "3"],
        cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120,
    ).stdout  # fmt: skip

    address = re.findall(r"(http://\S+)/docs", shown)[0]
    tokens = re.findall(r"(?:Development|Production) token: +(\S+)", shown)
    recipes = [
        httpx.get(f"{address}/api/recipes", headers={"Authorization": f"Bearer {token}"}).json()["items"]
        for token in tokens
    ]
    assert [12, 12] == [sum(recipe["running"] for recipe in each) for each in recipes]
    assert "'Nightly | Reconcile orders' went from version 1 to 2 and was restarted" in shown
    assert "In the table Orders: {'Customer': 'C-1001', 'Article': 'desk-oak', 'Total': 830.62" in shown
    assert "0 lost, 0 repeated, 0 run by a version that did not run when they arrived" in shown

    stopped = subprocess.run(
        [*servers.COMMAND, "demo", "--stop"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "The demo's server is stopped.\n" == stopped.stdout
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{address}/docs")


def test_the_sample_is_sound_and_complete(embedded: worlds.World) -> None:
    root = ROOT / "src" / "recipeyard" / "sample" / "order_desk"
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*.json")}
    place = embedded.workspace()

    package = place.load(files)

    assert () == package.warnings
    assert files == place.export(include_data=True)
    assert 12 == sum(path.endswith(".recipe.json") for path in files)
    for name in ("Order CRM", "Company chat"):
        place.authorize(name)
    recipes = [result.name for path, result in place.results(package).items() if path.endswith(".recipe.json")]
    assert {()} == {place.start(name).all for name in recipes}
