"""Find what handlers are given to reach the database: a function, or a method.

It yields a session, a connection or a pool, or returns the one that the application
keeps in its state; or it makes such functions: ``Depends(get_repository(Users))``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..model import Confidence, Evidence, Fact
from ..syntax.python import callee, line, name_of, text
from .engines import Importers
from .sources import symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ..fastapi_code.import_graph import Loaded
    from .application import Application
    from .sources import Sources

_DEPENDS = re.compile(r"Depends\(\s{0,99}([\w.]+)")
_OWN_DEPENDENCY = re.compile(r"=\s{0,99}(\w{1,99}Dep(?:endency)?)\(")
# What a name stands for that handlers annotate their sessions with.
_ALIAS = re.compile(
    r"(?m)^(\w{1,99})\s{0,9}(?::[^=\n]{1,99})?=\s{0,9}Annotated\["
    r"(?:[^=\n]|\n(?=[ \t])){0,200}?\bDepends\(\s{0,99}([\w.]{1,199})"
)
_ANNOTATED = re.compile(r":\s{0,9}(\w{1,99})")
# A session for something else than what most handlers do.
_SPECIAL = re.compile(r"(?i)transaction|read_?only|replica|background|worker")
_INNER = re.compile(
    r"(?m)^[ \t]+(?:(?:async )?def (?P<defined>\w+)\(|return (?P<returned>\w+))"
)
_DEFINED = re.compile(r"\bdef[ \t]+(\w+)")
_SESSION = re.compile(r"[Ss]ession|[Pp]ool|connection|acquire|yield db")
_CONNECTS = re.compile(r"(?i)session|connection|pool|database|\bdb\b|engine|\bany\b")
_RETURNS = re.compile(r"^[\"']?(?:\w+\.)?(?:Async)?(?:Session|Connection|Pool)\b")
_NAMES = ("Session", "Connection", "Pool")
_ANNOTATED_SO = re.compile(
    r"->\s{0,9}[\"']?(?:\w{1,60}\.)?(?:Async)?(?:Session|Connection|Pool)\b"
)
_KEPT = re.compile(
    r"\breturn\s{1,9}\w{1,40}\.(?:app\.)?state\.\w{0,40}(?:db|session|pool|conn)\w{0,40}\s"
)
_MAKES = re.compile(r"\b(?:async_)?(?:sessionmaker|scoped_session)\(")
_METHOD = re.compile(r"(?i)session|get_db|connection|conn\b|pool")


@dataclass(frozen=True, kw_only=True)
class _Found:
    """One thing that handlers are given; ``is_other`` where it is no plain session."""

    file: str
    name: str
    line: int
    uses: int
    is_other: bool


def find_session(
    sources: Sources, files: list[str], application: Application, loaded: Loaded
) -> Fact[str]:
    """Return the function, or the object with the method, that most handlers use."""
    uses, aliases = _uses(sources, files)
    called = {name.rpartition(".")[2]: 0 for name in uses}
    for name, number in uses.items():
        called[name.rpartition(".")[2]] += number
    found = [*_functions(sources, files, called), *_objects(sources, files, uses)]
    found = found or [*_makers(sources, files)]
    if not found:
        return Fact()
    if len(found) > 1:
        found = _with_aliases(sources, found, aliases)
    importers = Importers(sources, files)

    def rank(one: _Found) -> tuple[object, ...]:
        by_use = (-one.uses, -importers.count(one.file, one.name))
        place = (one.file.count("/"), one.file, one.line)
        return (one.file not in loaded, one.is_other, *by_use, *place)

    best = min(found, key=rank)
    why = "handlers depend on it" if best.uses else "sessions are made of it"
    return Fact(
        value=symbol(application.import_root, best.file, best.name),
        confidence=Confidence.LIKELY,
        evidence=(Evidence(path=best.file, line=best.line, why=why),),
    )


def _uses(sources: Sources, files: list[str]) -> tuple[dict[str, int], dict[str, str]]:
    """Count how often each dependency is named; return the names for some, too."""
    uses: dict[str, int] = {}
    aliases: dict[str, str] = {}
    for name in files:
        source = sources.repository.text(name) or ""
        if "Dep" not in source:
            continue
        used = (*_DEPENDS.findall(source), *_OWN_DEPENDENCY.findall(source))
        for one in used:
            uses[one] = uses.get(one, 0) + 1
        if "Annotated[" in source:
            aliases |= dict(_ALIAS.findall(source))
    return uses, aliases


def _with_aliases(
    sources: Sources, found: list[_Found], aliases: dict[str, str]
) -> list[_Found]:
    """Add how often each is used by another name: ``session: SessionDep``."""
    names = {one.name for one in found}
    meant = {alias: used.rpartition(".")[2] for alias, used in aliases.items()}
    meant = {alias: used for alias, used in meant.items() if used in names}
    more = dict.fromkeys(names, 0)
    for name in sources.mentioning(*meant) if meant else ():
        for word in _ANNOTATED.findall(sources.repository.text(name) or ""):
            if word in meant:
                more[meant[word]] += 1
    return [replace(one, uses=one.uses + more[one.name]) for one in found]


def _functions(
    sources: Sources, files: list[str], uses: dict[str, int]
) -> Iterator[_Found]:
    giving = [
        (name, name_of(function))
        for name in files
        if _may_give(sources.repository.text(name) or "")
        for function in sources.module(name).functions()
        if _gives_session(function)
    ]
    sessions = {function for _, function in giving}
    for name in files:
        if not uses.keys() & {*_DEFINED.findall(sources.repository.text(name) or "")}:
            continue
        for function in sources.module(name).functions():
            called, body = name_of(function), text(function)
            decorated = function.parent is not None and (
                function.parent.type == "decorated_definition"
            )
            depends = called in sessions or _makes_dependency(body, sessions)
            if uses.get(called) and depends and not decorated:
                yield _Found(
                    file=name,
                    name=called,
                    line=line(function),
                    uses=uses[called],
                    is_other=_gives_another(function) or bool(_SPECIAL.search(called)),
                )


def _objects(
    sources: Sources, files: list[str], uses: dict[str, int]
) -> Iterator[_Found]:
    """Yield objects and classes with the method: ``Depends(database.get_session)``."""
    methods: dict[str, int] = {}
    for used, number in uses.items():
        owner, _, method = used.rpartition(".")
        if owner.isidentifier() and _METHOD.search(method):
            methods[owner] = methods.get(owner, 0) + number
    for name in files if methods else ():
        content = sources.repository.text(name) or ""
        if not any(owner in content for owner in methods):
            continue
        module = sources.module(name)
        places = [
            (assignment.target, assignment.node)
            for assignment in module.assignments()
            if assignment.value.type == "call" and callee(assignment.value)
        ]
        places += [
            (name_of(definition), definition)
            for definition in module.classes()
            if _SESSION.search(text(definition))
        ]
        for owner, node in places:
            if owner in methods:
                yield _Found(
                    file=name,
                    name=owner,
                    line=line(node),
                    uses=methods[owner],
                    is_other=False,
                )


def _makers(sources: Sources, files: list[str]) -> Iterator[_Found]:
    """Yield what makes sessions, or is one for each task, where others import it."""
    importers = Importers(sources, files)
    for name in files:
        if not _MAKES.search(sources.repository.text(name) or ""):
            continue
        for assignment in sources.module(name).assignments():
            target, value = assignment.target, assignment.value
            if value.type != "call" or not target.isidentifier():
                continue
            called = f"{callee(value)}("
            if _MAKES.match(called.rpartition(".")[2]) and importers.count(
                name, target
            ):
                yield _Found(
                    file=name,
                    name=target,
                    line=line(assignment.node),
                    uses=0,
                    is_other=not callee(value).endswith("scoped_session"),
                )


def _gives_another(function: Node) -> bool:
    """Return True if what a function yields is no session by its own annotation."""
    annotated = text(function.child_by_field_name("return_type"))
    return "[" in annotated and _CONNECTS.search(annotated) is None


def _may_give(source: str) -> bool:
    """Return True if a function there may give a session; others need no parsing."""
    if "yield" in source and _SESSION.search(source):
        return True
    if any(word in source for word in _NAMES) and _ANNOTATED_SO.search(source):
        return True
    return "state." in source and _KEPT.search(source) is not None


def _gives_session(function: Node) -> bool:
    body = text(function)
    if "yield" in body:
        return _SESSION.search(body) is not None
    annotated = text(function.child_by_field_name("return_type"))
    return (
        _RETURNS.search(annotated) is not None or _KEPT.search(f"{body}\n") is not None
    )


def _makes_dependency(body: str, sessions: set[str]) -> bool:
    """Return True if a function returns a dependency: ``Depends(get_repo(Users))``."""
    if re.search(r"return\s{1,99}(?:params\.)?Depends\(", body):
        return "session" in body.lower()
    defined: set[str] = set()
    for found in _INNER.finditer(body):
        if found["returned"] in defined:
            used = re.findall(r"Depends\(\s{0,99}(\w+)", body)
            return any(name in sessions for name in used)
        defined.add(found["defined"])
    return False
