"""Test results by name, before and after, and what no longer passes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from campaign.machine import Developer, Done

SECONDS = 60
# As pytest -v prints it, alone or from one of xdist's workers.
_LINE = re.compile(
    r"(?m)^(?:\[gw\d+\] \[ *\d+%\] )?(?P<first>\S+::.+?|PASSED|FAILED|ERROR)"
    r" +(?P<second>\S+::.+?|PASSED|FAILED|ERROR)(?: +\[ *\d+%\])?\s*$"
)


def own_tests(developer: Developer) -> tuple[dict[str, bool], str]:
    """Run the project's tests for a bounded time; return each one's result and a word.

    What could not be run at all says why.
    """
    repository = developer.repository
    if not repository.tests:
        return {}, "none"
    done = developer.run(
        f"{repository.tests} -v -p no:cacheprovider",
        folder=repository.folder,
        within=SECONDS,
        env=repository.tests_env,
        inside=True,
    )
    found = results(done)
    if not found:
        return {}, f"could not be run: {done.last}"
    word = f"{sum(found.values())} of {len(found)} pass"
    return found, word + (f" in {SECONDS} s" if done.code is None else "")


def results(done: Done) -> dict[str, bool]:
    """Read each test's result from what pytest printed."""
    found: dict[str, bool] = {}
    text = re.sub(r"\x1b\[[0-9;]*m", "", done.text)
    for match in _LINE.finditer(text):
        first, second = match["first"], match["second"]
        name, said = (first, second) if "::" in first else (second, first)
        if "::" in name and "::" not in said:
            found[name.strip()] = said == "PASSED"
    return found


def broken(before: dict[str, bool], after: dict[str, bool], word: str) -> list[str]:
    """Name the tests that passed before and do not now."""
    passed = {name for name, ok in before.items() if ok}
    if passed and not after:
        return [f"own tests {word}"]
    fails = sorted(name for name in passed if not after.get(name, True))
    return [f"own tests: {name} passed before" for name in fails]
