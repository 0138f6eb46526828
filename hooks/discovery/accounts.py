"""Find what verifies users today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Confidence, Evidence, Fact
from ..repository.paths import is_below

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
    for family, packages in _FAMILIES:
        for name, found in sources.importers(packages):
            if is_below(name, application.import_root):
                why = f"imports {found.module}"
                place = Evidence(path=name, line=found.line, why=why)
                return Fact(
                    value=family, confidence=Confidence.LIKELY, evidence=(place,)
                )
    return Fact()
