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
from ..answers.additions import recorded
from ..model import FileEdit, Skip

if TYPE_CHECKING:
    from ..model import Integration
    from ..repository.staging import Staging

_QUESTION = "auth_schema_additions"
_ENTRY = re.compile(r"(?m)^auth_schema_additions:.*\n(?:[ -].*\n)*")
_TOP = re.compile(r"(?m)^(\w{1,99}):")


def record_additions(integration: Integration, staging: Staging) -> FileEdit | Skip:
    """Write the additions of ``integration`` where Copier keeps the answers."""
    text = staging.text(ANSWERS_FILE) or ""
    entry = _as_yaml(recorded(integration.answers.auth_schema_additions))
    found = _ENTRY.search(text)
    if found:
        after = f"{text[: found.start()]}{entry}{text[found.end() :]}"
    else:
        following = (m for m in _TOP.finditer(text) if m[1] > _QUESTION)
        at = next((match.start() for match in following), len(text))
        after = f"{text[:at]}{entry}{text[at:]}"
    if after == text:
        return Skip(
            operation="record-additions", path=ANSWERS_FILE, why="recorded already"
        )
    why = "record what better-auth's configuration stores, for every later update"
    return FileEdit(
        path=ANSWERS_FILE, before=text.encode(), after=after.encode(), why=(why,)
    )


def _as_yaml(tables: list[dict[str, object]]) -> str:
    """Return the entry so that YAML 1.1, Copier's, reads what 1.2 does: as JSON."""
    if not tables:
        return f"{_QUESTION}: []\n"
    lines = [f"{_QUESTION}:"]
    for table in tables:
        lines.append(f"- name: {json.dumps(table['name'])}")
        for part in ("columns", "indexes"):
            found = table.get(part)
            if isinstance(found, list):
                lines.append(f"  {part}:")
                lines += [f"  - {json.dumps(e, ensure_ascii=False)}" for e in found]
    return "\n".join([*lines, ""])
