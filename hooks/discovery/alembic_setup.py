"""Find Alembic's configuration, its folder of revisions and the heads of its graph.

The configuration is read as text: from ``alembic.ini`` or another .ini, from
``pyproject.toml``, from what a project keeps as an example of it, and where git has
none of these, from where ``env.py`` is.
"""

from __future__ import annotations

import configparser
import posixpath
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..migrations.graph import read_graph
from ..migrations.presumed_tables import presumed_table
from ..model import Confidence, Evidence, Fact, Heads
from ..repository.paths import above, below, join
from .manifest import read_toml
from .migration_facts import Migrations

if TYPE_CHECKING:
    from ..repository import Repository


_EXAMPLE = re.compile(
    r"(^|/)(alembic[^/]{0,60}\.ini[._-]\w{1,30}|\w{1,30}[._-]alembic\.ini|alembic[._-](example|sample|template|dist)\.ini)$"
)
_USES_CONTEXT = re.compile(
    r"from alembic import [^\n]{0,99}?\bcontext\b|alembic\.context\b"
)


def find_alembic(repository: Repository, backend_dir: str) -> Migrations | None:
    """Return what Alembic is told, or ``None`` where nothing tells that it is used."""
    ini = _alembic_ini(repository, backend_dir)
    if ini is not None:
        return _configured(repository, backend_dir, ini)
    example = _example(repository, backend_dir)
    env = _environment_file(repository, backend_dir)
    if example is None and env is None:
        return None
    return _not_in_git(repository, backend_dir, example, env)


def _configured(repository: Repository, backend_dir: str, ini: str) -> Migrations:
    settings = _settings(repository, ini)
    certain = Confidence.CERTAIN
    says = (Evidence(path=ini, why="configures Alembic"),)
    versions = _versions_dir(repository, backend_dir, ini, settings)
    template = settings.get("file_template")
    directory, options = _call(repository, backend_dir, ini, settings)
    heads: Fact[Heads] = Fact(problem=_problem(repository, ini))
    if versions is not None:
        heads = _heads(repository, versions)
    return Migrations(
        system=Fact(value="alembic", confidence=certain, evidence=says),
        ini=Fact(value=ini, confidence=certain, evidence=says),
        versions=Fact(
            value=versions,
            confidence=certain if versions else Confidence.UNKNOWN,
            evidence=says if versions else (),
        ),
        file_template=Fact(value=template, confidence=certain, evidence=says)
        if template
        else Fact(),
        heads=heads,
        presumed=_presumed(repository, versions),
        directory=Fact(value=directory, confidence=certain, evidence=says),
        options=Fact(value=options, confidence=certain, evidence=says),
    )


def _not_in_git(
    repository: Repository, backend_dir: str, example: str | None, env: str | None
) -> Migrations:
    """Describe Alembic where each developer has an alembic.ini that git has not.

    What the example says counts, then the place of ``env.py``. Alembic is called as
    with an alembic.ini in the folder that these suppose.
    """
    settings = _options_in_ini(repository, example) if example else {}
    versions = None
    if example:
        versions = _versions_dir(repository, backend_dir, example, settings)
    if versions is None and env:
        versions = join(env.rpartition("/")[0] or ".", "versions")
    says = _evidence(example, env)
    likely = Confidence.LIKELY
    here = (example or "").rpartition("/")[0] or "."
    if not example:
        here = _home(backend_dir, str(env))
    missing = f"git has no {join(here, 'alembic.ini')}"
    if example:
        missing += f"; it is made from {example}"
    return Migrations(
        system=Fact(value="alembic", confidence=Confidence.CERTAIN, evidence=says),
        ini=Fact(problem=missing),
        versions=Fact(value=versions, confidence=likely, evidence=says),
        file_template=Fact(
            value=settings.get("file_template"), confidence=likely, evidence=says
        )
        if settings.get("file_template")
        else Fact(),
        heads=_heads(repository, versions)
        if versions
        else Fact(problem="no folder of revisions is there"),
        presumed=_presumed(repository, versions),
        directory=Fact(
            value="" if here == backend_dir else here, confidence=likely, evidence=says
        ),
        options=Fact(value="", confidence=likely, evidence=says),
    )


def _evidence(example: str | None, env: str | None) -> tuple[Evidence, ...]:
    why = "is an example of Alembic's configuration"
    found = [Evidence(path=example, why=why)] if example else []
    if env:
        found.append(Evidence(path=env, why="is run by Alembic"))
    return tuple(found)


