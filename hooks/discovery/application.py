"""One FastAPI application, or a function that makes one, as discovery sees it."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..model import Evidence
from .sources import dotted_name


@dataclass(kw_only=True)
class Application:
    """One application object, or a factory where nothing else makes one."""

    file: str
    attr: str
    line: int
    is_factory: bool = False
    import_root: str = "."
    backend_dir: str = "."
    started: int = 0
    started_at_root: bool = False
    placed: bool = False
    routers: int = 0
    mounted: bool = False
    called: bool = False
    routes: int = 0
    # The same application, in the module that makes it and that this one adds to.
    completes: Application | None = None
    pointers: list[str] = field(default_factory=list[str])
    evidence: list[Evidence] = field(default_factory=list[Evidence])

    @property
    def module(self) -> str:
        """The dotted module that a server is given."""
        return dotted_name(self.import_root, self.file)

    @property
    def reason(self) -> str:
        """Why it is a candidate, in a few words."""
        if self.started:
            return "a start command names it"
        return f"includes {self.routers} routers" if self.routers else "made in code"
