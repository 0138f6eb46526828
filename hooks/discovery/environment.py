"""Find the database provider from the hosts of URLs, which are never shown."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..model import Confidence, Evidence, Fact
from ..repository.paths import above, join
from ..syntax.lines import numbered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..fastapi_code.import_graph import Loaded
    from ..repository import Repository
    from .application import Application
    from .sources import Sources

_HOSTS = (
    ("neon", re.compile(r"\.neon\.tech$")),
    ("supabase", re.compile(r"\.supabase\.(com|co)$|\.pooler\.supabase\.com$")),
    ("railway", re.compile(r"\.(railway\.internal|rlwy\.net|railway\.app)$")),
    ("localhost", re.compile(r"^(localhost|127\.0\.0\.1|0\.0\.0\.0|\[?::1\]?)$")),
)
_URL = re.compile(
    r"(?:postgres(?:ql)?|sqlite|mysql|mariadb|mongodb|mssql|oracle)(?:\+\w+)?://[^\s\"'`<>]+"
)
# A keyword argument of what opens a database: connect(host="localhost").
_KEYWORD = re.compile(
    r"\bhost\s{0,9}=\s{0,9}(?:[\w.]{1,60}\([^()\n]{1,99},\s{0,9}"
    r"(?:default\s{0,9}=\s{0,9})?)?[\"']([\w.-]+)[\"']"
)
_OPENS = re.compile(
    r"(?:create_pool|connect|Pool|URL(?:\.create)?|format|Database|Engine)$"
)
_ARGUMENTS = 400
# NAME=host, "name": "host", NAME: str = "host", name = config("NAME", default="host")
_HOST = re.compile(
    r"""(?ix)\b(?:postgres|pg|db|database|mysql|mongo)\w{0,40}?(?:server|host(?:name)?)\b
    ["']?\s{0,40}(?::\s{0,40}[\w\[\]|\ ]{1,80}=|[:=])\s{0,40}
    (?:[\w.]{1,80}\((?:[^)\n]{0,200}?default\s{0,40}=|[^)\n]{0,200}?,(?!\s{0,40}default))\s{0,40})?
    ["']?([\w.-]+)"""
)
_HOST_WORD = re.compile(r"(?i)host|server")
_ENV_FILE = re.compile(
    r"(^|/)(\.env[^/]{0,255}|[^/]{0,255}\.env|env\.example|env/[^/]{1,255}\.txt)$"
)
_ENV_FOLDERS = tuple(
    f"{dot}{name}"
    for dot in ("", ".")
    for name in (
        *("env", "envs", "envfile", "envfiles", "env_file", "env_files"),
        *("environment", "environments"),
    )
)
_COMPOSE = re.compile(r"(^|/)[^/]{0,255}compose[^/]{0,255}\.ya?ml$")
_CONFIGURATION = re.compile(
    r"(^|/)([^/]{0,255}compose[^/]{0,255}\.ya?ml|alembic\.ini|Makefile)$"
)
# A word of each pattern above, in small letters, which a text is searched for faster.
_ABOUT_HOSTS = ("host", "server", "://")
_ABOUT_DATABASES = ("postgres", "sqlite", "mysql", "mongo", "database", "db", "pg")
_EXAMPLE = re.compile(r"(?i)example|sample|template|dist\b|default")
_OF_SQLITE = frozenset({"aiosqlite", "sqlite3"})
_OF_POSTGRES = ("asyncpg", "psycopg", "pg8000")
_LONGEST_LINE = 2_000
_RARELY_MEANT = re.compile(
    r"test|docker|prod|deploy|stag|plugin|[._-]ci\b", re.IGNORECASE
)


def in_folders(repository: Repository, folders: Sequence[str]) -> list[str]:
    """Return the files in these folders, and in their own ones of env files, sorted."""
    further = (join(folder, name) for folder in folders for name in _ENV_FOLDERS)
    places = dict.fromkeys((*folders, *further))
    return sorted(path for place in places for path in repository.in_folder(place))


