"""JSON web tokens, signed and checked. Whether one has expired is asked of the run's clock."""

from collections.abc import Callable
from typing import Any

import jwt
import msgspec
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
    signed = jwt.PyJWS(algorithms=[algorithm])
    content = spelling.to_json(kinds.weigh(frame, kinds.options(payload))).encode()
    try:
        return signed.encode(content, _prepared(algorithm, key), algorithm, spelling.jsonable(header))
    except (ValueError, TypeError, jwt.PyJWTError) as error:
        raise frames.Refusal(f"it cannot be signed: {error}") from None


def _encode_rs256(frame: frames.Frame, _: None, payload: Any, key: Any, header: Any = None) -> str:
    return _encode(frame, None, payload, key, "RS256", *([] if header is None else [header]))


def _decode(frame: frames.Frame, _: None, token: Any, key: Any, name: Any) -> Any:
    algorithm = _algorithm(name)
    try:
        found = jwt.PyJWS(algorithms=[algorithm]).decode_complete(
            kinds.octets(token), _prepared(algorithm, key), [algorithm]
        )
    except jwt.InvalidAlgorithmError:
        raise frames.Refusal("the token is not signed by this algorithm") from None
    except jwt.InvalidSignatureError:
        raise frames.Refusal("the token's signature is not by this key") from None
    except (jwt.PyJWTError, ValueError) as error:
        raise frames.Refusal(f"this is no token: {error}") from None
    payload = kinds.options(_claims(found["payload"]))
    _in_time(frame, payload)
    return kinds.weigh(frame, {"payload": payload, "header": found["header"]})


def _claims(payload: bytes) -> Any:
    try:
        return msgspec.json.decode(payload)
    except msgspec.DecodeError:
        raise frames.Refusal("the token's payload is no JSON") from None


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
