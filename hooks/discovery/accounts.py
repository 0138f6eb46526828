"""Find what verifies users today: each way that the application's own code has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model import Confidence, Evidence, Fact
from ..syntax.lines import numbered

if TYPE_CHECKING:
    from ..fastapi_code.import_graph import Loaded
    from .application import Application
    from .sources import Sources

# A library is there for sign-in where the code uses that part of it: Firebase also
# sends messages, and Supabase also keeps files.
_WAYS = (
    (
        "fastapi-users",
        re.compile(r"(?m)^[ \t]{0,99}((?:from|import)[ \t]{1,9}fastapi_users)\b"),
    ),
    (
        "firebase",
        re.compile(
            r"\b(from firebase_admin import [^\n]{0,99}?\bauth\b"
            r"|firebase_admin\.auth\b|verify_id_token\()"
        ),
    ),
    (
        "supabase",
        re.compile(
            r"(\.auth\.(?:get_user|sign_in\w{0,40}|sign_up|get_claims)\("
            r"|\.auth\.admin\.\w{1,40}\("
            r"|(?i:supabase_(?:jwt|jwks)\w{0,20})|/auth/v1/)"
        ),
    ),
    (
        "clerk",
        re.compile(
            r"(?m)(?:^[ \t]{0,99}((?:from|import)[ \t]{1,9}"
            r"(?:clerk_backend_api|fastapi_clerk_auth|clerk_sdk))"
            r"|\b(?i:clerk_(?:jwks|jwt|issuer|secret)\w{0,20}))\b"
        ),
    ),
    (
        "auth0",
        re.compile(
            r"(?m)(?:^[ \t]{0,99}((?:from|import)[ \t]{1,9}"
            r"(?:fastapi_auth0|auth0|auth0_fastapi))"
            r"|\b(?i:auth0_(?:domain|issuer|audience)))\b"
        ),
    ),
    (
        "keycloak",
        re.compile(
            r"(?m)(?:^[ \t]{0,99}((?:from|import)[ \t]{1,9}"
            r"(?:keycloak|fastapi_keycloak|fastapi_keycloak_middleware))"
            r"|/protocol/(openid-connect/(?:certs|token)))\b"
        ),
    ),
    (
        "own code: JWT bearer",
        re.compile(
            r"(?m)^[ \t]{0,99}((?:from|import)[ \t]{1,9}(?:jose|jwt|joserfc|authlib"
            r"|fastapi_jwt_auth|fastapi_jwt|authx|async_fastapi_jwt_auth"
            r"|another_fastapi_jwt_auth|fastapi_another_jwt_auth|jwcrypto|pyseto))\b"
        ),
    ),
)
# What only the framework helps with, outside comments; the first one names it.
_SCHEMES = (
    (
        "own code: OAuth2 bearer",
        re.compile(
            r"(?m)^[^#\n]{0,199}?\b(OAuth2\w{0,40}|HTTPBearer|SecurityScopes)\b"
        ),
    ),
    ("own code: HTTP basic", re.compile(r"(?m)^[^#\n]{0,199}?\b(HTTPBasic)\b")),
    (
        "own code: API key",
        re.compile(r"(?m)^[^#\n]{0,199}?\b(APIKey(?:Header|Query|Cookie))\b"),
    ),
    (
        "own code: session",
        re.compile(r"(?m)^[^#\n]{0,199}?\b(SessionMiddleware)\b"),
    ),
    (
        "own code: bearer header",
        re.compile(
            r"(?mi)^[^#\n]{0,199}?(request\.headers(?:\.get\(|\[)\s{0,9}"
            r"[\"'](?:authorization|x-api-key)[\"']"
            r"|\b(?:authorization|x_api_key|x_token)\s{0,9}:[^\n]{1,99}\bHeader\()"
        ),
    ),
    (
        "own code: session cookie",
        re.compile(
            r"(?m)^[^#\n]{0,199}?\bset_cookie\(\s{0,99}(?:key\s{0,9}=\s{0,9})?"
            r"([\"']\w{0,40}(?:session|token|auth)\w{0,40}[\"'])"
        ),
    ),
    (
        "own code: password",
        re.compile(
            r"(?m)^[^#\n]{0,199}?\b(checkpw|check_password_hash"
            r"|(?i:\w{0,40}(?:context|hash\w{0,20}|sha\d\w{0,9}|bcrypt|argon2|pwd))"
            r"\.verify(?:_and_update)?)\("
        ),
    ),
)
# A word of each, which a text is searched for faster.
_WORDS = {
    "fastapi-users": ("fastapi_users",),
    "firebase": ("firebase_admin", "verify_id_token("),
    "supabase": (".auth.", "upabase_", "UPABASE_", "/auth/v1/"),
    "clerk": ("clerk", "CLERK_"),
    "auth0": ("auth0", "AUTH0_"),
    "keycloak": ("keycloak", "/openid-connect/"),
    "own code: JWT bearer": ("jose", "jwt", "jwcrypto", "authlib", "authx", "pyseto"),
    "own code: OAuth2 bearer": ("OAuth2", "HTTPBearer", "SecurityScopes"),
    "own code: HTTP basic": ("HTTPBasic",),
    "own code: API key": ("APIKey",),
    "own code: session": ("SessionMiddleware",),
    "own code: bearer header": (".headers", "Header("),
    "own code: session cookie": ("set_cookie(",),
    "own code: password": (".verify", "checkpw", "check_password_hash"),
}


def find_authentication(
    sources: Sources,
    application: Application,
    loaded: Loaded,
    auth_server_dir: str | None,
) -> Fact[str]:
    """Say in a few words what verifies users today; several are joined by "and"."""
    if auth_server_dir is not None:
        return Fact(value="better-auth", confidence=Confidence.LIKELY)
    files = [*loaded.files]
    if not loaded.is_all or len(files) == 1:
        files = loaded.first(sources.below(application.import_root))
    ways = _found(sources, files, _WAYS)
    if not ways:
        ways = _found(sources, files, _SCHEMES)[:1]
    if not ways:
        return Fact()
    return Fact(
        value=" and ".join(name for name, _ in ways),
        confidence=Confidence.LIKELY,
        evidence=tuple(place for _, place in ways),
    )


def _found(
    sources: Sources, files: list[str], ways: tuple[tuple[str, re.Pattern[str]], ...]
) -> list[tuple[str, Evidence]]:
    found: list[tuple[str, Evidence]] = []
    for name, pattern in ways:
        for path in files:
            content = sources.repository.text(path) or ""
            if not any(word in content for word in _WORDS[name]):
                continue
            first = next(iter(numbered(pattern, content)), None)
            if first is not None:
                match, number = first
                why = f"uses {next(filter(None, match.groups()), match[0])}"
                found.append((name, Evidence(path=path, line=number, why=why)))
                break
    return found
