"""One Node process in the auth server's folder, which prints what it found as JSON."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

# Begins each line of JSON; whatever else the server logs is around them.
MARK = "copier-better-auth:"


@dataclass(frozen=True, kw_only=True)
class Printed:
    """What a script printed: the parts that it said, all of it, and its errors."""

    parts: Mapping[str, Any]
    printed: str
    errors: str


# What the process has left to say when its own time is over.
_GRACE = 1.0


def run_script(script: Path, given: str, server: Path, seconds: float) -> Printed | str:
    """Run a script with ``given`` in ``server``; or return why that cannot be.

    It ends by itself after ``seconds``, and is ended soon after that.
    """
    text = script.read_text(encoding="utf-8")
    words = ("--input-type=module", "--eval", text, given)
    answer = run_file(words, server, seconds + _GRACE)
    if isinstance(answer, str):
        return answer
    said, errors = answer
    return Printed(parts=_parsed(said), printed=said, errors=errors)


def run_file(
    words: Sequence[str], server: Path, seconds: float
) -> tuple[str, str] | str:
    """Run Node with these words and TypeScript; return what it prints, or why not."""
    try:
        return _run(["node", "--import", "tsx", *words], server, seconds)
    except FileNotFoundError:
        return "node is not installed"
    except OSError as error:
        return f"node did not start ({error.strerror})"


def _run(command: list[str], server: Path, seconds: float) -> tuple[str, str]:
    """Return what a command printed until it ended, or until its time was over."""
    process = subprocess.Popen(
        command,
        cwd=server,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    try:
        return process.communicate(timeout=seconds)
    except BaseException as error:
        # Not waited for yet, so the number is still its own group's.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        rest = process.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            return rest
        raise


def _parsed(said: str) -> dict[str, Any]:
    """Collect the parts; each mark begins a line, logs may be around it."""
    parts: dict[str, Any] = {}
    for line in said.splitlines():
        if line.startswith(MARK):
            with contextlib.suppress(ValueError):
                part = json.loads(line.removeprefix(MARK))
                parts |= part if isinstance(part, dict) else {}
    return parts
