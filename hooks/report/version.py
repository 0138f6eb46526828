"""Which release of a package is installed: of the command itself, or of Copier."""

from __future__ import annotations

from importlib import metadata


def version(package: str = "copier-better-auth") -> str:
    """Return the release; "" where it is not installed, as when Copier runs it."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
