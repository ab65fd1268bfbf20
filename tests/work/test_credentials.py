"""Connections' credentials: opened, tested, and got again by one while others wait."""

import base64
import functools
import json
import threading
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from dataclasses import replace
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
from recipeyard.work import connecting, connections
from recipeyard.work.running import credentials

KEY = fernet.Fernet(base64.urlsafe_b64encode(b"k" * 32))
OTHER = fernet.Fernet(base64.urlsafe_b64encode(b"o" * 32))
NOWHERE = network.Network(to_private=False)
ANYWHERE = network.Network(to_private=True)


def connection(world: worlds.World, given: interface.Object) -> int:
    place, sealed = world.workspace(), KEY.encrypt(credentials.spell(given))
    with world.db.write() as tx:
        return connections.create(tx, place.workspace.id, "rest", connections.Edit("C", sealed_input=sealed))


def keeper(world: worlds.World, out: outbound.Outbound = NOWHERE) -> credentials.Keeper:
    return credentials.Keeper(world.db, KEY.encrypt, KEY.decrypt, out)


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
        got = list(threads.map(lambda _: kept.renew(made, "rest", server.connecting, before), range(8)))

    with world.db.read() as tx:
        opened = credentials.open_connection(tx, made, KEY.decrypt)
    assert 1 == server.renewals
    assert [{"user": "me", "token": "t1"}] * 9 == [opened, *got]


def test_of_many_servers_that_find_them_stale_one_gets_them_again(world: worlds.World) -> None:
    rotating, how = Rotating(), rest.CONNECTOR.connecting
    assert how
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
            got = list(threads.map(lambda at: keepers[at % len(keepers)].renew(made, "rest", how, before), range(8)))
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

    keeper(embedded).renew(made, "rest", interface.Connecting((), server.test, renew), before)

    with embedded.db.read() as tx:
        assert {"token": "given"} == credentials.open_connection(tx, made, KEY.decrypt)


def test_a_test_and_runs_that_find_them_stale_get_them_once(world: worlds.World) -> None:
    rotating, how = Rotating(), rest.CONNECTOR.connecting
    assert how

    def answer(heard: outside.Heard) -> outside.Reply:
        if heard.path == "/token":
            return rotating.answer(heard)
        return outside.Reply(200 if heard.headers.get("authorization") == "Bearer t1" else 401)

    with outside.site(answer) as site:
        before: interface.Object = {
            "auth_type": access.CODE,
            "oauth2_client_id": "me",
            "oauth2_token_url": f"{site.url}/token",
            "test_url": f"{site.url}/me",
            "access_token": "t0",
            "refresh_token": "r0",
        }
        made = connection(world, before)
        kept, out = keeper(world, ANYWHERE), ANYWHERE
        renew = functools.partial(kept.renew, made, "rest", how)
        with futures.ThreadPoolExecutor(8) as threads:
            runs = [threads.submit(renew, before) for _ in range(4)]
            tests = [threads.submit(connecting.attempt, how, before, out, renew) for _ in range(4)]

    after = {**before, "access_token": "t1", "refresh_token": "r1"}
    assert (1, 0) == (rotating.renewals, rotating.reused)
    assert [after] * 4 == [each.result() for each in runs]
    assert [connecting.Tried(after)] * 4 == [each.result() for each in tests]


def test_what_came_of_renewed_credentials_is_written_down(embedded: worlds.World) -> None:
    place, sealed = embedded.workspace(), KEY.encrypt(credentials.spell({"token": "t1"}))
    edit = connections.Edit("C", sealed_input=sealed)
    with embedded.db.write() as tx:
        made = connections.create(tx, place.workspace.id, "rest", edit)
        connections.settle(tx, place.workspace.id, made, connecting.Tried({"token": "t0"}, "old"), KEY.decrypt)
        before = rows.find(tx, place.workspace.id, made).error
        connections.settle(tx, place.workspace.id, made, connecting.Tried({"token": "t1"}, "new"), KEY.decrypt)
        after = rows.find(tx, place.workspace.id, made).error

        assert (None, "new") == (before, after)
        assert (sealed, False) == rows.sealed(tx, made)


