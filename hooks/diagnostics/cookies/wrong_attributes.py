"""A ``SameSite`` or ``Secure`` that does not fit the sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...env.sites import Relation
from ...syntax.python import line, text
from ...syntax.typescript import entry_of, literal, string_value, value_at
from .._check import Broken, repairable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ...model import Finding
    from ...syntax.typescript import Script
    from .._project import Project

BROKEN = (
    Broken(
        title="SameSite=None for one site",
        path="{server}/src/auth/auth.config.ts",
        before="advanced: {",
        after=(
            'advanced: { defaultCookieAttributes: { sameSite: "none", secure: true }, '
        ),
        fixed=True,
    ),
    Broken(
        title="SameSite=None without Secure",
        path="{server}/src/auth/auth.config.ts",
        before="advanced: {",
        after='advanced: { defaultCookieAttributes: { sameSite: "none" }, ',
        fixed=True,
    ),
    Broken(
        title="SameSite=Strict, which drops the cookie after a link",
        path="{server}/src/auth/auth.config.ts",
        before="advanced: {",
        after='advanced: { defaultCookieAttributes: { sameSite: "strict" }, ',
        fixed=True,
    ),
)


def _attribute_nodes(options: Node, name: str) -> Iterator[Node]:
    """Yield an attribute's values: the default's and those of single cookies."""
    advanced = value_at(options, "advanced")
    default = value_at(advanced, "defaultCookieAttributes", name)
    if default is not None:
        yield default
    cookies = value_at(advanced, "cookies")
    for entry in cookies.named_children if cookies is not None else ():
        if entry.type == "pair":
            found = value_at(entry.child_by_field_name("value"), "attributes", name)
            if found is not None:
                yield found


def same_site(project: Project, options: Node) -> str | None:
    """Return what the configuration sets ``SameSite`` to; ``None`` for the default."""
    variable = "CROSS_SITE_COOKIES"
    if project.variables.get(variable) == "true" and f"env.{variable}" in text(options):
        return "none"
    found = next(_attribute_nodes(options, "sameSite"), None)
    value = string_value(found)
    return value.lower() if value else None


def find(
    project: Project,
    path: str,
    script: Script,
    options: Node,
    relations: dict[str, Relation],
) -> Iterator[Finding]:
    """Find a ``SameSite`` or ``Secure`` that does not fit the sites."""
    https = project.variables.get("BETTER_AUTH_URL", "").startswith("https:")
    one_site = bool(relations) and Relation.CROSS_SITE not in relations.values()
    for node in _attribute_nodes(options, "sameSite"):
        value = (string_value(node) or "").lower()
        if value == "strict" or (value == "none" and one_site):
            why = (
                "drops the session after a link from a mail or from Google"
                if value == "strict"
                else "gives up protection that one site does not have to"
            )
            yield repairable(
                f'sameSite "{value}" {why}',
                path,
                line(node),
                title='set sameSite to "lax"',
                before=script.source,
                after=script.replaced(node, '"lax"'),
            )
        elif value == "none" and not https and _secure(node) is not True:
            holder = node.parent
            entry = None if holder is None else entry_of(holder.parent, "secure")
            after = (
                script.replaced(node, f"{text(node)}, secure: true")
                if entry is None
                else script.replaced(entry, "secure: true")
            )
            yield repairable(
                "browsers refuse SameSite=None without Secure",
                path,
                line(node),
                title="added secure: true",
                before=script.source,
                after=after,
            )
    if not https:
        return
    insecure = [n for n in _attribute_nodes(options, "secure") if n.type == "false"]
    switch = value_at(options, "advanced", "useSecureCookies")
    if switch is not None and switch.type == "false":
        insecure.append(switch)
    for node in insecure:
        yield repairable(
            "the session cookie is not Secure, although the auth server has https",
            path,
            line(node),
            title="made the cookie Secure",
            before=script.source,
            after=script.replaced(node, "true"),
        )


def _secure(attribute: Node) -> object:
    """Return what stands for ``secure`` beside a ``sameSite``."""
    pair = attribute.parent
    return None if pair is None else literal(value_at(pair.parent, "secure"))
