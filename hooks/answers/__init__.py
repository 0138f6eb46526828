"""What the user chose: the answers, what each may be, and what follows from them."""

from .model import (
    Answers,
    load_answers,
    parse_answers,
    parse_answers_file,
    read_answers_file,
)

__all__ = [
    "Answers",
    "load_answers",
    "parse_answers",
    "parse_answers_file",
    "read_answers_file",
]
