"""Middleware in front of all routes that refuses requests, and what it lets through.

Read from the code alone: a class with ``dispatch``, ``__call__`` or ``authenticate``
that the application is given, or a function under ``@app.middleware("http")``::

    PUBLIC_PATHS = ["/docs", "/login"]

    class RequireToken(BaseHTTPMiddleware):
        async def dispatch(self, request, call_next):
            if request.url.path in PUBLIC_PATHS:
                return await call_next(request)
            ...
            return JSONResponse({"detail": "Unauthorized"}, status_code=401)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..syntax.python import (
    arguments,
    body_statements,
    callee,
    calls,
    descendants,
    name_of,
    parse,
    text,
    undecorated,
)
from .public_paths import given_lists, lists_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from ..syntax.python import Module
    from .public_paths import PathList
    from .router_place import Code

_METHODS = ("dispatch", "__call__", "authenticate")
_REFUSES = re.compile(
    r"\b40[13]\b|HTTP_40[13]|[Uu]nauthori[sz]ed|AuthenticationError|credentials"
)
_RAISES = re.compile(r"\braise\b[^\n]{0,99}(?:Auth|40[13]|[Uu]nauthori[sz]ed)")
_SIGN_IN = re.compile(r"(?i)token|auth|jwt|session|api.?key|bearer|firebase|login")
_OTHER = re.compile(r"(?i)csrf|cors|rate_?limit|throttle")
# What reads who asks; a try that does so too answers its own errors.
_ASKS = re.compile(
    r"(?i)headers|cookies|token|auth|jwt|bearer|api.?key|verif|decode|firebase|user"
)
_REACTS = re.compile(r"(?i)error|exception|fail|handler")
_GUARDED = re.compile(
    r"(?i)(?<!un)(?<!non_)(protected|private|secured?|admin|required)"
)
_PUBLIC = re.compile(
    r"(?i)public|exclu|exempt|white|allow|skip|open|unprotect|anonym|ignor|bypass|no_?auth"
)


@dataclass(frozen=True, kw_only=True)
class Guard:
    """One middleware that refuses requests, and the list of paths that it lets pass."""

    path: str
    module: Module
    name: str
    function: Node | None
    public: PathList | None


def guards(code: Code, below: str) -> Iterator[Guard]:
    """Yield each middleware of the files whose path begins with ``below``."""
    files = [
        (name, parse(source))
        for name in code.repository.files
        if name.endswith(".py")
        and name.startswith(below)
        and not {"tests", "test"} & set(name.split("/"))
        and (source := code.read(name)) is not None
    ]
    registered = {
        name
        for _, module in files
        if b"iddleware" in module.source
        for name in _registered(module)
    }
    yield from _installed(files, registered)
    # What only names one, or says `allow_credentials=True`, need not be parsed.
    made = (f"{kind} {name}" for name in registered for kind in ("class", "def"))
    words = [b".middleware(", *(word.encode() for word in made)]
    telling = [f for f in files if any(word in f[1].source for word in words)]
    for path, module in telling:
        for name, function, owner in _candidates(module, registered):
            if _OTHER.search(name) or not _SIGN_IN.search(text(owner)):
                continue
            if not _refuses(function, owner, files):
                continue
            lists = list(lists_of(code, files, path, module, owner))
            if any(_GUARDED.search(named) for named, _ in lists):
                continue  # it guards these paths, and no others
            public = [one for named, one in lists if _PUBLIC.search(named)]
            chosen = next(iter(public or [one for _, one in lists]), None)
            yield Guard(
                path=path, module=module, name=name, function=function, public=chosen
            )


def _refuses(function: Node, owner: Node, files: Sequence[tuple[str, Module]]) -> bool:
    """Return True if a middleware itself answers 401 or 403.

    Answers to errors that the application raised do not count. An authentication
    backend of Starlette's refuses by raising, itself or in a function that it calls.
    """
    done = _without_reactions(function, owner)
    if name_of(function) != "authenticate":
        return _REFUSES.search(done) is not None
    called = set(re.findall(r"(\w{1,99})\(", done))
    return re.search(r"\braise\b", done) is not None or any(
        name_of(one) in called and _RAISES.search(text(one))
        for _, module in files
        for one in module.nodes("function_definition")
    )


def _without_reactions(function: Node, owner: Node) -> str:
    """Return the code without comments, and without what only answers an outcome.

    That is ``except`` around the call of what is inside, and ``if`` of its status.
    """
    dropped: list[Node] = []
    for node in descendants(owner):
        if _says_nothing(node):
            dropped.append(node)
        elif node.type == "try_statement" and _goes_on_alone(function, node):
            dropped += [n for n in node.children if n.type.startswith("except")]
    source, kept, end = text(owner).encode(), b"", 0
    for node in sorted(dropped, key=lambda n: (n.start_byte, -n.end_byte)):
        start = node.start_byte - owner.start_byte
        kept += source[end:start]
        end = max(end, node.end_byte - owner.start_byte)
    return (kept + source[end:]).decode(errors="replace")


def _goes_on_alone(function: Node, trying: Node) -> bool:
    """Return True if a ``try`` calls the next application and reads no credential."""
    given, body = _parameters(function), trying.child_by_field_name("body")
    if not given or body is None:
        return False
    plain = name_of(function) == "__call__"
    for call in calls(body):
        positional, _ = arguments(call)
        inside = (
            callee(call).startswith("self.")
            and [text(one) for one in positional[:1]] == given[:1]
            if plain
            else callee(call) == given[-1]
        )
        if inside:
            before = text(body).encode()[: call.start_byte - body.start_byte]
            return _ASKS.search(before.decode(errors="replace")) is None
    return False


def _says_nothing(node: Node) -> bool:
    """Return True for a comment, a docstring, or an ``if`` of an answer's status."""
    condition = text(node.child_by_field_name("condition"))
    return (
        node.type == "comment"
        or (node.type == "if_statement" and ".status_code" in condition)
        or _is_docstring(node)
    )


