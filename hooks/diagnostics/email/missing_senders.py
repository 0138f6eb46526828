"""Mails of better-auth that nothing sends: a new password, a link to sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...syntax.python import line
from ...syntax.typescript import arguments, entry_of, is_open, unwrapped, value_at
from .._check import Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ...model import Finding
    from ...syntax.typescript import Script
    from .._project import Project

BROKEN = (
    Broken(
        title="a password that cannot be reset",
        path="{server}/src/auth/auth.config.ts",
        before="sendResetPassword: async",
        after="sendNothing: async",
    ),
    Broken(
        title="magic links without a sender",
        path="{server}/src/auth/auth.config.ts",
        before="sendMagicLink: (",
        after="sendNothing: (",
        project="every method",
    ),
)


def find(
    project: Project, path: str, script: Script, options: Node
) -> Iterator[Finding]:
    """Look for a sender of each further mail that was chosen."""
    password = value_at(options, "emailAndPassword")
    resets = is_open(password) or entry_of(password, "sendResetPassword") is not None
    if password is not None and not resets:
        yield problem(
            "a forgotten password cannot be reset: sendResetPassword is missing",
            path,
            line(password),
            remedy="add sendResetPassword to emailAndPassword",
        )
    links = [
        unwrapped(next(iter(arguments(c)), None)) for c in script.calls("magicLink")
    ]
    for given in links:
        if not is_open(given) and entry_of(given, "sendMagicLink") is None:
            yield problem(
                "magicLink() has no sendMagicLink, and fails at its first use",
                path,
                line(given) if given is not None else 0,
                remedy="give it sendMagicLink: ({ email, url }) => ...",
            )
    plugins = value_at(options, "plugins")
    elsewhere = is_open(options) or (plugins is not None and plugins.type != "array")
    wanted = "magic_link" in project.answers.auth_methods
    if wanted and not links and not elsewhere:
        yield problem(
            "magic links were chosen, and the plugin magicLink is missing",
            path,
            line(options),
            remedy="add magicLink({ sendMagicLink }) to plugins",
        )