def find_provider(
    sources: Sources,
    application: Application,
    loaded: Loaded,
    layer: str | None,
    driver: str | None,
) -> Fact[str]:
    """Believe env files that are used, then defaults, examples, and compose files."""
    if layer in {None, "none"}:
        return Fact()
    if driver and ("firestore" in driver or driver == "supabase"):
        value = "firebase" if "firestore" in driver else "supabase"
        return Fact(value=value, confidence=Confidence.LIKELY)
    services = _compose_services(sources.repository)
    sqlite: Fact[str] = Fact()
    is_postgres = driver is not None and driver.startswith(_OF_POSTGRES)
    for path, number, host in _hosts(sources, application, loaded):
        provider = _provider(host, services)
        if not provider:
            continue
        why = f"a database URL there points to {provider}"
        evidence = (Evidence(path=path, line=number, why=why),)
        fact = Fact(value=provider, confidence=Confidence.LIKELY, evidence=evidence)
        if provider != "sqlite" or driver in _OF_SQLITE:
            return fact
        sqlite = sqlite if sqlite.value else fact
    started = _database_service(sources.repository)
    return sqlite if sqlite.value and not (is_postgres and started.value) else started


def _database_service(repository: Repository) -> Fact[str]:
    """Find a database that compose starts, where no URL names any."""
    for name in repository.matching(_COMPOSE):
        content = repository.text(name) or ""
        found = re.search(
            r"(?m)^[ \t]+image:[ \t]*[\"']?(?:\S*/)?(postgres|pgvector)", content
        )
        if found:
            number = content.count("\n", 0, found.start(1)) + 1
            evidence = Evidence(path=name, line=number, why="starts the database")
            return Fact(
                value="docker_service",
                confidence=Confidence.LIKELY,
                evidence=(evidence,),
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
    sources: Sources, application: Application, loaded: Loaded
) -> Iterator[tuple[str, int, str]]:
    repository = sources.repository
    folders = above(application.file.rpartition("/")[0] or ".")
    env_files = [f for f in in_folders(repository, folders) if _ENV_FILE.search(f)]
    env_files.sort(
        key=lambda p: (_RARELY_MEANT.search(p) is not None, -p.count("/"), p)
    )
    examples = [path for path in env_files if _EXAMPLE.search(path)]
    used = [path for path in env_files if path not in examples]
    rarely = [path for path in used if _RARELY_MEANT.search(path)]
    used = [path for path in used if path not in rarely]
    code, others = sorted(loaded.files), _others(sources, application)
    configuration = repository.matching(_CONFIGURATION)
    ordered: tuple[Iterable[str], ...] = (code, others, examples, rarely, configuration)
    if loaded.is_all:  # then what else there is may be another program's
        ordered = (code, examples, rarely, configuration, others)
    for name in chain(used, *ordered):
        content = repository.text(name) or ""
        low = content.lower()
        if _has_one(low, _ABOUT_HOSTS) and _has_one(low, _ABOUT_DATABASES):
            yield from _hosts_in(name, content)


def _others(sources: Sources, application: Application) -> Iterator[str]:
    """Yield all code that may name a host; it is searched only where that is needed."""
    root = application.import_root
    yield from sources.mentioning_in_any_case(*_ABOUT_HOSTS, below=root)


def _has_one(low: str, words: tuple[str, ...]) -> bool:
    return any(word in low for word in words)


def _hosts_in(name: str, content: str) -> Iterator[tuple[str, int, str]]:
    for number, words in enumerate(content.splitlines(), start=1):
        if words.lstrip().startswith("#") or len(words) > _LONGEST_LINE:
            continue
        if "://" in words:
            for found in _URL.finditer(words):
                yield name, number, _host_of(found[0])
        if _HOST_WORD.search(words):
            for found in _HOST.finditer(words):
                yield name, number, found[1]
    is_given = name.endswith(".py") and ("host=" in content or "host =" in content)
    for found, number in numbered(_KEYWORD, content) if is_given else ():
        if _OPENS.search(_called(content, found.start())):
            yield name, number, found[1]


def _called(content: str, at: int) -> str:
    """Return what is called with the argument that begins at ``at``."""
    open_brackets = 0
    for place in range(at - 1, max(at - _ARGUMENTS, 0) - 1, -1):
        if content[place] == ")":
            open_brackets += 1
        elif content[place] == "(" and open_brackets:
            open_brackets -= 1
        elif content[place] == "(":
            return content[max(place - 99, 0) : place]
    return ""


def _host_of(url: str) -> str:
    if url.startswith("sqlite"):
        return "sqlite"
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _compose_services(repository: Repository) -> frozenset[str]:
    found: set[str] = set()
    for name in repository.matching(_COMPOSE):
        content = repository.text(name) or ""
        found.update(re.findall(r"(?m)^ {2,4}([\w.-]+):[ \t\r]*$", content))
    return frozenset(found)
