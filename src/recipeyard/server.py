"""The operator's commands: read the settings once, wire the parts by hand, start and stop them."""

import base64
import fcntl
import functools
import gc
import hashlib
import logging
import os
import secrets
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer
import uvicorn
from cryptography.fernet import Fernet

from recipeyard import blobs, demo, settings
from recipeyard.api import app as api_app
from recipeyard.api import auth, context
from recipeyard.cli import commands, overview
from recipeyard.model import deployments, errors, tokens
from recipeyard.runtime.reaching import mailing, network
from recipeyard.sql import customers as customer_rows
from recipeyard.sql import database, installation, schema
from recipeyard.sql import environments as environment_rows
from recipeyard.sql import packages as package_rows
from recipeyard.sql import plans as plan_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import customers, engine, environments, forgetting, parts, sending
from recipeyard.work.running import credentials as running_credentials
from recipeyard.work.running import dispatching, shell

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
COLLECT_EVERY = (50_000, 20, 50)
"""How many objects may be made before the collector looks for cycles: documents have none, and make very many."""

_OTHERS_UPLOAD = timedelta(days=1)
_log = logging.getLogger(__name__)

_DEMO = "Carry a sample project from one workspace to another."
cli = typer.Typer(
    name="recipeyard",
    cls=overview.Overview,
    help="A self-hosted recipe lifecycle server, and its client.",
)
workspace_cli = typer.Typer(no_args_is_help=True, help="Make workspaces, and the tokens that open them.")
cli.command("demo", short_help=_DEMO, rich_help_panel=overview.OPERATOR_PANEL)(demo.demo)
commands.join(cli)
cli.add_typer(workspace_cli, name="workspace", rich_help_panel=overview.OPERATOR_PANEL)

Data = Annotated[Path | None, typer.Option(help="Where everything is kept.", show_default=settings.DEFAULT_DATA)]


class Server:
    """The parts, wired. `open` the database alone for the other commands; `start` work and serving."""

    def __init__(self, chosen: settings.Settings) -> None:
        self.settings = chosen
        self.leaving = threading.Event()
        with settings.blaming("data", chosen.data):
            chosen.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        url = chosen.database or f"sqlite:///{chosen.data / 'recipeyard.db'}"
        self.bell = dispatching.Bell()
        self.db = database.connect(url, lambda: datetime.now(UTC)).noticing(self.bell.ring)
        self.db.reach()
        schema.migrate(self.db)

    @functools.cached_property
    def network(self) -> network.Network:
        """The way out. Raises `errors.Invalid` for a mail server that can't be."""
        chosen = self.settings
        mail = mailing.mail_server(chosen.smtp_url, chosen.mail_from) if chosen.smtp_url else None
        return network.Network(to_private=chosen.outbound_to_private, mail=mail)

    def application(self, work: engine.Engine) -> tuple[parts.Parts, Any]:
        """What does the work, and the API in front of it."""
        chosen = self.settings
        store = blobs.open_blobs(chosen.blobs or str(chosen.data / "blobs"), chosen.blob_options, chosen.data / "spool")
        deed = parts.Parts(self.db, store, chosen.limits, work.enqueue)
        credentials = self._credentials
        is_local = chosen.host in _LOOPBACK
        asked = context.Context(
            deed,
            seal=credentials.encrypt,
            unseal=credentials.decrypt,
            outbound=self.network,
            keeper=self.keeper,
            link_secret=_derived(_secret(chosen), "links"),
            link_ttl_s=chosen.link_ttl_s,
            public_url=chosen.public_url or None,
            legacy_auth=is_local if chosen.legacy_auth is None else chosen.legacy_auth,
            rate_limits=chosen.rate_limits,
            events_of_stopped=chosen.events_of_stopped,
            leaving=self.leaving,
        )
        return deed, api_app.create(asked)

    @functools.cached_property
    def keeper(self) -> running_credentials.Keeper:
        """Who renews credentials, for runs and for tests of connections alike: of two, each would know but its own."""
        return running_credentials.Keeper(self.db, self._credentials.encrypt, self._credentials.decrypt, self.network)

    @property
    def _credentials(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(_derived(_secret(self.settings), "credentials")))

    def serve(self) -> None:
        """Serve until the process is told to stop. Work that is under way then goes on at the next start."""
        with _alone(self.settings.data), _listening(self.settings) as listening:
            address = f"http://{self.settings.host}:{listening.getsockname()[1]}"
            node, predecessor = _names(self.settings.data)
            running = self._dispatcher(node, address)
            work = engine.Engine(self.db, node, predecessor, running.take_over)
            deed, application = self.application(work)
            self._sweep(deed)
            work.start(deed)
            running.start()
            sender = sending.Sender(self.db, self._credentials.decrypt, to_private=self.settings.webhooks_to_private)
            kept = (timedelta(days=days) for days in (self.settings.plans_kept_days, self.settings.jobs_kept_days))
            forgetter = forgetting.Forgetter(deed, *kept)
            sender.start()
            forgetter.start()
            typer.echo(f"Recipeyard serves {address} with its data in {self.settings.data}", err=True)
            try:
                with suppress(KeyboardInterrupt):
                    _answer(application, listening, self.leaving)
            finally:
                forgetter.stop()
                sender.stop()
                running.stop()
                work.stop()

    def _dispatcher(self, node: str, address: str) -> dispatching.Dispatcher:
        """What carries out runs."""
        credentials = self._credentials
        means = shell.Shell(
            db=self.db,
            node=node,
            outbound=self.network,
            seal=credentials.encrypt,
            unseal=credentials.decrypt,
            seed=_derived(_secret(self.settings), "ids"),
            zone=UTC,
            keeper=self.keeper,
            address=self.settings.public_url.rstrip("/") or address,
        )
        return dispatching.Dispatcher(means, self.bell)

    def _sweep(self, deed: parts.Parts) -> None:
        """Remove what a death mid-upload has left. On a shared database another machine's uploads are under way.

        A store that is another installation's is refused before: what it holds would be nobody's here.
        """
        with self.db.write() as write:
            owner = installation.mark(write, uuid.uuid4().hex)
        deed.blobs.claim(owner)
        with self.db.read() as tx:
            held = package_rows.blob_keys(tx) | plan_rows.blob_keys(tx)
            deed.blobs.sweep(held, tx.now if self.db.is_sqlite else tx.now - _OTHERS_UPLOAD)


