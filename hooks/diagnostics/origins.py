"""BA010: one list of origins for better-auth, CORS and FastAPI."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..env.dotenv import replaced
from ..env.origins import is_origin, listed_origins
from ..model import Evidence, FileEdit, Finding, Fix, Plan
from ..syntax.python import arguments as python_arguments
from ..syntax.python import callee as python_callee
from ..syntax.python import calls as python_calls
from ..syntax.python import descendants, line, string_value, text
from ..syntax.typescript import arguments, callee, entry_of, is_open, literal, value_at
from ._check import FIX, Broken, Check, problem, repairable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ..syntax.typescript import Script
    from ._project import Project

_SOURCE = "env.CORS_ORIGINS"
_SWITCHES = ("disableCSRFCheck", "disableOriginCheck")


class Origins(Check):
    """better-auth, Express's CORS and FastAPI each have a list of trusted pages.

    Where they differ, one server lets a page in and the next refuses it, with 403
    INVALID_ORIGIN or with an error of CORS. All of them read ``CORS_ORIGINS``, in
    which each entry is an origin: scheme, host and port, no slash at the end. With
    credentials ``*`` is not allowed. Switching better-auth's own check off opens the
    session to every page on the web.
    """

    code = "BA010"
    name = "origins-parity"
    healthy = "every server trusts the same origins"
    proof = (
        "env files compared; trustedOrigins, cors() and CORSMiddleware by syntax tree"
    )
    example = "CORS_ORIGINS=https://app.example.com,https://admin.example.com"
    broken = (
        Broken(
            title="a slash at the end of an origin",
            path="{server}/.env",
            before="CORS_ORIGINS=http://localhost:3000",
            after="CORS_ORIGINS=http://localhost:3000/",
            fixed=True,
        ),
        Broken(
            title="an origin without its scheme",
            path="{server}/.env",
            before="CORS_ORIGINS=http://localhost:3000",
            after="CORS_ORIGINS=localhost:3000",
        ),
        Broken(
            title="a list of trusted origins of its own",
            path="{server}/src/auth/auth.config.ts",
            before="trustedOrigins: env.CORS_ORIGINS",
            after='trustedOrigins: ["http://localhost:5173"]',
            fixed=True,
        ),
        Broken(
            title="every page on the web may send credentials",
            path="{server}/src/app.ts",
            before="    origin: env.CORS_ORIGINS,\n",
            after='    origin: "*",\n',
            fixed=True,
        ),
        Broken(
            title="cookies are not let through",
            path="{server}/src/app.ts",
            before="    credentials: true,\n",
            after="",
            fixed=True,
        ),
        Broken(
            title="better-auth's origin check switched off",
            path="{server}/src/auth/auth.config.ts",
            before="advanced: {",
            after="advanced: { disableCSRFCheck: true, ",
            fixed=True,
        ),
        Broken(
            title="FastAPI allows every page, with credentials",
            path="{backend}/app/main.py",
            before="allow_origins=get_settings().allowed_origins",
            after='allow_origins=["*"]',
        ),
        Broken(
            title="the same, given to the application as a list",
            path="{backend}/app/main.py",
            before="app = FastAPI(",
            after='stars = [Middleware(CORSMiddleware, allow_origins=["*"], '
            "allow_credentials=True)]\napp = FastAPI(",
        ),
        Broken(
            title="FastAPI allows another page than the auth server",
            path="{backend}/app/main.py",
            before="allow_origins=get_settings().allowed_origins",
            after='allow_origins=["http://localhost:8080"]',
        ),
        Broken(
            title="the backend's own env file has another list",
            path="{backend}/.env",
            after="CORS_ORIGINS=http://localhost:9999\n",
        ),
        Broken(
            title="CORS after the catch-all",
            path="{server}/src/app.ts",
            before="app.use(\n  cors({\n",
            after="app.use(\n  late({\n",
        ),
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Read every list, and compare each with ``CORS_ORIGINS``."""
        yield from _entries(project)
        yield from _trusted(project)
        for path, script in project.scripts.items():
            yield from _express(path, script)
        yield from _backend(project)


def _entries(project: Project) -> Iterator[Finding]:
    path, given = project.env_path, project.variables.get("CORS_ORIGINS", "")
    before = project.read(path)
    for entry in filter(None, map(str.strip, given.split(","))):
        if is_origin(entry):
            continue
        plain = entry.removesuffix("/")
        message = f"CORS_ORIGINS holds {entry!r}, which is no origin"
        if not is_origin(plain) or before is None:
            remedy = "write scheme, host and port: https://app.example.com"
            yield problem(message, path, remedy=remedy)
            continue
        title = "took the slash off an entry of CORS_ORIGINS"
        after = replaced(before, "CORS_ORIGINS", entry, plain)
        edit = FileEdit(
            path=path, before=before, after=after, why=(title,), secret=True, mode=0o600
        )
        yield Finding(
            message=message,
            evidence=(Evidence(path=path, why=message),),
            remedy=FIX,
            fix=Fix(title=title, plan=Plan(edits=(edit,))),
        )


