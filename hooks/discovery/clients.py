"""Find what a handler is given where the database is reached without SQLAlchemy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model import Confidence, Evidence, Fact
from ..syntax.python import callee, name_of, text
from .engines import Importers
from .sources import dotted_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..syntax.python import Module
    from .application import Application
    from .sources import Sources

_OPENS = {
    "mongo": re.compile(r"\b(AsyncIOMotorClient|AsyncMongoClient|MongoClient)\("),
    "other": re.compile(r"\b(initialize_app|firestore\.(Async)?[Cc]lient)\("),
    "tortoise": re.compile(r"[\"']connections[\"']\s{0,99}:"),
}


def find_client(
    sources: Sources, files: list[str], application: Application, layer: str
) -> Fact[str]:
    """Return the object, or the function, that most modules import."""
    importers = Importers(sources, files)
    found = [
        (-importers.count(name, target), not is_object, name.count("/"), name, target)
        for name in files
        if _OPENS[layer].search(sources.repository.text(name) or "")
        for target, is_object in _candidates(sources.module(name), _OPENS[layer])
    ]
    if not found:
        return Fact()
    _, _, _, name, target = min(found)
    source = sources.repository.text(name) or ""
    number = source.count("\n", 0, source.find(target)) + 1
    return Fact(
        value=f"{dotted_name(application.import_root, name)}:{target}",
        confidence=Confidence.LIKELY,
        evidence=(Evidence(path=name, line=number, why="opens the database"),),
    )


def _candidates(module: Module, opens: re.Pattern[str]) -> Iterator[tuple[str, bool]]:
    """Yield names with whether they are objects, not functions."""
    classes = {name_of(node) for node in module.classes() if opens.search(text(node))}
    for assignment in module.assignments():
        made = callee(assignment.value) if assignment.value.type == "call" else ""
        if opens.search(text(assignment.value)) or made in classes:
            yield assignment.target, True
    for node in module.functions():
        if opens.search(text(node)):
            yield name_of(node), False
