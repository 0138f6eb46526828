"""What the template pins for Node, and the oldest Node and Python that will do."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# The complete package.json, and the lock that npm wrote for it.
PINNED = Path(__file__).with_name("npm")
_MANIFEST: Mapping[str, Any] = json.loads(
    (PINNED / "package.json").read_text(encoding="utf-8")
)
# Major and minor. Older ones have no util.parseEnv: the auth server does not start.
LOWEST_NODE = tuple(map(int, re.findall(r"\d+", _MANIFEST["engines"]["node"])[:2]))

# Of the auth package: its annotations are ``X | None``.
LOWEST_PYTHON = (3, 10)


def node_version() -> str:
    """Return the oldest Node that will do, as people write it: ``20.12``."""
    return ".".join(map(str, LOWEST_NODE))


def pinned_version(package: str) -> str:
    """Return the exact version of a package that the auth server gets."""
    return str(_MANIFEST["dependencies"][package])
