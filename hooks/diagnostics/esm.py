"""BA001: the auth server must be an ES module."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from ..model import Evidence, FileEdit, Finding, Fix, Plan
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
        repository = Repository(integration.root)
        text = repository.text(path)
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
                remedy="copier-better-auth doctor --fix",
                fix=_fix(path, repository),
            )


def _fix(path: str, repository: Repository) -> Fix | None:
    """Put the line first in the object; the rest of the file stays as it is."""
    before = repository.read(path) or b""
    first = re.match(rb"\s*\{(\s*)", before)
    manifest = json.loads(before)
    if first is None or not isinstance(manifest, dict) or "type" in manifest:
        return None
    line = b'"type": "module",' + (first[1] or b" ")
    after = before[: first.end()] + line + before[first.end() :]
    title = 'added "type": "module"'
    edit = FileEdit(path=path, before=before, after=after, why=(title,))
    return Fix(title=title, plan=Plan(edits=(edit,)))