def _example(repository: Repository, backend_dir: str) -> str | None:
    """Return a file that alembic.ini is made from, the nearest to the backend."""
    found = [f for f in repository.files if _EXAMPLE.search(f)]
    for folder in above(backend_dir):
        for name in found:
            if (name.rpartition("/")[0] or ".") == folder:
                return name
    inside = below(found, backend_dir)
    return inside[0] if len(inside) == 1 else None


def _environment_file(repository: Repository, backend_dir: str) -> str | None:
    """Return the one ``env.py`` of the backend that Alembic runs, if there is one."""
    for folder in above(backend_dir):
        found = [
            name
            for name in below(repository.named("env.py"), folder)
            if _USES_CONTEXT.search(repository.text(name) or "")
            and _has_revisions(repository, name.rpartition("/")[0] or ".")
        ]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _has_revisions(repository: Repository, folder: str) -> bool:
    return (
        join(folder, "versions") in repository.folders
        or join(folder, "script.py.mako") in repository.file_set
    )


def _home(backend_dir: str, env: str) -> str:
    """Return where Alembic is run: the backend's folder, or one above both."""
    folders = above(backend_dir)
    return next(folder for folder in folders if below([env], folder))


def environments(repository: Repository, backend_dir: str, ini: str) -> dict[str, str]:
    """Return the folder of revisions of each environment that an .ini names."""
    parser, found = _parsed(repository, ini), {}
    for name in _environments(parser):
        settings = dict(parser.items(name))
        if folder := _versions_dir(repository, backend_dir, ini, settings):
            found[name] = folder
    return found


def _alembic_ini(repository: Repository, backend_dir: str) -> str | None:
    for folder in above(backend_dir):
        ini = join(folder, "alembic.ini")
        # Read where it is on this machine alone, too: it says what Alembic will do.
        if ini in repository.file_set or repository.text(ini) is not None:
            return ini
        pyproject = read_toml(repository, join(folder, "pyproject.toml")) or {}
        tool = pyproject.get("tool")
        if isinstance(tool, dict) and "alembic" in tool:
            return join(folder, "pyproject.toml")
    inside = below(repository.named("alembic.ini"), backend_dir)
    if len(inside) == 1:
        return inside[0]
    envs = below(repository.named("env.py"), backend_dir)
    named = [f for f in below(repository.files, backend_dir) if f.endswith(".ini")]
    for name in named:
        if envs and "script_location" in (repository.text(name) or ""):
            return name
    return None


def _settings(repository: Repository, ini: str) -> dict[str, str]:
    """Return Alembic's options, as Alembic does: the .ini's, then pyproject.toml's."""
    if ini.endswith(".toml"):
        return _options_in_toml(repository, ini)
    beside = join(ini.rpartition("/")[0] or ".", "pyproject.toml")
    return _options_in_toml(repository, beside) | _options_in_ini(repository, ini)


def _options_in_toml(repository: Repository, path: str) -> dict[str, str]:
    tool = (read_toml(repository, path) or {}).get("tool")
    table = tool.get("alembic") if isinstance(tool, dict) else None
    if not isinstance(table, dict):
        return {}
    return {
        str(key): "\n".join(map(str, value)) if isinstance(value, list) else str(value)
        for key, value in table.items()
    }


def _options_in_ini(repository: Repository, path: str) -> dict[str, str]:
    parser = _parsed(repository, path)
    named = _environments(parser)
    section = named[0] if len(named) == 1 else "alembic"
    return dict(parser.items(section)) if parser.has_section(section) else {}


