"""The commands that make a description of the API, or a client of it, again.

The project's own come first: a target of make, a script, an npm script. Each works as
it is typed: with what the script imports on its path, the file that it asks the
environment for, its packages installed. What wants arguments or a running server is
left out.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..discovery.neighbours import find_node_package_manager
from ..env.dotenv import entries
from ..rendering.commands import run_python
from ..repository.paths import above, is_below, join
from ..syntax.python import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..model import Integration
    from ..repository.staging import Staging

ASIDE = re.compile(r"(^|/)(node_modules|dist|examples?|\.[^/]+)(/|$)")
TESTS = re.compile(r"(^|/)(tests?/|test_[^/]*\.py$|[^/]*_test\.py$)")
_GENERATES = re.compile(r"(?i)openapi|orval|swagger|generate[-_:]?client")
_TARGET = re.compile(r"(?m)^([\w.-]+):(?!=)[^\n]*\n((?:\t[^\n]*\n?)+)")
_SCRIPT = re.compile(r"(?i)openapi|generate[-_]?client")
_GENERATORS = re.compile(
    r"\b(openapi-ts|openapi-typescript|openapi-generator|orval|swagger)\b"
)
_ASKED = re.compile(
    r"""\bos\.(?:getenv|environ\.get)\(\s*["'](\w+)["']\s*\)"""
    r"""|\bos\.environ\[\s*["'](\w+)["']\s*\]"""
)
_FOR_A_FILE = re.compile(r"(?i)out|file|path|dest|target")
_ARGUMENTS = re.compile(
    r"""\bsys\.argv\b|\badd_argument\(\s*["'][^-]|required=True|click\.argument"""
)


@dataclass(frozen=True, kw_only=True)
class Command:
    """What makes the snapshot or the client again, and the folder to run it in."""

    command: str
    folder: str
    path: str


def commands(
    integration: Integration, staging: Staging, snapshots: Sequence[str]
) -> Sequence[Command]:
    """Return one command that does all, else the snapshot's and then the client's."""
    whole = [*_targets(staging), *_shell_scripts(staging)]
    if whole:
        return whole[:1]
    own = [*_scripts(integration, staging, snapshots)][:1]
    own = own or [_written(integration, path) for path in snapshots]
    return [*own, *_of_packages(staging)]


def _targets(staging: Staging) -> Iterator[Command]:
    for path in staging.repository.named("Makefile", "makefile"):
        for target, recipe in _TARGET.findall(staging.text(path) or ""):
            if _GENERATES.search(f"{target}\n{recipe}") and not ASIDE.search(path):
                folder = path.rpartition("/")[0] or "."
                command = f"make {shlex.quote(target)}"
                yield Command(command=command, folder=folder, path=path)


def _shell_scripts(staging: Staging) -> Iterator[Command]:
    for path in _named(staging, ".sh"):
        yield Command(command=f"bash {shlex.quote(path)}", folder=".", path=path)


def _scripts(
    integration: Integration, staging: Staging, snapshots: Sequence[str]
) -> Iterator[Command]:
    answers = integration.answers
    runs = run_python(answers.auth_package_manager, new_project=False)
    for path in _named(staging, ".py"):
        source = staging.text(path) or ""
        inside = is_below(path, answers.auth_backend_dir)
        folder = answers.auth_backend_dir if inside else "."
        given = _given(staging, source, folder, snapshots)
        if given is None or _ARGUMENTS.search(source):
            continue
        file = path.removeprefix(f"{folder}/")
        called, variables = shlex.quote(file), given
        if _imports_from(staging, answers.auth_import_root, path, source):
            root = os.path.relpath(answers.auth_import_root, folder)
            module = file.removesuffix(".py").replace("/", ".")
            if root == "." and module.replace(".", "").isidentifier():
                called = f"-m {module}"
            else:
                variables = {"PYTHONPATH": root} | given
        before = "".join(f"{k}={shlex.quote(v)} " for k, v in variables.items())
        command = f"{before}{runs}python {called}"
        yield Command(command=command, folder=folder, path=path)


def _named(staging: Staging, ending: str) -> Iterator[str]:
    for path in staging.repository.files:
        name = path.rpartition("/")[2]
        told = name.endswith(ending) and _SCRIPT.search(name)
        if told and not TESTS.search(path) and not ASIDE.search(path):
            yield path


def _imports_from(staging: Staging, root: str, path: str, source: str) -> bool:
    """Return True if a script finds what it imports only from the import root."""
    own = path.rpartition("/")[0] or "."
    if own == root or "sys.path" in source:
        return False
    tops = {
        found.module.partition(".")[0]
        for found in parse(source.encode()).imports
        if not found.level
    }
    return any(_has(staging, root, top) and not _has(staging, own, top) for top in tops)


def _has(staging: Staging, folder: str, module: str) -> bool:
    package = join(folder, module)
    return f"{package}.py" in staging.repository.file_set or any(
        path.endswith(".py") for path in staging.repository.below(package)
    )


def _given(
    staging: Staging, source: str, folder: str, snapshots: Sequence[str]
) -> dict[str, str] | None:
    """Return the variables that tell a script its file; None where one is not known.

    An example of the environment says it, else it is the one snapshot. What else a
    script asks for, the application does too.
    """
    found: dict[str, str] = {}
    files = {os.path.relpath(path, folder): path for path in snapshots}
    for names in _ASKED.findall(source):
        name = "".join(names)
        examples = (entries(text).get(name, "") for text in _env_files(staging, folder))
        value = next((v for v in examples if os.path.normpath(v) in files), "")
        if value or (_FOR_A_FILE.search(name) and len(files) == 1):
            found[name] = value or next(iter(files))
        elif _FOR_A_FILE.search(name):
            return None
    return found


def _env_files(staging: Staging, folder: str) -> Iterator[str]:
    for place in above(folder):
        for path in staging.repository.files:
            inside, _, name = path.rpartition("/")
            if (inside or ".") == place and ".env" in name:
                yield staging.text(path) or ""


def _of_packages(staging: Staging) -> Iterator[Command]:
    for path in staging.repository.named("package.json"):
        try:
            package = json.loads(staging.text(path) or "")
            scripts = package.get("scripts") or {}
        except (ValueError, AttributeError, RecursionError):
            continue
        folder = path.rpartition("/")[0] or "."
        for name, script in scripts.items() if isinstance(scripts, dict) else ():
            if not isinstance(script, str) or not _GENERATORS.search(script):
                continue
            if "://" in script:
                continue  # it asks a server, which need not run
            manager = find_node_package_manager(staging.repository, folder).value
            command = f"{manager or 'npm'} run {shlex.quote(name)}"
            if package.get("dependencies") or package.get("devDependencies"):
                command = f"{manager or 'npm'} install && {command}"
            yield Command(command=command, folder=folder, path=path)


def _written(integration: Integration, path: str) -> Command:
    """Return a command that writes the description as FastAPI gives it."""
    answers = integration.answers
    call = "()" if answers.auth_app.endswith("()") else ""
    up = "../" * len([p for p in answers.auth_backend_dir.split("/") if p != "."])
    code = (
        "import json, pathlib; "
        f"from {answers.app_module} import {answers.app_attribute} as app; "
        f"pathlib.Path('{up}{path}').write_text("
        f"json.dumps(app{call}.openapi(), indent=2) + '\\n')"
    )
    runs = run_python(answers.auth_package_manager, new_project=False)
    command = f"{runs}python -c {shlex.quote(code)}"
    return Command(command=command, folder=answers.auth_backend_dir, path=path)
