"""Find what verifies users today: each way that the application's own code has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model import Confidence, Evidence, Fact
from ..repository.paths import is_below
from ..syntax.lines import numbered

if TYPE_CHECKING:
    from .application import Application
    from .loaded import Loaded
    from .sources import Sources

_IMPORTS = r"^[ \t]*(?:from|import)[ \t]+(?:{})\b"
_FIREBASE = (
    r"\bfrom firebase_admin import [^\n]*\bauth\b|\bfirebase_admin\.auth\b"
    r"|\bverify_id_token\("
)
# A library is there for sign-in where the code uses that part of it: Firebase also
# sends messages, and Supabase also keeps files.
_WAYS = (
    ("fastapi-users", _IMPORTS.format("fastapi_users")),
    ("firebase", _FIREBASE),
    ("supabase", r"\.auth\.(?:get_user|sign_in\w*|sign_up|admin|get_claims)\b"),
    ("clerk", _IMPORTS.format("clerk_backend_api|fastapi_clerk_auth|clerk_sdk")),
    ("auth0", _IMPORTS.format("fastapi_auth0|auth0|auth0_fastapi")),
    (
        "keycloak",
        _IMPORTS.format("keycloak|fastapi_keycloak|fastapi_keycloak_middleware"),
    ),
    (
        "own code: JWT bearer",
        _IMPORTS.format(
            "jose|jwt|joserfc|authlib|fastapi_jwt_auth|fastapi_jwt|authx|async_fastapi_jwt_auth"
        ),
    ),
)
# What only the framework helps with; the first that is there names it.
_SCHEMES = (
    ("own code: OAuth2 bearer", r"\b(?:OAuth2\w*|HTTPBearer|SecurityScopes)\b"),
    ("own code: HTTP basic", r"\bHTTPBasic\b"),
    ("own code: API key", r"\bAPIKey(?:Header|Query|Cookie)\b"),
    ("own code: session", r"\bSessionMiddleware\b"),
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
        root = application.import_root
        files = loaded.first(f for f in sources.python if is_below(f, root))
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
    sources: Sources, files: list[str], ways: tuple[tuple[str, str], ...]
) -> list[tuple[str, Evidence]]:
    found: list[tuple[str, Evidence]] = []
    for name, written in ways:
        pattern = re.compile(f"({written})", re.MULTILINE)
        for path in files:
            content = sources.repository.text(path) or ""
            if not any(word in content for word in _WORDS[name]):
                continue
            first = next(iter(numbered(pattern, content)), None)
            if first is not None:
                match, number = first
                why = f"uses {match[0].strip()}"
                found.append((name, Evidence(path=path, line=number, why=why)))
                break
    return found
