"""Credentials at rest (AES-256-GCM) and the keyed hash under which an erased address is remembered."""

import base64
import binascii
import hmac
import os
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = "v1"
KEY_BYTES = 32
NONCE_BYTES = 12
ERASURE_KEY_LENGTH = 32

_KEY_ID = re.compile(r"[A-Za-z0-9_.-]{1,32}")


class InvalidKeyRing(ValueError):
    """The ring cannot be used. The message says why and names the key's id, never the key."""


class InvalidSecret(ValueError):
    """The envelope was changed, belongs elsewhere, or its key is not in the ring."""


class KeyRing:
    """Keys by id. The first one encrypts, all of them decrypt, so that keys can be replaced one after another.

    Every envelope is bound to a context, e.g. account|integration|field: copied to another place it does not open.
    """

    def __init__(self, spec: str):
        """Takes "id:key,id:key", keys of 32 bytes in base64; raises InvalidKeyRing."""
        keys = [_parse_key(entry) for entry in spec.split(",")]
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys}
        if len(self._ciphers) < len(keys):
            raise InvalidKeyRing("Two keys of the ring have the same id.")
        self._current = keys[0][0]

    def encrypt(self, plain: str, context: str) -> str:
        """An envelope `v1:<key id>:<nonce>:<ciphertext>`, another one each time."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, plain.encode(), _bound_to(context, self._current))
        return ":".join((VERSION, self._current, _encode(nonce), _encode(sealed)))

    def decrypt(self, envelope: str, context: str) -> str:
        """What was encrypted in this context; raises InvalidSecret."""
        key_id, nonce, sealed = _open(envelope)
        if key_id not in self._ciphers:
            raise InvalidSecret("The key of this secret is not in the ring.")
        try:
            return self._ciphers[key_id].decrypt(nonce, sealed, _bound_to(context, key_id)).decode()
        except InvalidTag:
            raise InvalidSecret("The secret was changed or belongs elsewhere.") from None

    def needs_rotation(self, envelope: str) -> bool:
        """True when a key other than the first one encrypted it; raises InvalidSecret for what is no envelope."""
        return _open(envelope)[0] != self._current


def generate_key() -> str:
    """A new key in the form that a ring takes after the id."""
    return _encode(os.urandom(KEY_BYTES))


def fingerprint(email_key: str, erasure_key: str) -> str:
    """The hash (hex) under which an erased address is recognised, of no use without the key. Raises ValueError for a short key."""
    if len(erasure_key) < ERASURE_KEY_LENGTH:
        raise ValueError(f"The erasure key needs at least {ERASURE_KEY_LENGTH} characters.")
    return hmac.digest(erasure_key.encode(), email_key.encode(), "sha256").hex()


def _parse_key(entry: str) -> tuple[str, bytes]:
    key_id, colon, encoded = entry.strip().partition(":")
    if not colon or not _KEY_ID.fullmatch(key_id):
        raise InvalidKeyRing(
            "Each key of the ring is written id:key, the id in letters, digits, dots, dashes and underscores."
        )
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidKeyRing(f"The key {key_id} is not valid base64.") from None
    if len(key) != KEY_BYTES:
        raise InvalidKeyRing(f"The key {key_id} has {len(key)} bytes instead of {KEY_BYTES}.")
    return key_id, key


def _bound_to(context: str, key_id: str) -> bytes:
    return f"{context}|{key_id}".encode()


def _open(envelope: str) -> tuple[str, bytes, bytes]:
    parts = envelope.split(":")
    if len(parts) != 4 or parts[0] != VERSION:
        raise InvalidSecret("This is not an encrypted secret.")
    return parts[1], _decode(parts[2]), _decode(parts[3])


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _decode(text: str) -> bytes:
    """Only the one way of writing these bytes is taken: base64 itself ignores some of its last bits."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidSecret("The secret was changed.") from None
    if _encode(data) != text or len(data) < NONCE_BYTES:
        raise InvalidSecret("The secret was changed.")
    return data
