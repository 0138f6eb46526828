"""Find what verifies users today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Confidence, Evidence, Fact
from ..repository.paths import is_below
from ..syntax.python import line

if TYPE_CHECKING:
    from .application import Application
    from .sources import Sources

# The first that is imported names the family.
_FAMILIES = (
    ("fastapi-users", ("fastapi_users",)),
    ("firebase", ("firebase_admin",)),
    ("own code: JWT bearer", ("jose", "jwt", "authlib", "fastapi_jwt_auth")),
    ("own code: OAuth2 bearer", ("fastapi.security",)),
)


def find_authentication(
    sources: Sources, application: Application, auth_server_dir: str | None
) -> Fact[str]:
    """Say in a few words what verifies users today."""
    if auth_server_dir is not None:
        return Fact(value="better-auth", confidence=Confidence.LIKELY)
    imported: dict[str, Evidence] = {}
    for name in sources.python:
        if is_below(name, application.import_root):
            for found in sources.module(name).imports:
                why = f"imports {found.module}"
                place = Evidence(path=name, line=line(found.node), why=why)
                imported.setdefault(found.module, place)
    for family, packages in _FAMILIES:
        for module, evidence in imported.items():
            if any(module == p or module.startswith(f"{p}.") for p in packages):
                return Fact(
                    value=family, confidence=Confidence.LIKELY, evidence=(evidence,)
                )
    return Fact()
