"""The HTTP connector: what its requests are, what it makes of answers, and where credentials go."""

import json
from collections.abc import Callable
from typing import Any
from urllib import parse

import pytest

import callers
import outside
from recipeyard.runtime import interface
from recipeyard.runtime.connectors import rest
from recipeyard.runtime.reaching import network

OUT = network.Network(to_private=True)
TEXT = {"response": {"output_type": "rawdatatxt"}}


def call(given: interface.Object, connection: Any = None, step: Any = None, **more: Any) -> interface.Call:
    return interface.Call(
        input=given,
        step=step or {},
        connection=connection,
        key="41-3",
        now=callers.NOW,
        outputs={},
        workspace=callers.Workspace(callers.Recipes()),  # type: ignore[arg-type]
        outbound=OUT,
        **more,
    )


def made(given: interface.Object, connection: Any = None, name: str = "make_request_v2", **more: Any) -> Any:
    action = rest.CONNECTOR.action(name)
    assert action
    result = action.run(call(given, connection, **more))
    assert isinstance(result, interface.Result)
    return result.output


def failed(given: interface.Object, connection: Any = None, **more: Any) -> interface.Failure:
    with pytest.raises(interface.Failure) as caught:
        made(given, connection, **more)
    return caught.value


def says(body: bytes = b"{}", status: int = 200, **headers: str) -> Callable[[outside.Heard], outside.Reply]:
    return lambda _: outside.Reply(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


def heard(request: dict[str, Any], connection: dict[str, Any] | None = None) -> outside.Heard:
    """What arrives of a request to the connection's address."""
    with outside.site(says()) as site:
        made({"request": {"url": "/a", "method": "POST"} | request}, {"base_url": site.url} | (connection or {}))
    return site.heard[0]


@pytest.mark.parametrize(
    ("kind", "body", "media", "sent"),
    [
        ("json", {"a": [1, True, None]}, "application/json", b'{"a":[1,true,null]}'),
        ("application/json", '{"a": 1}', "application/json", b'{"a": 1}'),
        ("application/x-www-form-urlencoded", {"a": "x y", "b": {"c": "1"}}, None, b"a=x+y&b%5Bc%5D=1"),
        ("application/x-www-form-urlencoded", "a=1&b=2", None, b"a=1&b=2"),
        ("application/xml", "<a/>", "application/xml", b"<a/>"),
        ("text/plain", "grün", "text/plain", "grün".encode()),
        ("application/octet-stream", b"\xff\x00", "application/octet-stream", b"\xff\x00"),
        ("", {"a": 1}, "application/json", b'{"a":1}'),
    ],
)
def test_a_body_is_sent_as_its_content_type_says(kind: str, body: Any, media: str | None, sent: bytes) -> None:
    came = heard({"content_type": kind, "body": body})

    assert (sent, media or kind) == (came.body, came.headers["content-type"])


def test_texts_in_a_json_body_become_the_numbers_and_switches_of_its_schema() -> None:
    line = [{"name": "count", "type": "integer"}]
    known = [
        {"name": "price", "type": "number"},
        {"name": "open", "type": "boolean"},
        {"name": "zip", "type": "string"},
        {"name": "seats", "type": "integer"},
        {"name": "lines", "type": "array", "properties": line},
    ]
    body = {"name": "body", "type": "object", "properties": known}
    step = {"extended_input_schema": [{"name": "request", "type": "object", "properties": [body]}]}
    given: Any = {
        "price": "1.5",
        "open": "false",
        "zip": "0150",
        "seats": "many",
        "lines": [{"count": "2"}],
        "other": "3",
    }
    with outside.site(says()) as site:
        made({"request": {"url": site.url, "method": "POST", "content_type": "json", "body": given}}, step=step)

    assert {
        "price": 1.5, "open": False, "zip": "0150", "seats": "many", "lines": [{"count": 2}], "other": "3",
    } == json.loads(site.heard[0].body)  # fmt: skip


def test_a_custom_action_s_data_has_the_types_of_its_schema() -> None:
    data: Any = {"schema": '[{"name": "n", "type": "integer"}]', "data": {"n": "7", "s": "7"}}
    with outside.site(says()) as site:
        made({"verb": "post", "path": site.url, "request_type": "json", "input": data}, None, "__adhoc_http_action")

    assert {"n": 7, "s": "7"} == json.loads(site.heard[0].body)


def test_an_answer_may_begin_with_a_byte_order_mark() -> None:
    with outside.site(says(b'\xef\xbb\xbf{"a": 1}')) as site:
        output = made({"request": {"url": site.url}})

    assert {"a": 1} == output["response"]


@pytest.mark.parametrize("url", ["https://[bad/x", "https://a\u2100b.example/x"])
def test_what_is_no_address_is_refused_in_words(url: str) -> None:
    assert (
        "no address" in failed({"request": {"url": url, "params": {"a": 1}}}, {"base_url": "https://c.example"}).message
    )


@pytest.mark.parametrize("encoding", ["idna", "a\0b", "hex"])
def test_an_encoding_that_decodes_no_text_is_refused(encoding: str) -> None:
    with outside.site(says(b"\xff")) as site:
        given = {"request": {"url": site.url}, "response": {"output_type": "rawdatatxt", "expected_encoding": encoding}}

        assert f"encoding {encoding!r}" in failed(given).message


def test_xml_in_an_unknown_encoding_is_refused() -> None:
    with outside.site(says(b'<?xml version="1.0" encoding="foo"?><a/>')) as site:
        failure = failed({"request": {"url": site.url}, "response": {"output_type": "xml2"}})

    assert "no XML" in failure.message


def test_a_multipart_body_has_its_parts() -> None:
    part = {"name": "f", "file_name": 'a".txt', "content": b"\xff", "content_type": "text/plain"}
    came = heard({"content_type": "multipart/form-data", "body": [{"name": "a", "value": "1"}, part]})

    assert came.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="a"\r\n\r\n1\r\n' in came.body
    assert b'name="f"; filename="a%22.txt"\r\nContent-Type: text/plain\r\n\r\n\xff\r\n' in came.body


def test_queries_and_headers_are_sent() -> None:
    came = heard(
        {
            "method": "get",
            "url": "customers?x=1",
            "params": [{"name": "q", "value": "a b"}],
            "headers": [{"header": "X-One", "value": "1"}],
            "body": {"also": "this"},
        }
    )

    assert ("GET", "/customers?x=1&q=a+b&also=this", "1", b"") == (
        came.method,
        came.path,
        came.headers["x-one"],
        came.body,
    )


def test_a_repeated_attempt_is_known_by_its_key() -> None:
    own = heard({"headers": {"Idempotency-Key": "mine"}})

    assert "41-3" == heard({}).headers["idempotency-key"]
    assert "mine" == own.headers["idempotency-key"]
    assert "idempotency-key" not in heard({"method": "GET"}).headers


@pytest.mark.parametrize(
    ("base", "url", "path"),
    [
        ("", "customers/1", "/customers/1"),
        ("/", "/customers", "/customers"),
        ("/v1", "customers", "/v1/customers"),
        ("/v1/", "/customers", "/v1/customers"),
        ("/v1", "?a=b", "/v1?a=b"),
        ("/v1", "//other.example/x", "/v1/other.example/x"),
        ("/v1", "", "/v1"),
    ],
)
def test_an_address_is_relative_to_the_connections(base: str, url: str, path: str) -> None:
    with outside.site(says()) as site:
        made({"request": {"url": url}}, {"base_url": site.url + base})

    assert path == site.heard[0].path


def test_a_relative_address_without_a_connections_is_refused() -> None:
    assert "no base URL" in failed({"request": {"url": "/a"}}).message


@pytest.mark.parametrize(
    ("response", "body", "expected"),
    [
        ({"output_type": "json"}, b'{"id": 7}', {"id": 7}),
        ({}, b"[1, 2]", {"array": [1, 2]}),
        ({"output_type": "json"}, b"", {}),
        ({"output_type": "xml2"}, b'<a b="1"><c>x</c></a>', {"a": [{"@b": "1", "c": [{"content!": "x"}]}]}),
        ({"output_type": "rawdatatxt"}, "grün".encode(), "grün"),
        ({"output_type": "rawdatatxt", "expected_encoding": "ISO-8859-1"}, b"gr\xfcn", "grün"),
        ({"output_type": "rawdata"}, b"\xff\x00", b"\xff\x00"),
    ],
)
def test_an_answer_is_read_as_its_type_says(response: dict[str, str], body: bytes, expected: Any) -> None:
    with outside.site(says(body, X_Own="1")) as site:
        output = made({"request": {"url": site.url}, "response": response})

    assert (expected, 200, "1") == (output["response"], output["code"], output["headers"]["x-own"])


def test_an_answer_has_the_shape_of_the_steps_schema() -> None:
    inner = [{"name": "rows", "type": "array", "properties": [{"name": "id"}]}]
    step = {"extended_output_schema": [{"name": "response", "type": "object", "properties": inner}]}
    text = {"extended_output_schema": [{"name": "response", "type": "object", "properties": [{"name": "body"}]}]}

    with outside.site(says(b'[{"id": 1}]')) as site:
        rows = made({"request": {"url": site.url}}, step=step)
        wrapped = made({"request": {"url": site.url}} | TEXT, step=text)

    assert {"rows": [{"id": 1}]} == rows["response"]
    assert {"body": '[{"id": 1}]'} == wrapped["response"]
    assert {"headers", "response"} == rows.keys()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("json", b"no"),
        ("xml2", b"<a"),
        ("xml2", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
        ("xml2", b"<a>" * 101 + b"</a>" * 101),
    ],
)
def test_an_answer_that_is_not_what_it_should_be_fails(kind: str, body: bytes) -> None:
    with outside.site(says(body)) as site:
        failure = failed({"request": {"url": site.url}, "response": {"output_type": kind}})

    assert "answer" in failure.message or "XML" in failure.message


