"""Where the application configures CORS, and the list that its origins come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..env.dotenv import entries
from ..fastapi_code.modules import module_file, resolved_import
from ..repository.paths import is_below
from ..syntax.python import (
    Module,
    arguments,
    assignments_of,
    body_statements,
    callee,
    name_of,
    parse,
    string_value,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ..model import Integration
    from ..repository.staging import Staging

COLLECTIONS = frozenset({"list", "tuple", "set"})


@dataclass(frozen=True, kw_only=True)
class Middleware:
    """The one call that configures CORS: ``allow_origins`` and the other keywords."""

    path: str
    module: Module
    call: Node
    keywords: dict[str, Node]


@dataclass(frozen=True, kw_only=True)
class Origins:
    """The literal collection that ``allow_origins`` leads to, and where it stands."""

    path: str
    module: Module
    node: Node

    @property
    def listed(self) -> tuple[str, ...]:
        """What is in it, as written without a slash at the end."""
        found = (string_value(node) for node in self.node.named_children)
        return tuple(origin.rstrip("/") for origin in found if origin)


def cors_middlewares(
    integration: Integration, staging: Staging
) -> Iterator[Middleware]:
    """Find every call that names ``CORSMiddleware``, in the code below the root."""
    root = integration.answers.auth_import_root
    own = (integration.answers.auth_package_dir, integration.answers.auth_server_dir)
    others = _other_applications(integration, staging)
    for path in staging.repository.below(root):
        aside = {"tests", "test", "docs", "examples"} & set(path.split("/"))
        if not path.endswith(".py") or aside:
            continue
        if path in others or any(is_below(path, folder) for folder in own):
            continue
        source = staging.read(path) or b""
        if b"CORSMiddleware" not in source:
            continue
        module = parse(source)
        for call in module.nodes("call"):
            positional, keywords = arguments(call)
            names = [text(node).rpartition(".")[2] for node in positional]
            if "CORSMiddleware" in names and callee(call).endswith(
                ("add_middleware", "Middleware")
            ):
                yield Middleware(path=path, module=module, call=call, keywords=keywords)


def _other_applications(integration: Integration, staging: Staging) -> set[str]:
    """Return the files of applications that are no part of this one.

    Those of other projects, and those that its own modules do not import.
    """
    answers, repository = integration.answers, staging.repository
    found = {
        path: candidate.backend_dir != answers.auth_backend_dir
        for candidate in integration.facts.candidates
        if (path := module_file(repository, candidate.backend_dir, candidate.module))
    }
    mine = module_file(repository, answers.auth_backend_dir, answers.app_module)
    if mine is None or set(found) <= {mine}:
        return {path for path, elsewhere in found.items() if elsewhere}
    imported = _imported(integration, staging, mine)
    return {path for path, far in found.items() if far or path not in imported}


def _imported(integration: Integration, staging: Staging, first: str) -> set[str]:
    """Return a file of the project with all that it imports, at any depth."""
    root, waiting, found = integration.answers.auth_import_root, [first], {first}
    while waiting:
        path = waiting.pop()
        imports = parse(staging.read(path) or b"").imports
        files = {
            resolved_import(staging.repository, root, path, one) for one in imports
        }
        new = {file for file in files if file is not None} - found
        found |= new
        waiting += new
    return found


def followed_origins(
    integration: Integration, staging: Staging, middleware: Middleware, value: Node
) -> Origins | None:
    """Follow a name, or an attribute of settings, to a literal collection."""
    if value.type in COLLECTIONS:
        return _origins(middleware.path, middleware.module, value)
    if value.type == "identifier":
        return _constant(integration, staging, middleware, text(value))
    if value.type == "attribute":
        return _field(integration, staging, text(value).rpartition(".")[2])
    return None


def _constant(
    integration: Integration, staging: Staging, middleware: Middleware, name: str
) -> Origins | None:
    path, module = middleware.path, middleware.module
    found = next((i for i in module.imports if i.alias == name), None)
    if found is not None:
        root = integration.answers.auth_import_root
        origin = resolved_import(staging.repository, root, path, found)
        if origin is None:
            return None
        path, name = origin, found.name
        module = parse(staging.read(origin) or b"")
    scopes = [
        module.top_level,
        *(tuple(body_statements(f)) for f in module.functions()),
    ]
    values = [
        assigned.value
        for statements in scopes
        for statement in statements
        for assigned in assignments_of(statement)
        if assigned.target == name
    ]
    used_otherwise = any(
        text(node) in {f"{name}.append", f"{name}.extend"}
        for node in module.nodes("attribute")
    )
    if len(values) != 1 or used_otherwise:
        return None
    return _origins(path, module, values[0])


def _field(integration: Integration, staging: Staging, name: str) -> Origins | None:
    """Return the literal default of the settings' field, where no env file sets it."""
    if any(name.lower() == key.lower() for key in _set_in_env(integration, staging)):
        return None
    settings = integration.facts.settings_module.value
    root = integration.answers.auth_import_root
    dotted = settings.partition(":")[0] if settings else ""
    path = module_file(staging.repository, root, dotted)
    if path is None:
        return None
    module = parse(staging.read(path) or b"")
    values = [
        assigned.value
        for definition in module.classes()
        if name_of(definition)
        for statement in body_statements(definition)
        for assigned in assignments_of(statement)
        if assigned.target == name
    ]
    return _origins(path, module, values[0]) if len(values) == 1 else None


def _set_in_env(integration: Integration, staging: Staging) -> Iterator[str]:
    """Yield the names that the env files of the backend and of the root set."""
    folders = dict.fromkeys((integration.answers.auth_backend_dir, "."))
    for folder in folders:
        for name in (".env", ".env.example", ".env.local"):
            path = name if folder == "." else f"{folder}/{name}"
            yield from entries(staging.text(path) or "")


def _origins(path: str, module: Module, node: Node) -> Origins | None:
    """Accept a collection of nothing but string literals."""
    elements = [n for n in node.named_children if n.type != "comment"]
    if node.type not in COLLECTIONS or any(string_value(n) is None for n in elements):
        return None
    return Origins(path=path, module=module, node=node)
