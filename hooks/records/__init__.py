"""What a run leaves to read: history records, decisions, results and principles.

Made from the outcome of a run, as files; the workspace writes them, last.
"""

from .constitution import check_constitution, check_plan, require_held
from .decision_files import decision_files
from .last_result import last_result
from .prompt_history import prompt_records

__all__ = [
    "check_constitution",
    "check_plan",
    "decision_files",
    "last_result",
    "prompt_records",
    "require_held",
]
