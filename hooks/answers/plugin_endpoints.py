"""What the plugins of better-auth's configuration answer, as ``sync`` found it.

Recorded as the answer ``auth_plugin_endpoints``, which API_DOCUMENTATION.md is rendered
from. A repository may come from anybody: no text gets through, only names and paths.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, TypeAdapter

from .record_problem import record_problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

_PLUGIN = re.compile(r"@?[A-Za-z0-9][A-Za-z0-9_./-]{0,62}")
_ENDPOINT = re.compile(
    r"(?:GET|POST|PUT|PATCH|DELETE) /[A-Za-z0-9_/.{}*-]{0,200}"
    r"(?: [A-Za-z_][A-Za-z0-9_]{0,62}\??){0,99}"
)


def _plugin(value: str) -> str:
    if not _PLUGIN.fullmatch(value):
        message = "a plugin's name has letters, digits and -_./ alone, 63 at most"
        raise ValueError(message)
    return value


def _endpoint(value: str) -> str:
    if not _ENDPOINT.fullmatch(value):
        message = "an endpoint is a method, a path and names of fields"
        raise ValueError(message)
    return value


class PluginEndpoints(BaseModel):
    """What one plugin answers: ``POST /organization/create name logo?`` and so on.

    After method and path are the fields that it takes; ``?`` marks an optional one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, AfterValidator(_plugin)]
    endpoints: tuple[Annotated[str, AfterValidator(_endpoint)], ...]


_PLUGINS = TypeAdapter(tuple[PluginEndpoints, ...])


def parse_endpoints(value: object) -> tuple[PluginEndpoints, ...]:
    """Validate what an answers file records; raises ``ValidationError``."""
    return _PLUGINS.validate_python(value or ())


def endpoints_problem(value: object) -> str:
    """Say why recorded endpoints are invalid; empty if they are valid."""
    return record_problem(parse_endpoints, value)


def found_endpoints(
    plugins: Iterable[Mapping[str, Any]], documented: Collection[str]
) -> tuple[PluginEndpoints, ...]:
    """Return what can be recorded of a description, by the plugins' names.

    Without the endpoints that are ``documented`` anyway, each as ``METHOD /path``.
    """
    found: dict[str, list[str]] = {}
    for plugin in plugins:
        name = str(plugin.get("name"))
        lines = [str(line) for line in plugin.get("endpoints", ())]
        kept = [
            line
            for line in dict.fromkeys(lines)
            if _ENDPOINT.fullmatch(line)
            and " ".join(line.split(" ")[:2]) not in documented
        ]
        if kept and _PLUGIN.fullmatch(name):
            found.setdefault(name, []).extend(kept)
    return tuple(
        PluginEndpoints(name=name, endpoints=tuple(found[name]))
        for name in sorted(found)
    )
