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
            r"|\.auth\.admin\.\w{1,40}\()"
        ),
    ),
    (
        "clerk",
        re.compile(
            r"(?m)^[ \t]{0,99}((?:from|import)[ \t]{1,9}"
            r"(?:clerk_backend_api|fastapi_clerk_auth|clerk_sdk))\b"
        ),
    ),
    (
        "auth0",
        re.compile(
            r"(?m)^[ \t]{0,99}((?:from|import)[ \t]{1,9}"
            r"(?:fastapi_auth0|auth0|auth0_fastapi))\b"
        ),
    ),
    (
        "keycloak",
        re.compile(
            r"(?m)^[ \t]{0,99}((?:from|import)[ \t]{1,9}"
            r"(?:keycloak|fastapi_keycloak|fastapi_keycloak_middleware))\b"
        ),
    ),
    (
        "own code: JWT bearer",
        re.compile(
            r"(?m)^[ \t]{0,99}((?:from|import)[ \t]{1,9}(?:jose|jwt|joserfc|authlib"
            r"|fastapi_jwt_auth|fastapi_jwt|authx|async_fastapi_jwt_auth))\b"
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
)
# A word of each, which a text is searched for faster.
_WORDS = {
    "fastapi-users": ("fastapi_users",),
    "firebase": ("firebase_admin", "verify_id_token("),
    "supabase": (".auth.",),
    "clerk": ("clerk",),
    "auth0": ("auth0",),
    "keycloak": ("keycloak",),
    "own code: JWT bearer": ("jose", "jwt", "joserfc", "authlib", "authx"),
    "own code: OAuth2 bearer": ("OAuth2", "HTTPBearer", "SecurityScopes"),
    "own code: HTTP basic": ("HTTPBasic",),
    "own code: API key": ("APIKey",),
    "own code: session": ("SessionMiddleware",),
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
                why = f"uses {match[1]}"
                found.append((name, Evidence(path=path, line=number, why=why)))
                break
    return found
