"""Find the metadata that Alembic compares with the database: what ``env.py`` names."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..model import Confidence, Evidence, Fact
from ..syntax.python import line, text

if TYPE_CHECKING:
    from .sources import Sources


def find_target_metadata(sources: Sources, versions_dir: str | None) -> Fact[str]:
    """Return ``module:name`` of the object, or of the class that has it."""
    if versions_dir is None:
        return Fact()
    path = str(PurePosixPath(versions_dir).parent / "env.py")
    if path not in sources.repository.file_set:
        return Fact()
    module = sources.module(path)
    given = [a for a in module.assignments() if a.target == "target_metadata"]
    if len(given) != 1:
        return Fact()
    name = text(given[0].value).removesuffix(".metadata")
    found = next((i for i in module.imports if i.alias == name and i.name), None)
    if found is None or found.level:
        return Fact()
    why = "is what Alembic compares"
    return Fact(
        value=f"{found.module}:{found.name}",
        confidence=Confidence.CERTAIN,
        evidence=(Evidence(path=path, line=line(given[0].node), why=why),),
    )
