"""BA010: one list of origins for better-auth, CORS and FastAPI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...env.origins import listed_origins
from .._check import Check
from . import (
    backend_list,
    express_cors,
    fastapi_cors,
    malformed_origins,
    own_list,
    switched_off_checks,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project


class Origins(Check):
    """better-auth, Express's CORS and FastAPI each have a list of trusted pages.

    Where they differ, one server lets a page in and the next refuses it, with 403
    INVALID_ORIGIN or with an error of CORS. All of them read ``CORS_ORIGINS``, in
    which each entry is an origin: scheme, host and port, no slash at the end. With
    credentials ``*`` is not allowed. Switching better-auth's own check off opens the
    session to every page on the web.
    """

    code = "BA010"
    name = "origins-parity"
    healthy = "every server trusts the same origins"
    proof = (
        "env files compared; trustedOrigins, cors() and CORSMiddleware by syntax tree"
    )
    example = "CORS_ORIGINS=https://app.example.com,https://admin.example.com"
    broken = (
        *malformed_origins.BROKEN,
        *own_list.BROKEN,
        *express_cors.BROKEN,
        *switched_off_checks.BROKEN,
        *fastapi_cors.BROKEN,
        *backend_list.BROKEN,
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Read every list, and compare each with ``CORS_ORIGINS``."""
        yield from malformed_origins.find(project)
        if project.options is not None:
            yield from own_list.find(*project.options)
            yield from switched_off_checks.find(*project.options)
        yield from express_cors.find(project)
        wanted = frozenset(listed_origins(project.variables.get("CORS_ORIGINS", "")))
        yield from backend_list.find(project, wanted)
        yield from fastapi_cors.find(project, wanted)
