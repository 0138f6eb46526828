"""A passkey as a browser makes one: a new key, which says nothing of its maker."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    import httpx

_PRESENT_VERIFIED_AND_ATTESTED = 0x45


def register_passkey(browser: httpx.Client) -> None:
    """Ask for a challenge as the user who is signed in, and answer with a new key."""
    asked = browser.get("/api/auth/passkey/generate-register-options")
    assert asked.status_code == 200, asked.text
    options = asked.json()
    identity = secrets.token_bytes(16)
    client = {
        "type": "webauthn.create",
        "challenge": options["challenge"],
        "origin": str(browser.headers["origin"]),
    }
    data = (
        hashlib.sha256(options["rp"]["id"].encode()).digest()
        + bytes([_PRESENT_VERIFIED_AND_ATTESTED])
        + bytes(4)  # it was never used
        + bytes(16)  # of no maker
        + len(identity).to_bytes(2, "big")
        + identity
        + _public_key()
    )
    # A map in CBOR with the names fmt, attStmt and authData.
    attestation = b"\xa3cfmtdnonegattStmt\xa0hauthData" + _bytes(data)
    response = {
        "id": _encoded(identity),
        "rawId": _encoded(identity),
        "type": "public-key",
        "clientExtensionResults": {},
        "response": {
            "clientDataJSON": _encoded(json.dumps(client).encode()),
            "attestationObject": _encoded(attestation),
        },
    }
    answer = browser.post(
        "/api/auth/passkey/verify-registration", json={"response": response}
    )
    assert answer.status_code == 200, answer.text


def _public_key() -> bytes:
    """Return a new key's public half in COSE: an ES256 key on the curve P-256."""
    numbers = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    x, y = (_bytes(n.to_bytes(32, "big")) for n in (numbers.x, numbers.y))
    return b"\xa5\x01\x02\x03\x26\x20\x01\x21" + x + b"\x22" + y


def _bytes(value: bytes) -> bytes:
    """Return a string of bytes in CBOR, of fewer than 65,536."""
    small = len(value) < 256
    head = b"\x58" + bytes([len(value)]) if small else b"\x59"
    return (head if small else head + len(value).to_bytes(2, "big")) + value


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
