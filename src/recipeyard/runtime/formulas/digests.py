"""Encodings and digests of texts and bytes. Digests are bytes, to be spelled with `.encode_hex` or `.encode_base64`."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes as crypto_hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from recipeyard.runtime.formulas import frames, kinds


def _digest(name: str) -> Callable[..., bytes]:
    return lambda frame, value: hashlib.new(name, _paid(frame, value), usedforsecurity=False).digest()


def _hex_digest(name: str) -> Callable[..., str]:
    return lambda frame, value: hashlib.new(name, _paid(frame, value), usedforsecurity=False).hexdigest()


def _hmac(name: str) -> Callable[..., bytes]:
    return lambda frame, value, key: hmac.digest(kinds.octets(key, "the key"), _paid(frame, value), name)


def _paid(frame: frames.Frame, value: Any) -> bytes:
    octets = kinds.octets(value)
    frame.room(len(octets))
    return octets


def _encode_base64(frame: frames.Frame, value: Any) -> str:
    return base64.b64encode(_grown(frame, value, 2)).decode()


def _encode_urlsafe(frame: frames.Frame, value: Any) -> str:
    return base64.urlsafe_b64encode(_grown(frame, value, 2)).decode()


def _grown(frame: frames.Frame, value: Any, times: int) -> bytes:
    octets = kinds.octets(value)
    frame.room(len(octets) * times)
    return octets


def _decode_base64(frame: frames.Frame, value: Any) -> bytes:
    plain = re.sub(rb"[^A-Za-z0-9+/]", b"", _paid(frame, value).replace(b"-", b"+").replace(b"_", b"/"))
    try:
        return base64.b64decode(plain + b"=" * (-len(plain) % 4))
    except binascii.Error:
        raise frames.Refusal("the text is no base64") from None


def _encode_hex(frame: frames.Frame, value: Any) -> str:
    return _grown(frame, value, 2).hex()


def _decode_hex(frame: frames.Frame, value: Any) -> bytes:
    frame.spend(1)
    try:
        return bytes.fromhex(kinds.text(value))
    except ValueError:
        raise frames.Refusal("the text is no hexadecimal") from None


def _rsa_sha256(frame: frames.Frame, value: Any, key: Any) -> bytes:
    try:
        private = serialization.load_pem_private_key(kinds.octets(key, "the key"), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise frames.Refusal("the key is no private key in PEM") from None
    if not isinstance(private, rsa.RSAPrivateKey):
        raise frames.Refusal("the key is no RSA key")
    return private.sign(_paid(frame, value), padding.PKCS1v15(), crypto_hashes.SHA256())


def _decode_url(_: frames.Frame, text: str) -> str:
    return unquote_plus(text, errors="replace")


BOTH: dict[str, Callable[..., Any]] = {
    "encode_base64": _encode_base64,
    "base64": _encode_base64,
    "encode_urlsafe_base64": _encode_urlsafe,
    "decode_base64": _decode_base64,
    "decode_urlsafe_base64": _decode_base64,
    "encode_hex": _encode_hex,
    "to_hex": _encode_hex,
    "md5_hexdigest": _hex_digest("md5"),
    "md5": _digest("md5"),
    "sha1": _digest("sha1"),
    "sha1_hexdigest": _hex_digest("sha1"),
    "sha256": _digest("sha256"),
    "sha256_hexdigest": _hex_digest("sha256"),
    "sha512": _digest("sha512"),
    "encode_sha256": _digest("sha256"),
    "encode_sha512": _digest("sha512"),
    "hmac_md5": _hmac("md5"),
    "hmac_sha1": _hmac("sha1"),
    "hmac_sha256": _hmac("sha256"),
    "hmac_sha384": _hmac("sha384"),
    "hmac_sha512": _hmac("sha512"),
    "rsa_sha256": _rsa_sha256,
}


def _encode(frame: frames.Frame, text: str, encoding: Any = "UTF-8", *_: Any) -> Any:
    """The text in another encoding, as bytes; in UTF-8 it stays a text."""
    name = kinds.text(encoding, "the encoding")
    if name.upper().replace("_", "-") in ("UTF-8", "UTF8"):
        return text
    frame.room(len(text) * 4)
    try:
        return text.encode(_CODECS[name.upper()], "replace")
    except KeyError:
        raise frames.Refusal(f"there is no encoding {name[:50]!r}") from None


_CODECS = {
    "ASCII": "ascii", "US-ASCII": "ascii", "ISO-8859-1": "iso-8859-1", "ISO-8859-15": "iso-8859-15",
    "WINDOWS-1252": "cp1252", "UTF-16": "utf-16", "UTF-16LE": "utf-16-le", "UTF-16BE": "utf-16-be", "UTF-8": "utf-8",
    "UTF8": "utf-8", "SHIFT_JIS": "shift_jis", "EUC-JP": "euc-jp", "ASCII-8BIT": "iso-8859-1",
}  # fmt: skip


def decoded(value: bytes, encoding: str) -> str:
    """Bytes as a text in an encoding; what is none there becomes a mark."""
    codec = _CODECS.get(encoding.upper())
    if not codec:
        raise frames.Refusal(f"there is no encoding {encoding[:50]!r}")
    return value.decode(codec, "replace")


def _form(frame: frames.Frame, text: str) -> str:
    frame.room(len(text) * 3)
    return quote_plus(text)


def _encode_url(frame: frames.Frame, text: str) -> str:
    frame.room(len(text) * 3)
    return quote(text, safe="-_.~")


TEXT: dict[str, Callable[..., Any]] = {
    **BOTH,
    "decode_hex": _decode_hex,
    "encode_url": _encode_url,
    "encode_www_form": _form,
    "decode_url": _decode_url,
    "encode": _encode,
    "force_encoding": lambda _, text, __: text,
}
BINARY: dict[str, Callable[..., Any]] = BOTH
