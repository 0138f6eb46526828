"""Three versions of a file become one, as git does it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ..repository import git

# What merge-file counts to; above it, it has failed.
_MOST_CONFLICTS = 127
_LABELS = ("before updating", "last update", "after updating")


def three_way(theirs: bytes, base: bytes, ours: bytes) -> tuple[bytes, int | None]:
    """Merge as git does; return the text and how many conflicts it holds.

    ``theirs`` and ``None`` where git cannot: a zero byte makes a file binary.
    """
    if theirs == base:
        return ours, 0
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, str(number)) for number in range(len(_LABELS))]
        for file, data in zip(files, (theirs, base, ours), strict=True):
            file.write_bytes(data)
        labels = [part for label in _LABELS for part in ("-L", label)]
        done = git.run(
            Path(folder), "merge-file", "--stdout", *labels, *map(str, files)
        )
    if done is None or done.code > _MOST_CONFLICTS:
        return theirs, None
    return done.output, done.code
