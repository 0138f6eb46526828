"""Metadata that is ``None``, so that Alembic compares with nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Status
from ...syntax.python import line, text
from .._check import Broken, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from ...syntax.python import Module

BROKEN = (
    Broken(
        title="metadata that is none",
        path="{backend}/migrations/env.py",
        before="target_metadata = SQLModel.metadata",
        after="target_metadata = None",
        severity=Status.WARN,
    ),
)


def find(path: str, module: Module) -> Iterator[Finding]:
    """Look at ``target_metadata``."""
    metadata = {a.target: a.value for a in module.assignments()}.get("target_metadata")
    if metadata is not None and text(metadata) == "None":
        yield warning(
            "target_metadata is None, so that autogenerate compares with nothing",
            path,
            line(metadata),
            remedy="target_metadata = Base.metadata (or SQLModel.metadata)",
        )
