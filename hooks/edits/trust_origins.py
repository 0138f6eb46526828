"""Let the front end's origins call the API, where its CORS middleware lists origins.

Before::

    app.add_middleware(CORSMiddleware, allow_origins=["http://localhost:3000"])

After, for the cookie strategies::

    app.add_middleware(
        CORSMiddleware, allow_origins=["http://localhost:3000"], allow_credentials=True
    )

The list grows by the chosen origins and by nothing else: an origin that was there
before is never given the right to send cookies without having been chosen.
"""

from __future__ import annotations

import json
import re
import textwrap
from typing import TYPE_CHECKING

from ..model import FileEdit, ManualStep, Skip
from ..repository.modules import module_file
from ..repository.router_place import application_name
from ..repository.syntax import parse, string_value, text
from ..transforms.python import added_elements, added_keyword, spliced
from .cors_middleware import (
    COLLECTIONS,
    Middleware,
    Origins,
    cors_middlewares,
    followed_origins,
)
from .staging import unsafe_to_edit

if TYPE_CHECKING:
    from tree_sitter import Node

    from ..model import Integration
    from ..transforms.python import Insertion
    from .staging import Staging

_OPERATION = "trust-origins"
_AUTHORIZATION = "Authorization"
_VARIABLE = re.compile(r"""(?:getenv\(|environ\.get\(|environ\[)\s*["'](\w+)["']""")


def trust_origins(
    integration: Integration, staging: Staging
) -> FileEdit | ManualStep | Skip:
    """Add what is missing to the one CORS middleware; otherwise say what to add."""
    root = integration.answers.auth_import_root
    app = integration.answers.app_module
    path = module_file(staging.repository, root, app) or app
    found = list(cors_middlewares(integration, staging))
    if not found:
        why = "has no CORS middleware; needed where the front end has another origin"
        attribute = integration.answers.app_attribute
        owner = application_name(path, parse(staging.read(path) or b""), attribute)
        return _manual(integration, path, why, owner)
    if len(found) > 1:
        places = " and ".join(middleware.path for middleware in found)
        why = f"CORS is configured more than once ({places})"
        return _manual(integration, found[0].path, why)
    return _completed(integration, staging, found[0])


def _completed(  # noqa: PLR0911 - one refusal a line
    integration: Integration, staging: Staging, middleware: Middleware
) -> FileEdit | ManualStep | Skip:
    given = middleware.keywords.get("allow_origins")
    origins = (
        followed_origins(integration, staging, middleware, given) if given else None
    )
    if origins is None:
        return _elsewhere(integration, middleware, given)
    if "*" in origins.listed:
        why = (
            "every origin is allowed, with cookies too; name the origins"
            if _is_true(middleware.keywords.get("allow_credentials"))
            else "every origin is allowed, so that browsers send no cookies; name them"
        )
        return _manual(integration, origins.path, why)
    for place in (middleware, origins):
        if problem := unsafe_to_edit(place.module.source):
            return _manual(integration, place.path, problem)
    missing = [o for o in integration.answers.origins if o not in origins.listed]
    inserted = (
        added_elements(origins.module.source, origins.node, missing) if missing else []
    )
    keywords = _keywords(integration, middleware, origins)
    if isinstance(keywords, str):
        return _manual(integration, middleware.path, keywords)
    if not inserted and not keywords:
        why = "the chosen origins are allowed already"
        return Skip(operation=_OPERATION, path=middleware.path, why=why)
    if inserted and keywords and origins.path != middleware.path:
        why = "the origins and the middleware stand in two files"
        return _manual(integration, middleware.path, why)
    place = origins if inserted else middleware
    after = spliced(place.module.source, [*inserted, *keywords])
    if after is None:
        return _manual(integration, place.path, "no safe place was found")
    said = [f"allow {', '.join(missing)}"] if missing else []
    said += ["let their requests carry the session"] if keywords else []
    return FileEdit(
        path=place.path,
        before=place.module.source,
        after=after,
        why=(" and ".join(said),),
    )


