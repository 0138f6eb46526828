"""What can be typed after ``copier-better-auth``."""

from __future__ import annotations

import argparse
import difflib
import re
import shutil
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from .. import ANSWERS_FILE
from ..errors import UsageError
from ..report.frame import fitting
from ..report.result_formats import FORMATS
from ..syntax.visible import visible
from . import commands
from .exit_codes import OK

if TYPE_CHECKING:
    from collections.abc import Callable

    _AddParser = Callable[..., argparse.ArgumentParser]

COMMANDS = ("discover", "doctor", "verify", "sync", "undo", "explain")
_MISTYPED = re.compile(r"argument COMMAND: invalid choice: '(.*?)' \(")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        if mistyped := _MISTYPED.match(message):
            close = difflib.get_close_matches(mistyped[1], COMMANDS, n=1)
            meant = f"did you mean {close[0]}?" if close else ", ".join(COMMANDS)
            message = f"there is no command {visible(mistyped[1])}: {meant}"
        raise UsageError(f"{message}; see {self.prog} --help")  # noqa: EM102, TRY003


class _Version(argparse.Action):
    """Says which release it is; that is looked up only where it was asked for."""

    def __call__(self, *_: object) -> NoReturn:
        from ..report.version import version  # noqa: PLC0415 - as said

        print(f"copier-better-auth {version() or 'not installed'}")
        raise SystemExit(OK)


def parser() -> argparse.ArgumentParser:
    """Return the parser of every command; ``run`` of what it reads starts one."""
    top = _Parser(
        prog="copier-better-auth",
        epilog="copier-better-auth COMMAND --help says more, with examples.",
    )
    top.add_argument(
        "--version", action=_Version, nargs=0, help="say which release this is"
    )
    top.set_defaults(run=partial(_help, top))
    add_parser = top.add_subparsers(metavar="COMMAND").add_parser
    for add in (_discover, _doctor, _verify, _sync, _undo, _explain, _integrate):
        add(add_parser)
    return top


def _discover(add_parser: _AddParser) -> None:
    command = _command(
        add_parser,
        "print what is found in a repository; reads only",
        commands.discover,
        "discover",
        "discover --json services/api",
    )
    _add_json(command)
    _add_path(command)


def _doctor(add_parser: _AddParser) -> None:
    command = _command(
        add_parser,
        "run the diagnostics",
        commands.doctor,
        "doctor",
        "doctor --diff",
        "doctor --only-problems --ignore BA011",
        "doctor --format sarif > doctor.sarif",
    )
    command.add_argument(
        "--format",
        choices=("text", *FORMATS),
        help="for people (text), scripts (json), GitHub Actions (github), code "
        "scanning (sarif) or a CI service's tests (junit)",
    )
    command.add_argument(
        "--json",
        action="store_const",
        const="json",
        dest="format",
        help="the same as --format json",
    )
    command.add_argument(
        "--only-problems",
        action="store_true",
        help="leave out what passed or was skipped",
    )
    command.add_argument(
        "--ignore",
        action="append",
        default=[],
        metavar="CODE",
        help="skip this one; for good: [tool.copier-better-auth.ignore] in "
        "pyproject.toml",
    )
    one = command.add_mutually_exclusive_group()
    one.add_argument("--fix", action="store_true", help="apply safe fixes")
    one.add_argument("--diff", action="store_true", help="only show them")
    command.add_argument("--check", metavar="CODE", help="run only this one")
    _add_path(command)


def _verify(add_parser: _AddParser) -> None:
    command = _command(
        add_parser,
        "sign a test user up, call FastAPI as them, sign out",
        commands.verify,
        "verify",
        "verify --auth-url http://localhost:3001 --api-url http://localhost:8000",
    )
    _add_json(command)
    command.add_argument("--auth-url", help="a running auth server")
    command.add_argument("--api-url", help="a running FastAPI application")
    _add_path(command)


def _sync(add_parser: _AddParser) -> None:
    command = _command(
        add_parser,
        "follow what better-auth's configuration stores",
        commands.sync,
        "sync",
        "sync --yes --drop",
        "sync --renamed auth_user.plan=tier",
    )
    _add_json(command)
    _add_yes(command)
    command.add_argument(
        "--drop", action="store_true", help="drop what is stored no more"
    )
    command.add_argument(
        "--renamed",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="a table or table.column that has another name now; repeatable",
    )
    _add_path(command)


def _undo(add_parser: _AddParser) -> None:
    command = _command(
        add_parser,
        "take back the last run's changes, byte for byte",
        commands.undo,
        "undo",
        "undo --yes",
    )
    _add_yes(command)
    _add_path(command)


def _explain(add_parser: _AddParser) -> None:
    command = _command(
        add_parser,
        "say what an error or a log means, and what to type",
        commands.explain,
        "explain ERR_REQUIRE_ESM",
        "explain - < server.log",
    )
    command.add_argument("text", nargs="*", metavar="TEXT", help="or - for a log")
    command.add_argument("--path", default=".", help="the project, to look into it")


def _integrate(add_parser: _AddParser) -> None:
    hook = add_parser("integrate")
    hook.add_argument("--answers-file", default=ANSWERS_FILE)
    hook.add_argument("--existed", default="[]")
    hook.add_argument("--watched-by", type=int, default=0)
    hook.add_argument("--update", nargs=2, metavar=("BEFORE", "AFTER"))
    hook.set_defaults(run=commands.integrate)


def _command(
    add_parser: _AddParser,
    what: str,
    run: Callable[[argparse.Namespace], int],
    *examples: str,
) -> argparse.ArgumentParser:
    """Add the command that the first example begins with."""
    # As wide as argparse makes the rest.
    width = shutil.get_terminal_size().columns - 2
    typed = (f"  copier-better-auth {example}" for example in examples)
    shown = "\n".join(part for line in typed for part in fitting(line, width))
    command = add_parser(
        examples[0].partition(" ")[0],
        help=what,
        description=what,
        epilog=f"examples:\n{shown}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=run)
    return command


def _add_path(command: argparse.ArgumentParser) -> None:
    command.add_argument("path", nargs="?", default=".", metavar="PATH")


def _add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="for scripts")


def _add_yes(command: argparse.ArgumentParser) -> None:
    command.add_argument("--yes", action="store_true", help="do not ask")


def _help(top: argparse.ArgumentParser, _: argparse.Namespace) -> int:
    top.print_help()
    return OK
