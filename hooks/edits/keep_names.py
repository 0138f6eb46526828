"""Name in ``names.ts`` what keeps better-auth's own name.

Before::

    const kept: readonly string[] = [];

After::

    const kept: readonly string[] = ["organization"];
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from ..model import FileEdit, ManualStep, Place, Where
from ..repository.paths import join
from ..syntax.encoding import decoded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..model import Integration
    from ..repository.staging import Staging

_LIST = re.compile(r"const kept: readonly string\[\] = \[([^\[\];]{0,9999})\];")
_NAME = re.compile(r"\"([\w.]{1,200})\"")
_WIDTH = 100


def keep_names(
    kept: Sequence[str],
) -> Callable[[Integration, Staging], Iterator[FileEdit | ManualStep]]:
    """Return the edit that adds these names to the list."""

    def edit(
        integration: Integration, staging: Staging
    ) -> Iterator[FileEdit | ManualStep]:
        if not kept:
            return
        path = join(integration.answers.auth_server_dir, "src/auth/names.ts")
        why = "keep the names of tables and columns that were there before"
        source = staging.read(path)
        text = "" if source is None else decoded(source)
        found = _LIST.search(text)
        if source is None or found is None:
            yield ManualStep(
                operation="keep-names",
                path=path,
                why=f"{why}; it is not as it was rendered",
                snippet=_listed(kept),
                place=Place(where=Where.NEW),
            )
            return
        names = dict.fromkeys((*_NAME.findall(found[1]), *kept))
        after = f"{text[: found.start()]}{_listed([*names])}{text[found.end() :]}"
        newline = "\r\n" if "\r\n" in text else "\n"
        after = after.replace("\r\n", "\n").replace("\n", newline)
        yield FileEdit(path=path, before=source, after=after.encode(), why=(why,))

    edit.__name__ = "keep_names"
    return edit


def _listed(names: Sequence[str]) -> str:
    written = [json.dumps(name) for name in names]
    line = f"const kept: readonly string[] = [{', '.join(written)}];"
    if len(line) <= _WIDTH:
        return line
    inner = "".join(f"  {name},\n" for name in written)
    return f"const kept: readonly string[] = [\n{inner}];"
