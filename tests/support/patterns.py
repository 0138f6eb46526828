"""Every regular expression of the product, and texts that make each work hardest."""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import importlib
import pkgutil
import re
from pathlib import Path
from re import _constants as constants  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any

import copier_better_auth

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

_CALLS = {
    *("compile", "findall", "finditer", "fullmatch", "match"),
    *("search", "split", "sub", "subn"),
}
# Tries a pattern that the repository itself holds, after a look at it; or is given
# those of a table's rows, which are looked at as the constants that they become.
_READS_PATTERNS = {"public_paths", "row"}
# What stands for a value that is put into a pattern: a name, escaped.
_VALUE = "name"


@dataclasses.dataclass(frozen=True)
class Found:
    """A pattern, how it is used, and where."""

    place: str
    pattern: str | bytes
    flags: int
    method: str


def product_patterns() -> list[Found]:
    """Return all of them: constants, and what calls of ``re`` are given."""
    found: dict[tuple[object, ...], Found] = {}
    for module in _modules():
        source = Path(str(module.__file__)).read_text()
        named = [_as_used(use, source) for use in _compiled(module)]
        known = {use.pattern for use in named}
        calls = [
            use
            for use in _calls(module)
            if use.method != "compile" or use.pattern not in known
        ]
        for use in (*named, *calls):
            key = (use.pattern, use.flags, use.method)
            found.setdefault(key, use)
    return list(found.values())


def _as_used(found: Found, source: str) -> Found:
    """Return the constant with the one method that its module calls, if it is one."""
    name = re.escape(found.place.rpartition(".")[2])
    methods = set(re.findall(rf"(?<![\w.]){name}\.(\w+)\(", source))
    bare = len(re.findall(rf"(?<![\w.]){name}\b", source))
    if len(methods) == 1 and bare == 1 + source.count(
        f"{found.place.rpartition('.')[2]}."
    ):
        return dataclasses.replace(found, method=methods.pop())
    return found


def _modules() -> Iterator[ModuleType]:
    yield copier_better_auth
    for info in pkgutil.walk_packages(
        copier_better_auth.__path__, "copier_better_auth."
    ):
        if info.name != "copier_better_auth.run":
            yield importlib.import_module(info.name)


def _compiled(module: ModuleType) -> Iterator[Found]:
    """Yield the compiled patterns among a module's constants, in whatever they are."""
    waiting: list[tuple[str, object]] = list(vars(module).items())
    seen: set[int] = set()
    while waiting:
        name, value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, re.Pattern):
            flags = value.flags
            yield Found(f"{module.__name__}.{name}", value.pattern, flags, "search")
        elif isinstance(value, dict):
            waiting += [(name, inner) for inner in value.values()]
        elif isinstance(value, (list, tuple, set, frozenset)):
            waiting += [(name, inner) for inner in value]
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            waiting += [
                (name, getattr(value, field.name))
                for field in dataclasses.fields(value)
            ]


def _calls(module: ModuleType) -> Iterator[Found]:
    """Yield what is given to ``re.search`` and its like, as far as it is written."""
    path = Path(str(module.__file__))
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr in _CALLS
        ):
            flags = [k.value for k in node.keywords if k.arg == "flags"]
            position = {"sub": 4, "subn": 4, "split": 3}.get(node.func.attr, 2)
            if node.func.attr == "compile":
                position = 1
            flags += node.args[position : position + 1]
            given = 0
            for flag in flags:
                given |= int(eval(ast.unparse(flag), {"re": re}))  # noqa: S307 - our own code
            method = node.func.attr
            if path.stem in _READS_PATTERNS and isinstance(node.args[0], ast.Name):
                continue
            for pattern in _written(node.args[0], module, tree):
                yield Found(f"{path.name}:{node.lineno}", pattern, given, method)


