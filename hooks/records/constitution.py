"""The five principles of a change, checked on the plan and then on what came of it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..env.dotenv import entries
from ..env.secrets import secrets_in
from ..errors import ConstitutionError
from ..model import Principle
from ..syntax.python import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from ..model import FileEdit, Integration, Plan

DOCUMENTS = ("README.md", "SETUP.md", "API_DOCUMENTATION.md", "TROUBLESHOOTING.md")
# Shorter values, plain words up to a length, and placeholders are everywhere by
# chance: the password of many a development database is "postgres".
_SHORTEST = 8
_LONGEST_WORD = 16
_PLACEHOLDER = re.compile(r"(?i)change.?(?:me|this)|your.?|example|password|^(.)\1+$")
_KEYS = re.compile(
    r"\b(?:re_|gh[pousr]_|GOCSPX-|sk_live_|npg_)[A-Za-z0-9_-]{16,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
)
_NO_SECRET, _TESTABLE = "no hard-coded secret", "testable parts"
# Of a file that exists, this much may be replaced; more would be a rewrite.
_FEW_LINES = 2
_SMALL_SHARE = 0.1


def check_plan(
    integration: Integration, edits: Sequence[FileEdit], plan: Plan
) -> tuple[Principle, ...]:
    """Return what can be told of each principle before ``plan`` is applied.

    ``edits`` are those that connect: ``plan`` adds repairs, which replace what is
    wrong. What follows a moved folder is the user's own text and not looked at.
    """
    server = integration.root / integration.answers.auth_server_dir
    kept = [
        _text(server / ".env"),
        *(_decoded(e.after) for e in plan.edits if e.secret),
    ]
    values = {secret for env in kept for secret in _secrets(env)}
    planned = [e for e in plan.edits if not e.follows]
    return (
        _no_planned_secret([e for e in planned if not e.secret], values),
        _smallest_change([e for e in edits if not e.follows]),
        _all_of(
            "error paths",
            {
                f"{len(plan.manual_steps)} steps left by hand, each with its reason": (
                    all(s.path and s.why and s.snippet for s in plan.manual_steps)
                )
            },
        ),
        _parses([e for e in planned if e.path.endswith(".py")]),
        _all_of(
            "documentation",
            {
                f"each of {len(plan.edits)} edits says why": (
                    all(any(e.why) for e in plan.edits)
                )
            },
        ),
    )


def require_held(principles: Sequence[Principle]) -> None:
    """Refuse to apply a plan that breaks a principle, in one line."""
    broken = [f"{p.name}: {p.seen}" for p in principles if not p.held]
    if broken:
        message = (
            f"nothing was edited: {'; '.join(broken)} "
            "(-d auth_apply_edits=preview shows the plan)"
        )
        raise ConstitutionError(message)


def check_constitution(
    integration: Integration, plan: Plan, rendered: Sequence[str]
) -> tuple[Principle, ...]:
    """Return what became of each principle; reads, and changes nothing."""
    root = integration.root
    answers = integration.answers
    server = root / answers.auth_server_dir
    package = root / answers.auth_package_dir
    made = {e.path: _decoded(e.before) for e in plan.edits if not e.secret}
    return (
        _no_secret(root, server, dict.fromkeys(sorted(rendered), "") | made),
        _smallest_change([e for e in plan.edits if not e.follows]),
        _error_paths(server, package),
        _testable(server, package),
        _documented(server),
    )


def _no_planned_secret(edits: Sequence[FileEdit], values: set[str]) -> Principle:
    found = [
        edit.path
        for edit in edits
        if _adds_secret(_decoded(edit.before), _decoded(edit.after), values)
    ]
    seen = f"{len(edits)} planned texts add no key, and none of {len(values)} secrets"
    if found:
        seen = f"a secret would be in {', '.join(found)}"
    return Principle(name=_NO_SECRET, held=not found, seen=seen)


def _no_secret(root: Path, server: Path, texts: Mapping[str, str]) -> Principle:
    values = set(_secrets(_text(server / ".env")))
    found = [
        path
        for path, before in texts.items()
        if _adds_secret(before, _text(root / path), values)
    ]
    seen = f"{len(texts)} files hold no key, and none of {len(values)} secrets of .env"
    if found:
        seen = f"a secret is in {', '.join(found)}"
    return Principle(name=_NO_SECRET, held=not found, seen=seen)


def _adds_secret(before: str, after: str, values: Iterable[str]) -> bool:
    """Return True if a text holds one that it did not hold; what was there stays."""
    if any(value in after and value not in before for value in values):
        return True
    return bool(Counter(_KEYS.findall(after)) - Counter(_KEYS.findall(before)))


def _secrets(env: str) -> Iterator[str]:
    variables = entries(env)
    found = [*secrets_in(variables)]
    for name, value in variables.items():
        if re.search(r"SECRET|KEY|PASSWORD", name):
            found.append(value)
        if "://" in value:
            found.append(urlsplit(value).password or "")
    yield from filter(_is_telling, found)


def _is_telling(value: str) -> bool:
    """Return True if a file that holds ``value`` must have it from the env file."""
    word = value.isalpha() and len(value) <= _LONGEST_WORD
    return len(value) >= _SHORTEST and not word and not _PLACEHOLDER.search(value)


def _smallest_change(edits: Sequence[FileEdit]) -> Principle:
    changed = [e for e in edits if e.before is not None and e.after is not None]
    added = removed = 0
    too_much: list[str] = []
    for edit in changed:
        before, after = _decoded(edit.before), _decoded(edit.after)
        was, now = Counter(before.splitlines()), Counter(after.splitlines())
        replaced = 0 if _is_within(before, after) else (was - now).total()
        added += now.total() - was.total() + replaced
        removed += replaced
        if replaced > max(_FEW_LINES, _SMALL_SHARE * was.total()):
            too_much.append(edit.path)
    seen = f"{len(changed)} existing files: {added} lines added, {removed} replaced"
    if too_much:
        seen += f"; more than a small part of {', '.join(too_much)}"
    return Principle(name="smallest change", held=not too_much, seen=seen)


def _is_within(before: str, after: str) -> bool:
    """Return True if text was only inserted: what was there still is, in its order."""
    rest = iter(after)
    return all(character in rest for character in before)


def _parses(edits: Sequence[FileEdit]) -> Principle:
    """Look for Python that did parse and would not: it could not be tested."""
    broken = [
        edit.path
        for edit in edits
        if edit.after is not None
        and parse(edit.after).has_errors
        and not (edit.before is not None and parse(edit.before).has_errors)
    ]
    seen = f"{len(edits)} Python files parse"
    if broken:
        seen = f"Python could not read {', '.join(broken)}"
    return Principle(name=_TESTABLE, held=not broken, seen=seen)


def _error_paths(server: Path, package: Path) -> Principle:
    """Bad credentials, an outage and a wrong environment each have an answer."""
    return _all_of(
        "error paths",
        {
            "401": "HTTP_401" in _text(package / "errors.py"),
            "403": "HTTP_403" in _text(package / "errors.py"),
            "503 for an outage": "HTTP_503" in _text(package / "errors.py"),
            "an error handler": "error: Error" in _text(server / "src/errors.ts"),
            "the environment checked at start": (
                "process.exit(1)" in _text(server / "src/config/env.ts")
            ),
            "/readyz": "503" in _text(server / "src/health.ts"),
        },
    )


def _testable(server: Path, package: Path) -> Principle:
    app = _text(server / "src/app.ts")
    return _all_of(
        _TESTABLE,
        {
            "acting_as() needs no server": (
                "def acting_as(" in _text(package / "testing.py")
            ),
            "the Express application is exported": "export default app" in app,
            "and does not listen by itself": bool(app) and ".listen(" not in app,
        },
    )


def _documented(server: Path) -> Principle:
    seen: dict[str, bool] = {}
    for name in DOCUMENTS:
        text = _text(server / name)
        targets = re.findall(r"\]\(([^)#\s]{1,300}+)[^)]{0,300}\)", text)
        dead = [t for t in targets if "://" not in t and not _leads(server, t)]
        seen[f"{name} ({', '.join(dead)} missing)" if dead else name] = bool(
            text and not dead and "{{" not in text
        )
    return _all_of("documentation", seen)


def _leads(server: Path, target: str) -> bool:
    # Written with the records, after this.
    return target == "DIAGNOSTICS.md" or (server / target).exists()


def _all_of(name: str, parts: dict[str, bool]) -> Principle:
    missing = [part for part, is_there in parts.items() if not is_there]
    seen = f"missing: {', '.join(missing)}" if missing else ", ".join(parts)
    return Principle(name=name, held=not missing, seen=seen)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _decoded(data: bytes | None) -> str:
    return (data or b"").decode("utf-8", "replace")
