"""Files in the template's folders that git ignores, as they were before an update.

An update writes over them, or removes them, and git has no other version. So Copier's
process keeps a copy until the hook, in its own process, has looked at it.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from plumbum import local

from ..errors import DirtyRepositoryError
from ..rendering.owned_files import files_below
from ..repository import git

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PLACE = "COPIER_BETTER_AUTH_IGNORED"
_MOST_BYTES = 2_000_000


def keep_ignored(root: Path, folders: Iterable[str]) -> None:
    """Copy what git ignores in ``folders`` to where the hook will look for it.

    Raises ``DirtyRepositoryError`` for a tracked file that git was told not to look at,
    and that is not as it was committed: an update would lose what was changed.
    """
    below = [
        name for folder in sorted(set(folders)) for name in files_below(root, folder)
    ]
    if not below:
        return
    tracked = git.paths(root, "ls-files", "-z", "-v", "--cached", "--", ".")
    flags = {entry[2:]: entry[0] for entry in tracked}
    for name in below:
        hidden = flags.get(name, "H") != "H"
        if hidden and _read(root / name) != git.committed(root, name, checked_out=True):
            message = (
                f"{name}: changed, and git was told not to look at it; type: git "
                f"update-index --no-assume-unchanged --no-skip-worktree {name}, then "
                "commit it"
            )
            raise DirtyRepositoryError(message)
    ignored = [name for name in below if name not in flags]
    if not ignored:
        return
    place = Path(tempfile.mkdtemp(prefix="copier-better-auth."))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    for name in ignored:
        if (data := _read(root / name)) is not None:
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(data)
    for variables in (os.environ, local.env):
        variables[_PLACE] = str(place)


def ignored_before(root: Path) -> Mapping[str, bytes]:
    """Return what the ignored files held that are not so any more, by path."""
    kept = os.environ.get(_PLACE)
    if not kept or not Path(kept).is_dir():
        return {}
    found = {
        name: (Path(kept) / name).read_bytes() for name in files_below(Path(kept), ".")
    }
    return {name: data for name, data in found.items() if _read(root / name) != data}


def _read(path: Path) -> bytes | None:
    """Return a file that is none of a link's, and not huge."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size > _MOST_BYTES:
        return None
    return path.read_bytes()
