"""Find the FastAPI applications, and which one is started."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..model import AppCandidate, Confidence
from ..repository.paths import above, join
from ..syntax.python import (
    arguments,
    assignments_of,
    body_statements,
    callee,
    calls,
    line,
    name_of,
    text,
)
from .application import Application
from .completed_applications import completed, each_once
from .import_roots import place
from .kept_applications import KeptApplications, imported_from
from .manifest import read_toml
from .start_commands import read_start_commands

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tree_sitter import Node

    from ..syntax.python import Assignment, Module
    from ..syntax.python_imports import Import
    from .sources import Sources

_SUBCLASS = re.compile(r"(?m)^class[ \t]+\w{1,99}\([^()\n]{0,199}FastAPI")
# A copy that was put aside next to the application.
_COPY = re.compile(
    r"(?i)(^|_)(old|copy|backup|bak|orig|draft|tmp|temp|scratch|test)\d*$|_\d+$"
)


def find_applications(sources: Sources) -> list[Application]:
    """Return every application, the likeliest first."""
    found = collect(sources)
    for application in found:
        place(sources, application)
    _count_routers(sources, found)
    read_start_commands(sources, found)
    found = each_once(sources, found)
    found = [
        a for a in found if a.started or not (a.mounted or (a.is_factory and a.called))
    ]
    found = [a for a in found if a.started or not _is_published(sources, a)]
    found.sort(key=_rank)
    return found


def _is_published(sources: Sources, application: Application) -> bool:
    """Return True for a library's own application: an example, or without routes.

    Classifiers alone say little: Hatch writes them into every new project.
    """
    if application.routers:
        return False
    for folder in ("example", "examples"):
        for name in sources.repository.below(folder):
            shown = sources.repository.text(name) if name.endswith(".py") else None
            if "FastAPI(" in (shown or "") and name != application.file:
                return True
    for folder in above(application.backend_dir):
        manifest = read_toml(sources.repository, join(folder, "pyproject.toml"))
        if manifest is not None:
            tables = [manifest.get("project"), manifest.get("tool")]
            tool = tables[1] if isinstance(tables[1], dict) else {}
            named = [tables[0], tool.get("poetry")]
            return any(isinstance(t, dict) and "classifiers" in t for t in named)
    return False


def candidate(application: Application) -> AppCandidate:
    """Return what the report and the questions say of an application."""
    return AppCandidate(
        module=application.module,
        attr=application.attr,
        backend_dir=application.backend_dir,
        reason=application.reason,
    )


def confidence(application: Application, found: Sequence[Application]) -> Confidence:
    """Return how sure the choice is: certain where it alone is started by a file."""
    started = [one for one in found if one.started]
    return Confidence.CERTAIN if started == [application] else Confidence.LIKELY


def _rank(application: Application) -> tuple[object, ...]:
    main = PurePosixPath(application.file).stem not in {"main", "app", "server"}
    return (
        -application.started,
        application.is_factory,
        _COPY.search(PurePosixPath(application.file).stem) is not None,
        -min(application.routers, 50),
        main,
        application.file.count("/"),
        application.file,
    )


def collect(sources: Sources) -> list[Application]:
    """Return every application that a server could be given, in no order."""
    factories: dict[tuple[str, str], int] = {}
    unserved: set[tuple[str, str]] = set()
    found: list[Application] = []
    named = _named_in_files(sources)
    for name, classes in named.items():
        module = sources.module(name)
        for function in module.functions():
            if _returns_application(function, classes):
                factories[name, name_of(function)] = line(function)
                if _needs_arguments(function):
                    unserved.add((name, name_of(function)))
        unserved |= {
            (name, maker) for maker in _completed_by_another(module, factories)
        }
        found += [
            Application(file=name, attr=assignment.target, line=line(statement))
            for statement in module.top_level
            for assignment in assignments_of(statement)
            if _is_made(assignment, classes)
        ]
    kept = KeptApplications(sources, named, {function for _, function in factories})
    for name, maker, where in kept.factories():
        factories.setdefault((name, maker), where)
    made = _made_by_factories(sources, factories)
    found += [*made, *kept.applications()]
    used = {(a.file, a.attr) for a in found}
    called = set(_origins(sources, factories))
    for (name, maker), where in factories.items():
        factory = Application(file=name, attr=maker, line=where, is_factory=True)
        # Only a start command that names it makes such a factory the way in.
        factory.called = (name, maker) in called | unserved or any(
            file == name for file, _ in used
        )
        found.append(factory)
    unique: dict[tuple[str, str], Application] = {}
    for application in found:
        if application.attr.isidentifier():
            unique.setdefault((application.file, application.attr), application)
    return [*completed(sources, unique)]


def _named_in_files(sources: Sources) -> dict[str, set[str]]:
    """Return what FastAPI is called in each file, the project's subclasses included."""
    named = {
        name: fastapi_names(sources, name) for name in sources.mentioning("FastAPI")
    }
    subclasses = {
        (name, name_of(definition))
        for name, classes in named.items()
        if _SUBCLASS.search(sources.repository.text(name) or "")
        for definition in sources.module(name).classes()
        if name_of(definition) in classes
    }
    words = {name for _, name in subclasses}
    for name in sources.mentioning(*words) if words else ():
        for found in sources.module(name).imports:
            if found.name in words and (
                (imported_from(sources, name, found), found.name) in subclasses
            ):
                named.setdefault(name, set()).add(found.alias)
    return named


