"""An old login that still makes accounts, which the auth server does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Status
from .._check import Broken, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

_MAKES = " makes accounts"
_ROUTE = (
    '\n\n@{router}.post("{path}")\ndef {name}(email: str, password: str) -> None:\n'
    "    print(email)\n"
)
BROKEN = (
    Broken(
        title="a route that signs people up",
        path="{backend}/app/main.py",
        after=_ROUTE.format(router="app", path="/signup", name="new_person"),
        project="people",
        severity=Status.WARN,
    ),
    Broken(
        title="a route that adds people",
        path="{backend}/app/main.py",
        after=_ROUTE.format(router="app", path="/people", name="create_user"),
        project="people",
        severity=Status.WARN,
    ),
    Broken(
        title="the register router of fastapi-users",
        path="{backend}/app/main.py",
        after=(
            "\nfrom fastapi_users import FastAPIUsers\n\n"
            "fastapi_users = FastAPIUsers(None, [])\n"
            "app.include_router(fastapi_users.get_register_router(None, None))\n"
        ),
        project="people",
        severity=Status.WARN,
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Look for routes of the application that make accounts."""
    signs_in = project.facts.own_sign_in.value
    for place in signs_in.sign_up if signs_in else ():
        yield warning(
            f"the old login still makes accounts: {place.why.removesuffix(_MAKES)}",
            place.path,
            place.line,
            remedy="let people sign up at the auth server, or run import-users again",
        )
