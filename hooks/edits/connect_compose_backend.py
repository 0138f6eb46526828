"""Give FastAPI's service in the project's compose file what the auth package reads.

Before::

    services:
      api:
        build: .
        environment:
          DATABASE_URL: postgresql://app@db/app

After::

    services:
      api:
        build: .
        environment:
          DATABASE_URL: postgresql://app@db/app
          BETTER_AUTH_SECRET: ${BETTER_AUTH_SECRET:-}
          BETTER_AUTH_URL: ${BETTER_AUTH_URL:-http://localhost:3001}

Names that the service is given already, or that the project's own code reads, are left
alone: another value might not be in the form that the code expects.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from ..model import FileEdit, ManualStep, Skip
from ..repository.compose import Compose, backend_service, database_url, environment
from ..syntax.yaml import YAMLError, load_yaml
from ..syntax.yaml_blocks import block_end, indentation, inserted
from .add_compose_service import (
    NAMES,
    PORT,
    auth_port,
    auth_service,
    in_override,
    override,
    project_compose,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..model import Integration
    from ..repository.staging import Staging

_OPERATION = "connect-compose-backend"


def connect_compose_backend(
    integration: Integration, staging: Staging
) -> FileEdit | ManualStep | Skip:
    """Add the variables to the service; say them where it has no certain place."""
    answers = integration.answers
    compose = project_compose(integration, staging)
    if isinstance(compose, Skip | str):
        why = compose.why if isinstance(compose, Skip) else compose
        return Skip(operation=_OPERATION, path=".", why=why)
    built = list(compose.built_from(answers.auth_backend_dir))
    name = backend_service(compose, answers.auth_backend_dir, staging.text)
    if not built:
        why = "the backend is none of its services"
        return Skip(operation=_OPERATION, path=compose.path, why=why)
    names = [name] if name else built
    wanted = _variables(integration, staging, compose, names)
    if not wanted:
        why = f"{', '.join(names)}: given what the auth package reads"
        return Skip(operation=_OPERATION, path=compose.path, why=why)
    after = _with_variables(compose, name, wanted) if name else None
    if after is None:
        why = "which service is FastAPI's is not certain"
        if name is not None:
            why = f"{name} shares its environment, or has it in braces"
        return _manual(compose.path, why, names, wanted, staging)
    return FileEdit(
        path=compose.path,
        before=staging.read(compose.path),
        after=after.encode(),
        why=(f"give {name} {', '.join(wanted)}",),
    )


def _variables(
    integration: Integration, staging: Staging, compose: Compose, names: list[str]
) -> Mapping[str, str]:
    """Return what the service still lacks; every value is valid in every shell."""
    answers = integration.answers
    auth = auth_service(compose, answers) or NAMES[0]
    port = compose.published(auth, str(PORT)) if auth in compose.services else None
    address = f"http://localhost:{port or auth_port(compose)}"
    wanted = {"BETTER_AUTH_URL": f"${{BETTER_AUTH_URL:-{address}}}"}
    if not answers.shares_database:
        wanted["JWKS_URL"] = f"http://{auth}:{PORT}/api/auth/jwks"
    else:
        wanted["BETTER_AUTH_SECRET"] = "${BETTER_AUTH_SECRET:-}"  # noqa: S105
        wanted["BETTER_AUTH_SECRETS"] = "${BETTER_AUTH_SECRETS:-}"
        wanted["CORS_ORIGINS"] = answers.auth_cors_origins.replace(" ", "")
        url = database_url(compose, names[0])
        if not answers.auth_database_symbol:
            auth_url = environment(compose.services.get(auth)).get("DATABASE_URL")
            wanted["DATABASE_URL"] = auth_url or url or "${AUTH_DATABASE_URL:-}"
    given = {**compose.given(names[0])}
    on_top = override(compose.path, staging)
    if on_top is not None and names[0] in on_top.services:
        given |= on_top.given(names[0])
    own = {"CORS_ORIGINS", "DATABASE_URL"}
    return {
        variable: wanted[variable]
        for variable in sorted(wanted)
        if variable not in given
        and not (variable in own and _is_read(integration, staging, variable))
    }


def _is_read(integration: Integration, staging: Staging, variable: str) -> bool:
    """Return True if the project's own code speaks of the variable, in any case."""
    package = f"{integration.answers.auth_package_dir}/"
    word = re.compile(rf"(?i)\b{variable}\b")
    return any(
        word.search(staging.text(path) or "")
        for path in staging.repository.files
        if path.endswith(".py") and not path.startswith(package)
    )


def _with_variables(
    compose: Compose, name: str, wanted: Mapping[str, str]
) -> str | None:
    service = compose.services[name]
    if service.fa.flow_style() or "environment" in _merged(service):
        return None
    lines = compose.source.splitlines()
    start = compose.services.lc.key(name)[0]
    written = service.get("environment")
    if written is None and "environment" not in service:
        first = service.lc.key(next(iter(service)))[0]
        margin = " " * indentation(lines[first])
        added = [f"{margin}environment:"]
        added += [f"{margin}  {k}: {v}" for k, v in wanted.items()]
        at = block_end(lines, start)
    else:
        if not isinstance(written, CommentedMap | CommentedSeq) or not written:
            return None
        key = service.lc.key("environment")[0]
        at = block_end(lines, key)
        first = _first_line(written)
        if written.fa.flow_style() or written.anchor.value or not key < first < at:
            return None
        margin = " " * indentation(lines[first])
        listed = isinstance(written, CommentedSeq)
        added = [
            f"{margin}- {k}={v}" if listed else f"{margin}{k}: {v}"
            for k, v in wanted.items()
        ]
    after = inserted(compose.source, at, added)
    return after if _only_adds(compose, name, wanted, after) else None


def _first_line(written: CommentedMap | CommentedSeq) -> int:
    if isinstance(written, CommentedMap):
        return int(written.lc.key(next(iter(written)))[0])
    return int(written.lc.item(0)[0])


def _merged(service: CommentedMap) -> set[str]:
    """Return the keys that come from elsewhere by ``<<``."""
    own = {str(key) for key in service.lc.data or {}}
    return {str(key) for key in service} - own


def _only_adds(
    compose: Compose, name: str, wanted: Mapping[str, str], after: str
) -> bool:
    """Read both texts again: only the variables may be new, and they must be there."""
    old: Any
    new: Any
    try:
        old, new = load_yaml(compose.source), load_yaml(after)
    except YAMLError:
        return False
    written = new["services"][name]["environment"]
    if isinstance(written, list):
        new["services"][name]["environment"] = written[: -len(wanted)]
        return old == new and written[-len(wanted) :] == [
            f"{k}={v}" for k, v in wanted.items()
        ]
    if any(str(written.pop(k, None)) != v for k, v in wanted.items()):
        return False
    if not written and "environment" not in old["services"][name]:
        del new["services"][name]["environment"]
    return bool(old == new)


def _manual(
    path: str, why: str, names: list[str], wanted: Mapping[str, str], staging: Staging
) -> ManualStep:
    listed = "\n".join(f"    {name}: {value}" for name, value in wanted.items())
    services = "\n".join(f"{name}:\n  environment:\n{listed}" for name in names)
    return in_override(_OPERATION, path, why, services, staging)
