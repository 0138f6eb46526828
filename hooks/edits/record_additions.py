"""Record in the answers what better-auth's configuration stores besides.

Before::

    auth_schema_additions: []

After::

    auth_schema_additions:
    - name: auth_user
      columns:
      - name: role
        type: text
        nullable: true
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from ruamel.yaml import YAML

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


def _as_yaml(value: object) -> str:
    """Return the entry as Copier would write it."""
    stream = io.StringIO()
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.allow_unicode = True
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.dump({_QUESTION: value}, stream)
    return stream.getvalue()
