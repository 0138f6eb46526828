"""A domain that browsers take no cookie for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...env.sites import is_public_suffix
from ...syntax.python import line
from ...syntax.typescript import literal, string_value, value_at
from .._check import Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ...model import Finding

BROKEN = (
    Broken(
        title="a cookie for a whole platform",
        path="{server}/src/auth/auth.config.ts",
        before="advanced: {",
        after=(
            "advanced: { crossSubDomainCookies: { enabled: true, domain: "
            '".vercel.app" }, '
        ),
    ),
)


def find(path: str, options: Node) -> Iterator[Finding]:
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