def _written(  # noqa: PLR0911 - one return for each way to write a text
    node: ast.expr, module: ModuleType, tree: ast.AST
) -> list[str | bytes]:
    """Return the texts that an expression can be; raise where that cannot be seen."""
    if isinstance(node, ast.Constant):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        parts = [
            str(part.value)
            if isinstance(part, ast.Constant)
            else _inserted(part, module)
            for part in node.values
        ]
        return ["".join(parts)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        (text,) = _written(node.left, module, tree)
        value: Any = _VALUE if isinstance(text, str) else _VALUE.encode()
        count = text.count("%s") if isinstance(text, str) else text.count(b"%s")
        return [text % ((value,) * count)]
    if isinstance(node, ast.BinOp):
        left, right = (
            _written(node.left, module, tree),
            _written(node.right, module, tree),
        )
        return [_joined(a, b) for a in left for b in right]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "format":
            (text,) = _written(node.func.value, module, tree)
            return [str(text).format(**{k.arg: _VALUE for k in node.keywords if k.arg})]
        if node.func.attr in {"escape", "encode"}:
            return [_VALUE]
    if isinstance(node, ast.Name):
        return _named(node.id, module, tree)
    message = f"{module.__name__}: {ast.unparse(node)} is no pattern that can be read"
    raise AssertionError(message)


def _joined(one: str | bytes, other: str | bytes) -> str | bytes:
    """Join two parts; what stands for a value is text in either kind."""
    if isinstance(one, bytes) or isinstance(other, bytes):
        parts = (p.encode() if isinstance(p, str) else p for p in (one, other))
        return b"".join(parts)
    return one + other


def _inserted(part: ast.expr, module: ModuleType) -> str:
    value = part.value if isinstance(part, ast.FormattedValue) else part
    if isinstance(value, ast.Name) and isinstance(vars(module).get(value.id), str):
        return str(vars(module)[value.id])
    if isinstance(value, ast.Call):
        try:
            return "".join(map(str, _written(value, module, ast.Module([], []))))
        except AssertionError:
            return _VALUE
    return _VALUE


def _named(name: str, module: ModuleType, tree: ast.AST) -> list[str | bytes]:
    """Follow a name: a constant, an assignment, or the turns of a loop."""
    found: list[str | bytes] = []
    value = vars(module).get(name)
    if isinstance(value, (str, bytes)):
        return [value]
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == name for t in node.targets
        ):
            with contextlib.suppress(AssertionError):  # another of that name
                found += _written(node.value, module, tree)
        if isinstance(node, (ast.For, ast.comprehension)):
            found += _turns(name, node.target, node.iter, module, tree)
        if isinstance(node, ast.FunctionDef):
            arguments = [a.arg for a in node.args.args]
            if name in arguments:
                at = arguments.index(name)
                for call in ast.walk(tree):
                    if (
                        isinstance(call, ast.Call)
                        and ast.unparse(call.func) == node.name
                        and len(call.args) > at
                    ):
                        found += _written(call.args[at], module, tree)
    if not found:
        message = f"{module.__name__}: {name} is no pattern that can be read"
        raise AssertionError(message)
    return found


def _turns(
    name: str, target: ast.expr, values: ast.expr, module: ModuleType, tree: ast.AST
) -> list[str | bytes]:
    names = [target] if isinstance(target, ast.Name) else getattr(target, "elts", [])
    at = [n.id if isinstance(n, ast.Name) else "" for n in names]
    if name not in at:
        return []
    if isinstance(values, (ast.Tuple, ast.List)):
        items = [
            (item.elts[at.index(name)] if isinstance(item, ast.Tuple) else item)
            for item in values.elts
        ]
        return [text for item in items for text in _written(item, module, tree)]
    try:
        listed = eval(ast.unparse(values), dict(vars(module)))  # noqa: S307 - ours
    except NameError:
        return []
    found = [
        turn[at.index(name)] if isinstance(turn, tuple) else turn for turn in listed
    ]
    return [text for text in found if isinstance(text, (str, bytes))]


# ------------------------------------------------------------------ hard texts

_ANY = "x1 _-/.:=\"'#\n<[{("


def alternatives(found: Found) -> Iterator[Found]:
    """Split a pattern at its outermost bars: each part fails alone, at each place.

    So none makes another slower, and each is tried on few texts.
    """
    depth, start, escaped, inside = 0, 0, False, False
    source = found.pattern
    text = source if isinstance(source, str) else source.decode("latin-1")
    head = re.match(r"\(\?[a-zA-Z]+\)", text)
    start = len(head[0]) if head else 0
    parts: list[str] = []
    for position in range(start, len(text)):
        character = text[position]
        if escaped or character == "\\":
            escaped = not escaped
        elif inside or character == "[":
            inside = character != "]" or text[position - 1] == "["
        elif character in "()":
            depth += 1 if character == "(" else -1
        elif character == "|" and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    for part in (*parts, text[start:]):
        whole = f"{head[0] if head else ''}{part}"
        given = whole if isinstance(source, str) else whole.encode("latin-1")
        yield dataclasses.replace(found, pattern=given)


