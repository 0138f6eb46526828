"""Find the database provider from the hosts of URLs, which are never shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..host_database import entries
from ..model import Confidence, Evidence, Fact
from .manifest import above

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..repository import Repository
    from .applications import Application
    from .sources import Sources

_HOSTS = (
    ("neon", re.compile(r"\.neon\.tech$")),
    ("supabase", re.compile(r"\.supabase\.(com|co)$|\.pooler\.supabase\.com$")),
    ("railway", re.compile(r"\.(railway\.internal|rlwy\.net|railway\.app)$")),
    ("localhost", re.compile(r"^(localhost|127\.0\.0\.1|0\.0\.0\.0|\[?::1\]?)$")),
)
_URL = re.compile(r"(?:postgres(?:ql)?|sqlite|mysql|mongodb)(?:\+\w+)?://[^\s\"'`<>]+")
_HOST_KEYS = re.compile(
    r"(?i)^(POSTGRES|PG|DB|DATABASE|SQL)\w*_?(SERVER|HOST|HOSTNAME)$"
)


def find_provider(
    sources: Sources, application: Application, layer: str | None
) -> Fact[str]:
    """Believe env files first, then settings' defaults, then compose files."""
    if layer in {None, "none", "mongo", "other"}:
        return Fact()
    repository = sources.repository
    services = _compose_services(repository)
    for path, number, host in _hosts(sources, application):
        provider = _provider(host, services)
        if provider:
            why = f"a database URL there points to {provider}"
            return Fact(
                value=provider,
                confidence=Confidence.LIKELY,
                evidence=(Evidence(path=path, line=number, why=why),),
            )
    return Fact()


def _provider(host: str, services: frozenset[str]) -> str | None:
    if host == "sqlite":
        return "sqlite"
    for provider, pattern in _HOSTS:
        if pattern.search(host):
            return provider
    return "docker_service" if host in services else None


def _hosts(
    sources: Sources, application: Application
) -> Iterator[tuple[str, int, str]]:
    repository = sources.repository
    folders = above(application.backend_dir)
    env_files = [
        path
        for path in repository.files
        if re.search(r"(^|/)(\.env[^/]*|[^/]*\.env|env\.example)$", path)
        and (path.rpartition("/")[0] or ".") in folders
        and "test" not in path
    ]
    for path in sorted(env_files, key=lambda p: (-p.count("/"), "example" in p, p)):
        content = repository.text(path) or ""
        for key, value in entries(content).items():
            if host := _host_in(key, value):
                yield path, _line_of(content, key), host
    for name in sources.python:
        if application.import_root == "." or name.startswith(application.import_root):
            content = repository.text(name) or ""
            for found in _URL.finditer(content):
                number = content.count("\n", 0, found.start()) + 1
                yield name, number, _host_of(found[0])
    for name in repository.files:
        if re.search(r"(^|/)[^/]*compose[^/]*\.ya?ml$|(^|/)alembic\.ini$", name):
            content = repository.text(name) or ""
            for found in _URL.finditer(content):
                number = content.count("\n", 0, found.start()) + 1
                yield name, number, _host_of(found[0])


def _host_of(url: str) -> str:
    if url.startswith("sqlite"):
        return "sqlite"
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _compose_services(repository: Repository) -> frozenset[str]:
    found: set[str] = set()
    for name in repository.files:
        if re.search(r"(^|/)[^/]*compose[^/]*\.ya?ml$", name):
            content = repository.text(name) or ""
            found.update(re.findall(r"(?m)^ {2,4}([\w.-]+):\s*$", content))
    return frozenset(found)


def _line_of(content: str, key: str) -> int:
    found = re.search(rf"(?m)^\s*(?:export\s+)?{re.escape(key)}\s*=", content)
    return content.count("\n", 0, found.start()) + 1 if found else 0


def _host_in(key: str, value: str) -> str:
    """Return the host that a variable names, or ``""``."""
    if found := _URL.search(value):
        return _host_of(found[0])
    return value if _HOST_KEYS.match(key) else ""
