"""What a diagnostic is: its documentation, its detection and, where it can, its fix."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Finding, Integration


class Check(ABC):
    """One diagnostic; the class's docstring says what, why, and how to fix."""

    code: ClassVar[str]
    name: ClassVar[str]
    healthy: ClassVar[str]

    @abstractmethod
    def detect(self, integration: Integration) -> Iterator[Finding]:
        """Yield every problem; reads, and changes nothing."""
