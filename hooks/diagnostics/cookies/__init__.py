"""BA004: the session cookie must reach the servers from the pages that are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._check import Check
from . import (
    cookie_cache,
    other_name,
    sent_cookie,
    shared_domain,
    two_sites,
    wrong_attributes,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project


class Cookies(Check):
    """Browsers decide by site, which is the scheme and the registered domain.

    Pages and auth server on one site need ``SameSite=Lax``, the default. On two sites
    (``a.vercel.app`` and ``b.vercel.app`` are two) a cookie is a third party's: only
    ``SameSite=None; Secure`` is sent at all, and Safari refuses even that. Let the
    front end pass ``/api/auth`` on to the auth server instead. Also looked at: a cookie
    cache, which answers for sessions that were revoked, and whether FastAPI reads the
    names that better-auth writes.
    """

    code = "BA004"
    name = "cookies"
    healthy = "the session cookie reaches both servers"
    proof = (
        "sites of CORS_ORIGINS and BETTER_AUTH_URL; cookie options by syntax tree; "
        "the cookie of a rolled-back sign-up at the started server"
    )
    example = (
        "CORS_ORIGINS=https://app.example.com\nBETTER_AUTH_URL=https://auth.example.com"
    )
    broken = (
        *wrong_attributes.BROKEN,
        *cookie_cache.BROKEN,
        *two_sites.BROKEN,
        *shared_domain.BROKEN,
        *other_name.BROKEN,
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Compare sites, then what the configuration says of its cookies."""
        relations = dict(two_sites.relations_of(project))
        chosen = None
        if project.options is not None:
            path, script, options = project.options
            chosen = wrong_attributes.same_site(project, options)
            yield from wrong_attributes.find(project, path, script, options, relations)
            yield from cookie_cache.find(project, path, script, options)
            yield from shared_domain.find(path, options)
            yield from other_name.find(project, path, options)
        yield from two_sites.find(project, relations, chosen)

    def probe(self, project: Project) -> Iterator[Finding]:
        """Read the cookie that the started server sets."""
        yield from sent_cookie.probe(project)