def test_an_answer_that_is_no_success_fails_and_tells_the_catch() -> None:
    with outside.site(says(b'{"why": 1}', 404, X_Own="1")) as site:
        failure = failed({"request": {"url": f"{site.url}/?token=s3cret"}})

    told = failure.details["http_response"]
    assert "127.0.0.1 answered 404 Not Found" == failure.message
    assert "err.http.response.client_error.not_found" == failure.details["error_type_id"]
    assert isinstance(told, dict)
    assert (404, '{"why": 1}', "1") == (told["code"], told["body"], told["headers"]["x-own"])


def test_an_answer_that_is_no_success_passes_where_that_is_wanted() -> None:
    given = {"output_type": "json", "ignore_http_errors": "true"}

    with outside.site(says(b"<p>gone</p>", 410)) as site:
        output = made({"request": {"url": site.url}, "response": given})

    assert (410, "<p>gone</p>") == (output["code"], output["response"])


def test_a_redirect_is_followed_and_a_post_becomes_a_get() -> None:
    def answer(came: outside.Heard) -> outside.Reply:
        return outside.Reply(302, b"", {"Location": "/there?a=b"}) if came.path == "/a" else outside.Reply(200, b"{}")

    with outside.site(answer) as site:
        made({"request": {"url": "/a", "method": "POST", "body": {"a": 1}}}, {"base_url": site.url})

    assert [("POST", "/a", b'{"a":1}'), ("GET", "/there?a=b", b"")] == [(h.method, h.path, h.body) for h in site.heard]


