"""Which release of the command this is."""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """Return the release; "" where the command is not installed but run by Copier."""
    try:
        return metadata.version("copier-better-auth")
    except metadata.PackageNotFoundError:
        return ""
