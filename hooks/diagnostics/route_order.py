"""BA002: what comes after better-auth's catch-all is never reached."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from ..rendering.commands import within
from ..syntax.express import ROUTES, base_path, mount_in, own_route
from ..syntax.python import descendants, line, text
from ..syntax.typescript import arguments, callee, parse_script, string_value
from ._check import Broken, Check, problem, repairable
from ._probe import ask_server, unasked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ..model import Finding
    from ..syntax.express import Mount
    from ..syntax.typescript import Script
    from ._project import Project

_OK, _NOT_FOUND = 200, 404
_DECLARATIONS = {
    "class_declaration",
    "lexical_declaration",
    "variable_declaration",
}
# Express 4's ways to say "anything" and "perhaps": a star without a name, a group, "?".
_OLD = re.compile(r"\*(?![A-Za-z_$\"])|\(\.\*\)|:\w+\?")


class RouteOrder(Check):
    """Express asks its routes in their order, and better-auth's catch-all answers all.

    A route of your own below ``/api/auth`` that is after it gets an empty 404.
    Since Express 5 a wildcard must have a name: ``"/api/auth/*"`` ends the server at
    its start. The fix moves your route, with its comments and with what it is made
    of, before the catch-all, and names the wildcard.
    """

    code = "BA002"
    name = "route-order"
    healthy = "every route of your own comes before better-auth's catch-all"
    proof = "routes in their order by syntax tree; the started server is asked for them"
    example = (
        'app.post("/api/auth/invite", invite);\n'
        'app.all("/api/auth/{*any}", toNodeHandler(auth));'
    )
    broken = (
        Broken(
            title="its own route after the catch-all",
            path="{server}/src/app.ts",
            before="export default app;",
            after=(
                "// Who invited whom.\n"
                'app.get("/api/auth/invites", (_request, response) => {\n'
                "  response.json([]);\n});\n\nexport default app;"
            ),
            fixed=True,
        ),
        Broken(
            title="its own router, with its routes, after the catch-all",
            path="{server}/src/app.ts",
            before="export default app;",
            after=(
                "const teams = express.Router();\n"
                'teams.get("/", (_request, response) => void response.json([]));\n'
                'app.use("/api/auth/teams", teams); // for the front end\n\n'
                "export default app;"
            ),
            fixed=True,
        ),
        Broken(
            title="Express 4's wildcard",
            path="{server}/src/app.ts",
            before='"/api/auth/{*any}"',
            after='"/api/auth/*"',
            fixed=True,
        ),
        Broken(
            title="a nameless wildcard for everything else",
            path="{server}/src/app.ts",
            before="export default app;",
            after=(
                'app.get("*", (_request, response) => void response.sendStatus(404));\n'
                "export default app;"
            ),
            fixed=True,
        ),
        Broken(
            title="Express 4's optional parameter",
            path="{server}/src/health.ts",
            before='"/healthz"',
            after='"/healthz/:part?"',
            fixed=True,
        ),
        Broken(
            title="no route to better-auth at all",
            path="{server}/src/app.ts",
            before='app.all("/api/auth/{*any}", toNodeHandler(auth));',
        ),
        Broken(title="no application at all", path="{server}/src/app.ts"),
        Broken(
            title="mounted at another path than better-auth answers",
            path="{server}/src/app.ts",
            before='app.all("/api/auth/{*any}"',
            after='app.all("/auth/{*any}"',
        ),
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Find the mount, what follows it, and paths that Express 5 refuses."""
        base = base_path(project.options[2] if project.options else None)
        mounts = [
            (path, script, mount)
            for path, script in project.scripts.items()
            if (mount := mount_in(script))
        ]
        if not any(project.read(path) for path in _sources(project)):
            yield problem(
                f"{project.server} has no source, so there is no auth server",
                f"{project.server}/src/app.ts",
                remedy=f"git checkout HEAD -- {project.server}",
            )
        elif not mounts and project.scripts:
            yield problem(
                "no route hands requests over to better-auth",
                f"{project.server}/src/app.ts",
                remedy=f'add: app.all("{base}/{{*any}}", toNodeHandler(auth));',
            )
        for path, script, mount in mounts:
            if not mount.path.startswith(base):
                yield problem(
                    f"better-auth answers below {base}, and is mounted at {mount.path}",
                    path,
                    line(mount.statement),
                    remedy=f'mount it at "{base}/{{*any}}", or set basePath',
                )
            yield from _late(path, script, mount, base)
        for path, script in project.scripts.items():
            yield from _outdated(path, script)

    def probe(self, project: Project) -> Iterator[Finding]:
        """Start the server, and ask it for what must be there."""
        server = ask_server(project)
        path = f"{project.server}/src/app.ts"
        if server.broken:
            yield problem(
                f"the auth server does not start: {server.broken}",
                f"{project.server}/src/server.ts",
                remedy=within(
                    project.server,
                    f"{project.answers.auth_node_package_manager} run dev",
                ),
            )
            return
        if server.reason:
            yield unasked(project, server.reason)
            return
        for asked, remedy in (
            (server.health, "put health's router before everything that may refuse"),
            (server.ok, "copier-better-auth doctor --check BA013"),
        ):
            if asked is not None and asked.status != _OK:
                answers = f"GET {asked.path} answers {asked.status}"
                yield problem(
                    f"the auth server runs, and {answers}", path, remedy=remedy
                )
        for asked in server.routes:
            if asked.status == _NOT_FOUND and asked.empty:
                yield problem(
                    f"{asked.method} {asked.path} gets better-auth's empty 404",
                    path,
                    remedy="move the route before better-auth's catch-all",
                )


