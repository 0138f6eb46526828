"""Include the auth package's router where the project includes its own.

Before::

    app = FastAPI()
    app.include_router(items.router, prefix="/api")

After::

    from app.auth import router as auth_router
    ...
    app.include_router(items.router, prefix="/api")
    app.include_router(auth_router, prefix="/api")
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..fastapi_code.modules import local_packages, module_path, relative_name
from ..fastapi_code.router_place import Code, find_router_place
from ..fastapi_code.taken_route import PREFIX, taken_route
from ..model import FileEdit, ManualStep, Skip
from ..repository.staging import unsafe_to_edit
from ..syntax.python import arguments, callee, parse, string_value, text
from ..syntax.python_edits import (
    added_import,
    after_statement,
    before_statement,
    spliced,
)
from .on_application import at_router_place, places_on_application

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..fastapi_code.router_place import RouterPlace
    from ..model import Integration
    from ..repository.staging import Staging
    from ..syntax.python_imports import Import

_OPERATION = "include-auth-router"
_ALIASES = ("auth_router", "better_auth_router", "session_router")


def include_auth_router(
    integration: Integration, staging: Staging
) -> Iterator[FileEdit | ManualStep | Skip]:
    """Include the router; skip where it is; manual steps where no place is safe."""
    answers = integration.answers
    attribute, root = answers.app_attribute, answers.auth_import_root
    path = module_path(integration.root, root, answers.app_module)
    if path is None:
        why = f"there is no module {answers.app_module} to edit"
        path = str(PurePosixPath(root, *answers.app_module.split("."))) + ".py"
        yield ManualStep(
            operation=_OPERATION,
            path=path,
            why=why,
            snippet=_lines(integration, attribute, ""),
        )
        return
    code = Code(repository=staging.repository, import_root=root, read=staging.read)
    place = find_router_place(code, path, parse(staging.read(path) or b""), attribute)
    if already := _included_in(integration, staging, path):
        yield Skip(operation=_OPERATION, path=already, why="is included already")
        return
    if place is None:
        why = f"{attribute} is not made in this file in a way that can be followed"
        for file, where, snippet in places_on_application(
            code, path, attribute, lambda owner: _lines(integration, owner, "")
        ):
            yield ManualStep(
                operation=_OPERATION, path=file, why=why, snippet=snippet, place=where
            )
        return
    if integration.facts.api_prefix.value is None:
        # The route's path is unknown below a prefix that is only known at run time.
        module = parse(staging.read(path) or b"")
        own = find_router_place(code, path, module, attribute, collected=False)
        place = own or place
    yield _at_place(integration, staging, code, place)


def _at_place(
    integration: Integration, staging: Staging, code: Code, place: RouterPlace
) -> FileEdit | ManualStep:
    taken = taken_route(code, place)
    prefix = _prefix(integration, place, own=taken is not None)
    root = integration.answers.auth_import_root
    local = local_packages(staging.repository, root, place.path, place.module)
    problem = unsafe_to_edit(place.module.source)
    after = None if problem else _edited(integration, place, prefix, local)
    if after is None:
        why = problem or "no safe place for the import was found"
        lines = _lines(integration, place.owner, prefix)
        return at_router_place(place, lines, operation=_OPERATION, why=why)
    why = f"include the auth router in {place.owner}"
    if taken is not None:
        why += f" under {PREFIX}, as {taken} first"
    return FileEdit(
        path=place.path, before=place.module.source, after=after, why=(why,)
    )


def _edited(
    integration: Integration, place: RouterPlace, prefix: str, local: frozenset[str]
) -> bytes | None:
    alias = next(a for a in _ALIASES if not place.module.binds(a))
    name = _as_imported(integration, place, local)
    statement = f"from {name} import router as {alias}"
    package = name.partition(".")[0] or "."
    above = place.made.start_byte
    importing = added_import(
        place.module, package, statement, before=above, local=local
    )
    if importing is None:
        return None
    call = f"{place.owner}.include_router({alias}{prefix and f', prefix={prefix}'})"
    put = before_statement if place.before_anchor else after_statement
    including = put(place.module.source, place.anchor, call)
    return spliced(place.module.source, (importing, including))


def _prefix(integration: Integration, place: RouterPlace, *, own: bool) -> str:
    """Return the expression of the prefix that the router gets; empty for none.

    What only the environment knows is none: the route's path would be unknown.
    """
    shared = place.shared_prefix
    is_known = integration.answers.auth_api_prefix not in {"", PREFIX}
    if shared is not None and string_value(shared) is None and not is_known:
        shared = None
    if not own:
        return text(shared)
    literal = "" if shared is None else string_value(shared)
    if literal is None:
        return f'{text(shared)} + "{PREFIX}"'
    return f'"{literal}{PREFIX}"'


def _as_imported(
    integration: Integration, place: RouterPlace, local: frozenset[str]
) -> str:
    """Return the auth package's name in the way that the module names others."""
    dotted = integration.answers.package_module
    root = integration.answers.auth_import_root
    if local or not any(found.level for found in place.module.imports):
        return dotted
    return relative_name(root, place.path, dotted) or dotted


def _included_in(integration: Integration, staging: Staging, path: str) -> str | None:
    """Return the file that includes the router already, if any."""
    root = integration.answers.auth_import_root
    below = "" if root == "." else f"{root}/"
    for name in dict.fromkeys((path, *staging.repository.files)):
        source = staging.read(name) if name.endswith(".py") else None
        if not source or b"include_router" not in source or not name.startswith(below):
            continue
        module = parse(source)
        aliases = {
            found.alias
            for found in module.imports
            if _is_our_router(integration, name, found)
        }
        for call in module.nodes("call"):
            if callee(call).endswith(".include_router"):
                positional, _ = arguments(call)
                if positional and text(positional[0]) in aliases:
                    return name
    return None


def _is_our_router(integration: Integration, path: str, found: Import) -> bool:
    dotted = integration.answers.package_module
    if found.level:
        root = integration.answers.auth_import_root
        dotted = relative_name(root, path, dotted) or dotted
    named = "." * found.level + found.module
    return found.name == "router" and named in {dotted, f"{dotted}.router"}


def _lines(integration: Integration, owner: str, prefix: str) -> str:
    module = integration.answers.package_module
    call = f"{owner}.include_router(auth_router{prefix and f', prefix={prefix}'})"
    return f"from {module} import router as auth_router\n\n{call}"
