"""The only package that writes to the user's repository: all or nothing, and back."""

from .transaction import Workspace
from .undoing import STATE_FOLDER, Undoing

__all__ = ["STATE_FOLDER", "Undoing", "Workspace"]
