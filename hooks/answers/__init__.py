"""What the user chose: the answers, what each may be, and what follows from them."""

from .model import (
    ANSWERS_FILE,
    Answers,
    load_answers,
    parse_answers,
    read_answers_file,
    remembered,
)

__all__ = [
    "ANSWERS_FILE",
    "Answers",
    "load_answers",
    "parse_answers",
    "read_answers_file",
    "remembered",
]
