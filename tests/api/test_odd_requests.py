"""Requests that no client means: each is answered, with a status below 500 and the one body that errors have."""

import http.client
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

import seeds
import servers
from recipeyard.wire import answers

FIELDS = ("name", "title", "provider", "path", "description", "comment", "color", "external_id", "adapter_name")
NUMBERS = ("folder_id", "parent_id", "project_id", "recipe_id", "connection_id", "concurrency", "position")
BODIES = {
    "not UTF-8": b'{"name": "\xff"}',
    "nested deep": b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "nested in a member": b'{"name": "x", "provider": "x", "input": ' + b'{"a":' * 900 + b"1" + b"}" * 901,
    "lone surrogates": b"{" + b", ".join(b'"%s": "\\ud800"' % name.encode() for name in FIELDS) + b"}",
    "NULs": b"{" + b", ".join(b'"%s": "a\\u0000"' % name.encode() for name in FIELDS) + b"}",
    "NULs in a member": b'{"properties": {"a\\u0000": "\\u0000"}, "data": {"a\\u0000": "\\u0000"}}',
    "the largest ids": b"{" + b", ".join(b'"%s": %d' % (name.encode(), 2**63 - 1) for name in NUMBERS) + b"}",
    "numbers beyond": b"{" + b", ".join(b'"%s": %d' % (name.encode(), 10**30) for name in NUMBERS) + b"}",
    "no numbers": b"{" + b", ".join(b'"%s": 1e300' % name.encode() for name in NUMBERS) + b"}",
    "names twice": b'{"name": "a", "name": 1, "title": "a", "title": 1}',
    "long": b"{" + b", ".join(b'"%s": "%s"' % (name.encode(), b"a" * 70_000) for name in FIELDS) + b"}",
    "a list": b"[]",
}
QUERIES = (
    "%00",
    "a=%ff&page=%ff",
    "page=1&page=2&per_page=x",
    f"page={10**400}&folder_id={2**63}",
    "prefix=%00&provider=%00&adapter_names_any=%00,%00&stop_cause=%00&external_id=%00",
    "updated_after=9999-12-31T23:59:59-23:59&stopped_after=0001-01-01T00:00:00%2B23:59",
    "updated_after=253402300800&from=253402300800",
    "=&&%",
)
PLACES = ("0", "1_0", "%D9%A1", "9" * 30, "9" * 5000, "%00", "%ff", "%2F", "9223372036854775807")


def test_odd_requests_are_answered(client: servers.Client, subtests: pytest.Subtests) -> None:
    known = seeds.ids(client)
    document = client.http.get("/api/openapi.json").json()

    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            with subtests.test(operation["operationId"]):
                odd = [why for sent in requests(path, operation, known) if (why := oddity(client, method, *sent))]

                assert not odd, odd[:3]


def requests(path: str, operation: Any, known: dict[str, list[int | str]]) -> Iterator[tuple[str, bytes | None]]:
    """Odd paths, queries and bodies for an operation."""
    usual = re.sub(r"\{(\w+)\}", lambda name: str(known.get(name[1], [1])[-1]), path)
    body = b"{}" if "requestBody" in operation else None
    yield from ((f"{usual}?{query}", body) for query in QUERIES)
    if "{" in path:
        yield from ((re.sub(r"\{\w+\}", place, path), body) for place in PLACES)
    if body:
        yield from ((usual, odd) for odd in BODIES.values())


def oddity(client: servers.Client, method: str, path: str, body: bytes | None) -> str:
    """What is wrong with the answer to a request that is sent as it is spelled."""
    connection = http.client.HTTPConnection("127.0.0.1", client.server.port, timeout=servers.PATIENCE_S)
    headers = {"Authorization": f"Bearer {client.token}", "Content-Type": "application/json"}
    connection.request(method.upper(), path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status < 400:
        return ""
    told = f"{method} {path[:80]} {(body or b'')[:60]!r}: {answer.status} {content[:200]!r}"
    try:
        msgspec.json.decode(content, type=answers.Error, strict=True)
    except msgspec.MsgspecError:
        return told
    return told if answer.status >= 500 else ""
