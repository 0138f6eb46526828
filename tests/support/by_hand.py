"""Manual steps, done as printed by a person who reads nothing else.

A step is read from the text of the report, not from the plan: what is not printed is
not known here.
"""

from __future__ import annotations

import re
import subprocess
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_STEP = re.compile(r"(?m)^By hand, step \d+: (.*)\n((?:\n|  .*(?:\n|\Z))+)")
_END = re.compile(r"(?:at the end of|in the new file) (\S+), write:")
_PLACE = re.compile(r"(below|above|instead of) line (\d+) of (\S+):")
_RUN = re.compile(r"run in (\S+):")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One printed step: what it is about, what is done, and with which text."""

    about: str
    verb: str
    path: str = ""
    line: int = 0
    anchor: str = ""
    text: str


def printed_steps(report: str) -> list[Step]:
    """Read every step of a report; one that says no place fails."""
    return [_step(about, body) for about, body in _STEP.findall(report)]


def _step(about: str, body: str) -> Step:
    head, _, rest = body.strip("\n").partition("\n")
    text = textwrap.dedent(rest).strip("\n")
    head = head.strip()
    if found := _END.fullmatch(head):
        return Step(about=about, verb="end", path=found[1], text=_snippet(rest))
    if found := _RUN.fullmatch(head):
        return Step(about=about, verb="run", path=found[1], text=text)
    if head == "run in the database:":
        return Step(about=about, verb="sql", text=text)
    found = _PLACE.fullmatch(head)
    assert found is not None, f"no place is said: {about}\n{body}"
    anchor, _, written = rest.partition("\n  write:\n")
    return Step(
        about=about,
        verb=found[1],
        line=int(found[2]),
        path=found[3],
        anchor=_snippet(anchor),
        text=_snippet(written),
    )


def _snippet(block: str) -> str:
    """Take the report's own indentation off, and none of the text's."""
    return "\n".join(line[4:] for line in block.strip("\n").split("\n"))


def do(project: Path, step: Step, env: Mapping[str, str] | None = None) -> str:
    """Do what a step says; return what a command printed."""
    if step.verb == "run":
        done = subprocess.run(
            ["bash", "-e", "-c", step.text],  # noqa: S607 - bash from PATH
            cwd=project / step.path,
            env=env,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{step.text}\n{done.stdout}{done.stderr}"
        return done.stdout
    target = project / step.path
    if step.verb == "end":
        before = target.read_text() if target.exists() else ""
        apart = "" if before.endswith("\n") or not before else "\n"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(f"{before}{apart}{step.text}\n")
        return ""
    lines = target.read_text().split("\n")
    anchor = step.anchor.split("\n")
    begin = step.line - 1
    end = begin + len(anchor)
    found = [line.rstrip() for line in lines[begin:end]]
    assert found == anchor, f"line {step.line} of {step.path} is {found}"
    match step.verb:
        case "below":
            begin = end
        case "above":
            end = begin
        case _:
            pass
    lines[begin:end] = step.text.split("\n")
    target.write_text("\n".join(lines))
    return ""


def do_all(project: Path, report: str) -> list[Step]:
    """Do every printed step, from the end of each file up, so that lines stay true."""
    steps = printed_steps(report)
    for step in sorted(steps, key=lambda step: -step.line):
        do(project, step)
    return steps
