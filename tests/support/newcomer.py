"""A person who has never seen the template, and what a first try costs them.

They type what the README says, press Enter at each question, and go on with nothing
but the commands that the last message prints.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from support.processes import wait_for
from support.screens import broken_words, rows
from support.terminal import at_a_terminal, questions, shell_at_a_terminal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

COLUMNS = 80
_TITLE = "── better-auth "

# uv erases each line of its progress; what it says at its end may follow.
_LAST_OF_UV = re.compile(r"\x1b\[2K(?:Installed \d+ packages? in \S+\r?\n)?")

# What a first try may cost at most, by the names of the figures.
GOALS = {"questions": 8, "commands": 5, "broken": 0, "last": 24}
FIGURES = ("questions", "commands", "seconds", "bytes", "lines", "broken", "last")


@dataclass
class Figures:
    """What a first try costs: counted from what is printed at 80 columns."""

    questions: int = 0
    commands: int = 0
    seconds: float = 0
    bytes: int = 0
    lines: int = 0
    broken: int = 0
    last: int = 0
    words: list[str] = field(default_factory=list[str])

    def missed(self) -> list[str]:
        """Return a line for each goal that is missed."""
        return [
            f"{name}: {getattr(self, name)}, at most {goal}"
            + f" ({', '.join(self.words)})" * (name == "broken")
            for name, goal in GOALS.items()
            if getattr(self, name) > goal
        ]

    def read(self, printed: str, *, ours: bool) -> None:
        """Count what was printed; the width is our own programs' to keep to."""
        self.bytes += len(printed.encode())
        self.lines += len(rows(printed, COLUMNS))
        if ours:
            self.questions += len(questions(printed))
            words = broken_words(after_uv(printed), COLUMNS)
            self.words += words
            self.broken += len(words)


class Newcomer:
    """Types commands, each as it was printed, and counts."""

    def __init__(self, env: Mapping[str, str]) -> None:
        """Begin."""
        self.figures = Figures()
        self._env = env

    def copy(self, command: str, folder: Path) -> list[str]:
        """Type the README's first command; return what is typed next, as printed."""
        message = last_message(self.type(command, folder, ours=True))
        self.figures.last = len(message)
        commands = next_commands("\n".join(message))
        self.figures.commands = len(commands)
        return commands

    def type(self, command: str, folder: Path, *, ours: bool, within: int = 600) -> str:
        """Type a command, press Enter whenever it asks, return what it prints."""
        began = time.monotonic()
        printed = at_a_terminal(command, folder, self._env, within, columns=COLUMNS)
        self.figures.seconds += time.monotonic() - began
        self.figures.read(printed, ours=ours)
        return printed

    def start(self, command: str, folder: Path, ready: Sequence[str]) -> None:
        """Type what does not end, wait until each address answers, press Ctrl-C."""
        began = time.monotonic()
        log = folder.with_name(f"{folder.name}.log")
        log.touch()
        with shell_at_a_terminal(folder, self._env, log) as (shell, type_):
            type_(f"{command}\n")
            for url in ready:
                wait_for(url, shell, log)
            self.figures.seconds += time.monotonic() - began
            type_("\x03")
            type_("exit\n")
            shell.wait(timeout=60)
        self.figures.read(log.read_bytes().decode(errors="replace"), ours=False)


def last_message(printed: str) -> list[str]:
    """Return the rows of the message that ends a run, its two rules among them."""
    shown = rows(printed, COLUMNS)
    begin = max(n for n, row in enumerate(shown) if row.startswith(_TITLE))
    return shown[begin:]


def next_commands(message: str) -> list[str]:
    """Return what a message says to type next, each command on one line."""
    whole = re.sub(r" \\\n +", " ", message)
    block = re.search(r"(?m)^Next:\n((?:  .*\n)+)", whole)
    assert block is not None, message
    return [line.strip() for line in block[1].splitlines()]


def after_uv(printed: str) -> str:
    """Return what is printed once uv has fetched the program, without colours."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", printed)
    return re.split(_LAST_OF_UV, plain)[-1]
