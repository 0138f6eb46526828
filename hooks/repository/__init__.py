"""The user's repository, read and never run: its files, git, and its Python."""

from .files import Repository

__all__ = ["Repository"]
