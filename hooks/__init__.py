"""The part of copier-better-auth that runs: discovery, edits, diagnostics, records.

Copier starts it through ``run.py``; installed, it is the package
``copier_better_auth`` behind the command of the same name. Begin with ``model.py``.
"""

from __future__ import annotations

# Where Copier keeps the answers; copier.yml says the same to Copier itself.
ANSWERS_FILE = ".copier-answers.better-auth.yml"
