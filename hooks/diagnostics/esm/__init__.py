"""BA001: the auth server must be an ES module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._check import Check
from . import compiler_module, module_type, unresolved_imports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project


class Esm(Check):
    """better-auth is published as ES modules only.

    Without ``"type": "module"`` Node reads the auth server as CommonJS and stops with
    ERR_REQUIRE_ESM, on some platforms only after deployment. TypeScript must compile
    for Node's own resolution (``"module": "nodenext"``), and there every relative
    import names the file that will exist: ``./env.js``. The fix adds the line, sets
    the module, completes the imports.
    """

    code = "BA001"
    name = "esm"
    healthy = "the auth server is an ES module"
    proof = "package.json and tsconfig.json parsed, imports by syntax tree"
    example = '{ "type": "module" }'
    broken = (
        *module_type.BROKEN,
        *compiler_module.BROKEN,
        *unresolved_imports.BROKEN,
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Read the manifest, the compiler's settings and every import."""
        yield from module_type.find(project)
        yield from compiler_module.find(project)
        yield from unresolved_imports.find(project)
