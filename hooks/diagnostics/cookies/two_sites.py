"""Pages and an auth server between which browsers keep the cookie back."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ...env.sites import Relation, is_local, relation
from .._check import Broken, problem, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

_ADVICE = (
    "let the front end's host pass /api/auth/* on to the auth server (a rewrite), or "
    "give both one domain"
)

BROKEN = (
    Broken(
        title="two sites of one platform",
        path="{server}/.env",
        before="BETTER_AUTH_URL=http://localhost:3001\nCORS_ORIGINS=http://localhost:3000",
        after=(
            "BETTER_AUTH_URL=https://auth-a1.vercel.app\n"
            "CORS_ORIGINS=https://app-b2.vercel.app"
        ),
    ),
    Broken(
        title="a page without https, an auth server with it",
        path="{server}/.env",
        before="BETTER_AUTH_URL=http://localhost:3001\nCORS_ORIGINS=http://localhost:3000",
        after=(
            "BETTER_AUTH_URL=https://auth.example.com\n"
            "CORS_ORIGINS=http://app.example.com"
        ),
    ),
)


def relations_of(project: Project) -> Iterator[tuple[str, Relation]]:
    """Compare each origin with the auth server; skip pairs of which one is local."""
    auth_url = project.variables.get("BETTER_AUTH_URL", "")
    pages = project.variables.get("CORS_ORIGINS", "").split(",")
    if not urlsplit(auth_url).netloc:
        return
    for page in filter(None, map(str.strip, pages)):
        if urlsplit(page).netloc and is_local(page) == is_local(auth_url):
            yield page, relation(page, auth_url)


def find(
    project: Project, relations: dict[str, Relation], same_site: str | None
) -> Iterator[Finding]:
    """Yield each page whose requests come without the cookie."""
    apart = [p for p, r in relations.items() if r is Relation.CROSS_SITE]
    path = project.env_path
    for page in apart:
        if is_local(page) and len(apart) < len(relations):
            continue  # localhost and 127.0.0.1 are two sites; one of them works
        if same_site == "none":
            yield warning(
                f"{page} and the auth server are two sites; Safari and others block "
                "such cookies whatever they say",
                path,
                remedy=_ADVICE,
            )
        else:
            yield problem(
                f"{page} and the auth server are two sites, so browsers keep the "
                "session cookie back",
                path,
                remedy=_ADVICE,
            )
