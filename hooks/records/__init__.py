"""What a run leaves in the project's history: prompt records and decisions.

Made from the outcome of a run, as new files; ``workspace.py`` writes them, last.
"""

from .decisions import DECISIONS, Decision, decision_files, suggested_decisions
from .prompt_history import prompt_records

__all__ = [
    "DECISIONS",
    "Decision",
    "decision_files",
    "prompt_records",
    "suggested_decisions",
]
