"""What Copier starts: makes the template's own package importable, calls the CLI."""

import sys
from pathlib import Path

# Replace this folder, whose modules would shadow the standard library's.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from hooks.cli import main  # noqa: E402 - importable only now

raise SystemExit(main())
