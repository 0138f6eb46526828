"""Find the metadata that Alembic compares with the database: what ``env.py`` names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model import Confidence, Evidence, Fact
from ..syntax.python import line, text
from .sources import dotted_name

if TYPE_CHECKING:
    from ..syntax.python import Assignment
    from .sources import Sources


_NAMED = re.compile(r"\[?\s{0,9}([\w.]{1,99})\.metadata\s{0,9}[\],]?")


def metadata_of_alembic(
    sources: Sources, import_root: str, env: str | None
) -> Fact[str]:
    """Return the base whose metadata ``env.py`` names, the first of several."""
    given = _given(sources, env)
    if given is None:
        return Fact()
    path, assignment = given
    named = _NAMED.match(text(assignment.value))
    name = named[1] if named else text(assignment.value)
    first, _, last = name.rpartition(".")
    for found in sources.module(path).imports:
        if found.alias != (first or name) or found.level:
            continue
        module = (
            f"{found.module}.{found.name}" if first and found.name else found.module
        )
        wanted = last if first else found.name
        is_known = sources.module_file(import_root, module) or module == "sqlmodel"
        if is_known and wanted:
            why = "is what Alembic compares"
            module = _definer(sources, import_root, module, wanted)
            return Fact(
                value=f"{module}:{wanted}",
                confidence=Confidence.LIKELY,
                evidence=(Evidence(path=path, line=line(assignment.node), why=why),),
            )
    return Fact()


def _definer(sources: Sources, import_root: str, module: str, name: str) -> str:
    """Return the module that a package passes the name on from."""
    for _ in range(3):
        file = sources.module_file(import_root, module)
        if file is None:
            break
        imports = sources.module(file).imports
        found = next((i for i in imports if i.alias == i.name == name), None)
        if found is None:
            break
        origin = sources.resolve(import_root, file, found)
        if origin is None and not found.level:
            return found.module  # a library's own
        if origin is None or origin == file:
            break
        module = dotted_name(import_root, origin)
    return module


def find_target_metadata(sources: Sources, env: str | None) -> Fact[str]:
    """Return ``module:name`` of the object, or of the class that has it."""
    given = _given(sources, env)
    if given is None:
        return Fact()
    path, assignment = given
    name = text(assignment.value).removesuffix(".metadata")
    imports = sources.module(path).imports
    found = next((i for i in imports if i.alias == name and i.name), None)
    if found is None or found.level:
        return Fact()
    why = "is what Alembic compares"
    return Fact(
        value=f"{found.module}:{found.name}",
        confidence=Confidence.CERTAIN,
        evidence=(Evidence(path=path, line=line(assignment.node), why=why),),
    )


def _given(sources: Sources, env: str | None) -> tuple[str, Assignment] | None:
    """Return ``env.py``, and the only place there that says what is compared."""
    if env is None:
        return None
    given = [
        found
        for found in sources.module(env).assignments()
        if found.target == "target_metadata"
    ]
    return (env, given[0]) if len(given) == 1 else None