@cli.command(rich_help_panel=overview.OPERATOR_PANEL)
def serve(
    data: Data = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on.", show_default="8765")] = None,
) -> None:
    """Start the server."""
    with _said():
        chosen = settings.read(os.environ, {"data": data, "host": host, "port": port})
        logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        Server(chosen).serve()


@cli.command(rich_help_panel=overview.OPERATOR_PANEL)
def migrate(data: Data = None) -> None:
    """Bring the database to this release's schema. `serve` does so too."""
    with _said():
        Server(settings.read(os.environ, {"data": data}))
        typer.echo("The database is up to date.", err=True)


@workspace_cli.command("create")
def workspace_create(name: str, data: Data = None) -> None:
    """Make a workspace. The last line of standard output is its API token, shown this once."""
    with _said(), Server(settings.read(os.environ, {"data": data})).db.write() as tx:
        token = auth.new_token()
        workspace_rows.add_token(tx, workspace_rows.create(tx, name), tokens.digest(token))
    typer.echo(f"Workspace {name!r} is there. This is its token; it can't be shown again:", err=True)
    typer.echo(token)


@workspace_cli.command("list")
def workspace_list(data: Data = None) -> None:
    """Name every workspace; after a tab, where it deploys to and who manages it."""
    with _said(), Server(settings.read(os.environ, {"data": data})).db.read() as tx:
        bound, managers = environment_rows.bound(tx), customer_rows.managers(tx)
        for name in workspace_rows.names(tx):
            told = [f"{environment}: {target}" for environment, target in bound.get(name, [])]
            told += [f"manager: {managers[name]}"] if name in managers else []
            typer.echo(f"{name}\t{', '.join(told)}" if told else name)


@workspace_cli.command("bind")
def workspace_bind(
    name: str,
    test: Annotated[str | None, typer.Option(help="The workspace that is its test.")] = None,
    prod: Annotated[str | None, typer.Option(help="The workspace that is its production.")] = None,
    data: Data = None,
) -> None:
    """Let a workspace deploy its projects to others."""
    chosen = {deployments.Environment.TEST: test, deployments.Environment.PROD: prod}
    wanted = {environment: target for environment, target in chosen.items() if target is not None}
    with _said(), Server(settings.read(os.environ, {"data": data})).db.write() as tx:
        environments.bind(tx, name, wanted)
    typer.echo(f"{name!r} deploys to {' and '.join(repr(target) for target in wanted.values())}.", err=True)


