"""What a CORS middleware's code becomes, so that the chosen origins may call.

The change is a whole one: an edit makes it where that is safe, else it is printed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..syntax.python import string_value, text
from ..syntax.python_edits import Insertion, added_elements, added_keyword, spliced
from .cors_middleware import COLLECTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from ..answers import Answers
    from .cors_middleware import Middleware, Origins

AUTHORIZATION = "Authorization"


def missing_origins(answers: Answers, origins: Origins | None) -> list[str]:
    """Return the chosen origins that the list does not have."""
    listed = origins.listed if origins is not None else ()
    return [origin for origin in answers.origins if origin not in listed]


def changed_files(
    answers: Answers,
    middleware: Middleware,
    origins: Origins | None,
    *,
    missing: Sequence[str],
) -> list[tuple[str, bytes, bytes]]:
    """Return path, text and new text of each file that changes; empty for none.

    ``missing`` are the origins to add. What lets the credential through is completed.
    """
    insertions = credential_insertions(answers, middleware)
    path, source = middleware.path, middleware.module.source
    if not missing:
        pass
    elif origins is not None and "*" not in origins.listed:
        added = added_elements(origins.module.source, origins.node, missing)
        if origins.path == path:
            insertions += added
        else:
            other = spliced(origins.module.source, added)
            own = spliced(source, insertions) if insertions else source
            changes = [
                (origins.path, origins.module.source, other),
                (path, source, own),
            ]
            return [(p, b, a) for p, b, a in changes if a is not None and a != b]
    else:
        insertions += _stated(answers, middleware, origins, missing)
    after = spliced(source, insertions) if insertions else None
    return [] if after is None else [(path, source, after)]


def credential_insertions(answers: Answers, middleware: Middleware) -> list[Insertion]:
    """Return what lets the cookie, or the token's header, through."""
    if answers.credential == "token":
        return _header(middleware)
    credentials = middleware.keywords.get("allow_credentials")
    if text(credentials) == "True":
        return []
    if credentials is not None:
        return [_replaced(credentials, "True")]
    keyword = "allow_credentials=True"
    return added_keyword(middleware.module.source, _last_argument(middleware), keyword)


def _header(middleware: Middleware) -> list[Insertion]:
    source, headers = middleware.module.source, middleware.keywords.get("allow_headers")
    if headers is None:
        keyword = f'allow_headers=["{AUTHORIZATION}"]'
        return added_keyword(source, _last_argument(middleware), keyword)
    if headers.type not in COLLECTIONS:
        return []
    named = {(string_value(n) or "").lower() for n in headers.named_children}
    if {"*", AUTHORIZATION.lower()} & named:
        return []
    return added_elements(source, headers, [AUTHORIZATION])


def _stated(
    answers: Answers,
    middleware: Middleware,
    origins: Origins | None,
    missing: Sequence[str],
) -> list[Insertion]:
    """Name the origins in the call, next to whatever else it takes them from."""
    given = middleware.keywords.get("allow_origins")
    if given is None:
        keyword = f"allow_origins=[{_quoted(missing)}]"
        last = _last_argument(middleware)
        return added_keyword(middleware.module.source, last, keyword)
    if origins is not None:  # "*" lets every origin in, and no cookie
        kept = [o for o in origins.listed if o != "*" and o not in answers.origins]
        return [_replaced(given, f"[{_quoted([*kept, *answers.origins])}]")]
    return [_replaced(given, f"[*{_starred(given)}, {_quoted(missing)}]")]


def _starred(node: Node) -> str:
    simple = node.type in {"identifier", "attribute", "call", "subscript"}
    return text(node) if simple or node.type in COLLECTIONS else f"({text(node)})"


def _replaced(node: Node, new: str) -> Insertion:
    length = node.end_byte - node.start_byte
    return Insertion(offset=node.start_byte, text=new, replaces=length)


def _last_argument(middleware: Middleware) -> Node:
    """Return the argument that a further one is written after."""
    if given := middleware.keywords.get("allow_origins"):
        assert given.parent is not None  # noqa: S101 - a keyword's value has its keyword
        return given.parent
    listed = middleware.call.child_by_field_name("arguments")
    assert listed is not None  # noqa: S101 - a call has arguments
    return [n for n in listed.named_children if n.type != "comment"][-1]


def _quoted(origins: Sequence[str]) -> str:
    return ", ".join(f'"{origin}"' for origin in origins)
