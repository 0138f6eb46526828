"""What can be typed after ``copier-better-auth``."""

from __future__ import annotations

import argparse
import difflib
import re
from functools import partial
from importlib import metadata
from typing import NoReturn

from .. import ANSWERS_FILE
from ..errors import UsageError
from ..syntax.visible import visible
from . import commands
from .exit_codes import OK

COMMANDS = ("discover", "doctor", "verify", "sync", "undo", "explain")
_MISTYPED = re.compile(r"argument COMMAND: invalid choice: '(.*?)' \(")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        if mistyped := _MISTYPED.match(message):
            close = difflib.get_close_matches(mistyped[1], COMMANDS, n=1)
            meant = f"did you mean {close[0]}?" if close else ", ".join(COMMANDS)
            message = f"there is no command {visible(mistyped[1])}: {meant}"
        raise UsageError(f"{message}; see {self.prog} --help")  # noqa: EM102, TRY003


def parser() -> argparse.ArgumentParser:
    """Return the parser of every command; ``run`` of what it reads starts one."""
    top = _Parser(prog="copier-better-auth")
    top.add_argument("--version", action="version", version=_version())
    top.set_defaults(run=partial(_help, top))
    added = top.add_subparsers(metavar="COMMAND")
    for name, run, what in (
        (
            "discover",
            commands.discover,
            "print what is found in a repository; reads only",
        ),
        ("doctor", commands.doctor, "run the diagnostics"),
        (
            "verify",
            commands.verify,
            "sign a test user up, call FastAPI as them, sign out",
        ),
        ("sync", commands.sync, "follow what better-auth's configuration stores"),
        ("undo", commands.undo, "take back the last run's changes, byte for byte"),
    ):
        command = added.add_parser(name, help=what, description=what)
        command.add_argument("path", nargs="?", default=".", metavar="PATH")
        if run in {commands.discover, commands.doctor, commands.verify, commands.sync}:
            command.add_argument("--json", action="store_true", help="for scripts")
        if run in {commands.undo, commands.sync}:
            command.add_argument("--yes", action="store_true", help="do not ask")
        if run is commands.sync:
            command.add_argument(
                "--drop", action="store_true", help="drop what is stored no more"
            )
        if run is commands.doctor:
            one = command.add_mutually_exclusive_group()
            one.add_argument("--fix", action="store_true", help="apply safe fixes")
            one.add_argument("--diff", action="store_true", help="only show them")
            command.add_argument("--check", metavar="CODE", help="run only this one")
        if run is commands.verify:
            command.add_argument("--auth-url", help="a running auth server")
            command.add_argument("--api-url", help="a running FastAPI application")
        command.set_defaults(run=run)
    what = "say what an error or a log means, and what to type"
    explain = added.add_parser("explain", help=what, description=what)
    explain.add_argument("text", nargs="*", metavar="TEXT", help="or - for a log")
    explain.add_argument("--path", default=".", help="the project, to look into it")
    explain.set_defaults(run=commands.explain)
    hook = added.add_parser("integrate")
    hook.add_argument("--answers-file", default=ANSWERS_FILE)
    hook.add_argument("--existed", default="[]")
    hook.add_argument("--watched-by", type=int, default=0)
    hook.add_argument("--update", nargs=2, metavar=("BEFORE", "AFTER"))
    hook.set_defaults(run=commands.integrate)
    return top


def _help(top: argparse.ArgumentParser, _: argparse.Namespace) -> int:
    top.print_help()
    return OK


def _version() -> str:
    try:
        return f"copier-better-auth {metadata.version('copier-better-auth')}"
    except metadata.PackageNotFoundError:  # run from the template by Copier
        return "copier-better-auth, not installed"
