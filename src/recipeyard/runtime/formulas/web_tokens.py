"""JSON web tokens, signed and checked. Whether one has expired is asked of the run's clock."""

import base64
import binascii
from collections.abc import Callable
from typing import Any

import jwt
import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from recipeyard.runtime.formulas import frames, kinds, spelling

_ALGORITHMS = ("RS256", "RS384", "RS512", "HS256", "HS384", "HS512", "ES256", "ES384", "ES512")
_SHORTEST_RSA = 2_048
_CURVES = {"ES256": 256, "ES384": 384, "ES512": 521}


def _algorithm(name: Any) -> str:
    algorithm = kinds.text(name, "the algorithm").upper()
    if algorithm not in _ALGORITHMS:
        raise frames.Refusal(f"the algorithm must be one of {', '.join(_ALGORITHMS)}")
    return algorithm


def _prepared(algorithm: str, key: Any) -> Any:
    """The key for an algorithm; Refusal where it is none, or too weak."""
    octets = kinds.octets(key, "the key")
    if not octets:
        raise frames.Refusal("the key must not be empty")
    if algorithm.startswith("HS"):
        return octets
    try:
        prepared = jwt.get_algorithm_by_name(algorithm).prepare_key(octets)
    except (ValueError, TypeError, jwt.PyJWTError):
        raise frames.Refusal("the key is no key in PEM for this algorithm") from None
    size = prepared.key_size if isinstance(prepared, (rsa.RSAPrivateKey, rsa.RSAPublicKey)) else None
    if size is not None and size < _SHORTEST_RSA:
        raise frames.Refusal(f"an RSA key must have {_SHORTEST_RSA} bits or more")
    curve = (
        prepared.curve.key_size
        if isinstance(prepared, (ec.EllipticCurvePrivateKey, ec.EllipticCurvePublicKey))
        else None
    )
    if curve is not None and curve != _CURVES[algorithm]:
        raise frames.Refusal(f"the key must have {_CURVES[algorithm]} bits")
    return prepared


def _encode(frame: frames.Frame, _: None, payload: Any, key: Any, *rest: Any) -> str:
    """Given after payload and key: the algorithm, and header fields."""
    if not 1 <= len(rest) <= 2:
        raise frames.Refusal("it takes a payload, a key, an algorithm, and perhaps header fields")
    algorithm = _algorithm(rest[0])
    fields = kinds.options(rest[1]) if len(rest) > 1 else {}
    header = {"typ": "JWT", "alg": algorithm, **{name: fields[name] for name in fields if name not in ("typ", "alg")}}
    parts = (spelling.to_json(kinds.weigh(frame, each)).encode() for each in (header, kinds.options(payload)))
    content = ".".join(map(_spelled, parts))
    frame.room(len(content))
    try:
        signature = jwt.get_algorithm_by_name(algorithm).sign(content.encode(), _prepared(algorithm, key))
    except (ValueError, TypeError, AttributeError):
        raise frames.Refusal("this key cannot sign") from None
    return f"{content}.{_spelled(signature)}"


def _encode_rs256(frame: frames.Frame, _: None, payload: Any, key: Any, header: Any = None) -> str:
    return _encode(frame, None, payload, key, "RS256", *([] if header is None else [header]))


def _decode(frame: frames.Frame, _: None, token: Any, key: Any, name: Any) -> Any:
    algorithm, prepared = _algorithm(name), _prepared(_algorithm(name), key)
    if isinstance(prepared, rsa.RSAPrivateKey):
        prepared = prepared.public_key()
    content, _dot, signature = kinds.octets(token, "the token").decode("utf-8", "replace").strip().rpartition(".")
    frame.room(len(content))
    header, payload = _told(content)
    if header.get("alg") != algorithm:
        raise frames.Refusal("the token is not signed by this algorithm")
    if not _verified(algorithm, content.encode(), prepared, _read(signature)):
        raise frames.Refusal("the token's signature is not by this key")
    _in_time(frame, payload)
    return kinds.weigh(frame, {"payload": payload, "header": header})


def _verified(algorithm: str, content: bytes, key: Any, signature: bytes) -> bool:
    try:
        return bool(jwt.get_algorithm_by_name(algorithm).verify(content, key, signature))
    except (ValueError, TypeError, InvalidSignature):
        return False


def _told(content: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, _, payload = content.partition(".")
    try:
        said = [msgspec.json.decode(_read(each)) for each in (header, payload)]
    except msgspec.DecodeError:
        raise frames.Refusal("this is no token") from None
    return kinds.options(said[0]), kinds.options(said[1])


def _spelled(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def _read(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise frames.Refusal("this is no token") from None


def _in_time(frame: frames.Frame, payload: dict[str, Any]) -> None:
    now = frame.scope.now.timestamp()
    if isinstance(payload.get("exp"), (int, float)) and payload["exp"] <= now:
        raise frames.Refusal("the token has expired")
    if isinstance(payload.get("nbf"), (int, float)) and payload["nbf"] > now:
        raise frames.Refusal("the token is not valid yet")


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "workato.jwt_encode": _encode,
    "workato.jwt_encode_rs256": _encode_rs256,
    "workato.jwt_decode": _decode,
}
