"""Projects as ``copier copy`` leaves them, for tests of what comes after that."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.copier_cli import copy
from support.once import once

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True)
class Copies:
    """Each kind of project is made once, by the command, for all test processes."""

    template: Path
    folder: Path

    def into(
        self,
        target: Path,
        *options: str,
        of: Callable[[Path], object] | None = None,
    ) -> Path:
        """Put a project there: a new one, or a repository that was given the template.

        ``of`` builds the repository; ``options`` are those of ``copier copy``.
        """
        key = (*options, of.__name__ if of else "")
        name = hashlib.sha256(repr(key).encode()).hexdigest()[:12]

        def make(folder: Path) -> None:
            if of:
                of(folder)
            result = copy(self.template, folder, *options)
            assert result.returncode == 0, result.stderr

        made = once(self.folder / name, make)
        return shutil.copytree(made, target, symlinks=True, dirs_exist_ok=True)