def _is_made(assignment: Assignment, classes: set[str]) -> bool:
    """Return True for ``app = FastAPI()`` and ``app: FastAPI = container.app()``."""
    value = assignment.value
    if value.type == "call" and callee(value) in classes:
        return True
    annotated = value.parent and text(value.parent.child_by_field_name("type"))
    return annotated in classes and value.type in {"call", "attribute"}


def fastapi_names(sources: Sources, name: str) -> set[str]:
    """Return what a module calls FastAPI, its subclasses in the same file included."""
    module = sources.module(name)
    names = {
        found.alias
        for found in module.imports
        if found.name == "FastAPI" and not found.level
    }
    names |= {
        f"{found.alias}.FastAPI"
        for found in module.imports
        if found.module in {"fastapi", "fastapi.applications"} and not found.name
    }
    for definition in module.classes():
        bases = definition.child_by_field_name("superclasses")
        if bases is not None and any(text(b) in names for b in bases.named_children):
            names.add(name_of(definition))
    return names


def _returns_application(function: Node, classes: set[str]) -> bool:
    annotated = text(function.child_by_field_name("return_type"))
    statements = list(body_statements(function))
    made = {
        a.target
        for s in statements
        for a in assignments_of(s)
        if a.value.type == "call" and callee(a.value) in classes
    }
    for statement in statements:
        if statement.type != "return_statement" or not statement.named_children:
            continue
        value = statement.named_children[0]
        if text(value) in made:
            return True
        if value.type == "call" and callee(value) in classes:
            return True
        if annotated in classes:
            return True
    return False


def _completed_by_another(
    module: Module, factories: Mapping[tuple[str, str], int]
) -> Iterator[str]:
    """Yield the functions that another one calls which makes the application."""
    names = {maker for _, maker in factories}
    made = {name_of(f): f for f in module.functions() if name_of(f) in names}
    for name, function in made.items() if len(made) > 1 else ():
        inside = {callee(call) for call in calls(function)} & {*made} - {name}
        yield from inside


def _needs_arguments(function: Node) -> bool:
    """Return True if a server, which calls it without any, cannot make it work."""
    parameters = function.child_by_field_name("parameters")
    return any(
        one.type == "identifier"
        or (one.type == "typed_parameter" and not text(one).startswith("*"))
        for one in (parameters.named_children if parameters is not None else ())
    )


def _made_by_factories(
    sources: Sources, factories: Mapping[tuple[str, str], int]
) -> list[Application]:
    """Find ``app = create_app()`` wherever the function can be followed to."""
    found: list[Application] = []
    names = {function for _, function in factories}
    if not names:
        return found
    for name in sources.mentioning(*(f"{function}(" for function in names)):
        module = sources.module(name)
        local = {f for n, f in factories if n == name}
        imported = {
            i.alias
            for i in module.imports
            if i.name in names and not _makes_another(sources, factories, name, i)
        }
        for statement in module.top_level:
            for assignment in assignments_of(statement):
                value = assignment.value
                if value.type == "call" and callee(value) in local | imported:
                    found.append(
                        Application(
                            file=name, attr=assignment.target, line=line(statement)
                        )
                    )
    return found


def _makes_another(
    sources: Sources,
    factories: Mapping[tuple[str, str], int],
    importer: str,
    found: Import,
) -> bool:
    """Return True if an imported function of that name certainly makes no FastAPI."""
    file = imported_from(sources, importer, found)
    if file is None or (file, found.name) in factories:
        return False
    return any(name_of(f) == found.name for f in sources.module(file).functions())


def _origins(
    sources: Sources, factories: Mapping[tuple[str, str], int]
) -> Iterator[tuple[str, str]]:
    names = {function for _, function in factories}
    for application in _made_by_factories(sources, factories):
        for call in sources.module(application.file).nodes("call"):
            if callee(call) in names:
                yield from (key for key in factories if key[1] == callee(call))


def _count_routers(sources: Sources, found: list[Application]) -> None:
    made: dict[str, list[Node]] = {}
    for application in found:
        if application.file not in made:
            made[application.file] = sources.module(application.file).nodes("call")
        called = made[application.file]
        application.routers = sum(
            callee(call).endswith((".include_router", ".mount", ".add_api_route"))
            or callee(call).startswith(f"{application.attr}.")
            for call in called
        )
        if not any(callee(call).endswith(".mount") for call in called):
            continue
        for other in found:
            if other is not application and _mounts(sources, application, other):
                other.mounted = True


def _mounts(sources: Sources, outer: Application, inner: Application) -> bool:
    module = sources.module(outer.file)
    names = (
        {inner.attr}
        if inner.file == outer.file
        else {
            found.alias
            for found in module.imports
            if found.name == inner.attr
            and sources.resolve(outer.import_root, outer.file, found) == inner.file
        }
    )
    for call in module.nodes("call"):
        if callee(call) == f"{outer.attr}.mount":
            positional, keywords = arguments(call)
            values = [text(node) for node in (*positional, *keywords.values())]
            if names & set(values):
                return True
    return False