@workspace_cli.command("unbind")
def workspace_unbind(name: str, data: Data = None) -> None:
    """Let a workspace deploy nowhere. What it has deployed stays."""
    with _said(), Server(settings.read(os.environ, {"data": data})).db.write() as tx:
        environments.unbind(tx, name)
    typer.echo(f"{name!r} deploys nowhere now.", err=True)


@workspace_cli.command("manage")
def workspace_manage(
    manager: str,
    customer: str,
    external_id: Annotated[str | None, typer.Option(help="The manager's own id for it.")] = None,
    data: Data = None,
) -> None:
    """Let one workspace's tokens manage another workspace."""
    with _said(), Server(settings.read(os.environ, {"data": data})).db.write() as tx:
        customers.manage(tx, manager, customer, external_id)
    typer.echo(f"{manager!r} manages {customer!r}.", err=True)


@workspace_cli.command("token")
def workspace_token(name: str, data: Data = None) -> None:
    """Make one more token for a workspace; the last line of standard output is the token."""
    with _said(), Server(settings.read(os.environ, {"data": data})).db.write() as tx:
        token = auth.new_token()
        workspace_rows.add_token(tx, workspace_rows.named(tx, name), tokens.digest(token))
    typer.echo(token)


@workspace_cli.command("revoke")
def workspace_revoke(token: str, data: Data = None) -> None:
    """Let a token open nothing from now on."""
    with _said(), Server(settings.read(os.environ, {"data": data})).db.write() as tx:
        workspace_rows.by_token(tx, tokens.digest(token))
        workspace_rows.revoke_token(tx, tokens.digest(token))
    typer.echo("The token is revoked.", err=True)


def main() -> None:
    """The console script."""
    cli()


@contextmanager
def _said() -> Iterator[None]:
    """Failures end a command with their sentence."""
    try:
        yield
    except errors.Failure as e:
        typer.echo(f"recipeyard: {e}", err=True)
        raise typer.Exit(1) from e


def _listening(chosen: settings.Settings) -> socket.socket:
    """The port, bound; before anything else is begun."""
    family = socket.AF_INET6 if ":" in chosen.host else socket.AF_INET
    with settings.blaming("host and port", f"{chosen.host}:{chosen.port}"):
        listening = socket.create_server((chosen.host, chosen.port), family=family)
    # An answer leaves in two writes; the second must not wait for the first to be acknowledged. Connections inherit it.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


class _Answering(uvicorn.Server):
    """Answers requests; says so once it is told to stop, so that answers without an end find one."""

    def __init__(self, config: uvicorn.Config, leaving: threading.Event) -> None:
        super().__init__(config)
        self._leaving = leaving

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._leaving.set()
        super().handle_exit(sig, frame)


def _answer(application: Any, listening: socket.socket, leaving: threading.Event) -> None:
    """Answer requests until the process is told to stop."""
    config = uvicorn.Config(
        application,
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=10,
    )
    server = _Answering(config, leaving)
    gc.freeze()  # what was loaded stays: the collector need not look through it while documents are decoded
    gc.set_threshold(*COLLECT_EVERY)
    server.run(sockets=[listening])
    if not server.started:
        raise errors.Failure("the server did not start; the log tells why")


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Hold the data folder. Raises `errors.Invalid` where another server does."""
    with ExitStack() as stack:
        with settings.blaming("data", data):
            file = stack.enter_context((data / "serve.lock").open("w"))
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            raise errors.Invalid(f"another server is using {data}") from e
        yield


def _names(data: Path) -> tuple[str, str | None]:
    """A name for this process, and that of the one before it here: nobody else holds the data folder meanwhile."""
    file = data / "node.id"
    before = file.read_text() if file.exists() else None
    mine = uuid.uuid4().hex
    file.write_text(mine)
    return mine, before


def _secret(chosen: settings.Settings) -> bytes:
    """What signs links and seals credentials: a setting, or a file beside the database, made at the first start."""
    if chosen.secret:
        return chosen.secret.encode()
    file = chosen.data / "secret.key"
    if not file.exists():
        with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as handle:
            handle.write(secrets.token_urlsafe(48))
    return file.read_bytes()


def _derived(secret: bytes, purpose: str) -> bytes:
    return hashlib.blake2b(purpose.encode(), key=hashlib.sha512(secret).digest(), digest_size=32).digest()


if __name__ == "__main__":
    main()
