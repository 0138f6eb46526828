"""Take back what a run of Copier has written that ends before the hook is done.

Ctrl-C, a full disk, an edit that is refused, a kill: Copier would leave the files that
it has rendered by then. Another process, started before the first write, sees the end
and takes them back, with the edits that were made; the hook dismisses it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import BetterAuthError
from ..rendered import files_below, owned_files, owned_folders
from ..repository import git
from ..survivor import outlived_by
from .transaction import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..answers import Answers

_MESSAGE = "Stopped before the end: everything here is as it was before.\n"


def is_command() -> bool:
    """Tell whether this process is Copier's command, which ends with the run.

    A program that uses Copier goes on, and so may its user in the same folder.
    """
    started = Path(sys.argv[0])
    name = started.parent.name if started.stem == "__main__" else started.stem
    return name == "copier"


def take_back_unless_finished(
    root: Path, answers_file: str, runs: Sequence[Answers], *, overwrites: bool
) -> int:
    """Begin to watch; return what ``survivor.dismiss`` takes.

    ``runs`` are the answers of this run, first, and of the one before.
    """
    now = runs[0]
    workspace = Workspace(root, now.auth_server_dir)

    def files() -> set[str]:
        return {name for of in runs for name in owned_files(root, of, answers_file)}

    def folders() -> list[str]:
        return [name for of in runs for name in owned_folders(root, of)]

    kept = {answers_file} & files()
    if overwrites:
        ours = {f for of in runs for f in (of.auth_server_dir, of.auth_package_dir)}
        kept |= {name for folder in ours for name in files_below(root, folder)}
    then = workspace.snapshot(files(), folders(), sorted(kept))

    def take_back() -> None:
        if not root.exists():
            return  # Copier made it, and has removed it
        try:
            was_needed = workspace.return_to(then, files(), folders())
            if was_needed and overwrites:
                # An update began with a clean index; its merge may mark conflicts.
                git.output(root, "reset", "--quiet", "--", ".")
        except (BetterAuthError, OSError) as error:
            said = f"Stopped before the end, and not all could be put back: {error}\n"
        else:
            said = _MESSAGE if was_needed else ""
        sys.stderr.write(said)
        sys.stderr.flush()

    return outlived_by(take_back)
