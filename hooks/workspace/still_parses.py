"""Whether a file is still read as what it is, after an edit or a fix.

What a program reads must not be broken by a change of ours: a file that parsed in its
own format parses after it, and one that did not parse before is left to its user.
"""

from __future__ import annotations

import configparser
import io
import json
import re
import tomllib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import tree_sitter_typescript
from packaging.requirements import InvalidRequirement, Requirement
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from tree_sitter import Language, Parser

from ..catalogue.package_managers import PYTHON_MANAGERS
from ..errors import ApplyError
from ..syntax.encoding import BOM, decoded
from ..syntax.python import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ..model import FileEdit

    Reads = Callable[[str], bool]

_TYPESCRIPT = Parser(Language(tree_sitter_typescript.language_typescript()))
_TSX = Parser(Language(tree_sitter_typescript.language_tsx()))
_VARIABLE = re.compile(r"(?:export[ \t]+)?[A-Za-z_][\w.]*[ \t]*=[ \t]*")
_INSTRUCTION = re.compile(
    r"(?i)(?:ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER"
    r"|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR)[ \t]"
)
_TOML = {"pipfile", *(f"{row.name}.lock" for row in PYTHON_MANAGERS)}
_COMMENTED = re.compile(r"(?:^|/)(?:[tj]sconfig|devcontainer)[^/]*$|(?:^|/)\.vscode/")


def broken_by(edit: FileEdit) -> str:
    """Return why an edit must not be made; empty where it may be."""
    if edit.after is None or edit.follows:
        # A merge of the user's own text is theirs to read, with its conflicts if any.
        return ""
    for name, reads in _formats(edit.path):
        # Some names have several formats: the first that reads the file counts.
        if not _is_read(reads, edit.after if edit.before is None else edit.before):
            continue
        return "" if _is_read(reads, edit.after) else f"it would be no {name} any more"
    name = next((name for name, _ in _formats(edit.path)), "")
    if not name or edit.before is None:
        return f"it would be no {name}" if name else ""
    return f"it cannot be read as {name} as it is"


def require_parsing(edits: Iterable[FileEdit]) -> None:
    """Raise ``ApplyError`` where an edit would break its file; nothing is written."""
    for edit in edits:
        if why := broken_by(edit):
            message = f"{edit.path}: {why}; nothing was changed"
            raise ApplyError(message)


def _is_read(reads: Reads, data: bytes) -> bool:
    try:
        if reads is _requirements:  # which pip reads in whatever it is written
            return reads(decoded(data).removeprefix(BOM))
        return reads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):  # what tomllib, json and decoding raise
        return False


def _formats(path: str) -> Iterator[tuple[str, Reads]]:
    """Yield what a file of this name may be, the strictest first."""
    name = PurePosixPath(path).name.lower()
    suffix = PurePosixPath(name).suffix
    if name in _TOML:
        suffix = ".toml"
    if "dockerfile" in name and suffix not in {".dockerignore", ".md"}:
        yield "Dockerfile", _dockerfile
    elif name == ".env" or name.startswith(".env.") or suffix == ".env":
        yield "env file", _dotenv
    elif suffix in {".txt", ".in"} and re.search("requirements|constraints", path):
        yield "list of requirements", _requirements
    elif suffix == ".json" and _COMMENTED.search(path.lower()):
        yield "JSON with comments", _json_with_comments
    elif suffix in _BY_SUFFIX:
        yield from _BY_SUFFIX[suffix]


def _python(text: str) -> bool:
    return not parse(text.encode()).has_errors


def _toml(text: str) -> bool:
    tomllib.loads(text)
    return True


def _json(text: str) -> bool:
    json.loads(text)
    return True


def _json_with_comments(text: str) -> bool:
    # An expression, and a file of TypeScript consists of statements.
    root = _TYPESCRIPT.parse(f"_={text}".encode()).root_node
    return not root.has_error


