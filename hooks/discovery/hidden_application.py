"""An application that exists and that no server can be given.

It is made inside a function that keeps it, or in a class::

    def main():
        app = FastAPI()
        uvicorn.run(app)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Evidence, Fact
from ..syntax.python import callee, line
from .applications import collect, fastapi_names

if TYPE_CHECKING:
    from .sources import Sources


def find_hidden_application(sources: Sources) -> Fact[str]:
    """Return no value, and as its problem where such an application is made."""
    if any(not (one.is_factory and one.called) for one in collect(sources)):
        return Fact()
    for name in sources.mentioning("FastAPI"):
        classes = fastapi_names(sources, name)
        for call in sources.module(name).nodes("call"):
            if callee(call) in classes:
                why = "makes the application where no server can import it from"
                made = Evidence(path=name, line=line(call), why=why)
                return Fact(problem=str(made), evidence=(made,))
    return Fact()