def test_redirects_without_end_are_given_up() -> None:
    with outside.site(says(status=307, Location="/a")) as site:
        assert "redirects more than 10 times" in failed({"request": {"url": site.url}}).message


def test_credentials_stay_at_home_when_it_redirects_elsewhere() -> None:
    with outside.site(says()) as other, outside.site(says(status=307, Location=f"{other.url}/x")) as site:
        request: Any = {"url": "/a", "headers": {"X-Step": "s3cret", "Accept": "a/b"}}
        basic = {"auth_type": "custom", "basic_user": "s3cret", "url_param": "k=s3cret", "base_url": site.url}
        made({"request": request}, basic)

    assert "a/b" == other.heard[0].headers["accept"]
    assert "k=s3cret" in site.heard[0].path
    assert "s3cret" not in str(other.heard)
    assert "authorization" not in other.heard[0].headers


def test_credentials_without_a_home_go_where_the_step_says_and_no_further() -> None:
    with outside.site(says()) as other, outside.site(says(status=302, Location=other.url)) as site:
        made({"request": {"url": site.url}}, {"auth_type": "headers", "header_pair": "X-K: s3cret"})

    assert "s3cret" == site.heard[0].headers["x-k"]
    assert "x-k" not in other.heard[0].headers


def test_credentials_stay_at_home_when_a_step_calls_elsewhere() -> None:
    with outside.site(says()) as other:
        made({"request": {"url": other.url}}, {"auth_type": "headers", "header_pair": "X-K: s", "base_url": "http://h"})

    assert "x-k" not in other.heard[0].headers


