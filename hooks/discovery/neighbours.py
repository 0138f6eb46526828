"""Find what is beside the backend: auth server, front end, Spec-Kit, git."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from ..catalogue.package_managers import node_manager
from ..model import Confidence, Evidence, Fact
from ..repository import git
from ..repository.paths import above, join
from .package_json import dependencies_of, package_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..repository import Repository

# Where there are several, npm's is the one that was left behind.
_NODE_LOCKS = {
    lock: name
    for name in ("pnpm", "bun", "yarn", "npm")
    for lock in node_manager(name).locks
}
_FRAMEWORKS = (
    "next",
    "nuxt",
    "react",
    "vue",
    "svelte",
    "@sveltejs/kit",
    "@angular/core",
    "astro",
    "solid-js",
    "preact",
    "vite",
)
# The frameworks that there is an example for, and what is built with each.
_FAMILIES = {
    "vue": ("vue", "nuxt"),
    "svelte": ("svelte", "@sveltejs/kit"),
    "react": ("react", "next"),
}
# Applications for phones and desktops, which send no origin.
_NATIVE = ("@dcloudio/uni-", "react-native", "expo", "electron", "@tauri-apps/")
_SEEN_BY_USERS = re.compile(r"(?i)front|web|client|^ui$|^app$")
# Written by an earlier run in any project, and so no sign of Spec-Kit Plus.
_OWN_RECORD = re.compile(
    r"/prompts/(?:[^/\n]{1,255}/){0,9}\d{1,9}-(?:better-auth|auth-integration)-[^/]{0,255}$"
)
_SPEC_KIT_PLUS = re.compile(
    r"(^|/)(history/prompts/|[^/]{0,255}/?commands/sp\.|sp\.\w{1,255}\.(md|toml)$)"
)
_ASIDE = re.compile(r"(^|/)(docs?|emails?|e2e|tests?|examples?|\.[^/]{1,255})(/|$)")


def find_auth_server(repository: Repository) -> Fact[str]:
    """Find the package that calls ``betterAuth(`` and depends on it."""
    return next(_better_auths(repository), Fact())


def find_separate_better_auth(repository: Repository) -> Fact[str]:
    """Find a better-auth that is part of something else: a front end, a library.

    Only a server of Express alone can become the auth server; another better-auth
    keeps its own people and sessions.
    """
    for found in _better_auths(repository):
        packages = dependencies_of(repository, join(str(found.value), "package.json"))
        if "express" not in packages or packages.intersection(_FRAMEWORKS):
            return found
    return Fact()


def _better_auths(repository: Repository) -> Iterator[Fact[str]]:
    for path in repository.named("package.json"):
        folder = path.rpartition("/")[0] or "."
        if "better-auth" not in dependencies_of(repository, path) or _ASIDE.search(
            path
        ):
            continue
        for name in repository.below(folder):
            if _is_script(name):
                content = repository.text(name) or ""
                if "betterAuth(" in content:
                    number = content[: content.index("betterAuth(")].count("\n") + 1
                    why = "configures better-auth"
                    evidence = Evidence(path=name, line=number, why=why)
                    certain = Confidence.CERTAIN
                    yield Fact(value=folder, confidence=certain, evidence=(evidence,))
                    break


def _is_script(name: str) -> bool:
    return name.endswith((".ts", ".js", ".mjs", ".tsx", ".mts")) and not re.search(
        r"(^|/)(tests?|e2e|__tests__)/|\.(test|spec)\.", name
    )


def find_frontend(repository: Repository, auth_server_dir: str | None) -> Fact[str]:
    """Find the package that the product's users see."""
    found: list[tuple[int, int, bool, str]] = []
    for path in repository.named("package.json"):
        folder = path.rpartition("/")[0] or "."
        packages = dependencies_of(repository, path)
        names = [name for name in _FRAMEWORKS if name in packages]
        if any(name.startswith(_NATIVE) for name in packages):
            continue
        if not names or _ASIDE.search(path):
            continue
        if folder == auth_server_dir and "express" in packages:
            continue
        named = _SEEN_BY_USERS.search(folder.rpartition("/")[2]) is None
        rank = (_FRAMEWORKS.index(names[0]) // 9, path.count("/"), named)
        found.append((*rank, folder))
    if not found:
        return Fact()
    *_, folder = min(found)
    path = join(folder, "package.json")
    evidence = (Evidence(path=path, why="depends on a front-end framework"),)
    return Fact(value=folder, confidence=Confidence.LIKELY, evidence=evidence)


def find_front_end(repository: Repository, folder: str | None) -> Fact[str]:
    """Find the framework of the front end in ``folder``: React, Vue or Svelte."""
    if folder is None:
        return Fact()
    path = join(folder, "package.json")
    packages = dependencies_of(repository, path)
    for framework, names in _FAMILIES.items():
        if found := next((name for name in names if name in packages), None):
            evidence = (Evidence(path=path, why=f"depends on {found}"),)
            return Fact(
                value=framework, confidence=Confidence.CERTAIN, evidence=evidence
            )
    return Fact()


def find_node_package_manager(repository: Repository, folder: str | None) -> Fact[str]:
    """Believe the ``packageManager`` field, then the nearest lock file."""
    for place in above(folder or "."):
        package = package_json(repository, join(place, "package.json"))
        declared = str(package.get("packageManager", "")).partition("@")[0]
        if declared in set(_NODE_LOCKS.values()):
            evidence = (Evidence(path=join(place, "package.json"), why="declares it"),)
            return Fact(
                value=declared, confidence=Confidence.CERTAIN, evidence=evidence
            )
        for name, manager in _NODE_LOCKS.items():
            if join(place, name) in repository.file_set:
                evidence = (Evidence(path=join(place, name), why=f"is {manager}'s"),)
                return Fact(
                    value=manager, confidence=Confidence.CERTAIN, evidence=evidence
                )
    if folder is not None and join(folder, "package.json") in repository.file_set:
        return Fact(value="npm", confidence=Confidence.LIKELY)
    return Fact()


def find_spec_kit(repository: Repository) -> Fact[str]:
    """Tell Spec-Kit Plus, plain Spec-Kit and neither apart."""
    # Words are found sooner than patterns.
    listed = [n for n in repository.files if "sp." in n or "history/prompts/" in n]
    for name in listed:
        if not _OWN_RECORD.search(name) and _SPEC_KIT_PLUS.search(name):
            evidence = (Evidence(path=name, why="is Spec-Kit Plus's"),)
            return Fact(
                value="spec-kit-plus", confidence=Confidence.LIKELY, evidence=evidence
            )
    for name in (name for name in repository.files if ".specify/" in name):
        if "/.specify/" in f"/{name}":
            plus = "phr-template" in name
            evidence = (Evidence(path=name, why="is Spec-Kit's"),)
            return Fact(
                value="spec-kit-plus" if plus else "spec-kit",
                confidence=Confidence.LIKELY,
                evidence=evidence,
            )
    return Fact(value="none", confidence=Confidence.CERTAIN)


def find_git(repository: Repository) -> tuple[Fact[str], Fact[str]]:
    """Return the current branch and the remote's URL, without its credentials."""
    branch = git.line(repository.root, "symbolic-ref", "--quiet", "--short", "HEAD")
    remote = git.line(repository.root, "config", "--get", "remote.origin.url")
    known = Confidence.CERTAIN
    return (
        Fact(value=branch, confidence=known) if branch else Fact(),
        Fact(value=without_credentials(remote), confidence=known) if remote else Fact(),
    )


def without_credentials(url: str) -> str:
    """Return a URL without user and password."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", "")) if host else url
