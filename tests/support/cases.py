"""Cases of edits, one file each: what was there, and what comes of it.

A case is a txtar archive: ``-- name --`` begins a file, the next such line or the end
ends it. ``before/`` and ``after/`` are the repository's, ``answers.yml`` are answers
beside those that discovery suggests, ``manual.txt`` is the step that is printed where
the edit declines, ``skip.txt`` why there is nothing to do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).resolve().parent.parent / "edits"
_FILE = re.compile(r"(?m)^-- (\S.*) --\n")
# As git's diffs say it.
_NO_NEWLINE = "\n\\ No newline at end of file\n"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One case: the edit's name, and the archive's files by their names."""

    edit: str
    name: str
    files: Mapping[str, str]

    @property
    def answers(self) -> dict[str, Any]:
        """The answers that are not suggested."""
        return dict(YAML(typ="safe").load(self.files.get("answers.yml", "{}")))

    def below(self, folder: str, newline: str = "\n") -> dict[str, bytes]:
        """Return the repository's files before or after, with such line ends."""
        return {
            name.removeprefix(f"{folder}/"): text.replace("\n", newline).encode()
            for name, text in self.files.items()
            if name.startswith(f"{folder}/")
        }


def all_cases() -> list[Case]:
    """Return every case, by edit and name."""
    return [
        Case(edit=path.parent.name, name=path.stem, files=_unpacked(path.read_text()))
        for path in sorted(FOLDER.glob("*/*.txtar"))
    ]


def _unpacked(text: str) -> dict[str, str]:
    _, *parts = _FILE.split(text)
    return {
        name: content.removesuffix(_NO_NEWLINE)
        for name, content in zip(parts[::2], parts[1::2], strict=True)
    }
