"""How packages are added by hand: with each manager, and to each form of list."""

from __future__ import annotations

import re
import shlex

from packaging.requirements import Requirement

from ..catalogue.package_managers import python_manager
from ..model import ManualStep, Place, Where

_TABLE = re.compile(r"^\[(?:packages|tool\.poetry\.dependencies)\]\s*$")
_ARRAY = re.compile(r"^\s*(?:dependencies|install_requires)\s*=\s*\[\s*(?:#.*)?$")
_LINES = re.compile(r"^install_requires\s*=\s*$")
_PROJECT = re.compile(r"^\[project\]\s*$")


def step_to_compile(
    operation: str, path: str, why: str, wanted: tuple[str, ...]
) -> ManualStep:
    """Return the command that compiles a list anew, with its pins and ``wanted``."""
    folder, _, name = path.rpartition("/")
    words = " ".join(shlex.quote(entry) for entry in wanted)
    file = shlex.quote(name)
    command = (
        f"printf '%s\\n' {words} | "
        f"uv pip compile {file} - --generate-hashes --output-file {file}"
    )
    return ManualStep(
        operation=operation,
        path=path,
        why=why,
        snippet=command,
        place=Place(where=Where.RUN, folder=folder or "."),
    )


def step_in_text(
    operation: str, path: str, source: str, why: str, wanted: tuple[str, ...]
) -> ManualStep | None:
    """Return the lines below the one that begins a list; ``None`` where none does."""
    for number, line in enumerate(source.splitlines(), start=1):
        lines = _below(path, line, wanted, source)
        if lines:
            return ManualStep(
                operation=operation,
                path=path,
                why=why,
                snippet="\n".join(lines),
                place=Place(where=Where.BELOW, anchor=line.rstrip(), line=number),
            )
    return None


def step_with_manager(
    operation: str, folder: str, manager: str, why: str, wanted: tuple[str, ...]
) -> ManualStep:
    """Return the manager's own command; for one that has none, its own list."""
    if add := python_manager(manager).add:
        words = " ".join(shlex.quote(entry) for entry in wanted)
        snippet, place = (
            f"{add} {words}",
            Place(where=Where.RUN, folder=folder),
        )
        name = "Pipfile" if manager == "pipenv" else "pyproject.toml"
    else:
        snippet, place = "\n".join(wanted), Place(where=Where.END)
        name = "requirements.txt"
    path = name if folder == "." else f"{folder}/{name}"
    return ManualStep(
        operation=operation, path=path, why=why, snippet=snippet, place=place
    )


def _below(path: str, line: str, wanted: tuple[str, ...], source: str) -> list[str]:
    if _TABLE.match(line):
        return [entry_of_table(entry) for entry in wanted]
    if _ARRAY.match(line):
        margin = line[: len(line) - len(line.lstrip())]
        return [f'{margin}    "{entry}",' for entry in wanted]
    if path.endswith(".cfg") and _LINES.match(line):
        return [f"    {entry}" for entry in wanted]
    if (
        path.endswith("pyproject.toml")
        and _PROJECT.match(line)
        and not re.search(
            r"(?m)^[ \t]{0,99}dependencies\s{0,99}="
            r'|\bdynamic\s{0,99}=[^\]]{0,999}"dependencies"',
            source,
        )
    ):
        listed = ", ".join(f'"{entry}"' for entry in wanted)
        return [f"dependencies = [{listed}]"]
    return []


def entry_of_table(entry: str) -> str:
    """Return a requirement as a table has it: ``asyncpg = ">=0.29"``."""
    parsed = Requirement(entry)
    version = str(parsed.specifier) or "*"
    if not parsed.extras:
        return f'{parsed.name} = "{version}"'
    extras = ", ".join(f'"{extra}"' for extra in sorted(parsed.extras))
    return f'{parsed.name} = {{extras = [{extras}], version = "{version}"}}'
