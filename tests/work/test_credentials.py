"""Connections' credentials: opened, tested, and got again by one while others wait."""

import base64
import json
import threading
from concurrent import futures
from urllib import parse

import pytest
from cryptography import fernet

import outside
import worlds
from recipeyard.runtime import interface, outbound
from recipeyard.runtime.connectors import rest
from recipeyard.runtime.reaching import access, network
from recipeyard.sql import connections as rows
from recipeyard.sql import database
from recipeyard.work import connections
from recipeyard.work.running import credentials

KEY = fernet.Fernet(base64.urlsafe_b64encode(b"k" * 32))
OTHER = fernet.Fernet(base64.urlsafe_b64encode(b"o" * 32))
NOWHERE = network.Network(to_private=False)


def connection(world: worlds.World, given: interface.Object) -> int:
    place, sealed = world.workspace(), KEY.encrypt(credentials.spell(given))
    with world.db.write() as tx:
        return connections.create(tx, place.workspace.id, "rest", connections.Edit("C", sealed_input=sealed))


def keeper(world: worlds.World) -> credentials.Keeper:
    return credentials.Keeper(world.db, KEY.encrypt, KEY.decrypt, NOWHERE)


def servers(world: worlds.World, many: int) -> list[credentials.Keeper]:
    """As many servers on the world's database, each with connections of its own."""
    url = world.db.engine.url.render_as_string(hide_password=False)
    opened = [database.connect(url, world.db.clock) for _ in range(many)]
    return [credentials.Keeper(db, KEY.encrypt, KEY.decrypt, network.Network(to_private=True)) for db in opened]


class Server:
    """A server whose tokens are good for one renewal."""

    def __init__(self) -> None:
        self.renewals = 0

    @property
    def connecting(self) -> interface.Connecting:
        return interface.Connecting((), self.test, self.renew)

    def test(self, given: interface.Object, _: outbound.Outbound) -> None:
        if given.get("token") != f"t{self.renewals}":
            raise interface.Stale("token refused")

    def renew(self, given: interface.Object, _: outbound.Outbound) -> interface.Object:
        self.renewals += 1
        return {**given, "token": f"t{self.renewals}"}


class Rotating:
    """An OAuth server whose refresh tokens are good for one use, as the newest is; a used one is the end of all."""

    def __init__(self) -> None:
        self.renewals = 0
        self.reused = 0
        self._turn = threading.Lock()

    def answer(self, heard: outside.Heard) -> outside.Reply:
        asked = dict(parse.parse_qsl(heard.body.decode()))
        with self._turn:
            if asked.get("refresh_token") != f"r{self.renewals}":
                self.reused += 1
                return outside.Reply(400, b'{"error": "invalid_grant"}')
            self.renewals += 1
            told = {"access_token": f"t{self.renewals}", "refresh_token": f"r{self.renewals}"}
        return outside.Reply(200, json.dumps(told).encode())


def test_credentials_are_opened_as_they_were_given(embedded: worlds.World) -> None:
    made = connection(embedded, {"a": "b", "c": {"d": [1, True, None]}})

    with embedded.db.read() as tx:
        assert {"a": "b", "c": {"d": [1, True, None]}} == credentials.open_connection(tx, made, KEY.decrypt)


def test_a_connection_without_credentials_has_none(embedded: worlds.World) -> None:
    place = embedded.workspace()
    with embedded.db.write() as tx:
        made = connections.create(tx, place.workspace.id, "rest", connections.Edit("C"))
        opened = credentials.open_connection(tx, made, KEY.decrypt)

    assert opened is None


def test_credentials_of_another_secret_are_told_so(embedded: worlds.World) -> None:
    made = connection(embedded, {"a": "b"})

    with embedded.db.read() as tx, pytest.raises(interface.Failure, match="sealed under another secret"):
        credentials.open_connection(tx, made, OTHER.decrypt)


def test_of_many_that_find_them_stale_one_gets_them_again(world: worlds.World) -> None:
    server, before = Server(), {"user": "me", "token": "t0"}
    made = connection(world, before)
    kept = keeper(world)

    with futures.ThreadPoolExecutor(8) as threads:
        got = list(threads.map(lambda _: kept.renew(made, server.connecting, before), range(8)))

    with world.db.read() as tx:
        opened = credentials.open_connection(tx, made, KEY.decrypt)
    assert 1 == server.renewals
    assert [{"user": "me", "token": "t1"}] * 9 == [opened, *got]


def test_of_many_servers_that_find_them_stale_one_gets_them_again(world: worlds.World) -> None:
    rotating, connecting = Rotating(), rest.CONNECTOR.connecting
    assert connecting
    with outside.site(rotating.answer) as site:
        before: interface.Object = {
            "auth_type": access.CODE,
            "oauth2_client_id": "me",
            "oauth2_token_url": f"{site.url}/token",
            "access_token": "t0",
            "refresh_token": "r0",
        }
        made = connection(world, before)
        keepers = servers(world, 1 if world.db.is_sqlite else 4)  # SQLite has one server only
        with futures.ThreadPoolExecutor(8) as threads:
            got = list(threads.map(lambda at: keepers[at % len(keepers)].renew(made, connecting, before), range(8)))
        for each in keepers:
            each.db.engine.dispose()

    with world.db.read() as tx:
        opened = credentials.open_connection(tx, made, KEY.decrypt)
    assert (1, 0) == (rotating.renewals, rotating.reused)
    assert [{**before, "access_token": "t1", "refresh_token": "r1"}] * 9 == [opened, *got]


def test_credentials_that_were_given_meanwhile_stay(embedded: worlds.World) -> None:
    server, before = Server(), {"token": "t0"}
    made = connection(embedded, before)

    def renew(given: interface.Object, _: outbound.Outbound) -> interface.Object:
        with embedded.db.write() as tx:
            rows.authorize(tx, made, KEY.encrypt(credentials.spell({"token": "given"})))
        return {"token": "got"}

    keeper(embedded).renew(made, interface.Connecting((), server.test, renew), before)

    with embedded.db.read() as tx:
        assert {"token": "given"} == credentials.open_connection(tx, made, KEY.decrypt)


def test_stale_credentials_are_got_again_for_their_test() -> None:
    server = Server()

    assert {"token": "t1"} == credentials.tested(server.connecting, {}, NOWHERE)


def test_a_test_that_throws_is_a_failure_that_tells_no_value() -> None:
    def test(given: interface.Object, _: outbound.Outbound) -> None:
        raise KeyError(given["secret"])

    with pytest.raises(interface.Failure, match=r"failed unexpectedly: KeyError$"):
        credentials.tested(interface.Connecting((), test), {"secret": "s3cret"}, NOWHERE)
