"""The project's own compose file: which service is FastAPI's, which is PostgreSQL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

from ruamel.yaml.comments import CommentedMap

from ..env.dotenv import entries
from ..syntax.yaml import YAMLError, load_yaml
from .paths import join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from .files import Repository

NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
POSTGRES_PORT = "5432"
_POSTGRES = re.compile(r"(^|/)(postgres|postgis|pgvector|timescaledb)(ql)?([:@/-]|$)")
_URL = re.compile(r"(?:\$\{\w+:?-)?postgres(?:ql)?(?:\+\w+)?://")
_NAMES_URL = re.compile(
    r"(?i)(?:database|db|postgres|pg|sqlalchemy).{0,60}(?:url|uri|dsn)"
)
_SERVES = re.compile(r"\b(?:uvicorn|gunicorn|fastapi|granian|hypercorn)\b")
_WORKS = re.compile(
    r"\b(?:celery|flower|arq|rq|dramatiq|taskiq|worker|beat|scheduler|pytest|migrat\w*"
    r"|prestart|alembic)\b"
)
_API_NAMES = re.compile(r"(?i)^(?:api|backend|web|app|server|fastapi)$|api|backend")
_REQUIRED = re.compile(r"\$\{(\w{1,99}):?\?[^}]{0,300}\}")
_VARIABLE = re.compile(
    r"\$\$|\$\{(\w+)(?::?([-?+])((?:[^{}]|\$\{[^{}]*\})*))?\}|\$(\w+)"
)


@dataclass(frozen=True, kw_only=True)
class Compose:
    """A compose file that could be read, by its path below the repository's root."""

    path: str
    source: str
    services: CommentedMap

    @property
    def folder(self) -> str:
        """Where its relative paths begin, and its ``.env`` is."""
        return self.path.rpartition("/")[0] or "."

    @property
    def database(self) -> str | None:
        """The service that is PostgreSQL; None where there is none, or several."""
        found = [name for name, s in self.services.items() if is_postgres(s)]
        return found[0] if len(found) == 1 else None

    def given(self, service: str | None) -> Mapping[str, str]:
        """Return what a service is given by ``environment``, as it is written."""
        return environment(self.services[service]) if service else {}

    def built_from(self, folder: str) -> Iterator[str]:
        """Yield the services that are built from a folder, or from one around it."""
        wanted = PurePosixPath(folder)
        for name, service in self.services.items():
            context = _context(service)
            if context is not None:
                place = _normal(PurePosixPath(self.folder, context))
                if wanted.is_relative_to(place) or place.is_relative_to(wanted):
                    yield str(name)

    def context(self, service: str) -> str | None:
        """Return the folder that a service is built from, as it is written."""
        return _context(self.services[service])

    def published(self, service: str | None, port: str) -> str | None:
        """Return the port of this machine that leads to a service's own, as written."""
        for entry in self.services[service].get("ports") or () if service else ():
            if isinstance(entry, CommentedMap):
                if str(entry.get("target")) == port and entry.get("published"):
                    return str(entry["published"])
                continue
            outer, _, inner = str(entry).removesuffix("/tcp").rpartition(":")
            if inner == port and outer:
                return _last_part(outer)
        return None


def override_of(path: str) -> str:
    """Return the file next to a compose file that compose reads on top of it."""
    folder, slash, name = path.rpartition("/")
    stem = name.partition(".")[0]
    return f"{folder}{slash}{stem}.override.yml"


def find_compose(repository: Repository, backend_dir: str) -> str | None:
    """Return the compose file that the project is run by.

    At the root, else next to the backend, else the one that builds it.
    """
    for folder in dict.fromkeys((".", backend_dir)):
        for name in NAMES:
            path = name if folder == "." else f"{folder}/{name}"
            if path in repository.file_set:
                return path
    building = [
        path
        for path in repository.named(*NAMES)
        if isinstance(found := read_compose(path, repository.text(path) or ""), Compose)
        and backend_service(found, backend_dir, repository.text)
    ]
    return building[0] if len(building) == 1 else None