def hard_texts(pattern: str | bytes, flags: int) -> list[tuple[str, str, str]]:
    """Return beginnings, what is repeated, and ends: texts that almost match.

    Made of the pattern's own pieces: each beginning of it, and what each repeat in it
    takes, so that a match starts everywhere, goes far, and fails late.
    """
    text = pattern if isinstance(pattern, str) else pattern.decode("latin-1")
    flags &= re.VERBOSE | re.MULTILINE | re.DOTALL | re.IGNORECASE
    pieces: list[str] = []
    starts: list[str] = [""]
    _walk(list(parser.parse(text, flags & re.VERBOSE)), "", pieces, starts)
    found: dict[tuple[str, str, str], None] = {}
    for start in dict.fromkeys(starts):
        for piece in dict.fromkeys([start, *pieces]):
            if piece:
                found[start, piece, "\0"] = None
                found[start, piece, "\n\0"] = None
    for piece in dict.fromkeys([*pieces, *starts]):
        if piece:
            found["", f"{piece}\n", "\0"] = None
            found["", f"{piece} ", "\0"] = None
    return list(found)


def _walk(nodes: list[Any], before: str, pieces: list[str], starts: list[str]) -> str:
    """Return a text that the nodes match; note pieces and beginnings on the way."""
    text = before
    for kind, value in nodes:
        if kind in {
            constants.MAX_REPEAT,
            constants.MIN_REPEAT,
            constants.POSSESSIVE_REPEAT,
        }:
            low, high, inner = value
            once = _walk(list(inner), "", pieces, [])
            pieces += _choices(list(inner))
            starts.append(text)
            text += once * max(int(low), 1 if high != 0 else 0)
        elif kind is constants.SUBPATTERN:
            text = _walk(list(value[-1]), text, pieces, starts)
        elif kind is constants.ATOMIC_GROUP:
            text = _walk(list(value), text, pieces, starts)
        elif kind is constants.BRANCH:
            results = [_walk(list(branch), text, pieces, starts) for branch in value[1]]
            text = results[0]
        elif kind is constants.ASSERT and value[0] > 0:
            _walk(list(value[1]), text, pieces, starts)
        else:
            text += _one(kind, value)
        if kind is not constants.LITERAL:
            starts.append(text)
    starts.append(text)
    return text


def _choices(nodes: list[Any]) -> list[str]:
    """Return some texts that a repeat's inside takes."""
    if len(nodes) == 1:
        kind, value = nodes[0]
        if kind is constants.IN:
            return list(dict.fromkeys(_of_set(value)))[:4]
        if kind is constants.ANY:
            return ["x", " "]
        if kind is constants.NOT_LITERAL:
            return [c for c in _ANY if ord(c) != value][:2]
        if kind is constants.BRANCH:
            return [_walk(list(b), "", [], []) for b in value[1]][:6]
        if kind is constants.SUBPATTERN:
            return _choices(list(value[-1]))
    return [_walk(nodes, "", [], [])]


def _one(kind: object, value: Any) -> str:  # noqa: ANN401 - as the parser has it
    if kind is constants.LITERAL:
        return chr(value)
    if kind is constants.NOT_LITERAL:
        return next(c for c in _ANY if ord(c) != value)
    if kind is constants.ANY:
        return "x"
    if kind is constants.IN:
        return next(iter(_of_set(value)), "x")
    if kind is constants.GROUPREF:
        return '"'
    return ""


def _of_set(items: list[Any]) -> list[str]:
    """Return characters that a set takes, of each of its parts."""
    if items and items[0][0] is constants.NEGATE:
        refused = _of_set(items[1:])
        return [c for c in (*"x ", "\n", *_ANY) if not _takes(items[1:], c)] or refused
    found: list[str] = []
    for kind, value in items:
        if kind is constants.LITERAL:
            found.append(chr(value))
        elif kind is constants.RANGE:
            found.append(chr(value[0]))
        elif kind is constants.CATEGORY:
            found += {
                constants.CATEGORY_SPACE: [" ", "\n"],
                constants.CATEGORY_DIGIT: ["1"],
                constants.CATEGORY_WORD: ["a"],
            }.get(value, ["-"])
    return found


def _takes(items: list[Any], character: str) -> bool:
    for kind, value in items:
        if kind is constants.LITERAL and chr(value) == character:
            return True
        if kind is constants.RANGE and value[0] <= ord(character) <= value[1]:
            return True
        if kind is constants.CATEGORY:
            is_in = {
                constants.CATEGORY_SPACE: character.isspace(),
                constants.CATEGORY_DIGIT: character.isdigit(),
                constants.CATEGORY_WORD: character.isalnum() or character == "_",
                constants.CATEGORY_NOT_SPACE: not character.isspace(),
            }.get(value, False)
            if is_in:
                return True
    return False