def _trusted(project: Project) -> Iterator[Finding]:
    if project.options is None:
        return
    path, script, options = project.options
    entry = entry_of(options, "trustedOrigins")
    value = value_at(options, "trustedOrigins")
    if entry is None and not is_open(options):
        yield problem(
            "better-auth has no trustedOrigins, so it refuses every other origin",
            path,
            line(options),
            remedy=f"add to betterAuth({{...}}): trustedOrigins: {_SOURCE},",
        )
    elif value is not None and value.type in {"array", "string"}:
        yield repairable(
            "trustedOrigins is its own list",
            path,
            line(value),
            title=f"set trustedOrigins to {_SOURCE}",
            before=script.source,
            after=script.replaced(value, _SOURCE),
        )
    for name in _SWITCHES:
        switch = value_at(options, "advanced", name)
        if switch is not None and switch.type == "true":
            yield repairable(
                f"{name} lets every page on the web act for signed-in users",
                path,
                line(switch),
                title=f"switched {name} off",
                before=script.source,
                after=script.replaced(switch, "false"),
            )


def _express(path: str, script: Script) -> Iterator[Finding]:
    for mount in script.calls("toNodeHandler"):
        used = [c for c in script.calls("cors") if callee(c) == "cors"]
        if not used:
            yield problem(
                "there is no cors() before better-auth, so browsers refuse its answers",
                path,
                line(mount),
                remedy=f"app.use(cors({{ origin: {_SOURCE}, credentials: true }}));",
            )
        elif all(call.start_byte > mount.start_byte for call in used):
            yield problem(
                "cors() comes after better-auth's catch-all, which answers first",
                path,
                line(used[0]),
                remedy=f"move it above line {line(mount)}",
            )
    for call in script.calls("cors"):
        if callee(call) == "cors":
            yield from _cors(path, script, call)


def _cors(path: str, script: Script, call: Node) -> Iterator[Finding]:
    given = next(iter(arguments(call)), None)
    origin = value_at(given, "origin")
    fixed = f"{{ origin: {_SOURCE}, credentials: true }}"
    if given is None or (not is_open(given) and entry_of(given, "origin") is None):
        message = "cors() without origins lets every page in, and none with cookies"
        after = fixed if given is None else None
    elif origin is not None and origin.type in {"string", "true", "array", "regex"}:
        message, after = "cors() has its own list", fixed
    elif not is_open(given) and literal(value_at(given, "credentials")) is not True:
        message = "cors() does not let cookies through"
        after = _with_credentials(script, given)
    else:
        return
    if after is None:
        yield problem(message, path, line(call), remedy=f"cors({fixed})")
        return
    target = given if given is not None else call.child_by_field_name("arguments")
    if target is None:
        return
    yield repairable(
        message,
        path,
        line(call),
        title="gave cors() the origins of CORS_ORIGINS, with credentials",
        before=script.source,
        after=script.replaced(target, f"({after})" if given is None else after),
    )


def _with_credentials(script: Script, given: Node) -> str | None:
    """Return the options of ``cors()`` with credentials let through."""
    if entry_of(given, "credentials") is None:
        inside = text(given)[1:-1].strip().rstrip(",")
        return f"{{ {inside}, credentials: true }}"
    value = value_at(given, "credentials")
    if value is None or value.type != "false":
        return None
    start, end = value.start_byte - given.start_byte, value.end_byte - given.start_byte
    written = script.source[given.start_byte : given.end_byte]
    return (written[:start] + b"true" + written[end:]).decode()


def _backend(project: Project) -> Iterator[Finding]:
    wanted = frozenset(listed_origins(project.variables.get("CORS_ORIGINS", "")))
    for path in dict.fromkeys((f"{project.backend}/.env", ".env")):
        own = project.env(path.removeprefix("./")).get("CORS_ORIGINS", "")
        # Settings often hold a JSON list; the names count, not the spelling.
        listed = frozenset(listed_origins(re.sub(r"[\[\]\"' ]", "", own)))
        if listed and wanted and not wanted <= listed:
            missing = ", ".join(sorted(wanted - listed))
            yield problem(
                f"CORS_ORIGINS of the backend lacks {missing}",
                path,
                remedy=f"set it to the list in {project.env_path}",
            )
    path = project.facts.app_file.value or ""
    module = project.module(path)
    for call in python_calls(module.tree) if module is not None else ():
        if python_callee(call).endswith(("add_middleware", "Middleware")):
            positional, keywords = python_arguments(call)
            if positional and text(positional[0]).endswith("CORSMiddleware"):
                yield from _middleware(path, call, keywords, wanted)


def _middleware(
    path: str, call: Node, keywords: dict[str, Node], wanted: frozenset[str]
) -> Iterator[Finding]:
    allowed = keywords.get("allow_origins")
    if allowed is None or allowed.type not in {"list", "tuple", "set"}:
        return
    listed = {string_value(n) for n in descendants(allowed) if n.type == "string"}
    elements = [n for n in allowed.named_children if n.type != "comment"]
    is_whole = all(string_value(n) is not None for n in elements)
    credentials = text(keywords.get("allow_credentials")) == "True"
    if "*" in listed and credentials:
        yield problem(
            "FastAPI allows * with credentials, so every page acts for your users",
            path,
            line(call),
            remedy="list the origins of CORS_ORIGINS",
        )
    # [settings.FRONTEND_URL] may be any page; only what is written can be compared.
    elif is_whole and "*" not in listed and (missing := sorted(wanted - listed)):
        yield problem(
            f"FastAPI's CORSMiddleware does not allow {', '.join(missing)}",
            path,
            line(call),
            remedy="read the list from CORS_ORIGINS, as the auth server does",
        )
