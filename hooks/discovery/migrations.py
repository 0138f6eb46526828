"""Find the migration system, its folder and the heads of its graph."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..model import Confidence, Evidence, Fact, Heads
from ..repository.paths import above, below, join
from .alembic_setup import find_alembic
from .manifest import read_toml
from .migration_facts import UNKNOWN_MIGRATIONS, Migrations, folder_inside

if TYPE_CHECKING:
    from ..repository import Repository

__all__ = ["UNKNOWN_MIGRATIONS", "find_migrations"]

# Folders of steps that a script of the project runs, or a program by their numbers.
_STEPS = re.compile(r"(^|[/_-])(migrations?|migrate|changesets?|patches|upgrades)(/|$)")
_SCHEMA = re.compile(r"(^|/)(sql|db|database|schema|ddl)(/|$)")
_NUMBERED = re.compile(r"V?(\d+)(?:[._-]|__|$)")
_OWN = re.compile(r"(supabase/)?(db[_-]?|database|sql|schema|ddl|migrations?)\b")
_OTHERS_FOLDER = re.compile(r"(^|/)(prisma|drizzle)(/|$)|initdb")
_ALONE = re.compile(r"(^|/)(\.[^/]+|tests?|docs?|archived?|old|seeds?|fixtures)(/|$)")
# Python that a framework runs by itself, and revisions of Alembic.
_FRAMEWORKS = re.compile(r"django|alembic|tortoise|^revision\b", re.MULTILINE)
_STEPS_OF = {
    "yoyo": re.compile(r"from yoyo import"),
    "tortoise": re.compile(r"(?m)^(?:from|import) tortoise\b"),
}
_LISTS = ("pyproject.toml", "requirements.txt", "Pipfile", "setup.py")
_FOLDER = re.compile(r"[\"']((?:[\w-]{1,60}/){0,5}[\w-]{1,60})/?[\"']")
_SOURCES = re.compile(r"(?m)^sources\s{0,9}=\s{0,9}(?:%\(here\)s/)?(\S+)")
_DEPENDS = re.compile(
    r"(?m)^\s{0,9}(?:--\s{0,9}depends:|__depends__\s{0,9}=)(.{0,999})"
)


def find_migrations(repository: Repository, backend_dir: str) -> Migrations:
    """Read Alembic's configuration as text; else look for other systems' folders."""
    return (
        find_alembic(repository, backend_dir)
        or _aerich(repository, backend_dir)
        or _named(repository, backend_dir)
        or _steps(repository, backend_dir)
    )


def _aerich(repository: Repository, backend_dir: str) -> Migrations | None:
    for folder in above(backend_dir):
        tool = (read_toml(repository, join(folder, "pyproject.toml")) or {}).get("tool")
        table = tool.get("aerich") if isinstance(tool, dict) else None
        if isinstance(table, dict):
            path = join(folder, "pyproject.toml")
            location = str(table.get("location", "./migrations"))
            models = folder_inside(repository, folder, f"{location}/models")
            versions = models or folder_inside(repository, folder, location)
            return _other(repository, "aerich", path, versions)
    if join(backend_dir, "aerich.ini") in repository.file_set:
        path = join(backend_dir, "aerich.ini")
        versions = folder_inside(repository, backend_dir, "migrations/models")
        return _other(repository, "aerich", path, versions)
    return None


def _named(repository: Repository, backend_dir: str) -> Migrations | None:
    """Find a system by the files that only it has."""
    for folder in above(backend_dir):
        ini, conf = join(folder, "yoyo.ini"), join(folder, "piccolo_conf.py")
        if ini in repository.file_set:
            named = _SOURCES.search(repository.text(ini) or "")
            location = named[1] if named else "migrations"
            steps = folder_inside(repository, folder, location)
            return _other(repository, "yoyo", ini, steps)
        if conf in repository.file_set:
            found = [f for f in repository.folders if f.endswith("piccolo_migrations")]
            inside = below(found, folder)
            only = inside[0] if len(inside) == 1 else None
            return _other(repository, "piccolo", conf, only)
    if steps := _read_by_yoyo(repository, backend_dir):
        return _other(repository, "yoyo", steps, steps)
    for name in repository.below(backend_dir):
        folder = name.rpartition("/")[0]
        if name.endswith(".py") and _STEPS.search(folder):
            source = repository.text(name) or ""
            for system, pattern in _STEPS_OF.items():
                if pattern.search(source):
                    return _other(repository, system, folder, folder)
    return None


def _read_by_yoyo(repository: Repository, backend_dir: str) -> str | None:
    """Return the folder of steps that the code itself hands to yoyo."""
    manifests = (join(folder, name) for folder in above(backend_dir) for name in _LISTS)
    if not any("yoyo" in (repository.text(path) or "") for path in manifests):
        return None
    for name in below(repository.files, backend_dir):
        source = repository.text(name) or "" if name.endswith(".py") else ""
        if "read_migrations(" not in source:
            continue
        for found in _FOLDER.findall(source):
            steps = folder_inside(repository, backend_dir, found)
            if steps and any(
                f.endswith(".sql") for f in below(repository.files, steps)
            ):
                return steps
    return None


def _steps(repository: Repository, backend_dir: str) -> Migrations:
    """Find the folder of numbered files, else the largest one of migrations in SQL."""
    for folder in above(backend_dir):
        found = _folders(repository, folder, ".sql") or _folders(
            repository, folder, ".py"
        )
        if folder != backend_dir:  # what is in another project's folder is of it
            found = {f: n for f, n in found.items() if _OWN.match(f[_depth(folder) :])}
        if found:
            best = max(found, key=lambda f: (len(found[f]), f))
            return _other(repository, "raw_sql", best, best)
    return Migrations(
        system=Fact(value="none", confidence=Confidence.LIKELY),
        ini=Fact(),
        versions=Fact(),
        file_template=Fact(),
        heads=Fact(),
    )


def _depth(folder: str) -> int:
    return 0 if folder == "." else len(folder) + 1


def _folders(repository: Repository, place: str, ending: str) -> dict[str, list[str]]:
    """Return the folders with steps of a kind: by their name, or by the numbers."""
    found: dict[str, list[str]] = {}
    for name in repository.below(place):
        folder, _, base = name.rpartition("/")
        inside = folder if place == "." else folder.removeprefix(f"{place}/")
        if not base.endswith(ending) or _OTHERS_FOLDER.search(folder):
            continue
        if _ALONE.search(inside):
            continue
        numbered = _NUMBERED.match(base) is not None
        by_name = _STEPS.search(inside) is not None
        if ending == ".py":
            source = repository.text(name) if numbered and by_name else None
            if source is None or _FRAMEWORKS.search(source):
                continue
        elif not by_name and not (numbered and _SCHEMA.search(inside)):
            continue
        found.setdefault(folder, []).append(base)
    least = 2
    return {
        folder: names
        for folder, names in found.items()
        if _STEPS.search(folder) or len(names) >= least
    }


def _other(
    repository: Repository, system: str, path: str, versions: str | None
) -> Migrations:
    evidence = (Evidence(path=path, why=f"configures {system}"),)
    files = repository.below(versions) if versions else []
    steps = [f for f in files if f.endswith((".py", ".sql")) and "__init__" not in f]
    last = _last(repository, steps, by_number=system != "yoyo")
    return Migrations(
        system=Fact(value=system, confidence=Confidence.CERTAIN, evidence=evidence),
        ini=Fact(),
        versions=Fact(value=versions, confidence=Confidence.LIKELY, evidence=evidence)
        if versions
        else Fact(),
        locations=Fact(value=(versions,) if versions else ()),
        file_template=Fact(),
        heads=Fact(
            value=Heads(count=len(last), ids=last),
            confidence=Confidence.LIKELY,
            evidence=evidence,
        ),
    )


def _last(
    repository: Repository, steps: list[str], *, by_number: bool
) -> tuple[str, ...]:
    """Return what nothing depends on, else the step with the highest number."""
    stems = {PurePosixPath(f).name.partition(".")[0]: f for f in steps}
    needed: set[str] = set()
    for path in steps:
        for named in _DEPENDS.findall(repository.text(path) or ""):
            needed.update(re.findall(r"[\w.-]+", named))
    if needed & set(stems):
        return tuple(sorted(set(stems) - needed))
    if not stems:
        return ()
    highest = max(stems, key=_natural)
    number = re.match(r"V?\d+", highest)
    is_sql = by_number and stems[highest].endswith(".sql")
    return (number[0] if is_sql and number else highest,)


def _natural(stem: str) -> tuple[int, str]:
    number = _NUMBERED.match(stem)
    return (int(number[1]) if number else -1, stem)
