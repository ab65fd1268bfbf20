"""Encryption: AES in CBC and GCM, keys made of passwords, and the RNCryptor 3 envelope of `encrypt` and `decrypt`."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from recipeyard.runtime.formulas import frames, kinds

_ITERATIONS = 10_000
_MOST_ITERATIONS = 1_000_000
_MOST_RANDOM = 32


def random_octets(frame: frames.Frame, count: int) -> bytes:
    """Random bytes made of the run's own new ids, so that a run told again has the same."""
    made = b""
    while len(made) < count:
        made += hashlib.sha256(f"{frame.scope.uuid()}{frame.scope.uuid()}".encode()).digest()
    return made[:count]


def _random_bytes(frame: frames.Frame, _: None, count: Any) -> bytes:
    size = kinds.whole(count, "the length")
    if not 0 <= size <= _MOST_RANDOM:
        raise frames.Refusal(f"the length goes from 0 to {_MOST_RANDOM}")
    return random_octets(frame, size)


def _key(value: Any) -> bytes:
    key = kinds.octets(value, "the key")
    if len(key) not in (16, 24, 32):
        raise frames.Refusal("the key must have 128, 192 or 256 bits")
    return key


def _cbc(key: bytes, vector: Any) -> Cipher[modes.CBC]:
    start = kinds.octets(vector, "the initialisation vector") if vector else bytes(16)
    if len(start) != 16:
        raise frames.Refusal("the initialisation vector must have 16 bytes")
    return Cipher(algorithms.AES(key), modes.CBC(start))


def _padded(text: bytes) -> bytes:
    padder = padding.PKCS7(128).padder()
    return padder.update(text) + padder.finalize()


def _unpadded(text: bytes) -> bytes:
    unpadder = padding.PKCS7(128).unpadder()
    try:
        return unpadder.update(text) + unpadder.finalize()
    except ValueError:
        raise frames.Refusal("it cannot be decrypted with this key") from None


def _cbc_encrypt(frame: frames.Frame, _: None, text: Any, key: Any, vector: Any = None) -> bytes:
    octets = kinds.octets(text)
    frame.room(len(octets))
    encryptor = _cbc(_key(key), vector).encryptor()
    return encryptor.update(_padded(octets)) + encryptor.finalize()


def _cbc_decrypt(frame: frames.Frame, _: None, text: Any, key: Any, vector: Any = None) -> bytes:
    octets = kinds.octets(text)
    frame.room(len(octets))
    if not octets or len(octets) % 16:
        raise frames.Refusal("what is decrypted must come in blocks of 16 bytes")
    decryptor = _cbc(_key(key), vector).decryptor()
    return _unpadded(decryptor.update(octets) + decryptor.finalize())


def _gcm_vector(value: Any) -> bytes:
    vector = kinds.octets(value, "the initialisation vector")
    if len(vector) != 12:
        raise frames.Refusal("the initialisation vector must have 12 bytes")
    return vector


def _gcm_encrypt(frame: frames.Frame, _: None, text: Any, key: Any, vector: Any, also: Any = "") -> list[bytes]:
    octets = kinds.octets(text)
    frame.room(len(octets))
    if not octets:
        raise frames.Refusal("what is encrypted must not be empty")
    encryptor = Cipher(algorithms.AES(_key(key)), modes.GCM(_gcm_vector(vector))).encryptor()
    encryptor.authenticate_additional_data(kinds.octets(also))
    return [encryptor.update(octets) + encryptor.finalize(), encryptor.tag]


def _gcm_decrypt(frame: frames.Frame, _: None, text: Any, key: Any, *rest: Any) -> bytes:
    """Given after text and key: the tag, the vector, and data that was authenticated beside."""
    if not 2 <= len(rest) <= 3:
        raise frames.Refusal("it takes a text, a key, a tag, a vector, and perhaps authenticated data")
    octets, tag = kinds.octets(text), kinds.octets(rest[0], "the tag")
    frame.room(len(octets))
    if not 12 <= len(tag) <= 16:
        raise frames.Refusal("the tag must have 12 to 16 bytes")
    decryptor = Cipher(algorithms.AES(_key(key)), modes.GCM(_gcm_vector(rest[1]), tag, min(len(tag), 16))).decryptor()
    decryptor.authenticate_additional_data(kinds.octets(rest[2]) if len(rest) > 2 else b"")
    try:
        return decryptor.update(octets) + decryptor.finalize()
    except InvalidTag:
        raise frames.Refusal("it cannot be decrypted with this key") from None


