"""Name in ``names.ts`` what keeps better-auth's own name.

Before::

    const kept: readonly string[] = [];

After::

    const kept: readonly string[] = ["organization"];
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model import FileEdit, ManualStep, Place, Where
from ..repository.paths import join
from ..syntax.encoding import decoded
from .by_hand import as_step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..model import Integration
    from ..repository.staging import Staging

_BEGIN = re.compile(r"\bconst kept\b[^=\n]{0,200}=\s{0,99}\[")
_LIST = re.compile(r"const kept: readonly string\[\] = \[([^\[\];]{0,9999})\]")
_NAME = re.compile(r"\"([\w.]{1,200})\"|'([\w.]{1,200})'")
_OPERATION = "keep-names"
_WHY = "keep the names of tables and columns that were there before"
_WIDTH = 100


def keep_names(
    kept: Sequence[str],
) -> Callable[[Integration, Staging], Iterator[FileEdit | ManualStep]]:
    """Return the edit that adds these names to the list."""

    def edit(
        integration: Integration, staging: Staging
    ) -> Iterator[FileEdit | ManualStep]:
        path = join(integration.answers.auth_server_dir, "src/auth/names.ts")
        if kept:
            yield from with_names(kept, path, staging.read(path))

    edit.__name__ = "keep_names"
    return edit


def with_names(
    kept: Sequence[str], path: str, source: bytes | None
) -> Iterator[FileEdit | ManualStep]:
    """Yield what adds names to the list in ``source``; nothing if it has them all.

    A list in which there is more than names is left to the user.
    """
    text = "" if source is None else decoded(source)
    newline = "\r\n" if "\r\n" in text else "\n"
    found = _LIST.search(text)
    has_names_alone = found and not _NAME.sub("", found[1]).replace(",", "").strip()
    if source is not None and found and has_names_alone:
        there = ["".join(groups) for groups in _NAME.findall(found[1])]
        if {*kept} <= {*there}:
            return
        quote = "'" if "'" in found[1] and '"' not in found[1] else '"'
        written = _listed([*dict.fromkeys((*there, *kept))], quote)
        written = written.replace("\n", newline)
        after = f"{text[: found.start()]}{written}{text[found.end() :]}"
        yield FileEdit(path=path, before=source, after=after.encode(), why=(_WHY,))
    elif source is not None and (begin := _BEGIN.search(text)):
        # Before all that is there: what follows may be a comment.
        rest = text[begin.end() :]
        names = [name for name in kept if not _is_named(name, rest)]
        first = "".join(f'"{name}", ' for name in names).rstrip()
        space = " " if rest[:1].strip() else ""
        after = f"{text[: begin.end()]}{first}{space}{rest}"
        if names:
            yield as_step(
                _OPERATION,
                path,
                f"{_WHY}; there is more than names in the list",
                before=text.encode(),
                after=after.encode(),
            )
    else:
        yield ManualStep(
            operation=_OPERATION,
            path=path,
            why=f"{_WHY}; the file has no list of them any more",
            snippet=f"{_listed(kept)};",
            place=Place(where=Where.NEW if source is None else Where.END),
        )


def _is_named(name: str, rest: str) -> bool:
    """Return True if the list that begins ``rest`` has a name."""
    return name in {"".join(one) for one in _NAME.findall(rest.partition("]")[0])}


def _listed(names: Sequence[str], quote: str = '"') -> str:
    written = [f"{quote}{name}{quote}" for name in names]
    line = f"const kept: readonly string[] = [{', '.join(written)}]"
    if len(line) < _WIDTH:
        return line
    inner = "".join(f"  {name},\n" for name in written)
    return f"const kept: readonly string[] = [\n{inner}]"
