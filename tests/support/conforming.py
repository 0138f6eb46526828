"""An application that recognises callers in several ways, each under its own path.

FastAPI reads the annotations below, so they must not be strings.
"""

import importlib
import logging
import os
from typing import Any

from fastapi import FastAPI

# The cache says when it begins to answer from memory.
logging.basicConfig(level=logging.INFO)
app = FastAPI()


def add(way: str, package: Any) -> None:  # noqa: ANN401 - rendered
    """Let a rendered package guard two routes."""
    app.include_router(package.router, prefix=f"/{way}")

    @app.get(f"/{way}/optional")
    async def optional(user: package.OptionalUser) -> dict[str, str | None]:
        return {"email": user.email if user else None}

    @app.post(f"/{way}/orders/{{number}}")
    async def order(
        user: package.CurrentUser, number: int, lines: list[str], note: str = ""
    ) -> dict[str, str | int]:
        line = ", ".join(lines)
        return {"by": user.email, "number": number, "lines": line, "note": note}


for name in os.environ["AUTH_PACKAGES"].split(","):
    add(name.rpartition("_")[2], importlib.import_module(name))