@pytest.mark.parametrize(
    ("connection", "header", "expected"),
    [
        ({}, "authorization", None),
        ({"token": "unknown field"}, "authorization", None),
        ({"auth_type": "basic", "basic_user": "me", "basic_password": "p:w"}, "authorization", "Basic bWU6cDp3"),
        ({"auth_type": "headers", "header_pair": "X-Key: a:b\nX-Other: c"}, "x-key", "a:b"),
        ({"auth_type": "custom", "header_pair": "X-Key: d"}, "x-key", "d"),
        ({"auth_type": "oauth2_auth_code_grant", "access_token": "t"}, "authorization", "Bearer t"),
    ],
)
def test_a_connection_authenticates(connection: dict[str, str], header: str, expected: str | None) -> None:
    assert expected == heard({}, connection).headers.get(header)


def test_a_connection_authenticates_by_its_query() -> None:
    came = heard({"url": "/a?b=c"}, {"auth_type": "query", "url_param": "key=s&t\nother=2"})

    assert [("b", "c"), ("key", "s&t"), ("other", "2")] == parse.parse_qsl(parse.urlsplit(came.path).query)


def test_a_request_to_aws_is_signed() -> None:
    keys = {"aws_access_key_id": "AKID", "aws_secret_access_key": "s3cret", "aws_region": "eu", "aws_service": "sqs"}
    came = heard({}, {"auth_type": "aws_key_auth"} | keys)

    assert came.headers["authorization"].startswith(
        "AWS4-HMAC-SHA256 Credential=AKID/20260301/eu/sqs/aws4_request, SignedHeaders=host;"
    )
    assert "20260301T120000Z" == came.headers["x-amz-date"]


def test_a_call_with_an_old_token_asks_for_another_once() -> None:
    connection = {"auth_type": "oauth2_auth_code_grant", "access_token": "old"}
    with outside.site(says(status=401)) as site:
        stale = failed({"request": {"url": site.url}}, connection)
        refused = failed({"request": {"url": site.url}}, connection, renewed=True)

    assert [True, False] == [isinstance(each, interface.Stale) for each in (stale, refused)]
    assert "127.0.0.1 answered 401 Unauthorized" == stale.message == refused.message


def test_a_custom_action_is_a_request_in_another_form() -> None:
    given: Any = {
        "verb": "post",
        "path": "/v1/things",
        "request_type": "json",
        "response_type": "json",
        "input": {"schema": "[]", "data": {"name": "x"}},
    }

    with outside.site(says(b'{"id": 1}')) as site:
        output = made(given, {"base_url": site.url}, "__adhoc_http_action")

    assert ("POST", "/v1/things", {"name": "x"}) == (
        site.heard[0].method,
        site.heard[0].path,
        json.loads(site.heard[0].body),
    )
    assert {"id": 1} == output["body"]


def test_the_older_request_is_made_too() -> None:
    with outside.site(says(b'{"id": 1}')) as site:
        output = made({"method": "PUT", "url": site.url, "body": {"a": 1}}, name="make_request")

    assert ("PUT", {"id": 1}) == (site.heard[0].method, output["response"])


def test_records_of_a_list_are_events_each_by_what_it_says() -> None:
    trigger = rest.CONNECTOR.trigger("new_poll_event")
    assert trigger
    assert isinstance(trigger.listening, interface.Poll)
    with outside.site(says(b'[{"id": 1}, {"id": 2}, {"id": 1}]')) as site:
        asked = interface.Asked(
            {"url": "/list", "method": "POST", "body": "x"},
            {},
            {"base_url": site.url},
            None,
            callers.NOW,
            callers.Workspace(callers.Recipes()),  # type: ignore[arg-type]
            OUT,
        )
        found = trigger.listening.look(asked)

    assert ("GET", "/list") == (site.heard[0].method, site.heard[0].path)
    assert [{"id": 1}, {"id": 2}, {"id": 1}] == [each.output for each in found.events]
    assert [True, False] == [found.events[0].key == each.key for each in (found.events[2], found.events[1])]


def test_a_webhook_is_an_event() -> None:
    trigger = rest.CONNECTOR.trigger("new_event")
    assert trigger
    assert isinstance(trigger.listening, interface.Hook)
    request = interface.Request("POST", {"q": "1"}, {"x-event-id": "e-1"}, b'{"a": 1}')

    event = trigger.listening.event({}, request)

    assert "e-1" == event.key
    assert {"a": 1, "payload": {"a": 1}, "headers": {"x-event-id": "e-1"}, "query_params": {"q": "1"}} == event.output
