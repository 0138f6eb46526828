"""The page of the commands, made from what argparse was told."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from copier_better_auth.cli.arguments import parser
from reference.markdown import table

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = """\
# Commands

Made from the commands' own definitions by `make generate`; do not edit it. Nothing has
to be installed; each works as

    uvx --from git+URL copier-better-auth COMMAND

with the address that the template comes from. `PATH` is the project's root, the current
folder if it is left out. `copier-better-auth COMMAND --help` prints the same at a
terminal.

| exit code | means |
|---|---|
| 0 | it is done, and all of it held |
| 1 | it failed, or found something; the last lines say what to type |
| 2 | wrong usage, said in one line |
| 3 | `discover` alone: there are several applications, and nothing says which |
"""
# What 0 and 1 mean where the general table leaves a question.
_EXITS = {
    "discover": "0 an application was found, 1 none, 3 several",
    "doctor": "0 nothing failed (warnings and skips are no failures), 1 something did",
    "verify": "0 all of it held, 1 a step did not, which is named",
    "sync": "0 in step, now or already, 1 something is to be done, or it cannot be "
    "followed",
    "undo": "0 taken back, 1 refused (a file has changed since) or answered no",
    "explain": "0 the error is known, 1 it is not",
}


def page() -> str:
    """Return the page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    top = parser()
    # What no help names is called by Copier, not by people.
    for name, command in _subcommands(top):
        yield f"## {name}"
        yield ""
        yield from command_lines(name, command)


def command_lines(name: str, command: argparse.ArgumentParser) -> Iterator[str]:
    """Yield what is said about a command, and about those within it."""
    said = command.description or ""
    yield f"{said[:1].upper()}{said[1:]}."
    yield ""
    yield f"    {' '.join((command.prog, *_usage(command)))}"
    yield ""
    rows = [row for action in command._actions if (row := _row(action))]  # noqa: SLF001 - no public way
    if rows:
        yield from table(("argument", "what it does"), rows)
        yield ""
    if exits := _EXITS.get(name):
        yield f"Exit code: {exits}."
        yield ""
    for inner, nested in _subcommands(command):
        yield f"### {name} {inner}"
        yield ""
        yield from command_lines(f"{name} {inner}", nested)


def _subcommands(
    parser: argparse.ArgumentParser,
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in parser._actions:  # noqa: SLF001 - as above
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            shown = {choice.dest for choice in action._choices_actions}  # noqa: SLF001
            yield from ((n, p) for n, p in action.choices.items() if n in shown)


def _usage(command: argparse.ArgumentParser) -> Iterator[str]:
    """Yield the words of the call; alternatives are in one bracket."""
    groups = [group._group_actions for group in command._mutually_exclusive_groups]  # noqa: SLF001
    grouped = [action for group in groups for action in group]
    # Options come first; sorting keeps the order of each kind.
    for action in sorted(command._actions, key=lambda a: not a.option_strings):  # noqa: SLF001
        if isinstance(action, (argparse._HelpAction, argparse._SubParsersAction)):  # noqa: SLF001
            continue
        if action not in grouped:
            yield _bracketed([action])
        elif group := next((g for g in groups if g and g[0] is action), None):
            yield _bracketed(group)


def _bracketed(actions: list[argparse.Action]) -> str:
    inside = " | ".join(_shown(action) for action in actions)
    required = len(actions) == 1 and not actions[0].option_strings
    if required and actions[0].nargs not in {"?", "*"}:
        return inside
    return f"[{inside}]"


def _shown(action: argparse.Action) -> str:
    takes = action.nargs != 0
    if action.choices and action.metavar is None:
        value = "|".join(map(str, action.choices))
    else:
        name = action.metavar or action.dest.upper()
        value = name if isinstance(name, str) else " ".join(name)
    if not action.option_strings:
        return f"{value} ..." if action.nargs in {"*", "+"} else value
    option = action.option_strings[-1]
    return f"{option} {value}" if takes else option


def _row(action: argparse.Action) -> tuple[str, str] | None:
    if isinstance(action, (argparse._HelpAction, argparse._SubParsersAction)):  # noqa: SLF001
        return None
    if action.help in {None, argparse.SUPPRESS}:
        return None
    return f"`{_shown(action)}`", str(action.help)
