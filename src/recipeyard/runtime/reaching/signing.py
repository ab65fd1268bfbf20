"""Requests to AWS, signed: Signature Version 4."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib import parse

from recipeyard.runtime import outbound

_ALGORITHM = "AWS4-HMAC-SHA256"
_PLAIN = "-_.~"
_STORE = "s3"


@dataclass(frozen=True, slots=True)
class Key:
    """An access key, and what it is used for."""

    access_key_id: str
    secret: str = field(repr=False)
    region: str
    service: str
    session_token: str = field(default="", repr=False)


def signed(send: outbound.Send, key: Key, now: datetime) -> Mapping[str, str]:
    """The headers to send a request with: its own, and what signs it. Its address must be spelled as it is sent."""
    parts = parse.urlsplit(send.url)
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    digest = hashlib.sha256(send.body).hexdigest()
    added = {"X-Amz-Date": stamp} | ({"X-Amz-Content-Sha256": digest} if key.service == _STORE else {})
    added |= {"X-Amz-Security-Token": key.session_token} if key.session_token else {}
    headers = {**send.headers, **added}
    told = {"host": parts.netloc} | {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    names = ";".join(sorted(told))
    scope = f"{stamp[:8]}/{key.region}/{key.service}/aws4_request"
    request = "\n".join(
        [
            send.method.upper(),
            _path(parts.path or "/", key.service),
            _query(parts.query),
            *(f"{name}:{told[name]}" for name in sorted(told)),
            "",
            names,
            digest,
        ]
    )
    to_sign = "\n".join([_ALGORITHM, stamp, scope, hashlib.sha256(request.encode()).hexdigest()])
    signature = _mac(_signing_key(key, stamp[:8]), to_sign).hex()
    credential = f"{_ALGORITHM} Credential={key.access_key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {**headers, "Authorization": credential}


def _signing_key(key: Key, day: str) -> bytes:
    made = f"AWS4{key.secret}".encode()
    for part in (day, key.region, key.service, "aws4_request"):
        made = _mac(made, part)
    return made


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _path(path: str, service: str) -> str:
    """The path as it is sent; but for S3, encoded once more."""
    return path if service == _STORE else parse.quote(path, safe="/" + _PLAIN)


def _query(query: str) -> str:
    pairs = parse.parse_qsl(query, keep_blank_values=True)
    spelled = sorted((parse.quote(name, safe=_PLAIN), parse.quote(value, safe=_PLAIN)) for name, value in pairs)
    return "&".join(f"{name}={value}" for name, value in spelled)