def read_compose(path: str, source: str) -> Compose | str:
    """Read the file, or say why it cannot be added to."""
    try:
        document = load_yaml(source, keep_places=True)
    except YAMLError:
        return "the file is no YAML that can be read"
    services = document.get("services") if isinstance(document, CommentedMap) else None
    if not isinstance(services, CommentedMap) or not services:
        return "it has no services to add one to"
    if services.fa.flow_style():
        return "its services are written in braces"
    if not all(isinstance(service, CommentedMap) for service in services.values()):
        return "one of its services says nothing, or is no map"
    return Compose(path=path, source=source, services=services)


def backend_service(
    compose: Compose, backend_dir: str, read: Callable[[str], str | None]
) -> str | None:
    """Return the service that serves FastAPI; None where that is not certain."""
    built = list(compose.built_from(backend_dir))
    serving = [name for name in built if _serves(compose, name, read)]
    services = {name: compose.services[name] for name in serving}
    for likelier in (
        {n for n, s in services.items() if not _WORKS.search(f"{n} {_command(s)}")},
        {n for n, s in services.items() if _SERVES.search(_command(s))},
        {n for n, s in services.items() if s.get("ports")},
        {n for n in services if _API_NAMES.search(n)},
    ):
        if len(serving) > 1:
            serving = [n for n in serving if n in likelier] or serving
    return serving[0] if len(serving) == 1 else None


def _serves(compose: Compose, name: str, read: Callable[[str], str | None]) -> bool:
    """Return True if its command, its image or what that starts runs a web server."""
    service = compose.services[name]
    if command := _command(service):
        return bool(_SERVES.search(command)) or not _WORKS.search(command)
    return _SERVES.search(_image(compose, name, read)) is not None


def started_by(compose: Compose, name: str, read: Callable[[str], str | None]) -> str:
    """Return the text of all that a service is started with, its scripts included."""
    command = _command(compose.services[name])
    folders = [compose.folder, _context(compose.services[name]) or "."]
    if "command" in compose.services[name]:
        return command + _scripts_in(command, folders, read)
    return command + _image(compose, name, read)


def _image(compose: Compose, name: str, read: Callable[[str], str | None]) -> str:
    """Return a service's Dockerfile with the scripts that it names."""
    file = dockerfile(compose, name)
    source = read(file) if file else None
    if file is None or source is None:
        return ""
    folders = [file.rpartition("/")[0] or ".", compose.folder]
    return source + _scripts_in(source, folders, read)


def _scripts_in(
    source: str, folders: Iterable[str], read: Callable[[str], str | None]
) -> str:
    scripts = re.findall(r"(?<![\w./-])[\w./-]{1,300}\.(?:sh|py)\b", source)
    texts = (
        read(str(_normal(PurePosixPath(folder, script.lstrip("/")))))
        for script in scripts
        for folder in dict.fromkeys(folders)
    )
    return "".join(f"\n{text}" for text in texts if text)


def dockerfile(compose: Compose, name: str) -> str | None:
    """Return the Dockerfile that a service is built with."""
    service = compose.services[name]
    context = _context(service)
    if context is None:
        return None
    build = service["build"]
    file = build.get("dockerfile") if isinstance(build, CommentedMap) else None
    path = PurePosixPath(compose.folder, context, str(file or "Dockerfile"))
    return str(_normal(path))


def is_postgres(service: object) -> bool:
    """Return True if a service runs an image of PostgreSQL."""
    image = service.get("image") if isinstance(service, CommentedMap) else None
    return isinstance(image, str) and _POSTGRES.search(image) is not None


def environment(service: object) -> dict[str, str]:
    """Read either form of ``environment``: a mapping, or a list of ``NAME=value``."""
    written = service.get("environment") if isinstance(service, CommentedMap) else None
    if isinstance(written, CommentedMap):
        return {
            str(k): f"${{{k}}}" if v is None else str(v) for k, v in written.items()
        }
    pairs = [str(entry).partition("=") for entry in written or ()]
    return {name: value if sep else f"${{{name}}}" for name, sep, value in pairs}


