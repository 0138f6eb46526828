"""The end of API_DOCUMENTATION.md: what the plugins answer that ``sync`` found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answers.plugin_endpoints import parse_endpoints

if TYPE_CHECKING:
    from collections.abc import Iterator

_BEGINNING = """\
## Plugins

What the plugins of `src/auth/auth.config.ts` answer, as better-auth itself says:
`copier-better-auth sync` keeps this in step. What each field means is in
[the plugin's documentation](https://better-auth.com/docs/plugins).
"""


def plugin_endpoints(recorded: object) -> str:
    """Return the passage for what is recorded; empty if there is no plugin."""
    plugins = parse_endpoints(recorded)
    if not plugins:
        return ""
    lines = [_BEGINNING]
    for plugin in plugins:
        lines += [f"### {plugin.name}", "", "| endpoint | takes |", "|---|---|"]
        lines += map(_row, plugin.endpoints)
        lines.append("")
    return "\n".join(lines).rstrip()


def _row(endpoint: str) -> str:
    method, path, *fields = endpoint.split(" ")
    return f"| {method} `/api/auth{path}` | {', '.join(_shown(fields))} |"


def _shown(fields: list[str]) -> Iterator[str]:
    for field in fields:
        name = field.removesuffix("?")
        yield f"`{name}`" if name == field else f"`{name}` (optional)"
