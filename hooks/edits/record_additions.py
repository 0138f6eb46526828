"""Record in the answers what better-auth's configuration also stores.

Before::

    auth_schema_additions: []

After::

    auth_schema_additions:
    - name: "auth_user"
      columns:
      - {"name": "role", "type": "text", "nullable": true}
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from .. import ANSWERS_FILE
from ..answers import parse_answers
from ..answers.additions import recorded
from ..model import FileEdit, Skip
from ..syntax.yaml import load_yaml

if TYPE_CHECKING:
    from ..model import Integration
    from ..repository.staging import Staging

_ENTRIES = {
    "auth_plugin_endpoints": re.compile(
        r"(?m)^auth_plugin_endpoints:.*\n(?:[ -].*\n)*"
    ),
    "auth_schema_additions": re.compile(
        r"(?m)^auth_schema_additions:.*\n(?:[ -].*\n)*"
    ),
}
_TOP = re.compile(r"(?m)^(\w{1,99}):")


def record_additions(integration: Integration, staging: Staging) -> FileEdit | Skip:
    """Write the additions of ``integration`` where Copier keeps the answers."""
    text = staging.text(ANSWERS_FILE) or ""
    answers = integration.answers
    after = text
    for question, found in (
        ("auth_schema_additions", recorded(answers.auth_schema_additions)),
        (
            "auth_plugin_endpoints",
            [
                plugin.model_dump(mode="json")
                for plugin in answers.auth_plugin_endpoints
            ],
        ),
    ):
        if not _is_recorded(text, question, getattr(answers, question)):
            after = _with_entry(after, question, found)
    if after == text:
        return Skip(
            operation="record-additions", path=ANSWERS_FILE, why="recorded already"
        )
    why = "record what better-auth's configuration stores, for every later update"
    return FileEdit(
        path=ANSWERS_FILE, before=text.encode(), after=after.encode(), why=(why,)
    )


def _is_recorded(text: str, question: str, wanted: object) -> bool:
    """Return True if the answers say so already: Copier writes the same otherwise."""
    given = load_yaml(text)
    before = given.get(question) if isinstance(given, dict) else None
    return bool(getattr(parse_answers({question: before}), question) == wanted)


def _with_entry(text: str, question: str, entries: list[dict[str, object]]) -> str:
    entry = _as_yaml(question, entries)
    found = _ENTRIES[question].search(text)
    if found:
        return f"{text[: found.start()]}{entry}{text[found.end() :]}"
    following = (m for m in _TOP.finditer(text) if m[1] > question)
    at = next((match.start() for match in following), len(text))
    return f"{text[:at]}{entry}{text[at:]}"


def _as_yaml(question: str, entries: list[dict[str, object]]) -> str:
    """Return the entry so that YAML 1.1, Copier's, reads what 1.2 does: as JSON."""
    if not entries:
        return f"{question}: []\n"
    lines = [f"{question}:"]
    for table in entries:
        lines.append(f"- name: {json.dumps(table['name'])}")
        for part in ("columns", "indexes", "endpoints"):
            found = table.get(part)
            if isinstance(found, list):
                lines.append(f"  {part}:")
                lines += [f"  - {json.dumps(e, ensure_ascii=False)}" for e in found]
    return "\n".join([*lines, ""])
