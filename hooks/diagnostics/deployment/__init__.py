"""BA005: the deployment's files must fit the auth server as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._check import Check
from . import (
    compose_file,
    container_image,
    fixed_address,
    railway_settings,
    unexported_application,
    vercel_routing,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project


class Deployment(Check):
    """Express needs almost nothing of Vercel, Railway or Docker, and breaks on more.

    On Vercel ``builds`` is deprecated and switches the project's own settings off, and
    a catch-all in ``routes`` sends everything to a file that is not there. A container
    must not hold ``.env``, listen on 127.0.0.1 or run the development server. Looked
    at are the files in the auth server's folder alone; the fix takes out ``builds`` and
    the catch-all, and no other route of yours.
    """

    code = "BA005"
    name = "deployment"
    healthy = "the deployment's files fit the auth server"
    proof = (
        "vercel.json, railway.json, compose and Dockerfile parsed; app by syntax tree"
    )
    example = '{ "$schema": "https://openapi.vercel.sh/vercel.json" }'
    broken = (
        *vercel_routing.BROKEN,
        *unexported_application.BROKEN,
        *railway_settings.BROKEN,
        *fixed_address.BROKEN,
        *container_image.BROKEN,
        *compose_file.BROKEN,
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Read each deployment file that exists, then what all of them need."""
        yield from vercel_routing.find(project)
        yield from railway_settings.find(project)
        yield from container_image.find(project)
        yield from compose_file.find(project)
        if project.answers.auth_deployment != "local":
            yield from unexported_application.find(project)
            yield from fixed_address.find(project)
