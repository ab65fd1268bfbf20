"""HTTP: requests to any API, with the authentication of a connection; webhooks; and lists that are looked at."""

import codecs
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from recipeyard.runtime import bodies, elements, fields, interface, outbound, values
from recipeyard.runtime.reaching import access, payloads, requesting

_SENT = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_REPEATED = frozenset({"POST", "PATCH"})
_METHODS = _SENT | {"GET", "HEAD", "OPTIONS"}
_TEXTS = frozenset({"rawdatatxt", "text", "text/plain"})
_BYTES = frozenset({"rawdata", "binary", "application/octet-stream"})
_XML = frozenset({"xml", "xml2", "application/xml"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A request as a step wants it, and what is to be made of the answer."""

    send: outbound.Send
    kind: str
    encoding: str
    ignores_errors: bool


def _make_request(call: interface.Call) -> interface.Result:
    request, response = _object(call.input, "request"), _object(call.input, "response")
    with_, asked = _access(call), {**call.input, **request}
    asked["body"] = fields.rendered(_known(call.step, "extended_input_schema", "request", "body"), asked.get("body"))
    wanted = _wanted(asked, {**call.input, **response}, with_, call.key)
    answer = _answer(call, with_, wanted)
    found = _read(answer, wanted)
    names = {each.name for each in fields.outputs(call.step)}
    output: dict[str, values.Value] = {"headers": dict(answer.headers), "response": _shaped(found, call.step)}
    if not names or "body" in names:
        output["body"] = found if isinstance(found, str | bytes) else _decoded(answer.body, wanted.encoding)
    if not names or "code" in names:
        output["code"] = answer.status
    return interface.Result(output)


def _custom_action(call: interface.Call) -> interface.Result:
    """A request in the form that custom actions of all connectors have."""
    own = _object(call.input, "input")
    given = {**call.input, "body": fields.rendered(fields.schema(own.get("schema")), own.get("data"))}
    with_ = _access(call)
    wanted = _wanted(given, call.input, with_, call.key)
    answer = _answer(call, with_, wanted)
    return interface.Result({"body": _read(answer, wanted), "headers": dict(answer.headers)})


def _wanted(asked: interface.Object, said: interface.Object, with_: access.Access, key: str) -> _Wanted:
    method = fields.text(fields.first(asked, "method", "verb") or "GET").strip().upper()
    if method not in _METHODS:
        raise interface.Failure(f"{method[:20]!r} is no method of a request", "Invalid")
    address = fields.text(fields.first(asked, "url", "path", "request_url")).strip()
    params = [*_pairs(fields.first(asked, "params", "query_params", "url_params", "query"))]
    given = fields.first(asked, "body", "data", "payload")
    headers = dict(_pairs(fields.first(asked, "headers", "request_headers")))
    body = b""
    if given is not None and method not in _SENT:
        params += list(payloads.pairs(given))
    elif given is not None:
        kind = payloads.media(fields.text(fields.first(asked, "content_type", "request_type")))
        body, kind = payloads.encode(given, kind)
        headers = _with(headers, "Content-Type", kind)
    if method in _REPEATED:
        headers = _with(headers, "Idempotency-Key", key)
    url = access.with_params(with_.url(address), tuple(params))
    return _Wanted(
        outbound.Send(method, url, headers, body),
        fields.text(fields.first(said, "output_type", "response_type") or "json").strip().lower(),
        fields.text(fields.first(said, "expected_encoding") or "utf-8").strip(),
        bool(fields.truth(said.get("ignore_http_errors"))),
    )


def _answer(asking: interface.Call | interface.Asked, with_: access.Access, wanted: _Wanted) -> outbound.Answer:
    """The answer. Raises `Failure` for one that is no success, `Stale` where another token may help."""
    answer = requesting.perform(asking.outbound, with_, wanted.send, asking.now)
    if answer.status == 401 and with_.is_renewable and not asking.renewed:
        raise requesting.stale(answer, wanted.send.url)
    if not 200 <= answer.status < 300 and not wanted.ignores_errors:
        raise requesting.refused(answer, wanted.send.url)
    return answer


def _read(answer: outbound.Answer, wanted: _Wanted) -> values.Value:
    """What the answer says. One that is no success, and ignored, may say it in another way than was expected."""
    try:
        return _taken(answer.body, wanted)
    except interface.Failure:
        if 200 <= answer.status < 300:
            raise
        return _decoded(answer.body, wanted.encoding)


def _taken(body: bytes, wanted: _Wanted) -> values.Value:
    if wanted.kind in _BYTES:
        return body
    if wanted.kind in _TEXTS or wanted.kind == "multipart":
        return _decoded(body, wanted.encoding)
    if not body.strip():
        return {}
    if wanted.kind in _XML:
        try:
            return elements.read(body)
        except elements.Unreadable as e:
            raise interface.Failure(f"The answer can't be read: {e}", "AnswerInvalid") from e
    try:
        found: values.Value = msgspec.json.decode(_decoded(body, wanted.encoding).removeprefix("\ufeff"))
    except (msgspec.MsgspecError, ValueError, RecursionError) as e:
        raise interface.Failure(f"The answer is no JSON: {e}", "AnswerInvalid") from e
    return found


def _decoded(body: bytes, encoding: str) -> str:
    try:
        return body.decode(codecs.lookup(encoding).name, "replace")
    except (LookupError, ValueError) as e:
        raise interface.Failure(f"The encoding {encoding[:40]!r} is unknown", "Invalid") from e


def _shaped(found: values.Value, step: interface.Object) -> values.Value:
    """The answer as the step's schema has it: a list below the one field of a list, other values below `body`."""
    known = _known(step, "extended_output_schema", "response")
    if isinstance(found, list):
        lists = [each.name for each in known if each.type == "array"]
        return {lists[0] if len(known) == 1 and lists else "array": found}
    is_wrapped = [each.name for each in known] == ["body"]
    return {"body": found} if is_wrapped and not (isinstance(found, Mapping) and "body" in found) else found


def _known(step: interface.Object, name: str, *path: str) -> tuple[interface.Field, ...]:
    """What one of a step's schemas has below a field."""
    known = fields.schema(step.get(name))
    for part in path:
        known = next((each.fields for each in known if each.name == part), ())
    return known


def _pairs(given: values.Value) -> list[tuple[str, str]]:
    """Headers or parameters, whether as an object or as a list of names and values."""
    if isinstance(given, Mapping):
        return list(payloads.pairs(given))
    listed = [each for each in given if isinstance(each, Mapping)] if isinstance(given, list | tuple) else []
    named = [(fields.first(each, "header", "name", "key", "param"), each.get("value")) for each in listed]
    return [(fields.text(name).strip(), fields.text(value)) for name, value in named if name is not None]


def _with(headers: dict[str, str], name: str, value: str) -> dict[str, str]:
    return headers if name.lower() in {each.lower() for each in headers} else {**headers, name: value}


def _object(given: interface.Object, name: str) -> interface.Object:
    value = given.get(name)
    return value if isinstance(value, Mapping) else {}


def _access(asking: interface.Call | interface.Asked) -> access.Access:
    return access.of(asking.connection)


def _event(_: interface.Object, request: interface.Request) -> interface.Event:
    payload = dict(request.query) if request.method == "GET" else bodies.read(bodies.kind_of(request.headers), request)
    own = payload if isinstance(payload, Mapping) else {}
    output = {
        **own,
        "payload": payload,
        "headers": dict(request.headers),
        "query_params": dict(request.query),
    }
    return interface.Event(output, request.event_id)


def _look(asked: interface.Asked) -> interface.Polled:
    """Each record of the list is an event; it is another one once it has changed."""
    with_ = _access(asked)
    request = _object(asked.input, "request")
    given = {**asked.input, **request, "method": "GET"}
    wanted = _wanted({**given, "body": None, "data": None, "payload": None}, given, with_, "")
    found = _read(_answer(asked, with_, wanted), wanted)
    records = found if isinstance(found, list) else [found]
    return interface.Polled([_record(each) for each in records if each not in (None, {})], None)


def _record(found: values.Value) -> interface.Event:
    spelled = msgspec.json.encode(found, order="deterministic")
    output = found if isinstance(found, Mapping) else {"value": found}
    return interface.Event(output, hashlib.sha256(spelled).hexdigest())


def _test(given: interface.Object, out: outbound.Outbound) -> None:
    """A token is got, and the address for tests is called; without these, there is nothing that could be tested."""
    with_ = access.of(given)
    base, address = access.base_url(given), fields.text(given.get("test_url") or "").strip()
    if base:
        access.origin(base)
    if address and with_.key is None:
        send = outbound.Send("GET", with_.url(address), seconds=30)
        answer = requesting.perform(out, with_, send, _EPOCH)
        if answer.status == 401 and with_.is_renewable:
            raise requesting.stale(answer, send.url)
        if not 200 <= answer.status < 300:
            raise interface.Failure(requesting.refused(answer, send.url).message, "HTTPError")


def _secret(name: str, label: str) -> interface.Field:
    return interface.Field(name, label=label, secret=True)


_FIELDS = (
    interface.Field("auth_type", label="Authentication type", choices=access.KINDS),
    interface.Field("base_url", label="Base URL: where relative addresses begin, and where credentials stay"),
    interface.Field("test_url", label="Address to test with, relative or not; AWS keys are not tested"),
    interface.Field("basic_user", label="Basic: user"),
    _secret("basic_password", "Basic: password"),
    _secret("header_pair", "Headers: one on each line, Name: value"),
    _secret("url_param", "Query parameters: one on each line, name=value"),
    interface.Field("oauth2_auth_url", label="OAuth 2: address of the consent page, which this server does not use"),
    interface.Field("oauth2_token_url", label="OAuth 2: address that gives tokens"),
    interface.Field("oauth2_client_id", label="OAuth 2: client"),
    _secret("oauth2_client_secret", "OAuth 2: the client's secret"),
    interface.Field("oauth2_scope", label="OAuth 2: scopes, separated by spaces"),
    interface.Field("param_type", label="OAuth 2: how the client says who it is", choices=("basic", "payload")),
    _secret("access_token", "OAuth 2: a token, where there is one"),
    _secret("refresh_token", "OAuth 2: what other tokens are got for"),
    _secret("authorization_code", "OAuth 2: a code, to be given for the first tokens"),
    interface.Field("oauth2_redirect_uri", label="OAuth 2: the address that the code was sent to"),
    interface.Field("tenant_id", label="Azure: tenant"),
    interface.Field("aws_access_key_id", label="AWS: access key"),
    _secret("aws_secret_access_key", "AWS: secret key"),
    _secret("aws_session_token", "AWS: session token"),
    interface.Field("aws_region", label="AWS: region"),
    interface.Field("aws_service", label="AWS: service, as signatures name it"),
    interface.Field("ssl_params", "boolean", label="Whether the certificates below are used"),
    _secret("ssl_client_cert", "The client's certificate, in PEM"),
    _secret("ssl_client_key", "Its key, in PEM"),
    interface.Field("ssl_ca_cert", label="A CA to trust beside the system's, in PEM"),
)
_INPUT = (interface.Field("request", "object"), interface.Field("response", "object"))
_OUTPUT = (interface.Field("headers", "object"), interface.Field("response", "any"), interface.Field("body", "any"))

CONNECTOR = interface.Connector(
    name="rest",
    title="HTTP",
    triggers=(
        interface.Trigger(
            "new_event",
            interface.Hook(_event),
            "New event by webhook",
            output=(interface.Field("payload", "any"), interface.Field("headers", "object")),
        ),
        interface.Trigger("new_poll_event", interface.Poll(_look), "New event by looking at a list"),
    ),
    actions=(
        interface.Action("make_request_v2", _make_request, "Send a request", input=_INPUT, output=_OUTPUT),
        interface.Action("make_request", _make_request, "Send a request (older)", input=_INPUT, output=_OUTPUT),
        interface.Action("__adhoc_http_action", _custom_action, "Custom action", output=_OUTPUT),
    ),
    connecting=interface.Connecting(_FIELDS, _test, access.renew),
)