def _yaml(text: str) -> bool:
    # Composed, not constructed: aliases are not followed, and tags are not known.
    yaml = YAML(typ="safe", pure=True)
    try:
        for _ in yaml.compose_all(io.StringIO(text)):
            pass
    except YAMLError:
        return False
    return True


def _ini(text: str) -> bool:
    try:
        configparser.RawConfigParser(strict=False, allow_no_value=True).read_string(
            text
        )
    except configparser.Error:
        return False
    return True


def _typescript(text: str) -> bool:
    return not _TYPESCRIPT.parse(text.encode()).root_node.has_error


def _tsx(text: str) -> bool:
    return not _TSX.parse(text.encode()).root_node.has_error


def _dotenv(text: str) -> bool:
    """Read an env file: each line is empty, a comment or a variable."""
    quote = ""
    for line in text.splitlines():
        if quote:
            quote = "" if quote in line else quote
            continue
        written = line.strip()
        if not written or written.startswith("#"):
            continue
        found = _VARIABLE.match(written)
        if found is None:
            return False
        value = written[found.end() :]
        if value[:1] in {"'", '"'} and value[:1] not in value[1:]:
            quote = value[:1]
    return not quote


def _requirements(text: str) -> bool:
    """Read a list of requirements: packages, options, paths and addresses."""
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        written = re.split(r"(?:^|\s)#", line, maxsplit=1)[0].strip()
        is_place = written.startswith(("-", ".", "/")) or "://" in written
        if not written or is_place or "/" in written.partition(";")[0]:
            continue
        try:
            Requirement(re.split(r"\s--", written, maxsplit=1)[0])
        except InvalidRequirement:
            return False
    return True


def _dockerfile(text: str) -> bool:
    """Read a Dockerfile: each instruction is a known one, after FROM or ARG."""
    goes_on, here, first = False, "", True
    for line in text.splitlines():
        written = line.strip()
        if here:
            here = "" if written == here else here
            continue
        if written.startswith("#") or not written:
            continue
        if not goes_on and _INSTRUCTION.match(f"{written} ") is None:
            return False
        if not goes_on and first:
            if not re.match(r"(?i)(?:FROM|ARG)\s", written):
                return False
            first = False
        document = re.search(r"<<-?[\"']?(\w+)[\"']?", written)
        here = document[1] if document and not goes_on else ""
        goes_on = written.endswith(("\\", "`"))
    return not here


def _sql(text: str) -> bool:
    """Read SQL as far as its quotes, comments and parentheses go."""
    depth, at = 0, 0
    while at < len(text):
        character = text[at]
        opened = _OPENED.match(text, at)
        if opened is not None:
            end = _end_of(text, opened[0], opened.end())
            if end < 0:
                return False
            at = end
            continue
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth < 0:
            return False
        at += 1
    return depth == 0


_OPENED = re.compile(r"'|\"|--|/\*|\$(?:[A-Za-z_]\w{0,62})?\$")


def _end_of(text: str, opened: str, start: int) -> int:
    """Return where what was opened has ended, or -1."""
    closing = {"--": "\n", "/*": "*/"}.get(opened, opened)
    found = text.find(closing, start)
    if found < 0:
        return len(text) if opened == "--" else -1
    return found + len(closing)


_BY_SUFFIX: dict[str, tuple[tuple[str, Reads], ...]] = {
    **dict.fromkeys((".py", ".pyi"), (("Python", _python),)),
    ".toml": (("TOML", _toml),),
    ".json": (("JSON", _json), ("JSON with comments", _json_with_comments)),
    ".jsonc": (("JSON with comments", _json_with_comments),),
    **dict.fromkeys((".yaml", ".yml"), (("YAML", _yaml),)),
    **dict.fromkeys((".ini", ".cfg"), (("INI", _ini),)),
    ".sql": (("SQL", _sql),),
    **dict.fromkeys(
        (".ts", ".mts", ".cts", ".js", ".mjs"), (("TypeScript", _typescript),)
    ),
    **dict.fromkeys((".tsx", ".jsx"), (("TSX", _tsx),)),
}
