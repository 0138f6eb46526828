"""Which Python packages the rendered auth package imports, beside FastAPI itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .answers import Answers


def required(answers: Answers) -> tuple[str, ...]:
    """Return the requirements (PEP 508) that the project needs, lower bounds only."""
    validation = (
        ("pyjwt[crypto]>=2.8",)
        if answers.auth_session_validation == "jwt"
        else ("asyncpg>=0.29",)
    )
    return (*validation, "pydantic-settings>=2.1")