def _is_docstring(node: Node) -> bool:
    return node.type == "expression_statement" and all(
        child.type == "string" for child in node.named_children
    )


def _installed(
    files: Sequence[tuple[str, Module]], registered: set[str]
) -> Iterator[Guard]:
    """Yield what is no class of the project, and is given paths to let through."""
    asking = {n for n in registered if _SIGN_IN.search(n) and not _OTHER.search(n)}
    own = {
        name_of(definition)
        for _, module in files
        if any(name.encode() in module.source for name in asking)
        for definition in module.classes()
    }
    for name in sorted(asking - own):
        for key, public in given_lists(files, name):
            if _PUBLIC.search(key):
                place = public.path, public.module
                yield Guard(
                    path=place[0],
                    module=place[1],
                    name=name,
                    function=None,
                    public=public,
                )


def _registered(module: Module) -> Iterator[str]:
    """Yield the classes and functions that an application gets as middleware."""
    for call in module.nodes("call"):
        called = callee(call).rpartition(".")[2]
        positional, keywords = arguments(call)
        if called in {"add_middleware", "Middleware"} and positional:
            yield text(positional[0]).rpartition(".")[2]
            for keyword, value in keywords.items():
                if _REACTS.search(keyword):
                    continue  # called once another has refused
                yield (
                    callee(value) if value.type == "call" else text(value)
                ).rpartition(".")[2]
        elif 'middleware("http")' in callee(call) and positional:
            yield text(positional[0])


def _candidates(
    module: Module, registered: set[str]
) -> Iterator[tuple[str, Node, Node]]:
    """Yield name, function and the whole definition of what may be a middleware."""
    for definition in module.classes():
        if name_of(definition) not in registered:
            continue
        methods = {
            name_of(undecorated(s)): undecorated(s)
            for s in body_statements(definition)
            if undecorated(s).type == "function_definition"
        }
        found = next((methods[m] for m in _METHODS if m in methods), None)
        if found is not None:
            yield name_of(definition), found, definition
    for node in module.nodes("function_definition"):
        above = node.parent
        decorators = (
            text(above) if above and above.type == "decorated_definition" else ""
        )
        head = decorators.partition("def ")[0]
        if re.search(r"""\.middleware\(\s*["']http["']""", head) or (
            name_of(node) in registered and len(_parameters(node)) == 2  # noqa: PLR2004 - request, call_next
        ):
            yield name_of(node), node, node


def _parameters(function: Node) -> list[str]:
    listed = function.child_by_field_name("parameters")
    named = [] if listed is None else listed.named_children
    found = [re.match(r"\w+", text(n)) for n in named if n.type != "comment"]
    return [m[0] for m in found if m and m[0] != "self"]


def parameters(guard: Guard) -> list[str]:
    """Return what the guard's function is given, without ``self``."""
    return [] if guard.function is None else _parameters(guard.function)
