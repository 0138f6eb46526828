"""Find what models and tables are declared on: a base class, or a bare MetaData."""

from __future__ import annotations

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


def find_metadata(  # noqa: PLR0913, PLR0917 - what is known by then
    sources: Sources,
    files: list[str],
    application: Application,
    loaded: Loaded,
    layer: str | None,
    package: str | None,
) -> Fact[str]:
    """Return the base class of the models, else the bare metadata of the tables."""
    if package in {"databases", "ormar"}:
        return _bare(sources, files, application, loaded)
    if layer is None or not layer.startswith(("sqlalchemy", "sqlmodel")):
        return Fact()
    found = list(_bases(sources, files))
    if found:
        importers = Importers(sources, files)
        found.sort(
            key=lambda f: (
                f[0] not in loaded,
                -importers.count(f[0], f[2]),
                f[0].count("/"),
                f[0],
            )
        )
        name, number, target = found[0]
        if layer.startswith("sqlmodel") and not importers.count(name, target):
            return Fact(value="sqlmodel:SQLModel", confidence=Confidence.LIKELY)
        return Fact(
            value=symbol(application.import_root, name, target),
            confidence=Confidence.CERTAIN if len(found) == 1 else Confidence.LIKELY,
            evidence=(Evidence(path=name, line=number, why="declares the base"),),
        )
    if layer.startswith("sqlmodel"):
        return Fact(value="sqlmodel:SQLModel", confidence=Confidence.CERTAIN)
    return _bare(sources, files, application, loaded)


def _bare(
    sources: Sources, files: list[str], application: Application, loaded: Loaded
) -> Fact[str]:
    """Return the metadata that most modules with tables import."""
    importers = Importers(sources, files)
    found = [
        (name not in loaded, -importers.count(name, a.target), name, line(a.node), a)
        for name in files
        if "MetaData(" in (sources.repository.text(name) or "")
        for a in sources.module(name).assignments()
        if callee(a.value).rpartition(".")[2] == "MetaData"
    ]
    if not found:
        return Fact()
    *_, name, number, made = min(found, key=lambda one: one[:4])
    return Fact(
        value=symbol(application.import_root, name, made.target),
        confidence=Confidence.LIKELY,
        evidence=(Evidence(path=name, line=number, why="holds the tables"),),
    )


def _bases(sources: Sources, files: list[str]) -> Iterator[tuple[str, int, str]]:
    declaring = {"DeclarativeBase", "DeclarativeBaseNoMeta"}
    making = {"declarative_base", "generate_base", "as_declarative"}
    for name in files:
        source = sources.repository.text(name) or ""
        if not any(word in source for word in (*declaring, *making)):
            continue
        module = sources.module(name)
        for definition in module.classes():
            bases = definition.child_by_field_name("superclasses")
            by_class = bases is not None and any(
                text(b).rpartition(".")[2] in declaring for b in bases.named_children
            )
            if by_class or _is_decorated(definition):
                yield name, line(definition), name_of(definition)
        for assignment in module.assignments():
            if callee(assignment.value).rpartition(".")[2] in making:
                yield name, line(assignment.node), assignment.target


def _is_decorated(definition: Node) -> bool:
    """Return True for ``@as_declarative()``, and ``@registry.as_declarative_base``."""
    above = definition.parent
    return (
        above is not None
        and above.type == "decorated_definition"
        and any(
            "as_declarative" in text(child)
            for child in above.children
            if child.type == "decorator"
        )
    )
