"""What a connection of the HTTP connector adds to requests: its address, its credentials, its certificates."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib import parse

import httpx
import msgspec

from recipeyard.runtime import fields, interface, outbound
from recipeyard.runtime.reaching import signing

NONE, BASIC, HEADERS, QUERY, CUSTOM = "no_auth", "basic", "headers", "query", "custom"
CODE, CLIENT = "oauth2_auth_code_grant", "oauth2_client_credentials_grant"
AZURE_CODE, AZURE_CLIENT = f"azure_{CODE}", f"azure_{CLIENT}"
AWS = "aws_key_auth"
KINDS = (NONE, BASIC, HEADERS, QUERY, CODE, CLIENT, AZURE_CODE, AZURE_CLIENT, AWS, CUSTOM)
OAUTH = frozenset({CODE, CLIENT, AZURE_CODE, AZURE_CLIENT})
_AZURE = "https://login.microsoftonline.com/{}/oauth2/v2.0/token"
_WHOLE = frozenset({BASIC, CUSTOM})
_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Access:
    """How requests are sent with a connection. What it adds goes to its own origin alone, where it has one."""

    base: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    key: signing.Key | None = None
    certificates: outbound.Certificates = field(default=outbound.Certificates(), repr=False)
    is_renewable: bool = False

    def url(self, address: str) -> str:
        """An address, which may be relative to the connection's. Raises `interface.Failure`."""
        if _split(address).scheme in {"http", "https"}:
            return address
        if not self.base:
            raise interface.Failure("The address is relative, and the connection has no base URL", "AddressInvalid")
        rest = address.lstrip("/")
        return f"{self.base.rstrip('/')}/{rest}" if rest and rest[0] not in "?#" else self.base + rest

    def sent(self, send: outbound.Send, now: datetime) -> outbound.Send:
        """The request with what the connection adds to it, where it goes to the connection's origin."""
        if self.base and origin(send.url) != origin(self.base):
            return send
        added = {name: value for name, value in self.headers.items() if name.lower() not in _names(send.headers)}
        asked = replace(
            send,
            url=with_params(send.url, self.params),
            headers={**send.headers, **added},
            certificates=self.certificates,
        )
        return asked if self.key is None else _signed(asked, self.key, now)


def of(given: interface.Object | None) -> Access:
    """The access that a connection's fields give. Raises `interface.Stale` where a token is to be got first."""
    if given is None:
        return Access()
    kind = kind_of(given)
    plain = Access(base=base_url(given), certificates=_certificates(given), is_renewable=kind in OAUTH)
    if kind in OAUTH:
        token = _text(given, "access_token")
        if not token:
            raise interface.Stale("The connection has no token yet", "Unauthorized")
        return replace(plain, headers={"Authorization": f"Bearer {token}"})
    if kind == AWS:
        return replace(plain, key=_key(given))
    return replace(plain, headers=_headers(given, kind), params=_params(given, kind))


def kind_of(given: interface.Object) -> str:
    """The kind of authentication; none where none is said."""
    return _text(given, "auth_type") or NONE


def base_url(given: interface.Object) -> str:
    """Where requests of the connection go; empty where that is left to them."""
    return _text(given, "base_url") or _text(given, "base_uri")


def renew(given: interface.Object, outbound: outbound.Outbound) -> interface.Object:
    """The fields with another token. Raises `interface.Failure`, which tells no secret."""
    form = _grant(given)
    client_id, secret = _needed(given, "oauth2_client_id"), _text(given, "oauth2_client_secret")
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if _text(given, "param_type") == "payload":
        form |= {"client_id": client_id, "client_secret": secret}
    else:
        headers["Authorization"] = _basic(parse.quote_plus(client_id), parse.quote_plus(secret))
    answer = outbound.request(_asking(_token_url(given), headers, form, _certificates(given)))
    told = _told(answer)
    token = told.get("access_token")
    if answer.status >= 300 or not isinstance(token, str) or not token:
        why = told.get("error") if isinstance(told.get("error"), str) else "it gave no token"
        raise interface.Failure(f"No token was got: the server answered {answer.status}, {why}", "Unauthorized")
    kept = {"access_token": token}
    again = told.get("refresh_token")
    kept |= {"refresh_token": again} if isinstance(again, str) and again else {}
    return {**{name: value for name, value in given.items() if name != "authorization_code"}, **kept}


