"""Adding requirements to the files that name them, formatting and order kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import tomlkit
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Array, Table

if TYPE_CHECKING:
    from collections.abc import Callable


def missing(wanted: tuple[str, ...], present: set[str]) -> tuple[str, ...]:
    """Return the requirements whose package is not among ``present`` names."""
    return tuple(
        r for r in wanted if canonicalize_name(Requirement(r).name) not in present
    )


def in_pep621(text: str, wanted: tuple[str, ...]) -> str | None:
    """Add to ``[project] dependencies``; ``None`` where there is no such list."""
    document = _parsed(text)
    project = document.get("project") if document is not None else None
    if document is None or not isinstance(project, Table):
        return None
    listed = project.get("dependencies")
    if not isinstance(listed, Array):
        return None
    entries = [str(entry) for entry in listed]
    new = missing(wanted, _names(entries))
    return _with_lines(text, listed, entries, new) if new else text


def in_poetry(text: str, wanted: tuple[str, ...]) -> str | None:
    """Add to ``[tool.poetry.dependencies]``; ``None`` where there is no such table."""
    document = _parsed(text)
    tool = document.get("tool") if document is not None else None
    poetry = tool.get("poetry") if isinstance(tool, dict) else None
    table = poetry.get("dependencies") if isinstance(poetry, dict) else None
    if document is None or not isinstance(table, Table):
        return None
    return _with_entries(text, document, table, wanted)


def in_pipfile(text: str, wanted: tuple[str, ...]) -> str | None:
    """Add to ``[packages]``; ``None`` where there is no such table.

    Nor is there anything to add where it installs its own folder, and with that what
    the ``pyproject.toml`` there lists.
    """
    document = _parsed(text)
    table = document.get("packages") if document is not None else None
    if document is None or not isinstance(table, Table):
        return None
    if any(isinstance(e, dict) and e.get("path") == "." for e in table.values()):
        return None
    return _with_entries(text, document, table, wanted)


def in_requirements(text: str, wanted: tuple[str, ...]) -> str:
    """Add lines to a requirements file: in place if it is sorted, else at its end."""
    lines = text.splitlines(keepends=True)
    new = missing(wanted, _names([line.partition(" #")[0] for line in lines]))
    ending = "\r\n" if "\r\n" in text else "\n"
    if lines and not lines[-1].endswith(("\n", "\r")) and new:
        lines[-1] += ending
    order = _order_of([line for line in lines if _NAMES_PACKAGE.match(line)])
    for entry in new:
        at = len(lines)
        if order is not None:
            later = (
                i
                for i, line in enumerate(lines)
                if _NAMES_PACKAGE.match(line) and order(line.strip()) > order(entry)
            )
            at = next(later, len(lines))
        lines.insert(at, f"{entry}{ending}")
    return "".join(lines)


_NAMES_PACKAGE = re.compile(r"[A-Za-z0-9][\w.-]*")


def _order_of(entries: list[str]) -> Callable[[str], str] | None:
    """Return the key that ``entries`` are sorted by, ``None`` where they are not.

    By whole lines, or by names: then ``fastapi==0.136`` is before ``fastapi-users``.
    """
    for key in (str.lower, _name):
        keys = [key(entry.strip()) for entry in entries]
        if keys == sorted(keys):
            return key
    return None


def _name(entry: str) -> str:
    found = _NAMES_PACKAGE.match(entry.strip())
    return canonicalize_name(found[0]) if found else ""


def _with_entries(
    text: str, document: tomlkit.TOMLDocument, table: Table, wanted: tuple[str, ...]
) -> str:
    """Add to a table with one entry a package, in the line endings of the file."""
    new = missing(wanted, {canonicalize_name(name) for name in table})
    for entry in new:
        requirement = Requirement(entry)
        table.add(requirement.name, _as_poetry(requirement))
    if not new:
        return text
    after = tomlkit.dumps(document)
    return re.sub(r"(?<!\r)\n", "\r\n", after) if "\r\n" in text else after


def is_toml(text: str) -> bool:
    """Tell whether a manifest can be read at all."""
    return _parsed(text) is not None


def _parsed(text: str) -> tomlkit.TOMLDocument | None:
    try:
        return tomlkit.parse(text)
    except TOMLKitError:  # no TOML, or a key that stands in it twice
        return None


def _names(entries: list[str]) -> set[str]:
    found: set[str] = set()
    for entry in entries:
        try:
            found.add(canonicalize_name(Requirement(entry.strip()).name))
        except InvalidRequirement:
            if named := re.match(r"\s*([A-Za-z0-9][\w.-]*)", entry):
                found.add(canonicalize_name(named[1]))
    return found


def _with_lines(
    text: str, listed: Array, entries: list[str], new: tuple[str, ...]
) -> str:
    """Splice new entries into the array's own text, so that nothing else can move."""
    before = listed.as_string()
    quote = "'" if before.count("'") > before.count('"') else '"'
    quoted = [f"{quote}{entry}{quote}" for entry in new]
    if "\n" not in before:
        inner = before.strip()[1:-1].strip().rstrip(",")
        after = "[" + ", ".join(filter(None, (inner, *quoted))) + "]"
        return text.replace(before, after, 1)
    indent = next(iter(re.findall(r"\n([ \t]+)\S", before)), "    ")
    newline = "\r\n" if "\r\n" in before else "\n"
    order = _order_of(entries)
    lines = before.split(newline)
    if len(lines) > 1 and lines[-2].strip() and not _ends_with_comma(lines[-2]):
        code, comment = _split_comment(lines[-2])
        lines[-2] = f"{code.rstrip()},{comment and '  ' + comment}"
    for entry, item in zip(new, quoted, strict=True):
        at = len(lines) - 1
        if order is not None:
            later = (
                i
                for i, line in enumerate(lines[1:-1], start=1)
                if line.strip()[:1] in {'"', "'"}
                and order(line.strip()[1:]) > order(entry)
            )
            at = next(later, at)
        lines.insert(at, f"{indent}{item},")
    return text.replace(before, newline.join(lines), 1)


def _split_comment(line: str) -> tuple[str, str]:
    found = re.match(r"""((?:"[^"]*"|'[^']*'|[^#"'])*)(#.*)?$""", line)
    return (found[1], found[2] or "") if found else (line, "")


def _ends_with_comma(line: str) -> bool:
    code, _ = _split_comment(line)
    return code.rstrip().endswith((",", "[")) or not code.strip()


def _as_poetry(requirement: Requirement) -> object:
    version = str(requirement.specifier) or "*"
    if not requirement.extras:
        return version
    table = tomlkit.inline_table()
    table.update({"extras": sorted(requirement.extras), "version": version})
    return table
