"""BA001: the auth server must be an ES module."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from ..syntax.python import line
from ..syntax.typescript import entry_of, string_value
from ._check import Broken, Check, problem, repairable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ..model import Finding
    from ..syntax.typescript import Json, Script
    from ._project import Project

# With these TypeScript writes ES modules that Node itself can resolve.
_MODULES = {"nodenext", "node16", "node18", "node20"}
_RESOLUTIONS = {"nodenext", "node16"}
_ENDINGS = (".js", ".mjs", ".cjs", ".json", ".node", ".css", ".ts", ".mts")


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
        Broken(
            title='no "type": "module"',
            path="{server}/package.json",
            before='"type": "module",',
            fixed=True,
        ),
        Broken(
            title='"type": "commonjs"',
            path="{server}/package.json",
            before='"type": "module"',
            after='"type": "commonjs"',
            fixed=True,
        ),
        Broken(
            title="package.json with a conflict's marks",
            path="{server}/package.json",
            before='"private": true,',
            after='<<<<<<< HEAD\n  "private": true,',
        ),
        Broken(
            title="TypeScript compiles to CommonJS",
            path="{server}/tsconfig.json",
            before='"module": "nodenext"',
            after='"module": "commonjs"',
            fixed=True,
        ),
        Broken(
            title="a resolution that Node does not have",
            path="{server}/tsconfig.json",
            before='"module": "nodenext",',
            after='"module": "nodenext",\n    "moduleResolution": "bundler",',
            fixed=True,
        ),
        Broken(
            title="its own build to CommonJS",
            path="{server}/tsconfig.build.json",
            before='"rootDir": "src",',
            after='"module": "commonjs", // for now\n    "rootDir": "src",',
            fixed=True,
        ),
        Broken(
            title="an import without its ending",
            path="{server}/src/app.ts",
            before='"./auth/auth.config.js"',
            after='"./auth/auth.config"',
            fixed=True,
        ),
        Broken(
            title="require of better-auth",
            path="{server}/src/extra.ts",
            after='const { betterAuth } = require("better-auth");\n',
        ),
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Read the manifest, the compiler's settings and every import."""
        yield from _manifest(project)
        for name in ("tsconfig.json", "tsconfig.build.json"):
            yield from _compiler(project, f"{project.server}/{name}")
        for path, script in project.scripts.items():
            yield from _imports(project, path, script)


def _manifest(project: Project) -> Iterator[Finding]:
    path = f"{project.server}/package.json"
    manifest = project.json(path)
    before = project.read(path)
    if manifest is None or before is None or manifest.root is None:
        message = "package.json is missing or no JSON"
        yield problem(message, path, remedy=f"restore it: git checkout {path}")
        return
    if manifest.value("type") == "module":
        return
    entry = entry_of(manifest.root, "type")
    value = None if entry is None else entry.child_by_field_name("value")
    yield repairable(
        '"type": "module" is missing from package.json',
        path,
        0,
        title='added "type": "module"',
        before=before,
        after=manifest.with_entry(manifest.root, '"type": "module"')
        if value is None
        else manifest.with_value(value, '"module"'),
    )


def _compiler(project: Project, path: str) -> Iterator[Finding]:
    settings, before = project.json(path), project.read(path)
    if settings is None or before is None:
        return
    if settings.root is None:
        message = f"{posixpath.basename(path)} is no JSON"
        yield problem(message, path, remedy=f"restore it: git checkout {path}")
        return
    for name, allowed in (("module", _MODULES), ("moduleResolution", _RESOLUTIONS)):
        given = settings.value("compilerOptions", name)
        if not isinstance(given, str) or given.lower() in allowed:
            continue
        node = _option(settings, name)
        yield repairable(
            f'"{name}": "{given}" does not give modules that Node runs',
            path,
            line(node),
            title=f'set "{name}": "nodenext" in {posixpath.basename(path)}',
            before=before,
            after=settings.with_value(node, '"nodenext"'),
        )


def _option(settings: Json, name: str) -> Node:
    entry = entry_of(settings.root, "compilerOptions")
    options = entry and entry.child_by_field_name("value")
    found = entry_of(options, name)
    value = found and found.child_by_field_name("value")
    if value is None:
        raise LookupError(name)
    return value


def _imports(project: Project, path: str, script: Script) -> Iterator[Finding]:
    folder = posixpath.dirname(path)
    for node in script.sources():
        given = string_value(node) or ""
        if not given.startswith(".") or given.endswith(_ENDINGS):
            continue
        target = posixpath.normpath(posixpath.join(folder, given))
        completed = _completed(project, target, given)
        message = f'the import "{given}" lacks its ending'
        if completed is None:
            yield problem(message, path, line(node), remedy="write it as ./file.js")
            continue
        yield repairable(
            message,
            path,
            line(node),
            title=f'completed the import "{completed}" in {posixpath.basename(path)}',
            before=script.source,
            after=script.replaced(node, f'"{completed}"'),
        )
    for call in script.calls("require"):
        yield problem(
            "require() in an ES module",
            path,
            line(call),
            remedy='import it: import name from "package"',
        )


def _completed(project: Project, target: str, given: str) -> str | None:
    if project.read(f"{target}.ts") is not None:
        return f"{given}.js"
    if project.read(f"{target}/index.ts") is not None:
        return f"{given.rstrip('/')}/index.js"
    return None
