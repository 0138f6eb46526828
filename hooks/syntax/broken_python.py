"""Where a file is not Python."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from .python import descendants, line

if TYPE_CHECKING:
    from .python import Module


def unreadable_line(module: Module) -> int:
    """Return the line where a file is not Python, 0 where all of it is.

    Two readers must agree: each knows syntax that the other may not.
    """
    if not module.has_errors:
        return 0
    try:
        ast.parse(module.source)
    except (SyntaxError, ValueError) as error:
        node = next((n for n in descendants(module.tree) if n.is_error), module.tree)
        return getattr(error, "lineno", None) or line(node)
    except (RecursionError, MemoryError):
        return 0
    return 0
