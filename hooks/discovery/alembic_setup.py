"""Find what Alembic is told, its folder of revisions and the heads of its graph.

The configuration tells it, else what a project keeps as an example of one, and where
git has neither, the place of ``env.py``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..migrations.presumed_tables import presumed_table
from ..model import Confidence, Evidence, Fact, Heads
from ..repository.paths import above, below, join
from .alembic_configuration import (
    alembic_call,
    alembic_ini,
    environment_file,
    options_in_ini,
    problem_of,
    reads_subfolders,
    settings_in,
    versions_folders,
)
from .migration_facts import Migrations
from .revisions import read_revisions

if TYPE_CHECKING:
    from ..migrations.graph import Graph
    from ..repository import Repository


_EXAMPLE = re.compile(
    r"(^|/)(alembic[^/]{0,60}\.ini[._-]\w{1,30}|\w{1,30}[._-]alembic\.ini|alembic[._-](example|sample|template|dist)\.ini)$"
)
_USES_CONTEXT = re.compile(
    r"from alembic import [^\n]{0,99}?\bcontext\b|alembic\.context\b"
)


def find_alembic(repository: Repository, backend_dir: str) -> Migrations | None:
    """Return what Alembic is told, or ``None`` where nothing tells that it is used."""
    ini = alembic_ini(repository, backend_dir)
    if ini is not None:
        return _configured(repository, backend_dir, ini)
    example = _example(repository, backend_dir)
    env = _environment_file(repository, backend_dir)
    if example is None and env is None:
        return None
    return _not_in_git(repository, backend_dir, example, env)


def _configured(repository: Repository, backend_dir: str, ini: str) -> Migrations:
    settings = settings_in(repository, ini)
    certain = Confidence.CERTAIN
    says = (Evidence(path=ini, why="configures Alembic"),)
    locations = versions_folders(repository, backend_dir, ini, settings)
    template = settings.get("file_template")
    directory, options = alembic_call(repository, backend_dir, ini, settings)
    heads: Fact[Heads] = Fact(problem=problem_of(repository, ini))
    presumed: Fact[str] = Fact()
    if locations:
        subfolders = reads_subfolders(repository, ini)
        heads, presumed = _history(repository, locations, subfolders=subfolders)
    return Migrations(
        system=Fact(value="alembic", confidence=certain, evidence=says),
        ini=Fact(value=ini, confidence=certain, evidence=says),
        versions=Fact(
            value=next(iter(locations), None),
            confidence=certain if locations else Confidence.UNKNOWN,
            evidence=says if locations else (),
        ),
        locations=Fact(value=locations, confidence=certain, evidence=says),
        file_template=Fact(value=template, confidence=certain, evidence=says)
        if template
        else Fact(),
        heads=heads,
        presumed=presumed,
        directory=Fact(value=directory, confidence=certain, evidence=says),
        options=Fact(value=options, confidence=certain, evidence=says),
        env=Fact(
            value=environment_file(repository, backend_dir, ini, settings),
            confidence=certain,
            evidence=says,
        ),
    )


def _not_in_git(
    repository: Repository, backend_dir: str, example: str | None, env: str | None
) -> Migrations:
    """Describe Alembic where each developer has an alembic.ini that git has not.

    What the example says counts, then the place of ``env.py``. Alembic is called as
    with an alembic.ini in the folder that these suppose.
    """
    settings = options_in_ini(repository, example) if example else {}
    locations: tuple[str, ...] = ()
    if example:
        locations = versions_folders(repository, backend_dir, example, settings)
    run = env
    if example:
        run = environment_file(repository, backend_dir, example, settings) or env
    if not locations and env:
        locations = (join(env.rpartition("/")[0] or ".", "versions"),)
    heads: Fact[Heads] = Fact(problem="no folder of revisions is there")
    presumed: Fact[str] = Fact()
    if locations:
        heads, presumed = _history(repository, locations, subfolders=None)
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
        versions=Fact(
            value=next(iter(locations), None), confidence=likely, evidence=says
        ),
        locations=Fact(value=locations, confidence=likely, evidence=says),
        file_template=Fact(
            value=settings.get("file_template"), confidence=likely, evidence=says
        )
        if settings.get("file_template")
        else Fact(),
        heads=heads,
        presumed=presumed,
        directory=Fact(
            value="" if here == backend_dir else here, confidence=likely, evidence=says
        ),
        options=Fact(value="", confidence=likely, evidence=says),
        env=Fact(value=run, confidence=likely, evidence=says),
    )


def _evidence(example: str | None, env: str | None) -> tuple[Evidence, ...]:
    why = "is an example of Alembic's configuration"
    found = [Evidence(path=example, why=why)] if example else []
    if env:
        found.append(Evidence(path=env, why="is run by Alembic"))
    return tuple(found)


def _example(repository: Repository, backend_dir: str) -> str | None:
    """Return a file that alembic.ini is made from, the nearest to the backend."""
    found = repository.matching(_EXAMPLE)
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


def _history(
    repository: Repository, locations: tuple[str, ...], *, subfolders: bool | None
) -> tuple[Fact[Heads], Fact[str]]:
    """Return the heads, and a table that the chain changes and does not make."""
    if any(_is_ignored(repository, folder) for folder in locations):
        return Fact(problem="git ignores the folder of the revisions"), Fact()
    graph = read_revisions(repository, locations, subfolders=subfolders)
    heads = _heads(graph, is_known=subfolders is not None)
    presumed: Fact[str] = Fact()
    if found := presumed_table(graph):
        table, evidence = found
        likely = Confidence.LIKELY
        presumed = Fact(value=table, confidence=likely, evidence=(evidence,))
    return heads, presumed


def _heads(graph: Graph, *, is_known: bool) -> Fact[Heads]:
    problem = None
    if graph.missing_parents:
        problem = f"no file defines {graph.missing_parents[0]}"
    evidence = tuple(
        Evidence(path=revision.path, why="is a head")
        for revision in graph.revisions
        if revision.id in graph.heads
    )
    certain = is_known and problem is None
    return Fact(
        value=Heads(count=len(graph.heads), ids=graph.heads),
        confidence=Confidence.CERTAIN if certain else Confidence.LIKELY,
        evidence=evidence,
        problem=problem,
    )


def _is_ignored(repository: Repository, folder: str) -> bool:
    """Return True if a .gitignore above names the folder (files not listed)."""
    if any(f.endswith(".py") for f in repository.below(folder)):
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
