"""What a report asks for, done to the letter by a user who reads nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from campaign.machine import ADMIN
from support.by_hand import Step, do, printed_steps
from support.newcomer import next_commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from campaign.machine import Developer

_PLACEHOLDER = "postgresql://user:password@host:5432/database"
_FOLDER = re.compile(r"^\(cd (\S+) && (.*)\)$")


def follow(user: Developer, report: str) -> tuple[int, list[str]]:
    """Do each step, then install and start; return how many, and what failed."""
    try:
        steps = printed_steps(report)
    except AssertionError as error:
        return 0, [f"a step cannot be typed: {str(error)[:150]}"]
    found = [_done(user, step) for step in sorted(steps, key=lambda step: -step.line)]
    found += [_run(user, line) for line in _start_lines(report)]
    return len(found), [problem for problem in found if problem]


def _done(user: Developer, step: Step) -> str:
    address = f"{ADMIN}/{user.repository.database}"
    # The one thing that a person knows and no text can say: where the database is.
    known = Step(**{**vars(step), "text": step.text.replace(_PLACEHOLDER, address)})
    try:
        if step.verb == "run":
            done = user.run(step.text, folder=step.path)
            assert done.code == 0, done.last
        elif step.verb != "sql":
            do(user.root, known)
    except (AssertionError, OSError) as error:
        return f"step '{step.about}' cannot be done: {str(error)[:200]}"
    return ""


def _start_lines(report: str) -> Iterator[str]:
    """Yield what is typed to install; `verify` starts the servers, and ends them."""
    for line in next_commands(report):
        if "dev:all" not in line and "copier-better-auth" not in line:
            yield line


def _run(user: Developer, line: str) -> str:
    found = _FOLDER.match(line)
    folder, command = (found[1], found[2]) if found else (".", line)
    done = user.run(command, folder=folder, within=900)
    return "" if done.code == 0 else f"{line}: {done.last}"