def _pbkdf2(frame: frames.Frame, _: None, text: Any, salt: Any, iterations: Any = 1_000, length: Any = 16) -> bytes:
    rounds, size = kinds.whole(iterations, "the iterations"), kinds.whole(length, "the length")
    if not 1 <= rounds <= _MOST_ITERATIONS or not 1 <= size <= 1_024 or rounds * size > 64 * _MOST_ITERATIONS:
        raise frames.Refusal(f"iterations go from 1 to {_MOST_ITERATIONS}, the length from 1 to 1024")
    frame.spend(rounds * (1 + size // 20))
    return hashlib.pbkdf2_hmac("sha1", kinds.octets(text), kinds.octets(salt), rounds, size)


def _derived(password: bytes, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha1", password, salt, _ITERATIONS, 32)


def _encrypt(frame: frames.Frame, _: None, text: Any, password: Any) -> str:
    """RNCryptor 3: version, options, two salts, the vector, the ciphertext and its HMAC, in base64."""
    octets, secret = kinds.octets(text), kinds.octets(password, "the key")
    frame.room(len(octets) * 2)
    frame.spend(2 * _ITERATIONS)
    salts = random_octets(frame, 32)
    key_salt, sign_salt, vector = salts[:8], salts[8:16], salts[16:]
    encryptor = _cbc(_derived(secret, key_salt), vector).encryptor()
    body = b"\x03\x01" + salts + encryptor.update(_padded(octets)) + encryptor.finalize()
    return base64.b64encode(body + hmac.digest(_derived(secret, sign_salt), body, "sha256")).decode()


def _decrypt(frame: frames.Frame, _: None, text: Any, password: Any) -> bytes:
    secret = kinds.octets(password, "the key")
    frame.spend(2 * _ITERATIONS)
    try:
        octets = base64.b64decode(kinds.octets(text))
    except binascii.Error:
        raise frames.Refusal("the text is no base64") from None
    body, signature = octets[:-32], octets[-32:]
    if len(body) < 50 or body[:2] != b"\x03\x01" or (len(body) - 34) % 16:
        raise frames.Refusal("the text is no RNCryptor 3 envelope")
    if not hmac.compare_digest(hmac.digest(_derived(secret, body[10:18]), body, "sha256"), signature):
        raise frames.Refusal("it cannot be decrypted with this key")
    decryptor = _cbc(_derived(secret, body[2:10]), body[18:34]).decryptor()
    return _unpadded(decryptor.update(body[34:]) + decryptor.finalize())


_HASHES: Mapping[str, Callable[[], hashes.HashAlgorithm]] = {
    "SHA": hashes.SHA1,
    "SHA1": hashes.SHA1,
    "SHA224": hashes.SHA224,
    "SHA256": hashes.SHA256,
    "SHA384": hashes.SHA384,
    "SHA512": hashes.SHA512,
}


def _verify_rsa(
    _: frames.Frame, __: None, payload: Any, certificate: Any, signature: Any, name: Any = "SHA256"
) -> bool:
    algorithm = _HASHES.get(kinds.text(name).upper())
    if not algorithm:
        raise frames.Refusal(f"the algorithm must be one of {', '.join(_HASHES)}")
    try:
        key = x509.load_pem_x509_certificate(kinds.octets(certificate)).public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise frames.Refusal("the certificate is no certificate in PEM") from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise frames.Refusal("the certificate has no RSA key")
    try:
        key.verify(kinds.octets(signature), kinds.octets(payload), rsa_padding.PKCS1v15(), algorithm())
    except InvalidSignature:
        return False
    return True


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "encrypt": _encrypt,
    "decrypt": _decrypt,
    "workato.random_bytes": _random_bytes,
    "workato.aes_cbc_encrypt": _cbc_encrypt,
    "workato.aes_cbc_decrypt": _cbc_decrypt,
    "workato.aes_gcm_encrypt": _gcm_encrypt,
    "workato.aes_gcm_decrypt": _gcm_decrypt,
    "workato.pbkdf2_hmac_sha1": _pbkdf2,
    "workato.verify_rsa": _verify_rsa,
}
