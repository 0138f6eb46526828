"""Read what a configuration of Alembic says: its folders, environments and options.

It is read as text, from ``alembic.ini`` or another .ini and from ``pyproject.toml``.
"""

from __future__ import annotations

import configparser
import os
import posixpath
import re
from typing import TYPE_CHECKING

from ..repository.paths import above, below, join
from .manifest import read_toml
from .migration_facts import folder_inside

if TYPE_CHECKING:
    from ..repository import Repository

_SEPARATORS = {"space": " ", "newline": "\n", "os": os.pathsep, ":": ":", ";": ";"}
_ANY_SEPARATOR = re.compile(r"[,;]")


def alembic_ini(repository: Repository, backend_dir: str) -> str | None:
    """Return the file that configures Alembic for a backend, the nearest to it."""
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
    named = [f for f in repository.below(backend_dir) if f.endswith(".ini")]
    for name in named:
        if envs and "script_location" in (repository.text(name) or ""):
            return name
    return None


def settings_in(repository: Repository, ini: str, name: str = "") -> dict[str, str]:
    """Return Alembic's options, as Alembic does: the .ini's, then pyproject.toml's.

    ``name`` is the environment where the .ini has several.
    """
    if ini.endswith(".toml"):
        return _options_in_toml(repository, ini)
    beside = join(ini.rpartition("/")[0] or ".", "pyproject.toml")
    options = options_in_ini(repository, ini, name)
    return _options_in_toml(repository, beside) | options


def reads_subfolders(
    repository: Repository, ini: str | None, name: str = ""
) -> bool | None:
    """Return True if Alembic reads the folders within that of the revisions.

    ``None`` where no configuration is there to say it.
    """
    if ini is None:
        return None
    said = settings_in(repository, ini, name).get("recursive_version_locations")
    return said == "true"


def environments(
    repository: Repository, backend_dir: str, ini: str
) -> dict[str, tuple[str, ...]]:
    """Return the folders of revisions of each environment that an .ini names."""
    parser, found = _parsed(repository, ini), {}
    for name in _environments(parser):
        settings = dict(parser.items(name))
        if folders := versions_folders(repository, backend_dir, ini, settings):
            found[name] = folders
    return found


def versions_folders(
    repository: Repository, backend_dir: str, ini: str, settings: dict[str, str]
) -> tuple[str, ...]:
    """Return the folders of revisions that the options name, in their order."""
    here = ini.rpartition("/")[0] or "."
    location = settings.get("script_location", "").strip()
    if not location:
        return ()
    named = (
        _resolved(repository, backend_dir, here, one.replace("%(here)s", here))
        for one in _version_locations(settings)
    )
    if found := tuple(dict.fromkeys(filter(None, named))):
        return found
    script = _resolved(repository, backend_dir, here, location)
    return () if script is None else (join(script, "versions"),)


def environment_file(
    repository: Repository, backend_dir: str, ini: str, settings: dict[str, str]
) -> str | None:
    """Return the ``env.py`` that Alembic runs, in the folder that the options name."""
    here = ini.rpartition("/")[0] or "."
    location = settings.get("script_location", "").strip()
    script = location and _resolved(
        repository, backend_dir, here, location.replace("%(here)s", here)
    )
    path = join(script, "env.py") if script else ""
    return path if path and repository.text(path) is not None else None


def _version_locations(settings: dict[str, str]) -> list[str]:
    """Split what ``version_locations`` says as Alembic does, by its own separator."""
    declared = settings.get("version_locations", "")
    names = ("path_separator", "version_path_separator")
    separators = (_SEPARATORS.get(settings.get(name, "").strip()) for name in names)
    separator = next(filter(None, separators), None)
    if separator is None:
        return _ANY_SEPARATOR.sub(" ", declared).split()
    # A list of pyproject.toml has a line for each, whatever the separator.
    parts = declared.replace(separator, "\n").split("\n")
    return [part.strip() for part in parts if part.strip()]


def alembic_call(
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
    is_anywhere = "%(here)s" in location or ":" in location
    if not is_anywhere and folder_inside(repository, backend_dir, location) is None:
        config = "" if file in {"alembic.ini", "pyproject.toml"} else f"-c {file}"
        return here, f"{config} {name}".strip()
    config = f"-c {posixpath.relpath(ini, backend_dir)}"
    return "", f"{config} {name}".strip()


def problem_of(repository: Repository, ini: str) -> str:
    """Say why a configuration names no one folder of revisions."""
    named = _environments(_parsed(repository, ini))
    if len(named) > 1:
        return f"{ini} has several environments: {', '.join(named)}"
    return f"{ini} names no folder of revisions"


def _options_in_toml(repository: Repository, path: str) -> dict[str, str]:
    tool = (read_toml(repository, path) or {}).get("tool")
    table = tool.get("alembic") if isinstance(tool, dict) else None
    if not isinstance(table, dict):
        return {}
    return {str(key): _as_in_ini(value) for key, value in table.items()}


def _as_in_ini(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


def options_in_ini(repository: Repository, path: str, name: str = "") -> dict[str, str]:
    """Return the options of one section of an .ini, the only one unless named."""
    parser = _parsed(repository, path)
    named = _environments(parser)
    section = name or (named[0] if len(named) == 1 else "alembic")
    return dict(parser.items(section)) if parser.has_section(section) else {}


def _environments(parser: configparser.RawConfigParser) -> list[str]:
    """Return the sections that name a folder: one, or those of `alembic --name`."""
    found = [s for s in parser.sections() if parser.has_option(s, "script_location")]
    return ["alembic"] if "alembic" in found else found


def _parsed(repository: Repository, path: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(repository.text(path) or "")
    except configparser.Error:
        return configparser.RawConfigParser()
    return parser


def _resolved(
    repository: Repository, backend_dir: str, here: str, location: str
) -> str | None:
    location = location.replace("%(here)s", ".").replace("%%", "%")
    if ":" in location:
        package, _, inner = location.partition(":")
        location = "/".join([*package.split("."), inner])
    # `package:folder` is below what the package is imported from, so above `here`.
    for folder in dict.fromkeys((*above(here), backend_dir, ".", join(here, "src"))):
        if path := folder_inside(repository, folder, location):
            return path
    return None
