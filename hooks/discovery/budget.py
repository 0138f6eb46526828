"""How much work a probe may do: beyond it a fact is unknown, and says why."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any, TypeVar

from ..model import Fact
from ..repository.files import OutOfTimeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..repository import Repository

T = TypeVar("T")
# Of this process's own time, so that a busy machine changes no fact.
SECONDS = 5.0


def within(
    repository: Repository, seconds: float, probe: Callable[[], T], unknown: T
) -> T:
    """Return what a probe finds; ``unknown`` with the reason where it gives up.

    ``unknown`` is a fact, or a frozen dataclass of facts.
    """
    repository.deadline = time.process_time() + seconds
    try:
        return probe()
    except OutOfTimeError:
        return _because(unknown, f"not found within {seconds:g} s; say it by an answer")
    except RecursionError:
        return _because(unknown, "a file there is nested too deeply to be read")
    finally:
        repository.deadline = None


def _because(unknown: T, reason: str) -> T:
    if not dataclasses.is_dataclass(unknown) or isinstance(unknown, type):
        return unknown
    if isinstance(unknown, Fact):
        return dataclasses.replace(unknown, problem=reason)
    facts: dict[str, Any] = {
        field.name: dataclasses.replace(fact, problem=reason)
        for field in dataclasses.fields(unknown)
        if isinstance(fact := getattr(unknown, field.name), Fact)
    }
    return dataclasses.replace(unknown, **facts)
