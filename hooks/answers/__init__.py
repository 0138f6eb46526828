"""What the user chose: the answers, what each may be, and what follows from them."""

from .model import Answers, load_answers, parse_answers, read_answers_file, remembered

__all__ = [
    "Answers",
    "load_answers",
    "parse_answers",
    "read_answers_file",
    "remembered",
]
