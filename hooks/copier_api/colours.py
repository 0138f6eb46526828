"""Copier's own colours, which it prints into files and where no one wants them."""

from __future__ import annotations

import contextlib
import importlib
import sys

from ..report.style import style_of


def take_unwanted_colours() -> None:
    """Let Copier's list of files be plain, unless its reader can and will see colours.

    Copier has no setting for it. What is changed is not its public interface, so a
    Copier that has it elsewhere stays as it is.
    """
    if style_of(sys.stderr).colours:
        return
    with contextlib.suppress(ImportError, AttributeError):
        styles = importlib.import_module("copier._tools").Style
        for name, value in list(vars(styles).items()):
            if isinstance(value, list):
                setattr(styles, name, [""])  # with an empty list it prints nothing
