"""Events that come by HTTP: webhooks, and calls of endpoints with their answers."""

from typing import Any

import pytest

from callers import Recipes, perform
from recipeyard.runtime import interface
from recipeyard.runtime.connectors import workato_api_platform, workato_webhooks

PLATFORM = workato_api_platform.CONNECTOR
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
_DISPOSITION = b"--x\r\nContent-Disposition: form-data; name="
PARTS = _DISPOSITION + b'"a"\r\n\r\n1\r\n' + _DISPOSITION + b'"f"; filename="f"\r\n\r\n\xff\r\n--x--\r\n'


def posted(body: bytes = b"", headers: dict[str, str] | None = None, **more: Any) -> interface.Request:
    return interface.Request(**{"method": "POST", "query": {}, "headers": headers or {}, "body": body} | more)


def hooked(request: interface.Request, **asked: Any) -> interface.Event:
    trigger = workato_webhooks.CONNECTOR.trigger("new_event")
    assert trigger
    assert isinstance(trigger.listening, interface.Hook)
    return trigger.listening.event({"request": asked, "webhook_suffix": "orders"}, request)


def called(request: interface.Request, **asked: Any) -> interface.Object:
    trigger = PLATFORM.trigger("receive_request")
    assert trigger
    assert isinstance(trigger.listening, interface.Endpoint)
    return trigger.listening.event({"request": asked}, request, {"calling_ip": "10.0.0.1"})


def answered(**given: Any) -> interface.Object:
    result = perform(PLATFORM, "return_response", Recipes(), given)
    assert isinstance(result, interface.Result)
    assert result.reply
    return result.reply


@pytest.mark.parametrize(
    ("kind", "request_", "payload"),
    [
        ("json", posted(b'{"sku": ["A", 1]}', JSON), {"sku": ["A", 1]}),
        ("json", posted(b""), {}),
        ("json", posted(b"[1]", FORM), [1]),
        ("form", posted(b"a=1&b=x+y&b=", FORM), {"a": "1", "b": ["x y", ""]}),
        ("form", posted(PARTS, {"content-type": "multipart/form-data; boundary=x"}), {"a": "1", "f": b"\xff"}),
        ("xml", posted(b"<a/>", {"content-type": "text/xml"}), "<a/>"),
        ("rawdatatxt", posted("grün".encode()), "grün"),
        ("rawdata", posted(b"\xff\x00"), b"\xff\x00"),
        ("get", posted(method="GET", query={"a": "1"}), {"a": "1"}),
        ("", posted(method="GET", query={"a": "1"}), {"a": "1"}),
        ("", posted(b"a=1", FORM, method="PUT"), {"a": "1"}),
        ("", posted(b"\xff", {"content-type": "image/png"}), b"\xff"),
    ],
)
def test_a_webhooks_payload_is_what_the_recipe_expects(kind: str, request_: interface.Request, payload: object) -> None:
    assert payload == hooked(request_, webhook_type=kind).output["payload"]


@pytest.mark.parametrize(
    ("kind", "request_", "why"),
    [
        ("json", posted(b"{", JSON), "BadRequest"),
        ("json", posted(b"[" * 100_000), "BadRequest"),
        ("json", posted(b'"\xff"'), "BadRequest"),
        ("rawdatatxt", posted(b"\xff"), "BadRequest"),
        ("form", posted(b"&".join([b"a=1"] * 10_001), FORM), "BadRequest"),
        ("form", posted(b"--x", {"content-type": "multipart/form-data; boundary=x"}), "BadRequest"),
        ("form", posted(b"--x", {"content-type": "multipart/form-data"}), "BadRequest"),
        ("json", posted(method="GET"), "MethodNotAllowed"),
        ("get", posted(), "MethodNotAllowed"),
        ("morse", posted(), "BadRequest"),
    ],
)
def test_a_webhooks_request_that_cant_be_read_is_refused(kind: str, request_: interface.Request, why: str) -> None:
    with pytest.raises(interface.Failure) as caught:
        hooked(request_, webhook_type=kind)

    assert why == caught.value.kind


def test_a_webhook_shows_the_headers_that_the_recipe_declares_and_no_others() -> None:
    sent = JSON | {"x-request-id": "7", "x-shop": "3", "authorization": "secret"}
    schema = '[{"name": "x_request_id"}, {"name": "X-Shop"}, {"name": "X-Absent"}]'

    output = hooked(posted(b"{}", sent, query={"q": "1"}), headers_schema=schema).output

    assert {"x_request_id": "7", "X-Shop": "3"} == output["headers"]
    assert {"q": "1"} == output["query_params"]


def test_the_senders_id_is_the_events_key() -> None:
    assert "order-7" == hooked(posted(b"{}", {"x-event-id": "order-7"})).key
    assert hooked(posted(b"{}")).key is None


def test_an_endpoints_request_has_body_query_and_path() -> None:
    request = posted(b'{"a": 1}', JSON | {"x-guest": "Ann"}, query={"q": "2"}, path={"id": "7"})

    output = called(request, content_type="json", headers=[{"name": "X-Guest"}])

    assert {
        "request": {"id": "7", "q": "2", "a": 1},
        "path_params": {"id": "7"},
        "headers": {"X-Guest": "Ann"},
        "context": {"calling_ip": "10.0.0.1"},
    } == output


@pytest.mark.parametrize(
    ("request_", "kind", "expected"),
    [
        (posted(method="GET", query={"limit": "5"}), "json", {"limit": "5"}),
        (posted(b"hello"), "text", {"body": "hello"}),
        (posted(b"[1]", JSON), "json", {"body": [1]}),
        (posted(b"a=1", FORM), "json", {"a": "1"}),
    ],
)
def test_an_endpoints_body_may_be_of_other_kinds(
    request_: interface.Request, kind: str, expected: interface.Object
) -> None:
    assert expected == called(request_, content_type=kind)["request"]


def test_an_endpoints_body_that_is_not_json_is_refused() -> None:
    with pytest.raises(interface.Failure, match="not JSON"):
        called(posted(b"{"), content_type="json")


def test_a_response_has_the_status_the_headers_and_the_body_of_the_step() -> None:
    reply = answered(http_status_code="201", headers={"X-Order": 7, "X-None": None}, response={"ok": True})

    headers = {"x-order": "7", "content-type": "application/json; charset=utf-8"}
    assert {"status": 201, "headers": headers, "body": '{"ok":true}'} == reply


@pytest.mark.parametrize(
    ("given", "status", "body"),
    [
        ({"http_status_code": "400 - Bad Request"}, 400, ""),
        ({"response": "plain"}, 200, "plain"),
        ({"http_status_code": 204, "response": None}, 204, ""),
    ],
)
def test_a_response_may_say_little(given: dict[str, Any], status: int, body: str) -> None:
    reply = answered(**given)

    assert (status, body) == (reply["status"], reply["body"])


@pytest.mark.parametrize(
    "given",
    [
        {"http_status_code": "teapot"},
        {"http_status_code": "99"},
        {"http_status_code": "101"},
        {"headers": {"X-A": "a\r\nSet-Cookie: b"}},
        {"headers": {"X A": "a"}},
    ],
)
def test_a_response_that_http_cant_say_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(interface.Failure):
        answered(**given)
