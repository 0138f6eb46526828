"""The page of the files that land: the template's own names and first lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reference.markdown import plain_code, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HEAD = """\
# Files that land

Made from the template itself by `make generate`; do not edit it. The template owns what
is in the first two folders, and an update merges it with your edits; the rest of your
repository gets the edits that the plan shows. An answer in the last column is what the
file needs.
"""
_BY_THE_RUN = {
    "`.copier-answers.better-auth.yml`": "the answers; commit it",
    "`.env` of the auth server": (
        "the environment with a fresh secret, mode 600, ignored by git; written once"
    ),
    "`DIAGNOSTICS.md` there": "what the diagnostics said at the end of the run",
    "one revision, or one file of SQL": (
        "the auth tables, where Alembic or SQL files migrate; see "
        "[One database, two servers](../database.md)"
    ),
    "`history/prompts/`": (
        "with `auth_records`: what was configured, generated and checked"
    ),
    "`history/adr/`": "a record of each decision that `auth_adrs` names",
}
_FOLDERS = {
    "{{ auth_server_dir }}": ("auth_server_dir", "The auth server"),
    "{{ auth_package_dir }}": ("auth_package_dir", "The auth package"),
}
_NEW_NAMES = {
    r"\{\{ auth_backend_dir \}\}": "backend",
    r"\{\{ app_folder\(.*?\) \}\}": "backend/app",
    r"\{\{ app_file_name\(.*?\) \}\}": "main",
}
_CONDITION = re.compile(r"\{% if (.*?) %\}(.*?)\{% endif %\}")
_KINDS = {
    ".ts": re.compile(r"\A((?://.*\n)+)", re.MULTILINE),
    ".tsx": re.compile(r"\A((?://.*\n)+)", re.MULTILINE),
    ".py": re.compile(r'\A"""(.*?)(?:\n\n|""")', re.DOTALL),
    ".md": re.compile(r"\A# (.*)\n"),
}
_JINJA = re.compile(r"\s*\{([%#]).*?\1\}\s*", re.DOTALL)
# What has no first line that says it, by its path or its name.
_SAID = {
    "API_DOCUMENTATION.md": "every endpoint, with commands to paste",
    "README.md": "what is where; read it first",
    "SETUP.md": "from a clone to the first sign-in, and to production",
    "TROUBLESHOOTING.md": "what an error means, and what to do",
    "docs/front-end/README.md": "how a front end signs people in",
    ".dockerignore": "what the image leaves out",
    ".env.example": "every variable, explained",
    ".gitignore": "what git leaves out: `.env`, builds, data",
    ".yarnrc.yml": "how Yarn installs",
    "Dockerfile": "the auth server's image",
    "api.Dockerfile": "FastAPI's image",
    "api.Dockerfile.dockerignore": "what FastAPI's image leaves out",
    "compose.yaml": "all that runs in containers",
    "icon.svg": "the page's icon",
    "index.html": "the page at `/dev`",
    "package-lock.json": "the packages, each with its hash",
    "package.json": "the scripts and the pinned packages",
    "page.css": "how the page at `/dev` looks",
    "page.js": "what the page at `/dev` does",
    "pnpm-workspace.yaml": "how pnpm installs",
    "railway.json": "how Railway builds, migrates and starts it",
    "tsconfig.build.json": "what is compiled for production",
    "tsconfig.json": "how TypeScript is checked",
    "vercel.json": "how Vercel builds and routes it",
    "yarn.lock": "makes the folder a project of its own for Yarn",
}


def page(template: Path) -> str:
    """Return the page."""
    return "\n".join(_lines(template)) + "\n"


def _lines(template: Path) -> Iterator[str]:
    yield _HEAD
    for folder, (name, title) in _FOLDERS.items():
        yield f"## {title}"
        yield ""
        yield f"In `{name}`:"
        yield ""
        files = (p for p in (template / folder).rglob("*") if p.is_file())
        rows = sorted(_row(path, template / folder) for path in files)
        shown = ((f"`{file}`", *rest) for file, *rest in rows)
        yield from table(("file", "what it is", "only where"), shown)
        yield ""
    yield "## A new project"
    yield ""
    yield "Rendered once; it is yours from then on, and no update changes it."
    yield ""
    new = (path for path in template.rglob("*") if path.is_file())
    rendered_once = sorted(
        _plain(_row(path, template)[0])
        for path in new
        if "auth_new_project" in path.relative_to(template).parts[0]
    )
    yield from (f"- `{file}`" for file in rendered_once)
    yield ""
    yield "## Written by the run"
    yield ""
    yield from table(("file", "what it is"), _BY_THE_RUN.items())


def _plain(file: str) -> str:
    """Return a path with the names of a new project for the template's expressions."""
    for expression, name in _NEW_NAMES.items():
        file = re.sub(expression, name, file)
    return file


def _row(path: Path, folder: Path) -> tuple[str, str, str]:
    """Return a file's path, what its first lines say, and the answers it needs."""
    relative = path.relative_to(folder).as_posix().removesuffix(".jinja")
    conditions = [found[1] for found in _CONDITION.finditer(relative)]
    file = _CONDITION.sub(r"\2", relative)
    wanted = " and ".join(f"`{c}`" for c in conditions if c != "auth_new_project")
    return file, first_words(path, file), wanted


def first_words(path: Path, file: str) -> str:
    """Return what a file says of itself; ``file`` is its path once it is rendered."""
    name = file.rpartition("/")[2]
    if said := _SAID.get(file) or _SAID.get(name):
        return said
    text = path.read_text(encoding="utf-8")
    while opening := _JINJA.match(text):
        text = text[opening.end() :]
    kind = _KINDS.get(f".{name.rpartition('.')[2]}")
    found = kind.search(text) if kind else None
    said = found[1].replace("// ", "").replace("//", "") if found else ""
    sentence = re.split(r"(?<=\.)\s", " ".join(said.split()), maxsplit=1)[0]
    return plain_code(sentence).replace("<", "&lt;")