@contextmanager
def hanging(token: str) -> Iterator[interface.Connecting]:
    """A connector whose renewals hang until this is left; then they have come back."""
    back = threading.Event()

    def renew(_: interface.Object, __: outbound.Outbound) -> interface.Object:
        back.wait(30)
        return {"token": token}

    try:
        yield interface.Connecting((), lambda _, __: None, renew)
    finally:
        back.set()
        for each in threading.enumerate():
            if each.name == "call-hanging":
                each.join(30)


def test_renewals_that_hang_leave_room_for_others(world: worlds.World) -> None:
    server, before = Server(), {"token": "t0"}
    made = connection(world, before)
    kept = replace(keeper(world), longest_s=0.05)

    with hanging("late") as how:
        for _ in range(credentials.AT_ONCE):
            with pytest.raises(interface.Failure, match=r"hanging did not answer within 0\.05 seconds"):
                kept.renew(made, "hanging", how, before)
        got = replace(kept, longest_s=30).renew(made, "rest", server.connecting, before)

    with world.db.read() as tx:
        opened = credentials.open_connection(tx, made, KEY.decrypt)
    assert {"token": "t1"} == got == opened


def test_a_token_that_comes_too_late_is_kept(embedded: worlds.World) -> None:
    made = connection(embedded, {"token": "t0"})

    with hanging("late") as how, pytest.raises(interface.Failure, match="did not answer"):
        replace(keeper(embedded), longest_s=0.05).renew(made, "hanging", how, {"token": "t0"})

    with embedded.db.read() as tx:
        assert {"token": "late"} == credentials.open_connection(tx, made, KEY.decrypt)


def test_nobody_waits_for_ever_for_a_renewal_of_another(world: worlds.World) -> None:
    before = {"token": "t0"}
    made, begun = connection(world, before), threading.Event()
    kept = keeper(world)
    others = [kept] if world.db.is_sqlite else [kept, *servers(world, 1)]

    with futures.ThreadPoolExecutor(1) as threads, hanging("t1") as how:

        def renew(given: interface.Object, out: outbound.Outbound) -> interface.Object:
            begun.set()
            return how.renew(given, out) if how.renew else {}

        first = threads.submit(kept.renew, made, "hanging", replace(how, renew=renew), before)
        assert begun.wait(30)
        said = [refusal(replace(each, longest_s=0.05), made, before) for each in others]

    assert {"token": "t1"} == first.result()
    assert [("A connection of rest is being renewed, and that takes too long", "Timeout")] * len(others) == said


def refusal(kept: credentials.Keeper, made: int, before: interface.Object) -> tuple[str, str]:
    with pytest.raises(interface.Failure) as refused:
        kept.renew(made, "rest", Server().connecting, before)
    return refused.value.message, refused.value.kind


def test_a_renewal_that_throws_is_a_failure_that_tells_no_value(embedded: worlds.World) -> None:
    class Odd(Exception):
        """Nobody knows it."""

    def renew(_: interface.Object, __: outbound.Outbound) -> interface.Object:
        raise Odd("s3cret")

    made = connection(embedded, {"token": "t0"})

    with pytest.raises(interface.Failure, match=r"^The renewal of its credentials failed unexpectedly: Odd$"):
        keeper(embedded).renew(made, "rest", interface.Connecting((), lambda _, __: None, renew), {"token": "t0"})


def test_stale_credentials_are_got_again_for_their_test() -> None:
    server = Server()

    how = server.connecting
    tested = credentials.tested(how, {}, NOWHERE, lambda before: credentials.renewed(how, before, NOWHERE))

    assert {"token": "t1"} == tested


def test_a_test_that_throws_is_a_failure_that_tells_no_value() -> None:
    def test(given: interface.Object, _: outbound.Outbound) -> None:
        raise KeyError(given["secret"])

    with pytest.raises(interface.Failure, match=r"failed unexpectedly: KeyError$"):
        credentials.tested(interface.Connecting((), test), {"secret": "s3cret"}, NOWHERE, dict)
