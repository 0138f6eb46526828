"""The five principles of a change, each checked on what was rendered and edited."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..host_database import entries
from ..model import Principle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ..model import FileEdit, Integration, Plan

DOCUMENTS = ("README.md", "SETUP.md", "API_DOCUMENTATION.md", "TROUBLESHOOTING.md")
# Shorter values, and plain words up to a length, stand everywhere by chance: the
# password of many a development database is "postgres".
_SHORTEST = 8
_LONGEST_WORD = 16
_KEYS = re.compile(
    r"\b(?:re_|gh[pousr]_|GOCSPX-|sk_live_|npg_)[A-Za-z0-9_-]{16,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
)
# Of a file that exists, this much may be replaced; more would be a rewrite.
_FEW_LINES = 2
_SMALL_SHARE = 0.1


def check_constitution(
    integration: Integration, plan: Plan, rendered: Sequence[str]
) -> tuple[Principle, ...]:
    """Return what became of each principle; reads, and changes nothing."""
    root = integration.root
    answers = integration.answers
    server = root / answers.auth_server_dir
    package = root / answers.auth_package_dir
    changed = [e for e in plan.edits if e.before is not None and e.after is not None]
    made = [e.path for e in plan.edits if not e.secret]
    return (
        _no_secret(root, server, sorted({*rendered, *made})),
        _smallest_change(changed),
        _error_paths(server, package),
        _testable(server, package),
        _documented(server),
    )


def _no_secret(root: Path, server: Path, paths: Sequence[str]) -> Principle:
    values = set(_secrets(_text(server / ".env")))
    found = [
        path
        for path in paths
        for text in [_text(root / path)]
        if any(value in text for value in values) or _KEYS.search(text)
    ]
    seen = f"{len(paths)} files hold no key, and none of {len(values)} secrets of .env"
    if found:
        seen = f"a secret stands in {', '.join(found)}"
    return Principle(name="no hard-coded secret", held=not found, seen=seen)


def _secrets(env: str) -> Iterator[str]:
    for name, value in entries(env).items():
        if re.search(r"SECRET|KEY|PASSWORD", name) and _is_telling(value):
            yield value
        password = urlsplit(value).password if "://" in value else None
        if password and _is_telling(password):
            yield password


def _is_telling(value: str) -> bool:
    """Tell whether a file that holds ``value`` must have it from the env file."""
    word = value.isalpha() and len(value) <= _LONGEST_WORD
    return len(value) >= _SHORTEST and not word


def _smallest_change(edits: Sequence[FileEdit]) -> Principle:
    added = removed = 0
    too_much: list[str] = []
    for edit in edits:
        before, after = (
            (data or b"").decode("utf-8", "replace").splitlines()
            for data in (edit.before, edit.after)
        )
        marks = [line[:1] for line in difflib.ndiff(before, after)]
        added += marks.count("+")
        removed += marks.count("-")
        if marks.count("-") > max(_FEW_LINES, _SMALL_SHARE * len(before)):
            too_much.append(edit.path)
    seen = f"{len(edits)} existing files: {added} lines added, {removed} replaced"
    if too_much:
        seen += f"; more than a small part of {', '.join(too_much)}"
    return Principle(name="smallest change", held=not too_much, seen=seen)


def _error_paths(server: Path, package: Path) -> Principle:
    """Bad credentials, an outage and a wrong environment each have an answer."""
    return _all_of(
        "error paths",
        {
            "401": "HTTP_401" in _text(package / "errors.py"),
            "403": "HTTP_403" in _text(package / "errors.py"),
            "503 for an outage": "HTTP_503" in _text(package / "errors.py"),
            "an error handler": "error: Error" in _text(server / "src/app.ts"),
            "the environment checked at start": (
                "process.exit(1)" in _text(server / "src/config/env.ts")
            ),
            "/readyz": "503" in _text(server / "src/health.ts"),
        },
    )


def _testable(server: Path, package: Path) -> Principle:
    app = _text(server / "src/app.ts")
    return _all_of(
        "testable parts",
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
        targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
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
