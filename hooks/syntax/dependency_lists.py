"""The lists of dependencies in a pyproject.toml or a Pipfile, read and changed as TOML.

One reader for the edit that adds packages and for the diagnostic that looks at them::

    [project] dependencies = ["pyjwt[crypto]>=2.8"]                  # an array
    [tool.poetry.dependencies]                                       # a table
    pyjwt = {extras = ["crypto"], version = "^2.8"}
    [tool.poetry.dependencies.pyjwt]                                 # the same
    extras = ["crypto"]

Every change is read again: what is returned holds exactly the entries that were meant.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import tomlkit
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from tomlkit.exceptions import TOMLKitError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DEVELOPMENT = re.compile(r"(?i)dev|test|lint|doc|type|format|ci$|tool|bench")
_GROUPS = (
    ("project", "optional-dependencies"),
    ("dependency-groups",),
    ("tool", "pdm", "dev-dependencies"),
)
# What the wanted packages support, and where the range of a project begins.
_OLDEST_PYTHON = (3, 8)
_LOWEST = re.compile(
    r"(?<![<!.\d=])(?:\^|~=?|>=?|==?)?\s{0,9}(?<![.\d])(\d{1,9})(?:\.(\d{1,9}))?"
)
# Tables of a Pipfile that hold no packages.
_NO_PACKAGES = {"source", "requires", "scripts", "pipenv"}


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One package of a list; ``key`` is how the list names it, ``name`` is normal."""

    key: str
    name: str
    extras: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class DependencyList:
    """One list of a manifest, by the keys that lead to it."""

    keys: tuple[str, ...]
    entries: tuple[Listed, ...]
    is_table: bool
    for_development: bool = False

    @property
    def names(self) -> set[str]:
        """The normal names of its packages."""
        return {entry.name for entry in self.entries}


def is_toml(text: str) -> bool:
    """Return True if a manifest can be read at all."""
    return _read(text) is not None


def installs_itself(text: str) -> bool:
    """Return True if a Pipfile installs its own folder with its pyproject.toml."""
    entries = _table(_read(text) or {}, "packages").values()
    return any(isinstance(e, dict) and e.get("path") == "." for e in entries)


def dependency_lists(text: str, *, pipfile: bool = False) -> tuple[DependencyList, ...]:
    """Return every list of a manifest, those that are installed to run first."""
    document = _read(text)
    if document is None:
        return ()
    found = list(_of_pipfile(document) if pipfile else _of_pyproject(document))
    return tuple(sorted(found, key=lambda one: one.for_development))


def runtime_list(lists: tuple[DependencyList, ...]) -> DependencyList | None:
    """Return the list that the application is installed from: FastAPI's own."""
    running = [one for one in lists if not one.for_development]
    with_fastapi = (one for one in running if "fastapi" in one.names)
    main = (one for one in running if one.keys[-1] in {"dependencies", "packages"})
    return next(with_fastapi, None) or next(main, None)


def with_entry(text: str, into: DependencyList, requirement: str) -> str | None:
    """Add one package to a table, in the form of Poetry and Pipenv.

    Poetry wants versions that fit every Python which the project names.
    """
    parsed = Requirement(requirement)
    version = str(parsed.specifier) or "*"
    given: dict[str, Any] = {"extras": sorted(parsed.extras)} if parsed.extras else {}
    given["version"] = version
    python = _at(_read(text) or {}, into.keys).get("python")
    lowest = _LOWEST.findall(python) if isinstance(python, str) else []
    if any((int(major), int(minor or 0)) < _OLDEST_PYTHON for major, minor in lowest):
        given["python"] = f">={'.'.join(map(str, _OLDEST_PYTHON))}"
    value: Any = version
    if len(given) > 1:
        value = tomlkit.inline_table()
        value.update(given)
    return _rewritten(
        text,
        lambda document: _at(document, into.keys).__setitem__(parsed.name, value),
        lambda document: _at(document, into.keys).__setitem__(
            parsed.name, given if len(given) > 1 else version
        ),
    )


def with_extra(
    text: str, into: DependencyList, entry: Listed, extra: str
) -> str | None:
    """Give a package an extra; ``None`` where its form is not known."""
    if not into.is_table:
        requirement = Requirement(entry.key)
        requirement.extras = {*requirement.extras, extra}
        return replaced_string(text, into, entry.key, _as_written(requirement, entry))

    def change(document: Any) -> None:  # noqa: ANN401 - a TOML document
        table = _at(document, into.keys)
        value = table[entry.key]
        if isinstance(value, str):
            new: Any = {"extras": [extra], "version": str(value)}
            if document.__class__ is not dict:
                new = tomlkit.inline_table()
                new.update({"extras": [extra], "version": str(value)})
            table[entry.key] = new
            return
        for one in value if isinstance(value, list) else [value]:
            one["extras"] = [*one.get("extras", ()), extra]

    return _rewritten(text, change, change)


def without(text: str, of: DependencyList, entry: Listed) -> str | None:
    """Take a package out of a list; ``None`` where its form is not known."""

    def change(document: Any) -> None:  # noqa: ANN401 - a TOML document
        held = _at(document, of.keys)
        if of.is_table:
            del held[entry.key]
        else:
            held.remove(entry.key)

    return _rewritten(text, change, change)


def spliced(
    text: str, into: DependencyList, new: tuple[str, ...], splice: Callable[[str], str]
) -> str | None:
    """Change an array's own text, wherever in the file that text is the right one.

    ``splice`` turns the array's text into one that has the ``new`` entries too.
    """
    try:
        array = _at(tomlkit.parse(text), into.keys).as_string()
    except (TOMLKitError, KeyError, AttributeError):
        return None
    wanted = _expected(text, lambda d: _at(d, into.keys).extend(new))
    for found in re.finditer(re.escape(array), text):
        after = text[: found.start()] + splice(array) + text[found.end() :]
        if _same(after, wanted, into.keys):
            return after
    return None


