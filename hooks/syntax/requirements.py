"""Adding requirements to the files that name them, formatting and order kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from .dependency_lists import (
    DependencyList,
    Listed,
    dependency_lists,
    installs_itself,
    is_toml,
    runtime_list,
    spliced,
    with_entry,
)
from .dependency_lists import with_extra as _with_extra_in_toml
from .dependency_lists import without as _without_in_toml
from .encoding import BOM

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["added", "is_toml", "listed", "with_extra", "without"]


def added(path: str, text: str, wanted: tuple[str, ...]) -> str | None:
    """Return a manifest with ``wanted`` in it; ``None`` where it has no list for them.

    Nor is there anything to add to a Pipfile that installs its own folder, and with
    that what the ``pyproject.toml`` there lists.
    """
    if not _is_toml_file(path):
        return _in_requirements(text, wanted)
    lists = dependency_lists(text, pipfile=path.endswith("Pipfile"))
    into = runtime_list(lists)
    if into is None or installs_itself(text):
        return None
    main = (one.names for one in lists if _is_main(one))
    new = _missing(wanted, into.names.union(*main))
    if not new:
        return text
    if not into.is_table:
        entries = [entry.key for entry in into.entries]
        return spliced(text, into, new, lambda array: _with_lines(array, entries, new))
    after: str | None = text
    for requirement in new:
        after = with_entry(after, into, requirement) if after is not None else None
    return after


def listed(path: str, text: str) -> tuple[tuple[DependencyList | None, Listed], ...]:
    """Return what a manifest installs to run, each with the list that it is in."""
    if _is_toml_file(path):
        lists = dependency_lists(text, pipfile=path.endswith("Pipfile"))
        return tuple((one, e) for one in lists for e in one.entries)
    return tuple((None, e) for line in _logical(text) if (e := _line_entry(line)))


def with_extra(
    path: str, text: str, of: DependencyList | None, entry: Listed, extra: str
) -> str | None:
    """Give a listed package an extra; ``None`` where its form is not known."""
    if of is not None and _is_toml_file(path):
        return _with_extra_in_toml(text, of, entry, extra)
    extras = ",".join(sorted({*entry.extras, extra}))
    name = re.escape(entry.key)
    found = re.search(rf"(?m)^([ \t]*{name})(?![\w.-])[ \t]*(?:\[[^\]\n]*\])?", text)
    if found is None:
        return None
    return f"{text[: found.start()]}{found[1]}[{extras}]{text[found.end() :]}"


def without(
    path: str, text: str, of: DependencyList | None, entry: Listed
) -> str | None:
    """Take a listed package out; ``None`` where its form is not known."""
    if of is not None and _is_toml_file(path):
        return _without_in_toml(text, of, entry)
    pattern = rf"(?m)^[ \t]*{re.escape(entry.key)}(?![\w.-])(?:[^\n]*\\\n)*[^\n]*\n?"
    return re.sub(pattern, "", text, count=1)


def _is_toml_file(path: str) -> bool:
    return path.endswith((".toml", "Pipfile"))


def _is_main(one: DependencyList) -> bool:
    return one.keys[-1] in {"dependencies", "packages"} and "envs" not in one.keys


def _missing(wanted: tuple[str, ...], present: set[str]) -> tuple[str, ...]:
    return tuple(
        r for r in wanted if canonicalize_name(Requirement(r).name) not in present
    )


def _logical(text: str) -> list[str]:
    """Return the lines of a requirements file, those that go on joined."""
    joined = re.sub(r"\\\r?\n", " ", text)
    return [line.partition(" #")[0].strip() for line in joined.splitlines()]


def _line_entry(line: str) -> Listed | None:
    found = _NAMES_PACKAGE.match(line)
    if found is None:
        return None
    try:
        parsed = Requirement(line.partition(" --")[0].strip())
    except InvalidRequirement:
        return Listed(key=found[0], name=canonicalize_name(found[0]))
    extras = frozenset(parsed.extras)
    return Listed(key=found[0], name=canonicalize_name(found[0]), extras=extras)


def _in_requirements(text: str, wanted: tuple[str, ...]) -> str:
    """Add lines to a requirements file: in place if it is sorted, else at its end."""
    mark = BOM if text.startswith(BOM) else ""
    text = text.removeprefix(mark)
    lines = text.splitlines(keepends=True)
    new = _missing(wanted, {entry.name for _, entry in listed("", text)})
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
    return mark + "".join(lines)


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


def _with_lines(before: str, entries: list[str], new: tuple[str, ...]) -> str:
    """Return an array's own text with new entries, so that nothing else can move."""
    quote = "'" if before.count("'") > before.count('"') else '"'
    quoted = [f"{quote}{entry}{quote}" for entry in new]
    if "\n" not in before:
        inner = before.strip()[1:-1].strip().rstrip(",")
        return "[" + ", ".join(filter(None, (inner, *quoted))) + "]"
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
    return newline.join(lines)


def _split_comment(line: str) -> tuple[str, str]:
    found = re.match(r"""((?:"[^"]*"|'[^']*'|[^#"'])*)(#.*)?$""", line)
    return (found[1], found[2] or "") if found else (line, "")


def _ends_with_comma(line: str) -> bool:
    code, _ = _split_comment(line)
    return code.rstrip().endswith((",", "[")) or not code.strip()
