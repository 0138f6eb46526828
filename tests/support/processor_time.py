"""Time that a busy machine does not lengthen: the processor's own."""

from __future__ import annotations

import resource


def of_children() -> float:
    """Return the seconds that processes started here have used and ended with."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
