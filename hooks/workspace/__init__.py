"""The only package that writes to the user's repository: all or nothing, and back."""

from .state_folder import STATE_FOLDER
from .transaction import Workspace

__all__ = ["STATE_FOLDER", "Workspace"]
