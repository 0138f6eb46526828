"""BA001: the auth server must be an ES module."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..model import Evidence, Finding
from ..repository import Repository
from ._check import Check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Integration


class Esm(Check):
    """better-auth is published as ES modules only.

    Without ``"type": "module"`` Node reads the auth server as CommonJS and stops with
    ERR_REQUIRE_ESM, on some platforms only after deployment. Put
    ``"type": "module"`` into its ``package.json``.
    """

    code = "BA001"
    name = "esm"
    healthy = "the auth server is an ES module"

    def detect(self, integration: Integration) -> Iterator[Finding]:
        """Read ``package.json`` as JSON."""
        path = f"{integration.answers.auth_server_dir}/package.json"
        text = Repository(integration.root).text(path)
        try:
            manifest = json.loads(text or "")
        except ValueError:
            yield Finding(
                message="package.json is missing or no JSON",
                evidence=(Evidence(path=path, why="read here"),),
                remedy=f"restore it: git checkout {path}",
            )
            return
        if not isinstance(manifest, dict) or manifest.get("type") != "module":
            yield Finding(
                message='"type": "module" is missing from package.json',
                evidence=(Evidence(path=path, why='no "type": "module"'),),
                remedy=f'add "type": "module" to {path}',
            )
