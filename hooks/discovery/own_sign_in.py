"""Find what signs people in today, route by route: so that it can be moved and ended.

The functions that say who is calling, the routes that sign in, and those that make
accounts, by their names, what they take and what fastapi-users or Authlib put there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..fastapi_code.auth_package import is_auth_package
from ..model import Confidence, Evidence, Fact, OwnSignIn
from ..syntax.python import (
    arguments,
    callee,
    line,
    name_of,
    string_value,
    text,
    undecorated,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ..fastapi_code.import_graph import Loaded
    from ..syntax.python import Module
    from .application import Application
    from .sources import Sources

_CURRENT = re.compile(
    r"(?:get_|require_|verify_|fetch_)?(?:current|authenticated|logged_in|auth)_?"
    r"(?:active_|verified_|super_?|admin_)?"
    r"(?:user|account|member|customer|person|superuser|admin)\w{0,30}"
)
_SCHEMES = re.compile(r"(?:OAuth2PasswordBearer|OAuth2AuthorizationCodeBearer)")
_SIGNS_IN = re.compile(
    r"(?i)\w{0,30}(?:log_?in|sign_?in|authenticate|access_token|obtain_token)\w{0,30}"
    r"|token|create_token|\w{0,20}oauth_?callback|auth_callback"
)
_SIGNS_UP = re.compile(
    r"(?i)\w{0,30}(?:register|sign_?up)\w{0,30}"
    r"|(?:create|add|new|post|write)_(?:\w{1,20}_)?(?:user|account|member|customer)"
)
_INSERTS = re.compile(
    r"\b(?:create|add|register|insert)_(?:new_)?(?:user|account|member)\w{0,10}\("
    r"|\b\w{0,20}users?(?:_\w{1,10})?\.(?:create|insert|add)\("
)
_LOGIN_FORM = re.compile(r"\bOAuth2PasswordRequestForm(?:Strict)?\b")
# The last part of a path says more than the name of its function.
_LOGIN_PATH = re.compile(r"(?i)/(?:log-?_?in|sign-?_?in|(?:access-?_?)?token)/?$")
_SIGN_UP_PATH = re.compile(r"(?i)/(?:register|registration|sign-?_?up)/?$")
_TAKES_TOKEN = re.compile(
    r"\b(?:Depends|Security)\(\s{0,9}\w{0,30}(?:oauth2|bearer|token_auth)\w{0,30}"
)
# What fastapi-users includes, and what each of these routers does.
_ROUTERS = {
    "get_auth_router": "signs in",
    "get_oauth_router": "signs in",
    "get_register_router": "makes accounts",
}
_METHODS = frozenset({"get", "post", "put", "patch", "api_route", "route"})
_WORDS = (
    *("OAuth2Password", "OAuth2AuthorizationCode", "_user", "_account", "_member"),
    *("login", "log_in", "signin", "sign_in", "register", "sign_up", "signup"),
    *(
        "bearer",
        "Bearer",
        "oauth2",
        "token",
        "fastapi_users",
        "authlib",
        "_customer",
        "authenticate",
        "_person",
    ),
)


def find_own_sign_in(
    sources: Sources, application: Application, loaded: Loaded
) -> Fact[OwnSignIn]:
    """Return the places that sign people in, in the application's own code."""
    files = sources.mentioning(*_WORDS, below=application.import_root)
    if loaded.is_all and len(loaded.files) > 1:
        files = [name for name in files if name in loaded]
    current: list[Evidence] = []
    routes: list[Evidence] = []
    sign_up: list[Evidence] = []
    for name in files:
        if is_auth_package(sources.repository, name.rpartition("/")[0]):
            continue
        module = sources.module(name)
        current += _current(name, module)
        for does, place in (*_routes(name, module), *_included(name, module)):
            (routes if does == "signs in" else sign_up).append(place)
    if not (current or routes or sign_up):
        return Fact()
    found = OwnSignIn(
        current=tuple(current), routes=tuple(routes), sign_up=tuple(sign_up)
    )
    evidence = (*current, *routes, *sign_up)
    return Fact(value=found, confidence=Confidence.LIKELY, evidence=evidence)


def _current(name: str, module: Module) -> Iterator[Evidence]:
    """Yield what says who is calling, and the scheme that it rests on."""
    for node in module.functions():
        called, takes = name_of(node), text(node.child_by_field_name("parameters"))
        is_route = (
            node.parent is not None and node.parent.type == "decorated_definition"
        )
        takes_token = not is_route and _TAKES_TOKEN.search(takes)
        if _CURRENT.fullmatch(called) or takes_token:
            why = f"{called} says who is calling"
            yield Evidence(path=name, line=line(node), why=why)
    for assigned in module.assignments():
        made = callee(assigned.value) if assigned.value.type == "call" else ""
        if made.endswith(".current_user"):
            why = f"{assigned.target} says who is calling"
        elif _SCHEMES.fullmatch(made.rpartition(".")[2]):
            why = f"{assigned.target} takes the token"
        else:
            continue
        yield Evidence(path=name, line=line(assigned.node), why=why)


def _routes(name: str, module: Module) -> Iterator[tuple[str, Evidence]]:
    """Yield each route that signs in or makes accounts, with what it does."""
    for decorated in module.nodes("decorated_definition"):
        function = undecorated(decorated)
        if function.type != "function_definition":
            continue
        for decorator in decorated.named_children:
            route = _route(decorator)
            if route is None:
                continue
            called = name_of(function)
            takes = text(function.child_by_field_name("parameters"))
            does = _does(route, called, takes, text(function))
            if does:
                at = line(function)
                yield does, Evidence(path=name, line=at, why=f"{route} {does}")


def _does(route: str, called: str, takes: str, written: str) -> str:
    """Return what a route does, by its method, its name and what it takes."""
    posts = route.startswith(("POST", "PUT", "ANY"))
    if posts and _LOGIN_PATH.search(route):
        return "signs in"
    if posts and (_SIGN_UP_PATH.search(route) or _SIGNS_UP.fullmatch(called)):
        return "makes accounts"
    if _LOGIN_FORM.search(takes) or (posts and _SIGNS_IN.fullmatch(called)):
        return "signs in"
    if posts and _INSERTS.search(written):
        return "makes accounts"
    is_callback = "callback" in called and "oauth" in written
    return "signs in" if is_callback else ""


def _route(decorator: Node) -> str | None:
    """Return the method and path of ``@router.post("/login")``; None for others."""
    call = next((n for n in decorator.named_children if n.type == "call"), None)
    if decorator.type != "decorator" or call is None:
        return None
    owner, _, method = callee(call).rpartition(".")
    if not owner or method not in _METHODS:
        return None
    positional, keywords = arguments(call)
    path = string_value(positional[0] if positional else keywords.get("path"))
    shown = method.upper() if method in {"get", "post", "put", "patch"} else "ANY"
    return f"{shown} {path}" if path is not None else shown


def _included(name: str, module: Module) -> Iterator[tuple[str, Evidence]]:
    """Yield the routers of fastapi-users that are made here."""
    if "fastapi_users" not in module.source.decode(errors="replace"):
        return
    for call in module.nodes("call"):
        called = callee(call).rpartition(".")[2]
        if does := _ROUTERS.get(called):
            why = f"{called} {does}"
            yield does, Evidence(path=name, line=line(call), why=why)