def _parsed(repository: Repository, path: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(repository.text(path) or "")
    except configparser.Error:
        return configparser.RawConfigParser()
    return parser


def _environments(parser: configparser.RawConfigParser) -> list[str]:
    """Return the sections that name a folder: one, or those of `alembic --name`."""
    found = [s for s in parser.sections() if parser.has_option(s, "script_location")]
    return ["alembic"] if "alembic" in found else found


def _problem(repository: Repository, ini: str) -> str:
    named = _environments(_parsed(repository, ini))
    if len(named) > 1:
        return f"{ini} has several environments: {', '.join(named)}"
    return f"{ini} names no folder of revisions"


def _call(
    repository: Repository, backend_dir: str, ini: str, settings: dict[str, str]
) -> tuple[str, str]:
    """Return the folder to run Alembic in, empty for the backend's, and its options.

    The folder of the revisions is relative to where Alembic is run, unless it says
    otherwise.
    """
    here = ini.rpartition("/")[0] or "."
    named = [] if ini.endswith(".toml") else _environments(_parsed(repository, ini))
    name = f"--name {named[0]}" if named and "alembic" not in named else ""
    file = ini.rpartition("/")[2]
    if here == backend_dir:
        config = "" if file in {"alembic.ini", "pyproject.toml"} else f"-c {file}"
        return "", f"{config} {name}".strip()
    location = settings.get("script_location", "").strip()
    from_backend = _normal(PurePosixPath(backend_dir, location))
    is_anywhere = "%(here)s" in location or ":" in location
    if not is_anywhere and from_backend not in repository.folders:
        config = "" if file in {"alembic.ini", "pyproject.toml"} else f"-c {file}"
        return here, f"{config} {name}".strip()
    config = f"-c {posixpath.relpath(ini, backend_dir)}"
    return "", f"{config} {name}".strip()


def _presumed(repository: Repository, versions: str | None) -> Fact[str]:
    """Return a table that the chain changes and does not make, if there is one."""
    if versions is None:
        return Fact()
    inside = below(repository.files, versions)
    found = presumed_table(read_graph(inside, repository.text))
    if found is None:
        return Fact()
    table, evidence = found
    return Fact(value=table, confidence=Confidence.LIKELY, evidence=(evidence,))


def _versions_dir(
    repository: Repository, backend_dir: str, ini: str, settings: dict[str, str]
) -> str | None:
    here = ini.rpartition("/")[0] or "."
    location = settings.get("script_location", "").strip()
    if not location:
        return None
    declared = settings.get("version_locations", "").strip()
    if declared:
        first = re.split(r"[\s,;]+", declared.replace("%(here)s", here))[0]
        found = _resolved(repository, backend_dir, here, first)
        if found:
            return found
    script = _resolved(repository, backend_dir, here, location)
    return None if script is None else join(script, "versions")


def _resolved(
    repository: Repository, backend_dir: str, here: str, location: str
) -> str | None:
    location = location.replace("%(here)s", ".").replace("%%", "%")
    if ":" in location:
        package, _, inner = location.partition(":")
        location = "/".join([*package.split("."), inner])
    # `package:folder` is below what the package is imported from, so above `here`.
    for folder in dict.fromkeys((*above(here), backend_dir, ".", join(here, "src"))):
        path = _normal(PurePosixPath(folder, location))
        if path is not None and path in repository.folders:
            return path
    return None


def _normal(path: PurePosixPath) -> str | None:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in {".", "/"}:
            parts.append(part)
    return "/".join(parts) or "."


def _heads(repository: Repository, versions: str) -> Fact[Heads]:
    if _is_ignored(repository, versions):
        return Fact(problem="git ignores the folder of the revisions")
    inside = below(repository.files, versions)
    graph = read_graph(inside, repository.text)
    problem = None
    if graph.missing_parents:
        problem = f"no file defines {graph.missing_parents[0]}"
    evidence = tuple(
        Evidence(path=revision.path, why="is a head")
        for revision in graph.revisions
        if revision.id in graph.heads
    )
    return Fact(
        value=Heads(count=len(graph.heads), ids=graph.heads),
        confidence=Confidence.LIKELY if problem else Confidence.CERTAIN,
        evidence=evidence,
        problem=problem,
    )


def _is_ignored(repository: Repository, folder: str) -> bool:
    """Return True if a .gitignore above names the folder (files not listed)."""
    if any(f.endswith(".py") for f in below(repository.files, folder)):
        return False
    for above_ in above(folder):
        rules = repository.text(join(above_, ".gitignore")) or ""
        inside = folder if above_ == "." else folder.removeprefix(f"{above_}/")
        for rule in rules.splitlines():
            plain = rule.strip().strip("/").removesuffix("/*").removesuffix("/*.py")
            plain = plain.removesuffix("/**").removeprefix("**/")
            if (
                plain
                and not plain.startswith(("#", "!"))
                and (
                    inside == plain
                    or inside.endswith(f"/{plain}")
                    or inside.startswith(f"{plain}/")
                )
            ):
                return True
    return False