def _grant(given: interface.Object) -> dict[str, str]:
    scope = {"scope": _text(given, "oauth2_scope")} if _text(given, "oauth2_scope") else {}
    if kind_of(given) in {CLIENT, AZURE_CLIENT}:
        return {"grant_type": "client_credentials", **scope}
    if token := _text(given, "refresh_token"):
        return {"grant_type": "refresh_token", "refresh_token": token}
    if code := _text(given, "authorization_code"):
        back = _text(given, "oauth2_redirect_uri")
        return {"grant_type": "authorization_code", "code": code, **({"redirect_uri": back} if back else {})}
    what = "The connection needs a refresh_token: this server has no page on which somebody could consent"
    raise interface.Failure(what, "Unauthorized")


def _asking(
    url: str, headers: Mapping[str, str], form: Mapping[str, str], certificates: outbound.Certificates
) -> outbound.Send:
    body = parse.urlencode(form).encode()
    return outbound.Send("POST", url, headers, body, seconds=_SECONDS, certificates=certificates)


def _token_url(given: interface.Object) -> str:
    if kind_of(given) in {AZURE_CODE, AZURE_CLIENT} and not _text(given, "oauth2_token_url"):
        return _AZURE.format(parse.quote(_needed(given, "tenant_id"), safe=""))
    return _needed(given, "oauth2_token_url")


def _told(answer: outbound.Answer) -> Mapping[str, object]:
    try:
        return msgspec.json.decode(answer.body, type=dict[str, object])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return {}


def with_params(url: str, params: tuple[tuple[str, str], ...]) -> str:
    """An address with more parameters in its query; what it has already stays. Raises `interface.Failure`."""
    if not params:
        return url
    parts = _split(url)
    query = "&".join(each for each in (parts.query, parse.urlencode(params)) if each)
    return parse.urlunsplit(parts._replace(query=query))


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of an address. Raises `interface.Failure`."""
    parts = _split(url)
    try:
        default = {"http": 80, "https": 443}.get(parts.scheme)
        return parts.scheme, (parts.hostname or "").lower(), parts.port or default
    except ValueError as e:
        raise interface.Failure("What is to be called is no address", "AddressInvalid") from e


def _split(url: str) -> parse.SplitResult:
    try:
        return parse.urlsplit(url)
    except ValueError as e:
        raise interface.Failure("What is to be called is no address", "AddressInvalid") from e


def _headers(given: interface.Object, kind: str) -> dict[str, str]:
    added = {}
    if kind in _WHOLE and _text(given, "basic_user") + _text(given, "basic_password"):
        added["Authorization"] = _basic(_text(given, "basic_user"), _text(given, "basic_password"))
    if kind in {HEADERS, CUSTOM}:
        added |= dict(_lines(given, "header_pair", ":"))
    return added


def _params(given: interface.Object, kind: str) -> tuple[tuple[str, str], ...]:
    return tuple(_lines(given, "url_param", "=")) if kind in {QUERY, CUSTOM} else ()


def _lines(given: interface.Object, name: str, sign: str) -> list[tuple[str, str]]:
    """Pairs, one on each line. Raises `interface.Failure` for a line that is none, without showing it."""
    pairs = [line.partition(sign) for line in _text(given, name).splitlines() if line.strip()]
    if not all(found and key.strip() for key, found, _ in pairs):
        raise interface.Failure(f"{name} must have a name, {sign!r} and a value on each line", "Invalid")
    return [(key.strip(), value.strip()) for key, _, value in pairs]


def _key(given: interface.Object) -> signing.Key:
    return signing.Key(
        _needed(given, "aws_access_key_id"),
        _needed(given, "aws_secret_access_key"),
        _needed(given, "aws_region"),
        _needed(given, "aws_service"),
        _text(given, "aws_session_token"),
    )


def _signed(send: outbound.Send, key: signing.Key, now: datetime) -> outbound.Send:
    try:
        spelled = replace(send, url=str(httpx.URL(send.url)))
    except httpx.InvalidURL as e:
        raise interface.Failure("What is to be called is no address", "AddressInvalid") from e
    return replace(spelled, headers=signing.signed(spelled, key, now))


def _certificates(given: interface.Object) -> outbound.Certificates:
    if not fields.truth(given.get("ssl_params")):
        return outbound.Certificates()
    certificate, key = _text(given, "ssl_client_cert"), _text(given, "ssl_client_key")
    client = (certificate, key) if certificate else None
    return outbound.Certificates(client, _text(given, "ssl_ca_cert") or None)


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _names(headers: Mapping[str, str]) -> set[str]:
    return {name.lower() for name in headers}


def _text(given: interface.Object, name: str) -> str:
    value = given.get(name)
    return fields.text(value).strip() if value is not None else ""


def _needed(given: interface.Object, name: str) -> str:
    value = _text(given, name)
    if not value:
        raise interface.Failure(f"The connection's {name} is missing", "Invalid")
    return value