def _keywords(  # noqa: PLR0911 - one refusal a line
    integration: Integration, middleware: Middleware, origins: Origins
) -> list[Insertion] | str:
    """Return what lets the credential through, or why that is not ours to decide."""
    given = middleware.keywords
    argument = given["allow_origins"].parent
    assert argument is not None  # noqa: S101 - a keyword's value has its keyword
    source = middleware.module.source
    if integration.answers.auth_session_validation == "jwt":
        headers = given.get("allow_headers")
        if headers is None:
            keyword = f'allow_headers=["{_AUTHORIZATION}"]'
            return added_keyword(source, argument, keyword)
        if headers.type not in COLLECTIONS:
            return []
        named = {(string_value(n) or "").lower() for n in headers.named_children}
        if {"*", _AUTHORIZATION.lower()} & named:
            return []
        return added_elements(source, headers, [_AUTHORIZATION])
    credentials = given.get("allow_credentials")
    if _is_true(credentials):
        return []
    if credentials is not None:
        return "cookies are refused on purpose (allow_credentials)"
    strangers = [o for o in origins.listed if o not in integration.answers.origins]
    if strangers:
        return (
            f"{', '.join(strangers)} would be allowed to send cookies too; allow it "
            "(allow_credentials=True), or take it from the list"
        )
    return added_keyword(source, argument, "allow_credentials=True")


def _elsewhere(
    integration: Integration, middleware: Middleware, given: Node | None
) -> ManualStep | Skip:
    """Say what to do about origins that no list in the code holds."""
    if _is_known(integration):
        why = "the origins that it reads elsewhere hold the chosen ones"
        return Skip(operation=_OPERATION, path=middleware.path, why=why)
    why = "it does not list its origins where they can be added to"
    return _in_environment(integration, middleware, given) or _manual(
        integration, middleware.path, why
    )


def _in_environment(
    integration: Integration, middleware: Middleware, given: Node | None
) -> ManualStep | None:
    """Say which variable holds the origins: ``os.getenv("ORIGINS", "").split(",")``.

    Nothing where the middleware itself must change too.
    """
    with_tokens = integration.answers.auth_session_validation == "jwt"
    if not (with_tokens or _is_true(middleware.keywords.get("allow_credentials"))):
        return None
    assigned = middleware.module.assignments()
    written = [
        text(given),
        *(text(a.value) for a in assigned if a.target == text(given)),
    ]
    variables = {name for value in written for name in _VARIABLE.findall(value)}
    if len(variables) != 1:
        return None
    name, origins = variables.pop(), integration.answers.origins
    is_json = any("json" in value for value in written)
    backend = integration.answers.auth_backend_dir
    return ManualStep(
        operation=_OPERATION,
        path=".env" if backend == "." else f"{backend}/.env",
        why=f"{middleware.path} reads its origins from {name}",
        snippet=f"{name}={json.dumps(origins) if is_json else ','.join(origins)}",
    )


def _is_known(integration: Integration) -> bool:
    known = {o.rstrip("/") for o in integration.facts.cors_origins.value or ()}
    return set(integration.answers.origins) <= known


def _is_true(node: Node | None) -> bool:
    return text(node) == "True"


def _manual(
    integration: Integration, path: str, why: str, owner: str = ""
) -> ManualStep:
    """Say what to add to ``owner``, or, without one, to change in what is there."""
    origins = ", ".join(f'"{origin}"' for origin in integration.answers.origins)
    with_tokens = integration.answers.auth_session_validation == "jwt"
    credential = (
        f'allow_headers=["{_AUTHORIZATION}"]'
        if with_tokens
        else "allow_credentials=True"
    )
    keywords = f"allow_origins=[{origins}],\n{credential},"
    # A second middleware beside the first would answer in its place.
    snippet = f"# of the CORSMiddleware that is there:\n{keywords}"
    if owner:
        snippet = (
            "from fastapi.middleware.cors import CORSMiddleware\n\n"
            f"{owner}.add_middleware(\n    CORSMiddleware,\n"
            f"{textwrap.indent(keywords, '    ')}\n)"
        )
    return ManualStep(operation=_OPERATION, path=path, why=why, snippet=snippet)
