"""Which Python packages the rendered auth package imports, beside FastAPI itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..answers import Answers

# From before pydantic 2, which the auth package is written for; SQLModel since 0.0.14.
TOO_OLD = re.compile(
    r"""(?mx)(?:^|(?<=[\[,]))[ \t]{0,99}["']?
    (?: pydantic(?:\[[\w,]{1,99}\])?["']?[ \t]{0,9}(?:=[ \t]{0,9}["'])?
        [ \t]{0,9}(?:(?:\^|~=?|==?)?[ \t]{0,9}1\.[\w.*]*(?:,[ \t]{0,9}<2[.0]{0,9})?
        |(?:>=?[ \t]{0,9}[\d.]{1,20}[ \t]{0,9},[ \t]{0,9})?
         <[ \t]{0,9}2[.0]{0,9}(?![\w.]))
      | sqlmodel["']?[ \t]{0,9}(?:=[ \t]{0,9}["'])?
        [ \t]{0,9}(?:\^|==)[ \t]{0,9}0\.0\.(?:\d|1[0-3])(?!\d)
      | fastapi(?:\[[\w,]{1,99}\])?["']?[ \t]{0,9}(?:=[ \t]{0,9}["'])?
        [ \t]{0,9}(?:\^|~=?|==?)[ \t]{0,9}0\.\d\d?(?!\d)
    )[\w.*]*["']?"""
)


def required(answers: Answers) -> tuple[str, ...]:
    """Return the requirements (PEP 508) that the project needs, lower bounds only."""
    validation = (
        ("pyjwt[crypto]>=2.8",) if answers.credential == "token" else ("asyncpg>=0.29",)
    )
    return (*validation, "pydantic-settings>=2.1")


def too_old(source: str) -> str:
    """Return the entry of a list that pins FastAPI or pydantic too low, or ""."""
    found = TOO_OLD.search(source)
    return _shown(found[0]) if found else ""


def _shown(requirement: str) -> str:
    """Return it without the quotes around it; those around a version stay."""
    written = requirement.strip()
    return written.strip("\"'") if written.startswith(('"', "'")) else written