def _sources(project: Project) -> list[str]:
    """Return every file that the auth server could be written in."""
    return project.below(project.server, ".ts", ".mts", ".cts", ".js", ".mjs", ".cjs")


def _late(path: str, script: Script, mount: Mount, base: str) -> Iterator[Finding]:
    index = mount.siblings.index(mount.statement)
    for statement in mount.siblings[index + 1 :]:
        own = own_route(statement, mount, base)
        if own is None:
            continue
        message = f"{own} comes after better-auth's catch-all, which answers first"
        after = _moved(script, mount, statement)
        if after is None:
            remedy = f"move it before line {line(mount.statement)}"
            yield problem(message, path, line(statement), remedy=remedy)
            continue
        yield repairable(
            message,
            path,
            line(statement),
            title=f"moved {own} before the catch-all",
            before=script.source,
            after=after,
        )


def _moved(script: Script, mount: Mount, route: Node) -> bytes | None:
    """Put a route, and what it needs, before the catch-all; comments go with them."""
    first, last = mount.siblings.index(mount.statement), mount.siblings.index(route)
    names, moving = _names(route), [route]
    for statement in reversed(mount.siblings[first + 1 : last]):
        if _belongs(statement, names - {mount.receiver}):
            moving.insert(0, statement)
            names |= _names(statement)
    source = script.source
    spans = [_span(source, mount.siblings, node) for node in moving]
    at = _span(source, mount.siblings, mount.statement)[0]
    block = b"".join(source[start:end] for start, end in spans)
    rest = source[at:]
    for start, end in reversed(spans):
        rest = rest[: start - at] + rest[end - at :]
    after = source[:at] + block + b"\n" + re.sub(rb"\n{3,}", b"\n\n", rest)
    broken = parse_script(after).tree.has_error
    return None if broken and not script.tree.has_error else after


def _belongs(statement: Node, names: set[str]) -> bool:
    """Return True if a statement declares one of ``names``, or adds to one."""
    if statement.type in _DECLARATIONS:
        declared = {
            text(child.child_by_field_name("name")) or text(child)
            for child in statement.named_children
        }
        return bool(declared & names)
    if statement.type != "expression_statement":
        return False
    call = statement.named_children[0]
    return call.type == "call_expression" and callee(call).partition(".")[0] in names


def _names(node: Node) -> set[str]:
    return {text(n) for n in descendants(node) if n.type == "identifier"}


def _span(source: bytes, siblings: list[Node], node: Node) -> tuple[int, int]:
    """Return the lines of a statement, with the comments right above and beside it."""
    index = siblings.index(node)
    first, last = node, node
    for sibling in reversed(siblings[:index]):
        touches = first.start_point[0] - sibling.end_point[0] == 1
        own_line = _begins_its_line(source, sibling)
        if sibling.type != "comment" or not touches or not own_line:
            break
        first = sibling
    for sibling in siblings[index + 1 :]:
        beside = sibling.start_point[0] == node.end_point[0]
        if not beside or sibling.type not in {"comment", ";"}:
            break
        last = sibling
    start = source.rfind(b"\n", 0, first.start_byte) + 1
    end = source.find(b"\n", last.end_byte)
    return start, len(source) if end < 0 else end + 1


def _begins_its_line(source: bytes, node: Node) -> bool:
    start = source.rfind(b"\n", 0, node.start_byte) + 1
    return not source[start : node.start_byte].strip()


def _outdated(path: str, script: Script) -> Iterator[Finding]:
    for node in script.nodes("call_expression"):
        receiver, _, method = callee(node).rpartition(".")
        given = next(iter(arguments(node)), None)
        route = string_value(given)
        if not receiver or method not in {*ROUTES, "route"} or given is None:
            continue
        if route is None or not (route == "*" or route.startswith("/")):
            continue
        if not _OLD.search(route):
            continue
        named = _in_express_5(route)
        yield repairable(
            f'Express 5 refuses the path "{route}", and the server stops',
            path,
            line(given),
            title=f'wrote "{named}" for "{route}" in {posixpath.basename(path)}',
            before=script.source,
            after=script.replaced(given, f'"{named}"'),
        )


def _in_express_5(route: str) -> str:
    named = re.sub(r"/:(\w+)\?", r"{/:\1}", route)
    named = re.sub(r"\(\.\*\)|\*(?![A-Za-z_$\"])", "{*any}", named)
    return named if named.startswith(("/", "{/")) else f"/{named}"
