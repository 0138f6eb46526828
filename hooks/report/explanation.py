"""What an error means, for people; and what to paste where it is not known yet."""

from __future__ import annotations

import platform
import sys
from typing import TYPE_CHECKING

from .. import ANSWERS_FILE
from ..answers import load_answers
from ..errors import AnswerError
from ..explain.redaction import redacted
from ..syntax.visible import visible
from .results import render_results
from .style import PLAIN, Style
from .version import version

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ..explain.match import Match
    from ..model import CheckResult

_UNKNOWN = "No known error is in that text."
_TO_REPORT = "To report it, read what follows (secrets are taken out), and paste it:"
_LONGEST_LINE = 200
_LAST_LINES = 60
_TOLD = (
    "auth_database_provider",
    "auth_database_layer",
    "auth_migration_system",
    "auth_package_manager",
    "auth_node_package_manager",
    "auth_methods",
    "auth_email_provider",
    "auth_session_validation",
    "auth_deployment",
)


def render_match(
    match: Match, results: Sequence[CheckResult], style: Style = PLAIN
) -> str:
    """Return one known error as text: what happened, why, what to type."""
    known = match.known
    said = [
        f"  {visible(redacted(match.line)[:_LONGEST_LINE])}",
        "",
        f"What happened: {known.what}",
        f"Why: {known.why}",
        f"Type: {known.do}",
        "",
    ]
    if results:
        said += [f"In this project ({', '.join(known.codes)}):", ""]
    shown = style.paragraphs("\n".join(said))
    return shown + (render_results(results, style) if results else "") + "\n"


def render_bundle(text: str, root: Path, style: Style = PLAIN) -> str:
    """Return an unknown error in a form that can be pasted into an issue."""
    head = style.paragraphs(f"{_UNKNOWN}\n{_TO_REPORT}")
    return "\n".join((head, *map(visible, _bundle(text, root)))) + "\n"


def _bundle(text: str, root: Path) -> Iterator[str]:
    yield ""
    yield "```text"
    yield f"copier-better-auth {version() or 'unknown'}"
    yield f"copier {version('copier') or 'unknown'}, Python {platform.python_version()}"
    yield f"{platform.system()} {platform.machine()} ({sys.platform})"
    yield from _answers(root)
    yield ""
    lines = text.strip().splitlines()
    if len(lines) > _LAST_LINES:
        yield f"(the last {_LAST_LINES} of {len(lines)} lines)"
    # Redacted as a whole: a private key goes over several lines.
    yield from redacted("\n".join(lines)).splitlines()[-_LAST_LINES:]
    yield "```"


def _answers(root: Path) -> Iterator[str]:
    try:
        answers = load_answers(root / ANSWERS_FILE)
    except AnswerError:
        yield "no project here"
        return
    for name in _TOLD:
        value = getattr(answers, name)
        yield f"{name}: {', '.join(value) if isinstance(value, tuple) else value}"
