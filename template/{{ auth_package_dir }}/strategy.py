"""What every way of recognising a caller has in common."""

from typing import Protocol

from .models import Session


class Strategy(Protocol):
    """Turns a credential into the session that it stands for."""

    async def find(self, credential: str) -> Session | None:
        """Return the session, or None for a credential that is worth nothing.

        Raises AuthUnavailable where that cannot be known right now.
        """

    async def close(self) -> None:
        """Give back what it holds open; the application stops."""