def replaced_string(
    text: str, into: DependencyList, before: str, after: str
) -> str | None:
    """Replace one string of an array, wherever in the file it is that one."""
    wanted = _expected(
        text,
        lambda d: _at(d, into.keys).__setitem__(_at(d, into.keys).index(before), after),
    )
    for found in re.finditer(re.escape(before), text):
        changed = text[: found.start()] + after + text[found.end() :]
        if _same(changed, wanted, into.keys):
            return changed
    return None


def _of_pyproject(document: dict[str, Any]) -> Iterator[DependencyList]:
    project = _table(document, "project")
    dynamic = project.get("dynamic")
    if not (isinstance(dynamic, list) and "dependencies" in dynamic):
        yield from _array(project, ("project", "dependencies"))
    poetry = _table(document, "tool", "poetry")
    yield from _mapping(poetry, ("tool", "poetry", "dependencies"))
    yield from _mapping(poetry, ("tool", "poetry", "dev-dependencies"), dev=True)
    for group in _table(poetry, "group"):
        keys = ("tool", "poetry", "group", group, "dependencies")
        held = _table(document, *keys[:-1])
        yield from _mapping(held, keys, dev=_is_development(group))
    uv = ("tool", "uv", "dev-dependencies")
    yield from _array(_table(document, *uv[:-1]), uv, dev=True)
    for above in _GROUPS:
        held = _table(document, *above)
        for group in held:
            dev = "pdm" in above or _is_development(group)
            yield from _array(held, (*above, group), dev=dev)
    for name in _table(document, "tool", "hatch", "envs"):
        for kind in ("dependencies", "extra-dependencies"):
            keys = ("tool", "hatch", "envs", name, kind)
            held = _table(document, *keys[:-1])
            yield from _array(held, keys, dev=_is_development(name))


def _of_pipfile(document: dict[str, Any]) -> Iterator[DependencyList]:
    for name in document:
        if name not in _NO_PACKAGES:
            yield from _mapping(document, (name,), dev=_is_development(name))


def _array(
    holder: dict[str, Any], keys: tuple[str, ...], *, dev: bool = False
) -> Iterator[DependencyList]:
    held = holder.get(keys[-1])
    if isinstance(held, list):
        listed = (_requirement(one) for one in held if isinstance(one, str))
        entries = tuple(one for one in listed if one is not None)
        yield DependencyList(
            keys=keys, entries=entries, is_table=False, for_development=dev
        )


def _mapping(
    holder: dict[str, Any], keys: tuple[str, ...], *, dev: bool = False
) -> Iterator[DependencyList]:
    held = holder.get(keys[-1])
    if isinstance(held, dict):
        entries = tuple(
            Listed(key=key, name=canonicalize_name(key), extras=_extras(value))
            for key, value in held.items()
        )
        yield DependencyList(
            keys=keys, entries=entries, is_table=True, for_development=dev
        )


def _extras(value: object) -> frozenset[str]:
    """Return the extras that every constraint of an entry has."""
    constraints = value if isinstance(value, list) else [value]
    found = [
        frozenset(map(str, one.get("extras", ())))
        if isinstance(one, dict)
        else frozenset()
        for one in constraints
    ]
    return frozenset[str].intersection(*found) if found else frozenset()


def _requirement(written: str) -> Listed | None:
    try:
        parsed = Requirement(written)
    except InvalidRequirement:
        named = re.match(r"\s*([A-Za-z0-9][\w.-]*)", written)
        return named and Listed(key=written, name=canonicalize_name(named[1]))
    return Listed(
        key=written,
        name=canonicalize_name(parsed.name),
        extras=frozenset(parsed.extras),
    )


def _as_written(requirement: Requirement, entry: Listed) -> str:
    """Return the entry with its extras, the rest as it was written."""
    head = re.match(r"\s*[A-Za-z0-9][\w.-]*\s*(?:\[[^\]]*\])?", entry.key)
    rest = entry.key[head.end() :] if head else ""
    return f"{requirement.name}[{','.join(sorted(requirement.extras))}]{rest}"


def _is_development(group: str) -> bool:
    return _DEVELOPMENT.search(group) is not None


def _table(holder: dict[str, Any], *keys: str) -> dict[str, Any]:
    for key in keys:
        inner = holder.get(key)
        holder = cast("dict[str, Any]", inner) if isinstance(inner, dict) else {}
    return holder


def _at(document: Any, keys: tuple[str, ...]) -> Any:  # noqa: ANN401 - TOML of any kind
    for key in keys:
        document = document[key]
    return document


def _read(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def _expected(text: str, change: Callable[[Any], object]) -> dict[str, Any]:
    document = tomllib.loads(text)
    change(document)
    return document


def _same(text: str, wanted: dict[str, Any], keys: tuple[str, ...]) -> bool:
    """Return True if the text holds what is wanted; an array's order is its own."""
    found = _read(text)
    if found is None:
        return False
    for document in (found, wanted):
        held = _at(document, keys)
        if isinstance(held, list):
            held.sort(key=str)
    return found == wanted


def _rewritten(
    text: str, change: Callable[[Any], object], meant: Callable[[Any], object]
) -> str | None:
    """Change the document with its formatting kept, and read it again."""
    try:
        wanted = _expected(text, meant)
        document = tomlkit.parse(text)
        change(document)
        after = tomlkit.dumps(document)
    except (TOMLKitError, KeyError, ValueError, TypeError, AttributeError):
        return None
    if "\r\n" in text:
        after = re.sub(r"(?<!\r)\n", "\r\n", after)
    return after if _read(after) == wanted else None
