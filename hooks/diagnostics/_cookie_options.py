"""What better-auth's configuration says of its cookies, and what FastAPI reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..env.sites import Relation, is_public_suffix
from ..syntax.python import line, text
from ..syntax.typescript import entry_of, literal, string_value, value_at
from ._check import problem, repairable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ..model import Finding
    from ..syntax.typescript import Script
    from ._project import Project

_DEFAULT_PREFIX = "better-auth"


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


def wrong_attributes(
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


def cookie_cache(
    project: Project, path: str, script: Script, options: Node
) -> Iterator[Finding]:
    """Find the cache that answers for sessions that were revoked."""
    enabled = value_at(options, "session", "cookieCache", "enabled")
    if enabled is None or enabled.type != "true":
        return
    if project.answers.credential == "token":
        return
    yield repairable(
        "the cookie cache answers for sessions that were revoked, until it expires",
        path,
        line(enabled),
        title="switched the cookie cache off",
        before=script.source,
        after=script.replaced(enabled, "false"),
    )


def shared_domain(path: str, options: Node) -> Iterator[Finding]:
    """Find a domain that browsers take no cookie for."""
    shared = value_at(options, "advanced", "crossSubDomainCookies")
    domain = string_value(value_at(shared, "domain"))
    if domain is None or literal(value_at(shared, "enabled")) is not True:
        return
    if "/" in domain or is_public_suffix(domain):
        yield problem(
            f'browsers refuse a cookie for the domain "{domain}"',
            path,
            line(shared) if shared is not None else 0,
            remedy="name a domain of your own, without scheme: .example.com",
        )


def other_names(project: Project, path: str, options: Node) -> Iterator[Finding]:
    """Find a cookie that better-auth writes under a name that FastAPI does not read."""
    if project.answers.credential == "token":
        return
    written = literals(project)
    readers = [found for found in written if ".session_token" in found[2]]
    if not readers:
        return
    prefix = value_at(options, "advanced", "cookiePrefix")
    wanted = f"{string_value(prefix) or _DEFAULT_PREFIX}.session_token"
    if prefix is not None and not any(wanted in found[2] for found in readers):
        yield problem(
            f"better-auth writes the cookie {wanted}, and FastAPI reads another",
            path,
            line(prefix),
            remedy=f"use one name in both: {readers[0][0]}:{readers[0][1]}",
        )
    if not any("__Secure-" in found[2] for found in written):
        yield problem(
            "FastAPI does not read the name that the cookie has under https",
            readers[0][0],
            readers[0][1],
            remedy=f"read __Secure-{wanted} as well",
        )


def literals(project: Project) -> list[tuple[str, int, str]]:
    """Return the strings of the FastAPI package: file, line and text."""
    if project.answers.credential == "token":
        return []
    return [
        (name, line(node), text(node))
        for name, module in project.modules.items()
        for node in module.nodes("string_content")
    ]
