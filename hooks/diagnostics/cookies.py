"""BA004: the session cookie must reach the servers from the pages that are named."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..env.sites import Relation, is_local, is_public_suffix, relation
from ._check import Broken, Check, problem, skipped, warning
from ._cookie_options import (
    cookie_cache,
    literals,
    other_names,
    same_site,
    shared_domain,
    wrong_attributes,
)
from ._probe import ask_server, unasked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Finding
    from ._project import Project

_ADVICE = (
    "let the front end's host pass /api/auth/* on to the auth server (a rewrite), or "
    "give both one domain"
)


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
        Broken(
            title="SameSite=None for one site",
            path="{server}/src/auth/auth.config.ts",
            before="advanced: {",
            after=(
                'advanced: { defaultCookieAttributes: { sameSite: "none", '
                "secure: true }, "
            ),
            fixed=True,
        ),
        Broken(
            title="SameSite=None without Secure",
            path="{server}/src/auth/auth.config.ts",
            before="advanced: {",
            after='advanced: { defaultCookieAttributes: { sameSite: "none" }, ',
            fixed=True,
        ),
        Broken(
            title="SameSite=Strict, which drops the cookie after a link",
            path="{server}/src/auth/auth.config.ts",
            before="advanced: {",
            after='advanced: { defaultCookieAttributes: { sameSite: "strict" }, ',
            fixed=True,
        ),
        Broken(
            title="a cookie cache beside immediate revocation",
            path="{server}/src/auth/auth.config.ts",
            before="updateAge: 60 * 60 * 24 }",
            after=(
                "updateAge: 60 * 60 * 24, cookieCache: { enabled: true, maxAge: 300 } }"
            ),
            fixed=True,
        ),
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
        Broken(
            title="a cookie for a whole platform",
            path="{server}/src/auth/auth.config.ts",
            before="advanced: {",
            after=(
                "advanced: { crossSubDomainCookies: { enabled: true, domain: "
                '".vercel.app" }, '
            ),
        ),
        Broken(
            title="a name that FastAPI does not read",
            path="{server}/src/auth/auth.config.ts",
            before="advanced: {",
            after='advanced: { cookiePrefix: "shop", ',
        ),
        Broken(
            title="FastAPI knows only the name without https",
            path="{package}/cookies.py",
            before='f"__Secure-{COOKIE_NAME}"',
            after="COOKIE_NAME",
        ),
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Compare sites, then what the configuration says of its cookies."""
        relations = dict(_relations(project))
        chosen = None
        if project.options is not None:
            path, script, options = project.options
            chosen = same_site(project, options)
            yield from wrong_attributes(project, path, script, options, relations)
            yield from cookie_cache(project, path, script, options)
            yield from shared_domain(path, options)
            yield from other_names(project, path, options)
        yield from _sites(project, relations, chosen)

    def probe(self, project: Project) -> Iterator[Finding]:
        """Read the cookie that the started server sets."""
        server = ask_server(project)
        if server.reason or server.broken:
            yield unasked(project, server.reason or "the auth server does not start")
            return
        yield from _sent(project, server.cookie)
        if server.unwritten:
            yield skipped(f"{server.unwritten}; its settings are right")


def _relations(project: Project) -> Iterator[tuple[str, Relation]]:
    """Compare each origin with the auth server; skip pairs of which one is local."""
    auth_url = project.variables.get("BETTER_AUTH_URL", "")
    pages = project.variables.get("CORS_ORIGINS", "").split(",")
    if not urlsplit(auth_url).netloc:
        return
    for page in filter(None, map(str.strip, pages)):
        if urlsplit(page).netloc and is_local(page) == is_local(auth_url):
            yield page, relation(page, auth_url)


def _sites(
    project: Project, relations: dict[str, Relation], same_site: str | None
) -> Iterator[Finding]:
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


def _sent(project: Project, cookie: str) -> Iterator[Finding]:
    """Find what is wrong with a ``Set-Cookie`` as a browser reads it."""
    url = project.variables.get("BETTER_AUTH_URL", "")
    pair, *rest = (part.strip() for part in cookie.split(";"))
    name = pair.partition("=")[0]
    parts = {n.lower(): value for n, _, value in (p.partition("=") for p in rest)}
    relations = dict(_relations(project)).values()
    one_site = bool(relations) and Relation.CROSS_SITE not in relations
    same_site, domain = parts.get("samesite", "").lower(), parts.get("domain", "")
    host = urlsplit(url).hostname or ""
    wrong = {
        "without HttpOnly, so that any script on the page can read it": (
            "httponly" not in parts
        ),
        "without Secure, although the auth server has https": (
            url.startswith("https:") and "secure" not in parts
        ),
        "with Secure, which browsers refuse from a server without https": (
            url.startswith("http:") and not is_local(url) and "secure" in parts
        ),
        "with SameSite=None and without Secure, which browsers refuse": (
            same_site == "none" and "secure" not in parts
        ),
        "with SameSite=None, although pages and auth server are one site": (
            same_site == "none" and one_site
        ),
        "with SameSite=Strict, which drops it after a link from a mail": (
            same_site == "strict"
        ),
        f"for the domain {domain}, which is not its own": (
            bool(domain) and not _covers(domain, host)
        ),
    }
    for how, is_wrong in wrong.items():
        if is_wrong:
            yield problem(
                f"the auth server sets the session cookie {how}",
                project.options[0] if project.options else project.env_path,
                remedy="correct advanced in auth.config.ts, or the variable behind it",
            )
    bare = name.removeprefix("__Secure-").removeprefix("__Host-")
    readers = [found for found in literals(project) if ".session_token" in found[2]]
    if readers and not any(bare in found[2] for found in readers):
        yield problem(
            f"the auth server sets the cookie {name}, and FastAPI reads another",
            readers[0][0],
            readers[0][1],
            remedy=f"read {bare} there, and __Secure-{bare}",
        )


def _covers(domain: str, host: str) -> bool:
    """Return True if browsers take a cookie for ``domain`` from ``host``."""
    name = domain.lstrip(".").lower()
    return (host == name or host.endswith(f".{name}")) and not is_public_suffix(name)
