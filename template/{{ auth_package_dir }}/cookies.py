"""The session cookie: the token, a dot, and a signature that only the secret makes."""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from typing import Optional
from urllib.parse import unquote

# Under https, better-auth gives the name a prefix that browsers protect.
COOKIE_NAME = "better-auth.session_token"
SECURE_COOKIE_NAME = f"__Secure-{COOKIE_NAME}"

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")
_MAX_LENGTH = 512


def session_cookie(cookies: Mapping[str, str]) -> Optional[str]:
    """Return the session cookie's value, under either of its names."""
    return cookies.get(SECURE_COOKIE_NAME) or cookies.get(COOKIE_NAME)


def signed_token(value: str, secret: str) -> Optional[str]:
    """Return the token of a cookie whose signature is right, else None.

    The database holds the token alone, so a look-up without this check would accept
    whatever somebody read there.
    """
    if len(value) > _MAX_LENGTH:
        return None
    token, _, signature = unquote(value).rpartition(".")
    if not _TOKEN.fullmatch(token):
        return None
    try:
        given = base64.b64decode(signature.encode(), validate=True)
    except (binascii.Error, ValueError):
        return None
    expected = hmac.digest(secret.encode(), token.encode(), "sha256")
    return token if hmac.compare_digest(given, expected) else None
