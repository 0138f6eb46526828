"""The setting that the origins come from, where no list in the code holds them.

Followed from what ``allow_origins`` is given::

    os.getenv("ORIGINS", "").split(",")      # ORIGINS, split at commas
    settings.all_cors_origins                # a property of self.CORS_ORIGINS
    CORS_ORIGINS: list[str] = []             # CORS_ORIGINS, as JSON
    hosts: str = Field(alias="WEB_HOSTS")    # WEB_HOSTS
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..env.dotenv import entries
from ..fastapi_code.modules import module_file
from ..syntax.python import body_statements, name_of, parse, text, undecorated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from ..model import Integration
    from ..repository.staging import Staging
    from .cors_middleware import Middleware

_VARIABLE = re.compile(
    r"""(?:getenv\(|environ\.get\(|environ\[)\s{0,99}["'](\w{1,99})["']"""
)
_SPLIT = re.compile(r"""\.split\(\s{0,99}["']([^"'\\]{1,9})["']""")
_ALIAS = re.compile(
    r"""\b(?:validation_alias|alias|env)\s{0,9}=\s{0,9}\D{0,99}?["'](\w{1,99})["']"""
)
_PREFIX = re.compile(r"""\benv_prefix\s{0,9}[=:]\s{0,9}["'](\w{0,99})["']""")
_ENV_FILE = re.compile(r"""\benv_file["']?\s{0,9}[=:]\s{0,9}["']([^"']{1,199})["']""")
_COLLECTION = re.compile(r"(?i)\b(list|set|tuple|sequence|frozenset)\b")


@dataclass(frozen=True, kw_only=True)
class OriginsSetting:
    """A variable of the environment, the env file that sets it, and how it is read."""

    name: str
    path: str | None
    is_json: bool
    separator: str = ","

    def line(self, origins: Sequence[str]) -> str:
        """Return the env file's line with these origins."""
        listed = (
            json.dumps([*origins]) if self.is_json else self.separator.join(origins)
        )
        return f"{self.name}={listed}"

    def listed(self, value: str) -> list[str]:
        """Return the origins in a value that is set already."""
        found = re.findall(r"https?://[^\s\"',;|\[\]@]+", value)
        return [origin.rstrip("/") for origin in found]


def find_origins_setting(
    integration: Integration, staging: Staging, middleware: Middleware, given: Node
) -> OriginsSetting | None:
    """Return the one setting behind ``given``; its ``path`` is ``None`` if unknown."""
    read = _read_from_environment(middleware, given) or _read_from_settings(
        integration, staging, given
    )
    if read is None:
        return None
    name, is_json, separator, source = read
    path = _env_file(integration, staging, source)
    return OriginsSetting(name=name, path=path, is_json=is_json, separator=separator)


def value_in(staging: Staging, setting: OriginsSetting) -> str:
    """Return what the env file sets today; empty where it sets nothing."""
    found = entries(staging.text(setting.path or "") or "")
    return found.get(setting.name, "")


def _read_from_environment(
    middleware: Middleware, given: Node
) -> tuple[str, bool, str, str] | None:
    assigned = middleware.module.assignments()
    written = [text(given)]
    names = re.findall(r"[A-Za-z_]\w*", written[0])
    written += [text(a.value) for a in assigned if a.target in names]
    variables = {name for value in written for name in _VARIABLE.findall(value)}
    if len(variables) != 1:
        return None
    joined = " ".join(written)
    split = _SPLIT.search(joined)
    source = middleware.module.source.decode("utf-8", "replace")
    return variables.pop(), "json" in joined, split[1] if split else ",", source


def _read_from_settings(
    integration: Integration, staging: Staging, given: Node
) -> tuple[str, bool, str, str] | None:
    found = re.search(r"\.(\w+)\b(?!\()", text(given))
    settings = integration.facts.settings_module.value
    dotted = settings.partition(":")[0] if settings else ""
    root = integration.answers.auth_import_root
    path = module_file(staging.repository, root, dotted)
    if found is None or path is None:
        return None
    source = staging.read(path) or b""
    for definition in parse(source).classes():
        if field := _field(definition, found[1]):
            return *field, source.decode("utf-8", "replace")
    return None


def _field(definition: Node, name: str) -> tuple[str, bool, str] | None:
    """Return a field's variable and form; a property leads to the field it reads."""
    split = ","
    for statement in body_statements(definition):
        inner = undecorated(statement)
        if inner.type == "function_definition" and name_of(inner) == name:
            named = set(re.findall(r"\bself\.(\w+)", text(inner)))
            fields = [n for n in sorted(named) if _declared(definition, n) is not None]
            origins = [n for n in fields if re.search(r"(?i)origin|cors", n)] or fields
            if len(origins) != 1:
                return None
            separator = _SPLIT.search(text(inner))
            split, name = separator[1] if separator else ",", origins[0]
    declared = _declared(definition, name)
    if declared is None:
        return None
    annotation, value = declared
    if variable := _VARIABLE.search(value):
        separator = _SPLIT.search(value)
        return variable[1], "json" in value, separator[1] if separator else split
    alias = _ALIAS.search(value)
    prefix = _PREFIX.search(text(definition))
    named_by = alias[1] if alias else f"{prefix[1] if prefix else ''}{name}".upper()
    is_json = bool(_COLLECTION.search(annotation)) and "NoDecode" not in annotation
    return named_by, is_json, split


def _declared(definition: Node, name: str) -> tuple[str, str] | None:
    """Return the annotation and the default of a class's field, as written."""
    for statement in body_statements(definition):
        for child in statement.named_children:
            if child.type != "assignment":
                continue
            if text(child.child_by_field_name("left")) == name:
                annotation = text(child.child_by_field_name("type"))
                return annotation, text(child.child_by_field_name("right"))
    return None


def _env_file(integration: Integration, staging: Staging, source: str) -> str | None:
    """Return the env file that the application reads at start, if it reads any."""
    backend = integration.answers.auth_backend_dir
    root = integration.answers.auth_import_root
    below = "" if root == "." else f"{root}/"
    stated = _ENV_FILE.search(source)
    loads = stated is not None or any(
        "load_dotenv(" in (staging.text(name) or "")
        for name in staging.repository.files
        if name.endswith(".py") and name.startswith(below)
    )
    if not loads:
        return None
    named = [_below(backend, stated[1])] if stated else []
    places = [n for n in [*named, _below(backend, ".env"), ".env"] if n is not None]
    present = [name for name in places if staging.read(name) is not None]
    return (named or present or places)[0]


def _below(folder: str, name: str) -> str | None:
    """Return a path relative to the repository; ``None`` for one outside of it."""
    parts: list[str] = []
    for part in PurePosixPath(folder, name).parts:
        if part == ".." and not parts:
            return None
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return None if name.startswith("/") else "/".join(parts)
