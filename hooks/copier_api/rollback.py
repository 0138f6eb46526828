"""Take back what a run of Copier has written that ends before the hook is done.

Ctrl-C, a full disk, an edit that is refused, a kill: Copier would leave the files that
it has rendered by then. Another process, started before the first write, sees the end
and takes them back, with the edits that were made; the hook cancels it. Where that
was killed too, ``undo`` does the same from what was written down.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from .. import ANSWERS_FILE
from ..answers import parse_answers
from ..errors import BetterAuthError, DriftError, NothingToUndoError
from ..rendering.owned_files import files_below, owned_files, owned_folders
from ..repository import git
from ..updates.changed_files import forget_conflicts
from ..workspace.record import Run
from ..workspace.run_lock import hold_run_lock
from ..workspace.transaction import Workspace
from ..workspace.undoing import Undoing
from ..workspace.watchdog import cleanup_on_exit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..answers import Answers

_MESSAGE = "Stopped before the end: everything here is as it was before.\n"


def is_command() -> bool:
    """Return True if this process is Copier's command, which ends with the run.

    A program that uses Copier goes on, and so may its user in the same folder.
    """
    started = Path(sys.argv[0])
    name = started.parent.name if started.stem == "__main__" else started.stem
    return name == "copier"


def begin_run(root: Path, *, may_write: bool, tool: str = "copier-better-auth") -> None:
    """Keep other runs out, and put back what a killed one has left half written.

    ``tool`` is how the user starts our own command. Raises ``DriftError`` where that is
    for the user to see first, or to do: a preview writes nothing.
    """
    hold_run_lock(root)
    workspace = Workspace(root)
    state = workspace.state
    if state.run is not None and not root.exists():
        workspace.finish()  # Copier made the folder, and nothing of it is left
    elif state.run is not None or (state.pending is not None and not may_write):
        message = (
            "an earlier run was killed here before its end; "
            f"{tool} undo shows what it left, and takes it back"
        )
        raise DriftError(message)
    elif state.pending is not None and workspace.recover():
        sys.stderr.write("An earlier run was killed here; what it left is put back.\n")


def take_back_unless_finished(
    root: Path, answers_file: str, runs: Sequence[Answers], *, overwrites: bool
) -> int:
    """Begin to watch; return what ``watchdog.cancel`` takes.

    ``runs`` are the answers of this run, first, and of the one before.
    """
    workspace = Workspace(root)
    files = _files(root, runs, answers_file)
    kept = {answers_file} & files
    if overwrites:
        ours = {f for of in runs for f in (of.auth_server_dir, of.auth_package_dir)}
        kept |= {name for folder in ours for name in files_below(root, folder)}
    run = Run(
        names=frozenset(files),
        folders=frozenset(_folders(root, runs)),
        contents=workspace.contents(sorted(kept)) if root.exists() else (),
        last=workspace.state.last,
        answers=tuple(of.model_dump(mode="json") for of in runs),
        answers_file=answers_file,
        overwrites=overwrites,
    )
    workspace.begin(run)

    def end() -> None:
        try:
            said = _MESSAGE if take_back(root) else ""
        except (BetterAuthError, OSError) as error:
            said = f"Stopped before the end, and not all could be put back: {error}\n"
        sys.stderr.write(said)
        sys.stderr.flush()

    return cleanup_on_exit(end)


def plan_undo(root: Path) -> Undoing:
    """Return what an undo would do here; see ``Workspace.plan_undo``."""
    workspace = Workspace(root)
    if workspace.state.is_empty and not (root / ANSWERS_FILE).exists():
        message = "there is no run to undo here; run copier copy first"
        raise NothingToUndoError(message)
    if workspace.state.run is None:
        return workspace.plan_undo()
    # What it edited among them is put back.
    return Undoing(removed=_left_behind(root), is_interrupted=True)


def undo(root: Path) -> None:
    """Do what ``plan_undo`` returns, and let git's index know of no conflict."""
    workspace = Workspace(root)
    if workspace.state.run is not None:
        take_back(root)
    else:
        workspace.undo(at_end=partial(forget_conflicts, root))


def _left_behind(root: Path) -> tuple[str, ...]:
    """Return the files that a killed run of Copier has left here, new or edited."""
    state = Workspace(root).state
    if state.run is None:
        return ()
    files = _files(root, _runs(state.run), state.run.answers_file) - state.run.names
    if state.last is not None and state.last != state.run.last:
        files |= {change.path for change in state.last.changes}
    return tuple(sorted(files))


def take_back(root: Path) -> bool:
    """Take back what a run of Copier left that has not ended well; tell if it had."""
    workspace = Workspace(root)
    if not root.exists():  # Copier made it, and has removed it
        workspace.finish()
        return False
    with workspace.locked():  # the hook may still be at work, and end well
        run = workspace.state.run
        if run is None:
            return False
        runs = _runs(run)

        def reset_index() -> None:
            # An update began with a clean index; its merge may mark conflicts.
            if run.overwrites:
                git.output(root, "reset", "--quiet", "--", ".")

        return workspace.return_to(
            run,
            _files(root, runs, run.answers_file),
            _folders(root, runs),
            at_end=reset_index,
        )


def _runs(run: Run) -> list[Answers]:
    return [parse_answers(answers) for answers in run.answers]


def _files(root: Path, runs: Sequence[Answers], answers_file: str) -> set[str]:
    return {name for of in runs for name in owned_files(root, of, answers_file)}


def _folders(root: Path, runs: Sequence[Answers]) -> list[str]:
    return [name for of in runs for name in owned_folders(root, of)]
