"""What a project needs once when an update passes a release, beyond new files.

A release that gives an environment variable another name, for example, cannot reach
``.env`` by rendering: git ignores that file, and so does Copier. To add one: a module
named for the change with an edit in it, and its line in ``UPGRADES``.
``tests/test_update.py`` shows one whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

if TYPE_CHECKING:
    from ..edits import Edit
    from ..model import Versions


@dataclass(frozen=True, kw_only=True)
class Upgrade:
    """An edit for projects that come from a release before ``version``."""

    version: str
    edit: Edit


UPGRADES: tuple[Upgrade, ...] = ()


def upgrades_between(versions: Versions) -> tuple[Upgrade, ...]:
    """Return those that an update passes, the oldest first."""
    try:
        before, after = Version(versions.before), Version(versions.after)
    except InvalidVersion:
        return ()
    passed = (u for u in UPGRADES if before < Version(u.version) <= after)
    return tuple(sorted(passed, key=lambda upgrade: Version(upgrade.version)))
