"""The pages of ``docs/`` that are made from the code.

Run as a program it writes them; a test compares. To add a page: its module in
``scripts/reference``, its line in ``pages``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reference import (
    commands,
    diagnostics,
    endpoints,
    environment,
    files,
    questions,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
ONE_EACH = DOCS / "reference" / "diagnostics"


def pages() -> Mapping[Path, str]:
    """Return the text of each page."""
    variables = DOCS / "reference" / "environment.md"
    return {
        DOCS / "reference" / "commands.md": commands.page(),
        DOCS / "reference" / "endpoints.md": endpoints.page(),
        variables: environment.page(variables.read_text(encoding="utf-8")),
        DOCS / "reference" / "files.md": files.page(ROOT / "template"),
        DOCS / "reference" / "questions.md": questions.page(ROOT / "copier.yml"),
        DOCS / "diagnostics.md": diagnostics.overview(),
        **{ONE_EACH / name: text for name, text in diagnostics.pages().items()},
    }


def main() -> None:
    """Write all pages, and remove those of diagnostics that are no more."""
    made = pages()
    for path in ONE_EACH.glob("*.md"):
        if path not in made:
            path.unlink()
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
