"""List what the plugins answer in API_DOCUMENTATION.md, as the template renders it.

Before::

    | POST `/api/auth/update-session` | the session has no fields of its own to change |

After::

    | POST `/api/auth/update-session` | the session has no fields of its own to change |

    ## Plugins
    ...
    | POST `/api/auth/organization/create` | `name`, `slug`, `logo` (optional) |
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import FileEdit, Skip
from ..rendering.plugin_endpoints import plugin_endpoints
from ..syntax.encoding import decoded

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..answers import Answers
    from ..model import Integration
    from ..repository.staging import Staging

_FILE = "API_DOCUMENTATION.md"


def list_plugin_endpoints(
    earlier: Answers,
) -> Callable[[Integration, Staging], FileEdit | Skip]:
    """Return the edit that leads from the passage of ``earlier`` to that of now."""

    def edit(integration: Integration, staging: Staging) -> FileEdit | Skip:
        answers = integration.answers
        path = f"{answers.auth_server_dir}/{_FILE}"
        old = plugin_endpoints(earlier.auth_plugin_endpoints)
        new = plugin_endpoints(answers.auth_plugin_endpoints)
        source = staging.read(path)
        if source is None:
            return _skipped(path, "there is no such page")
        written = decoded(source)
        newline = "\r\n" if "\r\n" in written else "\n"
        text = written.replace("\r\n", "\n")
        if _is_listed(old, new, text):
            return _skipped(path, "listed already")
        if old and text.count(old) != 1:
            return _skipped(path, "the passage on plugins is its owner's now")
        before, _, after = text.partition(old) if old else (text, "", "")
        parts = (before.strip("\n"), new, after.strip("\n"))
        changed = "\n\n".join(part for part in parts if part) + "\n"
        return FileEdit(
            path=path,
            before=source,
            after=changed.replace("\n", newline).encode(),
            why=("list what better-auth's plugins answer",),
        )

    edit.__name__ = "list_plugin_endpoints"
    return edit


def _is_listed(old: str, new: str, text: str) -> bool:
    """Return True if the new passage is there, and not as the beginning of the old."""
    if not new:
        return not old or old not in text
    is_beginning = old != new and new in old and old in text
    return new in text and not is_beginning


def _skipped(path: str, why: str) -> Skip:
    return Skip(operation="list-plugin-endpoints", path=path, why=why)
