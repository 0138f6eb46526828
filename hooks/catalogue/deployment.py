"""Where the auth server can run in production."""

from __future__ import annotations

from dataclasses import dataclass

_FROM_GIT = "import the repository, root directory"


@dataclass(frozen=True, kw_only=True)
class Target:
    """A deployment target; the files that it needs are in the template.

    Attributes:
        name: the answer.
        choice: what the form says.
        deploy: what to type or to open next, with ``{server}`` for the folder.
        packages: the npm packages that only it needs.
        listen_host: the address that the server listens on there.
        shared_domain: a domain that its users share, whose cookies no browser shares.

    """

    name: str
    choice: str
    deploy: str = ""
    packages: frozenset[str] = frozenset()
    listen_host: str = "0.0.0.0"  # noqa: S104 - a container or a platform
    shared_domain: str = "vercel.app"


TARGETS = (
    Target(name="local", choice="Nowhere yet (local only)"),
    Target(
        name="docker",
        choice="Docker",
        deploy="(cd {server} && docker compose up --build --detach)",
        packages=frozenset({"tldts"}),
    ),
    Target(
        name="railway",
        choice="Railway",
        deploy=f"https://railway.com/new: {_FROM_GIT} /{{server}}",
        packages=frozenset({"tldts"}),
        listen_host="::",
        shared_domain="up.railway.app",
    ),
    Target(
        name="vercel",
        choice="Vercel",
        deploy=f"https://vercel.com/new: {_FROM_GIT} {{server}}",
        packages=frozenset({"tldts", "@vercel/functions"}),
    ),
)


def target(name: str) -> Target:
    """Return the row of a deployment target by its name."""
    return next(row for row in TARGETS if row.name == name)
