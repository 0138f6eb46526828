"""The commands, and the only place where an error becomes an exit code.

::

    copier-better-auth discover [--json] [PATH]
    copier-better-auth doctor [--format FORMAT | --json] [--only-problems]
                              [--ignore CODE] [--check CODE] [--fix | --diff] [PATH]
    copier-better-auth sync [--json] [--yes] [--drop] [--renamed OLD=NEW] [PATH]
    copier-better-auth explain [--path PATH] [TEXT or -]
    copier-better-auth verify [--json] [--auth-url U --api-url U] [PATH]
    copier-better-auth undo [--yes] [PATH]
    copier-better-auth [--help | --version]

``integrate`` is what Copier starts after rendering; it is not for people.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TextIO, cast

from ..errors import BetterAuthError, UsageError
from ..report.style import style_of
from .arguments import parser
from .exit_codes import FAILED, STOPPED, USAGE

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; no traceback reaches a user."""
    if cast("TextIO | None", sys.stdout) is None:  # closed; the exit code tells it
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - kept
    try:
        given = parser().parse_args(arguments)
        return int(given.run(given))
    except BetterAuthError as error:
        print(style_of(sys.stderr).paragraphs(str(error)), file=sys.stderr)
        return USAGE if isinstance(error, UsageError) else FAILED
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        return FAILED
    except Exception as error:  # noqa: BLE001 - a bug of ours is one line too
        where = _innermost(error)
        print(
            f"copier-better-auth failed unexpectedly ({type(error).__name__} in "
            f"{where}); please report it with this line",
            file=sys.stderr,
        )
        return FAILED


def console() -> NoReturn:
    """Run as the installed command."""
    raise SystemExit(main())


def _innermost(error: Exception) -> str:
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return "?"
    return f"{Path(traceback.tb_frame.f_code.co_filename).name}:{traceback.tb_lineno}"
