"""Pages that FastAPI itself lets in, or keeps out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...syntax.python import arguments as python_arguments
from ...syntax.python import callee as python_callee
from ...syntax.python import calls as python_calls
from ...syntax.python import descendants, line, string_value, text
from .._check import Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ...model import Finding
    from .._project import Project

BROKEN = (
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
)


def find(project: Project, wanted: frozenset[str]) -> Iterator[Finding]:
    """Compare each ``CORSMiddleware`` with the origins that are ``wanted``."""
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
