"""What the release before an update and the one after it make of the answers."""

from __future__ import annotations

import tempfile
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ..answers import parse_answers_file, read_answers_file
from ..rendering.owned_files import files_below
from ..repository import git

if TYPE_CHECKING:
    from collections.abc import Mapping

# The beginning by which the template knows that no user's code is there.
_TEMPORARY = "copier._main.old_copy."


class Renderings:
    """Both releases, each rendered once, and only when needed."""

    def __init__(self, root: Path, answers_file: str) -> None:
        """Remember where; nothing is read or rendered yet."""
        self._root = root
        self.answers_file = answers_file

    @cached_property
    def answers_before(self) -> Mapping[str, object] | None:
        """The answers of the last commit; ``None`` where it holds none."""
        committed = git.committed(self._root, self.answers_file)
        if committed is None:
            return None
        return parse_answers_file(
            committed.decode("utf-8", "replace"), self.answers_file
        )

    @cached_property
    def before(self) -> Mapping[str, bytes]:
        """The files of the release before, by path; none without its answers."""
        return self._rendered(self.answers_before) if self.answers_before else {}

    @cached_property
    def now(self) -> Mapping[str, bytes]:
        """The files of the release that the update leads to, by path."""
        return self._rendered(read_answers_file(self._root / self.answers_file))

    def _rendered(self, answers: Mapping[str, object]) -> Mapping[str, bytes]:
        from copier import run_copy  # noqa: PLC0415 - heavy, and rarely needed

        given = {k: v for k, v in answers.items() if not k.startswith("_")}
        with tempfile.TemporaryDirectory(prefix=_TEMPORARY) as folder:
            run_copy(
                str(answers["_src_path"]),
                folder,
                data=given,
                answers_file=self.answers_file,
                vcs_ref=str(answers["_commit"]),
                defaults=True,
                quiet=True,
                skip_tasks=True,
                unsafe=True,
            )
            root = Path(folder)
            return {name: (root / name).read_bytes() for name in files_below(root, ".")}
