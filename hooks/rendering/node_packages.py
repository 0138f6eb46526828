"""The auth server's npm packages: the few that the answers need, with their lock.

``hooks/catalogue/npm`` pins every package that any answer can need, with a lock that
npm itself wrote. What one project gets is that lock without what is out of reach of its
own ``package.json``, so that ``npm ci`` accepts it and a lock exists for every
combination of answers.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..catalogue.deployment import TARGETS, target
from ..catalogue.mail import MAIL_SERVICES, mail_service
from ..catalogue.old_hashes import HASH_READERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

SCRIPTS = {
    "build": "tsc -p tsconfig.build.json",
    "dev": "tsx watch --clear-screen=false dev/server.ts",
    "dev:all": "node --import tsx dev/all.ts",
    "migrate": "tsx src/migrate.ts",
    "start": "node dist/server.js",
    "typecheck": "tsc --noEmit",
}
_IMPORT = {"import-users": "tsx src/import-users.ts"}
_PLACE = "node_modules/"
_KINDS = ("dependencies", "devDependencies")
_EDGES = ("dependencies", "optionalDependencies", "peerDependencies")
# Newer releases of it need a newer Node than better-auth and we do. npm heeds that, and
# other package managers take the newest, or stop.
_HELD_BACK = "kysely"


@dataclass(frozen=True, kw_only=True)
class NodePackages:
    """Exact versions by name, the scripts, and the text of the lock that fits.

    For package managers that do not read npm's lock: what they must not take newer, and
    the packages that have a script for their installation.
    """

    dependencies: Mapping[str, str]
    dev_dependencies: Mapping[str, str]
    scripts: Mapping[str, str]
    lock: str
    held_back: Mapping[str, str]
    install_scripts: Sequence[str]


def node_packages(  # noqa: PLR0913 - an argument for each answer that matters
    pinned: Path,
    server_dir: str,
    *,
    methods: Sequence[str],
    email_provider: str,
    database_provider: str,
    deployment: str,
    hash_readers: Sequence[str],
    existing_users: str,
) -> NodePackages:
    """Choose what a project with these answers installs.

    ``pinned`` is the folder with the complete ``package.json`` and its lock.
    """
    manifest = json.loads((pinned / "package.json").read_text(encoding="utf-8"))
    lock = json.loads((pinned / "package-lock.json").read_text(encoding="utf-8"))
    unused = _unused(methods, email_provider, database_provider, deployment)
    for row in HASH_READERS:
        unused |= row.packages if row.name not in hash_readers else frozenset()
    wanted: dict[str, dict[str, str]] = {
        kind: {k: v for k, v in manifest[kind].items() if k not in unused}
        for kind in _KINDS
    }
    pruned = _pruned(lock, package_name(server_dir), wanted)
    placed = {
        path.removeprefix(_PLACE): entry for path, entry in pruned["packages"].items()
    }
    return NodePackages(
        dependencies=wanted["dependencies"],
        dev_dependencies=wanted["devDependencies"],
        scripts=SCRIPTS if existing_users == "none" else {**SCRIPTS, **_IMPORT},
        lock=json.dumps(pruned, indent=2),
        held_back={_HELD_BACK: placed[_HELD_BACK]["version"]},
        install_scripts=sorted(n for n, e in placed.items() if "hasInstallScript" in e),
    )


def package_name(server_dir: str) -> str:
    """Return the npm name of the auth server: its folder's, in npm's spelling."""
    return server_dir.rpartition("/")[2].lower().lstrip("_.")


def _unused(
    methods: Sequence[str],
    email_provider: str,
    database_provider: str,
    deployment: str,
) -> set[str]:
    mail = mail_service(methods, email_provider)
    chosen = target(deployment).packages | (mail.packages if mail else frozenset())
    rows = (*MAIL_SERVICES, *TARGETS)
    unused = {name for row in rows for name in row.packages if name not in chosen}
    if database_provider != "embedded":
        unused.add("embedded-postgres")
    return unused


def _pruned(
    lock: Mapping[str, Any], name: str, wanted: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    packages: Mapping[str, Any] = lock["packages"]
    root = {**packages[""], "name": name, **wanted}
    reached = _reachable(packages, root)
    kept = {path: entry for path, entry in packages.items() if path in reached}
    return {**lock, "name": name, "packages": {"": root, **kept}}


def _reachable(packages: Mapping[str, Any], root: Mapping[str, Any]) -> set[str]:
    """Follow every kind of dependency from the root to the places npm put them."""
    reached: set[str] = set()
    waiting = deque(_resolved(packages, "", root))
    while waiting:
        path = waiting.popleft()
        if path not in reached:
            reached.add(path)
            waiting.extend(_resolved(packages, path, packages[path]))
    return reached


def _resolved(
    packages: Mapping[str, Any], path: str, entry: Mapping[str, Any]
) -> Iterator[str]:
    """Yield where Node finds each dependency of ``entry``: nearest folder first."""
    kinds = (*_EDGES, "devDependencies") if not path else _EDGES
    for dependency in {name for kind in kinds for name in entry.get(kind, {})}:
        folder = path
        while True:
            candidate = f"{folder}/node_modules/{dependency}".lstrip("/")
            if candidate in packages:
                yield candidate
                break
            if not folder:
                break  # an optional or unmet peer dependency
            folder = folder.rpartition("node_modules/")[0].rstrip("/")