def database_url(compose: Compose, api: str | None) -> str | None:
    """Return the database's address inside compose, as the file can write it.

    What FastAPI is given comes first; else it is put together from what the database
    itself is given. None where neither says enough.
    """
    for variable, value in compose.given(api).items():
        if _URL.match(value) or ("$" in value and _NAMES_URL.search(variable)):
            return value
    name = compose.database
    if name is None or "POSTGRES_PASSWORD_FILE" in compose.given(name):
        return None
    given = dict(compose.given(name))
    if compose.services[name].get("env_file"):
        # Of these only the compose file's own .env is read for ${...} too.
        if _files(compose.services[name]) != [".env"]:
            return None
        given = {"POSTGRES_USER": "${POSTGRES_USER:-postgres}"} | given
        given = {"POSTGRES_PASSWORD": "${POSTGRES_PASSWORD:-}"} | given
        given = {"POSTGRES_DB": "${POSTGRES_DB:-postgres}"} | given
    # What is required there is not required again, in other words, here.
    given = {k: _REQUIRED.sub(r"${\1}", v) for k, v in given.items()}
    user = _in_url(given.get("POSTGRES_USER") or "postgres")
    password = _in_url(given.get("POSTGRES_PASSWORD", ""))
    login = f"{user}:{password}" if password else user
    database = _in_url(given.get("POSTGRES_DB") or "") or user
    return f"postgresql://{login}@{name}:{POSTGRES_PORT}/{database}"


def interpolated(value: str, variables: Mapping[str, str]) -> str:
    """Put variables in as compose does; what has no value is empty."""

    def put(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        given = variables.get(match[1] or match[4], "")
        if match[2] == "-":
            return given or interpolated(match[3], variables)
        if match[2] == "+":
            return interpolated(match[3], variables) if given else ""
        return given

    return _VARIABLE.sub(put, value)


def url_on_this_machine(compose: Compose, url: str) -> str:
    """Return an address inside compose as this machine reaches it.

    The database's port must be published for that; without, the usual one is named.
    """
    parts = urlsplit(url)
    if parts.hostname is None or parts.hostname not in compose.services:
        return url
    inner = str(parts.port or POSTGRES_PORT)
    outer = compose.published(parts.hostname, inner) or inner
    login = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    return urlunsplit(parts._replace(netloc=f"{login}localhost:{outer}"))


def on_this_machine(
    path: str | None, read: Callable[[str], str | None], url: str
) -> str:
    """Return an address as this machine reaches it, in the words of a compose file.

    ``path`` is that file's; without one the address is as it is.
    """
    compose = read_compose(path, read(path) or "") if path else None
    if not isinstance(compose, Compose):
        return url
    variables = entries(read(join(compose.folder, ".env")) or "")
    return interpolated(url_on_this_machine(compose, url), variables)


def networks(service: object) -> list[str]:
    """Return the networks that a service joins by name."""
    joined = service.get("networks") if isinstance(service, CommentedMap) else None
    return [str(name) for name in joined or ()]


def _files(service: CommentedMap) -> list[str]:
    written = service.get("env_file")
    listed: Iterable[object] = [written] if isinstance(written, str) else written or ()
    paths = (e.get("path") if isinstance(e, CommentedMap) else e for e in listed)
    return [str(path).removeprefix("./") for path in paths]


def _context(service: object) -> str | None:
    if not isinstance(service, CommentedMap):
        return None
    build = service.get("build")
    context = build.get("context", ".") if isinstance(build, CommentedMap) else build
    known = isinstance(context, str) and "$" not in context and "://" not in context
    return context if known else None


def _command(service: CommentedMap) -> str:
    parts = [service.get(key) for key in ("entrypoint", "command")]
    return " ".join(
        part if isinstance(part, str) else " ".join(map(str, part))
        for part in parts
        if part
    )


def _in_url(value: str) -> str:
    """Escape a literal; what only compose puts in is left to it."""
    return value if "${" in value else quote(value.replace("$$", "$"), safe="")


def _last_part(outer: str) -> str:
    """Return the port of ``127.0.0.1:5433`` or ``${DB_PORT:-5433}``."""
    found = re.search(r"(\$\{[^}]{0,300}\}|(?<![\w$])[\w$]{1,300})$", outer)
    return found[1] if found else outer


def _normal(path: PurePosixPath) -> PurePosixPath:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts = parts[:-1]
        elif part != "/":
            parts.append(part)
    return PurePosixPath(*parts)
