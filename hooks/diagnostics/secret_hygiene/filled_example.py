"""An example of an env file that holds a secret, or publishes one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...env.dotenv import emptied, entries
from ...env.secrets import LIST, ONE
from .._check import Broken, problem, repairable
from .weak_secret import LEAST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

# What bundlers put into the page that everybody downloads.
_PUBLISHED = re.compile(r"^(?:NEXT_PUBLIC_|VITE_|PUBLIC_|REACT_APP_|NUXT_PUBLIC_)")

BROKEN = (
    Broken(
        title="a filled example",
        path="{server}/.env.example",
        before="BETTER_AUTH_SECRET=",
        after="BETTER_AUTH_SECRET=Zk3v9Qx7Lp2Rm8Tn4Wb6Yc1Hd5Jf0Gs3",
        fixed=True,
    ),
    Broken(
        title="a secret that a bundler publishes",
        path="frontend/.env.example",
        after="VITE_BETTER_AUTH_SECRET=\n",
    ),
)


def find(project: Project, path: str) -> Iterator[Finding]:
    """Read the entries of one example."""
    before = project.read(path) or b""
    for name, value in entries(before.decode(errors="replace")).items():
        if _PUBLISHED.match(name) and re.search(r"SECRET|PRIVATE|SMTP|RESEND", name):
            yield problem(
                f"{name} goes into the page that everybody downloads",
                path,
                remedy="front ends need no secret; take it out",
            )
        if name in {ONE, LIST} and len(value) >= LEAST:
            yield repairable(
                "an example holds a secret, and every copy of it the same one",
                path,
                0,
                title=f"emptied {name} in {path}",
                before=before,
                after=emptied(before, name),
            )
