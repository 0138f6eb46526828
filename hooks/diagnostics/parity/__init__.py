"""BA009: both servers must hold the same secret, URL and database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._check import Check
from . import (
    different_env_files,
    different_secrets,
    fixed_options,
    outage_as_refusal,
    two_databases,
    unset_variables,
    unverified_credential,
    wrong_url,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project


class Parity(Check):
    """FastAPI checks what the auth server signs, with the same secret and URL.

    With another ``BETTER_AUTH_SECRET`` every cookie is refused; with another
    ``BETTER_AUTH_URL`` every token is, whose issuer and audience it is, to the letter.
    Both servers print the same eight digits of the secret's fingerprint when they
    start; while secrets change both need the same ``BETTER_AUTH_SECRETS``, FastAPI
    first. Tokens are signed with EdDSA; a shared secret and HS256 verify none. A
    database that does not answer says nothing about a credential, so it is no 401.
    """

    code = "BA009"
    name = "secret-and-url-parity"
    healthy = "both servers hold the same secret, URL and database"
    proof = (
        "env files compared by fingerprint; configuration and package by syntax tree; "
        "the fingerprint that the started server logs"
    )
    example = "BETTER_AUTH_URL=https://auth.example.com"
    broken = (
        *different_secrets.BROKEN,
        *different_env_files.BROKEN,
        *two_databases.BROKEN,
        *wrong_url.BROKEN,
        *fixed_options.BROKEN,
        *unverified_credential.BROKEN,
        *outage_as_refusal.BROKEN,
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Compare env files, then what the code takes from them."""
        yield from different_env_files.find(project)
        yield from two_databases.find(project)
        yield from wrong_url.find(project)
        if project.options is not None:
            yield from fixed_options.find(project, *project.options)
        yield from unverified_credential.find(project)
        yield from outage_as_refusal.find(project)

    def probe(self, project: Project) -> Iterator[Finding]:
        """Compare the fingerprint that the started server logs."""
        yield from unset_variables.probe(project)
        yield from different_secrets.probe(project)
